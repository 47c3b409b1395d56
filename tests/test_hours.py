"""Working time, in words and in counting."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.hours import (
    add_business,
    always_open,
    business_between,
    business_day,
    days_off,
    next_opening,
    parse_hours,
)
from mailticket.core.policy import Department

OFFICE = "Mon-Fri 09:00-17:00"
SPLIT = "Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-14:00"
NIGHT = "Mon-Sun 00:00-02:30 02:30-06:00 22:00-24:00"  # meets every change of the clocks
ALL_HOURS = (OFFICE, SPLIT, NIGHT, "24/7", "Sat-Mon 02:15-02:45", "Sun 01:00-24:00")
# Half an hour of summer time; changes at midnight; one that has none.
ZONES = ("Europe/Prague", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo", "UTC")
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)

# Moments of every kind, with many around the days on which some clock changes.
CHANGES = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in [(3, 8), (3, 29), (4, 5), (4, 24), (10, 4), (10, 25), (10, 30), (11, 1)]
]
moments = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=5 * 365)).map(lambda since: datetime(2025, 1, 1, tzinfo=UTC) + since),
    st.builds(
        lambda day, minutes: day + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-3 * 24 * 60, 3 * 24 * 60),
    ),
)
spans = st.timedeltas(timedelta(), timedelta(days=20))


def a_department(hours=OFFICE, zone="Europe/Prague", holidays=()):
    return Department(
        name="Support",
        addresses=("support@acme.example",),
        assign=("least-loaded",),
        hours=parse_hours(hours),
        zone=ZoneInfo(zone),
        holidays=frozenset(holidays),
    )


departments = st.builds(
    a_department,
    st.sampled_from(ALL_HOURS),
    st.sampled_from(ZONES),
    st.sets(st.dates(date(2025, 1, 1), date(2030, 1, 1)), max_size=8)
    | st.sets(st.sampled_from(CHANGES).map(lambda d: d.date()), max_size=4),
)


def utc(*args):
    return datetime(*args, tzinfo=UTC)


def reads_open(moment, department):
    """The rule itself, told once more: what the wall clock and the calendar on the wall say."""
    wall = moment.astimezone(department.zone)
    clock = wall.time().replace(tzinfo=None)
    day = department.hours.week[wall.weekday()]
    return wall.date() not in department.holidays and any(a <= clock and (b == time(0) or clock < b) for a, b in day)


# --- in words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri 09:00-17:00", {0: ["09:00-17:00"], 1: ["09:00-17:00"], 4: ["09:00-17:00"], 5: [], 6: []}),
        (SPLIT, {0: ["08:00-12:00", "13:00-17:00"], 3: ["08:00-12:00", "13:00-17:00"], 4: ["08:00-14:00"], 5: []}),
        ("Mon-Sun 00:00-24:00", {day: ["00:00-00:00"] for day in range(7)}),
        ("24/7", {day: ["00:00-00:00"] for day in range(7)}),
        ("fri-MON 9:00-10:30", {4: ["09:00-10:30"], 5: ["09:00-10:30"], 6: ["09:00-10:30"], 0: ["09:00-10:30"], 1: []}),
        ("Monday 09:00-10:00, tuesday 10:00-11:00", {0: ["09:00-10:00"], 1: ["10:00-11:00"], 2: []}),
        ("Mon 13:00-17:00, Mon 08:00-12:00", {0: ["08:00-12:00", "13:00-17:00"]}),
        ("Mon \u2013 Fri  09:00 \u2014 17:00", {0: ["09:00-17:00"], 4: ["09:00-17:00"], 5: []}),
        ("Mon 08:00-12:00 12:00-14:00", {0: ["08:00-12:00", "12:00-14:00"]}),
    ],
)
def test_hours_are_read_as_people_write_them(text, days):
    week = parse_hours(text).week
    assert {day: [f"{a:%H:%M}-{b:%H:%M}" for a, b in week[day]] for day in days} == days


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("Mon-Fri", "no times"),
        ("09:00-17:00", "no times"),
        ("Mon-Fri 09:00-17:00,", "comma"),
        ("Mo-Fr 09:00-17:00", '"mo" is not a day'),
        ("Mon-Tue-Wed 09:00-17:00", "is not a day"),
        ("Mon-Fri 9-17", "not a span"),
        ("Mon-Fri 09:00-17:00 closed", '"closed" is not a span'),
        ("Mon-Fri 09:60-17:00", "no clock shows"),
        ("Mon-Fri 09:00-25:00", "no clock shows"),
        ("Mon-Fri 09:00-24:01", "no clock shows"),
        ("Mon-Fri 22:00-06:00", "ends before"),
        ("Mon-Fri 09:00-09:00", "ends before"),
        ("Mon-Fri 09:00-17:00, Fri 16:00-18:00", "Friday overlap at 16:00"),
        ("Mon-Fri 08:00-12:00 08:00-12:00", "Monday overlap"),
        ("Mon-Fri \u0660\u0669:00-17:00", "not a span"),
        ("24/7 09:00-17:00", "not a day"),
    ],
)
def test_wrong_hours_are_told_in_one_sentence(text, words):
    with pytest.raises(ValueError, match=words) as caught:
        parse_hours(text)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="MonFriSat0129:-, /7\u2013\n", max_size=40))
def test_any_text_is_either_hours_or_a_value_error(text):
    try:
        hours = parse_hours(text)
    except ValueError:
        return
    assert any(hours.week)
    assert timedelta() < business_day(hours) <= DAY


def test_the_text_is_kept_as_written():
    assert parse_hours("  Mon-Fri   09:00-17:00\n").text == OFFICE


def test_a_working_day_is_the_mean_of_the_days_that_have_hours():
    assert business_day(parse_hours(OFFICE)) == 8 * HOUR
    assert business_day(parse_hours(SPLIT)) == timedelta(hours=7, minutes=36)
    assert business_day(parse_hours("24/7")) == DAY


def test_only_a_week_without_a_closed_minute_is_always_open():
    assert always_open(parse_hours("24/7"))
    assert always_open(parse_hours("Mon-Sun 00:00-12:00 12:00-24:00"))
    assert not always_open(parse_hours("Mon-Sat 00:00-24:00"))
    assert not always_open(parse_hours("Mon-Sun 00:00-23:59"))


def test_public_holidays_of_countries_and_their_parts_and_single_dates_are_days_off():
    assert date(2026, 9, 28) in days_off("CZ", range(2026, 2027))
    assert days_off("cz", range(2026, 2027)) == days_off("CZ", range(2026, 2027))
    assert date(2026, 1, 6) in days_off("DE-BY", range(2026, 2027)) - days_off("DE", range(2026, 2027))
    both = days_off(["CZ", "2026-12-23"], range(2025, 2028))
    assert {date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1), date(2026, 12, 23)} <= both
    assert days_off("", range(2026, 2027)) == days_off((), range(2026, 2027)) == frozenset()


@pytest.mark.parametrize("spec", ["XX", "DE-ZZ", "DE-", "HolidayBase", "2026-02-30", "CZ,DE", "date", "20261224"])
def test_an_unknown_day_off_is_named(spec):
    with pytest.raises(ValueError, match=f'"{spec}"'):
        days_off(["CZ", spec], range(2026, 2027))


# --- in counting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (utc(2026, 11, 20, 9), 4, utc(2026, 11, 20, 13)),  # Friday 10:00 in Prague
        (utc(2026, 11, 20, 14), 4, utc(2026, 11, 23, 10)),  # over the weekend
        (utc(2026, 11, 21, 3), 4, utc(2026, 11, 23, 12)),  # from a Saturday
        (utc(2026, 11, 20, 12), 4, utc(2026, 11, 20, 16)),  # exactly to closing time
        (utc(2026, 11, 20, 16), 0, utc(2026, 11, 23, 8)),  # from closing time
        (utc(2026, 10, 23, 14), 4, utc(2026, 10, 26, 11)),  # the clocks went back between
        (utc(2026, 3, 27, 15), 4, utc(2026, 3, 30, 10)),  # and forward
    ],
)
def test_working_time_is_counted_in_office_hours(start, hours, end):
    assert add_business(start, hours * HOUR, a_department()) == end


def test_a_day_off_is_not_worked():
    department = a_department(holidays=[date(2026, 11, 23)])
    assert add_business(utc(2026, 11, 20, 15), 2 * HOUR, department) == utc(2026, 11, 24, 9)


def test_lunch_is_not_worked():
    assert add_business(utc(2026, 11, 20, 7), 5 * HOUR, a_department("Fri 08:00-12:00 13:00-17:00")) == utc(
        2026, 11, 20, 13
    )


def test_a_day_of_changing_clocks_has_23_or_25_hours():
    department = a_department("24/7")
    spring, autumn = utc(2026, 3, 28, 23), utc(2026, 10, 24, 22)
    assert business_between(spring, utc(2026, 3, 29, 22), department) == 23 * HOUR
    assert business_between(autumn, utc(2026, 10, 25, 23), department) == 25 * HOUR


def test_a_time_that_the_clocks_skip_is_not_worked_and_one_they_repeat_is_worked_twice():
    department = a_department("Sun 02:00-02:30")
    assert business_between(utc(2026, 3, 28), utc(2026, 3, 30), department) == timedelta()
    assert business_between(utc(2026, 10, 24), utc(2026, 10, 26), department) == HOUR
    assert next_opening(utc(2026, 10, 25, 0, 30), department) == utc(2026, 10, 25, 1)


def test_an_opening_that_the_clocks_skip_is_when_they_have_changed():
    assert next_opening(utc(2026, 3, 28, 12), a_department("Sun 02:30-08:00")) == utc(2026, 3, 29, 1)


def test_any_zone_may_be_handed_in_and_utc_comes_back():
    start = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    for found in (add_business(start, HOUR, a_department()), next_opening(start, a_department())):
        assert found.tzinfo is UTC
    assert next_opening(start, a_department("24/7")).tzinfo is UTC


def test_a_calendar_of_nothing_but_days_off_counts_by_the_plain_clock():
    never = a_department(holidays=[date(2026, 1, 1) + n * DAY for n in range(900)])
    start = utc(2026, 11, 21, 3)
    assert next_opening(start, never) == start
    assert add_business(start, 4 * HOUR, never) == start + 4 * HOUR
    assert business_between(start, start + 90 * DAY, never) == timedelta()


def test_a_long_hole_in_the_calendar_counts_from_the_last_working_moment():
    holed = a_department(holidays=[date(2026, 11, 21) + n * DAY for n in range(900)])
    assert add_business(utc(2026, 11, 20, 15), 4 * HOUR, holed) == utc(2026, 11, 20, 19)


@given(departments, moments, spans)
def test_what_is_added_lies_between(department, start, span):
    assert business_between(start, add_business(start, span, department), department) == span


@given(departments, moments, spans, spans)
def test_more_work_ends_later_and_work_begun_later_ends_no_earlier(department, start, span, more):
    end = add_business(start, span, department)
    assert end >= next_opening(start, department) + span
    assert add_business(start, span + more, department) >= end
    assert add_business(start + more, span, department) >= end


@given(departments, moments, spans, spans)
def test_work_can_be_counted_in_parts(department, start, span, more):
    assert add_business(add_business(start, span, department), more, department) == next_opening_if_done(
        add_business(start, span + more, department), more, department
    )


def next_opening_if_done(end, more, department):
    """Nothing more to do at closing time is due then; counted anew it is due when work begins again."""
    return end if more else next_opening(end, department)


@given(departments, moments, spans.filter(bool))
def test_work_ends_inside_the_opening_hours_and_on_no_day_off(department, start, span):
    end = add_business(start, span, department)
    assert reads_open(end - timedelta(microseconds=1), department)


@given(departments, moments)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(department, start):
    opening = next_opening(start, department)
    assert reads_open(opening, department)
    assert (opening == start) == reads_open(start, department)
    assert business_between(start, opening, department) == timedelta()


@given(departments, moments, st.integers(0, 2 * 24 * 4))
def test_counting_agrees_with_looking_at_the_clock_every_quarter(department, start, quarters):
    start = start.replace(minute=0, second=0, microsecond=0)
    quarter = 15 * MINUTE
    looked = sum((quarter for n in range(quarters) if reads_open(start + n * quarter, department)), timedelta())
    assert business_between(start, start + quarters * quarter, department) == looked
    assert business_between(start + MINUTE, start, department) == timedelta()
