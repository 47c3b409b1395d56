"""The days of a search: `2026-11-26`, `2026-11`, `november`, `monday`, `yesterday`, `7d`, each by its beginning.

What looks back is read as people mean it there: a weekday or a month without a year is the last one that has begun.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from . import until
from .date_words import MONTH

FORMS = "2026-11-26, 2026-11, monday, yesterday or 7d"
_FARTHEST = timedelta(days=36525)
_YEAR, _MONTH = re.compile(r"([12][0-9]{3})"), re.compile(r"([12][0-9]{3})-(0?[1-9]|1[0-2])")
_LITTLE_ENDIAN = re.compile(r"([0-3]?[0-9])\.[ ]?([01]?[0-9])\.[ ]?([12][0-9]{3})")
_BIG_ENDIAN = re.compile(r"([12][0-9]{3})[/.]([01]?[0-9])[/.]([0-3]?[0-9])")


def moment(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    """In UTC; None for what nobody can read."""
    words, today = text.strip().casefold(), now.astimezone(zone).date()
    when = until.read(words)
    if when is not None and when.days is not None:
        far = when.days + when.rest > _FARTHEST
        return None if far else (now.astimezone(zone) - when.days).astimezone(UTC) - when.rest
    day = _period(words, today) or (_day(when, today) if when is not None else None)
    if day is None:
        return None
    clock = when.clock if when is not None and when.clock is not None else time()
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def nearest(text: str) -> str:
    """How it is written right, "" where nobody can guess."""
    if found := _LITTLE_ENDIAN.fullmatch(text):
        return _dated(found[3], found[2], found[1])
    if found := _BIG_ENDIAN.fullmatch(text):
        return _dated(found[1], found[2], found[3])
    near = until.nearest(text.strip())
    return near if near != text.strip().casefold() else ""


def _period(words: str, today: date) -> date | None:
    """The first day of a year or a month, or yesterday."""
    if words == "yesterday":
        return today - timedelta(days=1)
    if found := _YEAR.fullmatch(words):
        return date(int(found[1]), 1, 1)
    if found := _MONTH.fullmatch(words):
        return date(int(found[1]), int(found[2]), 1)
    if words in MONTH:
        return date(today.year - (MONTH[words] > today.month), MONTH[words], 1)
    return None


def _day(when: until.When, today: date) -> date:
    if when.weekday is not None:
        return today - timedelta(days=(today.weekday() - when.weekday) % 7)
    return when.date or today + timedelta(days=when.ahead or 0)


def _dated(year: str, month: str, day: str) -> str:
    made = f"{year}-{int(month):02}-{int(day):02}"
    return made if until.read(made) else ""
