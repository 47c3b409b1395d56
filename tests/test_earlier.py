"""What an assignment says of the customer's other tickets: those that its agent may see, and the same for what is not
there and what is hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest
from worlds import MARIA, NOW, POLICY, context, parsed

from mailticket.core.decide import decide
from mailticket.core.known import AgentLoad, Earlier
from mailticket.core.types import RawMail

SALES = replace(POLICY.departments[0], name="Sales", addresses=("sales@acme.example",))
ANNA = POLICY.agents[0]
SUPPORT = POLICY.departments[0].name
WIDE = replace(POLICY, departments=(*POLICY.departments, SALES), agents=(ANNA,))


def told(*earlier: Earlier, role="agent", departments=(SUPPORT,)):
    """The facts of the assignment of Maria's new ticket, where she has these."""
    boss = replace(ANNA, name="Boss", address="boss@acme.example", role="manager", departments=("Sales",))
    agent = replace(ANNA, role=role, departments=departments)
    policy = replace(WIDE, agents=(agent, boss))
    raw = RawMail(b"", MARIA.address, (policy.departments[0].addresses[0],), "smtp", NOW)
    loads = (AgentLoad(agent.address, 0, None),)
    plan = decide(parsed(MARIA, "It burns."), raw, context(earlier=earlier, loads=loads), policy, NOW)
    (letter,) = (one for one in plan.letters if one.template == "assignment")
    return letter.facts


def one(number, status="open", department=SUPPORT, agent=""):
    return Earlier(number, "Printer", status, NOW, department, agent)


@pytest.mark.parametrize("status", ["new", "open", "pending", "postponed"])
def test_an_open_ticket_is_shown_with_whose_it_is_and_what_joins_them(status):
    facts = told(one(7, status, agent=ANNA.address))
    (row,) = facts["open"]
    assert (row["tag"], row["status"], row["owner"], row["merge"]) == ("[ACME-7]", status, ANNA.name, "#merge 7")
    assert (facts["open_count"], facts["earlier"], facts["proved"]) == (1, [], False)


@pytest.mark.parametrize("status", ["resolved", "closed", "spam"])
def test_what_is_over_is_an_earlier_ticket(status):
    facts = told(one(7, status))
    assert (facts["open"], facts["open_count"], facts["earlier_count"]) == ([], 0, 1)


def test_five_are_shown_of_each_and_all_are_counted():
    facts = told(*(one(number) for number in range(1, 9)), *(one(number, "closed") for number in range(9, 16)))
    assert (len(facts["open"]), facts["open_count"], len(facts["earlier"]), facts["earlier_count"]) == (5, 8, 5, 7)


def test_a_ticket_of_another_department_is_as_if_it_were_not_there():
    hidden, none = told(one(7, department="Sales"), one(8, "closed", department="Sales")), told()
    assert hidden == none
    assert not none["first"], "whoever does not see all cannot be told that there is none"


@pytest.mark.parametrize(
    ("who", "hidden"),
    [
        ({"departments": (SUPPORT, "Sales")}, False),
        ({"role": "manager"}, False),
        ({}, True),
    ],
)
def test_who_may_see_all_sees_all(who, hidden):
    assert told(one(7, department="Sales"), **who)["open_count"] == (not hidden)
    assert told(**who)["first"] == (not hidden)


def test_a_ticket_of_their_own_is_seen_in_whatever_department_it_is():
    assert told(one(7, department="Sales", agent=ANNA.address))["open_count"] == 1
