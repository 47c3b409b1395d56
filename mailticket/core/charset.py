"""From bytes to clean text: charsets as mailers mean them, RFC 2047 words, format=flowed (RFC 3676)."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

_PIECE = 1 << 20

# What mailers write → what they mean: the larger code page that they really use.
_MEANT = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "utf-8": "utf-8-sig",
}
# Codecs of Python's that are no charset: quadratic on purpose-made input, or ways to smuggle characters.
_REFUSED = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape", "charmap"})

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ONE_LINE = re.compile("[\\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Relays break long lines by CR LF SPACE where 998 octets are full, be it within a letter (Postfix does).
_CUT_LETTER = re.compile(rb"([\xc2-\xf4][\x80-\xbf]{0,2})\r?\n ([\x80-\xbf])")
# `[^?]` keeps it linear: a scan from any "=?" ends at the next question mark.
_WORD = re.compile(r"=\?([^?\s]*)\?([qQbB])\?([^?]*)\?=")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_BASE64_JUNK = bytes(b for b in range(256) if b not in _BASE64)


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """The codec for a declared charset, "" when there is none that we would use."""
    name = name.strip().strip("\"'").partition("*")[0].lower()  # RFC 2231 lets a language follow
    if name in {"ks_c_5601-1987", "x-windows-949"}:
        return "cp949"
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    if known.name.replace("_", "-") in _REFUSED or not getattr(known, "_is_text_encoding", True):
        return ""
    return _MEANT.get(known.name, known.name)


def decode(data: bytes, charset: str = "") -> str:
    """The text of some bytes: as declared, else UTF-8, else cp1252 with U+FFFD for what it has no letter for."""
    wanted = codec(charset) if charset else ""
    for name in (wanted, "utf-8-sig") if wanted else ("utf-8-sig",):
        try:
            return data.decode(name)
        except (UnicodeError, ValueError):
            continue
    # A legible text with a few holes beats a guess, when most of it is what was declared.
    if wanted and wanted not in {"utf-8-sig", "cp1252"}:
        text = data.decode(wanted, "replace")
        if text.count("\ufffd") * 20 < len(text):
            return text
    # In UTF-8 the whole letters tell: of another charset's text hardly any two octets make one.
    text = _CUT_LETTER.sub(rb"\1\2", data).decode("utf-8-sig", "replace")
    holes = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) > 2 * holes:
        return text
    return data.decode("cp1252", "replace")


def decode_lines(data: bytes, charset: str = "") -> str:
    """Clean text of several lines, with "\\n" between them."""
    return clean(decode(data, charset).replace("\r\n", "\n").replace("\r", "\n"))


def to_utf8(data: bytes, charset: str = "") -> bytes:
    """The same bytes in UTF-8, read as `decode` does but a piece at a time: for files of any size."""
    wanted = codec(charset) if charset else ""
    for name in (wanted, "utf-8-sig") if wanted else ("utf-8-sig",):
        try:
            return b"".join(_recoded(data, name, "strict"))
        except (UnicodeError, ValueError):
            continue
    return b"".join(_recoded(data, "cp1252", "replace"))


def _recoded(data: bytes, name: str, errors: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)(errors)
    for start in range(0, len(data), _PIECE):
        piece = decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data))
        yield piece.encode("utf-8", "replace")


def clean(text: str) -> str:
    """Text that every database and mail can hold: no NUL or other controls, no lone surrogates."""
    return _CONTROLS.sub(lambda m: "\ufffd" if m[0] >= "\ud800" else "", text)


def one_line(text: str) -> str:
    """A header's value: nothing in it can begin a new line, white space is single."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    text = _ONE_LINE.sub(" ", text).strip(" ")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def decode_words(text: str) -> str:
    """Text with its encoded words (RFC 2047) decoded; what cannot be stands as it came."""
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[bytes] = []  # neighbours of one charset: mailers cut through the middle of a letter
    charset = ""
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        data = _word_bytes(match[2], match[3], match[1])
        if run and (between.strip() or match[1].lower() != charset):
            out.append(decode(b"".join(run), charset))
            run.clear()
            if between.strip():
                out.append(between)
        elif not run:
            out.append(between)
        run.append(data)
        charset = match[1].lower()
        end = match.end()
    if run:
        out.append(decode(b"".join(run), charset))
    return "".join((*out, text[end:]))


def _word_bytes(encoding: str, word: str, charset: str) -> bytes:
    # Raw letters in a word are against the rules; they are meant in the word's own charset.
    data = word.encode("ascii" if word.isascii() else (codec(charset) or "utf-8").removesuffix("-sig"), "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "), header=True)
    return decode_base64(data)[0]


def decode_base64(data: bytes) -> tuple[bytes, bool]:
    """The bytes, and whether it was whole. Broken base64 gives what comes before the break, as mail clients do."""
    try:
        return binascii.a2b_base64(data), True
    except binascii.Error:
        kept = data.translate(None, _BASE64_JUNK).partition(b"=")[0]
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), False


def unflow(text: str, *, delsp: bool) -> str:
    """The paragraphs of format=flowed text (RFC 3676, sections 4.1 to 4.4) as one line each."""
    out: list[str] = []
    open_depth = -1  # the quote depth of the paragraph that goes on, -1 for none
    pieces: list[str] = []

    def close() -> None:
        if pieces:
            out.append(">" * open_depth + (" " if open_depth else "") + "".join(pieces))
            pieces.clear()

    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # space-stuffing
        flows = content.endswith(" ") and content != "-- "
        if open_depth != depth or content == "-- ":
            close()
        open_depth = depth
        pieces.append(content[:-1] if flows and delsp else content)
        if not flows:
            close()
            open_depth = -1
    close()
    return "\n".join(out)
