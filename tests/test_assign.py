"""Who gets a new ticket."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.assign import STRATEGIES, choose
from mailticket.core.types import AgentLoad


def on(day):
    return datetime(2026, 11, day, tzinfo=UTC)


def load(address, tickets=0, last=None):
    return AgentLoad(f"{address}@acme.example", tickets, last)


@pytest.mark.parametrize(
    ("loads", "chosen"),
    [
        ([load("a", 2, on(1)), load("b", 1, on(9)), load("c", 3)], "b"),
        ([load("a", 1, on(3)), load("b", 1, on(2)), load("c", 1, on(4))], "b"),
        ([load("a", 1, on(3)), load("b", 1), load("c", 1)], "b"),
        ([load("z"), load("a")], "z"),
        ([load("z", 1, on(1)), load("a", 1, on(1))], "z"),
    ],
    ids=["fewest open tickets", "longest without a new one", "never had one", "config order", "config order of a tie"],
)
def test_least_loaded_takes(loads, chosen):
    assert choose("least-loaded", loads) == f"{chosen}@acme.example"


def test_who_is_excluded_is_not_chosen_however_they_spell_it():
    assert choose("least-loaded", [load("a"), load("b", 5)], frozenset({"A@ACME.example"})) == "b@acme.example"


@pytest.mark.parametrize("name", STRATEGIES)
def test_nobody_left_means_nobody(name):
    assert choose(name, []) is None
    assert choose(name, [load("a")], frozenset({"a@acme.example"})) is None


@pytest.mark.parametrize("name", STRATEGIES)
@given(loads=st.lists(st.builds(load, st.sampled_from("abcdef"), st.integers(0, 3)), min_size=1))
def test_a_strategy_chooses_one_of_those_it_was_shown(name, loads):
    assert choose(name, loads) in {one.address for one in loads}
