"""An agent's mail program logs in at the running desk with a password that `mailticket passwd` made: that is proof."""

from __future__ import annotations

import subprocess
import sys

import pytest
from certificates import certificate
from daemon import ADDRESS, Daemon, until
from fakes.smtpserver import ScriptedServer
from postfix import read, swaks, words

from mailticket.store import queues

MARIA, ANNA = "maria@customer.example", "anna@acme.example"
WORD = "correct horse battery staple"


def made(password: str) -> str:
    """The line that goes into the config."""
    command = [sys.executable, "-P", "-m", "mailticket", "passwd"]
    return subprocess.run(command, input=password + "\n", check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture
def desk(need, tmp_path):
    need("swaks")
    agent = f'[[agent]]\nname = "Anna Novak"\naddress = "{ANNA}"\n{made(WORD)}'
    with ScriptedServer() as sink:
        daemon = Daemon(tmp_path, delivery=sink.port, agents=agent)
        tls = f'[smtp]\ntls_cert = "{certificate().cert}"\ntls_key = "{certificate().key}"\n'
        daemon.config.write_text(daemon.config.read_text("utf-8").replace("[smtp]\n", tls), "utf-8")
        with daemon:
            daemon.start()
            yield daemon, sink
            assert daemon.stop() == 0


def sent(sink: ScriptedServer, to: str, what: bytes) -> list:
    return [read(taken.raw) for taken in sink.taken if f"<{to}>" in taken.rcpts[0] and what in taken.raw]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_mail_with_the_tag_alone_is_an_answer_when_its_agent_is_logged_in(desk, mechanism):
    daemon, sink = desk
    swaks(daemon.port, MARIA, "--header", "Subject: Printer", "--body", "It burns.")
    until(lambda: sent(sink, ANNA, b"It burns."), 10, daemon.logged)
    login = ["--tls", "--auth", mechanism, "--auth-user", ANNA, "--auth-password", WORD]
    mail = ["--h-From", f"Anna Novak <{ANNA}>", "--header", "Subject: Re: [ACME-1] Printer", "--body", "Pull the plug."]
    swaks(daemon.port, ANNA, *login, *mail)
    until(lambda: sent(sink, MARIA, b"Pull the plug."), 10, daemon.logged)
    (answer,) = sent(sink, MARIA, b"Pull the plug.")
    assert (str(answer["From"]), words(answer).strip()) == (f"Anna Novak <{ADDRESS}>", "Pull the plug.")
    assert WORD not in daemon.logged()


def test_no_password_is_asked_for_or_taken_without_tls(desk):
    """swaks ends with 28 where it cannot log in; what it then sends without is a claim."""
    daemon, sink = desk
    login = ["--auth", "PLAIN", "--auth-user", ANNA, "--auth-password", WORD]
    with pytest.raises(AssertionError, match="Host did not advertise authentication"):
        swaks(daemon.port, ANNA, *login, "--body", "Hello")
    wrong = ["--tls", "--auth", "PLAIN", "--auth-user", ANNA, "--auth-password", "not it"]
    with pytest.raises(AssertionError, match="535"):
        swaks(daemon.port, ANNA, *wrong, "--body", "Hello")
    swaks(daemon.port, ANNA, "--tls", "--header", "Subject: Mine", "--body", "Hello")
    until(lambda: sent(sink, ANNA, b"in your name"), 10, daemon.logged)
    with daemon.database() as db:
        (row,) = queues.inbox(db)
    assert (row["state"], "without proof" in row["reason"]) == ("quarantined", True)
