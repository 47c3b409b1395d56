"""When the customer may expect an answer, and by what we say so; and the times that a department has promised.

An estimate has several sources, in order: the first that can say something wins, the last always can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .hours import add_business, always_open, business_day, next_opening
from .policy import PRIORITIES, Department, Hours, ServiceLevel

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`answer_by` is in UTC; `basis` is one English clause that a customer understands."""

    answer_by: datetime
    basis: str


Source = Callable[[Department, str, datetime], Estimate | None]


def estimate(department: Department, priority: str, now: datetime) -> Estimate:
    return next(found for source in SOURCES if (found := source(department, priority, now)))


def estimate_now(department: Department, priority: str, received: datetime, now: datetime) -> Estimate:
    """What somebody is told now of a mail received then: nobody is promised an answer at a time that is past."""
    found = estimate(department, priority, received)
    return found if found.answer_by > now else estimate(department, priority, now)


def due_dates(department: Department, priority: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Until when the first response and the resolution are promised; None where no level promises it."""
    level = service_level(department, priority)
    return (
        None if level.first_response is None else add_business(now, level.first_response, department),
        None if level.resolution is None else add_business(now, level.resolution, department),
    )


def service_level(department: Department, priority: str) -> ServiceLevel:
    """The priority's own level, else the next higher priority's, else one that promises nothing."""
    higher = PRIORITIES[PRIORITIES.index(priority) :]
    return next((department.service_levels[p] for p in higher if p in department.service_levels), ServiceLevel())


def _promised(department: Department, priority: str, now: datetime) -> Estimate | None:
    span = service_level(department, priority).first_response
    if span is None:
        return None
    return Estimate(add_business(now, span, department), _basis(span, department.hours))


def _next_working_day(department: Department, priority: str, now: datetime) -> Estimate:  # noqa: ARG001 - a Source
    span = business_day(department.hours)
    by = add_business(now, span, department)
    if next_opening(now, department) > now:
        return Estimate(by, "when we open again, plus one working day")
    return Estimate(by, _basis(span, department.hours))


SOURCES: tuple[Source, ...] = (_promised, _next_working_day)


def _basis(span: timedelta, hours: Hours) -> str:
    when = "day and night" if always_open(hours) else hours.text
    return f"{span_in_words(span, hours)}, {when}"


def span_in_words(span: timedelta, hours: Hours) -> str:
    """A span of working time: whole days where it is a multiple of the working day, else hours and minutes."""
    working = "" if always_open(hours) else "working "
    day = business_day(hours)
    if span >= day and not span % day:
        return _count(span // day, f"{working}day")
    minutes = -(-span // _MINUTE)  # rounded up: never say less than what we count
    whole, rest = divmod(minutes * _MINUTE, _HOUR)
    if not whole:
        return _count(minutes, f"{working}minute")
    spare = f" {_count(rest // _MINUTE, 'minute')}" if rest else ""
    return _count(whole, f"{working}hour") + spare


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
