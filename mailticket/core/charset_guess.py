"""Which charset some undeclared bytes are in, by the letters that a language writes with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_SAMPLE = 4096  # octets that are looked at
_SEARCHED = 256 * 1024  # octets in which they are looked for
_CHARACTERS = 1024  # and of what is written in characters
_ENOUGH = 0.7  # of the letters have to be the language's: of a language that the desk speaks,
_SURE = 0.88  # and of any other one
_MANY = 0.3  # where so many of the octets are no ASCII, it may be any script
_FEW = 6  # foreign letters, fewer of which say nothing
_RARE = 0.6  # what a letter counts that the charset has and the language hardly uses
_KANA = 0.15  # of Japanese is kana

_CROWDED = 0.4
_MIXED = 0.2
_PLAUSIBLE = 0.99  # what quotation marks and dashes alone are worth
_LATER = 0.02  # that a charset loses to the likelier one before it
_CAPITALS = 0.8  # what a capital letter counts behind another one
_HOLE_IN = 30  # characters, one may be damaged

_NOT_WESTERN = b"\x81\x8d\x8f\x90\x9d"  # which cp1252 has no letter for
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_ARABIC = frozenset(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B)))) | frozenset("پچژگ،؟")
_NEUTRAL = frozenset(
    "\xa0\xad\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2022\u2026\u2039\u203a\u2116\u2122"
    "€§°«»·´©®±²³µ¶¹¼½¾×　、。「」，．：；？！（）"  # noqa: RUF001 - these are meant
)
_WITHIN = frozenset("\u2019\u2018\xad\xb4·")  # and these even between two letters


class Script(NamedTuple):
    """Some languages, the charsets that their mail comes in (the likeliest first), and their letters in lower case.

    Without letters they write in characters, see `_characters`.
    """

    languages: tuple[str, ...]
    charsets: tuple[str, ...]
    letters: frozenset[str] = frozenset()


# English is in none of them: it has no letters of its own, and any other language's claim is better.
_WESTERN = ("cp1252", "mac_roman", "cp850")
_WEST = Script((), _WESTERN, frozenset("äöüßàâçéèêëîïôùûœÿñáíóúãõåæøìòýðþªº¿¡€"))
_CENTRAL = ("cp1250", "iso8859-2", "cp852")
SCRIPTS = (
    _WEST,
    Script(("de",), _WESTERN, frozenset("äöüß")),
    Script(("fr",), _WESTERN, frozenset("àâçéèêëîïôùûœÿ")),
    Script(("es", "ca"), _WESTERN, frozenset("áéíóúüñçàèòï¿¡ªº")),
    Script(("it",), _WESTERN, frozenset("àèéìòù")),
    Script(("pt",), _WESTERN, frozenset("ãõáâàçéêíóôúüªº")),
    Script(("nl",), _WESTERN, frozenset("éèëïóöü")),
    Script(("sv", "fi", "da", "nb", "nn", "no"), _WESTERN, frozenset("åäöæøé")),
    Script(("is",), _WESTERN, frozenset("áðéíóúýþæö")),
    Script(("ja",), ("cp932", "euc_jp")),
    Script(("ko",), ("cp949",)),
    Script(("zh",), ("gb18030", "cp950")),
    Script(("cs",), _CENTRAL, frozenset("áčďéěíňóřšťúůýž")),
    Script(("sk",), _CENTRAL, frozenset("áäčďéíĺľňóôŕšťúýž")),
    Script(("pl",), _CENTRAL, frozenset("ąćęłńóśźż")),
    Script(("sl", "hr", "bs"), _CENTRAL, frozenset("čšžćđ")),
    Script(("hu",), _CENTRAL, frozenset("áéíóöőúüű")),
    Script(("ro",), ("cp1250", "iso8859-16", "iso8859-2"), frozenset("ăâîșțşţ")),
    Script(("ru", "bg", "be"), ("cp1251", "koi8-r", "iso8859-5", "cp866"), frozenset(_CYRILLIC + "ёў")),
    Script(("uk",), ("cp1251", "koi8-u", "iso8859-5"), frozenset(_CYRILLIC + "єіїґ")),
    Script(("sr", "mk"), ("cp1251", "iso8859-5"), frozenset(_CYRILLIC + "ђјљњћџѓѕќ")),
    Script(("el",), ("cp1253", "iso8859-7"), frozenset("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ")),
    Script(("tr", "az"), ("cp1254",), frozenset("çğıöşüâîûİ")),
    Script(("he",), ("cp1255",), frozenset(map(chr, range(0x5D0, 0x5EB)))),
    Script(
        ("ar", "fa", "ur"),
        ("cp1256", "iso8859-6"),
        _ARABIC,
    ),
    Script(("lt", "lv", "et"), ("cp1257", "iso8859-13"), frozenset("ąčęėįšųūžāēģīķļņõäöü")),
    Script(("th",), ("cp874",), frozenset(map(chr, range(0xE01, 0xE4F)))),
)
_WHOLE_SCRIPTS = frozenset("аαאاก")  # a letter of each script that has no ASCII in it
# The sorts of `_sorts` with fewer differences: words and signs; small, the language's large, other large letters.
_WORDS = bytes.maketrans(b"AlUxXw?", b"aaaaa  ")
_SCRIPTS_OF = bytes.maketrans(b"AUxXnw?", b"alll   ")
_CASES = bytes.maketrans(b"lxXnw?", b"aaA   ")
_SIGNS = re.compile("[\u2500-\u25ff\u3000-\u303f\uff00-\uff60]")
_KANJI = re.compile("[\u4e00-\u9fa5々]")
_HIRAGANA_KATAKANA = re.compile("[ぁ-んァ-ヶー]")
_HANGUL = re.compile("[가-힣]")
# Thai marks stand above or below the letter before them: they begin no word, and no vowel of them follows another one.
_NOT_THAI = re.compile(rb"(?<![\xa1-\xfb])[\xd1\xd4-\xda\xe7-\xee]|[\xd1\xd4-\xda]{2}")
_MISPLACED = 1 / 20


def guess(data: bytes, languages: tuple[str, ...] = ()) -> str:
    """The likeliest codec of bytes that are not UTF-8, "" where none is likely. The first languages win a draw."""
    sample = _sample(data)
    foreign = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    spoken = [script for script in map(_script, languages) if script]
    best, most = _best(sample, [*dict.fromkeys(spoken)])
    if most >= _SURE:
        return best
    likely, points = _best(sample, (_WEST,))
    crowded = foreign >= _MANY * len(sample.translate(None, b" \t\r\n"))
    unread = any(octet in sample for octet in _NOT_WESTERN)
    if foreign >= _FEW and (crowded or unread or max(points, most) < _ENOUGH):
        likely, points = max((likely, points), _best(sample, SCRIPTS), key=lambda found: found[1])
    if points > most and points >= _SURE:
        return likely
    return best if most >= _ENOUGH else ""


def _sample(data: bytes) -> bytes:
    """The lines that are not ASCII, so many of them."""
    if len(data) <= _SAMPLE:
        return data
    return b"\n".join(line for line in data[:_SEARCHED].split(b"\n") if not line.isascii())[:_SAMPLE]


def _script(language: str) -> Script | None:
    primary = re.split("[-_]", language.lower(), maxsplit=1)[0]
    return next((script for script in SCRIPTS if primary in script.languages), None)


def _best(sample: bytes, scripts: Iterable[Script]) -> tuple[str, float]:
    best, most = "", 0.0
    for script in scripts:
        for number, name in enumerate(script.charsets):
            points = _letters(sample, name, script.letters) if script.letters else _characters(sample, name)
            points -= _LATER * number
            if points > most:
                best, most = name, points
    return best, most


@lru_cache(maxsize=128)
def _sorts(charset: str, letters: frozenset[str]) -> bytes:
    """For each octet one that says what it is: `a` and `A` for ASCII letters, `l` and `U` for the language's small and
    large ones, `x` and `X` for other ones, `n` and `w` for signs, `?` for what is no letter, a blank for the rest."""
    return bytes(_sort(bytes([octet]).decode(charset, "replace"), letters) for octet in range(256))


def _sort(char: str, letters: frozenset[str]) -> int:
    if char.isascii():
        return ord("a" if char.islower() else "A" if char.isalpha() else " ")
    if char in _NEUTRAL:
        return ord("w" if char in _WITHIN else "n")
    if char in letters:
        return ord("l")
    if char.isalpha():
        return ord("U" if char.lower() in letters else "x" if char.islower() else "X")
    return ord("?")


def _letters(sample: bytes, charset: str, letters: frozenset[str]) -> float:
    """The part of the foreign characters that are the language's letters, in a case that people write."""
    text = sample.translate(_sorts(charset, letters))
    between = text.translate(_WORDS).count(b"ana")  # nobody writes these within a word
    count = sum(map(text.count, (b"l", b"U", b"x", b"X", b"?"))) + between
    if not count:
        return _PLAUSIBLE if b"n" in text or b"w" in text else 0.0
    cased = b" " + text.translate(_CASES)
    first, amid = cased.count(b" U"), cased.count(b"aU")
    if charset == "cp874" and len(_NOT_THAI.findall(sample)) > _MISPLACED * count:  # KOI8-R has the same octets
        return 0.0
    points = text.count(b"l") + first + _CAPITALS * (text.count(b"U") - first - amid)
    return points / count * _likeliness(text, letters, count)


