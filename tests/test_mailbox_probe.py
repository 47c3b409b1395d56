"""The mail that the desk sends to itself: it comes back and nothing follows from it, or the managers hear of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from letters import read
from watched import BACK, DAY, DOWN, HOUR, LOST, MAIN, MINUTE, PROBING, House

from mailticket import jobs
from mailticket.core.policy import Trust
from mailticket.store.db import open_or_create

OURS = {"state": "done", "kind": "own", "reason": "a mail that we sent to ourselves came back", "ticket": None}


@pytest.fixture
def house(tmp_path):
    """One that has sent its first mail to itself just now."""
    with open_or_create(tmp_path / "desk.db") as db:
        made = House(db, PROBING)
        made.passes(MINUTE, "watching")
        made.hand_over()
        yield made


def nothing_followed(house):
    counts = [house.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("ticket", "answer")]
    return counts == [0, 0] and house.mails() == []


# --- the way round -------------------------------------------------------------------------------------------


def test_a_mail_to_ourselves_is_ours_by_its_signed_id_and_machines_are_told_so(house):
    mail = read(house.raw("probe"))
    assert (mail["From"], mail["To"]) == ("Acme <support@acme.example>", "Acme Support <support@acme.example>")
    assert mail["References"] == mail["Message-ID"]
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("via", ["imap", "smtp", "lmtp", "ingest"])
def test_it_comes_back_by_any_way_and_nothing_follows_from_it(house, via):
    assert house.comes_back(via=via) == OURS
    house.passes(59 * MINUTE, "watching")
    assert nothing_followed(house)
    assert house.probes == 1


def test_one_goes_out_every_so_often_for_as_long_as_they_come_back(house):
    for number in range(1, 6):
        assert house.probes == number
        house.hand_over()
        house.comes_back()
        house.passes(HOUR, "watching")
    assert nothing_followed(house)


def test_it_goes_to_the_first_address_of_the_mailboxs_own_department(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        house = House(db, replace(PROBING, department="Sales"))
        sales = replace(house.policy.departments[0], name="Sales", addresses=("sales@acme.example", "s@acme.example"))
        house.policy = replace(house.policy, departments=(*house.policy.departments, sales))
        house.restart(replace(PROBING, department="Sales"))
        house.passes(MINUTE, "watching")
        assert house.mails("probe") == [("sales@acme.example", "Is mailbox main read?")]


def test_none_goes_out_where_nobody_wants_them_or_would_hear_them(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        house = House(db, MAIN)
        house.passes(2 * HOUR, "watching")
        house.restart(PROBING)
        house.passes(2 * HOUR, "down")
        assert house.probes == 0
        assert house.subjects == ["Mailbox main cannot be read"]
        house.passes(MINUTE, "watching")
        assert house.probes == 1


def test_none_goes_out_while_the_mailboxs_thread_says_nothing(house):
    house.comes_back()
    house.passes(3 * HOUR)
    assert (house.subjects, house.probes) == ([DOWN], 1)


@pytest.mark.parametrize("marks", [b"X-Spam-Flag: YES\r\n", b"List-Id: <all.acme.example>\r\n"])
def test_what_relays_say_of_it_changes_nothing(house, marks):
    house.policy = replace(house.policy, trust=Trust(authserv_ids=("mx.acme.example",)))
    house.restart(PROBING)
    assert house.receive(marks + house.raw("probe"), via="lmtp") == OURS
    assert nothing_followed(house)


def test_a_relay_that_writes_ids_of_its_own_and_takes_our_marks_off_does_not_hide_it(house):
    raw = re.sub(rb"(?m)^Message-ID: .*\r\n|^X-Mailticket-Loop: .*\r\n", b"", house.raw("probe"), count=2)
    assert house.receive(b"Message-ID: <1@relay.example>\r\n" + raw) == OURS
    assert nothing_followed(house)


def test_one_that_comes_twice_is_one(house):
    house.comes_back()
    assert house.comes_back()["state"] == "done"
    again = house.receive(b"Received: from elsewhere\r\n" + house.raw("probe"), via="smtp")
    assert (again["state"], again["kind"], again["reason"]) == ("done", "own", "duplicate of 1")
    house.passes(30 * MINUTE, "watching")
    assert nothing_followed(house)


def test_one_that_comes_late_says_nothing_of_the_next(house):
    first = house.raw("probe")
    house.passes(HOUR, "watching")
    house.hand_over()
    assert (house.subjects, house.probes) == ([LOST], 2)
    assert house.receive(first) == OURS
    house.passes(MINUTE, "watching")
    assert house.subjects == [LOST]
    house.comes_back()
    house.passes(MINUTE, "watching")
    assert house.subjects == [LOST, BACK]


# --- whatever only looks like it ------------------------------------------------------------------------------


def test_a_forged_one_is_a_mail_like_any_other_and_says_nothing(house):
    forged = re.sub(rb"<([a-z2-7]{13})\.[a-z2-7]{16}@", rb"<\1.aaaaaaaaaaaaaaaa@", house.raw("probe"))
    forged = re.sub(rb"(?m)^X-Mailticket-Loop: .*\r\n", b"", forged)
    row = house.receive(forged)
    assert (row["state"], row["kind"]) == ("quarantined", "automatic")
    assert "own addresses" in row["reason"]
    house.passes(11 * MINUTE, "watching")
    assert house.subjects[-1:] == [LOST]


def test_what_an_outsider_writes_with_its_id_is_a_request_of_theirs(house):
    name = read(house.raw("probe"))["Message-ID"].encode()
    words = b"From: eve@elsewhere.example\r\nTo: support@acme.example\r\nMessage-ID: <9@elsewhere.example>\r\n"
    row = house.receive(words + b"References: %b\r\nSubject: Hello\r\n\r\nWho are you?\r\n" % name)
    assert (row["kind"], row["ticket"]) == ("person", 1)
    house.passes(11 * MINUTE, "watching")
    assert LOST in house.subjects


def test_what_is_written_under_our_address_to_its_reply_address_is_not_what_was_sent(house):
    to = read(house.raw("probe"))["Reply-To"].partition("<")[2].strip(">")
    head = b"From: support@acme.example\r\nTo: %b\r\nMessage-ID: <9@acme.example>\r\n" % to.encode()
    row = house.receive(head + b"Subject: Hello\r\n\r\nHello.\r\n", to)
    assert (row["state"], "own addresses" in row["reason"]) == ("quarantined", True)


def test_an_answer_that_a_mailbox_gives_by_itself_is_not_what_was_sent(house):
    name = read(house.raw("probe"))["Message-ID"].encode()
    head = b"From: support@acme.example\r\nTo: support@acme.example\r\nMessage-ID: <9@acme.example>\r\n"
    row = house.receive(head + b"In-Reply-To: %b\r\nReferences: %b\r\nSubject: Away\r\n\r\nAway.\r\n" % (name, name))
    assert row["state"] == "quarantined"
    house.passes(11 * MINUTE, "watching")
    assert LOST in house.subjects


# --- afterwards ----------------------------------------------------------------------------------------------


def test_they_are_purged_with_the_other_mail_and_the_next_goes_its_way(house):
    house.policy = replace(house.policy, keep_raw=timedelta(days=30))
    house.restart(PROBING)
    for _ in range(3):
        house.comes_back()
        house.passes(HOUR, "watching")
        house.hand_over()
    house.comes_back()
    house.now += 40 * DAY
    house.restart(PROBING)
    assert jobs.forget(house.desk, house.now) == 6  # the newest row of a queue stays
    house.passes(MINUTE, "watching")
    house.hand_over()
    house.comes_back()
    house.passes(15 * MINUTE, "watching")
    assert nothing_followed(house)


def test_the_job_runs_with_the_others(house):
    assert {"watch the mailboxes", "tell of mails that were given up", "send mails to ourselves"} <= {
        job.name for job in jobs.JOBS
    }
