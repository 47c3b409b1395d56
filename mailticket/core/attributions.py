"""The lines that say who wrote what is quoted below them, in the words of each language. The tables grow by a row."""
# ruff: noqa: RUF001 - letters of many alphabets

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal, NamedTuple

from .lines import MAX_LINE, WIDE, fold, is_quote, mark, skip_up

# (language, what an attribution begins with, what it says of who wrote). All in lower case.
ATTRIBUTIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("en", ("on", "in a message dated", "quoting"), ("wrote", "writes", "quoting")),
    ("de", ("am", "zitat von"), ("schrieb", "geschrieben", "zitat von")),
    ("fr", ("le",), ("a écrit", "écrivait")),
    ("es", ("el", "con fecha"), ("escribió", "ha escrito")),
    ("it", ("il", "in data"), ("ha scritto", "scrive")),
    ("pt", ("em", "no dia", "a", "às"), ("escreveu",)),
    ("pl", ("w dniu", "dnia"), ("napisał", "napisała", "pisze", "napisana przez")),
    ("cs", ("dne",), ("napsal", "napsala", "píše")),
    ("sk", ("dňa",), ("napísal", "napísala")),
    ("sl", ("dne", "v"), ("napisal", "napisala", "je pisal")),
    ("ro", ("pe", "în"), ("a scris",)),
    ("nl", ("op",), ("schreef", "geschreven")),
    ("sv, da, nb", ("den", "på"), ("skrev",)),
    ("fi", (), ("kirjoitti",)),
    ("ru", (), ("написал", "написала", "пишет", "писал")),
    ("uk", (), ("написав", "пише", "писав")),
    ("ja", (), ("のメール", "のメッセージ", "書きました")),
    ("zh", ("在",), ("写道", "寫道")),
    ("ko", (), ("작성", "쓴 글")),
    ("tr", (), ("yazdı",)),
    ("hu", (), ("írta",)),
)
# Who says beside the verb that it is they themselves: `On 3 June 2024 I wrote:` introduces no quote.
THEMSELVES = ("i", "we", "ich", "wir", "ik", "jag", "jeg", "jsem", "som", "sem", "я", "ми", "мы", "我")

MAX_ATTRIBUTION = 4  # lines
MAX_ALONE = 300  # characters of one that no quote with `>` follows
MAX_WEEKDAY, MAX_DATE_LEAD = (
    16,
    45,
)  # in these first characters one that begins with its date has a number, and all of it
SHORT = 20  # characters; a last line as short as this may be half a verb
MAX_BLANK = 10  # blank lines between one and its quote
MAX_TRIED = 500  # lines of one mail that look like the end of one; a person's has a few
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,200}")
_YEAR = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}\. ?\d{1,2}\. ?\d\d(?!\d)|(?<!\d)\d{1,2}([/-])\d{1,2}\1\d\d(?!\d)"
)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h：]\d\d(?!\d)")
_DATE = re.compile(r"\b\d{1,2}[:.h]\d\d\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|(?:19|20)\d\d ?[年년]")
_SLASHED = re.compile(r"\d{4}/\d{1,2}/\d{1,2} [^<>]{1,100}<[^<>]+>$")
_DIGIT = re.compile(r"\d")
_SPACE = re.compile(r"\s+")
# What clients and clumsy converters put around one, the marks of writing from right to left among it.
_AROUND = " \t*_-–—‐\u200e\u200f\u202a\u202b\u202c"
_WORD_END = r"(?!\w)"
_COLONS = (":", "\uff1a")
_LAST = (*_COLONS, ">")

_Kind = Literal["", "generic", "begun"]


class _Words(NamedTuple):
    """The table as patterns: any verb, any opening, and each language's openings with its verbs."""

    said: re.Pattern[str]
    opened: re.Pattern[str]
    begun: tuple[tuple[re.Pattern[str], frozenset[str]], ...]


def attribution_above(lines: list[str], place: int, floor: int) -> int:
    """Where the lines that introduce what stands at `place` begin; `place` itself when there are none."""
    last = skip_up(lines, place)
    if last <= floor or not _ends(lines[last - 1]):
        return place
    candidate = ""
    generic = place
    for count in range(1, MAX_ATTRIBUTION + 1):
        first = last - count
        if first < floor or not lines[first].strip() or is_quote(lines[first]) or len(lines[first]) > MAX_LINE:
            break
        candidate = f"{lines[first].strip()} {candidate}".strip()
        kind = _introduces(candidate)
        if kind == "begun":
            return first
        if (kind and generic == place) or (generic < place and _goes_on(lines[first])):
            generic = first
    return generic


def standing_alone(lines: list[str]) -> tuple[int, int] | None:
    """The first attribution that introduces what no `>` marks: its first line and the one after its last.

    It says more than one above a quote has to, since nothing else tells that a quote follows.
    """
    tried = 0
    for number, line in enumerate(lines):
        if not _may_end(line, lines[number - 1] if number else "") or is_quote(line):
            continue
        tried += 1
        if tried > MAX_TRIED:
            break
        if (first := _whole(lines, number)) is not None and not _quotes_below(lines, number + 1):
            return first, number + 1
    return None


