"""What an #undo of a split plans, and why a split stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from orders import DESK, HERS, assigned, kinds, receipt, says, written
from worlds import BORIS, NOW, PETR, ticket

from mailticket.core.acts import Act, Changed, Mailed
from mailticket.core.plan import Move

LATER = NOW + timedelta(seconds=1)
RECEIPT = replace(assigned(ANNA, kind="notice"), template="notice-done", about=(7,), ticket=2)
OLD, NEW = HERS, ticket(2, PETR)
WAITS = Mailed(5, (PETR.address,), "queued", message=3)
ANSWERED = {"status": ("new", "pending"), "first_response_at": (None, NOW)}


def split(old=OLD, new=NEW, columns=None, **more):
    before, after = ({name: pair[side] for name, pair in (columns or {}).items()} for side in (0, 1))
    changed = (Changed(old, {}, {}, {}), Changed(new, before, after, after, into=more.get("into")))
    return Act(**{"id": 9, "row": 7, "ticket": 2, "at": NOW, "changed": changed, "moves": (Move(1, 2, (4,)),)} | more)


def undoes(done, where=NEW, who=ANNA):
    return says(
        who,
        "#undo",
        where,
        replace(RECEIPT, ticket=where.id, recipients=(who.address,)),
        acts=(done,) if done else (),
        policy=DESK,
    )


def sets(plan):
    return {change.id: dict(change.set) for change in plan.changes}


def test_the_mail_goes_back_and_its_ticket_is_a_part_of_the_old_one():
    plan = undoes(split())
    assert plan.moves == (Move(2, 1),)
    assert sets(plan) == {2: {"status": "closed", "resolved_at": NOW, "merged_into": 1}, 1: {}}
    assert kinds(plan) == ["merged", "status", "merged from", "undone"]
    assert (plan.undoes, plan.act, plan.ticket, written(plan)) == ((9,), "", 1, [("notice-done", "anna")])
    assert receipt(plan) == ["what petr@customer.example wrote is in [ACME-1] again, and [ACME-2] is a part of that"]


@pytest.mark.parametrize(
    ("old", "mail", "status", "first"),
    [
        (replace(OLD, status="pending"), WAITS, None, None),
        (replace(OLD, status="pending", updated_at=LATER), WAITS, "open", None),
        (replace(OLD, status="resolved", updated_at=LATER), WAITS, "open", None),
        (replace(OLD, status="pending", updated_at=LATER), replace(WAITS, state="sent"), None, NOW),
    ],
    ids=["as it was", "an answer is owed", "over", "answered"],
)
def test_the_old_one_goes_on_where_it_has_gone_on_since(old, mail, status, first):
    plan = undoes(split(old, replace(NEW, status="pending", first_response_at=NOW), ANSWERED, mails=(mail,)))
    assert (sets(plan)[1].get("status"), sets(plan)[1].get("first_response_at")) == (status, first)
    assert plan.undone == (() if first else (5,))
    assert plan.withdrawn == (() if first else (3,))


def test_a_colleague_whose_the_tickets_are_gets_what_came_back():
    plan = undoes(replace(split(), told=(ANNA.address,)), who=BORIS)
    assert written(plan) == [("merged", "anna"), ("notice-done", "boris")]


STANDS = [
    ({"since": (PETR.address,)}, "petr@customer.example has written in [ACME-2] since; #merge 1"),
    ({"since": ("",)}, "somebody has written in [ACME-2] since"),
    ({"since": (BORIS.address,)}, "Boris has acted in [ACME-2] since"),
    ({"since": (ANNA.address,)}, "you have acted in [ACME-2] since"),
    ({"into": 1}, "[ACME-2] is a part of [ACME-1] again already"),
    ({"into": 3}, "[ACME-2] is a part of [ACME-3] by now, and stays one"),
]


@pytest.mark.parametrize(("more", "said"), STANDS, ids=[said for _, said in STANDS])
def test_a_split_stays_where_anything_has_come_of_it_since(more, said):
    where = {1: OLD, 3: ticket(3, MARIA)}.get(more.get("into"), NEW)
    plan = undoes(split(**more), where)
    assert (plan.moves, plan.changes, plan.undoes, plan.events) == ((), (), (), ())
    assert receipt(plan)[0].startswith(said)


def test_it_stays_where_the_old_one_is_a_part_of_another_by_now():
    done = split()
    plan = undoes(replace(done, changed=(replace(done.changed[0], into=3), done.changed[1])))
    assert plan.moves == ()
    (line,) = receipt(plan)
    assert line.endswith(
        "[ACME-1] is a part of another ticket by now; #merge 1, in a reply to this mail, puts it there, too"
    )


def test_an_answer_that_waits_is_stopped_though_the_split_stays():
    answered = replace(NEW, status="pending", first_response_at=NOW)
    plan = undoes(split(new=answered, columns=ANSWERED, mails=(WAITS,), since=(PETR.address,)), answered)
    assert (plan.undone, plan.moves) == ((5,), ())
    assert sets(plan) == {2: {"status": "new", "first_response_at": None}}
    assert receipt(plan)[-1].startswith("petr@customer.example has written in [ACME-2] since; #merge 1")
    assert plan.events[-1].detail == {"inbox": 7, "but": 1}
