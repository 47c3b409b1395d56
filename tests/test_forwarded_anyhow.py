"""What an agent writes around a mail that is passed on, in every client's form, and mails that go through many hands."""
# ruff: noqa: E501 - whole lines of signatures

from __future__ import annotations

from dataclasses import replace

import pytest
from forwards import FORMS, Form
from letters import ANNA, attachment
from mails import mail as raw_mail
from test_begun import customer, passing, plan_for
from test_forwarded import JANA, NOTE, SENT, ids, written
from worlds import BORIS, POLICY

from mailticket.core.forwarded import read_forwarded
from mailticket.core.types import Address
from mailticket.core.whose import HANDS, original_of

AROUND = {
    "a signature": (f"{NOTE}\n\n-- \nAnna Dvořák\nAcme s.r.o.\n+420 123 456 789\n\n", NOTE),
    "a greeting": (f"{NOTE}\n\nBest regards,\nAnna Dvořák\n\n", f"{NOTE}\n\nBest regards,\nAnna Dvořák"),
    "a telephone's line": (f"{NOTE}\n\nSent from my iPhone\n\n", NOTE),
    "Outlook's on a telephone": (f"{NOTE}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n", NOTE),
    "orders": (f"#assign Boris\n#priority high\n\n{NOTE}\n\n", f"#assign Boris\n#priority high\n\n{NOTE}"),
    "an order right above it": ("#assign Boris\n", "#assign Boris"),
}
BORIS_WRITES = "Anna, is that yours?"
WHO = "Jana Malá <jana@customer.example>"


@pytest.mark.parametrize("form", FORMS, ids=ids)
@pytest.mark.parametrize("around", AROUND)
def test_whatever_stands_above_it_both_are_found(form, around):
    above, words = AROUND[around]
    mail = passing(None, above + written(form, ""), subject=form.subject, date=SENT)
    got = read_forwarded(mail)
    assert (got.from_, got.subject, got.above) == (JANA, "Tiskárna", words)
    assert "the printer prints blank pages." in got.text


def twice(form: Form, by: str = "Boris Novák <boris@acme.example>", words: str = BORIS_WRITES) -> str:
    """Boris has passed Jana's mail on to Anna, and she does so now."""
    head = [line.replace(WHO, by).replace("Tiskárna", form.subject) for line in form.head]
    lines = [*head, words, "", *written(form, "").split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) if form.quoted else "\n".join(lines)


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_what_a_colleague_has_passed_on_is_the_customers_and_both_write_the_note(form):
    mail = passing(None, f"{NOTE}\n\n{twice(form)}", subject=f"Fwd: {form.subject}", date=SENT)
    plan = plan_for(replace(mail, forwarded=read_forwarded(mail)), at=SENT)
    original, note = plan.messages
    assert customer(plan) == JANA
    assert plan.changes[0].set["subject"] == "Tiskárna"
    assert BORIS_WRITES not in original.full_text
    assert "the printer prints blank pages." in original.text
    assert (note.direction, note.text) == ("note", f"{NOTE}\n\n{BORIS_WRITES}")


def test_a_colleagues_words_are_no_orders():
    form = FORMS[0]
    mail = passing(None, twice(form, words="#assign Boris"), subject=f"Fwd: {form.subject}", date=SENT)
    plan = plan_for(replace(mail, forwarded=read_forwarded(mail)), at=SENT)
    assert plan.changes[0].set["agent"] == ANNA.address
    assert plan.messages[1].text == "#assign Boris"


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_what_somebody_outside_has_passed_on_is_theirs(form):
    """Who writes to us asks, whoever wrote to them."""
    mail = passing(None, twice(form, by="Petr <petr@customer.example>"), subject=f"Fwd: {form.subject}", date=SENT)
    assert customer(plan_for(replace(mail, forwarded=read_forwarded(mail)), at=SENT)) == Address(
        "petr@customer.example", "Petr"
    )


def test_attached_in_one_that_is_attached_no_file_is_lost():
    def whole(sender: str, subject: str, name: str) -> object:
        raw = raw_mail(
            "Content-Type: text/plain", "", "It burns.", head=f"From: {sender}\r\nSubject: {subject}\r\n".encode()
        )
        return replace(attachment(name), content_type="message/rfc822", content=raw)

    first, second, third = attachment("a.png"), attachment("b.png"), attachment("c.png")
    inner = whole(WHO, "Printer", "in.eml")
    outer = passing(None, attachments=(whole(BORIS.address, "Fwd: Printer", "out.eml"), first))
    found = replace(read_forwarded(outer), attachments=(second, inner, third))
    original = original_of(replace(outer, forwarded=found), POLICY)
    assert (original.from_, original.subject) == (JANA, "Printer")
    assert original.attachments == ()
    assert [file.filename for file in original.beside] == ["b.png", "c.png", "a.png"]


def test_so_many_hands_and_no_more_are_followed_back():
    def through(hands: int) -> str:
        head = "---------- Forwarded message ---------\nFrom: {}\nDate: Tue, Oct 26, 2021 at 2:25 PM\nSubject: Fwd: Tiskárna\n\n"
        return head.format(BORIS.address) * hands + head.format(WHO) + "It burns.\n"

    for hands, found in ((HANDS, True), (HANDS + 1, False)):
        mail = passing(None, through(hands), date=SENT)
        plan = plan_for(replace(mail, forwarded=read_forwarded(mail)), at=SENT)
        assert (customer(plan) == JANA) is found
