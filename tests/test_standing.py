"""Where an address stands after what came back from it, and whether automatic mail goes there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from stored import MARIA, NOW

from mailticket.core.plan import Mark, Plan
from mailticket.core.standing import (
    FULL_FOR,
    SOFT_DAYS,
    SOFT_TIMES,
    SOFT_WITHIN,
    UNMARKED,
    VERDICTS,
    Standing,
    marked,
    verdict,
)
from mailticket.store import people
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create

DAY = timedelta(days=1)
SAID = [
    # row, status → mark
    ("our own address was refused", "5.1.8", ""),
    ("this mail's size", "5.3.4", ""),
    ("this mail's size", "5.2.3", ""),
    ("this mail's content", "5.6.1", ""),
    ("the mailbox is full", "5.2.2", "full"),
    ("the mailbox is full", "4.2.2", "full"),
    ("no such address", "5.1.1", "bounced"),
    ("no such address", "5.1.10", "bounced"),
    ("no such domain, or nothing that takes its mail", "5.4.4", "bounced"),
    ("the mailbox takes none", "5.2.1", "bounced"),
    ("for good, and nobody says why", "5.0.0", "bounced"),
    ("rules, loops and trouble of servers, which may pass", "5.7.1", "soft"),
    ("rules, loops and trouble of servers, which may pass", "4.4.7", "soft"),
]


@pytest.mark.parametrize(("row", "status", "mark"), SAID)
def test_each_status_says_what_is_to_be_thought_of_the_address(row, status, mark):
    assert next(one.name for one in VERDICTS if one.status.fullmatch(status)) == row
    assert verdict(status) == mark


def test_every_row_is_shown():
    assert [one.name for one in VERDICTS] == list(dict.fromkeys(row for row, _, _ in SAID))


@pytest.mark.parametrize("status", ["", "2.0.0", "no"])
def test_what_is_no_failure_marks_nobody(status):
    assert verdict(status) == ""


def soft(*moments: datetime) -> Standing:
    standing = UNMARKED
    for moment in moments:
        standing = marked(standing, "soft", "4.4.1", moment)
    return standing


def test_an_address_that_is_unknown_is_silent_until_it_is_taken_away():
    standing = marked(UNMARKED, "bounced", "5.1.1", NOW)
    assert standing.silent(NOW + 1000 * DAY) == "bounced"
    assert marked(standing, "bounced", "", NOW) == UNMARKED


def test_a_full_mailbox_is_silent_for_a_week_after_the_last_report():
    standing = marked(marked(UNMARKED, "full", "5.2.2", NOW), "full", "5.2.2", NOW + DAY)
    assert standing.silent(NOW + FULL_FOR) == "mailbox full"
    assert standing.silent(NOW + DAY + FULL_FOR) == ""


def test_five_failures_for_now_on_three_days_are_one_for_good():
    five = [NOW, NOW, NOW + DAY, NOW + DAY, NOW + 2 * DAY]
    assert (SOFT_TIMES, SOFT_DAYS) == (5, 3)
    assert soft(*five[:4]).silent(NOW + 2 * DAY) == ""
    assert soft(*five).silent(NOW + 2 * DAY) == "bounced"
    assert soft(*five).soft_since == NOW


def test_many_failures_of_one_bad_day_are_none_for_good():
    assert soft(*[NOW] * 20).silent(NOW) == ""


def test_failures_far_apart_are_counted_anew():
    later = NOW + SOFT_WITHIN + DAY
    assert soft(*[NOW] * 4, later) == soft(later)


def test_marks_are_stored_with_the_person_and_taken_away_together(tmp_path):
    def mark(kind, detail="", at=NOW):
        with db.write():
            apply(db, Plan(marks=(Mark(kind, MARIA.address, detail),)), at)
        return people.find(db, MARIA.address)

    with open_or_create(tmp_path / "desk.db") as db:
        assert mark("soft", "4.4.1").standing == soft(NOW)
        both = mark("full", "4.2.2", NOW + DAY)
        assert (both.standing.full_at, both.standing.soft) == (NOW + DAY, 1)
        assert mark("bounced", "5.1.1").standing.bounced == "5.1.1"
        assert mark("unsure", "5.1.1").unsure_at == NOW
        cleared = mark("bounced")
        assert cleared.standing == UNMARKED
        assert cleared.unsure_at == NOW
