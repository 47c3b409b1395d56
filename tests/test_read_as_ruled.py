"""What a mail asks for is looked up from the mail as the rules read it, however it is proved and spelled."""

from __future__ import annotations

import pytest
from letters import MARIA
from test_lists import FIRST, WIDE
from test_shown_files import PHOTO, with_a_photo
from worlds import NOW, SUPPORT, parsed

from mailticket.core.decide import decide
from mailticket.core.types import Address, DkimPass, RawMail
from mailticket.store.ahead import ahead
from mailticket.store.context import load, question

OTHER = "<a@b.example>"  # any mail: she wrote over the subject of a colleague's
COVERED = frozenset({"from", "to", "subject", "date", "message-id"})


@pytest.fixture
def db(tmp_path):
    with with_a_photo(tmp_path) as one:
        yield one


def asking(subject: str, text: str = "", *, answers: str = "", signed: frozenset[str] | None = None):
    """By login, or proved by a signature that covers `signed` alone."""
    mail = parsed(
        Address(FIRST.address, FIRST.name),
        text,
        *([("In-Reply-To", answers)] if answers else []),
        subject=subject,
        to=(Address(SUPPORT),),
        date=NOW,
        in_reply_to=(answers,) if answers else (),
    )
    login = "" if signed else FIRST.address
    raw = RawMail(b"", FIRST.address, (SUPPORT,), "smtp", NOW, auth=login)
    passes = (DkimPass("acme.example", signed, True, "d1"),) if signed else ()
    return question(2, "c", mail, raw, WIDE, passes)


def answer(db, asked):
    plan = decide(asked.mail, asked.raw, load(db, asked, WIDE, NOW), WIDE, NOW, row=2)
    return plan, [letter.template for letter in plan.letters]


ASKED = {"#list mine": "notice-list", "#search burns": "notice-found", "#show 1": "notice-show", "#next": "handover"}


@pytest.mark.parametrize("subject", ASKED)
def test_a_subject_is_a_command_where_no_signed_header_says_that_the_mail_answers_another(db, subject):
    _, templates = answer(db, asking(subject, answers=OTHER, signed=COVERED))
    assert templates[0] == ASKED[subject]


def test_tickets_that_such_a_subject_names_are_found(db):
    plan, _ = answer(db, asking("#take 1", answers=OTHER, signed=COVERED))
    assert [dict(change.set)["agent"] for change in plan.changes] == [FIRST.address]


def test_the_files_that_such_a_subject_asks_for_are_read_again(db):
    asked = asking("#show 1 attachments", answers=OTHER, signed=COVERED)
    assert ahead(db, asked, WIDE, NOW, lambda _: parsed(MARIA, attachments=(PHOTO,))).files == {"hash": PHOTO}


def test_a_signed_reply_is_no_command_by_its_subject(db):
    _, templates = answer(db, asking("#list mine", answers=OTHER, signed=COVERED | {"in-reply-to"}))
    assert "notice-list" not in templates


@pytest.mark.parametrize("subject", ["#liﬆ mine", "#LIST mine", "#li\u00adst mine", "#li\u017ft mine"])
def test_a_command_is_looked_up_however_its_letters_are_written(db, subject):
    assert answer(db, asking(subject))[1] == ["notice-list"]


def test_ticket_orders_are_looked_up_however_their_letters_are_written(db):
    plan, _ = answer(db, asking("Hello", "#poﬆpone 1 until friday"))
    assert [change.id for change in plan.changes] == [1]


def test_lines_below_what_the_customer_said_are_looked_up_whether_that_crosses_or_not(db):
    """The subject names the ticket, and with what is quoted the first line is no command."""
    _, templates = answer(db, asking("#show [ACME-1]", "> It burns.\n#list mine"))
    assert templates == ["notice-show", "notice-list"]
