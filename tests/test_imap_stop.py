"""A stop waits a moment for a mailbox's server and no longer, and no mail is to blame for that."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from daemon import until
from fakes.imapdialogue import DROP, LINE, SILENCE
from fakes.imapserver import ScriptedImap
from mailboxes import QUICK, Hurry, Reading, letter, told

from mailticket.intake.mailbox import Mailbox

BODIES = r"UID FETCH \S+ \(BODY\.PEEK\[\]"
BRIEF = replace(QUICK, farewell=0.05)
SOON = 2.0  # seconds: far less than a server has for its answers


@pytest.fixture
def reading(server, tmp_path):
    reading = Reading(tmp_path, server.port, limits=BRIEF)
    yield reading
    reading.stop()
    reading.db.close()


def said(server: ScriptedImap, command: str) -> int:
    return len([one for one in server.commands if one.startswith(command)])


def stop_soon(reading: Reading) -> Mailbox:
    mailbox, reading.mailbox = reading.mailbox, None
    began = time.monotonic()
    mailbox.stop(began + 10)
    assert time.monotonic() - began < SOON
    return mailbox


SILENT = {
    "greeting": (SILENCE,),
    "AUTHENTICATE": (SILENCE,),
    "SELECT": (SILENCE,),
    "IDLE": (b"+ idling\r\n", LINE, SILENCE),
}


@pytest.mark.parametrize("at", SILENT)
def test_a_stop_does_not_wait_for_a_server_that_says_nothing_more(server, reading, caplog, at):
    server.say(at, *SILENT[at], always=True)
    reading.start()
    until(lambda: server.connections and (at == "greeting" or said(server, at)), 5, pause=0.01)
    before = reading.status()
    assert not stop_soon(reading).alive
    assert reading.status() == before, "it is not said to be down"
    assert told(caplog) == []


def test_a_stop_does_not_wait_for_a_server_that_takes_no_connection(reading, caplog):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, contextlib.ExitStack() as clients:
        port = deaf.getsockname()[1]
        clients.enter_context(socket.create_connection(deaf.getsockname()))  # one more waits in vain
        reading.limits = replace(BRIEF, connect=0.5)
        reading.start(port=port)
        until(lambda: f":{port:04X} 02" in Path("/proc/net/tcp").read_text("ascii"), 5, pause=0.01)
        mailbox = stop_soon(reading)
        assert mailbox.alive, "it looks for its server as long as the system lets it"
        until(lambda: not mailbox.alive, 5, pause=0.01)
        mailbox.stop(0)
    assert (reading.status()["state"], reading.status()["last_error"]) == ("connecting", None)
    assert told(caplog) == []


def test_no_try_is_counted_for_a_mail_whose_fetching_a_stop_ends(server, reading):
    server.arrive(letter(1))
    for step in (DROP, DROP, SILENCE):
        server.say(BODIES, step)
    reading.clock = Hurry()
    reading.start()
    until(lambda: said(server, "UID FETCH 1 (BODY.PEEK[]") == 3, 10, lambda: f"{server.commands}", pause=0.01)
    before = reading.db.execute("SELECT tries, state FROM folder_mail").fetchall()
    assert before == [(1, "failing")]
    stop_soon(reading)
    assert reading.db.execute("SELECT tries, state FROM folder_mail").fetchall() == before