def _likeliness(text: bytes, letters: frozenset[str], count: int) -> float:
    """Are there as many foreign letters, and where they are, as the language has them?"""
    if letters.isdisjoint(_WHOLE_SCRIPTS):  # ASCII with some letters more: these are few
        return 0.5 if count > _CROWDED * len(text.translate(None, b" nw?")) else 1.0
    scripts = text.translate(_SCRIPTS_OF)
    mixed = scripts.count(b"al") + scripts.count(b"la")  # no word is in two scripts
    return 0.0 if mixed > _MIXED * count else 1.0


def _characters(sample: bytes, charset: str) -> float:
    """The part of them that Japanese, Korean or Chinese really uses."""
    text = sample[:_CHARACTERS].decode(charset, "replace")  # its end may stand within a character
    foreign = "".join(c for c in _SIGNS.sub("", text) if c > "\x7f" and c not in _NEUTRAL)
    holes = text.count("\ufffd") - text.endswith("\ufffd")
    if not foreign or _HOLE_IN * holes > len(foreign):
        return 0.0
    if charset in {"cp932", "euc_jp"}:
        kana = len(_HIRAGANA_KATAKANA.findall(foreign))
        points = kana + len(_KANJI.findall(foreign))
        return points / len(foreign) if kana >= _KANA * len(foreign) else 0.0
    if charset == "cp949":
        return len(_HANGUL.findall(foreign)) / len(foreign)
    if charset == "gb18030":
        return sum(_commonness(c, "gb2312", 0xB0, 0xD7) for c in foreign) / len(foreign)
    return sum(_commonness(c, "big5", 0xA4, 0xC6) for c in foreign) / len(foreign)


def _commonness(char: str, charset: str, first: int, last: int) -> float:
    """The standards have their common characters in a block of their own."""
    code = char.encode(charset, "ignore")
    return 0.0 if not code else 1.0 if first <= code[0] <= last else _RARE
