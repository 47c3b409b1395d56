"""What a customer is told about when, and what the department has promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailticket.core.estimate import Estimate, due_dates, estimate, estimate_now, span_in_words
from mailticket.core.hours import parse_hours
from mailticket.core.policy import Department, ServiceLevel

OFFICE = "Mon-Fri 09:00-17:00"
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)  # 10:00 in Prague
SATURDAY = datetime(2026, 11, 21, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_department(hours=OFFICE, **levels):
    return Department(
        name="Support",
        addresses=("support@acme.example",),
        assign=("least-loaded",),
        hours=parse_hours(hours),
        zone=ZoneInfo("Europe/Prague"),
        holidays=frozenset(),
        service_levels=levels,
    )


def first(hours):
    return ServiceLevel(first_response=hours * HOUR)


def test_the_service_level_of_the_priority_is_what_we_say():
    department = a_department(medium=first(4), high=first(1))
    assert estimate(department, "medium", FRIDAY) == Estimate(
        FRIDAY + 4 * HOUR,
        "4 working hours, Mon-Fri 09:00-17:00",
    )


@pytest.mark.parametrize(("priority", "hours"), [("low", 2), ("medium", 2), ("high", 2), ("critical", 1)])
def test_a_priority_without_a_level_takes_the_next_higher_one(priority, hours):
    department = a_department(high=first(2), critical=first(1))
    assert estimate(department, priority, FRIDAY).answer_by == FRIDAY + hours * HOUR


def test_nobody_is_promised_an_answer_at_a_time_that_is_past():
    department, monday = a_department(medium=first(4)), FRIDAY + timedelta(days=3)
    assert estimate_now(department, "medium", FRIDAY, FRIDAY + HOUR).answer_by == FRIDAY + 4 * HOUR
    assert estimate_now(department, "medium", FRIDAY, monday).answer_by == monday + 4 * HOUR


def test_a_lower_priority_promises_nothing_to_a_higher_one():
    department = a_department(low=first(1))
    assert estimate(department, "medium", FRIDAY).basis == "1 working day, Mon-Fri 09:00-17:00"
    assert due_dates(department, "medium", FRIDAY) == (None, None)


def test_without_a_promise_it_is_one_working_day():
    assert estimate(a_department(), "medium", FRIDAY) == Estimate(
        datetime(2026, 11, 23, 9, tzinfo=UTC),
        "1 working day, Mon-Fri 09:00-17:00",
    )


def test_without_a_promise_and_out_of_hours_it_is_the_next_opening_plus_one_working_day():
    assert estimate(a_department(), "medium", SATURDAY) == Estimate(
        datetime(2026, 11, 23, 16, tzinfo=UTC),
        "when we open again, plus one working day",
    )


def test_who_never_closes_counts_plain_hours():
    department = a_department("24/7", critical=first(4))
    assert estimate(department, "high", SATURDAY) == Estimate(SATURDAY + 4 * HOUR, "4 hours, day and night")
    assert estimate(a_department("24/7"), "low", SATURDAY).basis == "1 day, day and night"


def test_a_level_that_promises_only_a_resolution_borrows_no_first_response():
    department = a_department(medium=ServiceLevel(resolution=8 * HOUR), critical=first(1))
    assert due_dates(department, "medium", FRIDAY) == (None, datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert estimate(department, "medium", FRIDAY).basis == "1 working day, Mon-Fri 09:00-17:00"


def test_both_promises_have_their_time():
    department = a_department(medium=ServiceLevel(4 * HOUR, 24 * HOUR))
    assert due_dates(department, "medium", FRIDAY) == (FRIDAY + 4 * HOUR, datetime(2026, 11, 25, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("hours", "span", "words"),
    [
        (OFFICE, HOUR, "1 working hour"),
        (OFFICE, 8 * HOUR, "1 working day"),
        (OFFICE, 24 * HOUR, "3 working days"),
        (OFFICE, 9 * HOUR, "9 working hours"),
        (OFFICE, 1.5 * HOUR, "1 working hour 30 minutes"),
        (OFFICE, timedelta(minutes=45), "45 working minutes"),
        (OFFICE, timedelta(seconds=61), "2 working minutes"),
        ("Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-14:00", 3 * timedelta(hours=7, minutes=36), "3 working days"),
        ("24/7", 36 * HOUR, "36 hours"),
        ("24/7", 48 * HOUR, "2 days"),
    ],
)
def test_spans_are_told_in_the_largest_words_that_fit(hours, span, words):
    assert span_in_words(span, parse_hours(hours)) == words
