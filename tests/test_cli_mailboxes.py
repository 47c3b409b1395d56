"""What the command line says of mailboxes that are read by IMAP, and how their mails are tried again."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner
from test_cli_store import CONFIG
from watched import DAY, HOUR, MINUTE, PROBING, START, House, given_up, said, stored

from mailticket import service
from mailticket.cli import main
from mailticket.store.db import open_or_create
from mailticket.store.lock import hold_alone

MAILBOXES = """\
[imap.main]
host = "imap.acme.example"
username = "support"
password = "a secret"
[imap.sales]
host = "imap.acme.example"
username = "sales"
password = "a secret"
"""
OFF = {"state": "off", "since": None, "last_mail_at": None, "last_uid": None, "last_error": None}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command a minute after a daemon has begun that reads `main`, and shall read `sales`."""
    (tmp_path / "mailticket.toml").write_text(CONFIG + MAILBOXES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
    monkeypatch.setattr(service, "clock", lambda: START + MINUTE)
    with open_or_create(tmp_path / "mailticket.db") as db:
        House(db)
        said(db, "main", "watching", START)
        stored(db, 4711, START - HOUR)
        with db.write():
            db.execute("UPDATE inbox SET state = 'done'")
        said(db, "gone", "down", START - DAY)
    return lambda *args: CliRunner().invoke(main, args)


@pytest.fixture
def daemon(tmp_path, run):
    held = hold_alone(tmp_path / "mailticket.db")
    yield
    os.close(held)


@pytest.fixture
def db(tmp_path, run):
    with open_or_create(tmp_path / "mailticket.db") as opened:
        yield opened


def boxes(result):
    return {box.pop("name"): box for box in json.loads(result.stdout)["mailboxes"]}


@pytest.mark.usefixtures("daemon")
def test_status_has_every_mailbox_of_the_config_and_no_other(run):
    result = run("status", "--json")
    assert result.exit_code == 0
    assert boxes(result) == {
        "main": {
            "state": "watching",
            "since": "2026-11-23T08:00:00.000Z",
            "last_mail_at": "2026-11-23T07:00:00.000Z",
            "last_uid": 4711,
            "last_error": None,
        },
        "sales": OFF,
    }
    lines = run("status").stdout.splitlines()
    assert [line.replace("  ", " ") for line in lines if line.startswith("mailbox")] == [
        "mailbox main: watching for 1 min, last mail 1 h ago",
        "mailbox sales: off, no mail yet",
    ]


def test_where_no_daemon_runs_every_mailbox_is_off_and_what_came_of_it_is_still_known(run, db):
    said(db, "main", "down", START, "no route to host")
    result = run("status", "--json")
    assert result.exit_code == 1
    known = {"last_mail_at": "2026-11-23T07:00:00.000Z", "last_uid": 4711, "last_error": "no route to host"}
    assert boxes(result) == {"main": OFF | known, "sales": OFF}


@pytest.mark.usefixtures("daemon")
def test_status_is_not_ok_once_a_mailbox_is_down_for_longer_than_the_managers_wait(run, db, monkeypatch):
    said(db, "sales", "watching", START + HOUR)
    said(db, "main", "down", START + MINUTE, "login refused\r\nby the server")
    for passed, ok in ((15 * MINUTE, True), (16 * MINUTE, False)):
        monkeypatch.setattr(service, "clock", lambda passed=passed: START + passed)
        result = run("status")
        assert (result.exit_code, result.stdout.splitlines()[0]) == ((0, "ok") if ok else (1, "NOT OK"))
    assert "down for 15 min, last mail 1 h ago; last error: login refused" in run("status").stdout


@pytest.mark.usefixtures("daemon")
def test_status_is_ok_for_a_daemon_that_has_only_just_begun_and_has_read_nothing_yet(run, db):
    said(db, "main", "polling", START - 3 * DAY)
    said(db, "main", "connecting", START)
    assert (run("status").exit_code, run("status").stdout.splitlines()[0]) == (0, "ok")


@pytest.mark.usefixtures("daemon")
def test_status_says_that_a_mail_to_ourselves_is_lost(run, db, monkeypatch):
    house = House(db, PROBING)
    house.passes(MINUTE, "watching")
    house.hand_over()
    house.passes(15 * MINUTE, "watching")
    said(db, "sales", "watching", START + HOUR)
    monkeypatch.setattr(service, "clock", lambda: house.now)
    result = run("status", "--json")
    assert result.exit_code == 1
    assert boxes(result)["main"]["last_error"] == "a mail that we sent to ourselves has not come back"


def test_mails_that_were_given_up_are_tried_again(run, db):
    given_up(db, 1, 2)
    given_up(db, 3, mailbox="sales", username="sales")
    assert run("imap", "retry", "main").stdout == "main: 2 mails will be tried again\n"
    assert run("imap", "retry", "main").stdout == "main: 0 mails will be tried again\n"
    assert run("imap", "retry", "sales").stdout == "sales: 1 mail will be tried again\n"
    rows = db.execute("SELECT uid, state, tries FROM folder_mail WHERE uid < 10 ORDER BY uid").fetchall()
    assert [tuple(row) for row in rows] == [(uid, "failing", 0) for uid in (1, 2, 3)]


def test_a_mailbox_that_is_not_in_the_config_is_told_in_one_line(run):
    result = run("imap", "retry", "gone")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "there is no [imap.gone] in" in result.stderr
    assert "there is main, sales" in result.stderr
