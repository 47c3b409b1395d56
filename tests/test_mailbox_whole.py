"""A mailbox's own thread, a server that refuses it and takes it again, the jobs and the worker: what managers hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fakes.imapserver import ScriptedImap
from letters import body
from mailboxes import SEEN, Reading
from watched import HOUR, MINUTE, House

WORDS = "Authentication failed"


@pytest.fixture
def server():
    with ScriptedImap() as imap:
        yield imap


@pytest.fixture
def house(server, tmp_path):
    """Its clock stands still until it is turned; the thread goes by the same."""
    now = [datetime(2026, 11, 26, 8, tzinfo=UTC)]
    reading = Reading(tmp_path, server.port, clock=lambda: now[0])
    reading.box = replace(reading.box, password=server.password, after=SEEN, self_probe=HOUR)
    made = House(reading.db)
    made.reading, made.clock = reading, now
    made.now = now[0]
    made.restart(reading.box)
    yield made
    reading.stop()
    reading.db.close()


def turn(house, time):
    house.now += time
    house.clock[0] = house.now
    house.jobs()


def test_a_login_that_is_refused_is_told_in_the_servers_words_and_so_is_that_it_is_over(server, house):
    right, server.password = server.password, "changed by somebody"
    house.reading.start()
    house.reading.is_in("down", error=WORDS)
    turn(house, 15 * MINUTE)
    assert house.mails() == []
    turn(house, MINUTE)
    assert house.subjects == ["Mailbox main cannot be read"]
    assert WORDS in " ".join(body(house.raw(), "plain").split())
    server.password = right
    house.reading.is_in("watching")
    turn(house, MINUTE)
    assert house.subjects == ["Mailbox main cannot be read", "Mailbox main reads again"]


def test_a_mail_to_ourselves_that_lies_in_the_mailbox_is_back_and_no_ticket(server, house):
    house.reading.start()
    house.reading.is_in("watching")
    turn(house, MINUTE)
    house.hand_over()
    server.arrive(house.raw("probe"))
    house.reading.has(1)
    assert house.reading.tickets() == 0
    turn(house, 11 * MINUTE)
    assert house.mails() == []
    (row,) = house.reading.rows()
    assert (row["state"], row["kind"], row["via"]) == ("done", "own", "imap")
