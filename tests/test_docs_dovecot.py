"""docs/dovecot.md can be followed to its end: its config is right, and does with a Dovecot what the page says."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest
from certificates import certificate
from click.testing import CliRunner
from daemon import Daemon, until
from dovecot_imap import PASSWORD, ImapDovecot
from fakes.smtpserver import FULL, ScriptedServer
from test_readme import named_commands

from mailticket import config
from mailticket.cli import main
from mailticket.intake.tls import context

PAGE = (Path(__file__).parent.parent / "docs" / "dovecot.md").read_text(encoding="utf-8")
CONFIG = "\n".join(re.findall(r"(?ms)^```toml\n(.*?)^```", PAGE))
USER = "support@acme.example"
MAIL = b"From: Eva <eva@customer.example>\r\nTo: support@acme.example\r\nSubject: Printer\r\n\r\nIt burns.\r\n"


def written(folder: Path, text: str) -> Path:
    (folder / "secret").write_text("a secret that is long enough")
    (folder / "imap-password").write_text(PASSWORD + "\n")
    path = folder / "mailticket.toml"
    path.write_text(text)
    for one in folder.iterdir():
        one.chmod(0o600)
    return path


def test_its_config_is_right_and_nothing_has_to_be_said_about_it(tmp_path):
    found = config.load(written(tmp_path, CONFIG), os.environ, date(2026, 11, 26))
    assert found.warnings == ()
    (box,) = found.imap
    assert (box.host, box.port, box.tls, box.password, box.after.folder) == (
        *("mail.acme.example", 993, "implicit"),
        *(PASSWORD, "Archive"),
    )
    assert (found.delivery.username, found.delivery.transport) == (USER, "starttls")


def test_the_commands_that_it_names_exist():
    named = named_commands(PAGE)
    assert {"check", "status"} == named & {"check", "status"}
    assert named <= set(main.commands)


@pytest.fixture
def dovecot(need):
    need("root", "dovecot", "lmtp", "imap")
    with ImapDovecot([USER]) as dovecot:
        yield dovecot


@pytest.fixture
def sender():
    """The mail server that sends, with STARTTLS and a login."""
    pair = certificate()
    with ScriptedServer(offers=(*FULL, "STARTTLS", "AUTH PLAIN"), tls=context(pair.cert, pair.key)) as server:
        yield server


def test_who_follows_it_has_a_ticket_an_empty_inbox_and_an_acknowledgement(dovecot, sender, tmp_path):
    """Its config with other ports, and an authority of the test's own."""
    daemon = Daemon(tmp_path, sender.port)
    text = CONFIG.replace("/var/lib/mailticket/", "").replace("mail.acme.example:587", f"127.0.0.1:{sender.port}")
    ca = f'ca = "{certificate().ca}"\n'
    text = text.replace('host = "mail.acme.example"\n', f'host = "127.0.0.1"\nport = {dovecot.tls_port}\n{ca}')
    text = text.replace("[delivery]\n", f"[delivery]\n{ca}")
    written(tmp_path, text)

    def said(*command: str) -> str:
        result = CliRunner().invoke(main, [*command, "-c", str(daemon.config)])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "IDLE, MOVE, UIDPLUS" in said("check", "--connect")
    with daemon:
        daemon.launch()
        until(lambda: "run: ready\n" in daemon.logged(), 20, daemon.logged)
        until(lambda: state(daemon) == ["watching"], 20, daemon.logged)
        dovecot.deliver(MAIL, USER, to="support+detail@acme.example")
        until(lambda: dovecot.count(USER, "Archive") == 1, 20, daemon.logged)
        until(lambda: len(sender.taken) == 2, 20, daemon.logged)
        assert dovecot.count(USER) == 0
        (box,) = json.loads(said("status", "--json"))["mailboxes"]
        assert (box["name"], box["state"], box["last_uid"], box["last_error"]) == ("main", "watching", 1, None)
        assert daemon.stop() == 0
    assert {tuple(taken.rcpts) for taken in sender.taken} == {
        ("RCPT TO:<eva@customer.example>",),
        ("RCPT TO:<anna@acme.example>",),
    }


def state(daemon: Daemon) -> list[str]:
    with daemon.database() as db:
        return [row[0] for row in db.execute("SELECT state FROM mailbox")]
