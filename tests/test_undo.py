"""What an #undo plans: what goes back, what stays and why, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from orders import CYRIL, DESK, HERS, TO_ANNA, assigned, kinds, receipt, returned, says, written
from worlds import BORIS, EVE, NOW, PETR

from mailticket.core.acts import Act, Changed, Mailed
from mailticket.core.types import Address

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
RESOLVED = replace(HERS, status="resolved", resolved_at=NOW)
RECEIPT = replace(assigned(ANNA, kind="notice"), template="notice-done", about=(7,))
WAITS = Mailed(5, (MARIA.address, PETR.address), "queued", message=3)
STATUS = {"status": ("open", "resolved"), "resolved_at": (None, NOW)}


def act(view=HERS, columns=STATUS, now=None, **more):
    """One that set these columns, column → (before, after); `now` are those that were changed since."""
    before, after = ({name: pair[side] for name, pair in columns.items()} for side in (0, 1))
    joined, left = more.pop("joined", ()), more.pop("left", ())
    changed = Changed(view, before, after, after | (now or {}), joined, left)
    return Act(**{"id": 9, "row": 7, "ticket": 1, "at": NOW, "changed": (changed,)} | more)


def undoes(done, where=RESOLVED, marks=(RECEIPT,), who=ANNA, policy=DESK):
    return says(who, "#undo", where, *marks, acts=(done,) if done else (), policy=policy)


def back(plan):
    return dict(plan.changes[0].set)


def test_what_a_mail_did_goes_back_and_the_answer_never_leaves():
    plan = undoes(act(RESOLVED, STATUS | {"first_response_at": (None, NOW)}, mails=(WAITS,)))
    assert (plan.undoes, plan.undone, plan.withdrawn, plan.act) == ((9,), (5,), (3,), "")
    assert back(plan) == {"status": "open", "resolved_at": None, "first_response_at": None}
    assert kinds(plan) == ["status", "undone"]
    assert plan.events[-1].detail == {"inbox": 7}
    assert written(plan) == [("notice-done", "anna")]
    assert receipt(plan) == [
        "the answer to maria@customer.example, petr@customer.example was not sent, and never will be",
        "[ACME-1] is open again",
    ]


def test_a_priority_goes_back_where_no_time_was_promised_before_or_after():
    plan = undoes(act(HERS, {"priority": ("medium", "high")}), where=HERS)
    assert back(plan) == {"priority": "medium", "first_response_due": None, "resolution_due": None}
    assert kinds(plan) == ["priority", "undone"]


LEFT = [
    # what became of the answer → what is said of it
    (replace(WAITS, tried=True), "is just leaving: it cannot be taken back"),
    (replace(WAITS, state="sent", tried=True, sent_at=NOW), "left at 09:00:00 CET: it cannot be taken back"),
    (replace(WAITS, state="failed", tried=True), "was with the mail server, which did not take it for all of them"),
]


@pytest.mark.parametrize(("mail", "said"), LEFT, ids=[mail.state for mail, _ in LEFT])
def test_what_has_left_or_may_have_stays_and_the_rest_goes_back(mail, said):
    plan = undoes(act(RESOLVED, STATUS | {"first_response_at": (None, NOW)}, mails=(mail,)))
    assert (plan.undone, plan.withdrawn) == ((), ())
    assert back(plan) == {"status": "open", "resolved_at": None}
    assert receipt(plan)[1].endswith(said)
    assert plan.events[-1].detail == {"inbox": 7, "but": 1}


def test_the_next_answer_is_the_first_one_where_the_first_never_left():
    since = NOW + SECOND
    plan = undoes(act(RESOLVED, {"first_response_at": (None, NOW)}, mails=(WAITS,), answered_since=since))
    assert back(plan) == {"first_response_at": since}


@pytest.mark.parametrize(
    ("columns", "now", "goes_back", "stays"),
    [
        (STATUS, {"status": "open", "resolved_at": None}, set(), "has been changed since: it stays open"),
        ({"labels": ((), ("a",))}, {"labels": ("a", "b")}, set(), "have been changed since: they stay a, b"),
        ({"agent": ("", ANNA.address)}, {"agent": BORIS.address}, set(), "it stays Boris's"),
        (STATUS | {"labels": ((), ("a",))}, {"labels": ()}, {"status", "resolved_at"}, "they stay none"),
        (STATUS, {"resolved_at": NOW + SECOND}, {"status"}, ""),
    ],
    ids=["status", "labels", "agent", "one of two", "what follows from another alone"],
)  # fmt: skip
def test_what_somebody_changed_since_stays(columns, now, goes_back, stays):
    plan = undoes(act(RESOLVED, columns, now))
    assert {name for change in plan.changes for name in change.set} == goes_back
    assert (plan.undoes == (9,)) is bool(goes_back)
    assert stays in receipt(plan)[-1]


def test_times_that_follow_from_a_priority_are_counted_anew_where_they_were_changed_since():
    columns = {"priority": ("medium", "high"), "first_response_due": (NOW, None), "resolution_due": (NOW, None)}
    assert back(undoes(act(HERS, columns))) == {name: pair[0] for name, pair in columns.items()}
    changed = back(undoes(act(HERS, columns, {"resolution_due": NOW + DAY, "first_response_due": NOW + DAY})))
    assert changed["priority"] == "medium"
    assert changed["first_response_due"] not in {NOW + DAY, NOW}


def test_who_joined_goes_and_who_left_comes_back_to_their_place():
    here = replace(HERS, participants=(MARIA, EVE))
    plan = undoes(act(here, {}, joined=(EVE,), left=((PETR, 1),)), here)
    assert (plan.changes[0].remove_participants, plan.changes[0].restore) == ((EVE,), ((PETR, 1),))
    assert kinds(plan) == ["participant removed", "participant added", "undone"]
    asks = replace(HERS, participants=(EVE, MARIA), customer=replace(HERS.customer, address=EVE.address))
    assert receipt(undoes(act(asks, {}, joined=(EVE,)), asks))[-1].endswith("the request is theirs by now")


def test_whose_request_it_is_again_takes_part_again_though_somebody_has_taken_them_out():
    petrs = replace(HERS, participants=(PETR,), customer=replace(HERS.customer, address=PETR.address))
    columns = {"customer": (MARIA, PETR)}
    plan = undoes(act(petrs, columns, joined=(PETR,)), petrs)
    assert (back(plan), plan.changes[0].restore, plan.changes[0].remove_participants) == (
        {"customer": MARIA}, ((MARIA, 0),), (PETR,),
    )  # fmt: skip
    assert "maria@customer.example takes part in [ACME-1] again" in receipt(plan)
    both = replace(petrs, participants=(PETR, MARIA))
    assert undoes(act(both, columns, joined=(PETR,)), both).changes[0].restore == ()


def test_a_ticket_goes_back_to_whose_it_was_and_both_are_told():
    his = replace(HERS, agent=BORIS.address, offered=(ANNA.address, BORIS.address))
    plan = undoes(act(his, {"agent": (ANNA.address, BORIS.address)}, told=(BORIS.address, ANNA.address)), his)
    assert written(plan) == [("notice-taken", "boris"), ("notice-done", "anna")]
    taken = replace(HERS, offered=(ANNA.address, BORIS.address))
    plan = undoes(act(taken, {"agent": (BORIS.address, ANNA.address)}, told=(BORIS.address,)), taken)
    assert written(plan) == [("handover", "boris"), ("notice-done", "anna")]
    plan = undoes(act(taken, {"agent": ("", ANNA.address)}, told=(BORIS.address,)), taken)
    assert written(plan) == [("notice-moved", "boris"), ("notice-done", "anna")]
    plan = undoes(act(taken, {"agent": ("gone@acme.example", ANNA.address)}), taken)
    assert receipt(plan) == ["[ACME-1] cannot go back to gone@acme.example, who is not with the desk any more"]
    assert plan.changes == ()


def test_a_colleague_who_heard_of_the_rest_hears_that_it_is_taken_back():
    plan = undoes(act(RESOLVED, mails=(WAITS,), told=(ANNA.address, BORIS.address, "gone@acme.example")))
    assert written(plan) == [("notice-undone", "boris"), ("notice-done", "anna")]
    assert plan.letters[0].facts["lines"] == receipt(plan)


def test_what_a_colleague_hears_says_whose_it_was():
    gone = replace(HERS, agent="")
    plan = undoes(act(gone, {"agent": (ANNA.address, "")}, mails=(WAITS,), notes=(4,), told=(CYRIL.address,)), gone)
    assert written(plan) == [("handover", "anna"), ("notice-undone", "cyril"), ("notice-done", "anna")]
    assert plan.letters[1].facts["lines"] == [
        "the answer to maria@customer.example, petr@customer.example was not sent, and never will be",
        "the note is taken out of [ACME-1]",
        "[ACME-1] is Anna Dvořák's again",
    ]


REFUSED = [
    (None, (RECEIPT,), "the mail which that receipt is of changed nothing that can be taken back"),
    (None, (TO_ANNA,), "there is nothing of yours in [ACME-1] that could be taken back"),
    (act(ticket=2), (TO_ANNA,), "there is nothing of yours in [ACME-1] that could be taken back"),
    (act(undone_at=NOW), (RECEIPT,), "you have taken that back already, Monday 23 November 2026, 09:00 CET"),
    (act(at=NOW - DAY - SECOND), (RECEIPT,), "#undo takes back what is a day old at most"),
]


@pytest.mark.parametrize(("done", "marks", "said"), REFUSED, ids=["receipt", "none", "another's", "again", "too late"])
@pytest.mark.parametrize("wants", ["all", "errors"])
def test_what_cannot_be_undone_is_said_to_everybody_and_nothing_is_done(done, marks, said, wants):
    policy = replace(DESK, agents=(replace(DESK.agents[0], receipts=wants), *DESK.agents[1:]))
    plan = undoes(done, marks=marks, policy=policy)
    assert (plan.changes, plan.events, plan.undoes, written(plan)) == ((), (), (), [("notice-done", "anna")])
    assert said in receipt(plan)[-1]


def test_it_is_undone_until_a_day_is_over_to_the_second():
    assert undoes(act(at=NOW - DAY)).undoes == (9,)


@pytest.mark.parametrize("text", ["#undo\n#resolve", "#undo\n\nSorry", "#help\n#undo", "#undo\n#undo"])
@pytest.mark.parametrize("mark", [RECEIPT, TO_ANNA])
def test_it_stands_alone(text, mark):
    ((line, reason, nearest),) = returned(says(ANNA, text, HERS, mark, acts=(act(),)))
    assert (line, nearest) == ("#undo", "#undo")
    assert "stands alone" in reason


def test_what_an_agents_mail_does_is_kept_and_the_receipt_names_it_and_says_how_long_it_can_be_undone():
    plan = says(ANNA, "#resolve\n\nDone.", HERS, TO_ANNA)
    assert plan.act == ANNA.address
    facts = plan.letters[-1].facts
    assert (facts["undo_answer_until"], facts["undo_until"]) == (NOW + 20 * SECOND, NOW + DAY)
    facts = says(ANNA, "#resolve", HERS, TO_ANNA).letters[-1].facts
    assert (facts["undo_answer_until"], facts["undo_until"]) == (None, NOW + DAY)
    assert says(ANNA, "#reopen\n#take", HERS, TO_ANNA).act == ""
    facts = undoes(act(RESOLVED)).letters[-1].facts
    assert (facts["undo_answer_until"], facts["undo_until"], facts["undone"]) == (None, None, True)


def test_a_receipt_promises_no_undo_of_what_it_only_tells():
    waiting = replace(HERS, status="pending", first_response_at=NOW, watchers=(BORIS.address, CYRIL.address))
    facts = says(BORIS, "Done.", waiting, assigned(BORIS)).letters[-1].facts
    assert [line.partition(" ")[0] for line in facts["lines"]] == ["Cyril", "Anna"]  # may not see it; hears of it
    assert (facts["undo_answer_until"], facts["undo_until"]) == (NOW + 20 * SECOND, None)


def test_who_may_not_see_a_ticket_does_not_watch_it_again():
    changed = Changed(HERS, {}, {}, {}, unwatched=(Address(BORIS.address), Address(CYRIL.address)))
    plan = undoes(act(HERS, changed=(changed,)), where=HERS)
    assert [one.address for one in plan.changes[0].add_watchers] == [BORIS.address]
