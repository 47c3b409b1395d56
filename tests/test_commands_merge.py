"""#merge: what becomes of both tickets, who hears of it, and what is not possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from orders import CYRIL, DESK, TO_ANNA, assigned, boss, kinds, receipt, returned, says, written
from worlds import BORIS, EVE, NOW, PETR, ticket

from mailticket.core.case import PARTICIPANTS_AT_MOST
from mailticket.core.lifecycle import STATUSES
from mailticket.core.plan import Move
from mailticket.core.types import Address

HOUR = timedelta(hours=1)
HERS = ticket(1, MARIA, PETR, status="new")
OTHER = ticket(2, MARIA, EVE, agent=BORIS.address)
UNSEEN = replace(ticket(3, EVE, agent=CYRIL.address), department="Sales")
HIS_OWN = ticket(7, Address(BORIS.address))
CROWD = tuple(Address(f"p{n}@elsewhere.example") for n in range(PARTICIPANTS_AT_MOST - 1))
FULL = ticket(4, EVE, *CROWD)
LABELLED = replace(ticket(5, EVE), labels=tuple(f"l{n}" for n in range(20)))
THERE = {1: HERS, 2: OTHER, 3: UNSEEN, 4: FULL, 5: LABELLED, 6: HERS, 7: HIS_OWN}  # 6 was merged into 1
SALES = replace(DESK.departments[0], name="Sales", addresses=("sales@acme.example",))
POLICY = replace(boss(), departments=(*DESK.departments, SALES))


def merges(text="#merge 2", who=ANNA, mine=HERS, other=OTHER, **more):
    there = THERE | {mine.id: mine, other.id: other}
    return says(who, text, mine, assigned(who), policy=POLICY, tickets=there, **more)


def changed(plan):
    """What changes of each ticket."""
    found: dict[int, dict] = {}
    for one in plan.changes:
        found.setdefault(one.id, {}).update(one.set)
    return found


@pytest.mark.parametrize(
    "typed", ["#merge 2", "#MERGE #2", "#merge ACME-2", "#merge [acme-2]", "#merge [ACME-2] \u2014"]
)
def test_a_ticket_becomes_a_part_of_another_however_that_is_named(typed):
    plan = merges(typed)
    assert plan.ticket == 2
    assert plan.moves == (Move(1, 2),)
    assert changed(plan)[1] == {"status": "closed", "resolved_at": NOW, "merged_into": 2}
    assert plan.changes[0].link == (2,)
    assert plan.changes[1].add_participants == (PETR,)
    assert [(e.kind, e.ticket, dict(e.detail)) for e in plan.events] == [
        ("merged", 1, {"ticket": 2}),
        ("status", 1, {"before": "new", "after": "closed"}),
        ("merged from", 2, {"ticket": 1}),
        ("participant added", 2, {"person": PETR}),
    ]
    assert receipt(plan) == [
        "[ACME-1] is merged into [ACME-2]: it is closed, and what belongs to it is there",
        "petr@customer.example takes part in [ACME-2] now, and gets the answers from now on",
    ]


WRONG = [
    ("#merge", "#merge needs the number of the ticket that this one becomes a part of, like #merge 1042"),
    ("#merge the other", "#merge needs the number"),
    ("#merge 1 2", "#merge needs the number"),
    ("#merge OTHER-2", "#merge needs the number"),
    ("#merge 77", "[ACME-77] is not there, or you may not see it"),
    ("#merge 3", "[ACME-3] is not there, or you may not see it"),
    ("#merge 1", "[ACME-1] is this ticket itself"),
    ("#merge 6", "[ACME-6] is part of [ACME-1] already"),
    ("#merge 4", "at most 50 take part in a ticket, and in [ACME-4] it would be 52"),
    ("#merge 5", "a ticket has at most 20 labels, and [ACME-5] would have 21"),
    ("#merge 7", "Boris, an agent, asks in one of them, and others would take part in [ACME-7], too"),
    ("#merge 2\n#merge 2", "#merge 2 above says what becomes of the same thing"),
    ("#resolve\n#merge 2", "#resolve above says what becomes of the same thing"),
    ("#merge 2\n#take", "#merge 2 above says what becomes of the same thing"),
    ("#merge 2\n#priority high", "#merge 2 above says what becomes of the same thing"),
    ("#subject Fire\n#merge 2", "#subject Fire above says what becomes of the same thing"),
    ("#department sales\n#merge 2", "#department sales above says what becomes of the same thing"),
]


@pytest.mark.parametrize(("typed", "reason"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_merge_does_nothing_and_comes_back(typed, reason):
    plan = merges(f"{typed}\n\nWords", mine=replace(HERS, labels=("fire",)))
    assert plan.moves == ()
    ((line, why, _),) = returned(plan)
    assert line == typed.split("\n")[-1]
    assert reason in why


def test_spam_is_not_made_a_part_of_what_somebody_asks():
    (mistake,) = returned(merges(mine=replace(HERS, status="spam")))
    assert mistake == ("#merge 2", "the ticket is spam", "")


# --- what becomes of the target ------------------------------------------------------------------------------

AFTER = {  # the status of the merged one → for each status of the target what that becomes
    "new": "new open open open open open open",
    "open": "new open open open open open open",
    "pending": "new open pending postponed open open open",
    "postponed": "new open pending postponed open open open",
    "resolved": "new open pending postponed resolved closed spam",
    "closed": "new open pending postponed resolved closed spam",
}


@pytest.mark.parametrize("mine", AFTER)
def test_where_an_answer_is_owed_to_the_merged_one_it_is_owed_in_the_other(mine):
    assert STATUSES == ("new", "open", "pending", "postponed", "resolved", "closed", "spam")
    found = []
    for theirs in STATUSES:
        plan = merges(mine=replace(HERS, status=mine), other=replace(OTHER, status=theirs))
        found.append(changed(plan)[2].get("status", theirs))
        assert (f"[ACME-2] is {found[-1]} now" in receipt(plan)) == (found[-1] != theirs)
    assert found == AFTER[mine].split()


def promising(one, hours, **more):
    due = NOW + hours * HOUR
    return replace(one, first_response_due=due, estimate_answer_by=due, estimate_basis=f"{hours}", **more)


PROMISES = [
    # hours to the answer here and there, what else is so here and there → in how many it is due, None: as before
    (1, 3, {}, {}, 1),
    (3, 1, {}, {}, None),
    (1, 3, {"first_response_at": NOW}, {}, None),
    (1, 3, {}, {"first_response_at": NOW}, None),
    (1, 3, {"status": "resolved"}, {}, None),
    (1, 3, {}, {"status": "closed"}, 1),
]


@pytest.mark.parametrize(("here", "there", "mine", "theirs", "due"), PROMISES)
def test_the_earlier_promise_is_kept_that_has_still_to_be(here, there, mine, theirs, due):
    plan = merges(mine=promising(HERS, here, **mine), other=promising(OTHER, there, **theirs))
    at = NOW + due * HOUR if due else None
    kept = {"first_response_due": at, "estimate_answer_by": at, "estimate_basis": f"{due}"} if due else {}
    assert {name: value for name, value in changed(plan)[2].items() if "due" in name or "estimate" in name} == kept


def test_the_labels_of_both_are_on_it():
    plan = merges(
        "#merge 2\n#label smoke", mine=replace(HERS, labels=("fire", "red")), other=replace(OTHER, labels=("red",))
    )
    assert changed(plan)[2]["labels"] == ("red", "fire", "smoke")
    assert "[ACME-2] has the labels red, fire now" in receipt(plan)


def test_who_watched_the_one_watches_the_other_where_they_may_see_it():
    mine = replace(HERS, watchers=(BORIS.address, CYRIL.address))  # Boris has the other one
    (added,) = [one for one in merges(mine=mine).changes if one.add_watchers]
    assert (added.id, added.add_watchers) == (2, (CYRIL.as_address,))
    assert merges(mine=mine, other=replace(OTHER, watchers=(CYRIL.address,))).changes[1].add_watchers == ()


def test_who_is_taken_out_by_the_same_mail_does_not_come_in():
    plan = merges(f"#merge 2\n#uncc {PETR.address}")
    assert plan.changes[1].add_participants == ()


# --- who hears of it -----------------------------------------------------------------------------------------

OFFERED = {"agent": "", "offered": (ANNA.address, BORIS.address)}
TOLD = [
    # who orders it, whose the merged one is, whose the target → who hears what
    (ANNA, {}, {}, [("merged", "boris"), ("notice-done", "anna")]),
    (BORIS, {}, {}, [("notice-merged", "anna"), ("notice-done", "boris")]),
    (CYRIL, {}, {}, [("merged", "boris"), ("notice-merged", "anna"), ("notice-done", "cyril")]),
    (CYRIL, {"agent": BORIS.address}, {}, [("merged", "boris"), ("notice-done", "cyril")]),
    (ANNA, {}, {"agent": ANNA.address}, [("notice-done", "anna")]),
    (CYRIL, OFFERED, {"agent": ANNA.address},
     [("merged", "anna"), ("notice-merged", "boris"), ("notice-done", "cyril")]),
    (CYRIL, {}, OFFERED, [("merged", "anna"), ("merged", "boris"), ("notice-done", "cyril")]),
    (ANNA, {}, {"agent": ""}, [("merged", "cyril"), ("notice-done", "anna")]),
    (ANNA, {}, {"agent": "gone@acme.example"}, [("merged", "cyril"), ("notice-done", "anna")]),
]  # fmt: skip


@pytest.mark.parametrize(("who", "mine", "theirs", "told"), TOLD)
def test_the_agents_of_both_hear_of_it_and_no_customer_does(who, mine, theirs, told):
    assert written(merges(who=who, mine=replace(HERS, **mine), other=replace(OTHER, **theirs))) == told


def test_words_below_go_to_all_who_take_part_then_in_the_thread_of_both():
    mine = replace(HERS, customer_thread=("<one@x>",))
    plan = merges("#merge 2\n\nWords", mine=mine, other=replace(OTHER, customer_thread=("<two@x>",)))
    assert written(plan)[0] == ("answer", "maria", "eve", "petr")
    answer = plan.letters[0]
    assert (answer.ticket, answer.subject, answer.thread) == (2, OTHER.subject, ("<two@x>", "<one@x>"))
    assert changed(plan)[2] == {"status": "pending", "resolved_at": None, "first_response_at": NOW}
    assert ("answered", 2) in [(e.kind, e.ticket) for e in plan.events]
    assert [one for one in written(plan) if one[0] == "notice-answered"] == [("notice-answered", "boris")]


def test_who_answers_by_it_what_was_nobodys_has_it():
    plan = merges("#merge 2\n\nWords", other=replace(OTHER, agent=""))
    assert changed(plan)[2]["agent"] == ANNA.address
    assert "assigned" in kinds(plan)


def test_the_letter_has_the_words_that_came_in_and_what_a_reply_to_it_does():
    (letter, _) = merges().letters
    assert letter.kind == "relay"
    assert letter.facts["text"] == "It burns."
    reaches = "Reply to this mail and your words go to Maria Nováková <maria@customer.example>, with eve@"
    assert letter.facts["reply_line"].startswith(reaches)
    assert "signed Boris" in letter.facts["reply_line"]


def test_what_proves_nothing_but_the_reply_is_enough():
    assert says(ANNA, "#merge 2", HERS, TO_ANNA, policy=POLICY, tickets=THERE).moves
