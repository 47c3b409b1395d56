"""#postpone: what time is meant, what is refused, and how a ticket wakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA
from orders import DESK, FREE, HERS, TO_ANNA, boss, change, kinds, receipt, returned, says, written
from worlds import BORIS, NOW

from mailticket.core import until
from mailticket.core.waking import woken

DEPARTMENT = replace(DESK.departments[0], holidays=frozenset({date(2026, 12, 24), date(2026, 12, 25)}))
ASLEEP = replace(HERS, status="postponed", wakes_at=datetime(2026, 12, 1, 8, tzinfo=UTC))
CLOSED = replace(HERS, status="closed")

# It is Monday 23 November 2026, 9:00 in Prague; hours are Mon-Fri 09:00-17:00.
TIMES = [
    # what is typed → when it wakes, by the clocks of Prague
    ("2d", "2026-11-25 09:00"),
    ("3h", "2026-11-23 12:00"),
    ("90 minutes", "2026-11-23 10:30"),
    ("1d 4h", "2026-11-24 13:00"),
    ("1w", "2026-11-30 09:00"),
    ("2 weeks", "2026-12-07 09:00"),
    ("200d", "2027-06-11 09:00"),  # by the wall clock, which is an hour ahead then
    ("tomorrow", "2026-11-24 09:00"),
    ("Tomorrow 7:30", "2026-11-24 07:30"),
    ("today 17.30", "2026-11-23 17:30"),
    ("tuesday 9:00", "2026-11-24 09:00"),
    ("Tue", "2026-11-24 09:00"),
    ("monday", "2026-11-30 09:00"),
    ("monday 8:00", "2026-11-30 08:00"),
    ("monday 14:00", "2026-11-23 14:00"),
    ("saturday", "2026-11-30 09:00"),  # the next opening
    ("saturday 10:00", "2026-11-28 10:00"),
    ("2026-12-01", "2026-12-01 09:00"),
    ("2026-12-1 14:00", "2026-12-01 14:00"),
    ("2026-12-24", "2026-12-28 09:00"),  # a holiday, one more, a weekend
    ("2027-03-28 02:30", "2027-03-28 03:30"),  # a time that the clocks skip
]


@pytest.mark.parametrize(("typed", "wakes"), TIMES, ids=[row[0] for row in TIMES])
def test_a_time_is_read_as_a_person_in_the_department_means_it(typed, wakes):
    when = until.read(typed)
    assert when is not None
    local = until.moment(when, NOW, DEPARTMENT).astimezone(DEPARTMENT.zone)
    assert f"{local:%Y-%m-%d %H:%M}" == wakes


@given(
    st.text(max_size=30) | st.lists(st.sampled_from(["2", "d", " ", "tue", "2026-12-01", "9:00", "99"])).map("".join)
)
def test_no_text_breaks_the_reading_of_a_time(typed):
    when = until.read(typed)
    assert when is None or until.moment(when, NOW, DEPARTMENT).tzinfo is UTC
    near = until.nearest(typed)
    assert near == "" or until.read(near) is not None


def test_a_ticket_is_postponed_and_the_receipt_says_until_when_in_the_departments_zone():
    plan = says(ANNA, "#postpone tuesday 14:00", HERS, TO_ANNA)
    at = datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert change(plan) == {"status": "postponed", "resolved_at": None, "wakes_at": at}
    assert kinds(plan) == ["status", "postponed"]
    assert receipt(plan) == ["[ACME-1] is postponed until Tuesday 24 November 2026, 14:00 CET"]
    assert plan.events[1].detail == {"until": "2026-11-24T13:00:00Z"}


def test_it_can_be_put_off_again_and_the_same_time_changes_nothing():
    plan = says(ANNA, "#postpone 2026-12-02", ASLEEP, TO_ANNA)
    assert change(plan) == {"wakes_at": datetime(2026, 12, 2, 8, tzinfo=UTC)}
    assert kinds(plan) == ["postponed"]
    plan = says(ANNA, "#postpone 2026-12-01", ASLEEP, TO_ANNA)
    assert plan.changes == ()
    assert "already" in receipt(plan)[0]


def test_an_answer_above_which_it_stands_is_sent_and_the_ticket_sleeps():
    plan = says(ANNA, "#postpone 2d\nWords", HERS, TO_ANNA)
    assert written(plan) == [("answer", "maria", "petr"), ("notice-done", "anna")]
    assert change(plan)["status"] == "postponed"


WRONG = [
    ("#postpone", HERS, "needs a time, like 2d, tomorrow", "#postpone tomorrow"),
    ("#postpone soon", HERS, "needs a time", ""),
    ("#postpone tusday 9:00", HERS, "needs a time", "#postpone tuesday 9:00"),
    ("#postpone 2d please", HERS, "needs a time", ""),
    ("#postpone 2026-02-30", HERS, "needs a time", ""),
    ("#postpone tomorrow 25:00", HERS, "needs a time", ""),
    ("#postpone 0d", HERS, "that is past: it is Monday 23 November 2026, 09:00 CET now", "#postpone tomorrow"),
    ("#postpone today 8:00", HERS, "that is past", "#postpone tomorrow"),
    ("#postpone 2026-11-22", HERS, "that is past", "#postpone tomorrow"),
    ("#postpone 1000-01-01", HERS, "that is past", "#postpone tomorrow"),
    ("#postpone 0001-01-01", HERS, "needs a time", ""),
    ("#postpone 367d", HERS, "by a year at most", "#postpone 365d"),
    ("#postpone 9999w", HERS, "by a year at most", "#postpone 365d"),
    ("#postpone" + " 9999w" * 50, HERS, "by a year at most", "#postpone 365d"),
    ("#postpone 9999-12-31", HERS, "needs a time", ""),
    ("#postpone 2999-12-31", HERS, "by a year at most", "#postpone 365d"),
    ("#postpone 2d", CLOSED, "the ticket is closed", "#reopen"),
    ("#postpone 2d", replace(HERS, status="spam"), "the ticket is spam", ""),
    ("#pospone 2d", HERS, "no such command", "#postpone"),
    ("#pending\n#postpone 2d", HERS, "#pending above says what becomes of the same thing", ""),
    ("#postpone 2d\n#postpone 3d", HERS, "#postpone 2d above says", ""),
]


@pytest.mark.parametrize(("typed", "where", "reason", "nearest"), WRONG, ids=[f"{r[0]} {r[1].status}" for r in WRONG])
def test_a_wrong_time_does_nothing_and_comes_back(typed, where, reason, nearest):
    ((line, why, near),) = returned(says(ANNA, typed, where, TO_ANNA))
    assert line == typed.split("\n")[-1]
    assert reason in why
    assert near == nearest


# --- waking --------------------------------------------------------------------------------------------------


def test_what_wakes_is_open_and_its_agent_is_told_with_the_customers_last_words():
    plan = woken(DESK, ASLEEP, "It burns.", NOW, {})
    assert change(plan) == {"status": "open", "wakes_at": None}
    assert written(plan) == [("notice-woken", "anna")]
    assert plan.letters[0].facts["text"] == "It burns."
    assert plan.events[0].detail == {"before": "postponed", "after": "open"}


def test_who_looks_after_the_ticket_of_who_is_away_hears_that_it_woke():
    plan = woken(boss(), ASLEEP, "It burns.", NOW, {ANNA.address: NOW + timedelta(days=2)})
    assert written(plan) == [("notice-woken", "anna"), ("notice-owner-away", "cyril")]
    assert [event.kind for event in plan.events] == ["status", "owner away"]
    here = woken(boss(), ASLEEP, "It burns.", NOW, {BORIS.address: NOW + timedelta(days=2)})
    assert written(here) == [("notice-woken", "anna")]


def test_of_what_is_nobodys_those_hear_to_whom_it_was_offered_or_else_the_managers():
    free = replace(FREE, status="postponed")
    assert written(woken(DESK, free, "", NOW, {})) == [("notice-woken", "anna"), ("notice-woken", "boris")]
    assert written(woken(boss(), replace(free, offered=()), "", NOW, {})) == [("notice-woken", "cyril")]


def test_what_is_not_asleep_is_not_woken():
    assert woken(DESK, HERS, "", NOW, {}) is None
