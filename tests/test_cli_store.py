"""The commands that look into a desk's database, on one that has a ticket and both queues in it."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from mailticket import service
from mailticket.cli import main
from mailticket.core.known import Absence
from mailticket.core.plan import NewEvent, NewMessage, Outgoing, Plan, TicketChange
from mailticket.core.types import Address, RawMail
from mailticket.store import inbox
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.lock import hold_alone

NOW = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
CONFIG = """\
[desk]
name = "Acme Support"
tag_prefix = "ACME"
timezone = "Europe/Prague"
secret = "correct horse battery staple"
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
MARIA = Address("maria@mail.example", "Maria \x1b[2J")
TEAM = Address("support@acme.example", "Support")


def ticket(number):
    fields = {
        "subject": "Fire\x1b[1m", "status": "new", "priority": "medium", "department": "Support",
        "agent": "anna@acme.example", "customer": MARIA, "language": "", "created_at": NOW, "updated_at": NOW,
        "first_response_due": None, "resolution_due": None, "estimate_answer_by": NOW + timedelta(days=1),
        "estimate_basis": "one working day",
    }  # fmt: skip
    return Plan(
        changes=(TicketChange(number, new=True, set=fields),),
        messages=(NewMessage(number, "<1@x>", "inbound", MARIA, (TEAM,), "Fire", "It burns\nhere", "", "", (), NOW),),
        events=(NewEvent("opened", "desk", number, {"inbox": 1}),),
        outbox=(
            Outgoing(
                f"ref{number}", "acknowledgement", "customer", number, "<2@x>", "", (MARIA,), "Re: Fire", b"raw", NOW
            ),
        ),
    )


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command on a desk with two tickets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
    (tmp_path / "mailticket.toml").write_text(CONFIG)
    mail = RawMail(b"Subject: Fire\r\nFrom: m@x\r\n\r\nIt burns", "", ("support@acme.example",), "smtp", NOW)
    with open_or_create(tmp_path / "mailticket.db") as db:
        inbox.accept(db, [mail])
        with db.write():
            apply(db, ticket(12), NOW)
            apply(db, ticket(13), NOW)
    return lambda *args: CliRunner().invoke(main, args)


def objects(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_tickets_are_listed_oldest_first_and_can_be_chosen(run):
    assert [one["id"] for one in objects(run("tickets", "list", "--json"))] == [12, 13]
    assert [one["id"] for one in objects(run("tickets", "list", "--json", "--limit", "1"))] == [12]
    for wanted in (("--status", "open"), ("--department", "Sales"), ("--agent", "x@y"), ("--customer", "x@y")):
        assert objects(run("tickets", "list", "--json", *wanted)) == []
    wanted = ("--status", "new", "--department", "Support", "--agent", "anna@acme.example")
    assert len(objects(run("tickets", "list", "--json", *wanted, "--customer", "maria@mail.example"))) == 2


def test_the_table_of_tickets_is_aligned_and_harmless(run):
    head, first, _ = run("tickets", "list").stdout.splitlines()
    assert head.index("STATUS") == first.index("new")
    assert head.index("SUBJECT") == first.index("Fire")
    assert "2026-11-22 14:03" in first
    assert "\x1b" not in first


@pytest.mark.parametrize("name", ["12", "ACME-12", "[ACME-12]", "[acme-12]"])
def test_a_ticket_is_shown_by_its_number_or_its_tag(run, name):
    assert objects(run("tickets", "show", name, "--json"))[0]["messages"][0]["text"] == "It burns\nhere"
    shown = run("tickets", "show", name).stdout
    assert shown.startswith("[ACME-12] Fire")
    assert "It burns\nhere\n" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(("name", "status"), [("99", 1), ("OTHER-12", 2), ("x", 2), ("9" * 30, 2)])
def test_a_ticket_that_is_not_there_is_told_in_one_line(run, name, status):
    result = run("tickets", "show", name)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (status, "", 1)


def test_the_inbox_is_listed_and_shown(run):
    listed = objects(run("inbox", "list", "--json"))
    assert [(one["id"], one["state"], one["envelope_from"]) for one in listed] == [(1, "queued", "")]
    assert objects(run("inbox", "list", "--json", "--state", "done")) == []
    assert "Fire" in run("inbox", "list").stdout
    shown = run("inbox", "show", "1").stdout
    assert "Subject: Fire\nFrom: m@x" in shown
    assert objects(run("inbox", "show", "1", "--json"))[0]["size"] == 36
    assert run("inbox", "show", "1", "--raw").stdout_bytes == b"Subject: Fire\r\nFrom: m@x\r\n\r\nIt burns"
    assert run("inbox", "show", "2").exit_code == run("inbox", "show", "2", "--raw").exit_code == 1


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        (b"=?utf-8?b?a?=", ""),
        (b"=?utf-8?b?abcde?=", "i"),
        (b"=?x-none?b?Y\xc3\xa9Q==?=", ""),
        (b"=?utf-8?q?R=C3=A9=1B[2J_x?=", "R\xe9 [2J x"),
        (b"caf\xe9", "caf\xe9"),
    ],
)
def test_a_mail_that_nobody_has_read_yet_is_listed_whatever_its_subject(run, tmp_path, subject, shown):
    head = b"Subject: %b\r\nMessage-ID: <a@b>\r\n" % subject
    with open_or_create(tmp_path / "mailticket.db") as db:
        inbox.accept(db, [RawMail(head + b"\r\n" + b"x" * 100_000, "", ("support@acme.example",), "smtp", NOW)])
    listed = objects(run("inbox", "list", "--json"))[-1]
    assert listed["message_id"] == "<a@b>"
    assert shown in listed["subject"]
    assert run("inbox", "list").exit_code == 0
    assert objects(run("inbox", "show", "2", "--json"))[0]["size"] == len(head) + 100_002


