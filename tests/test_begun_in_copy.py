"""Tickets that begin with what an agent writes to a customer: whose they are, and what the desk does not do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import ANNA, MARIA
from test_begun import JANA, LOGIN, ORIGINAL, came, customer, plan_for, rule_for, told
from worlds import BORIS, EVE, NOW, POLICY, SUPPORT, context, parsed, sent, ticket

from mailticket.core.decide import decide, decided, examine
from mailticket.core.known import Asking, Earlier, Person
from mailticket.core.past import in_words
from mailticket.core.types import Address

GIVEN = "agent writes to a customer"
DESK = Address(SUPPORT)


def writing(*to, words="Here it is.", **fields):
    return parsed(Address(ANNA.address), words, **{"subject": "Your key", "to": to, "cc": (DESK,)} | fields)


TO = [
    ("in Cc", (MARIA,), {}, MARIA),
    ("beside the desk", (DESK, MARIA), {"cc": ()}, MARIA),
    ("in Bcc", (MARIA,), {"cc": ()}, MARIA),
    ("the first of two", (JANA, MARIA), {}, JANA),
    ("behind a colleague", (Address(BORIS.address), MARIA), {}, MARIA),
    ("behind one that cannot be written to", (Address("no address"), MARIA), {}, MARIA),
    ("another's mail to a supplier", (EVE,), {"forwarded": ORIGINAL}, EVE),
]


@pytest.mark.parametrize(("to", "more", "whose"), [row[1:] for row in TO], ids=[row[0] for row in TO])
def test_the_ticket_is_of_the_first_in_to_who_is_outside(to, more, whose):
    plan = plan_for(writing(*to, **more))
    (change,), (message,) = plan.changes, plan.messages
    assert (change.set["customer"], change.set["agent"]) == (whose, ANNA.address)
    assert (change.set["status"], change.set["first_response_at"]) == ("pending", NOW)
    assert (message.direction, message.from_) == ("outbound", Address(ANNA.address, ANNA.name))
    assert [(one.audience, one.template) for one in plan.letters] == [("agent", "assignment")]
    others = {one.key for one in to if one not in (DESK, whose) and "@" in one.key} - {BORIS.address}
    assert {one.key for one in change.add_participants} == others


NOT_THEIRS = [
    ("only in copy", (DESK,), {"cc": (MARIA,)}),
    ("a colleague", (Address(BORIS.address),), {}),
    ("themselves", (Address(ANNA.address),), {}),
    ("nobody", (), {}),
]


@pytest.mark.parametrize(("to", "more"), [row[1:] for row in NOT_THEIRS], ids=[row[0] for row in NOT_THEIRS])
def test_what_is_written_to_nobody_outside_is_the_agents_own_request(to, more):
    plan = plan_for(writing(*to, **more))
    assert customer(plan) == Address(ANNA.address)
    assert [one.direction for one in plan.messages] == ["inbound"]


def test_a_web_form_is_no_customer():
    forms = replace(POLICY, trust=replace(POLICY.trust, forms=frozenset({MARIA.key})))
    mail, raw, known, _, now = came(writing(MARIA, JANA), **LOGIN)
    assert customer(decided(examine(mail, raw, known, forms, now)).plan) == JANA


def test_an_answer_in_a_ticket_begins_none():
    known = context(ticket(1, MARIA), referenced=(1,))
    assert rule_for(writing(MARIA), known) == "agent"
    assert rule_for(writing(MARIA), context(signed=(sent(1, "agent", ANNA.address),))) != GIVEN


def test_without_proof_it_waits_and_nothing_is_begun():
    plan = decide(*came(writing(MARIA)))
    assert (plan.state, plan.changes, plan.messages) == ("quarantined", (), ())
    assert plan_for(writing(MARIA), auth="", released=True, concerns=ANNA.address).changes[0].new


def test_a_machine_of_an_agents_begins_nothing():
    assert plan_for(writing(MARIA, headers=(("auto-submitted", "auto-replied"),))).changes == ()


def test_the_customers_tickets_of_before_are_shown_and_nobody_elses():
    theirs = Asking(Person(3, MARIA.address, "Maria", "cs", proved=True), (Earlier(7, "Key", "open", NOW),))
    assert "[ACME-7]" in told(plan_for(writing(MARIA), context(asking=theirs)))
    assert "[ACME-7]" not in told(plan_for(writing(JANA), context(asking=theirs)))


def test_the_references_in_it_are_spent():
    known = context(attached=(sent(5, "agent", ANNA.address),), quoted=(sent(6, "agent", ANNA.address),))
    assert set(plan_for(writing(MARIA), known).spent) == {5, 6}


ORDERS = [
    ("#priority critical", {"priority": "critical", "status": "pending"}),
    ("#resolve", {"status": "resolved"}),
    ("#assign Boris", {"agent": BORIS.address, "status": "pending"}),
    ("#assign none", {"agent": ""}),
]


@pytest.mark.parametrize(("line", "wanted"), ORDERS, ids=[row[0] for row in ORDERS])
def test_its_orders_are_obeyed_and_the_agent_hears_that_the_customer_saw_them(line, wanted):
    plan = plan_for(writing(MARIA, words=f"{line}\n\nHere it is."))
    assert {key: plan.changes[0].set[key] for key in wanted} == wanted
    assert plan.messages[0].text == "Here it is."
    mine = [one for one in plan.letters if one.to[0].address == ANNA.address]
    assert ["the customer saw the commands" in str(one.facts) for one in mine] == [True]


@pytest.mark.parametrize("line", ["#assign none", "#assign Boris"])
def test_who_hears_of_errors_alone_hears_that_too(line):
    mail, raw, known, _, now = came(writing(MARIA, words=f"{line}\nHere it is."), **LOGIN)
    quiet = replace(POLICY, agents=tuple(replace(one, receipts="errors") for one in POLICY.agents))
    letters = decided(examine(mail, raw, known, quiet, now)).plan.letters
    (told,) = [one for one in letters if one.to[0].address == ANNA.address]
    assert [len(told.facts[part]) for part in ("lines", "unchanged", "warnings")] == [0, 0, 1]


@pytest.mark.parametrize("line", ["#prority high", "#note", "#merge 1", "#undo", "#show", "#spam", "#cc nobody"])
def test_the_customer_has_the_mail_so_the_ticket_begins_whatever_is_wrong_with_its_orders(line):
    plan = plan_for(writing(MARIA, words=f"#label keys\n{line}\n\nHere it is."))
    (change,) = plan.changes
    assert (change.set["customer"], change.set.get("labels"), change.set["status"]) == (MARIA, None, "pending")
    (letter,) = plan.letters
    assert f"{line} was not obeyed" in str(letter.facts["ordered"])


def test_its_history_reads():
    said = {event.kind: in_words(event.kind, event.detail, POLICY) for event in plan_for(writing(MARIA)).events}
    assert said["written to"].endswith(", with the desk in copy")
    assert said["not acknowledged"].endswith("an agent wrote to the customer first")
