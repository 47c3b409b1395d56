"""Working time: how a week's hours are written, and counting in them across zones, clock changes and days off.

One rule decides everything: an instant is working time when the wall clock of the department's zone reads a time
of its hours at that instant, on a date that is no day off. So an hour that the clocks skip is not worked, and one
that they repeat is worked twice. Every datetime here is an aware one; what comes back is in UTC.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from .policy import Department, Hours

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_OF = {name: n for n, day in enumerate(_DAYS) for name in (day, day[:3])}
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_HYPHENS = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")  # people paste what their word processor made of "-"
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MIDNIGHT = time(0)
_ONE_DAY = timedelta(days=1)
_PATIENCE = 400  # closed days in a row: a calendar with a longer hole has no opening worth waiting for

_Minutes = tuple[int, int]  # from and to, counted from midnight


def parse_hours(text: str) -> Hours:
    """Reads "Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-14:00", or "24/7". ValueError with one sentence."""
    written = " ".join(text.split())
    if not written:
        raise ValueError('the hours are empty; write them like "Mon-Fri 09:00-17:00"')
    groups = "Mon-Sun 00:00-24:00" if written == "24/7" else _HYPHENS.sub("-", written)
    week: list[list[_Minutes]] = [[] for _ in _DAYS]
    for group in groups.split(","):
        days, spans = _read_group(group)
        for day in days:
            week[day] += spans
    for name, spans in zip(_DAYS, week, strict=True):
        spans.sort()
        for (_, before), (after, _) in pairwise(spans):
            if after < before:
                raise ValueError(f"the hours of {name.capitalize()} overlap at {after // 60:02}:{after % 60:02}")
    return Hours(tuple(tuple((_clock(a), _clock(b)) for a, b in spans) for spans in week), written)


def _read_group(group: str) -> tuple[list[int], list[_Minutes]]:
    """One "Mon-Fri 08:00-12:00 13:00-17:00": its days and its times."""
    words = group.split()
    if not words:
        raise ValueError("there is a comma too many in the hours")
    days, times = words[0], words[1:]
    if not times:
        raise ValueError(f'"{days}" has no times; write them like "Mon-Fri 09:00-17:00"')
    first, dash, last = days.lower().partition("-")
    for name in (first, last if dash else first):
        if name not in DAY_OF:
            raise ValueError(f'"{name}" is not a day; the days are Mon, Tue, Wed, Thu, Fri, Sat, Sun')
    start = DAY_OF[first]
    length = (DAY_OF[last] - start) % 7 + 1 if dash else 1
    return [(start + n) % 7 for n in range(length)], [_read_span(word) for word in times]


def _read_span(word: str) -> _Minutes:
    found = _SPAN.fullmatch(word)
    if not found:
        raise ValueError(f'"{word}" is not a span of time; write it like 09:00-17:00')
    hour, minute, to_hour, to_minute = map(int, found.groups())
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if minute > 59 or to_minute > 59 or start > 24 * 60 or end > 24 * 60:  # noqa: PLR2004 - a clock's own numbers
        raise ValueError(f'"{word}" has a time that no clock shows; the day ends at 24:00')
    if end <= start:
        raise ValueError(f'"{word}" ends before it has begun; write a night as two, -24:00 and 00:00- of the next day')
    return start, end


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def always_open(hours: Hours) -> bool:
    """Whether the week has no closed minute (days off apart)."""
    return business_day(hours) == _ONE_DAY and all(hours.week)


def business_day(hours: Hours) -> timedelta:
    """How long a working day is: the mean of the days that have hours."""
    worked = [sum((_to(b) - _from(a) for a, b in spans), timedelta()) for spans in hours.week if spans]
    return sum(worked, timedelta()) / len(worked)


def _from(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)


def _to(clock: time) -> timedelta:
    return _ONE_DAY if clock == _MIDNIGHT else _from(clock)


def days_off(spec: str | Sequence[str], years: range) -> frozenset[date]:
    """The public holidays of "CZ" or "DE-BY" in these years, and single ISO dates. ValueError names the unknown."""
    off: set[date] = set()
    for entry in [spec] if isinstance(spec, str) else spec:
        name = entry.strip()
        if _ISO_DATE.fullmatch(name):
            try:
                off.add(date.fromisoformat(name))
            except ValueError:
                raise ValueError(f'"{name}" is not a date of the calendar') from None
        elif name:
            off |= _public_holidays(name, years)
    return frozenset(off)


def _public_holidays(name: str, years: range) -> set[date]:
    import holidays  # noqa: PLC0415 - 30 ms and more: only who reads the config pays for it

    country, _, part = name.partition("-")
    country = country.upper()
    known = holidays.list_supported_countries(include_aliases=True) if re.fullmatch("[A-Z]{2}", country) else {}
    parts = {spelling.casefold(): spelling for spelling in known.get(country, ())}
    if country not in known or ("-" in name and part.casefold() not in parts):
        raise ValueError(
            f'no public holidays are known for "{name}"; write a country like CZ, a part of one like DE-BY, '
            "or a date like 2026-12-24",
        )
    return set(holidays.country_holidays(country, subdiv=parts.get(part.casefold()), years=years))


def next_opening(start: datetime, department: Department) -> datetime:
    """When work begins: `start` itself while it is open, and also when nothing opens within 400 days."""
    return next((opens for opens, _ in _working(start, department)), start.astimezone(UTC))


def add_business(start: datetime, span: timedelta, department: Department) -> datetime:
    """The end of `span` (not negative) counted in working time from `start`, or from the next opening after it.

    Where the calendar has a hole of 400 days, what is left of the span is counted by the plain clock, from the
    last working moment before the hole: a promise that can be kept or missed is better than none.
    """
    end = start.astimezone(UTC)
    for opens, closes in _working(start, department):
        if span <= closes - opens:
            return opens + span
        span -= closes - opens
        end = closes
    return end + span


def business_between(a: datetime, b: datetime, department: Department) -> timedelta:
    """The working time from `a` to `b`; nothing when `b` is not after `a`."""
    return sum((closes - opens for opens, closes in worked(a, b, department)), timedelta())


def worked(a: datetime, b: datetime, department: Department) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time from `a` to `b`, in order."""
    for opens, closes in _working(a, department):
        if opens >= b:
            break
        yield opens, min(closes, b)


