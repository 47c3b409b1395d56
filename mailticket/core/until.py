"""Until when something is put off, as people write it: `2d`, `tuesday 9:00`, `2026-12-01 14:00`, `tomorrow`.

All of it is read in the department's zone. A day without a time is from its next opening on.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .hours import DAY_OF, next_opening
from .policy import Department

AT_MOST = timedelta(days=366)
FORMS = "2d, tomorrow, tuesday 9:00, 2026-12-01 or 2026-12-01 14:00"
_SPAN = re.compile(r"([0-9]{1,4}) ?(minutes?|min|m|hours?|h|days?|d|weeks?|w)\b")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST = timedelta(days=99_999)  # beyond all bounds, and no clock ends there
_DATE = re.compile(r"([12][0-9]{3})-([0-9]{1,2})-([0-9]{1,2})")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
_AHEAD = {"today": 0, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class When:
    """A span of `days` by the wall clock and a `rest`; or a day, by its date, its weekday or as so many days `ahead`,
    with or without a time."""

    days: timedelta | None = None
    rest: timedelta = timedelta()
    date: date | None = None
    weekday: int | None = None
    ahead: int | None = None
    clock: time | None = None


def read(text: str) -> When | None:
    """None for what nobody can read."""
    words = text.casefold().removeprefix("until ")
    if _SPAN.match(words):
        return _span(words)
    day, _, rest = words.partition(" ")
    found = _CLOCK.fullmatch(rest)
    if rest and not found:
        return None
    clock = time(int(found[1]), int(found[2])) if found else None
    if day in DAY_OF:
        return When(weekday=DAY_OF[day], clock=clock)
    if day in _AHEAD:
        return When(ahead=_AHEAD[day], clock=clock)
    return _dated(day, clock)


def nearest(text: str) -> str:
    """How it is written right, "" where nobody can guess."""
    day, _, rest = text.casefold().removeprefix("until ").partition(" ")
    near = difflib.get_close_matches(day, [*DAY_OF, *_AHEAD], n=1)
    made = f"{near[0] if near else day} {rest}".strip()
    return made if read(made) else ""


def moment(when: When, now: datetime, department: Department) -> datetime:
    """In UTC; it may be past, and may be far away."""
    local = now.astimezone(department.zone)
    if when.days is not None:
        return (local + when.days).astimezone(UTC) + when.rest
    days = (_at(day, when.clock, department) for day in _days(when, local.date()))
    return next((one for one in days if one > now), _at(_days(when, local.date())[0], when.clock, department))


def end(when: When, now: datetime, department: Department) -> datetime:
    """The same, but for a day without a time, which is meant to its end."""
    if when.days is not None or when.clock is not None:
        return moment(when, now, department)
    day = _days(when, now.astimezone(department.zone).date())[0]
    return day_begins(day + timedelta(days=1), department)


def day_begins(day: date, department: Department) -> datetime:
    return datetime.combine(day, time(), tzinfo=department.zone).astimezone(UTC)


def _span(words: str) -> When | None:
    if _SPAN.sub("", words).strip(" ,"):
        return None
    parts = [(unit[0], int(number) * _UNITS[unit[0]]) for number, unit in _SPAN.findall(words)]
    days = sum((span for unit, span in parts if unit in "dw"), timedelta())
    rest = sum((span for unit, span in parts if unit in "mh"), timedelta())
    return When(days=min(days, _LONGEST), rest=min(rest, _LONGEST))


def _dated(day: str, clock: time | None) -> When | None:
    found = _DATE.fullmatch(day)
    if not found:
        return None
    try:
        return When(date=date(int(found[1]), int(found[2]), int(found[3])), clock=clock)
    except ValueError:  # no such day
        return None


def _days(when: When, today: date) -> list[date]:
    """The days that may be meant: of a weekday today, too, if a time of today is named, and the one a week later."""
    if when.date is not None:
        return [when.date]
    if when.ahead is not None:
        return [today + timedelta(days=when.ahead)]
    coming = today + timedelta(days=((when.weekday or 0) - today.weekday()) % 7)
    later = coming + timedelta(weeks=1)
    return [coming, later] if coming != today or when.clock is not None else [later]


def _at(day: date, clock: time | None, department: Department) -> datetime:
    begins = datetime.combine(day, clock or time(), tzinfo=department.zone)
    return begins.astimezone(UTC) if clock is not None else next_opening(begins, department)
