"""`ingest` as a whole: what it says it took is on disk, a bad mail stops nothing, the same again is found again."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from mailticket.cli import main
from mailticket.errors import TemporaryError
from mailticket.intake import files
from mailticket.store import inbox
from mailticket.store.db import open_or_create

CONFIG = """\
[desk]
name = "Acme Support"
timezone = "Europe/Prague"
secret = "correct horse battery staple"
[smtp]
max_message_size = "20 KB"
[delivery]
url = "smtp://127.0.0.1:9"
hostname = "support.acme.example"
[[department]]
name = "Support"
addresses = ["support@acme.example"]
[[agent]]
name = "Anna"
address = "anna@acme.example"
"""
LINE = b"From maria@mail.example Sun Nov 22 10:00:00 2026\n"


@pytest.fixture
def here(small_desk):
    return small_desk(CONFIG)


def run(*args, stdin=b""):
    return CliRunner().invoke(main, ["ingest", *args], input=stdin)


def mail(number, to="support@acme.example", words=b"words"):
    return b"Message-ID: <%d@mail.example>\nTo: %s\nFrom: maria@mail.example\n\n%s\n" % (number, to.encode(), words)


def mbox(*contents):
    return b"".join(LINE + content + b"\n" for content in contents)


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def stored(here):
    with open_or_create(here / "mailticket.db") as db:
        return db.execute("SELECT envelope_from, quiet, state FROM inbox ORDER BY id").fetchall()


def test_an_mbox_of_a_thousand_mails_is_taken_and_the_same_again_stores_nothing(here):
    (here / "box.mbox").write_bytes(mbox(*(mail(number) for number in range(1000))))
    first = run("--json", "box.mbox")
    assert first.exit_code == 0
    told = objects(first)
    assert [one["path"] for one in told] == [f"box.mbox#{number}" for number in range(1, 1001)]
    assert not any(one["duplicate"] for one in told)
    assert stored(here) == [("maria@mail.example", 0, "queued")] * 1000
    again = objects(run("--json", "box.mbox"))
    assert [(one["id"], one["duplicate"]) for one in again] == [(one["id"], True) for one in told]
    assert len(stored(here)) == 1000


def test_a_bad_mail_in_the_middle_is_named_and_the_others_are_taken(here):
    bad = [b"no header at all\n", mail(1, words=b"x" * 20_000), mail(2, to="somebody@else.example")]
    (here / "box.mbox").write_bytes(mbox(mail(3), *bad, mail(4)))
    result = run("box.mbox")
    assert (result.exit_code, result.stdout) == (1, "queued as 1\nqueued as 2\n")
    assert result.stderr.splitlines() == [
        "mailticket: box.mbox#2: names no address of a department; say whom it is for with --to",
        "mailticket: box.mbox#3: is larger than max_message_size (20000 bytes)",
        "mailticket: box.mbox#4: names no address of a department; say whom it is for with --to",
    ]


def test_an_mbox_may_come_by_standard_input(here):
    result = run("--json", stdin=mbox(mail(1), mail(2), b"x\n"))
    assert [one["path"] for one in objects(result)] == ["-#1", "-#2"]
    assert result.stderr.startswith("mailticket: standard input#3: names no address")


def test_files_folders_and_mboxes_may_be_named_together(here):
    (here / "archive/2025").mkdir(parents=True)
    (here / "archive/2025/b.mbox").write_bytes(mbox(mail(1), mail(2)))
    (here / "archive/a.eml").write_bytes(mail(3))
    (here / "c.eml").write_bytes(mail(4))
    result = run("--json", "c.eml", "archive", "c.eml")
    assert [(one["path"], one["id"], one["duplicate"]) for one in objects(result)] == [
        ("c.eml", 1, False),
        ("archive/2025/b.mbox#1", 2, False),
        ("archive/2025/b.mbox#2", 3, False),
        ("archive/a.eml", 4, False),
        ("c.eml", 1, True),
    ]


def test_no_answers_marks_every_mail(here):
    run(stdin=mail(1))
    run("--no-answers", stdin=mbox(mail(2), mail(3)))
    assert [row[1] for row in stored(here)] == [0, 1, 1]


def test_mails_share_a_commit_up_to_so_many_and_so_large(here, monkeypatch):
    batches = []
    real = inbox.accept
    monkeypatch.setattr(inbox, "accept", lambda db, mails: (batches.append(len(mails)), real(db, mails))[1])
    (here / "box.mbox").write_bytes(mbox(*(mail(number) for number in range(120))))
    run("box.mbox")
    assert batches == [50, 50, 20]
    batches.clear()
    monkeypatch.setattr(files, "BATCH_BYTES", 3 * len(mail(1)))
    run("--to", "support@acme.example", stdin=mbox(*(mail(number) for number in range(7))))
    assert batches == [3, 3, 1]


def test_a_mail_that_breaks_a_commit_breaks_no_others(here, monkeypatch):
    """Whatever it is: a bug, a value that the database does not take."""
    real = inbox.accept_one

    def stumble(db, one, key):
        if b"<2@" in one.raw:
            raise ValueError("too odd")
        return real(db, one, key)

    monkeypatch.setattr(inbox, "accept_one", stumble)
    (here / "box.mbox").write_bytes(mbox(mail(1), mail(2), mail(3)))
    result = run("box.mbox")
    assert (result.exit_code, result.stdout) == (1, "queued as 1\nqueued as 2\n")
    assert result.stderr == "mailticket: box.mbox#2: cannot be stored: ValueError: too odd\n"
    assert len(stored(here)) == 2


def test_trouble_with_the_database_ends_it_with_75_and_says_from_where(here, monkeypatch):
    real = inbox.accept
    left = [1]

    def full(db, mails):
        if not left:
            raise TemporaryError("database mailticket.db: database or disk is full")
        left.pop()
        return real(db, mails)

    monkeypatch.setattr(inbox, "accept", full)
    (here / "bad.eml").write_bytes(b"x")
    (here / "box.mbox").write_bytes(mbox(*(mail(number) for number in range(60))))
    result = run("bad.eml", "box.mbox")
    assert (result.exit_code, result.stdout.count("queued as")) == (75, 49)
    told = "neither it nor what follows was taken; run the same again: database mailticket.db: database or disk is full"
    assert result.stderr.splitlines()[1:] == [f"mailticket: box.mbox#50: {told}"]
    monkeypatch.setattr(inbox, "accept", real)
    again = run("box.mbox")
    assert (again.stdout.count("duplicate of"), again.stdout.count("queued as")) == (49, 11)


def _interruptible():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_in_the_middle_leaves_what_was_said_and_the_rest_comes_the_next_time(here):
    """A real process and a real SIGINT; the mbox comes by a pipe, so that the middle is where we want it."""
    contents = [mail(number) for number in range(60)]
    command = [sys.executable, "-m", "mailticket", "ingest", "--json"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    # Where a shell started the suite in the background, SIGINT would be ignored.
    with subprocess.Popen(command, **pipes, preexec_fn=_interruptible) as process:  # noqa: PLW1509 - no threads here
        process.stdin.write(mbox(*contents[:55]))
        process.stdin.flush()
        said = [json.loads(process.stdout.readline()) for _ in range(50)]
        process.send_signal(signal.SIGINT)
        said += [json.loads(line) for line in process.communicate(timeout=20)[0].splitlines()]
    assert process.returncode == 130
    assert len(stored(here)) == len(said) == 50
    again = objects(run("--json", stdin=mbox(*contents)))
    assert [one["duplicate"] for one in again] == [True] * 50 + [False] * 10
    assert len(stored(here)) == 60


def on_terminal(*args):
    """What standard error, which is a terminal, shows; and what standard output gets."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "mailticket", "ingest", *args]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=follower) as process:
        os.close(follower)
        out = process.communicate(timeout=30)[0].decode()
        shown = b""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                shown += os.read(leader, 65536)
            except OSError:  # the other end is closed: that was all
                break
    os.close(leader)
    return shown.decode(), out


def test_on_a_terminal_a_bar_shows_how_far_it_is_where_there_is_more_than_one_mail(here):
    (here / "box.mbox").write_bytes(mbox(*(mail(number) for number in range(60)), b"x"))
    shown, out = on_terminal("box.mbox")
    assert out.count("queued as") == 60
    assert "100%" in shown
    assert "\r\x1b[Kmailticket: box.mbox#61: names no address" in shown
    (here / "one.eml").write_bytes(mail(99))
    assert on_terminal("one.eml") == ("", "queued as 61\n")


def test_without_a_terminal_there_is_no_bar(here):
    (here / "box.mbox").write_bytes(mbox(*(mail(number) for number in range(60))))
    assert run("box.mbox").stderr == ""
