"""A third party: who answers a mail of ours to the customer's side of a ticket in which they take no part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from worlds import BORIS, EVE, NOW, PETR, POLICY, context, decided, parsed, sent, ticket

from mailticket.core.match import match

MINE, OTHERS = ticket(1, MARIA, PETR), ticket(2, EVE)
TO_MARIA, TO_ANNA = sent(1, "customer", MARIA.address), sent(1, "agent", ANNA.address)
SPENT = replace(TO_ANNA, spent=True)


@pytest.mark.parametrize(
    ("sender", "agent", "bears", "number"),
    [
        (EVE, None, {"signed": (TO_MARIA,)}, 1),
        (EVE, None, {"signed": (replace(TO_MARIA, recipients=(MARIA.address, EVE.address)),)}, 1),
        (EVE, None, {"signed": (replace(TO_MARIA, ticket=7),)}, None),
        (EVE, None, {"signed": (replace(TO_MARIA, purpose="bounce"),)}, None),
        (EVE, None, {"signed": (SPENT,)}, None),
        (EVE, None, {"tagged": (1,), "referenced": (1,)}, None),
        (ANNA, POLICY.agents[0], {"signed": (TO_MARIA,)}, None),
    ],
)
def test_a_third_party_is_who_bears_a_mark_of_a_ticket_in_which_they_take_no_part(sender, agent, bears, number):
    """A guessed tag, or an id that anybody in the thread has made, does not make one."""
    found = match(sender, agent, None, context(MINE, OTHERS, **bears), POLICY)
    assert (found.answers.ticket if found.answers else None) == number
    assert found.answers is None or (found.rule, found.ticket) == ("new", None)


@pytest.mark.parametrize(("mark", "number"), [(TO_MARIA, 1), (replace(TO_MARIA, purpose="bounce"), None)])
def test_who_takes_part_may_answer_what_another_of_them_got(mark, number):
    found = match(PETR, None, None, context(MINE, signed=(mark,)), POLICY)
    assert (found.ticket.id if found.ticket else None) == number


def assignment(plan):
    """Of a new ticket: to whom it is given, with what is said of the third party."""
    (letter,) = (one for one in plan.letters if one.template == "assignment")
    return letter.to[0].address, letter.facts["answers"]


def test_the_agent_who_knows_gets_it_and_is_told_how_to_let_them_in():
    his = replace(MINE, agent=BORIS.address)
    plan = decided(parsed(EVE), context(his, signed=(TO_MARIA,)))
    said = {"tag": "[ACME-1]", "left": False, "command": f"#cc {EVE.address}", "merge": "#merge 1"}
    assert assignment(plan) == (BORIS.address, said)
    (change,) = plan.changes
    assert (change.id, change.link, change.set["agent"]) == (99, (1,), BORIS.address)
    assert [(e.kind, e.detail.get("strategy")) for e in plan.events if e.kind == "assigned"] == [("assigned", "linked")]


def test_an_agent_who_knows_and_is_away_does_not_get_it():
    his, until = replace(MINE, agent=BORIS.address), NOW + timedelta(days=1)
    plan = decided(parsed(EVE), context(his, signed=(TO_MARIA,), away={BORIS.address: until}))
    assert assignment(plan)[0] == ANNA.address


@pytest.mark.parametrize("agent", ["", "left@acme.example"])
def test_where_nobody_here_has_it_the_strategies_say_who_gets_it(agent):
    plan = decided(parsed(EVE), context(replace(MINE, agent=agent), signed=(TO_MARIA,)))
    assert assignment(plan)[0] == ANNA.address
    assert [e.detail.get("strategy") for e in plan.events if e.kind == "assigned"] == ["least-loaded"]


def test_who_was_taken_out_is_said_to_have_been_in():
    plan = decided(parsed(EVE), context(MINE, signed=(replace(TO_MARIA, recipients=(MARIA.address, EVE.address)),)))
    assert assignment(plan)[1]["left"] is True


def test_who_cannot_be_written_to_cannot_be_let_in():
    plan = decided(parsed(None), context(MINE, signed=(TO_MARIA,)))
    said = assignment(plan)[1]
    assert (said["command"], said["merge"]) == ("", "#merge 1")


def test_what_the_mail_points_at_beside_that_is_only_mentioned():
    plan = decided(parsed(EVE), context(MINE, ticket(2, PETR), signed=(TO_MARIA,), referenced=(1,), tagged=(1, 2)))
    letter = next(one for one in plan.letters if one.template == "assignment")
    assert letter.facts["mentions"] == ["[ACME-2]"]
    assert plan.changes[0].link == (1, 2)
    assert [(e.kind, e.detail) for e in plan.events if e.kind in {"answers", "mentions"}] == [
        ("answers", {"ticket": 1}),
        ("mentions", {"ticket": 2}),
    ]
