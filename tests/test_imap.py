"""A mailbox on a real Dovecot is read: what arrives is a ticket at once, and nothing is touched before it is safe."""

from __future__ import annotations

import pytest
from daemon import until
from dovecot_imap import ImapDovecot
from mailboxes import DELETED, KEPT, MOVED, SEEN, Reading, letter


@pytest.fixture(scope="module")
def server(need):
    need("root", "dovecot", "imap")
    with ImapDovecot(["support", "sales"]) as dovecot:
        yield dovecot


@pytest.fixture
def dovecot(server):
    yield server
    for user in server.users:
        server.wipe(user)
        server.wipe(user, "Archive")


@pytest.fixture
def reading(dovecot, tmp_path):
    return Reading(tmp_path, dovecot.port)


def test_a_mail_that_arrives_is_in_the_inbox_within_a_second_and_moved_away(dovecot, reading):
    with reading:
        reading.is_in("watching")
        for number in range(5):
            dovecot.deliver(letter(number))
            assert until(lambda n=number: reading.stored() == n + 1, 5, pause=0.01) < 1
        reading.has(5)
        until(lambda: dovecot.count(folder="Archive") == 5, 5)
        assert dovecot.count() == 0
        assert reading.tickets() == 5
        assert reading.acknowledged() == 5


@pytest.mark.parametrize(
    ("after", "flags", "archived"),
    [(SEEN, [{b"\\Seen"}], 0), (KEPT, [set()], 0), (MOVED, [], 1), (DELETED, [], 0)],
    ids=["seen", "keep", "move", "delete"],
)
def test_what_becomes_of_a_mail_in_the_mailbox_is_what_the_config_says(dovecot, reading, after, flags, archived):
    dovecot.deliver(letter("one"))
    reading.start(after=after)
    with_it = reading
    with_it.has(1)
    with_it.is_in("watching")
    assert list(dovecot.flags().values()) == flags
    assert dovecot.count(folder="Archive") == archived
    with_it.stop()
