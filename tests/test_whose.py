"""Mails that an agent passes on and that name nobody: when the agent is asked, and what their reply settles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, body
from stored import NOW as AT
from test_begun import JANA, ORIGINAL, came, customer, passing, plan_for, rule_for
from test_held import quarantined, row
from test_holding import written
from test_quarantine import ordered
from worlds import BORIS, EVE, SUPPORT

from mailticket.core.decide import decided, examine
from mailticket.core.explanation import facts
from mailticket.core.plan import Plan
from mailticket.core.types import Address
from mailticket.store import held, inbox
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create

GIVEN = "agent passes on nobody's mail"


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened:
        yield opened


NAMELESS = replace(ORIGINAL, from_=None)
UNSAID = [
    ("no sender", NAMELESS, {}),
    ("a colleague", replace(ORIGINAL, from_=Address(BORIS.address)), {}),
    ("themselves", replace(ORIGINAL, from_=Address(ANNA.address)), {}),
    ("the desk", replace(ORIGINAL, from_=Address(SUPPORT)), {}),
    ("no address", replace(ORIGINAL, from_=Address("Jana Malá")), {}),
    ("somebody else in copy", ORIGINAL, {"cc": (EVE,)}),
]


@pytest.mark.parametrize(("found", "more"), [one[1:] for one in UNSAID], ids=[one[0] for one in UNSAID])
def test_the_agent_is_asked_whose_it_is_and_nothing_follows_before(found, more):
    plan = plan_for(passing(found, **more))
    assert (plan.state, plan.concerns, plan.asked) == ("quarantined", ANNA.address, True)
    assert (plan.changes, plan.messages, plan.events) == ((), (), ())
    assert [(one.template, one.to[0].address) for one in plan.letters] == [("whose", ANNA.address)]


def test_a_plain_new_mail_is_their_own_request():
    plan = plan_for(passing(None, words="My chair is broken.", subject="Chair"))
    assert customer(plan) == Address(ANNA.address)


def test_without_answers_nobody_is_asked_and_the_list_has_it():
    plan = plan_for(passing(NAMELESS), quiet=True)
    assert (plan.state, plan.asked, plan.letters) == ("quarantined", False, ())


def test_orders_above_it_are_no_question_to_the_desk():
    assert rule_for(passing(replace(NAMELESS, above="#assign Boris"), words="#assign Boris")) == GIVEN


def test_a_wrong_order_comes_back_at_once():
    plan = plan_for(passing(replace(NAMELESS, above="#prority high")))
    assert (plan.state, [one.template for one in plan.letters]) == ("done", ["notice-commands"])


SETTLED = [
    ("jana@customer.example Jana Malá", JANA),
    ("jana@customer.example", Address("jana@customer.example")),
    ("mine", Address(ANNA.address)),
]


@pytest.mark.parametrize(("whose", "who"), SETTLED)
@pytest.mark.parametrize("found", [one[1] for one in UNSAID], ids=[one[0] for one in UNSAID])
def test_once_let_in_it_is_whose_they_said_and_else_their_own(found, whose, who):
    if found is ORIGINAL and whose == "mine":
        found = replace(found, from_=None)
    plan = plan_for(passing(found), auth="", released=True, concerns=ANNA.address, whose=whose)
    assert customer(plan) == who
    assert plan.changes[0].set["customer"].name == who.name


@pytest.mark.parametrize("quiet", [False, True])
def test_let_in_without_that_it_is_nobodys_and_they_are_asked_anew(quiet):
    plan = plan_for(passing(NAMELESS), auth="", released=True, concerns=ANNA.address, whose="?", quiet=quiet)
    assert (plan.state, plan.changes, plan.asked, plan.whose) == ("quarantined", (), True, "?")
    assert [one.template for one in plan.letters] == ["whose"]


def test_what_was_said_counts_only_once_it_is_let_in():
    assert rule_for(passing(NAMELESS), whose="jana@customer.example") == GIVEN
    mail = passing(NAMELESS)
    assert plan_for(mail, auth="", whose="jana@customer.example").letters[0].template == "question"


SAID = [
    ("jana@customer.example", Address("jana@customer.example")),
    ("Jana Malá <jana@customer.example>", JANA),
    ("\n\n<jana@customer.example>", Address("jana@customer.example")),
    ("mailto:jana@customer.example", Address("jana@customer.example")),
    ("Jana Malá [mailto:jana@customer.example]", JANA),
    ("Jana Malá <jana@customer.example<mailto:jana@customer.example>>", JANA),
    ("It is from jana@customer.example.", Address("jana@customer.example")),
    ("it is from Jana <jana@customer.example>", Address("jana@customer.example")),
    ("jana@customer.example\n\nAnna Dvořák\nanna@acme.example", Address("jana@customer.example")),
]


@pytest.mark.parametrize(("text", "who"), SAID)
def test_an_address_in_the_reply_settles_it(text, who):
    plan = ordered(text, template="whose")
    assert (plan.release, plan.discard) == ((7,), ())
    assert plan.named == f"{who.address} {who.name}".rstrip()
    assert plan.letters == ()


WORDS = [
    ("mine", (7,), (), "mine"),
    ("Mine.", (7,), (), "mine"),
    ("anna@acme.example", (7,), (), "mine"),
    ("Anna Dvorak <Anna@acme.example>", (7,), (), "mine"),
    ("anna@acme.example [mailto:anna@acme.example]", (7,), (), "mine"),
    ("#release\nmine", (7,), (), "mine"),
    ("#release 7\njana@customer.example", (7,), (), "jana@customer.example"),
    ("#release\nno", (7,), (), ""),
    ("no", (), (7,), ""),
    ("No!\n\njana@customer.example", (), (7,), ""),
    ("#discard 7", (), (7,), ""),
    ("#discard\njana@customer.example", (), (7,), ""),
]


@pytest.mark.parametrize(("text", "release", "discard", "named"), WORDS)
def test_a_word_settles_it_too(text, release, discard, named):
    plan = ordered(text, template="whose")
    assert (plan.release, plan.discard, plan.named) == (release, discard, named)


NOTHING = [
    ("yes", "There is no address on the first line of your mail"),
    ("", "There is no address on the first line of your mail"),
    ("It is Jana's.", "There is no address on the first line of your mail"),
    ("jana@customer.example or maria@customer.example", "It is not clear which address"),
    ("@jana", "It is not clear which address"),
    ("I have no idea, please ask Boris.\n\nAnna Dvorak\nanna@acme.example", "There is no address on the first line"),
    (
        "No, it is spam, forget it.\n\nAnna\nAcme Group, office@acme-group.example",
        "There is no address on the first line",
    ),
    ("Hi,\n\njana@customer.example", "There is no address on the first line"),
    ("No. It is jana@customer.example's.", "It is not clear which address"),
    ("no, jana@customer.example", "It is not clear which address"),
    ("It is not for anna@acme.example.", "anna@acme.example can be no customer here"),
    ("boris@acme.example", "boris@acme.example can be no customer here"),
    ("support@acme.example", "support@acme.example can be no customer here"),
]


@pytest.mark.parametrize(("text", "says"), NOTHING)
def test_anything_else_leaves_it_where_it_is_and_gets_one_line(text, says):
    plan = ordered(text, template="whose")
    assert (plan.release, plan.discard, plan.named) == ((), (), "")
    (letter,) = plan.letters
    (line,) = letter.facts["lines"]
    assert line.startswith(says)
    assert "the mail waits on. Reply with the customer's address, or with mine, or with no." in line


def test_the_question_names_no_address_that_a_quote_could_answer_with():
    (letter,) = plan_for(passing(NAMELESS)).letters
    assert "@" not in body(written(letter), "plain")


def test_who_answers_twice_hears_that_it_is_settled():
    plan = ordered("eve@elsewhere.example", template="whose", states={7: "done"})
    assert plan.release == ()
    assert "done already" in str(plan.letters[0].facts)


def test_the_store_keeps_whose_it_is_with_the_mail(db):
    quarantined(db, 1, concerns=ANNA.address, asked=True)
    with db.write():
        db.execute("UPDATE inbox SET whose = '?'")
        apply(db, Plan(release=(1,), named="jana@customer.example Jana Malá"), AT)
    (again,) = inbox.claim(db, "one", AT, 9, 10**6)
    assert (again.mail.released, again.mail.whose) == (True, "jana@customer.example Jana Malá")


def test_the_command_lines_word_is_no_answer_either(db):
    quarantined(db, 1, concerns=ANNA.address, asked=True)
    quarantined(db, 2, concerns=ANNA.address, asked=True)
    with db.write():
        db.execute("UPDATE inbox SET whose = '?' WHERE id = 1")
    assert [(one.id, one.asks) for one in held.rows(db, (1, 2))] == [(1, ANNA.address), (2, "")]
    assert held.release(db, [1], AT) == [(1, "released")]
    (again,) = inbox.claim(db, "one", AT, 9, 10**6)
    assert (again.mail.released, again.mail.whose) == (True, "?")


@pytest.mark.parametrize(("how", "after", "news"), [("?", 0, False), ("?", 25, True), ("", 0, True)])
def test_managers_hear_of_it_once_its_agent_has_left_it_for_a_day(db, how, after, news):
    quarantined(db, 1, concerns=ANNA.address, asked=True)
    with db.write():
        db.execute("UPDATE inbox SET whose = ?", (how,))
    assert held.untold(db, AT + timedelta(hours=after)) is news
    assert row(db)["told_at"] is None


def test_explain_says_the_same():
    mail, raw, known, policy, now = came(passing(NAMELESS), auth=ANNA.address)
    said = facts(decided(examine(mail, raw, known, policy, now)))["decision"]
    assert (said["rule"], said["ticket"]) == (GIVEN, None)
    assert [one["template"] for one in said["would_send"]] == ["whose"]
