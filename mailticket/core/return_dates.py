"""On which day somebody is back, by their out-of-office note.

"Back on Monday" is that Monday, "until 4 December" the day after. A note that names several such days, or one that can
be read in two ways, says nothing: the price of a wrong day is paid by customers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from .away import mentions_away
from .named_days import Named, any_of, days, gap, plain
from .return_words import BACK, RANGE, UNTIL, UNTIL_BEHIND, WEEKDAYS
from .types import ParsedMail

READ = 2000  # characters of a note
NO_DAY = "it does not say on which day they are back"
UNCLEAR = "on which day they are back is not clear from it"
_BEFORE, _BEHIND = 80, 40  # characters around a day
_DAY = timedelta(days=1)

_ENDS = re.compile("[.;!?,\n\u3002\uff01\uff1f\u3001\uff0c\uff1b]")  # of a clause; the last ones are Chinese
_JOINS = re.compile(r"\b(?:and|und|et|och|og|oraz|ve|и|та|y)\b")
_NOT_BACK = re.compile(r"\b(?:not|won't) (?:be )?(?:back|return|returning)\b")  # … until Monday
_NOT_LATIN = "[^\x00-\u2fff]"  # there no blanks are between words


@dataclass(frozen=True, slots=True)
class Found:
    """The first day on which they are here again, or `why` that is not known."""

    day: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Role:
    """What a note says of a day: they are `back` on it, or away through it. `english`: in words that may be those of
    people who write the month first."""

    back: bool
    english: bool


def back_on(mail: ParsedMail, today: date) -> Found:
    """By its words, else by a subject that is its own, without the one of the mail that it answers."""
    found = read(mail.text, today)
    if found.why != NO_DAY or not mentions_away(mail.subject):
        return found
    return read(mail.subject.partition(":")[0], today)


def read(text: str, today: date) -> Found:
    words = _words(text[:READ])
    named = days(words, today)
    said: list[tuple[_Role, date]] = []
    for day, before, behind in zip(named, (None, *named), (*named[1:], None), strict=False):
        role = _role(words, day, before, behind)
        if role is None:
            continue
        ways = day.ways if role.english else day.ways[:1]
        if len(ways) != 1:
            return Found(why=UNCLEAR)
        said.append((role, ways[0]))
    return _decided(said)


def _decided(said: Iterable[tuple[_Role, date]]) -> Found:
    """The day on which they are back, else the one behind the last on which they are away."""
    known = tuple(said)
    returns = {day for role, day in known if role.back}
    lasts = {day for role, day in known if not role.back}
    if not known:
        return Found(why=NO_DAY)
    firsts = returns or {day + _DAY for day in lasts}
    first = min(firsts)
    return Found(first) if len(firsts) == 1 and all(day < first for day in lasts) else Found(why=UNCLEAR)


# --- the words around a day --------------------------------------------------------------------------------------


def _role(words: str, day: Named, before: Named | None, behind: Named | None) -> _Role | None:
    """None where neither is said of it."""
    above = words[max(before.end if before else 0, day.start - _BEFORE) : day.start]
    below = words[day.end : min(behind.start if behind else len(words), day.end + _BEHIND)]
    found = _until().search(above) or (before and _range().fullmatch(above)) or _open_range().search(above)
    if found or day.ranges:
        back = _NOT_BACK.search(_clause_above(above)) is not None
        return _Role(back, english=not found or found.lastgroup == "en")
    if _until_behind().match(below):
        return _Role(back=False, english=False)
    nearer = behind is not None and behind.start - day.end <= _BEHIND
    found = _back().search(_clause_above(above)) or _back().search(_clause_below(below, nearer=nearer))
    return _Role(back=True, english=found.lastgroup == "en") if found else None


def _clause_above(above: str) -> str:
    return _ENDS.split(_trailing_gap().sub("", above))[-1]


def _clause_below(below: str, *, nearer: bool) -> str:
    """What stands in one clause between two days is the second one's."""
    parts = _ENDS.split(below.lstrip(" ,"))
    return "" if nearer and len(parts) == 1 else _JOINS.split(parts[0])[0]


def _words(text: str) -> str:
    """Plain, a paragraph a line."""
    lines = (" ".join(line.split()) for line in plain(text).split("\n"))
    return "\n".join(part.replace("\n", " ") for part in re.split(r"\n{2,}", "\n".join(lines)))


def _by_language(rows: Mapping[str, str]) -> str:
    """What is English in a group of its own."""
    others = any_of(words for language, words in rows.items() if language != "en")
    return f"(?:(?P<en>{any_of([rows['en']])})|(?P<other>{others}))"


@cache
def _until() -> re.Pattern[str]:
    return re.compile(rf"(?:\b|(?<={_NOT_LATIN})){_by_language(UNTIL)}{gap()}\Z")


@cache
def _until_behind() -> re.Pattern[str]:
    between = rf"\([^()]{{1,12}}\)|'[a-z]{{1,4}}|[ .,日일]|\b(?:{any_of(WEEKDAYS)})\b"
    return re.compile(rf"(?:{between})*(?:{any_of(UNTIL_BEHIND.values())})")


@cache
def _range() -> re.Pattern[str]:
    return re.compile(rf"(?:\([^()]{{1,12}}\))?[ .,]*{_by_language(RANGE)}{gap()}")


@cache
def _open_range() -> re.Pattern[str]:
    """The first day of several, of which only the last has its month."""
    return re.compile(rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.|º|°)? ?{_by_language(RANGE)}{gap()}\Z")


@cache
def _back() -> re.Pattern[str]:
    edge = rf"(?:\b|(?<={_NOT_LATIN}))"
    return re.compile(f"{edge}{_by_language(BACK)}{edge}")


@cache
def _trailing_gap() -> re.Pattern[str]:
    return re.compile(rf"{gap()}\Z")
