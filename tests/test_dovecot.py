"""What the desk sends goes by LMTP straight into Dovecot's mailboxes; each recipient has Dovecot's own answer."""

from __future__ import annotations

import smtplib

import pytest
from daemon import Daemon, until
from dovecot import Dovecot
from postfix import read, reply, swaks, words

from mailticket.store import face

MARIA, EVA = "maria@customer.example", "eva@customer.example"  # Dovecot knows no Eva
ANNA = "anna@acme.example"
ONLY_ANNA = f'[[agent]]\nname = "Anna Novak"\naddress = "{ANNA}"\n'


@pytest.fixture
def house(need, tmp_path):
    need("root", "dovecot", "lmtp", "swaks")
    with Dovecot([MARIA, ANNA], "no login here") as dovecot:
        daemon = Daemon(tmp_path, delivery=0, agents=ONLY_ANNA)
        text = daemon.config.read_text("utf-8").replace("smtp://127.0.0.1:0", f"lmtp://{dovecot.lmtp}")
        daemon.config.write_text(text, "utf-8")
        with daemon:
            daemon.start()
            yield daemon, dovecot
            assert daemon.stop() == 0


def test_a_conversation_ends_in_mailboxes_and_who_has_none_is_told_of(house):
    daemon, dovecot = house

    def got(user: str, what: bytes):
        found = []
        until(lambda: found.extend(raw for raw in dovecot.mails(user) if what in raw) or found, 10, dovecot.logged)
        return read(found[0])

    swaks(daemon.port, MARIA, "--header", "Subject: Printer", "--header", f"Cc: {EVA}", "--body", "It burns.")
    assert got(MARIA, b"auto-replied")["Return-Path"] == "<>"
    assigned = got(ANNA, b"It burns.")
    raw = reply(assigned, f"Anna Novak <{ANNA}>", "Pull the plug.\n.\nThen wait.", "answer")
    with smtplib.SMTP("127.0.0.1", daemon.port, timeout=20) as client:
        client.sendmail(ANNA, [str(read(raw)["To"])], raw)
    answer = got(MARIA, b"Pull the plug.")
    assert words(answer).strip() == "Pull the plug.\n.\nThen wait.", "the lone dot came through"
    assert (answer["To"], answer["Cc"]) == (MARIA, EVA)
    told = words(got(ANNA, b"did not arrive"))
    assert f"550 5.1.1 <{EVA}> User doesn't exist: {EVA}" in " ".join(told.split()), "Dovecot's words"
    assert len([raw for raw in dovecot.mails(MARIA) if b"Pull the plug." in raw]) == 1
    with daemon.database() as db:
        kinds = [event["kind"] for event in face.ticket(db, 1, "ACME")["events"]]
    assert kinds.count("undelivered") == 1, kinds
