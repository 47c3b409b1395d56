"""The managers hear of a mailbox that cannot be read: once, and once when it can."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import Tags, body
from watched import (
    AGAIN,
    CARLA,
    DANA,
    DAY,
    DOWN,
    HOUR,
    MAIN,
    MINUTE,
    SECOND,
    START,
    House,
    folder,
    given_up,
    said,
    stored,
)  # fmt: skip

from mailticket.core.fingerprint import Print
from mailticket.store import mailbox_alarms, mailboxes
from mailticket.store.db import at, open_or_create


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened:
        yield opened


@pytest.fixture
def house(db):
    made = House(db, MAIN)
    made.passes(MINUTE, "watching")
    return made


def text(house, number=-1):
    return " ".join(body(house.raw(number=number), "plain").split())


# --- one when it is down, one when it is back ----------------------------------------------------------------


def test_a_mailbox_that_is_read_troubles_nobody(house):
    house.passes(3 * HOUR, "watching")
    assert house.mails() == []


def test_managers_get_one_mail_after_a_quarter_of_an_hour_and_none_after_that(house):
    house.passes(15 * MINUTE, "down", "the server does not answer")
    assert house.mails() == []
    house.passes(MINUTE, "down", "the server does not answer")
    assert house.mails() == [(CARLA.address, DOWN)]
    house.passes(6 * HOUR, "down", "login refused")
    assert house.mails() == [(CARLA.address, DOWN)]


def test_one_mail_when_it_is_back_says_how_long_it_could_not_be_read(house):
    house.passes(2 * HOUR, "down", "no route to host")
    house.passes(HOUR, "polling")
    assert house.subjects == [DOWN, AGAIN]
    said_ = text(house)
    assert "It could not be read for 2 hours 1 minute, since Monday 23 November 2026, 09:01 CET." in said_
    assert "Mail that waited there is taken in now" in said_


def test_the_next_trouble_after_that_is_told_again(house):
    for _ in range(2):
        house.passes(HOUR, "down")
        house.passes(HOUR, "watching")
    assert house.subjects == [DOWN, AGAIN] * 2


def test_trouble_that_is_over_before_the_time_is_told_to_nobody(house):
    for _ in range(5):
        house.passes(10 * MINUTE, "down", "BYE")
        house.passes(MINUTE, "watching")
    assert house.mails() == []


def test_every_manager_gets_a_mail_of_their_own(db):
    house = House(db, MAIN, managers=(CARLA, DANA))
    house.passes(HOUR, "down")
    house.passes(MINUTE, "watching")
    assert house.mails() == [(who.address, subject) for subject in (DOWN, AGAIN) for who in (CARLA, DANA)]


def test_each_mailbox_is_told_of_by_itself(db):
    house = House(db, MAIN, replace(MAIN, name="sales", alarm_after=40 * MINUTE))
    house.passes(30 * MINUTE, "watching")
    assert house.mails() == []
    house.passes(15 * MINUTE, "watching")
    assert house.subjects == ["Mailbox sales cannot be read"]


def test_a_mailbox_that_is_looked_at_every_hour_is_not_missed_in_between(db):
    house = House(db, replace(MAIN, poll=HOUR))
    for _ in range(5):
        said(db, "main", "polling", house.now)
        house.passes(HOUR)
    assert house.mails() == []
    house.passes(5 * MINUTE)
    assert house.subjects == [DOWN]


def test_a_mailbox_with_so_much_mail_that_reading_all_of_it_takes_hours_is_read_all_the_while(db):
    house = House(db, MAIN)
    for uid in range(1, 20):
        stored(db, uid, house.now)
        house.passes(10 * MINUTE, "connecting")
    assert house.mails() == []
    house.passes(10 * MINUTE, "connecting")
    assert house.subjects == [DOWN]
    stored(db, 20, house.now)
    house.passes(MINUTE, "connecting")
    assert house.subjects == [DOWN, AGAIN]


# --- restarts and changes of the config ----------------------------------------------------------------------


def test_a_daemon_that_was_off_for_a_weekend_gives_the_mailbox_its_time_first(house):
    house.now += 3 * DAY
    house.restart(MAIN)
    house.passes(15 * MINUTE, "connecting")
    assert house.mails() == []
    house.passes(MINUTE, "connecting")
    assert house.subjects == [DOWN]
    assert "main has not been readable since Thursday 26 November 2026, 09:01 CET" in text(house)
    assert "Last read Monday 23 November 2026, 09:01 CET" in text(house)


def test_a_restart_tells_nobody_anything_twice(house):
    house.passes(HOUR, "down")
    for _ in range(3):
        house.restart(MAIN)
        house.passes(HOUR, "down")
    assert house.subjects == [DOWN]
    house.restart(MAIN)
    house.passes(MINUTE, "watching")
    house.restart(MAIN)
    house.passes(HOUR, "watching")
    assert house.subjects == [DOWN, AGAIN]


def test_a_mailbox_that_was_never_read_and_whose_thread_says_nothing_is_told_of(db):
    house = House(db, MAIN)
    house.passes(16 * MINUTE)
    assert house.subjects == [DOWN]
    assert "Last read never" in text(house)
    house.passes(MINUTE, "watching")
    assert house.subjects == [DOWN, AGAIN]


def test_a_mailbox_that_is_taken_out_of_the_config_ends_silently_and_begins_anew(house):
    house.passes(HOUR, "down")
    house.restart()
    house.passes(HOUR, "down")
    assert house.subjects == [DOWN]
    assert mailbox_alarms.standing(house.db, "main").alarmed_at is None
    house.restart(MAIN)
    house.passes(MINUTE, "watching")
    assert house.subjects == [DOWN]


# --- what the mails say --------------------------------------------------------------------------------------


def test_the_mail_says_which_mailbox_since_when_and_why_on_one_line_without_links(db):
    house = House(db, replace(MAIN, folder="Support/2026"))
    error = "NO [AUTHENTICATIONFAILED]\r\n\r\nsee https://evil.example/login " + "x" * 1000
    house.passes(16 * MINUTE, "down", error)
    for kind in ("plain", "html"):
        told = body(house.raw(), kind)
        for fact in ("main", "support", "imap.acme.example", "Support/2026", "mailticket status"):
            assert fact in told
        assert "NO [AUTHENTICATIONFAILED] see evil . example/login" in " ".join(told.split())
        assert "x" * 500 not in told
    assert Tags(body(house.raw(), "html")).outside == []


def test_the_admin_reads_of_it_in_the_log_though_no_mail_can_go_out(house, caplog):
    house.passes(HOUR, "down")
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == [
        "mailbox main: unreadable since 2026-11-23 08:01:00+00:00; the managers are told"
    ]


# --- mails that were given up --------------------------------------------------------------------------------


def test_mails_that_were_given_up_are_named_once(house):
    given_up(house.db, 11, 12, error="the server has\r\nno bytes of it: www.evil.example")
    house.passes(3 * HOUR, "watching")
    assert house.mails() == [(CARLA.address, "2 mails could not be taken out of main")]
    told = text(house)
    for said_ in (
        "Mailbox main, folder INBOX, UID 11 Given up Monday 23 November 2026, 09:00 CET",
        "Why the server has no bytes of it: www . evil . example",
        "UID 12", "They are still in the mailbox", "mailticket imap retry main",
    ):  # fmt: skip
        assert said_ in told


def test_fifty_are_named_and_the_others_are_counted(house):
    given_up(house.db, *range(1, 54))
    house.jobs()
    assert house.subjects == ["53 mails could not be taken out of main"]
    assert "And 3 other mails." in text(house)
    assert text(house).count("UID") == 50


def test_one_that_is_given_up_after_another_is_told_of_within_the_hour(house):
    given_up(house.db, 1)
    house.jobs()
    given_up(house.db, 2, 3)
    house.passes(59 * MINUTE, "watching")
    assert len(house.mails()) == 1
    house.passes(MINUTE, "watching")
    assert house.subjects[1:] == ["2 mails could not be taken out of main"]


def test_a_mail_that_is_tried_again_and_given_up_again_is_told_of_again(house):
    given_up(house.db, 1)
    given_up(house.db, 2, mailbox="sales")
    house.jobs()
    assert house.subjects == ["2 mails could not be taken out of main, sales"]
    assert mailbox_alarms.retry(house.db, MAIN) == 1
    assert mailbox_alarms.retry(house.db, MAIN) == 0
    rows = house.db.execute("SELECT uid, state, tries, told_at FROM folder_mail ORDER BY uid").fetchall()
    assert [tuple(row) for row in rows] == [(1, "failing", 0, None), (2, "given up", 1, at(house.now))]
    mailboxes.failed(house.db, folder(house.db, "main"), 1, Print("main 1"), "no bytes", 1, house.now)
    house.passes(HOUR + SECOND, "watching")
    assert house.subjects[1:] == ["1 mail could not be taken out of main"]
    assert house.now > START


def test_a_mail_of_a_folder_that_was_counted_anew_since_is_not_there_to_be_tried_again(house):
    given_up(house.db, 1)
    mailboxes.renumber(house.db, folder(house.db, "main"), 8, 1)
    assert mailbox_alarms.retry(house.db, MAIN) == 0
