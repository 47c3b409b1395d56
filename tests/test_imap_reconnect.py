"""A mailbox that is read goes on through drops, restarts and other clients, and no mail is lost or taken twice."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from daemon import until
from dovecot_imap import ImapDovecot
from fakes.imapdialogue import DROP, LINE, OK, ORDINARY
from fakes.imapserver import ScriptedImap
from imapclient import IMAPClient
from mailboxes import Reading, letter, told
from pace import slowed

from mailticket.intake.imap import Limits
from mailticket.intake.mailbox import Pauses


@pytest.fixture(scope="module")
def server(need):
    need("root", "dovecot", "imap")
    with ImapDovecot() as dovecot:
        yield dovecot


@pytest.fixture(scope="module")
def plain_server(need):
    """As an old one: it has neither IDLE nor MOVE."""
    need("root", "dovecot", "imap")
    with ImapDovecot(without=["IDLE", "MOVE"]) as dovecot:
        yield dovecot


@pytest.fixture
def dovecot(server):
    yield server
    server.wipe()
    server.wipe(folder="Archive")


@pytest.fixture
def script():
    with ScriptedImap() as server:
        yield server


def names(reading) -> set[str]:
    found = [row[0].partition(b"Message-ID: <")[2].partition(b"@")[0].decode() for row in mails(reading)]
    assert len(found) == len(set(found)), "none twice"
    return set(found)


def mails(reading) -> list[tuple[bytes]]:
    return list(reading.db.execute("SELECT mail FROM inbox_raw"))


def test_after_a_kick_it_is_back_at_once_and_no_mail_is_lost(dovecot, tmp_path, caplog):
    caplog.set_level("INFO")
    with Reading(tmp_path, dovecot.port, pauses=Pauses(first=30)) as reading:
        reading.is_in("watching")
        for number in range(6):
            dovecot.deliver(letter(f"a{number}"))
            dovecot.kick()
            dovecot.deliver(letter(f"b{number}"))
            until(lambda n=number: reading.stored() == 2 * n + 2, 3, lambda: f"{reading.status()}", pause=0.01)
            reading.mailbox._short = 0  # as if hours lay between
        reading.has(12)
        assert dovecot.count() == 0
    assert len(names(reading)) == 12
    lines = [line for line in told(caplog) if "connecting again" in line]
    assert lines
    assert all(line.startswith(f"mailbox main: 127.0.0.1:{dovecot.port} ended the connection (") for line in lines)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_server_that_is_stopped_for_a_while_is_told_once_and_read_again(dovecot, tmp_path, caplog):
    caplog.set_level("INFO")
    with Reading(tmp_path, dovecot.port) as reading:
        reading.is_in("watching")
        dovecot.stop()
        reading.is_in("down", error="Connection refused")
        since = reading.status()["since"]
        dovecot.fill([letter("meanwhile")])
        time.sleep(0.5)
        assert reading.status()["since"] == since
        dovecot.start()
        reading.has(1)
        reading.is_in("watching")
        assert reading.status()["last_error"] is None
    assert len([line for line in told(caplog) if "it cannot be read" in line]) == 1
    assert len([line for line in told(caplog) if "is read again, after" in line]) == 1


def test_a_folder_that_is_gone_is_told_and_read_when_it_is_there_again(dovecot, tmp_path):
    dovecot.doveadm("mailbox", "create", "-u", "support", "Desk")
    reading = Reading(tmp_path, dovecot.port)
    reading.start(folder="Desk")
    reading.is_in("watching")
    dovecot.drop("Desk")
    dovecot.kick()
    reading.is_in("down", error="the folder Desk cannot be opened")
    dovecot.doveadm("mailbox", "create", "-u", "support", "Desk")
    dovecot.deliver(letter("one"), folder="Desk")
    reading.has(1)
    reading.is_in("watching")
    reading.stop()
    dovecot.drop("Desk")


def test_2000_mails_that_wait_are_taken_within_seconds_each_once(dovecot, tmp_path):
    dovecot.fill(letter(number) for number in range(2000))
    began = time.monotonic()
    with Reading(tmp_path, dovecot.port) as reading:
        reading.has(2000, 40)
        took = time.monotonic() - began
        reading.is_in("watching")
        assert took < 20 * slowed(), "some seconds on a quiet machine"
        assert names(reading) == {str(number) for number in range(2000)}
    assert dovecot.count() == 0


def test_without_idle_and_move_it_is_polled_and_copied(plain_server, tmp_path):
    with plain_server.client() as client:
        assert not {b"IDLE", b"MOVE"} & set(client.capabilities())
    reading = Reading(tmp_path, plain_server.port)
    reading.start(poll=timedelta(milliseconds=100))
    reading.is_in("polling")
    for number in range(3):
        plain_server.deliver(letter(number))
    reading.has(3)
    plain_server.kick()
    plain_server.deliver(letter(3))
    reading.has(4)
    reading.stop()
    assert plain_server.count() == 0
    assert plain_server.count(folder="Archive") == 4


def test_another_client_that_moves_mails_away_meanwhile_harms_nothing(dovecot, tmp_path, caplog):
    """Some of them are taken before, and some never; all the others are."""
    dovecot.doveadm("mailbox", "create", "-u", "support", "Elsewhere")
    dovecot.fill(letter(number) for number in range(600))
    stopped = threading.Event()

    def meddle() -> None:
        with dovecot.client() as client:
            client.select_folder("INBOX")
            while not stopped.is_set():
                if uids := client.search():
                    with suppress(IMAPClient.Error):
                        client.move(uids[-3:], "Elsewhere")

    other = threading.Thread(target=meddle)
    other.start()
    with Reading(tmp_path, dovecot.port) as reading:
        until(lambda: dovecot.count() == 0, 30, lambda: f"{dovecot.count()} left; {reading.status()}")
        stopped.set()
        other.join()
        dovecot.deliver(letter("last"))
        until(lambda: "last" in names(reading), 10)
        reading.is_in("watching")
    elsewhere = dovecot.count(folder="Elsewhere")
    assert len(names(reading)) >= 601 - elsewhere
    assert not [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert reading.mails() == [] or {kind for _, kind in reading.mails()} == {"gone"}
    dovecot.drop("Elsewhere")


def test_a_mail_that_is_moved_away_between_search_and_fetch_is_no_trouble(script, tmp_path, caplog):
    caplog.set_level("INFO")
    for name in ("one", "two", "three"):
        script.arrive(letter(name))
    script.say("UID SEARCH", ORDINARY)
    script.say("UID SEARCH", b"* SEARCH 1 2 3 4 5\r\n" + OK)
    with Reading(tmp_path, script.port) as reading:
        reading.has(3)
        reading.is_in("watching")
        with script.lock:
            uid = script.inbox.add(letter("four"))
            said = script.inbox.expunge([uid])
        script.say("IDLE", b"+ idling\r\n" + said, LINE, OK)
        script.hang_up()
        until(lambda: script.commands.count("IDLE") >= 2, 5, pause=0.01)
        script.arrive(letter("five"))
        reading.has(4)
    assert "cannot be taken" not in caplog.text


def test_a_server_that_drops_each_connection_once_it_is_read_is_not_hammered(script, tmp_path, caplog):
    caplog.set_level("INFO")
    script.say("IDLE", DROP, always=True)
    with Reading(tmp_path, script.port, pauses=Pauses(first=0.1, longest=60)) as reading:
        until(lambda: script.connections >= 3, 5, pause=0.01)
        time.sleep(0.8)
        assert script.connections <= 6
        with script.lock:
            script._script.clear()
        script.arrive(letter("one"))
        reading.has(1)
        reading.is_in("watching")


@pytest.mark.parametrize("silence", ["all", "one connection"])
def test_a_half_open_connection_is_found_out_at_the_end_of_the_slice(script, tmp_path, silence):
    limits = Limits(connect=0.3, command=0.3, whole=2, idle=0.3)
    with Reading(tmp_path, script.port, limits=limits) as reading:
        reading.is_in("watching")
        if silence == "all":
            script.silent = True
            reading.is_in("down", error="does not answer (connecting)")
            script.silent = False
        else:
            script.say("DONE|UID SEARCH", "silence")
            script.inbox.add(letter("unheard"))
        script.arrive(letter("one"))
        until(lambda: reading.stored() >= 1, 5, pause=0.01)
        reading.has(1 if silence == "all" else 2)
        reading.is_in("watching")


@pytest.mark.parametrize("when", ["watching", "down", "reading"])
def test_it_stops_at_once_whatever_it_does(script, tmp_path, when):
    reading = Reading(tmp_path, script.port, pauses=Pauses(first=60))
    if when == "down":
        script.password = "another"
    if when == "reading":
        for number in range(500):
            script.arrive(letter(number))
        script.say(r"UID FETCH .*BODY.PEEK\[\]", 0.05, ORDINARY, always=True)
    reading.start()
    reading.is_in(when)
    began = time.monotonic()
    reading.stop()
    assert time.monotonic() - began < 1 * slowed()
