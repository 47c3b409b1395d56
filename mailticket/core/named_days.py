"""The days that an out-of-office note names, by date or as a day of the week, in 22 languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from .date_words import MONTH
from .folding import folded
from .return_words import BETWEEN, WEEKDAYS

DAYS = 50  # that are looked at
FARTHEST = timedelta(days=1000)
LATELY = timedelta(days=60)  # a day without a year that is no longer past is meant to be
_SHORT = 2  # digits of a year without its century
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2013": "-", "\u2014": "-", "\u2212": "-"})


@dataclass(frozen=True, slots=True)
class Named:
    """A day in a text. `ways` are the days that it may be, first as most of the world writes it: day, month. `ranges`
    says that it is the last one of several that are named together, `first` what of "30/11" cannot be the month."""

    start: int
    end: int
    ways: tuple[date, ...]
    ranges: bool = False
    first: int = 0


def plain(text: str) -> str:
    """Folded, with one kind of apostrophe and one of dash."""
    return folded(text.translate(_APOSTROPHES))


def any_of(rows: Iterable[str]) -> str:
    """An expression for these words, the longest first."""
    words = {plain(word) for row in rows for word in row.split("|")}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def gap() -> str:
    """What may stand between a word and the day that it is about."""
    return rf"(?:[ (:,]|\b(?:{any_of([BETWEEN])})(?=[ ']|\b)|\b(?:{any_of(WEEKDAYS)})\b)*"


def days(words: str, today: date) -> list[Named]:
    """In their order, none within another. A weekday beside a date is that date's, and they must agree."""
    found: list[Named] = []
    for match in list(_dates().finditer(words))[:DAYS]:
        if named := _date(match, today, found[-1] if found else None):
            found.append(named)
    found = _one_order(found)
    for weekday in list(_weekdays().finditer(words))[:DAYS]:
        number = _number()[weekday[0]]
        near = next((place for place, one in enumerate(found) if _beside(words, weekday, one)), None)
        if near is None:
            coming = today + timedelta(days=(number - today.weekday()) % 7)
            found.append(Named(weekday.start(), weekday.end(), (coming,)))
        else:
            agree = tuple(day for day in found[near].ways if day.weekday() == number)
            found[near] = replace(found[near], ways=agree)
    return sorted(found, key=lambda one: one.start)


def _one_order(found: list[Named]) -> list[Named]:
    """Whoever writes 30/11 writes 4/12 for a day of December."""
    orders = {one.ways[0].day == one.first for one in found if one.first and len(one.ways) == 1}
    if len(orders) != 1:
        return found
    way = slice(0, 1) if orders == {True} else slice(1, 2)
    return [replace(one, ways=one.ways[way]) if one.first and len(one.ways) > 1 else one for one in found]


def _beside(words: str, weekday: re.Match[str], day: Named) -> bool:
    if weekday.end() <= day.start:
        return _gap_alone().fullmatch(words, weekday.end(), day.start) is not None
    return day.end <= weekday.start() and words[day.end : weekday.start()].strip(" ,(") == ""


@cache
def _gap_alone() -> re.Pattern[str]:
    return re.compile(gap())


@cache
def _dates() -> re.Pattern[str]:
    """Each way to write a date has a letter of its own before the names of its day, month and year."""
    month, nth, year = any_of(MONTH), r"(?:st|nd|rd|th|er|\.|º|ª|°)?", r"(?:,? (?P<my>\d{4}))?"
    ways = (
        r"(?:(?P<ey>\d{4}) ?[年년] ?)?(?P<em>\d{1,2}) ?[月월] ?(?P<ed>\d{1,2}) ?[日일号號]",
        r"(?P<iy>\d{4}) ?(?P<is>[-/.]) ?(?P<im>\d{1,2}) ?(?P=is) ?(?P<id>\d{1,2})(?!\d)",
        rf"(?P<nd>\d{{1,2}}){nth}[ -]?(?:of |de |d')?(?P<nm>{month})\b\.?(?:[ ,-]*(?:de )?(?P<ny>\d{{4}}))?",
        rf"\b(?P<mm>{month})\.? (?:the )?(?P<mf>\d{{1,2}}{nth} ?- ?)?(?P<md>\d{{1,2}}){nth}{year}(?![\d:])",
        r"(?P<dd>\d{1,2})\. ?(?P<dm>\d{1,2})(?:\. ?(?P<dy>\d{4}|\d\d)?)?(?![\d:])",
        r"(?P<sd>\d{1,2})(?P<ss>[/-])(?P<sm>\d{1,2})(?P=ss)(?P<sy>\d{4}|\d\d)(?!\d)",
        r"(?P<td>\d{1,2})/(?P<tm>\d{1,2})(?![\d/])",
        r"(?P<bd>\d{1,2}) ?[日일号號]",
    )
    return re.compile(rf"(?<![\d.:/-])(?:{'|'.join(ways)})")


@cache
def _weekdays() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{any_of(WEEKDAYS)})(?![a-z\u0400-\u04ff])")


@cache
def _number() -> dict[str, int]:
    return {plain(word): number for number, row in enumerate(WEEKDAYS) for word in row.split("|")}


@cache
def _months() -> dict[str, int]:
    return {plain(name): number for name, number in MONTH.items()}


def _date(found: re.Match[str], today: date, before: Named | None) -> Named | None:
    """What a match means; None for no day of the calendar, or one that is far away."""
    way = next(name for name in "einmdstb" if found[f"{name}d"])
    day = int(found[f"{way}d"])
    if way == "b":  # of the month that was named last
        same = _dated(before.ways[0].year, before.ways[0].month, day) if before else None
        return Named(found.start(), found.end(), (same,)) if same else None
    month = _months().get(found[f"{way}m"]) or int(found[f"{way}m"])
    slashed = way == "t" or (way == "s" and found["ss"] == "/")
    pairs = dict.fromkeys([(month, day), (day, month)] if slashed else [(month, day)])
    year = None if way == "t" else found[f"{way}y"]
    ways = tuple(one for m, d in pairs if (one := _nearest(year, m, d, today)) is not None)
    first = day if slashed and day != month else 0
    return Named(found.start(), found.end(), ways, way == "m" and bool(found["mf"]), first) if ways else None


def _nearest(year: str | None, month: int, day: int, today: date) -> date | None:
    """In that year; without one the next such day, or one that was lately."""
    if year is not None:
        one = _dated(int(year) + (2000 if len(year) == _SHORT else 0), month, day)
        return one if one and abs(one - today) < FARTHEST else None
    found = (_dated(number, month, day) for number in range(today.year - 1, today.year + 2))
    return next((one for one in found if one and one >= today - LATELY), None)


def _dated(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # no such day
        return None
