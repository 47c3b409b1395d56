"""What a declared charset means: labels as mailers write them, and the larger code page that they really use."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

UTF_8 = "utf-8-sig"  # with or without the mark

# Python's codec → the one that is meant: a superset, as every mail client reads it.
_MEANT = {
    "ascii": UTF_8,
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "big5": "cp950",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "utf-8": UTF_8,
}
# Labels that Python does not know, or knows as something narrower; in lower case.
_LABELS = {
    "ks_c_5601": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc_5601": "cp949",
    "x-euc-kr": "cp949",
    "x-sjis": "cp932",
    "x-shift-jis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "x-euc": "euc_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "_iso-2022-jp": "iso2022_jp",
    "iso-gb2312": "gb18030",
    "gb_2312": "gb18030",
    "cn-gb": "gb18030",
    "x-gbk": "gb18030",
    "euc-cn": "gb18030",
    "x-euc-cn": "gb18030",
    "cn-big5": "cp950",
    "x-x-big5": "cp950",
    "x-big5": "cp950",
    "koi8-ru": "koi8-u",
    "koi8": "koi8-r",
    "x-mac-roman": "mac_roman",
    "x-mac-ce": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode": "utf-16",
    "visual": "cp1255",
    "cp20127": UTF_8,  # the numbers that Windows gives them
    "cp20866": "koi8-r",
    "cp21866": "koi8-u",
    "cp28591": "cp1252",
    "cp28592": "iso8859-2",
    "cp28595": "iso8859-5",
    "cp28605": "iso8859-15",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp",
    "cp51932": "euc_jp",
    "cp51949": "cp949",
    "cp52936": "hz",
    "cp54936": "gb18030",
    "cp65000": "utf-7",
}
# What is left to try, in this order: families of labels, and the codec's name made of the number in them.
_FAMILIES = (
    (re.compile(r"utf.?(7|8|16|32)(?:[^0-9].*)?|(?:x-)?unicode[0-9-]*utf-?(7|8)"), "utf-{}"),
    (re.compile(r"(?:x-)?(?:windows|win|cp|ms|ibm|x-cp|microsoft-cp|ansi)[-_ ]?(\d{3,5})"), "cp{}"),
    (re.compile(r"(?:x-)?iso[-_ ]?8859[-_ ]?(\d{1,2})(?:[^0-9].*)?"), "iso8859-{}"),
)
# Codecs of Python's that are no charset: quadratic on purpose-made input, or ways to smuggle characters.
_REFUSED = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape", "charmap"})
_END = re.compile(r"[\s;,*\"']")
_MOST = 60  # characters of a label


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """The codec for a declared charset, "" when there is none that we would use."""
    label = _END.split(name.strip(" \t\"';"), maxsplit=1)[0].lower()[:_MOST]  # RFC 2231 lets a language follow
    if label in _LABELS:
        return _LABELS[label]
    return _known(label) or next((found for made in _of_family(label) if (found := _known(made))), "")


def _of_family(label: str) -> list[str]:
    matches = ((pattern.fullmatch(label), form) for pattern, form in _FAMILIES)
    return [form.format(next(filter(None, match.groups()))) for match, form in matches if match]


def _known(name: str) -> str:
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    if known.name.replace("_", "-") in _REFUSED or not getattr(known, "_is_text_encoding", True):
        return ""
    return _MEANT.get(known.name, known.name)
