"""#department and #escalate: whose the ticket becomes, and who hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA
from orders import CYRIL, DESK, FREE, HERS, HIS, TO_ANNA, boss, change, kinds, owner, receipt, returned, says, written
from worlds import BORIS, NOW

from mailticket.core.known import AgentLoad
from mailticket.core.policy import Agent, ServiceLevel

SUPPORT = DESK.departments[0]
SALES = replace(
    SUPPORT,
    name="Salés",
    addresses=("sales@acme.example",),
    service_levels={"medium": ServiceLevel(timedelta(hours=1))},
)
LEGAL = replace(SUPPORT, name="Legal Matters", addresses=("legal@acme.example",), assign=("manual",))
LETTING = replace(SUPPORT, name="Letting", addresses=("letting@acme.example",))
DAVID = Agent("David", "david@acme.example", departments=("Legal Matters",))
HANA = Agent("Hana", "hana@acme.example", departments=("Legal Matters", "Salés"))
SELLER = replace(CYRIL, departments=("Salés",))
WIDE = replace(DESK, departments=(SUPPORT, SALES, LEGAL, LETTING), agents=(*DESK.agents[:2], SELLER, DAVID, HANA))
BOTH = replace(WIDE, agents=(replace(WIDE.agents[0], departments=(SUPPORT.name, "Salés")), *WIDE.agents[1:]))
LOADS = tuple(AgentLoad(a.address, 5 * (a is HANA), None) for a in WIDE.agents)


def orders(who, text, where, *marks, policy=WIDE, **more):
    return says(who, text, where, *marks, policy=policy, loads=LOADS, **more)


@pytest.mark.parametrize("typed", ["Salés", "sales", "SAL", "sal\u00e9"])
def test_a_department_is_known_by_the_beginning_of_its_name(typed):
    assert change(orders(ANNA, f"#department {typed}", HERS, TO_ANNA))["department"] == "Salés"


WRONG = [
    ("#department", HERS, "there are Acme Support, Salés, Legal Matters, Letting", ""),
    ("#department le", HERS, "that may be Legal Matters, Letting: say which", "#department Legal Matters"),
    ("#department selas", HERS, "there is no such department", "#department Salés"),
    ("#department zzz", HERS, "there is no such department", ""),
    ("#dept sales", HERS, "no such command", ""),
    ("#escalate now", HERS, "stands alone", "#escalate"),
    ("#escalate\n#assign boris", HERS, "#escalate above says what becomes of the same thing", ""),
    ("#priority low\n#escalate", HERS, "#priority low above says what becomes of the same thing", ""),
    ("#department sales\n#department legal", HERS, "#department sales above says", ""),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "where", "reason", "nearest"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_command_does_nothing_and_comes_back(typed, where, reason, nearest):
    ((line, why, near),) = returned(orders(ANNA, typed, where, TO_ANNA))
    assert line == typed.split("\n")[-1]
    assert reason in why
    assert near == nearest


def test_a_ticket_in_another_department_is_given_out_as_a_new_one_is():
    plan = orders(ANNA, "#department sales", HERS, TO_ANNA)
    assert owner(plan) == "cyril"
    assert written(plan) == [("handover", "cyril"), ("notice-done", "anna")]
    assert kinds(plan) == ["department", "assigned"]
    assert receipt(plan) == ["[ACME-1] is in Salés now", "[ACME-1] is assigned to Cyril now"]
    assert plan.letters[0].department == "Salés"


def test_its_times_are_those_of_the_new_department_from_when_it_was_opened():
    wanted = change(orders(ANNA, "#department sales", HERS, TO_ANNA))
    assert (wanted["first_response_due"], wanted["resolution_due"]) == (NOW + timedelta(hours=1), None)


def test_its_agent_stays_where_they_serve_it_too():
    plan = orders(ANNA, "#department sales", HERS, TO_ANNA, policy=BOTH)
    assert owner(plan) is None
    assert written(plan) == [("notice-done", "anna")]


def test_whose_it_was_hears_of_it():
    plan = orders(ANNA, "#department sales", HIS)
    assert written(plan) == [("handover", "cyril"), ("notice-moved", "boris"), ("notice-done", "anna")]


def test_a_manual_department_is_offered_it_and_an_answer_of_another_takes_it_from_nobody():
    for where in (HERS, FREE):
        plan = orders(ANNA, "#department legal\nMy colleagues will write.", where, TO_ANNA)
        assert owner(plan) == ""
        offered = [("handover", "david"), ("handover", "hana")]
        assert [one for one in written(plan) if one[0] == "handover"] == offered
        assert plan.letters[0].department == "Legal Matters"
        assert plan.letters[0].template == "answer"
        assert "it is offered to David, Hana" in receipt(plan)


def test_where_the_same_mail_says_whose_it_is_nobody_else_is_asked():
    for text in ("#department legal\n#assign boris", "#assign boris\n#department legal"):
        plan = orders(ANNA, text, HERS, TO_ANNA)
        assert owner(plan) == "boris"
        assert written(plan) == [("handover", "boris"), ("notice-done", "anna")]


def test_a_department_without_agents_leaves_it_to_the_managers():
    policy = replace(WIDE, agents=(*WIDE.agents[:4], replace(HANA, role="manager")))
    plan = orders(ANNA, "#department letting", HERS, TO_ANNA, policy=policy)
    assert owner(plan) == ""
    assert written(plan) == [("notice-moved", "hana"), ("notice-done", "anna")]


def test_where_it_is_already_nothing_changes():
    plan = orders(ANNA, "#department acme support", HERS, TO_ANNA)
    assert plan.changes == plan.events == ()
    assert receipt(plan) == ["[ACME-1] is in Acme Support already"]


# --- escalation ----------------------------------------------------------------------------------------------


def test_a_manager_takes_over_what_is_escalated_and_both_are_told():
    plan = says(ANNA, "#escalate", HERS, TO_ANNA, policy=boss())
    assert owner(plan) == "cyril"
    assert change(plan)["priority"] == "high"
    assert written(plan) == [("handover", "cyril"), ("notice-done", "anna")]
    assert plan.letters[0].facts["escalated"] is True
    assert receipt(plan) == ["[ACME-1] has priority high now", "[ACME-1] is assigned to Cyril now"]
    assert kinds(plan) == ["priority", "assigned", "escalated"]


def test_what_is_more_urgent_than_high_stays_so():
    plan = says(ANNA, "#escalate", replace(HERS, priority="critical"), TO_ANNA, policy=boss())
    assert "priority" not in change(plan)


def test_a_manager_who_serves_the_department_comes_before_one_with_less_to_do():
    managers = tuple(replace(agent, role="manager") for agent in (*WIDE.agents[1:3], DAVID, HANA))
    policy = replace(WIDE, agents=(WIDE.agents[0], *managers))
    assert owner(orders(ANNA, "#escalate", HERS, TO_ANNA, policy=policy)) == "boris"
    assert owner(orders(ANNA, "#escalate", replace(HERS, department="Legal Matters"), policy=policy)) == "david"
    assert owner(orders(ANNA, "#escalate", replace(HERS, department="Letting"), policy=policy)) == "boris"


def test_a_managers_own_ticket_goes_to_another_manager_or_nowhere():
    alone = boss()
    ((_, why, _),) = returned(says(CYRIL, "#escalate", HERS, policy=alone))
    assert "there is no manager but you" in why
    two = replace(alone, agents=(*alone.agents, Agent("Zoe", "zoe@acme.example", departments=("x",), role="manager")))
    assert owner(says(CYRIL, "#escalate", replace(HERS, agent=CYRIL.address), policy=two)) == "zoe"


def test_what_a_manager_has_already_stays_theirs():
    plan = says(ANNA, "#escalate", replace(HERS, agent=CYRIL.address, priority="high"), policy=boss())
    assert plan.changes == ()
    assert receipt(plan) == ["[ACME-1] is assigned to Cyril already"]


def test_whose_it_was_is_told_when_somebody_else_escalates_it():
    plan = says(ANNA, "#escalate", replace(HIS, offered=(BORIS.address,)), policy=boss())
    assert ("notice-moved", "boris") in written(plan)
