"""The scripted IMAP server says what its script tells it to, and is an ordinary server beside that."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from datetime import UTC, datetime

import pytest
from daemon import until
from fakes.imapdialogue import DROP, LINE, OK, ORDINARY, SILENCE, Drip
from fakes.imapserver import FULL
from imapclient import IMAPClient

MAIL = b"From: eva@customer.example\r\nSubject: Printer\r\n in flames\r\nDate: today\r\n\r\nIt burns.\r\n"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WHOLE = b"BODY[]"


@pytest.fixture
def connect(server):
    """A client that is greeted and not logged in."""
    with contextlib.ExitStack() as opened:

        def connect(timeout: float = 0.5) -> IMAPClient:
            client = IMAPClient("127.0.0.1", server.port, ssl=False, timeout=timeout)
            opened.callback(client.shutdown)
            client.normalise_times = False
            return client

        yield connect


@pytest.fixture
def client(server, connect):
    """In the INBOX, where one mail is."""
    server.arrive(MAIL, AT)
    return entered(server, connect())


def entered(server, client: IMAPClient) -> IMAPClient:
    client.login("support", server.password)
    client.select_folder("INBOX")
    return client


def broken(client, what) -> Exception:
    with pytest.raises((client.Error, OSError)) as caught:
        what()
    return caught.value


def test_a_mail_is_searched_and_fetched_in_all_the_ways_that_a_reader_needs(client, server):
    assert client.search(["UID", "5:*"]) == [1]
    assert client.search(["SINCE", AT.date()]) == [1]
    assert client.search("UNSEEN") == [1]
    assert client.search("DELETED") == []
    items = ["RFC822.SIZE", "INTERNALDATE", "FLAGS", "BODY.PEEK[HEADER.FIELDS (SUBJECT)]", "BODY.PEEK[]<5.7>"]
    found = client.fetch([1], items)[1]
    assert (found[b"RFC822.SIZE"], found[b"INTERNALDATE"], found[b"FLAGS"]) == (len(MAIL), AT, ())
    assert found[b"BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: Printer\r\n in flames\r\n\r\n"
    assert found[b"BODY[]<5>"] == MAIL[5:12]
    assert client.fetch([1], ["BODY.PEEK[HEADER]"])[1][b"BODY[HEADER]"] == MAIL.partition(b"It burns")[0]
    assert "UID SEARCH UID 5:*" in server.commands


def test_a_mail_is_marked_moved_copied_and_deleted(client, server):
    client.add_flags([1], [rb"\Seen"])
    assert server.inbox.messages[1].flags == {r"\Seen"}
    assert "[TRYCREATE]" in str(broken(client, lambda: client.move([1], "Archive")))
    client.create_folder("Archive")
    client.move([1], "Archive")
    assert [kept.raw for kept in server.folders["Archive"].messages.values()] == [MAIL]
    assert server.inbox.messages == {}
    second = server.arrive(MAIL)
    client.copy([second], "Archive")
    client.delete_messages([second])
    client.uid_expunge([second])
    assert server.inbox.messages == {}
    assert len(server.folders["Archive"].messages) == 2


def test_what_arrives_ends_an_idle_and_what_came_before_it_is_told_with_the_plus(client, server):
    server.arrive(MAIL)
    client.idle()
    server.arrive(MAIL)
    told = client.idle_check(2)
    told += client.idle_done()[1]  # what was in one packet with the plus is seen only now
    assert sorted(told) == [(2, b"EXISTS"), (3, b"EXISTS")]
    server.arrive(MAIL)
    assert (4, b"EXISTS") in client.noop()[1]


def test_exists_in_the_packet_of_the_plus_stays_unseen_until_the_idle_ends(client, server):
    server.say("IDLE", b"+ idling\r\n* 7 EXISTS\r\n", LINE, OK)
    client.idle()
    assert client.idle_check(0.2) == []
    assert (7, b"EXISTS") in client.idle_done()[1]


def test_a_line_in_two_packets_breaks_imapclient(client, server):
    server.say("IDLE", b"+ idling\r\n", 0.1, b"* 7 EX", 0.3, b"ISTS\r\n", LINE, OK)
    client.idle()
    assert "unterminated line" in str(broken(client, lambda: client.idle_check(2)))


def test_an_untagged_line_before_the_plus_breaks_imapclient(client, server):
    server.say("IDLE", b"* 7 EXISTS\r\n", b"+ idling\r\n", LINE, OK)
    assert "Unexpected IDLE response" in str(broken(client, client.idle))


def test_a_silent_connection_answers_neither_done_nor_noop_while_others_are_served(client, server, connect):
    server.say("IDLE", b"+ idling\r\n", SILENCE)
    client.idle()
    assert isinstance(broken(client, client.idle_done), TimeoutError)
    assert server.commands[-1] == "DONE"
    connect()


def test_a_server_fallen_silent_takes_connections_and_answers_nobody(client, server, connect):
    server.silent = True
    assert isinstance(broken(client, client.noop), TimeoutError)
    with pytest.raises(TimeoutError):
        connect()
    assert server.connections == 2


@pytest.mark.parametrize("command", ["LOGIN", "IDLE", "UID FETCH"])
def test_a_bye_comes_at_the_login_in_idle_or_in_the_middle_of_a_fetch(server, command, connect):
    server.arrive(MAIL)
    start = {"IDLE": b"+ idling\r\n", "UID FETCH": b"* 1 FETCH (UID 1 FLAGS ())\r\n"}.get(command, b"")
    server.say(command, start + b"* BYE going down\r\n", DROP)
    client = connect()

    def work():
        entered(server, client).fetch([1], ["FLAGS"])

    if command == "IDLE":
        work()
        client.idle()
        assert client.idle_check(2) == [(b"BYE", b"going", b"down")]
    else:
        broken(client, work)


def test_one_uid_is_refused_or_costs_the_connection_and_its_neighbour_is_given(client, server):
    server.arrive(MAIL)
    server.say(r"UID FETCH 1 .*BODY", b"{tag} NO [SERVERBUG] cannot read it\r\n")
    server.say(r"UID FETCH 1 .*BODY", DROP)
    assert "cannot read it" in str(broken(client, lambda: client.fetch([1], ["BODY.PEEK[]"])))
    assert client.fetch([1], ["RFC822.SIZE"])[1][b"RFC822.SIZE"] == len(MAIL)
    assert client.fetch([2], ["BODY.PEEK[]"])[2][WHOLE] == MAIL
    assert isinstance(broken(client, lambda: client.fetch([1], ["BODY.PEEK[]"])), client.AbortError)


def test_a_literal_that_is_shorter_than_announced_swallows_what_follows_and_waits_on(client, server):
    server.say("UID FETCH 1", b"* 1 FETCH (UID 1 BODY[] {1000}\r\nshort)\r\n" + OK, LINE)
    assert isinstance(broken(client, lambda: client.fetch([1], ["BODY.PEEK[]"])), TimeoutError)


def test_what_drips_in_for_ever_keeps_a_read_timeout_from_coming(client, server):
    server.say("UID FETCH 1", Drip(b"* 1 FETCH (UID 1 BODY[] {1000}\r\n"))
    began = time.monotonic()
    threading.Timer(1.2, server.hang_up).start()
    broken(client, lambda: client.fetch([1], ["BODY.PEEK[]"]))
    assert time.monotonic() - began > 1, "over the 0.5 s of the timeout"


def test_a_line_can_be_huge(client, server):
    server.say("NOOP", b"* OK " + b"x" * 2_000_000 + b"\r\n" + OK)
    broken(client, client.noop)


def test_a_folder_is_gone_renumbered_or_does_not_tell_its_next_uid(client, server):
    server.inbox.uidnext = None
    server.inbox.uidvalidity = 2000
    told = client.select_folder("INBOX")
    assert (told[b"UIDVALIDITY"], told[b"EXISTS"], told.get(b"UIDNEXT")) == (2000, 1, None)
    assert server.arrive(MAIL) == 2
    del server.folders["INBOX"]
    assert "doesn't exist" in str(broken(client, lambda: client.select_folder("INBOX")))


def test_a_login_is_refused_for_a_wrong_password_or_always(server, connect):
    assert "AUTHENTICATIONFAILED" in str(broken(c := connect(), lambda: c.login("support", "wrong")))
    server.offers = (*FULL, "LOGINDISABLED")
    c = connect()
    assert b"LOGINDISABLED" in c.capabilities()
    broken(c, lambda: c.login("support", server.password))
    with pytest.raises(c.Error):
        connect().oauth2_login("support", "an old token")
    connect().oauth2_login("support", server.password)
    assert server.commands[-1] == f"AUTH user=support\x01auth=Bearer {server.password}\x01\x01"


def test_what_it_does_not_offer_it_does_not_do(server, connect):
    server.offers = ("IMAP4rev1",)
    server.arrive(MAIL)
    client = entered(server, connect())
    assert not {b"IDLE", b"MOVE", b"UIDPLUS"} & set(client.capabilities())
    for command in ("IDLE", "UID MOVE 1 INBOX", "UID EXPUNGE 1"):
        with socket.create_connection(("127.0.0.1", server.port), 1) as raw:
            raw.recv(1000)
            raw.sendall(f"a {command}\r\n".encode())
            assert raw.recv(1000).startswith(b"a BAD")


def test_garbage_greets_and_a_step_can_come_late(server, connect):
    server.say("greeting", b"\x00\xffSSH-2.0-OpenSSH\r\n")
    with pytest.raises((IMAPClient.Error, OSError)):
        connect()
    server.say("NOOP", 0.3, ORDINARY, always=True)
    client = connect(2)
    for _ in range(2):
        began = time.monotonic()
        client.noop()
        assert time.monotonic() - began > 0.25


def test_connections_break_and_the_port_refuses_while_it_is_stopped(client, server, connect):
    server.hang_up()
    broken(client, client.noop)
    server.stop()
    with pytest.raises(OSError, match="refused"):
        connect()
    server.start()
    until(lambda: connect().login("support", server.password), 2)
    assert list(server.inbox.messages) == [1], "with the same mail"
