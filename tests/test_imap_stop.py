"""A stop waits a moment for a mailbox's server and no longer, and no mail is to blame for that."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from certificates import certificate
from daemon import until
from fakes.imapdialogue import DROP, LINE, SILENCE
from fakes.imapserver import ScriptedImap
from fakes.tokenserver import CLIENT, TokenServer
from mailboxes import QUICK, Hurry, Reading, letter, told

from mailticket.intake.mailbox import Mailbox
from mailticket.settings import OAuth2
from mailticket.tokens import Tokens

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


class Slow(TokenServer):
    """It answers when it may."""

    def __init__(self, **fields):
        super().__init__(**fields)
        self.reached, self.may = threading.Event(), threading.Event()

    def answer(self, path, form):
        self.reached.set()
        self.may.wait(5)
        return super().answer(path, form)


def log_in_by_token(reading: Reading, url: str, file: Path | None, ca: Path | None = None) -> None:
    """It begins to read with a refresh token, which is in that file."""
    oauth2 = OAuth2(url, CLIENT, refresh_token="refresh-0-abcdefghijkl", refresh_file=file, ca=ca)
    reading.tokens = Tokens(oauth2, "imap.main", time.monotonic, 5.0)
    reading.start(password="", oauth2=oauth2)


def is_left_alone(reading: Reading) -> Mailbox:
    before = reading.status()
    mailbox = stop_soon(reading)
    assert mailbox.alive, "it waits as long as a token server may take"
    assert reading.status() == before
    return mailbox


def is_over(mailbox: Mailbox) -> None:
    until(lambda: not mailbox.alive, 5, pause=0.01)
    mailbox.stop(0)


@pytest.mark.parametrize("answers", [(), ((503, b""),)])
def test_a_stop_does_not_wait_for_a_token_that_leaves_nothing_to_store(reading, caplog, answers):
    with Slow() as tokens:
        tokens.say("token", *answers)
        log_in_by_token(reading, tokens.url(), None)
        assert tokens.reached.wait(5)
        mailbox = is_left_alone(reading)
        tokens.may.set()
        is_over(mailbox)
    assert told(caplog) == []


def test_a_stop_does_not_wait_for_a_token_server_that_was_not_asked_yet_and_it_is_not_asked(reading, caplog):
    """Or a strict one gives a refresh token that nobody stores, and takes the old one no more."""
    made, context = certificate(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        log_in_by_token(reading, url, reading.folder / "main.token", made.ca)
        client, _ = mute.accept()
        client.settimeout(5)
        mailbox = is_left_alone(reading)
        with context.wrap_socket(client, server_side=True) as late:
            assert late.recv(1) == b""
        is_over(mailbox)
    assert told(caplog) == []


def test_a_stop_waits_for_a_refresh_token_that_is_asked_for_and_it_is_stored(reading):
    with Slow(rotate=True) as tokens:
        file = reading.folder / "main.token"
        log_in_by_token(reading, tokens.url(), file)
        assert tokens.reached.wait(5)
        mailbox, reading.mailbox = reading.mailbox, None
        stop = threading.Thread(target=mailbox.stop, args=(time.monotonic() + 10,))
        stop.start()
        stop.join(10 * BRIEF.farewell)
        assert stop.is_alive()
        tokens.may.set()
        stop.join(10)
    assert not mailbox.alive
    assert file.read_text() == "refresh-1-abcdefghijkl\n"


def test_no_try_is_counted_for_a_mail_whose_fetching_a_stop_ends(server, reading):
    server.arrive(letter(1))
    for step in (DROP, DROP, SILENCE):
        server.say(BODIES, step)
    reading.clock, reading.limits = Hurry(), replace(BRIEF, idle=Hurry.limits.idle)
    reading.start()
    until(lambda: said(server, "UID FETCH 1 (BODY.PEEK[]") == 3, 10, lambda: f"{server.commands}", pause=0.01)
    before = reading.db.execute("SELECT tries, state FROM folder_mail").fetchall()
    assert before == [(1, "failing")]
    stop_soon(reading)
    assert reading.db.execute("SELECT tries, state FROM folder_mail").fetchall() == before
