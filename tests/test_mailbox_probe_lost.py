"""A mail that the desk sent to itself and that does not come back: the managers hear of it, and when one does."""

from __future__ import annotations

import pytest
from letters import body, read
from watched import AGAIN, BACK, CARLA, DAY, DOWN, HOUR, LOST, MAIN, MINUTE, PROBING, UNSENT, House

from mailticket.core.failures import LAST_WORD
from mailticket.core.retry import Reply
from mailticket.deliver.queue import Outcome
from mailticket.deliver.settling import StoredOutbox
from mailticket.store import mailbox_alarms
from mailticket.store.db import open_or_create


@pytest.fixture
def house(tmp_path):
    """One that has sent its first mail to itself just now."""
    with open_or_create(tmp_path / "desk.db") as db:
        made = House(db, PROBING)
        made.passes(MINUTE, "watching")
        made.hand_over()
        yield made


def test_one_that_is_not_back_in_ten_minutes_is_told_of_once_and_once_when_one_is_back(house):
    house.passes(10 * MINUTE, "watching")
    assert house.mails() == []
    house.passes(MINUTE, "watching")
    assert house.mails() == [(CARLA.address, LOST)]
    told = " ".join(body(house.raw(), "plain").split())
    assert "A mail that the desk sent to itself on Monday 23 November 2026, 09:01 CET to try mailbox main" in told
    for number in (2, 3):
        house.passes(HOUR, "watching")
        assert (house.subjects, house.probes) == ([LOST], number)
        house.hand_over()
    house.restart(PROBING)
    house.comes_back()
    house.passes(2 * MINUTE, "watching")
    assert house.subjects == [LOST, BACK]
    assert "That had not been so for 2 hours 11 minutes" in " ".join(body(house.raw(), "plain").split())


def test_a_daemon_that_was_off_gives_it_its_time_first(house):
    house.now += 3 * DAY
    house.restart(PROBING)
    house.passes(10 * MINUTE, "watching")
    assert (house.mails(), house.probes) == ([], 1)
    house.passes(MINUTE, "watching")
    assert (house.subjects, house.probes) == ([LOST], 2)


def test_one_that_the_mail_server_does_not_take_is_told_of_as_such_and_is_the_only_one(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        house = House(db, PROBING)
        house.passes(MINUTE, "watching")
        house.hand_over(state="queued", reply="451 try again later")
        house.passes(5 * HOUR, "watching")
        assert (house.subjects, house.probes) == ([UNSENT], 1)
        assert "451 try again later" in " ".join(body(house.raw(), "plain").split())
        house.hand_over()
        house.passes(MINUTE, "watching")
        assert house.subjects == [UNSENT]
        house.comes_back()
        house.passes(MINUTE, "watching")
        assert house.subjects == [UNSENT, BACK]


def test_one_that_is_refused_is_told_of_at_once_and_by_that_mail_alone(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        house = House(db, PROBING)
        house.passes(MINUTE, "watching")
        out = StoredOutbox(house.desk)
        (one,) = out.claim(9)
        out.settle([_refused(one)])
        assert house.mails() == []
        house.passes(MINUTE, "watching")
        assert house.subjects == [UNSENT]
        assert "550 5.1.1 unknown here" in " ".join(body(house.raw(), "plain").split())


def _refused(one):
    return Outcome(one.id, tuple(Reply(address, "refused", "550 5.1.1 unknown here") for address in one.recipients), "")


@pytest.mark.parametrize("system", ["mailer-daemon@mx.example", "support@acme.example"])
def test_one_that_is_returned_troubles_nobody_but_by_that_alarm(house, system):
    mail = read(house.raw("probe"))
    report = (
        f"From: {system}\r\nReferences: {mail['Message-ID']}\r\nTo: support@acme.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <r@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nSorry.\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; support@acme.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 nobody of that name\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {mail['Message-ID']}\r\n\r\n\r\n--b--\r\n"
    )
    row = house.receive(report.encode(), envelope_from="")
    assert (row["state"], row["kind"], row["ticket"]) == ("done", "bounce", None)
    assert house.mails() == []
    house.passes(MINUTE, "watching")
    assert house.subjects == [UNSENT]
    templates = {row[0] for row in house.db.execute("SELECT template FROM outbox").fetchall()}
    assert LAST_WORD not in templates


def test_a_mailbox_that_cannot_be_read_is_one_alarm_and_its_mail_to_ourselves_no_second(house):
    house.passes(5 * MINUTE, "watching")
    house.passes(5 * HOUR, "down")
    assert house.subjects in ([LOST], ["Mailbox main cannot be read"])
    house.passes(MINUTE, "watching")
    house.hand_over()
    house.comes_back()
    house.passes(3 * MINUTE, "watching")
    assert len(house.mails()) == 2


def test_whoever_switches_them_off_hears_no_more_of_them(house):
    house.passes(20 * MINUTE, "watching")
    house.restart(MAIN)
    house.passes(HOUR, "watching")
    assert house.subjects == [LOST]
    assert mailbox_alarms.standing(house.db, "main").alarmed_at is None


def test_the_ten_minutes_begin_when_the_mail_server_has_taken_it(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        house = House(db, PROBING)
        house.passes(9 * MINUTE, "watching")
        house.hand_over()
        house.passes(10 * MINUTE, "watching")
        assert house.mails() == []
        house.passes(MINUTE, "watching")
        assert house.subjects == [LOST]


def test_that_one_came_by_another_way_says_nothing_of_a_mailbox_that_cannot_be_read(house):
    house.passes(15 * MINUTE, "watching")
    house.passes(HOUR, "down")
    house.comes_back(via="smtp")
    house.passes(10 * MINUTE, "down")
    assert house.subjects == [LOST]
    house.passes(MINUTE, "watching")
    assert house.subjects == [LOST, BACK]


def test_after_a_mailbox_could_not_be_read_the_next_one_counts_and_not_the_last(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        house = House(db, PROBING)
        house.passes(MINUTE, "watching")
        house.passes(8 * MINUTE, "down")
        house.hand_over()
        house.passes(30 * MINUTE, "down")
        house.passes(5 * MINUTE, "watching")
        assert house.subjects == [DOWN, AGAIN]
        assert house.probes == 2
