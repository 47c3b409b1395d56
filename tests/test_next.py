"""#next: which ticket is the next one, for whom, and what follows when there is one and when there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from test_lists import BOSS, CYRIL, FIRST, HOUR, ROW, SECOND, WIDE, opened
from worlds import NOW, PETR, SUPPORT, context, parsed, ticket

from mailticket.core.asked import Listed, Pages, Waiting
from mailticket.core.decide import decide
from mailticket.core.plan import Plan
from mailticket.core.types import Address, RawMail
from mailticket.store import lists
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create

MINUTE = timedelta(minutes=1)


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        yield one


def waiting(db, who, *tickets):
    with db.write():
        apply(db, Plan(changes=tickets), NOW - 5 * HOUR)
    found = lists.waiting(db, lists.Reader(who, WIDE, NOW))
    return found.ticket and found.ticket.id, found.others


ORDER = [
    # two tickets, of which the second one is the more important
    ({"first_response_due": NOW + 2 * MINUTE}, {"first_response_due": NOW - MINUTE}),
    ({"first_response_due": NOW - MINUTE, "priority": "critical"}, {"first_response_due": NOW - HOUR}),
    ({"first_response_due": NOW + HOUR}, {"first_response_due": NOW + MINUTE, "priority": "low"}),
    ({"priority": "critical"}, {"first_response_due": NOW + HOUR, "priority": "low"}),
    ({"priority": "medium"}, {"priority": "high"}),
    ({"priority": "low"}, {"priority": "medium"}),
    ({"first_response_due": NOW + HOUR}, {"first_response_due": NOW + HOUR, "priority": "high"}),
    ({"created_at": NOW - HOUR}, {"created_at": NOW - 2 * HOUR}),
    ({"first_response_due": NOW - HOUR, "first_response_at": NOW - HOUR}, {"resolution_due": NOW + HOUR}),
]


@pytest.mark.parametrize(("less", "more"), ORDER)
def test_the_deadline_counts_then_the_priority_then_the_age(db, less, more):
    assert waiting(db, FIRST, opened(1, **less), opened(2, **more)) == (2, 1)


NOT = [
    # what is no next ticket for Anna
    {"agent": ANNA.address}, {"agent": SECOND.address}, {"status": "pending"}, {"status": "postponed"},
    {"status": "resolved"}, {"status": "closed"}, {"status": "spam"}, {"customer": ANNA},
]  # fmt: skip


@pytest.mark.parametrize("fields", NOT)
def test_what_is_somebodys_or_does_not_wait_or_is_their_own_request_is_no_next_ticket(db, fields):
    assert waiting(db, FIRST, opened(1, **fields)) == (None, 0)


def test_what_an_agent_takes_part_in_as_a_customer_is_none_for_them(db):
    assert waiting(db, FIRST, replace(opened(1), add_participants=(ANNA,))) == (None, 0)
    assert lists.waiting(db, lists.Reader(SECOND, WIDE, NOW)).ticket


@pytest.mark.parametrize(
    ("who", "found"), [(FIRST, (1, 0)), (CYRIL, (2, 0)), (BOSS, (2, 1))], ids=["Support", "Sales", "manager"]
)
def test_an_agent_takes_from_their_departments_and_a_manager_from_all(db, who, found):
    assert waiting(db, who, opened(1), opened(2, "Sales", priority="high")) == found


def test_where_nothing_waits_the_most_urgent_of_their_own_is_known_and_how_many_there_are(db):
    mine = [opened(number, agent=ANNA.address, first_response_due=NOW - number * HOUR) for number in (1, 2, 3)]
    waiting(db, FIRST, *mine, opened(4, agent=ANNA.address, status="pending"))
    own = lists.waiting(db, lists.Reader(FIRST, WIDE, NOW)).own
    assert ([one.number for one in own.tickets], own.count) == ([3], 3)


FREE = replace(ticket(7, PETR), agent="")


def follows(who, found, text="#next", subject="Hello"):
    mail = parsed(Address(who.address, who.name), text, subject=subject)
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address)
    return decide(mail, raw, context(ticket(1, MARIA), pages=Pages(waiting=found)), WIDE, NOW)


def test_the_next_ticket_is_theirs_with_the_words_to_be_answered_though_it_was_offered_to_them():
    plan = follows(FIRST, Waiting(replace(FREE, offered=(ANNA.address, SECOND.address)), "It burns.", 2))
    (change,) = plan.changes
    assert (change.id, change.set["agent"], plan.ticket, plan.act) == (7, ANNA.address, 7, ANNA.address)
    assert [event.kind for event in plan.events] == ["assigned"]
    assert [(one.template, one.to[0].address) for one in plan.letters] == [
        ("handover", ANNA.address), ("notice-taken", SECOND.address), ("notice-done", ANNA.address)
    ]  # fmt: skip
    assert plan.letters[0].facts["text"] == "It burns."
    assert plan.letters[2].facts["lines"][1] == "2 others like it wait for somebody: #next takes the next one"
    assert {one.ticket for one in plan.letters} == {7}


def test_whoever_stands_in_copy_of_the_mail_that_asks_takes_no_part_in_the_ticket():
    mail = parsed(ANNA, "#next", cc=(MARIA,))
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    plan = decide(mail, raw, context(pages=Pages(waiting=Waiting(FREE))), WIDE, NOW)
    assert plan.changes[0].add_participants == ()


def test_none_is_the_next_that_the_mail_orders_about(db):
    with db.write():
        apply(db, Plan(changes=(opened(1, priority="high"), opened(2), opened(3))), NOW - 5 * HOUR)
    found = lists.waiting(db, lists.Reader(FIRST, WIDE, NOW), (1, 3, 77))
    assert (found.ticket and found.ticket.id, found.others) == (2, 0)


def test_nothing_is_taken_where_nothing_waits():
    plan = follows(FIRST, Waiting(own=Listed((ROW,), 4)))
    assert (plan.changes, plan.events, plan.ticket, plan.act) == ((), (), None, "")
    (letter,) = plan.letters
    assert (letter.template, letter.facts["count"], len(letter.facts["rows"])) == ("notice-next", 4, 1)


def test_words_below_the_subject_are_no_reason_and_the_agent_hears_that_nobody_got_them():
    plan = follows(replace(FIRST, receipts="errors"), Waiting(FREE), "Anna\nCare Lead", "#next")
    assert plan.letters[-1].facts["unchanged"] == ["the desk sent the rest of your mail to nobody: Anna Care Lead"]
    (letter,) = follows(FIRST, Waiting(), "Care Lead", "#next").letters
    assert letter.facts["unheard"] == "Care Lead"
    assert "unchanged" not in follows(FIRST, Waiting(), "Best regards,\nAnna", "#next").letters[0].facts


@pytest.mark.parametrize("text", ["#next\n#next", "#next\n#list", "#help\n#next", "#next\n\nPlease."])
def test_a_mail_that_takes_a_ticket_does_nothing_else(text):
    plan = follows(FIRST, Waiting(FREE), text)
    assert (plan.changes, [one.template for one in plan.letters]) == ((), ["notice-commands"])
