"""Mails as they leave: read back with the standard library, they say what the letter said and nothing else."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from letters import (
    ANNA,
    FACTS,
    NOW,
    POLICY,
    TEMPLATES,
    assert_travels,
    body,
    decoded,
    desk,
    letter,
    made,
    mail,
    read,
)

from mailticket.core.compose import compose, own_loop
from mailticket.core.headers import ids_header
from mailticket.core.identity import derive_ref, find_refs, message_id, reply_address
from mailticket.core.plan import ANSWERED_BY_NOTES
from mailticket.core.types import Address, ParsedMail

AUTOMATIC = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Mailticket-Loop")


# --- what each mail bears ------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", FACTS)
def test_every_letter_becomes_the_same_bytes_again(template):
    """A replay after a crash makes the same mail to the last byte; the next one of the same cause is another."""
    first, again, other = made(template), made(template), made(template, n=2)
    assert first == again
    assert first.message_id != other.message_id
    assert_travels(first.raw)


@pytest.mark.parametrize("template", FACTS)
def test_every_mail_names_its_outbox_row(template):
    """Message-ID, the end of References and Reply-To name the ref, and so does the bounce address."""
    out = made(template)
    message = read(out.raw)
    assert message["Message-ID"] == out.message_id
    assert message["References"].split()[-1] == out.message_id
    back = mail(references=tuple(message["References"].split()), to=(Address(message["Reply-To"].split("<")[1][:-1]),))
    assert find_refs(back, (), POLICY) == (
        ("message", out.ref),
        ("note" if template in ANSWERED_BY_NOTES else "reply", out.ref),
    )
    bounced = find_refs(mail(), (out.envelope_from,), POLICY)
    assert bounced == ((("bounce", out.ref),) if out.envelope_from else ())
    assert out.ref == derive_ref(POLICY.secrets[0], "inbox 1", 1)


def test_an_answer_bears_no_mark_of_a_machine():
    out = made("answer")
    message = read(out.raw)
    assert not any(message[name] for name in AUTOMATIC)
    assert decoded(message["From"]) == "Anna Dvořák <support@acme.example>"
    assert decoded(message["To"]) == "Maria Nováková <maria@customer.example>"
    assert message["Subject"] == "Re: [ACME-1042] Printer on fire"
    assert message["In-Reply-To"] == "<first@customer.example>"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert b"anna@acme" not in out.raw


@pytest.mark.parametrize(("template", "precedence"), [("acknowledgement", "auto_reply"), ("assignment", "bulk")])
def test_automatic_mail_says_so_in_four_ways(template, precedence):
    message = read(made(template).raw)
    *said, mark = (message[name] for name in AUTOMATIC)
    assert said == [letter(template).automatic, precedence, "All"]
    assert own_loop(bearing(mark), POLICY)


def bearing(mark: str) -> ParsedMail:
    return mail(headers=(("x-mailticket-loop", mark),))


def test_our_loop_mark_is_keyed_and_survives_what_relays_do_to_a_header():
    """It is ours in any case and spacing, and under an older key; the host's name alone is anybody's guess."""
    mark = read(made("assignment").raw)["X-Mailticket-Loop"]
    host, key = mark.split()
    assert host == POLICY.hostname
    newer = desk(secrets=(b"a newer secret", *POLICY.secrets))
    for written in (mark, f"  {mark.upper()}\t", f"{host}\r\n {key}"):
        assert own_loop(bearing(written), POLICY), written
        assert own_loop(bearing(written), newer), written
    assert not own_loop(bearing(mark), desk(secrets=(b"a newer secret",)))
    forged = (host, f"{host} {'0' * len(key)}", f"other.example {key}", f"{mark} x", key, "", f"{host} {key[:-1]}")
    assert not any(own_loop(bearing(written), POLICY) for written in forged)


def test_only_acknowledgements_have_the_null_sender():
    senders = {template: made(template).envelope_from for template in FACTS}
    assert [template for template, sender in senders.items() if sender == ""] == ["acknowledgement"]
    assert senders["answer"].startswith("support+b")


def test_without_plus_addresses_everything_comes_back_to_the_department():
    out = made("answer", policy=desk(plus_addresses=False))
    assert out.envelope_from == "support@acme.example"
    assert read(out.raw)["Reply-To"] is None


def test_a_first_mail_is_no_reply_and_one_without_a_ticket_has_no_tag():
    first = read(made("assignment", thread=()).raw)
    assert first["Subject"] == "[ACME-1042] Printer on fire"
    assert first["In-Reply-To"] is None
    assert first["References"] == first["Message-ID"]
    assert made("notice-empty", ticket=None).subject == "Printer on fire"


def test_what_is_recorded_is_what_the_customer_got():
    recorded = made("answer").message
    assert recorded
    assert recorded.from_ == Address("support@acme.example", ANNA.name)
    assert (recorded.direction, recorded.text, recorded.automatic) == ("outbound", "Dear Maria, …", False)
    assert recorded.full_text == body(made("answer").raw, "plain")
    acknowledged = made("acknowledgement").message
    assert acknowledged
    assert acknowledged.automatic
    assert acknowledged.text == acknowledged.full_text
    assert made("assignment").message is None


def test_marks_made_for_an_agent_never_reach_a_customer():
    """An agent who pastes the assignment's own address or id gives nothing away."""
    ref = derive_ref(POLICY.secrets[0], "assignment", 1)
    marks = f"{reply_address('support@acme.example', ref, POLICY)} {message_id(ref, POLICY)}"
    facts = {"text": f"see {marks}", "html": "", "signature": marks}
    out = made("answer", facts=facts, subject=f"about {marks}", text=marks)
    assert ref not in out.raw.decode().replace("=\r\n", "")
    assert ref not in repr(out)
    assert "see support@acme.example" in body(out.raw, "html")


# --- references ----------------------------------------------------------------------------------------------


def test_thirty_long_references_are_folded_one_a_line_and_never_encoded():
    """Outlook does not read encoded words here, and threading is lost."""
    ids = [f"<{n:02}.{'x' * 110}@{'mail.' * 10}customer.example>" for n in range(30)]
    out = made("answer", thread=tuple(ids))
    head = out.raw.partition(b"\r\n\r\n")[0].decode()
    block = head[head.index("References:") :].split("\r\nMIME-Version")[0]
    assert block.split("\r\n ") == [f"References: {ids[0]}", *ids[10:], out.message_id]
    assert read(out.raw)["In-Reply-To"] == ids[-1]
    modern = email.message_from_bytes(out.raw, policy=email.policy.default)
    assert modern["References"].split() == [ids[0], *ids[10:], out.message_id]


def test_ids_that_cannot_stand_in_a_header_are_left_out():
    thread = ("<ok@x>", "<ž@x>", "no brackets", "<a b@x>", "<a\r\nBcc: evil@x>", f"<{'a' * 1000}@x>", "<>")
    message = read(made("answer", thread=thread).raw)
    assert message["In-Reply-To"] == "<ok@x>"
    assert message["References"].split()[:-1] == ["<ok@x>"]
    assert message["Bcc"] is None
    assert ids_header("References", []) == ""


def test_the_date_is_the_clock_that_was_handed_in():
    at = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    out = compose(letter("answer"), cause="x", n=1, policy=POLICY, templates=TEMPLATES, now=at)
    assert parsedate_to_datetime(read(out.raw)["Date"]) == at
    assert out.message
    assert out.message.at == at
