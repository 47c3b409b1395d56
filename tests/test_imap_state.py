"""What is known of a folder: whatever numbers the server gives its mails, each is one ticket, and what was there before
the first connection stays alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from daemon import until
from dovecot_imap import ImapDovecot
from fakes.imapserver import ScriptedImap
from mailboxes import KEPT, MOVED, SEEN, Hurry, Reading, clock, letter

from mailticket.core.types import RawMail
from mailticket.store import inbox

LONG_AGO = timedelta(days=30)
NAMELESS = b"From: printer@customer.example\r\nTo: support@acme.example\r\nSubject: toner %d\r\n\r\nIt is low.\r\n"


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


@pytest.fixture
def script():
    with ScriptedImap() as server:
        yield server


def read(reading, count: int, **changes) -> None:
    """So long that all is done."""
    reading.start(**changes)
    reading.has(count)
    reading.is_in("watching")
    reading.stop()


def renumbered(script) -> None:
    """The same mails, the last one first."""
    old = script.inbox
    script.folders["INBOX"] = new = old.__class__(uidvalidity=old.uidvalidity + 1, uidnext=100)
    for kept in reversed(old.messages.values()):
        new.add(kept.raw, kept.at, kept.flags)


@pytest.mark.parametrize("after", [SEEN, KEPT], ids=["seen", "keep"])
def test_a_folder_that_is_counted_anew_makes_no_second_ticket(dovecot, reading, caplog, after):
    """Nor of mail without a Message-ID, nor of mail that is older than the inbox knows copies."""
    caplog.set_level("INFO")
    dovecot.fill([letter("old"), NAMELESS % 1], at=clock() - LONG_AGO)
    dovecot.fill([letter("new"), NAMELESS % 2, NAMELESS % 3])
    read(reading, 5, after=after)
    dovecot.renumber()
    dovecot.deliver(letter("between"))
    read(reading, 6)
    assert "the server counts the mails of INBOX anew; all are looked at again" in caplog.text
    dovecot.renumber()
    read(reading, 6)
    assert reading.tickets() == 6
    expected = {b"\\Seen"} if after is SEEN else set()
    assert list(dovecot.flags().values()) == [expected] * 6


def test_mails_without_a_name_that_look_alike_are_all_taken_and_none_twice(dovecot, reading):
    dovecot.fill([NAMELESS % 1] * 3, at=clock() - LONG_AGO)
    read(reading, 1, after=SEEN)  # to the octet the same, and so one mail
    dovecot.renumber()
    other = NAMELESS % 1 + b"It is empty now.\r\n"
    dovecot.fill([other])
    read(reading, 2)
    assert [row["size"] for row in reading.rows()] == [len(NAMELESS % 1), len(other)]


def test_mails_that_were_moved_and_come_back_from_a_backup_are_moved_again_and_no_second_ticket(dovecot, reading):
    dovecot.fill([letter("old"), NAMELESS % 1], at=clock() - LONG_AGO)
    read(reading, 2, after=MOVED)
    dovecot.wipe()
    dovecot.fill([letter("old"), NAMELESS % 1, letter("new")], at=clock() - LONG_AGO)
    read(reading, 3)
    assert dovecot.count() == 0
    assert reading.tickets() == 3


def test_a_folder_that_was_wiped_begins_empty_and_what_comes_is_taken(dovecot, reading):
    dovecot.deliver(letter("one"))
    with reading:
        reading.has(1)
        dovecot.wipe()
        dovecot.deliver(letter("two"))
        reading.has(2)


def test_what_was_left_at_the_first_connection_stays_alone_whatever_its_number(dovecot, reading):
    dovecot.fill([letter("left"), NAMELESS % 1], at=clock() - LONG_AGO)
    read(reading, 0, since=timedelta(0))
    dovecot.renumber()
    dovecot.deliver(letter("between"))
    read(reading, 1)
    dovecot.renumber()
    dovecot.deliver(letter("later"))
    read(reading, 2)
    assert dovecot.count() == 2
    assert reading.tickets() == 2


def test_what_was_left_stays_alone_though_the_server_forgets_its_date_or_says_no_next_number(script, tmp_path):
    reading = Reading(tmp_path, script.port)
    script.arrive(letter("left"), clock() - LONG_AGO)
    script.arrive(NAMELESS % 1, clock() - LONG_AGO)
    read(reading, 0, since=timedelta(0))
    renumbered(script)
    for kept in script.inbox.messages.values():
        if b"Message-ID" in kept.raw:
            kept.at = clock() + timedelta(minutes=1)
    script.inbox.uidnext = None
    read(reading, 0)
    script.arrive(letter("new"), clock())
    read(reading, 1)
    assert len(script.inbox.messages) == 2


def test_a_copy_of_the_server_that_was_put_back_under_the_same_number_is_looked_at_again(script, tmp_path):
    """Its new mails get numbers that others had before: they would never be seen."""
    reading = Reading(tmp_path, script.port)
    left = script.arrive(letter("left"), clock() - LONG_AGO)
    read(reading, 0, since=timedelta(0))
    for number in range(3):
        script.arrive(letter(number), clock())
    read(reading, 3)
    script.inbox.uidnext = left + 1
    script.arrive(letter("new"), clock())
    script.arrive(letter(2), script.folders["Archive"].messages[3].at)
    read(reading, 4)
    assert list(script.inbox.messages) == [left]
    assert reading.tickets() == 4


def test_one_mail_by_smtp_and_imap_and_to_two_mailboxes_is_one_ticket_and_each_copy_gets_its_policy(dovecot, reading):
    raw = letter("one", to="support@acme.example, sales@acme.example")
    smtp = RawMail(
        b"Received: from there\r\n" + raw, "one@customer.example", ("support@acme.example",), "smtp", clock()
    )
    inbox.accept(reading.db, [smtp])
    for user in ("support", "sales"):
        dovecot.deliver(raw, user)
    reading.start()
    other = Reading(reading.folder, dovecot.port)
    other.start(name="sales", username="sales", after=SEEN)
    reading.is_in("watching")
    other.is_in("watching")
    for one in (reading, other):
        one.stop()
    other.db.close()
    assert reading.tickets() == 1
    assert dovecot.count() == 0
    assert dovecot.count(folder="Archive") == 1
    assert list(dovecot.flags("sales").values()) == [{b"\\Seen"}]


def test_one_mail_twice_in_a_folder_is_one_ticket_and_both_are_moved(dovecot, reading):
    dovecot.fill([letter("one"), letter("one")])
    read(reading, 1)
    assert dovecot.count() == 0
    assert dovecot.count(folder="Archive") == 2


@pytest.mark.parametrize("what", ["username", "folder", "name"])
def test_another_user_folder_or_mailbox_begins_anew(dovecot, reading, caplog, what):
    caplog.set_level("INFO")
    dovecot.deliver(letter("one"))
    read(reading, 1)
    changed = {"username": "sales", "folder": "Desk", "name": "other"}[what]
    if what == "folder":
        dovecot.doveadm("mailbox", "create", "-u", "support", "Desk")
    place = {"user": "sales"} if what == "username" else {"folder": "Desk"} if what == "folder" else {}
    dovecot.deliver(letter("before"), **place)
    caplog.clear()
    read(reading, 1, since=timedelta(0), **{what: changed})
    assert "1 mails that are there already are left alone" in caplog.text
    dovecot.deliver(letter("after"), **place)
    read(reading, 2)
    if what == "folder":
        dovecot.drop("Desk")


def test_an_old_state_with_a_uid_beyond_all_is_no_reason_to_miss_mail(script, tmp_path):
    reading = Reading(tmp_path, script.port)
    script.inbox.uidnext = 4_000_000_000
    script.arrive(letter("one"), datetime(2026, 11, 26, tzinfo=UTC))
    read(reading, 1)
    script.arrive(letter("two"))
    read(reading, 2)
    assert len([command for command in script.commands if command.startswith("UID SEARCH")]) < 20


def test_what_was_left_alone_stays_so_though_it_could_not_be_looked_at_when_all_were_counted_anew(script, tmp_path):
    reading = Reading(tmp_path, script.port, limits=Hurry.limits, clock=Hurry())
    script.arrive(letter("left"), clock() - LONG_AGO)
    read(reading, 0, since=timedelta(0))
    script.arrive(letter("taken"), reading.clock())
    read(reading, 1, after=SEEN)
    renumbered(script)
    script.say("UID FETCH", b"{tag} NO [INUSE] not now\r\n")
    script.say(r"UID FETCH \d+ ", b"{tag} NO [INUSE] not now\r\n")
    script.say(r"UID FETCH \d+ ", b"{tag} NO [INUSE] not now\r\n")
    reading.start()
    reading.is_in("watching")
    until(lambda: reading.open() == [] and len(reading.mails()) == 2, 5, lambda: str(reading.mails()), pause=0.005)
    reading.stop()
    assert {state for _, state in reading.mails()} == {"left", "done"}
    assert reading.stored() == 1
