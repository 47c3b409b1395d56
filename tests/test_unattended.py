"""A ticket whose agent is away: who hears that a customer waits there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from worlds import BORIS, NOW, POLICY, context, parsed, sent, ticket

from mailticket.core.decide import decided, examine
from mailticket.core.handover import reassigned
from mailticket.core.known import AgentLoad
from mailticket.core.policy import Agent
from mailticket.core.types import Address, RawMail

UNTIL = NOW + timedelta(days=5)
BOSS = Agent("Dana", "dana@acme.example", role="manager", departments=("Acme Support",))
WIDE = replace(POLICY, agents=(*POLICY.agents, BOSS))
ALL = dict.fromkeys((a.address for a in WIDE.agents), UNTIL)
LOADS = tuple(AgentLoad(a.address, 0, None) for a in WIDE.agents)
HERS = ticket(1, MARIA)


def told(plan) -> list[str]:
    waits = [letter for letter in plan.letters if letter.template == "notice-owner-away"]
    events = [event for event in plan.events if event.kind == "owner away"]
    assert bool(waits) == bool(events)
    return [letter.to[0].address.partition("@")[0] for letter in waits]


def writes(*away, policy=WIDE, view=HERS, headers=(), **known):
    """A customer's mail in the ticket that is Anna's, while these are away."""
    mail = parsed(MARIA, "It burns.", *headers)
    raw = RawMail(b"", MARIA.address, ("support@acme.example",), "smtp", NOW)
    signed = (sent(1, "customer", MARIA.address),)
    known = context(view, signed=signed, loads=LOADS, away=dict.fromkeys(away, UNTIL), **known)
    return decided(examine(mail, raw, known, policy, NOW)).plan


@pytest.mark.parametrize(
    ("away", "hears"),
    [
        ((), []),
        ((BORIS.address,), []),
        ((ANNA.address,), ["dana"]),
        ((ANNA.address, BOSS.address), ["boris"]),
        ((ANNA.address, BOSS.address, BORIS.address), ["dana"]),
    ],
)
def test_a_manager_who_is_there_hears_of_it_else_a_colleague_else_the_manager_all_the_same(away, hears):
    assert told(writes(*away)) == hears


@pytest.mark.parametrize(
    "but",
    [
        {"told_away": frozenset({1})},
        {"headers": (("auto-submitted", "auto-replied"),)},
        {"view": replace(HERS, watchers=(BOSS.address,))},
    ],
    ids=["they have heard of it", "a machine wrote it", "they watch it"],
)
def test_nobody_hears_of_it_again_or_twice_or_of_a_machine(but):
    assert told(writes(ANNA.address, **but)) == []


def test_the_only_manager_is_not_told_of_themselves():
    alone = replace(POLICY, agents=POLICY.agents[:1])  # Anna, who is the manager where there is none
    assert told(writes(ANNA.address, policy=alone)) == []


def opens(away, **department):
    desk = replace(WIDE, departments=(replace(WIDE.departments[0], **department),))
    raw = RawMail(b"", MARIA.address, ("support@acme.example",), "smtp", NOW)
    return decided(examine(parsed(), raw, context(loads=LOADS, away=away), desk, NOW)).plan


def test_the_managers_hear_of_a_new_ticket_where_all_are_away_and_the_event_says_so():
    plan = opens(ALL)
    assert told(plan) == ["dana"]
    (given,) = (event for event in plan.events if event.kind == "assigned")
    assert given.detail["away"] is True
    assert told(opens({ANNA.address: UNTIL})) == []


def test_what_is_offered_to_all_is_offered_to_those_who_are_there_or_to_all_who_are_away():
    plan = opens({ANNA.address: UNTIL}, assign=("manual",))
    assert [e.detail["agent"].address for e in plan.events if e.kind == "offered"] == [BORIS.address, BOSS.address]
    assert told(plan) == []
    plan = opens(ALL, assign=("manual",))
    assert [e.detail["agent"].address for e in plan.events if e.kind == "offered"] == list(ALL)
    assert told(plan) == ["dana"]
    waits = next(letter for letter in plan.letters if letter.template == "notice-owner-away")
    assert (waits.facts["owner"], waits.facts["until"]) == ("", UNTIL)


def test_a_ticket_of_who_left_that_all_who_are_away_could_have_is_given_and_told_of():
    left = replace(HERS, agent="gone@acme.example")
    plan = reassigned(WIDE, left, LOADS, "It burns.", seed=0, now=NOW, away=ALL)
    assert plan.changes[0].set["agent"] in ALL
    assert told(plan) == ["dana"]
    assert told(reassigned(WIDE, left, LOADS, "", seed=0, now=NOW, away={ANNA.address: UNTIL})) == []


def orders(text, away):
    """A mail of Boris's into Anna's ticket; Sales has nobody but Dana, a manager, and Zoe."""
    sales = replace(WIDE.departments[0], name="Sales", addresses=("sales@acme.example",))
    zoe = Agent("Zoe", "zoe@acme.example", departments=("Sales",), role="manager")
    cyril = Agent("Cyril", "cyril@acme.example", departments=("Acme Support",), role="manager")
    desk = replace(WIDE, departments=(*WIDE.departments, sales), agents=(*POLICY.agents, cyril, zoe))
    mail = parsed(Address(BORIS.address), text)
    raw = RawMail(b"", BORIS.address, ("support@acme.example",), "smtp", NOW, auth=BORIS.address)
    loads = tuple(AgentLoad(a.address, 0, None) for a in desk.agents)
    known = context(HERS, tagged=(1,), loads=loads, away=dict.fromkeys(away, UNTIL))
    return decided(examine(mail, raw, known, desk, NOW)).plan


def test_a_department_whose_agents_are_all_away_has_the_ticket_and_a_manager_hears_of_it():
    plan = orders("#department sales", ["zoe@acme.example"])
    assert plan.changes[0].set["agent"] == "zoe@acme.example"
    assert told(plan) == ["cyril"]
    assert told(orders("#department sales", [])) == []


@pytest.mark.parametrize(
    ("away", "to"),
    [
        ([], "cyril"),
        (["cyril@acme.example"], "zoe"),
        (["zoe@acme.example"], "cyril"),
        (["zoe@acme.example", "cyril@acme.example"], "cyril"),
    ],
)
def test_what_is_escalated_goes_to_a_manager_who_is_there(away, to):
    assert orders("#escalate", away).changes[0].set["agent"] == f"{to}@acme.example"
