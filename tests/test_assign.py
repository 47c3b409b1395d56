"""Who gets a new ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import ANNA, BORIS, POLICY

from mailticket.core.assign import STRATEGIES, choose, is_manual, picked, seed_of
from mailticket.core.known import AgentLoad
from mailticket.core.policy import Agent

NAMING = sorted(set(STRATEGIES) - {"manual", "sticky"})  # strategies that name somebody wherever there is somebody


def on(day):
    return datetime(2026, 11, day, tzinfo=UTC)


def load(name, tickets=0, last=None):
    return AgentLoad(f"{name}@acme.example", tickets, last)


CASES = [
    # what is so; the chain; name, open tickets, last assigned; seed; who answered before → who
    ("fewest open tickets", "least-loaded", [("a", 2, on(1)), ("b", 1, on(9)), ("c", 3)], 0, "", "b"),
    ("longest without a new one", "least-loaded", [("a", 1, on(3)), ("b", 1, on(2)), ("c", 1, on(4))], 0, "", "b"),
    ("never had one", "least-loaded", [("a", 1, on(3)), ("b", 1), ("c", 1)], 0, "", "b"),
    ("config order", "least-loaded", [("z",), ("a",)], 0, "", "z"),
    ("config order of a tie", "least-loaded", [("z", 1, on(1)), ("a", 1, on(1))], 0, "", "z"),
    ("nobody had one", "round-robin", [("a",), ("b",)], 0, "", "a"),
    ("behind the last one", "round-robin", [("a", 0, on(2)), ("b", 9, on(1)), ("c",)], 0, "", "b"),
    ("behind the last in the list", "round-robin", [("a", 9, on(1)), ("b", 0, on(2)), ("c", 0, on(3))], 0, "", "a"),
    ("alone", "round-robin", [("a", 1, on(1))], 0, "", "a"),
    ("the seed decides", "random", [("a", 9), ("b",), ("c",)], 3, "", "a"),
    ("another seed", "random", [("a", 9), ("b",), ("c",)], 5, "", "c"),
    ("who answered before", "sticky", [("a",), ("b", 9)], 0, "b", "b"),
    ("nobody answered before", "sticky", [("a",), ("b", 9)], 0, "", None),
    ("who answered before has left", "sticky", [("a",), ("b", 9)], 0, "z", None),
    ("the next one is asked", "sticky, least-loaded", [("a", 3), ("b", 2)], 0, "z", "b"),
    ("the first one that names somebody", "sticky, least-loaded", [("a", 3), ("b", 2)], 0, "a", "a"),
    ("by hand", "manual", [("a",), ("b",)], 0, "a", None),
    ("by hand, but for whom is known", "sticky, manual", [("a",), ("b",)], 0, "b", "b"),
    ("by hand, and nothing is asked after it", "manual, least-loaded", [("a",), ("b",)], 0, "", None),
]


@pytest.mark.parametrize(
    ("chain", "loads", "seed", "before", "chosen"), [row[1:] for row in CASES], ids=[f"{r[1]}: {r[0]}" for r in CASES]
)
def test_a_chain_of_strategies_takes(chain, loads, seed, before, chosen):
    sticky = f"{before.upper()}@Acme.example" if before else ""
    found = choose(chain.split(", "), [load(*one) for one in loads], seed=seed, sticky=sticky)
    assert found == (f"{chosen}@acme.example" if chosen else None)


def test_who_is_excluded_is_not_chosen_however_they_spell_it():
    found = choose(["least-loaded"], [load("a"), load("b", 5)], exclude={"A@ACME.example"})
    assert found == "b@acme.example"


@pytest.mark.parametrize("name", STRATEGIES)
def test_nobody_left_means_nobody(name):
    assert choose([name], []) is None
    assert choose([name], [load("a")], exclude={"a@acme.example"}, sticky="a@acme.example") is None


@pytest.mark.parametrize("name", NAMING)
@given(loads=st.lists(st.builds(load, st.sampled_from("abcdef"), st.integers(0, 3)), min_size=1), seed=st.integers(0))
def test_a_strategy_chooses_one_of_those_it_was_shown(name, loads, seed):
    assert choose([name], loads, seed=seed) in {one.address for one in loads}


def test_round_robin_comes_round():
    """Each gets one before anybody gets a second."""
    last: dict[str, datetime] = {}
    order = []
    for day in range(1, 7):
        chosen = choose(["round-robin"], [load(name, 0, last.get(name)) for name in "cab"])
        order.append(chosen[0])
        last[chosen[0]] = on(day)
    assert "".join(order) == "cabcab"


# --- a department and its agents -----------------------------------------------------------------------------

CYRIL = Agent("Cyril", "cyril@acme.example", ("cyril.old@acme.example",), departments=("Sales",))
EVERYBODY = replace(POLICY, agents=(*POLICY.agents, CYRIL))
LOADS = [AgentLoad(a.address, 5 - n, None) for n, a in enumerate(EVERYBODY.agents)]


def of(*chain, exclude=(), answered_by="", policy=EVERYBODY):
    department = replace(policy.departments[0], assign=chain)
    found = picked(policy, department, LOADS, exclude=exclude, seed=1, answered_by=answered_by, away={})
    return (found.agent.address if found.agent else None), [a.address for a in found.offered]


def test_a_ticket_goes_to_an_agent_of_its_department_whoever_else_is_less_busy():
    assert of("least-loaded") == (BORIS.address, [])
    assert of("sticky", "round-robin", answered_by=CYRIL.address) == (ANNA.address, [])


def test_a_manual_ticket_is_offered_to_all_agents_of_the_department_but_whose_it_is():
    assert of("manual") == (None, [ANNA.address, BORIS.address])
    assert of("manual", exclude=["ANNA@acme.example"]) == (None, [BORIS.address])
    assert of("sticky", "manual", answered_by=BORIS.address) == (BORIS.address, [])
    assert is_manual(("sticky", "manual"))
    assert not is_manual(("sticky", "least-loaded"))


def test_nobody_in_the_department_is_nobody_and_offered_to_nobody():
    assert of("manual", policy=replace(EVERYBODY, agents=(CYRIL,))) == (None, [])


def test_sticky_knows_an_agent_by_an_alias():
    here = replace(CYRIL, departments=("Acme Support",))
    policy = replace(EVERYBODY, agents=(*POLICY.agents, here))
    assert of("sticky", "least-loaded", answered_by="cyril.old@acme.example", policy=policy) == (CYRIL.address, [])


def test_chance_is_the_same_whenever_the_work_is_repeated_and_another_for_other_work_and_another_key():
    seed = seed_of(POLICY, "inbox 1")
    assert seed == seed_of(POLICY, "inbox 1")
    others = {seed, seed_of(POLICY, "inbox 2"), seed_of(replace(POLICY, secrets=(b"x",)), "inbox 1")}
    assert len(others) == 3