def test_the_outbox_is_listed_and_shown(run):
    assert [one["ticket"] for one in objects(run("outbox", "list", "--json", "--state", "queued"))] == [12, 13]
    assert "maria@mail.example" in run("outbox", "list").stdout
    assert "maria@mail.example queued" in run("outbox", "show", "1").stdout
    assert run("outbox", "show", "1", "--raw").stdout_bytes == b"raw"
    assert run("outbox", "show", "9").exit_code == 1


@pytest.mark.parametrize("queue", ["inbox", "outbox"])
def test_a_retry_says_what_became_of_each_and_exits_1_for_unknown_ids(run, queue):
    result = run(queue, "retry", "1", "99")
    assert (result.exit_code, result.stdout) == (1, "1: queued\n99: no such message\n")
    assert objects(run(queue, "retry", "1", "--json")) == [{"id": 1, "result": "queued"}]
    nothing = run(queue, "retry", "--all")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert run(queue, "retry").exit_code == run(queue, "retry", "1", "--all").exit_code == 2


def test_a_retry_of_what_is_done_says_so_and_exits_0(run, tmp_path):
    with open_or_create(tmp_path / "mailticket.db") as db, db.write():
        db.execute("UPDATE inbox SET state = 'done'")
        db.execute("UPDATE outbox SET state = 'sent'")
    assert run("inbox", "retry", "1").stdout == "1: already done\n"
    assert run("outbox", "retry", "1").stdout == "1: already sent\n"


def test_status_says_what_waits_and_that_no_daemon_runs(run, monkeypatch):
    monkeypatch.setattr(service, "clock", lambda: NOW + timedelta(minutes=2, seconds=5))
    result = run("status")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "NOT OK",
        "daemon:  is not running",
        "inbox:   1 waiting (the oldest for 2 min), 0 in quarantine",
        "outbox:  2 waiting (the oldest for 2 min), 0 failed",
        "tickets: 2 new",
    ]
    told = run("status", "--json")
    assert (told.exit_code, json.loads(told.stdout)["outbox"]["queued"]) == (1, 2)


def test_status_says_who_is_away_and_until_when(run, monkeypatch, tmp_path):
    monkeypatch.setattr(service, "clock", lambda: NOW)
    until = datetime(2026, 11, 27, 23, tzinfo=UTC)
    with open_or_create(tmp_path / "mailticket.db") as db, db.write():
        absent = (Absence(key, until, key, NOW) for key in ("anna@acme.example", "gone@acme.example"))
        apply(db, Plan(absences=tuple(absent)), NOW)
    said = "away:    Anna <anna@acme.example> through Friday 27 November 2026, CET"
    assert run("status").stdout.splitlines()[-1] == said
    assert json.loads(run("status", "--json").stdout)["away"] == [
        {"address": "anna@acme.example", "until": "2026-11-27T23:00:00.000Z"}
    ]
    monkeypatch.setattr(service, "clock", lambda: until)
    assert json.loads(run("status", "--json").stdout)["away"] == []


@pytest.mark.parametrize(
    ("queue", "hours", "ok"),
    [("outbox", 0.9, True), ("outbox", 1.1, False), ("inbox", 0.08, True), ("inbox", 0.09, False)],
)
def test_status_is_not_ok_when_mail_waits_too_long(run, monkeypatch, tmp_path, queue, hours, ok):
    monkeypatch.setattr(service, "clock", lambda: NOW + timedelta(hours=hours))
    with open_or_create(tmp_path / "mailticket.db") as db, db.write():
        db.execute("UPDATE outbox SET state = 'sent'" if queue == "inbox" else "UPDATE inbox SET state = 'done'")
    held = hold_alone(tmp_path / "mailticket.db")
    result = run("status")
    os.close(held)
    assert (result.exit_code, result.stdout.splitlines()[0]) == ((0, "ok") if ok else (1, "NOT OK"))


def test_a_mail_out_that_failed_is_told_and_status_stays_ok(run, monkeypatch, tmp_path):
    monkeypatch.setattr(service, "clock", lambda: NOW)
    with open_or_create(tmp_path / "mailticket.db") as db, db.write():
        db.execute("UPDATE outbox SET state = 'failed'")
    held = hold_alone(tmp_path / "mailticket.db")
    result = run("status")
    os.close(held)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "ok")
    assert "0 waiting, 2 failed" in result.stdout
    assert "see: mailticket outbox list --state failed" in result.stdout


def test_a_status_that_no_ticket_can_have_is_wrong_usage(run):
    result = run("tickets", "list", "--status", "oepn")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "postponed" in result.stderr


def test_status_is_ok_while_a_daemon_runs(run, monkeypatch, tmp_path):
    monkeypatch.setattr(service, "clock", lambda: NOW)
    held = hold_alone(tmp_path / "mailticket.db")
    result = run("status")
    os.close(held)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "ok")
