"""A mail is committed before it is touched, and what the config says is done to it and to no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from daemon import until
from dovecot_imap import ImapDovecot
from fakes.imapdialogue import DROP, SILENCE
from fakes.imapfolder import Folder
from fakes.imapserver import FULL
from mailboxes import DELETED, KEPT, MOVED, SEEN, Reading, letter, told

from mailticket.intake.imap import Limits
from mailticket.settings import After

TOUCHES = ("UID STORE", "UID MOVE", "UID COPY", "UID EXPUNGE", "EXPUNGE", "CLOSE")


@pytest.fixture(scope="module")
def below_inbox(need):
    """All its folders stand below INBOX."""
    need("root", "dovecot", "imap")
    namespace = "namespace inbox {\n  inbox = yes\n  prefix = INBOX.\n  separator = .\n}\n"
    with ImapDovecot(more=namespace) as dovecot:
        yield dovecot


@pytest.fixture
def reading(server, tmp_path):
    return Reading(tmp_path, server.port)


def touched(server) -> list[str]:
    return [command for command in server.commands if command.startswith(TOUCHES)]


@pytest.mark.parametrize("after", [MOVED, SEEN, DELETED], ids=["move", "seen", "delete"])
def test_while_another_writes_nothing_is_touched_and_then_all_is(server, reading, after):
    reading.start(after=after)
    reading.is_in("watching")
    with reading.db.lock:  # as a checkpoint holds it
        for number in range(3):
            server.arrive(letter(number))
        until(lambda: any("BODY.PEEK[]" in command for command in server.commands), 5, pause=0.005)
        assert not touched(server)
        assert [kept.flags for kept in server.inbox.messages.values()] == [set()] * 3
    reading.has(3)
    reading.stop()
    expected = [] if after in (MOVED, DELETED) else [{"\\Seen"}] * 3
    assert [kept.flags for kept in server.inbox.messages.values()] == expected


@pytest.mark.parametrize(
    ("command", "after", "steps"),
    [
        ("UID MOVE", MOVED, (DROP,)),
        ("UID MOVE", MOVED, (b"* BYE now\r\n", DROP)),
        ("UID MOVE", MOVED, (b"* 1 EXPUNGE\r\n", DROP)),
        ("UID STORE", SEEN, (DROP,)),
        ("UID STORE", DELETED, (DROP,)),
        ("UID EXPUNGE", DELETED, (DROP,)),
    ],
)
def test_a_connection_that_ends_between_commit_and_policy_repeats_the_policy_alone(
    server, reading, command, after, steps
):
    server.folders["Archive"] = Folder()
    server.say(command, *steps)
    server.arrive(letter("one"))
    reading.start(after=after)
    reading.has(1)
    reading.is_in("watching")
    reading.stop()
    assert len([c for c in server.commands if c.startswith(command)]) == 2
    assert reading.tickets() == 1
    assert len(server.inbox.messages) == (1 if after is SEEN else 0)


def test_a_desk_that_ends_between_commit_and_policy_repeats_the_policy_alone(server, reading):
    reading.limits = Limits(command=0.3)
    server.say("UID MOVE", SILENCE)
    server.arrive(letter("one"))
    reading.start()
    until(reading.open, 5, pause=0.005)
    assert reading.open() == [(1, "taken")]
    reading.stop()
    assert len(server.inbox.messages) == 1
    server.arrive(letter("two"))
    reading.start()
    reading.has(2)
    reading.stop()
    assert server.inbox.messages == {}
    assert len(server.folders["Archive"].messages) == 2
    assert reading.tickets() == 2


def test_what_was_taken_under_another_policy_gets_the_one_that_is_now(server, reading):
    reading.limits = Limits(command=0.3)
    server.say("UID MOVE", SILENCE)
    server.arrive(letter("one"))
    reading.start()
    until(lambda: touched(server), 5, pause=0.005)
    reading.stop()
    reading.start(after=KEPT)
    reading.has(1)
    reading.stop()
    assert reading.mails() == [(1, "done")]
    assert touched(server) == ['UID MOVE 1 "Archive"']
    reading.start(after=MOVED)
    reading.is_in("watching")
    reading.stop()
    assert len(server.inbox.messages) == 1, "it was done with"


def test_keep_touches_nothing_and_opens_the_folder_for_reading_only(server, reading):
    server.arrive(letter("one"))
    reading.start(after=KEPT)
    reading.has(1)
    reading.stop()
    assert not touched(server)
    assert not [command for command in server.commands if command.startswith("SELECT")]


@pytest.mark.parametrize("name", ["Archive", "Done/2026", "Erledigt & übernommen", 'a "quoted" one'])
def test_the_folder_is_made_where_it_is_missing_whatever_its_name(server, reading, name):
    server.arrive(letter("one"))
    reading.start(after=After("move", name))
    reading.has(1)
    server.arrive(letter("two"))
    reading.has(2)
    reading.stop()
    assert [len(folder.messages) for folder in server.folders.values()] == [0, 2]
    assert len([command for command in server.commands if command.startswith("CREATE")]) == 1


def test_without_move_it_is_copied_and_it_alone_is_expunged(server, reading):
    server.offers = tuple(word for word in FULL if word != "MOVE")
    another = server.arrive(letter("another"))
    server.inbox.store(another, "+FLAGS", ["\\Deleted"])
    reading.start(since=timedelta(0))
    reading.is_in("watching")
    for name in ("one", "two"):
        server.arrive(letter(name))
    reading.has(2)
    reading.stop()
    assert [raw.raw for raw in server.folders["Archive"].messages.values()] == [letter("one"), letter("two")]
    assert list(server.inbox.messages) == [another]
    assert not [command for command in server.commands if command in {"EXPUNGE", "CLOSE"}]


@pytest.mark.parametrize("after", [MOVED, DELETED], ids=["move", "delete"])
def test_without_uidplus_nothing_is_expunged_and_the_mail_stays_marked_as_deleted(server, reading, after):
    server.offers = tuple(word for word in FULL if word not in {"MOVE", "UIDPLUS"})
    server.arrive(letter("one"))
    reading.start(after=after)
    reading.has(1)
    reading.is_in("watching")
    reading.stop()
    reading.start()
    reading.is_in("watching")
    reading.stop()
    assert [kept.flags for kept in server.inbox.messages.values()] == [{"\\Deleted"}]
    assert not [command for command in server.commands if "EXPUNGE" in command or command == "CLOSE"]
    assert len(server.folders["Archive"].messages if after is MOVED else [1]) == 1
    assert reading.stored() == 1


def test_a_folder_of_another_prefix_is_told_with_what_to_write_and_with_that_it_works(below_inbox, tmp_path, caplog):
    caplog.set_level("INFO")
    below_inbox.deliver(letter("one"))
    with Reading(tmp_path, below_inbox.port) as reading:
        reading.is_in("watching", error='begin with "INBOX."')
        hint = 'this server\'s folders begin with "INBOX.": write after = "move:INBOX.Archive"'
        assert reading.status()["last_error"].endswith(hint)
        assert reading.stored() == 1
        for number in range(3):  # the times that Dovecot says with each refusal are no news
            below_inbox.deliver(letter(number))
            until(lambda n=number: reading.stored() == n + 2, 5)
        assert len([line for line in told(caplog) if hint in line]) == 1
        reading.stop()
        reading.start(after=After("move", "INBOX.Archive"))
        reading.has(4)
        reading.is_in("watching")
        assert reading.status()["last_error"] is None
    assert below_inbox.count() == 0
    assert below_inbox.count(folder="Archive") == 4
    assert any("over: mails stay" in line for line in told(caplog)) is False


def test_a_move_that_is_refused_leaves_the_mail_is_told_soon_and_done_when_it_can_be(server, reading, caplog):
    caplog.set_level("INFO")
    with reading:
        reading.is_in("watching")
        server.folders["Archive"] = Folder()
        for took in range(3):  # as Dovecot says it: that is no news
            server.say("UID MOVE", b"{tag} NO [OVERQUOTA] it is full (0.00%d + 0.000 secs).\r\n" % took)
        server.say("UID MOVE", b"{tag} NO [OVERQUOTA] it is full.\r\n", always=True)
        server.arrive(letter("one"))
        reading.is_in("watching", 5, error="mails are taken, and stay in INBOX")
        assert "[OVERQUOTA] it is full" in reading.status()["last_error"]
        for count in (2, 3):
            server.arrive(letter(count))
            until(lambda n=count: reading.stored() == n, 5, pause=0.01)
        until(lambda: len(server._script) == 1, 5, pause=0.01)
        with server.lock:
            server._script.clear()
        server.arrive(letter("two"))
        reading.has(4)
        reading.is_in("watching")
        until(lambda: reading.status()["last_error"] is None, 5, pause=0.01)
        assert server.inbox.messages == {}
    assert len([line for line in told(caplog) if "mails are taken, and stay in INBOX" in line]) == 1


def test_a_folder_in_which_nothing_may_be_flagged_is_told(server, reading, caplog):
    server.say("UID STORE", b"{tag} NO [NOPERM] no\r\n", always=True)
    server.arrive(letter("one"))
    reading.start(after=SEEN)
    reading.is_in("watching", error="mails are taken, and stay in INBOX")
    reading.stop()
    assert reading.stored() == 1
