"""Dates as people's mail clients write them above a quoted mail, in 22 languages, to a moment.

A zone that is not written is not known: the date is then taken to be in the zone of the mail that it stands in.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from .date_words import EVENING, MONTH, MORNING, ZONES
from .forward_words import fold

MAX_DATE = 120  # characters
NOON = 12
SHORT, OLDEST = 2, 70  # digits of a year without its century; there was no mail before

_EASTERN = re.compile(r"(?<!\d)(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]?")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4}|\d\d)(?![\d:])")
_WORD = re.compile(r"[^\W\d_]+")
_DAY_BEFORE = re.compile(r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th|er|[.º°ª])?,?[ -]?(?:(?:de|of) |d')?$")
_DAY_AFTER = re.compile(r"[ .,-]{1,3}(?:(?:the|de) )?(\d{1,2})(?:st|nd|rd|th)?(?![\d:/]|[.-] ?\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"[ -](\d\d)(?![\d:.])")
_TIME = re.compile(r"(?<!\d)(\d{1,2}) ?[:.h時时시点] ?(\d\d)(?: ?[:.分분] ?(\d\d))?(?!\d)")
_OFFSET = re.compile(r"(?:^|[ (]|gmt|utc) ?([+-])(\d{1,2}):?(\d\d)?(?!\d)")
_EARLY = re.compile(r"(?:gmt|utc) ?[+-]\d{1,2}(?::?\d\d)?(?!\d)")
_NAMED = re.compile(r"[^\W\d_]{1,5}")


def read_written_date(text: str, sent: datetime | None) -> datetime | None:
    """The moment that a date names, None where it cannot be told. `sent` is when the mail around it was sent. Where
    no time is written, it is the day's beginning."""
    words = fold(text[:MAX_DATE])
    found = _day(words, sent)
    if found is None:
        return None
    (year, month, day), rest = found
    hour, minute, second, tail = _time(rest)
    zone = _zone(tail) or (sent.tzinfo if sent else None) or UTC
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        moment.astimezone(UTC)  # year 1 has no moment in UTC
    except (ValueError, OverflowError):
        return None
    return moment


def _day(words: str, sent: datetime | None) -> tuple[tuple[int, int, int], str] | None:
    """(year, month, day), and the text without them."""
    if found := _EASTERN.search(words) or _YEAR_FIRST.search(words):
        year, month, day = (int(found[n]) for n in ((1, 2, 3) if found.re is _EASTERN else (1, 3, 4)))
        return (year, month, day), _without(words, found.span())
    if named := _named(words):
        return named
    if found := _YEAR_LAST.search(words):
        rest = _without(words, found.span())
        return _order(found, rest, sent), rest
    return None


def _order(found: re.Match[str], rest: str, sent: datetime | None) -> tuple[int, int, int]:
    """Day or month first. With a slash and am or pm it is American, unless the zero before the second one alone says
    otherwise; what is no date, or after the mail that it stands in, is read the other way."""
    one, two, year = int(found[1]), int(found[3]), int(found[4])
    if len(found[4]) == SHORT:
        year = _whole(year)
    padded = found[3].startswith("0") and len(found[1]) == 1
    american = found[2] == "/" and re.search(r"\d ?[ap]m\b", rest) is not None and not padded
    ways = [(year, two, one), (year, one, two)]
    if american:
        ways.reverse()
    if found[2] != "/":
        return ways[0]
    return next((way for way in ways if _possible(way, sent)), ways[0])


def _whole(year: int) -> int:
    return year + (1900 if year >= OLDEST else 2000)


def _possible(way: tuple[int, int, int], sent: datetime | None) -> bool:
    try:
        start = datetime(*way, tzinfo=UTC)
    except ValueError:
        return False
    return sent is None or start - sent < timedelta(days=1)


def _named(words: str) -> tuple[tuple[int, int, int], str] | None:
    """A date whose month is a word, with its day beside it: "mar." may be a Tuesday."""
    months = [m for m in _WORD.finditer(words) if m[0] in MONTH]
    for month in months:
        before = words[: month.start()]
        if found := _DAY_BEFORE.search(before):
            return _dated(words, MONTH[month[0]], int(found[1]), (found.start(), month.end()))
    for month in months:
        if found := _DAY_AFTER.match(words, month.end()):
            return _dated(words, MONTH[month[0]], int(found[1]), (month.start(), found.end()))
    return None


def _dated(words: str, month: int, day: int, span: tuple[int, int]) -> tuple[tuple[int, int, int], str] | None:
    rest = _without(words, span)
    if found := _YEAR.search(rest):
        return (int(found[0]), month, day), _without(rest, found.span())
    if found := _SHORT_YEAR.match(rest, span[1]):
        return (_whole(int(found[1])), month, day), _without(rest, found.span())
    return None


def _without(words: str, span: tuple[int, int]) -> str:
    return words[: span[0]] + " " * (span[1] - span[0]) + words[span[1] :]


def _time(words: str) -> tuple[int, int, int, str]:
    """Hour, minute, second, and what is written of the zone."""
    found = _TIME.search(words)
    if found is None:
        return 0, 0, 0, ""
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    before, tail = words[: found.start()].rstrip(), words[found.end() :].lstrip()
    half = next((half for half in (EVENING, MORNING) if before.endswith(half) or tail.startswith(half)), None)
    if half is EVENING and hour < NOON:
        hour += NOON
    elif half is MORNING and hour == NOON:
        hour = 0
    early = _EARLY.search(before)  # Apple Mail's, in Chinese
    return hour, minute, second, f"{early[0]} {tail}" if early else tail


def _zone(tail: str) -> tzinfo | None:
    """The zone that is written behind a time: an offset rather than a name."""
    if found := _OFFSET.search(tail):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    named = (ZONES[word[0]] for word in _NAMED.finditer(tail) if word[0] in ZONES)
    hours = next(named, None)
    return None if hours is None else timezone(timedelta(hours=hours))
