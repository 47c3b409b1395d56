"""Commands that change what a ticket is called, how urgent it is and how it goes on: right and wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA
from orders import DESK, FREE, HERS, HIS, TO_ANNA, change, kinds, receipt, returned, says, written
from worlds import BORIS, NOW

from mailticket.core.policy import ServiceLevel

LEVELS = {
    "medium": ServiceLevel(timedelta(hours=4), timedelta(hours=24)),
    "high": ServiceLevel(timedelta(hours=1), None),
}
PROMISES = replace(DESK, departments=(replace(DESK.departments[0], service_levels=LEVELS),))
QUIET = replace(DESK, agents=(replace(DESK.agents[0], receipts="errors"), *DESK.agents[1:]))
LABELLED = replace(HERS, labels=("printer", "urgent"))
CLOSED = replace(HERS, status="closed", resolved_at=NOW - timedelta(days=3))


def hers(status):
    return replace(HERS, status=status)


RIGHT = [
    # what is typed, in which ticket → what is set, which events, what the receipt says
    ("#priority high", HERS, {"priority": "high"}, ["priority"], "[ACME-1] has priority high now"),
    ("#Priority CRIT", HERS, {"priority": "critical"}, ["priority"], "[ACME-1] has priority critical now"),
    ("#label a -b", replace(HERS, labels=("b",)), {"labels": ("a",)}, ["labels"], "[ACME-1] has the labels a now"),
    ("#label Fire, řízení", HERS, {"labels": ("fire", "řízení")}, ["labels"], "the labels fire, řízení now"),
    ("#label \u2013urgent", LABELLED, {"labels": ("printer",)}, ["labels"], "the labels printer now"),
    ("#label -printer -urgent", LABELLED, {"labels": ()}, ["labels"], "has no labels now"),
    ("#subject  Smoke in  room 5", HERS, {"subject": "Smoke in room 5"}, ["subject"], 'is "Smoke in room 5" now'),
    ("#subject Re: [ACME-7] Smoke", HERS, {"subject": "Smoke"}, ["subject"], 'is "Smoke" now'),
    ("#pending", HERS, {"status": "pending", "resolved_at": None}, ["status"], "[ACME-1] is pending now"),
    ("#pending", hers("resolved"), {"status": "pending", "resolved_at": None}, ["status"], "is pending now"),
    ("#close", HERS, {"status": "closed", "resolved_at": NOW}, ["status"], "[ACME-1] is closed now"),
    ("#spam", HERS, {"status": "spam", "resolved_at": None}, ["status"], "[ACME-1] is spam now"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "where", "wanted", "events", "told"),
    RIGHT,
    ids=[f"{row[0]} ({row[1].status})" for row in RIGHT],
)
def test_a_command_changes_what_it_names_and_says_so(typed, where, wanted, events, told):
    plan = says(ANNA, typed, where, TO_ANNA)
    due = {"first_response_due", "resolution_due"}
    assert {name: value for name, value in change(plan).items() if name not in due} == wanted
    assert kinds(plan) == events
    assert [told in line for line in receipt(plan)] == [True]
    assert written(plan) == [("notice-done", "anna")]


IDLE = [
    ("#priority medium", HERS, "has priority medium already"),
    ("#label printer", LABELLED, "has the label already"),
    ("#label printer urgent", LABELLED, "has the labels already"),
    (f"#subject {HERS.subject}", HERS, "is called so already"),
    ("#pending", hers("pending"), "is pending already"),
    ("#close", CLOSED, "is closed already"),
    ("#spam", hers("spam"), "is spam already"),
]


@pytest.mark.parametrize(("typed", "where", "told"), IDLE, ids=[row[0] for row in IDLE])
def test_what_is_so_already_changes_nothing_and_says_so_to_who_wants_no_receipts_too(typed, where, told):
    for policy in (DESK, QUIET):
        plan = says(ANNA, typed, where, TO_ANNA, policy=policy)
        assert plan.changes == plan.events == ()
        assert [told in line for line in receipt(plan)] == [True]


WRONG = [
    # what is typed, in which ticket → why not, and the nearest right one
    ("#priority", HERS, "one of low, medium, high, critical", ""),
    ("#priority urgent", HERS, "one of low, medium, high, critical", ""),
    ("#priority hihg", HERS, "one of low, medium, high, critical", "#priority high"),
    ("#priority high please", HERS, "one of low, medium, high, critical", "#priority high"),
    ("#priorty high", HERS, "no such command", "#priority"),
    ("#prio high", HERS, "no such command", "#priority"),
    ("#label", HERS, "needs words", ""),
    ("#label a -a", HERS, "a cannot be both put on and taken off", "#label a"),
    ("#label -b", HERS, "has no label b: it has none", ""),
    ("#label -urgnt", LABELLED, "its labels are printer, urgent", "#label -urgent"),
    ("#label <b>", HERS, "<b> is no label", "#label b"),
    ("#label a/b", HERS, "a/b is no label", "#label a-b"),
    (f"#label {'x' * 33}", HERS, "at most 32 letters", f"#label {'x' * 32}"),
    (f"#label {' '.join(f'l{n}' for n in range(21))}", HERS, "at most 20 labels", ""),
    ("#subject", HERS, "needs words", ""),
    ("#subject Re: [ACME-1]", HERS, "needs words", ""),
    (f"#subject {'x' * 201}", HERS, "at most 200 characters", f"#subject {'x' * 40}"),
    (f"#subject ask {BORIS.address}", HERS, "it has an agent's address in it", ""),
    ("#pending now", HERS, "stands alone", "#pending"),
    ("#pending", CLOSED, "the ticket is closed", "#reopen"),
    ("#spam", CLOSED, "the ticket is closed", "#reopen"),
    ("#close", hers("spam"), "the ticket is spam", ""),
    ("#close me", HERS, "stands alone", "#close"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "where", "reason", "nearest"), WRONG, ids=[row[0][:40] for row in WRONG])
def test_a_wrong_command_does_nothing_and_comes_back_with_the_reason_and_the_nearest_right_one(
    typed, where, reason, nearest
):
    ((line, why, near),) = returned(says(ANNA, typed, where, TO_ANNA))
    assert line == typed
    assert reason in why
    assert near == nearest


@pytest.mark.parametrize("typed", [row[0] for row in RIGHT])
def test_one_wrong_command_keeps_all_the_others_and_the_answer_back(typed):
    """`#hepl` stands above and below the right one."""
    for text in (f"#hepl\n{typed}\nWords", f"{typed}\n#hepl\nWords"):
        assert "#hepl" in [line for line, _, _ in returned(says(ANNA, text, HERS, TO_ANNA))]


CONTRADICTIONS = [
    ("#close\n#pending", ["#pending"]),
    ("#resolve\n#reopen", ["#reopen"]),
    ("#spam\n#close\n#resolve", ["#close", "#resolve"]),
    ("#pending\n#pending", ["#pending"]),
    ("#priority high\n#priority low", ["#priority low"]),
    ("#priority high\n#priority high", ["#priority high"]),
    ("#subject One\n#subject Two", ["#subject Two"]),
    ("#take\n#assign boris", ["#assign boris"]),
    ("#label a\n#label b -a", ["#label b -a"]),
    ("#spam\nDear customer,", ["#spam"]),
]


@pytest.mark.parametrize(("text", "wrong"), CONTRADICTIONS, ids=[row[0].replace("\n", " ") for row in CONTRADICTIONS])
def test_commands_that_contradict_one_another_do_nothing_at_all(text, wrong):
    assert [line for line, _, _ in returned(says(ANNA, text, FREE, TO_ANNA))] == wrong


def test_commands_that_say_different_things_go_together_and_above_an_answer():
    text = "#priority high\n#label fire\n#label smoke\n#subject Smoke\n#pending\nWe come at once."
    plan = says(ANNA, text, HERS, TO_ANNA, policy=PROMISES)
    assert written(plan) == [("answer", "maria", "petr"), ("notice-done", "anna")]
    assert plan.letters[0].subject == "Smoke"
    assert change(plan)["labels"] == ("fire", "smoke")
    assert change(plan)["status"] == "pending"
    assert len(receipt(plan)) == 5


def test_a_priority_counts_its_times_from_when_the_ticket_was_opened():
    old = replace(HERS, created_at=NOW - timedelta(days=3))  # Friday, 9:00
    wanted = change(says(ANNA, "#priority high", old, TO_ANNA, policy=PROMISES))
    assert wanted["first_response_due"] == old.created_at + timedelta(hours=1)
    assert wanted["resolution_due"] is None


def test_who_wants_no_receipts_gets_none_for_what_went_well():
    assert written(says(ANNA, "#priority high", HERS, TO_ANNA, policy=QUIET)) == []


def test_a_ticket_closed_by_hand_keeps_the_time_when_it_was_resolved():
    resolved = replace(HERS, status="resolved", resolved_at=NOW - timedelta(days=3))
    assert change(says(ANNA, "#close", resolved, TO_ANNA))["resolved_at"] == NOW - timedelta(days=3)


def test_a_colleagues_ticket_can_be_changed_and_stays_his():
    assert "agent" not in change(says(ANNA, "#label fire", HIS))
