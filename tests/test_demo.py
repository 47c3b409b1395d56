"""`mailticket demo`: a newcomer sees the whole conversation, or one clear line that says why not."""

import mailbox
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mailticket.demo_parts.sink import Sink
from mailticket.demo_parts.tell import Teller, short

HEADS = [
    "1. Maria asks for help",
    "2. The desk tells Maria that it has it, and when she can expect an answer",
    "3. One agent gets the ticket",
    "4. Anna answers, by a plain reply",
    "5. Somebody else writes to Maria in Anna's name",
    "6. Maria writes again, a new mail with nothing but the tag",
    "7. Anna replies, and Maria's out-of-office answers her",
    "8. Anna resolves the ticket",
]
LONGEST = 60  # seconds
MAIL = "From: x@y.example\r\nSubject: Again\r\nMessage-ID: <again@y.example>\r\n\r\nHello\r\n"


def surroundings(folder):
    return {**os.environ, "TMPDIR": str(folder), "PYTHONUTF8": "1"}


def play(folder, before=""):
    """The demo in a process of its own, with a line of Python before it; what it leaves behind is in `folder`."""
    program = f"from mailticket import cli, demo\n{before}\ncli.main(['demo'])"
    return subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )


@pytest.fixture
def kept(tmp_path):
    """`demo --keep` after its story: (process, its output so far, its folder)."""
    command = [sys.executable, "-m", "mailticket", "demo", "--keep"]
    process = subprocess.Popen(
        command, env=surroundings(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C ends it" in line:
            break
    (folder,) = tmp_path.iterdir()
    yield process, said, folder
    process.terminate()  # not by SIGKILL: it has a daemon to stop
    process.communicate(timeout=LONGEST)


def test_the_story_is_told_in_eight_steps_and_leaves_nothing_behind(tmp_path):
    done = play(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert re.findall(r"^\d\. .*", done.stdout, re.MULTILINE) == HEADS
    assert "Status:         resolved" in done.stdout
    assert done.stdout.index("mailticket init") < done.stdout.index("mailticket run")
    assert list(tmp_path.iterdir()) == []
    assert "\x1b" not in done.stdout, "colours are for terminals"
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = play(tmp_path, f"demo._free_port = lambda: {taken.getsockname()[1]}")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "the daemon ended by itself" in done.stderr
    assert "another program has it" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_daemon_that_cannot_start_is_told_in_one_line(tmp_path):
    done = play(tmp_path, "demo.CONFIG = demo.CONFIG.replace('tag_prefix', 'tag_prefx')")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert 'did you mean "tag_prefix"?' in done.stderr


def test_a_mail_that_does_not_come_is_told_in_one_line(tmp_path):
    """Here the desk's mails go to a port where nobody listens."""
    wrong = "from mailticket.demo_parts import story; story.PATIENCE = 0.5; demo.CONFIG = demo.CONFIG.replace"
    done = play(tmp_path, f"{wrong}('127.0.0.1:%(sink)d', '127.0.0.1:9')")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "the acknowledgement did not come within 0.5 s; its log ends:" in done.stderr


def test_a_desk_that_does_something_else_than_the_story_says_is_found_out(tmp_path):
    done = play(
        tmp_path, """demo.CONFIG = demo.CONFIG.replace('[[department]]', '[[department]]\\nhide_agents = true')"""
    )
    assert done.returncode == 1
    assert done.stderr == (
        "mailticket: the demo found something wrong: the answer comes from Support <support@acme.example>\n"
    )


def test_a_kept_desk_goes_on_until_it_is_interrupted(kept):
    """The Maildir holds the story's mails, new ones join it, and SIGINT ends it all well."""
    process, said, folder = kept
    sent = mailbox.Maildir(folder / "sent", create=False)
    told = Counter(mail["Delivered-To"] for mail in sent)
    assert told == {"anna@acme.example": 8, "maria@customer.example": 3, "petr@acme.example": 1}
    assert str(folder / "sent") in said
    port = int(re.search(r"127\.0\.0\.1 port (\d+)", said)[1])
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail("x@y.example", "support@acme.example", MAIL)
    assert process.stdout.readline() == "\n"
    told = [process.stdout.readline(), process.stdout.readline()]
    assert sorted(told) == [
        "   to petr@acme.example: [ACME-2] Again\n",
        "   to x@y.example: Re: [ACME-2] Acme Support\n",
    ]
    assert len(sent) == 14
    process.send_signal(signal.SIGINT)
    rest, wrong = process.communicate(timeout=LONGEST)
    assert (process.returncode, wrong) == (0, "")
    assert "nothing was kept" in rest
    assert not folder.exists()


def test_a_kept_desk_whose_daemon_is_killed_says_so(kept):
    process, _, folder = kept
    (daemon,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(daemon), signal.SIGKILL)
    _, wrong = process.communicate(timeout=LONGEST)
    assert process.returncode == 1
    assert wrong.startswith("mailticket: the daemon ended by itself (status -9); its log ends:")
    assert len(wrong.splitlines()) == 1
    assert not folder.exists()


def test_the_sink_keeps_a_mail_as_it_was_sent(tmp_path):
    """Dots are unstuffed, the envelope stands above, and every recipient is there."""
    with Sink(tmp_path / "box") as sink:
        with smtplib.SMTP("127.0.0.1", sink.port) as server:
            server.sendmail("", ["a@x.example", "b@x.example"], b"Subject: Dots\r\n\r\n.\r\n..two\r\n")
        sent = sink.wait(lambda sent: sent.mail["Subject"] == "Dots", 5)
    assert (sent.sender, sent.recipients) == ("", ("a@x.example", "b@x.example"))
    assert sent.raw.endswith(b"\r\n\r\n.\r\n..two\r\n")
    (kept,) = mailbox.Maildir(tmp_path / "box", create=False)
    assert (kept["Return-Path"], kept["Delivered-To"]) == ("<>", "a@x.example, b@x.example")


def test_the_sink_forgets_a_mail_that_broke_off(tmp_path):
    with Sink(tmp_path / "box") as sink:
        with socket.create_connection(("127.0.0.1", sink.port)) as wire:
            wire.sendall(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nDATA\r\nSubject: Half\r\n")
            time.sleep(0.05)
        assert sink.wait(lambda _: True, 0.2) is None


def test_ids_are_shown_by_their_beginning():
    assert short("<mcqoqdk4jrvi7.abcdefghijklmnop@a.example>") == "<mcqoqdk4jrvi..@a.example>"
    assert short("maria@customer.example") == "maria@customer.example"


def test_colours_are_for_terminals_that_want_them(monkeypatch, tmp_path):
    class Terminal:
        def __init__(self):
            self.text = ""

        def isatty(self):
            return True

        def write(self, text):
            self.text += text

        def flush(self):
            pass

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for no_colour, coloured in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_colour)
        terminal = Terminal()
        Teller(terminal).head("Hello")
        assert ("\x1b[1m" in terminal.text) is coloured
