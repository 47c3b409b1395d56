"""`explain`: what the desk would do with mails of every form, with nothing stored or sent, and no bad one stops it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from peewee import SQL, fn
from test_ingest import CONFIG, mail, mbox

from mailticket.cli import main
from mailticket.config import load
from mailticket.core.parse import parse
from mailticket.service import clock
from mailticket.store import schema
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.templates_files import open_templates
from mailticket.worker import Worker

KEYS = {
    "path", "from", "to", "subject", "date", "message_id", "kind", "detail", "answerable", "bounce", "language", "text",
    "full_text", "html", "attachments", "defects", "proof", "decision",
}  # fmt: skip
DECISION = {"rule", "verdict", "department", "ticket", "assign", "would_send"}
REQUEST = b"""From: "Maria N." <maria@mail.example>
To: support@acme.example
Subject: Printer
Date: Thu, 26 Nov 2026 09:00:00 +0100
Message-ID: <m1@mail.example>

It is broken.
--\x20
Maria
"""


@pytest.fixture
def here(small_desk):
    return small_desk(CONFIG)


def run(*args, stdin=b""):
    return CliRunner().invoke(main, ["explain", *map(str, args)], input=stdin)


def told(*args, stdin=b"", status=0):
    ran = run("--json", *args, stdin=stdin)
    assert ran.exit_code == status, ran.output
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_what_declares_no_charset_is_read_as_the_desks_agents_write(here):
    """In the head, too."""
    raw = REQUEST.replace(b"Printer", "Děkuji".encode("cp1250")).replace(b"It is", "Děkuji".encode("cp1250"))
    assert told(stdin=raw)[0]["subject"] == "Dìkuji"
    config = (here / "mailticket.toml").read_text()
    (here / "mailticket.toml").write_text(config + 'languages = ["cs", "en"]\n')
    (one,) = told(stdin=raw)
    assert (one["subject"], one["text"]) == ("Děkuji", "Děkuji broken.")


def test_a_request_is_read_sorted_and_decided(here):
    """All that the face promises is there, and what the desk would do with it."""
    (one,) = told(stdin=REQUEST)
    assert one.keys() >= KEYS
    assert one["decision"].keys() >= DECISION
    assert one["path"] == "-"
    assert one["from"] == {"address": "maria@mail.example", "name": "Maria N."}
    assert (one["subject"], one["date"], one["kind"]) == ("Printer", "2026-11-26T08:00:00Z", "person")
    assert (one["text"], one["full_text"]) == ("It is broken.", "It is broken.\n-- \nMaria")
    assert (one["answerable"], one["proof"], one["bounce"]) == (True, None, None)
    decision = one["decision"]
    assert (decision["rule"], decision["verdict"], decision["ticket"]) == ("new", "new ticket", None)
    assert (decision["department"], decision["assign"]) == ("Support", "anna@acme.example")
    assert [(letter["kind"], letter["to"][0]["address"]) for letter in decision["would_send"]] == [
        ("acknowledgement", "maria@mail.example"),
        ("assignment", "anna@acme.example"),
    ]


def test_nothing_is_stored_and_nothing_is_made(here):
    before = sorted(here.rglob("*"))
    run(stdin=REQUEST)
    assert sorted(here.rglob("*")) == before


def test_what_the_database_knows_counts_and_stays_as_it_is(here):
    """A customer's next mail would go into their ticket; the same mail once more is known again."""
    (here / "request.eml").write_bytes(REQUEST)
    CliRunner().invoke(main, ["ingest", "request.eml"])
    known = load(here / "mailticket.toml", {}, clock().date())
    with open_or_create(known.database) as db:
        Worker(Desk(db, known.policy, open_templates(None), clock, "one"), parse).step()
    before = _rows(known)
    again = REQUEST.replace(b"Subject: Printer", b"Subject: Re: [TICKET-1] Printer").replace(b"<m1@", b"<m2@")
    (one,) = told(stdin=again)
    assert (one["decision"]["match"], one["decision"]["verdict"], one["decision"]["ticket"]) == (
        "tag",
        "into ticket",
        1,
    )
    (one,) = told(stdin=REQUEST)
    assert (one["decision"]["rule"], one["decision"]["ticket"]) == ("duplicate", 1)
    assert any(
        "recorded, ticket 1, Support: duplicate of 1, see `mailticket inbox show 1`" in line for line in read(REQUEST)
    )
    assert _rows(known) == before


def _rows(known):
    with open_or_create(known.database) as db:
        return [db.rows(table.select(fn.COUNT(SQL("*")))) for table in schema.TABLES]


def test_files_folders_mboxes_and_maildirs_are_named_as_they_were_typed(here):
    (here / "one.eml").write_bytes(REQUEST)
    (here / "many.mbox").write_bytes(mbox(mail(1), mail(2)))
    (here / "folder").mkdir()
    (here / "folder" / "a.eml").write_bytes(REQUEST)
    for name in ("new", "cur", "tmp"):
        (here / "box" / name).mkdir(parents=True)
    (here / "box" / "cur" / "1.x:2,S").write_bytes(REQUEST)
    found = [one["path"] for one in told("one.eml", "many.mbox", "folder", "./box")]
    assert found == ["one.eml", "many.mbox#1", "many.mbox#2", "folder/a.eml", "./box/cur/1.x:2,S"]


