"""What an #undo plans of what was done before its ticket became a part of another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import MARIA
from orders import DESK, HERS, assigned, kinds, receipt, says, written
from worlds import BORIS, NOW, PETR, ticket

from mailticket.core.acts import Act, Changed, Mailed
from mailticket.core.plan import Move

RECEIPT = replace(assigned(BORIS, kind="notice"), template="notice-done", about=(7,))
WAITS = Mailed(5, (PETR.address,), "queued", message=3)
PART = ticket(2, PETR, status="closed", agent=BORIS.address)
ANSWERED = ({"status": "new", "first_response_at": None}, {"status": "pending", "first_response_at": NOW})
OVER = {"status": "closed", "first_response_at": NOW}


def undoes(done, where=HERS):
    return says(BORIS, "#undo", where, RECEIPT, acts=(done,), policy=DESK)


def answer(**more):
    """One of Boris's in what was his ticket, which is a part of Anna's now."""
    return Act(**{"id": 9, "row": 7, "ticket": 2, "at": NOW, "into": 1, "mails": (WAITS,),
                  "changed": (Changed(PART, *ANSWERED, OVER, into=1),)} | more)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "after", "told"),
    [("pending", "open", "anna"), ("resolved", "open", "anna"), ("closed", "open", "anna"), ("open", None, None)],
)
def test_an_answer_that_never_leaves_is_owed_in_the_ticket_that_its_own_is_a_part_of(status, after, told):
    plan = undoes(answer(), replace(HERS, status=status))
    assert (plan.undone, plan.withdrawn, plan.ticket) == ((5,), (3,), 1)
    assert [change.set.get("status") for change in plan.changes] == [after]
    assert [to for name, to in written(plan) if name == "notice-undone"] == ([told] if told else [])
    assert "[ACME-2] is a part of [ACME-1] by now: what else your mail did to it stays" in receipt(plan)


def test_nothing_is_owed_where_another_answer_came_after_it():
    plan = undoes(answer(answered_since=NOW + timedelta(seconds=5)), replace(HERS, status="pending"))
    assert plan.undone == (5,)
    assert kinds(plan) == ["undone"]


def test_what_was_done_to_a_ticket_before_it_became_a_part_of_another_stays():
    labels = Changed(PART, {"labels": (), "agent": ""}, {"labels": ("a",), "agent": BORIS.address},
                     {"labels": ("a",), "agent": BORIS.address}, joined=(MARIA,), into=1)  # fmt: skip
    plan = undoes(answer(mails=(), changed=(labels,)))
    assert (plan.changes, plan.events, plan.undoes, written(plan)) == ((), (), (), [("notice-done", "boris")])
    assert receipt(plan) == ["[ACME-2] is a part of [ACME-1] by now: what else your mail did to it stays"]


MERGE = Changed(PART, {"status": "new", "merged_into": None}, {"status": "closed", "merged_into": 3},
                {"status": "closed", "merged_into": 3}, into=3)  # fmt: skip


def merge(status=ANSWERED, **more):
    """Boris's #merge of his ticket 2 into 3; that has become a part of Anna's ticket 1 since."""
    target = Changed(ticket(3, MARIA, PETR, status="closed"), *status, OVER, joined=(PETR,), into=1)
    return Act(**{"id": 9, "row": 7, "ticket": 3, "at": NOW, "into": 1, "changed": (MERGE, target),
                  "moves": (Move(2, 3, (4,)),)} | more)  # fmt: skip


def test_a_merge_stays_as_long_as_its_target_is_a_part_of_another():
    plan = undoes(merge())
    assert (plan.changes, plan.moves, plan.undoes) == ((), (), ())
    assert receipt(plan) == [
        "[ACME-3], which you merged into, is a part of [ACME-1] by now: #undo of that merge comes first"
    ]


def test_words_below_a_merge_that_still_wait_are_stopped_all_the_same():
    plan = undoes(merge(mails=(WAITS,)), replace(HERS, status="pending"))
    assert (plan.undone, plan.moves, plan.undoes) == ((5,), (), (9,))
    assert [(change.id, change.set["status"]) for change in plan.changes] == [(1, "open")]
    assert receipt(plan)[-1].endswith("#undo of that merge comes first")


def test_a_merge_of_a_ticket_whose_words_were_all_taken_back_moves_nothing():
    """A move without messages would be one of all that are there."""
    here = replace(MERGE, after=MERGE.after | {"merged_into": 1}, now=MERGE.now | {"merged_into": 1}, into=1)
    plan = undoes(merge(ticket=1, into=None, changed=(here,), moves=(Move(2, 1, ()),)))
    assert (plan.undoes, plan.moves) == ((9,), ())
    assert receipt(plan)[0] == "[ACME-2] is a ticket of its own again, with the mails that it had"