def _working(start: datetime, department: Department) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time after `start`, in order, until 400 days in a row have none."""
    start = start.astimezone(UTC)
    day = start.astimezone(department.zone).date()
    closed = 0
    while closed < _PATIENCE:
        closed += 1
        for opens, closes in _stretches(day, department):
            if closes > start:
                closed = 0
                yield max(opens, start), closes
        day += _ONE_DAY


def _stretches(day: date, department: Department) -> list[tuple[datetime, datetime]]:
    """One local day's working time in UTC."""
    spans = department.hours.week[day.weekday()]
    if not spans or day in department.holidays:
        return []
    zone = department.zone
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    before = _offset(midnight.replace(tzinfo=zone))
    after = _offset((midnight + _ONE_DAY).replace(tzinfo=zone, fold=1))
    if before == after:
        midnight -= before
        return [(midnight + _from(a), midnight + _to(b)) for a, b in spans]
    change = _change(midnight, department, before, after)
    early = [(midnight + _from(a) - before, min(midnight + _to(b) - before, change)) for a, b in spans]
    late = [(max(midnight + _from(a) - after, change), midnight + _to(b) - after) for a, b in spans]
    return [(opens, closes) for opens, closes in early + late if opens < closes]


def _change(midnight: datetime, department: Department, before: timedelta, after: timedelta) -> datetime:
    """The second at which the clocks of that day go from one offset from UTC to the other."""
    low, high = midnight - max(before, after), midnight + _ONE_DAY - min(before, after)
    seconds = range(int((high - low).total_seconds()) + 1)
    found = bisect_left(
        seconds,
        True,
        key=lambda s: _offset((low + timedelta(seconds=s)).astimezone(department.zone)) == after,
    )
    return low + timedelta(seconds=found)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()