def test_an_old_macs_mail_with_an_mbox_line_on_top_is_read(here):
    """Its line ends are CR alone: all of it is the first line of the file."""
    (here / "mac.eml").write_bytes(
        (b"From maria@mail.example Sun Nov 22 10:00:00 2026\n" + REQUEST).replace(b"\n", b"\r")
    )
    (one,) = told("mac.eml")
    assert (one["subject"], one["text"], one["from"]["name"]) == ("Printer", "It is broken.", "Maria N.")


def test_a_bad_one_stops_nothing_and_is_explained(here):
    """Binary garbage, an empty file, one that is too large and what is no mail: each is told, none hides the next."""
    (here / "mails").mkdir()
    (here / "mails" / "1.eml").write_bytes(bytes(range(256)) * 20)
    (here / "mails" / "2.eml").write_bytes(b"")
    (here / "mails" / "3.eml").write_bytes(REQUEST + b"x" * 30_000)
    (here / "mails" / "4.txt").write_bytes(b"no mail at all\n")
    (here / "mails" / "5.eml").write_bytes(REQUEST)
    ran = run("--json", "mails")
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["path"] for one in said] == [f"mails/{n}.eml" for n in (1, 2, 3, 5)]
    assert [one["decision"]["verdict"] for one in said] == ["new ticket", "refused", "refused", "new ticket"]
    assert all(one.keys() >= KEYS and one["decision"].keys() >= DECISION for one in said)
    assert ran.exit_code == 1
    assert ran.stderr.splitlines() == [
        "mailticket: mails/2.eml: is empty",
        "mailticket: mails/3.eml: is larger than max_message_size (20000 bytes)",
        "mailticket: mails/4.txt: is no mail: it does not begin with a header",
    ]


def test_without_a_config_an_example_desk_answers_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILTICKET_CONFIG", raising=False)
    monkeypatch.setattr("mailticket.cli.frame.DEFAULT_CONFIGS", ())
    ran = run("--json", stdin=REQUEST)
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["decision"]["verdict"] == "new ticket"
    assert ran.stderr.startswith("mailticket: no config: explained as an example desk would")
    assert run("-c", "nowhere.toml", stdin=REQUEST).exit_code == 2


def test_a_person_reads_what_and_why(here):
    ran = run(stdin=REQUEST.replace(b"Message-ID", b"Auto-Submitted: auto-replied\nMessage-ID"))
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert "From: Maria N. <maria@mail.example>" in lines
    assert "Kind: automatic, out-of-office, by the rule “auto-replied”" in lines
    assert any(line.startswith("Verdict: recorded, Support: an automatic reply") for line in lines)
    assert "It is broken." in lines
    assert "No answer: the sender gets no automatic mail: automatic" in lines
    assert "Would send: nothing" in lines
    assert "[2 lines of quotes and signatures are folded; --json has them in full_text]" in lines


def read(raw):
    return [" ".join(line.split()) for line in run(stdin=raw).stdout.splitlines()]


def test_our_own_words_below_a_mails_are_no_folded_lines(here):
    raw = REQUEST.partition(b"It is broken")[0].replace(b"Message-ID", b"Content-Type: text/calendar\nMessage-ID")
    lines = read(raw + b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Repair\nEND:VEVENT\nEND:VCALENDAR\n")
    assert "Event: Repair" in lines
    assert not [line for line in lines if "folded" in line]
    (folded,) = [line for line in read(REQUEST.replace(b"--\x20\n", b"> ")) if "folded" in line]
    assert folded.startswith("[1 line of quotes and signatures is folded")


def test_a_mail_of_no_words_says_so(here):
    assert "(no words that could be read)" in read(REQUEST.partition(b"It is broken")[0])


def test_a_forwarded_mail_is_read_with_what_it_passes_on(here):
    lines = read(
        REQUEST.partition(b"--")[0]
        + b"\n---- Forwarded message ----\nFrom: K <k@b.example>\nDate: 25 Nov 2026 09:12\nSubject: P\n\nHelp!\n"
    )
    assert "Forwarded: inline, from K <k@b.example>, 2026-11-25 09:12 +0100: P" in lines
    assert lines[-1] == "Help!"


def test_whom_a_mail_goes_to_and_what_would_be_sent_stand_below_each_other(here):
    ran = run(stdin=REQUEST.replace(b"Subject", b"Cc: boss@mail.example\nReply-To: x@mail.example\nSubject"))
    lines = ran.stdout.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith(("Cc", "Reply-To"))] == [
        ["Cc:", "boss@mail.example"],
        ["Reply-To:", "x@mail.example"],
    ]
    sent = [line for line in lines if "acknowledgement to" in line or "assignment to" in line]
    assert len({line.index(" to ") - len(line.split(" to ")[0].split()[-1]) for line in sent}) == 1


def test_terminal_sequences_of_strangers_are_not_obeyed(here):
    ran = run(stdin=REQUEST.replace(b"It is broken.", b"\x1b]0;x\x07 and \x1b[2J"))
    assert "\x1b" not in ran.stdout


def test_an_agents_mail_without_proof_would_wait(here):
    stranger = REQUEST.replace(b'"Maria N." <maria@mail.example>', b"Anna <anna@acme.example>")
    (one,) = told(stdin=stranger)
    assert (one["decision"]["rule"], one["decision"]["verdict"]) == ("agent unproved", "quarantined")
    assert [letter["template"] for letter in one["decision"]["would_send"]] == ["question"]
