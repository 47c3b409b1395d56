"""#split: what the new ticket is, who hears of it, and what is not possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from orders import TO_ANNA, assigned, kinds, receipt, returned, says, written
from worlds import BORIS, EVE, NOW, PETR, ticket

from mailticket.core.known import Person, Shown
from mailticket.core.plan import Move
from mailticket.core.types import Address

WRITER = Person(7, PETR.address, "Petr", language="cs")
SHOWN = Shown(5, "<p@x>", WRITER, (MARIA, EVE, Address("support@acme.example")), "Re: [ACME-1] Chairs", "When?",
              NOW - timedelta(hours=1))  # fmt: skip
HERS = replace(ticket(1, MARIA, PETR), priority="high")
TO_BORIS = replace(assigned(BORIS), kind="relay")


def splits(text="#split", who=ANNA, mine=HERS, mark=TO_ANNA, shown=SHOWN, **more):
    return says(who, text, mine, mark, shown=shown, **more)


def test_the_mail_becomes_a_ticket_of_who_wrote_it_counted_from_when_it_came():
    plan = splits()
    opened, old, _ = plan.changes
    assert (opened.id, opened.new, opened.link, old.id) == (99, True, (1,), 1)
    assert plan.moves == (Move(1, 99, (5,)),)
    assert opened.set["customer"] == Address(PETR.address, "Petr")
    assert opened.add_participants == (MARIA,)  # Eve takes no part in the old one
    wanted = {"subject": "Chairs", "status": "new", "priority": "high", "agent": ANNA.address, "created_at": SHOWN.at}
    assert wanted.items() <= opened.set.items()
    assert kinds(plan) == ["split", "split from", "assigned"]
    assert [event.ticket for event in plan.events] == [1, 99, 99]
    assert receipt(plan) == ["[ACME-99] is what petr@customer.example wrote, which was in [ACME-1]: it is yours"]


WHOSE = [
    # who splits it, whose the old one is → whose the new one is, who gets what
    (ANNA, ANNA.address, ANNA, [("handover", "anna"), ("notice-done", "anna")]),
    (BORIS, ANNA.address, ANNA, [("handover", "anna"), ("notice-done", "boris")]),
    (BORIS, "", BORIS, [("handover", "boris"), ("notice-done", "boris")]),
    (BORIS, "gone@acme.example", BORIS, [("handover", "boris"), ("notice-done", "boris")]),
]


@pytest.mark.parametrize(("who", "before", "after", "told"), WHOSE)
def test_it_is_whose_the_old_one_is_else_whose_command_it_was(who, before, after, told):
    plan = splits(who=who, mine=replace(HERS, agent=before), mark=TO_BORIS if who is BORIS else TO_ANNA)
    assert plan.changes[0].set["agent"] == after.address
    assert written(plan) == told
    letter = plan.letters[0]
    assert (letter.kind, letter.ticket, letter.facts["text"]) == ("assignment", 99, "When?")
    assert letter.facts["split_from"] == "[ACME-1]"


def test_words_below_answer_that_mail():
    plan = splits("#split\n\nTomorrow.")
    answer = plan.letters[0]
    assert written(plan) == [("answer", "petr", "maria"), ("handover", "anna"), ("notice-done", "anna")]
    assert (answer.ticket, answer.subject, answer.thread, answer.language) == (99, "Chairs", ("<p@x>",), "cs")
    assert dict(plan.changes[-1].set) == {"status": "pending", "resolved_at": None, "first_response_at": NOW}
    assert plan.changes[-1].id == plan.ticket == 99


def test_who_wrote_it_without_an_address_asks_and_hears_nothing():
    plan = splits("#split\n\nWords", shown=replace(SHOWN, writer=Person(0, ""), named=()))
    assert plan.changes[0].set["customer"] == Address("", "unknown sender")
    assert plan.changes[0].add_participants == ()
    assert [one for one in written(plan) if one[0] == "answer"] == []


def test_other_orders_are_about_the_new_one():
    plan = splits(f"#split\n#label chairs\n#cc {EVE.address}")
    assert (plan.changes[-1].id, dict(plan.changes[-1].set)) == (99, {"labels": ("chairs",)})
    assert plan.changes[-1].add_participants == (EVE,)


NO_REPLY = "this is no reply to a mail of ours that shows one of the customer's side in [ACME-1]"
WRONG = [
    ("#split", TO_ANNA, None, NO_REPLY),
    ("#split", replace(TO_ANNA, kind="notice", template="notice-done"), SHOWN, NO_REPLY),
    ("#split", TO_ANNA, replace(SHOWN, only=True), "[ACME-1] has no other mail of the customer's side"),
    ("#split 5", TO_ANNA, SHOWN, "#split stands alone on its line"),
    ("#split\n#split", TO_ANNA, SHOWN, "#split above says what becomes of the same thing"),
    ("#split\n#resolve", TO_ANNA, SHOWN, "#split above says what becomes of the same thing"),
    ("#merge 2\n#split", TO_ANNA, SHOWN, "#merge 2 above says what becomes of the same thing"),
    ("#assign boris\n#split", TO_ANNA, SHOWN, "#assign boris above says what becomes of the same thing"),
]


@pytest.mark.parametrize(("typed", "mark", "shown", "reason"), WRONG)
def test_a_wrong_split_does_nothing_and_comes_back(typed, mark, shown, reason):
    plan = splits(typed, mark=mark, shown=shown, tickets={1: HERS, 2: ticket(2, EVE)})
    assert plan.moves == ()
    ((line, why, _),) = returned(plan)
    assert line == typed.split("\n")[-1]
    assert reason in why


def test_a_login_without_a_mail_of_ours_splits_nothing():
    ((_, why, _),) = returned(says(BORIS, "#split", HERS, shown=SHOWN))
    assert NO_REPLY in why
