"""A running desk with access tokens alone: what it reads and sends, a login that ends, and the one that mends it."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from daemon import AGENTS, Daemon, until
from dovecot_oauth2 import TokenDovecot
from fakes.imapserver import ScriptedImap
from fakes.smtpserver import FULL, ScriptedServer
from fakes.tokenserver import CLIENT, SECRET, TokenServer
from letters import body
from mailboxes import Reading
from postfix import read
from watched import House

from mailticket.settings import OAuth2
from mailticket.tokens import Tokens

ENDED = "no new token: invalid_grant (the refresh token is not good); run `mailticket imap login main`"
MAIL = """\
From: Maria <maria@customer.example>\r
To: support@acme.example\r
Subject: Printer {number}\r
Message-ID: <{number}@customer.example>\r
\r
It burns.\r
"""


def table(head: str, tokens: TokenServer, proof: str) -> str:
    urls = f'token_url = "{tokens.url()}"\ndevice_url = "{tokens.url("device")}"\n'
    return f'[{head}.oauth2]\n{urls}client_id = "{CLIENT}"\n{proof}\n'


@pytest.fixture
def servers(need):
    need("root", "dovecot", "lmtp", "imap")
    with (
        TokenServer(user="support", rotate=True) as tokens,
        TokenDovecot(tokens) as dovecot,
        ScriptedServer(offers=("AUTH XOAUTH2", *FULL)) as sink,
    ):
        yield tokens, dovecot, sink


@pytest.fixture
def desk(servers, tmp_path):
    tokens, dovecot, sink = servers
    box = f'[imap.main]\nhost = "127.0.0.1"\nport = {dovecot.port}\ntls = "none"\nusername = "support"\n'
    box += 'since = "all"\nalarm_after = "1s"\n' + table("imap.main", tokens, 'refresh_token = { file = "main.token" }')
    daemon = Daemon(tmp_path, sink.port, agents=AGENTS + box)
    out = table("delivery", tokens, f'client_secret = "{SECRET}"')
    text = daemon.config.read_text("utf-8").replace("smtp://127", "smtp://support@127")
    daemon.config.write_text(text.replace("[answers]", f"{out}[answers]"), "utf-8")
    (tmp_path / "main.token").write_text("refresh-0-abcdefghijkl")
    (tmp_path / "main.token").chmod(0o600)
    with daemon:
        yield daemon


@pytest.fixture
def house(tmp_path):
    """Its mailbox takes the first token that the token server gives; nobody has logged in yet."""
    with TokenServer(user="support") as tokens, ScriptedImap(password="access-1-opqrstuvwxyz") as imap:
        now = [datetime(2026, 11, 26, 8, tzinfo=UTC)]
        reading = Reading(tmp_path, imap.port, clock=lambda: now[0])
        oauth2 = OAuth2(tokens.url(), CLIENT, refresh_token="ended-0123456789", refresh_file=tmp_path / "main.token")
        reading.box = replace(reading.box, password="", oauth2=oauth2)
        reading.tokens = Tokens(oauth2, "imap.main", time.monotonic)
        made = House(reading.db)
        made.reading, made.clock, made.now = reading, now, now[0]
        made.restart(reading.box)
        yield made
        reading.stop()
        reading.db.close()


def turn(house, minutes: int) -> None:
    house.now += timedelta(minutes=minutes)
    house.clock[0] = house.now
    house.jobs()


def sent(sink: ScriptedServer, subject: str) -> list:
    return [mail for mail in (read(taken.raw) for taken in sink.taken) if subject in str(mail["Subject"])]


def command(desk: Daemon, *arguments: str) -> None:
    run = [sys.executable, "-P", "-m", "mailticket", *arguments, "-c", str(desk.config)]
    subprocess.run(run, check=True, capture_output=True, timeout=60)


def test_it_reads_and_sends_with_tokens_and_a_login_that_ended_is_mended_by_one_command(servers, desk):
    tokens, dovecot, sink = servers
    dovecot.deliver(MAIL.format(number=1).encode())
    desk.start()
    until(lambda: sent(sink, "Printer 1"), 15, desk.logged)
    assert all(line.startswith("AUTH XOAUTH2") for line in sink.commands if line.startswith("AUTH"))
    assert (desk.folder / "main.token").read_text().strip() in tokens.refresh, "what the server gave last"
    tokens.refresh.clear()
    tokens.expire()
    dovecot.kick()
    until(lambda: ENDED in desk.logged(), 15, desk.logged)
    dovecot.deliver(MAIL.format(number=2).encode())
    command(desk, "imap", "login", "main")
    until(lambda: sent(sink, "Printer 2"), 20, desk.logged)
    assert desk.stop() == 0
    assert not any(word in desk.logged() for word in ("access-", "refresh-", SECRET))


def test_the_managers_are_told_what_to_do_once_and_once_that_it_is_over(house):
    house.reading.start()
    house.reading.is_in("down", error=ENDED)
    turn(house, 16)
    turn(house, 60)
    assert house.subjects == ["Mailbox main cannot be read"]
    assert ENDED in " ".join(body(house.raw(), "plain").split())
    (house.reading.folder / "main.token").write_text("refresh-0-abcdefghijkl\n")
    house.reading.is_in("watching")
    turn(house, 1)
    assert house.subjects == ["Mailbox main cannot be read", "Mailbox main reads again"]
