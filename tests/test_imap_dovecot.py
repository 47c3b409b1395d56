"""The Dovecot that tests of mailboxes use does what they take for granted, against a bare imapclient."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from certificates import certificate
from daemon import until
from dovecot_imap import PASSWORD, ImapDovecot
from imapclient import IMAPClient
from pace import slowed

MAIL = b"From: eva@customer.example\r\nSubject: Printer %d\r\n\r\nIt burns.\r\n"
LONG_AGO = datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def dovecot(need):
    need("root", "dovecot", "lmtp", "imap")
    with ImapDovecot() as dovecot:
        yield dovecot


def test_it_is_there_at_once_and_by_starttls_and_tls_with_a_certificate_that_can_be_checked(dovecot):
    with IMAPClient("127.0.0.1", dovecot.tls_port, ssl=True, ssl_context=certificate().client(), timeout=5) as client:
        client.login("support", PASSWORD)
    with IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=5) as client:
        client.starttls(certificate().client())
        client.login("support", PASSWORD)


def test_a_delivery_ends_an_idle_soon_and_a_kick_ends_the_connection(dovecot):
    with dovecot.client() as client:
        client.select_folder("INBOX")
        client.idle()
        began = time.monotonic()
        dovecot.deliver(MAIL % 1, to="support+x")
        assert (1, b"EXISTS") in client.idle_check(5)
        assert time.monotonic() - began < 3 * slowed()
        client.idle_done()
        raw = dovecot.messages()[0]
        assert b"Delivered-To: support" in raw
        assert raw.endswith(MAIL % 1)
        client.idle()
        dovecot.kick()
        with pytest.raises((client.AbortError, OSError)):
            until(lambda: not end_idle_and_ask(client), 5)


def end_idle_and_ask(client: IMAPClient):
    """It may take the server a moment to break the connection."""
    client.idle_done()
    client.noop()
    client.idle()
    return True


def test_many_are_there_in_one_go_with_the_date_that_they_shall_have(dovecot):
    began = time.monotonic()
    dovecot.fill((MAIL % n for n in range(2000)), at=LONG_AGO)
    assert dovecot.count() == 2000
    with dovecot.client() as client:
        client.normalise_times = False
        client.select_folder("INBOX")
        uids = client.search()
        assert len(uids) == 2000
        found = client.fetch(uids[700], ["INTERNALDATE", "BODY.PEEK[]"])[uids[700]]
    assert found[b"INTERNALDATE"] == LONG_AGO
    assert found[b"BODY[]"] == MAIL % 700
    assert time.monotonic() - began < 15 * slowed()


def test_it_comes_back_on_the_same_ports_with_the_same_mail_and_what_came_meanwhile(dovecot):
    dovecot.deliver(MAIL % 1)
    validity = dovecot.uidvalidity()
    dovecot.stop()
    with pytest.raises(OSError, match="refused"):
        IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=5)
    dovecot.fill([MAIL % 2])
    dovecot.start()
    assert [raw[-len(MAIL % 1) :] for raw in dovecot.messages()] == [MAIL % 1, MAIL % 2]
    assert dovecot.uidvalidity() == validity


@pytest.mark.parametrize("folder", ["INBOX", "Archive"])
def test_a_folder_gets_another_uidvalidity_with_its_mail_or_without(dovecot, folder):
    dovecot.doveadm("mailbox", "create", "-u", "support", "Archive")
    for n in range(3):
        dovecot.deliver(MAIL % n, folder=folder)
    with dovecot.client() as client:
        client.select_folder(folder)
        client.delete_messages([1])
        client.expunge()
    seen = {dovecot.uidvalidity(folder=folder)}
    dovecot.renumber(folder=folder)
    seen.add(dovecot.uidvalidity(folder=folder))
    assert dovecot.count(folder=folder) == 2
    assert set(dovecot.flags(folder=folder)) == {1, 2}
    dovecot.wipe(folder=folder)
    seen.add(dovecot.uidvalidity(folder=folder))
    assert dovecot.messages(folder=folder) == []
    dovecot.deliver(MAIL % 9, folder=folder)
    assert dovecot.count(folder=folder) == 1
    assert len(seen) == 3


def test_what_is_switched_off_is_not_offered_before_or_after_the_login(need):
    need("root", "dovecot", "lmtp", "imap")
    with ImapDovecot(["eva"], without=["IDLE", "MOVE", "UIDPLUS"]) as dovecot:
        with IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=5) as client:
            before = client.capabilities()
            client.login("eva", PASSWORD)
            after = client.capabilities()
        assert not {b"IDLE", b"MOVE", b"UIDPLUS"} & {*before, *after}
        assert b"NAMESPACE" in after
        dovecot.stop()
        dovecot.without = ()
        dovecot.start()
        with dovecot.client("eva") as client:
            assert {b"IDLE", b"MOVE", b"UIDPLUS"} < set(client.capabilities())


def test_a_refused_login_is_refused_soon_and_a_folder_that_is_gone_is_gone(dovecot):
    began = time.monotonic()
    for _ in range(3):
        with IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=5) as client, pytest.raises(client.Error):
            client.login("support", "wrong")
    assert time.monotonic() - began < 8 * slowed()
    dovecot.doveadm("mailbox", "create", "-u", "support", "Desk")
    dovecot.drop("Desk")
    with dovecot.client() as client, pytest.raises(client.Error):
        client.select_folder("Desk")
