"""A mailbox on a real Dovecot is read: what arrives is a ticket at once, and nothing is touched before it is safe."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from click.testing import CliRunner
from daemon import until, unused_port
from dovecot_imap import PASSWORD, ImapDovecot
from fakes.imapserver import ScriptedImap
from mailboxes import DELETED, KEPT, MOVED, SEEN, Reading, letter

from mailticket.cli import main
from mailticket.intake.mailbox import Mailbox

CONFIG = """\
[desk]
name = "Acme Support"
secret = "correct horse battery staple"
[delivery]
url = "maildir:out"
hostname = "support.acme.example"
[[department]]
name = "Support"
addresses = ["support@acme.example"]
[[agent]]
name = "Anna"
address = "anna@acme.example"
"""


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


def test_a_mailbox_whose_server_hangs_or_is_away_keeps_no_other_from_being_read(dovecot, reading):
    deaf = [replace(reading.box, name="away", port=unused_port())]
    with ScriptedImap() as hung, reading:
        hung.silent = True
        deaf.append(replace(reading.box, name="hung", port=hung.port))
        others = [Mailbox(box, reading.around) for box in deaf]
        for other in others:
            other.start()
        reading.is_in("watching")
        dovecot.deliver(letter("one"))
        reading.has(1)
        until(lambda: state(reading, "away") == "down", 5)
        assert state(reading, "main") == "watching"
        for other in others:
            other.stop(time.monotonic() + 10)


def state(reading, name: str) -> str:
    return reading.db.execute("SELECT state FROM mailbox WHERE name = ?", (name,)).fetchone()[0]


def test_check_connect_says_how_each_mailbox_is_and_what_is_wrong_with_one_hides_no_other(dovecot, small_desk):
    where = f'host = "127.0.0.1"\nport = {dovecot.port}\ntls = "none"\n'
    boxes = "".join(
        f'[imap.{name}]\n{where}folder = "{folder}"\nusername = "{user}"\npassword = "{word}"\n'
        for name, user, word, folder in (
            ("main", "support", PASSWORD, "INBOX"),
            ("bad", "sales", "wrong", "INBOX"),
            ("other", "sales", PASSWORD, "Archive"),
        )
    )
    small_desk(CONFIG + boxes)
    dovecot.deliver(letter("one"), "sales", "Archive")
    ran = CliRunner().invoke(main, ["check", "--connect"])
    assert ran.exit_code == 1
    assert (
        f"mailbox: the mailbox main (127.0.0.1:{dovecot.port}) answers: logged in as support, 0 mails in INBOX"
        in ran.stdout
    )
    assert "logged in as sales, 1 mail in Archive, it has IDLE, MOVE, UIDPLUS" in ran.stdout
    (line,) = ran.stderr.splitlines()
    assert "the mailbox bad cannot be read: " in line
    assert "does not let sales log in" in line
    assert line.endswith("correct username or password of [imap.bad]")
    assert dovecot.flags("sales", "Archive") == {1: set()}, "nothing is touched"
