"""Where a server has trouble with all of its mails no mail is to blame; and none is passed by before it is noted."""

from __future__ import annotations

import pytest
from daemon import until
from fakes.imapdialogue import DROP, OK
from mailboxes import SEEN, Reading, letter

BODIES = r"UID FETCH \S+ \(BODY\.PEEK\[\]"


@pytest.fixture
def reading(server, tmp_path):
    reading = Reading(tmp_path, server.port)
    yield reading
    reading.stop()
    reading.db.close()


def test_a_server_whose_mails_cannot_be_fetched_for_a_while_gives_up_none(server, reading):
    for number in range(20):
        server.arrive(letter(number))
    server.say(BODIES, b"{tag} NO [UNAVAILABLE] the store is away\r\n", always=True)
    reading.start()
    reading.is_in("down", error="none of 20 mails can be fetched")
    until(lambda: len([c for c in server.commands if "BODY.PEEK[]" in c]) > 60, 20)
    assert reading.mails() == [], "no try is counted"
    server.unsay()
    reading.has(20)


def test_a_server_that_ends_each_connection_at_a_fetch_gives_up_none(server, reading):
    for number in range(5):
        server.arrive(letter(number))
    server.say(BODIES, DROP, always=True)
    reading.start()
    reading.is_in("down", error="ended the connection")
    until(lambda: server.connections > 15, 20)
    assert {state for _, state in reading.mails()} <= {"failing"}
    assert all(tries == 1 for (tries,) in reading.db.execute("SELECT tries FROM folder_mail"))
    server.unsay()
    reading.has(5)


def test_a_stop_between_a_commit_and_the_next_mail_leaves_none_behind(server, reading):
    for number in range(3):
        server.arrive(letter(number))
    first_and_last = b"".join(server.inbox.fetched(uid, "BODY.PEEK[]") for uid in (1, 3))
    server.say(BODIES, first_and_last + OK)
    reading.rung = lambda: reading.mailbox and reading.mailbox.tell_to_stop()
    reading.start(after=SEEN)
    until(lambda: not reading.mailbox.alive, 10)
    assert reading.stored() == 2
    reading.rung = lambda: None
    reading.stop()
    reading.start()
    reading.has(3)


def test_idle_that_is_refused_once_is_tried_again_on_the_next_connection(server, reading):
    server.say("IDLE", b"{tag} NO [INUSE] try later\r\n")
    reading.start()
    reading.is_in("polling")
    reading.stop()
    reading.start()
    reading.is_in("watching")
