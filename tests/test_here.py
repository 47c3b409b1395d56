"""Mails that an agent passes on and that are in a ticket already: what makes them the same, and who hears of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import ANNA, MARIA
from test_begun import ORIGINAL, came, passing, plan_for, rule_for, told
from worlds import BORIS, POLICY, context, ticket

from mailticket.core.decide import decided, examine
from mailticket.core.here import OTHERS
from mailticket.core.plan import NewMessage, Plan, TicketChange
from mailticket.core.types import Address
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.here import ticket_of

GIVEN = "agent passes on what is here"
HERS = replace(ORIGINAL, from_=MARIA, text="Hello,\nit burns, and nobody knows where the fire extinguisher is.")
KNOWN = context(ticket(1, MARIA, agent=ANNA.address), here=1)


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened, opened.write():
        wanted = {"subject": "Printer", "status": "open", "priority": "medium", "department": "Support"}
        wanted |= {"customer": MARIA, "estimate_answer_by": ORIGINAL.date, "estimate_basis": ""}
        words = f"{HERS.text}\n"
        message = NewMessage(1, "<1@x>", "inbound", MARIA, (), "Re: Printer", words, words, "", (), ORIGINAL.date)
        apply(opened, Plan(changes=(TicketChange(1, new=True, set=wanted),), messages=(message,)), ORIGINAL.date)
        yield opened


SAME = [
    ("inline", {}, 1),
    ("inline, wrapped and quoted", {"text": HERS.text.replace(" and", "\n> and")}, 1),
    ("inline, with a mark in its subject", {"subject": "RE: Printer"}, 1),
    ("inline, with other words", {"text": f"{HERS.text} Or water."}, None),
    ("inline, with another subject", {"subject": "Scanner"}, None),
    ("inline, with few words", {"text": "It burns."}, None),
    ("attached", {"message_id": "<1@x>"}, 1),
    ("attached, with another Message-ID", {"message_id": "<2@x>"}, None),
    ("attached, with other words", {"message_id": "<1@x>", "text": "It burns."}, None),
]


@pytest.mark.parametrize(("fields", "found"), [one[1:] for one in SAME], ids=[one[0] for one in SAME])
def test_sender_subject_words_and_message_id_make_it_the_same(db, fields, found):
    assert ticket_of(db, replace(HERS, **fields), MARIA, [1]) == found
    assert ticket_of(db, replace(HERS, **fields), Address("eve@elsewhere.example"), [1]) is None


def test_without_a_message_id_it_is_looked_for_in_the_customers_tickets_alone(db):
    assert ticket_of(db, HERS, MARIA, [2]) is None
    assert ticket_of(db, replace(HERS, message_id="<1@x>"), MARIA, []) == 1


def test_an_answer_of_ours_is_no_mail_of_theirs(db):
    db.execute("UPDATE message SET direction = 'outbound'")
    assert ticket_of(db, HERS, MARIA, [1]) is None


def test_no_ticket_is_opened_and_the_words_above_it_are_a_note():
    plan = plan_for(passing(replace(HERS, above="#priority high\n\nA friend of the boss.")), KNOWN)
    (change,) = plan.changes
    assert (change.id, change.new, change.set["priority"]) == (1, False, "high")
    assert [(one.ticket, one.direction, one.text) for one in plan.messages] == [(1, "note", "A friend of the boss.")]
    assert all(letter.audience == "agent" for letter in plan.letters)
    assert "is in [ACME-1] already, so it is no ticket of its own" in told(plan)


def test_without_words_nothing_changes_and_the_agent_hears_it():
    plan = plan_for(passing(replace(HERS, above="")), KNOWN)
    assert (plan.ticket, plan.changes, plan.messages) == (1, (), ())
    assert [(one.template, one.to[0].address) for one in plan.letters] == [("notice-done", ANNA.address)]


def test_orders_stand_above_it_alone():
    """Below it or in a colleague's mail anybody could have written them."""
    for fields, text in (
        ({"above": ""}, f"{OTHERS}\n\n#assign Boris"),
        ({"above": "#priority high"}, f"{OTHERS}\n\n#assign Boris"),
        ({"above": "A friend."}, "A friend.\n\n#assign Boris"),
    ):
        plan = plan_for(passing(replace(HERS, below="#assign Boris", **fields)), KNOWN)
        assert [one.text for one in plan.messages] == [text]
        assert all(change.set.get("agent", ANNA.address) == ANNA.address for change in plan.changes)


def test_who_hears_of_errors_alone_hears_it_too():
    quiet = replace(POLICY, agents=tuple(replace(one, receipts="errors") for one in POLICY.agents))
    for above in ("", "A friend."):
        mail, raw, known, _, now = came(passing(replace(HERS, above=above)), KNOWN, auth=ANNA.address)
        letters = decided(examine(mail, raw, known, quiet, now)).plan.letters
        assert "already, so it is no ticket of its own" in " ".join(str(one.facts) for one in letters)


def test_a_wrong_order_comes_back_and_nothing_is_done():
    plan = plan_for(passing(replace(HERS, above="#prority high\n\nA friend.")), KNOWN)
    assert (plan.changes, plan.messages) == ((), ())
    assert [one.template for one in plan.letters] == ["notice-commands"]


def test_of_a_ticket_that_the_agent_may_not_see_nothing_is_said():
    blind = replace(
        POLICY,
        agents=tuple(
            replace(one, departments=(), role="manager" if one.address == BORIS.address else "agent")
            for one in POLICY.agents
        ),
    )
    mail, raw, known, _, now = came(
        passing(HERS), context(ticket(1, MARIA, agent=BORIS.address), here=1), auth=ANNA.address
    )
    made = decided(examine(mail, raw, known, blind, now))
    assert made.rule == "agent passes on a customer's mail"
    assert "[ACME-1]" not in told(made.plan)
    assert rule_for(passing(HERS), known) == GIVEN
