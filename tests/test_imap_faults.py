"""Whatever a mail server does wrong: it is told in one clear line without a secret, and the mailbox comes back."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from datetime import timedelta

import pytest
from daemon import until
from dovecot_imap import PASSWORD
from fakes.imapdialogue import DROP, LINE, OK, ORDINARY, SILENCE, Drip
from fakes.imapserver import FULL
from mailboxes import Reading, letter, told

from mailticket.intake.imap import Limits

IMPATIENT = Limits(connect=0.4, command=0.4, whole=0.8, idle=0.3)
PLUS = b"+ idling\r\n"
GIGABYTES = b"{5000000000}\r\n"
HUGE = b"x" * 1_200_000
ECHO = b64encode(f"\0support\0{PASSWORD}".encode())
BROKEN = {
    "garbage greets": ("greeting", (b"\x00\xffSSH-2.0-OpenSSH\r\n",), "ended the connection (connecting)"),
    "nobody greets": ("greeting", (SILENCE,), "does not answer (connecting)"),
    "it hangs up at once": ("greeting", (DROP,), "ended the connection (connecting)"),
    "it greets with a bye": ("greeting", (b"* BYE too many connections\r\n", DROP), "BYE too many connections"),
    "the greeting never ends": ("greeting", (Drip(b"* OK "),), "(connecting)"),
    "the greeting is huge": ("greeting", (b"* OK " + HUGE + b"\r\n",), "(connecting)"),
    "the greeting announces gigabytes": ("greeting", (b"* OK " + GIGABYTES, 1.0), "announces 5000000000 octets"),
    "a bye answers the login": ("AUTHENTICATE", (b"* BYE going down\r\n", DROP), "going down"),
    "silence answers the login": ("AUTHENTICATE", (SILENCE,), "does not answer (login)"),
    "the login is refused": (
        "AUTHENTICATE",
        (b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n",),
        "[AUTHENTICATIONFAILED] Authentication failed.; correct username or password of [imap.main]",
    ),
    "the login is not possible now": (
        "AUTHENTICATE",
        (b"{tag} NO [UNAVAILABLE] try later\r\n",),
        "does not let support log in: [UNAVAILABLE] try later",
    ),
    "the login is said again": (
        "AUTHENTICATE",
        (b"+ \r\n", LINE, b"{tag} BAD what is " + ECHO + b"?\r\n"),
        "AUTHENTICATE command error: BAD",
    ),
    "all is said again": (
        "AUTHENTICATE",
        (b"+ \r\n", LINE, ECHO + b" support " + PASSWORD.encode() + b"\r\n"),
        "ended the connection (login)",
    ),
    "the folder is gone": ("SELECT", (b"{tag} NO no such folder\r\n",), "the folder INBOX cannot be opened"),
    "the folder can only be read": (
        "SELECT",
        (b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1000] ok\r\n{tag} OK [READ-ONLY] selected\r\n",),
        'the folder INBOX is read-only for this user; give it the right, or after = "keep"',
    ),
    "a bye answers the select": ("SELECT", (b"* BYE [UNAVAILABLE] later\r\n", DROP), "[UNAVAILABLE] later"),
    "silence answers a search": ("UID SEARCH", (SILENCE,), "does not answer (UID SEARCH)"),
    "a search finds words": ("UID SEARCH", (b"* SEARCH one two\r\n" + OK,), "(UID SEARCH)"),
}
FETCHED = {
    "silence answers a fetch": (SILENCE,),
    "silence in the middle of a mail": (b"* 1 FETCH (UID 1 BODY[] {1000}\r\nSubject: ", SILENCE),
    "a bye in the middle of a fetch": (b"* BYE going down\r\n", DROP),
    "a mail announces gigabytes": (b"* 1 FETCH (UID 1 BODY[] " + GIGABYTES, 1.0),
    "a mail never ends": (Drip(b"* 1 FETCH (UID 1 BODY[] {1000}\r\n"),),
    "a line never ends": (Drip(b"* 1 FETCH (UID 1 "),),
    "a line is huge": (b"* 1 FETCH (UID 1 BODY[] " + HUGE + b")\r\n" + OK,),
}


@pytest.fixture
def reading(server, tmp_path):
    return Reading(tmp_path, server.port, limits=IMPATIENT)


def assert_fit_to_read(lines: list[str]) -> None:
    for line in lines:
        assert line.isprintable()
        assert len(line) < 600
        for secret in (PASSWORD, b64encode(PASSWORD.encode()).decode(), ECHO.decode()):
            assert secret not in line


@pytest.mark.parametrize("fault", BROKEN)
def test_a_connection_that_does_not_come_about_is_told_and_tried_again(server, reading, caplog, fault):
    caplog.set_level("INFO")
    pattern, steps, words = BROKEN[fault]
    server.say(pattern, *steps)
    server.say("greeting", 0.2, ORDINARY)  # for the state to be seen
    server.arrive(letter("one"))
    with reading:
        reading.is_in("down", 3, words)
        error = reading.status()["last_error"]
        reading.has(1)
        reading.is_in("watching")
        assert reading.status()["last_error"] is None
    lines = told(caplog)
    assert any(words in line for line in lines), lines
    assert any(re.search(r"mailbox main is read again, after \d s", line) for line in lines), lines
    assert_fit_to_read([*lines, error])


@pytest.mark.parametrize("fault", FETCHED)
def test_a_fetch_that_breaks_is_told_and_the_mail_is_taken_all_the_same(server, reading, caplog, fault):
    caplog.set_level("INFO")
    server.say(r"UID FETCH .*BODY.PEEK\[\]", *FETCHED[fault])
    server.arrive(letter("one"))
    server.arrive(letter("two"))
    with reading:
        reading.has(2)
        reading.is_in("watching")
        assert server.inbox.messages == {}
    assert any("(UID FETCH)" in line for line in told(caplog))
    assert_fit_to_read(told(caplog))


IDLES = {
    "exists comes with the plus": (PLUS + b"* 1 EXISTS\r\n", LINE, OK),
    "a line comes in two packets": (PLUS, 0.05, b"* 1 EXI", 0.05, b"STS\r\n", LINE, OK),
    "a line comes before the plus": (b"* OK a word first\r\n" + PLUS, LINE, OK),
    "exists comes before the plus": (b"* 1 EXISTS\r\n" + PLUS, LINE, OK),
    "what nobody understands comes": (PLUS, b"* 1 FETCH (FLAGS (\r\n", LINE, OK),
}


@pytest.mark.parametrize("how", IDLES)
def test_mail_is_taken_at_once_however_idle_says_it(server, tmp_path, how):
    with Reading(tmp_path, server.port) as reading:
        until(lambda: server.idling, 5, pause=0.005)
        server.inbox.add(letter("one"))  # of which a client hears in IDLE alone
        server.say("UID SEARCH", b"* SEARCH\r\n" + OK)
        server.say("IDLE", *IDLES[how])
        server.hang_up()
        until(lambda: reading.stored() == 1, 2, lambda: str(server.commands), pause=0.005)
        reading.has(1)
        reading.is_in("watching")


ENDS = {
    "it breaks": (PLUS, DROP),
    "it says bye": (PLUS, b"* BYE going down\r\n", DROP),
    "it says bye oddly": (PLUS, b'* BYE going (down "now\r\n', DROP),
    "a line is huge": (PLUS, b"* OK " + HUGE + b"\r\n", LINE, OK),
    "gigabytes are announced": (PLUS, b"* 1 FETCH (UID 1 BODY[] " + GIGABYTES, LINE, OK),
    "nothing is answered any more": (PLUS, SILENCE),
    "the plus never comes": (SILENCE,),
    "words come instead of the plus, for ever": (b"* OK wait\r\n" * 2000,),
    "done is answered with no": (PLUS, LINE, b"{tag} NO what?\r\n"),
}


@pytest.mark.parametrize("how", ENDS)
def test_an_idle_that_ends_badly_is_followed_by_the_next_and_not_by_polling(server, reading, how):
    with reading:
        reading.is_in("watching")
        server.say("IDLE", *ENDS[how])
        until(lambda: server.connections == 2, 5, pause=0.005)
        until(lambda: server.commands[-1] == "IDLE" and server.commands.count("IDLE") > 1, 5, pause=0.005)
        server.arrive(letter("one"))
        reading.has(1)
        reading.is_in("watching")


@pytest.mark.parametrize("answer", [b"NO not today", b"BAD what is that?", b"OK done"])
def test_where_idle_is_offered_and_refused_the_mailbox_is_polled(server, reading, caplog, answer):
    caplog.set_level("INFO")
    server.say("IDLE", b"{tag} " + answer + b"\r\n", always=True)
    reading.start(poll=timedelta(milliseconds=50))
    reading.is_in("polling")
    server.arrive(letter("one"))
    reading.has(1)
    reading.is_in("polling")
    reading.stop()
    assert [line for line in told(caplog) if "refuses IDLE" in line and answer.decode() in line]
    assert server.commands.count("IDLE") == 1
    assert server.connections == 1


def test_without_idle_it_is_polled_and_noop_finds_out_whether_the_connection_still_is(server, reading):
    server.offers = tuple(word for word in FULL if word != "IDLE")
    reading.start(poll=timedelta(milliseconds=50))
    reading.is_in("polling")
    server.arrive(letter("one"))
    reading.has(1)
    server.say("NOOP", SILENCE)
    until(lambda: server.connections == 2, 5, pause=0.005)
    server.arrive(letter("two"))
    reading.has(2)
    reading.is_in("polling")
    reading.stop()
    assert "IDLE" not in server.commands


CHATTY = {
    "exists with each answer": ("UID SEARCH", (b"* SEARCH\r\n* 0 EXISTS\r\n" + OK,)),
    "a word with each plus": ("IDLE", (PLUS + b"* OK still here\r\n", LINE, OK)),
}


@pytest.mark.parametrize("how", CHATTY)
def test_a_server_that_calls_for_nothing_again_and_again_is_not_asked_without_end(server, tmp_path, how):
    pattern, steps = CHATTY[how]
    server.say(pattern, *steps, always=True)
    with Reading(tmp_path, server.port) as reading:
        until(lambda: server.commands.count("UID SEARCH UID 1:*") > 20, 5, pause=0.01)
        time.sleep(0.4)
        assert server.commands.count("UID SEARCH UID 1:*") < 30
        with server.lock:
            server._script.clear()
        server.arrive(letter("one"))
        reading.has(1)