def ends_alone(lines: list[str], last: int) -> bool:
    """Whether one that needs no `>` below it ends with the line `last`."""
    return last >= 0 and _may_end(lines[last], "") and _whole(lines, last) is not None


def _quotes_below(lines: list[str], place: int) -> bool:
    for line in lines[place : place + MAX_BLANK]:
        if line.strip():
            return bool(mark(line))
    return False


def _ends(line: str) -> bool:
    return line[-12:].rstrip(_AROUND)[-1:] in _LAST or bool(_said(fold(line[-MAX_LINE:])))


def _may_end(line: str, above: str) -> bool:
    """Cheap, since every line is asked. One without a colon has at least something around it."""
    end = line[-12:].rstrip(_AROUND)
    if not end or len(line) > MAX_LINE or not (end[-1] in _LAST or line.rstrip()[-1:] in _AROUND):
        return False
    if len(line) < SHORT:  # the verb may be wrapped
        line = f"{above[-SHORT:]} {line}"
    return "@" in line or bool(_said(fold(line)))


def _whole(lines: list[str], last: int) -> int | None:
    """Where the attribution that ends at `last` begins; it is a paragraph of its own, or one whole line."""
    candidate = ""
    for first in range(last, max(-1, last - MAX_ATTRIBUTION), -1):
        if not lines[first].strip() or is_quote(lines[first]):
            return None
        candidate = f"{lines[first].strip()} {candidate}".strip()
        if len(candidate) > MAX_ALONE:
            return None
        free = first == 0 or not lines[first - 1].strip() or is_quote(lines[first - 1])
        strength = _alone(candidate)
        if strength == "certain" or (free and strength):
            return first
        if free:
            return None
    return None


def _alone(candidate: str) -> Literal["", "likely", "certain"]:
    line = _folded(candidate)
    colon = line.endswith(_COLONS)
    address, year, time = bool(_ADDRESS.search(line)), bool(_YEAR.search(line)), bool(_TIME.search(line))
    lead = line[:MAX_DATE_LEAD]
    dated = bool(_DIGIT.search(lead[:MAX_WEEKDAY]) and _YEAR.search(lead) and _TIME.search(lead))
    if said := _said(line):
        if any(_is_own(line, match) for match in said) or not (colon or said[-1].end() >= len(line)):
            return ""
        begun = _begun(line)
        if begun and address and (year or time):
            return "certain"
        return "likely" if address or dated or (begun and year) or " via " in line else ""
    # `2013/7/20 Name <name@example.com>`: what Gmail once wrote.
    bare = line.endswith(">") and bool(_SLASHED.match(line))
    return "likely" if address and (bare or (dated and line.rstrip(" :\uff1a").endswith(">"))) else ""


def _introduces(candidate: str) -> _Kind:
    """ "begun" for a whole attribution of the table, "generic" for its end, "" for neither."""
    line = _folded(candidate)
    colon = line.endswith(_COLONS)
    if _begun(line):
        return "begun"
    dated, address = bool(_DATE.search(line)), bool(_ADDRESS.search(line))
    said = bool(_said(line))
    if (colon and (dated or address or said)) or (said and (dated or address)):
        return "generic"
    return "generic" if dated and address and line.endswith(">") else ""


def _begun(line: str) -> bool:
    """Whether it begins as one does in a language, and says "wrote" in the same, with nothing behind it."""
    words = _words(ATTRIBUTIONS)
    if not words.opened.match(line):
        return False
    behind = len(line.rstrip(" :\uff1a"))
    ends = {match[0] for match in _said(line) if line.endswith(_COLONS) or match.end() >= behind}
    return bool(ends) and any(verbs & ends and opening.match(line) for opening, verbs in words.begun)


def _said(line: str) -> list[re.Match[str]]:
    """Where the line says "wrote", as a word where its letters have words at all."""
    return [
        match
        for match in _words(ATTRIBUTIONS).said.finditer(line)
        if match[0][0] >= WIDE
        or not (line[match.start() - 1 : match.start()].isalnum() or line[match.end() : match.end() + 1].isalnum())
    ]


def _is_own(line: str, said: re.Match[str]) -> bool:
    """Whether they say it of themselves, with a word between at most."""
    before, after = line[: said.start()][-30:].split()[-2:], line[said.end() :][:30].split()[:1]
    return any(word.rstrip(",:\uff1a") in THEMSELVES for word in (*before, *after))


def _goes_on(line: str) -> bool:
    """Whether this line looks like the first half of a wrapped attribution."""
    if _ADDRESS.search(line):
        return True
    return not line.rstrip().endswith((".", "!", "?", ",")) and bool(_DATE.search(line))


def _folded(candidate: str) -> str:
    return _SPACE.sub(" ", fold(candidate)).strip(_AROUND)


@lru_cache(maxsize=4)
def _words(table: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> _Words:
    said = _any({verb for _, _, verbs in table for verb in verbs})
    opened = _any({opening for _, openings, _ in table for opening in openings}, _WORD_END)
    begun = tuple((_any(openings, _WORD_END), frozenset(verbs)) for _, openings, verbs in table if openings)
    return _Words(said, opened, begun)


def _any(words: Collection[str], end: str = "") -> re.Pattern[str]:
    """Any of them, the longest first."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(f"{re.escape(word)}{end if word < WIDE else ''}" for word in longest))
