"""A ticket that is part of another: whatever names it finds that one, and what belongs to it is kept as long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stored import ANNA, BOB, MARIA, NOW, a_mail, accept

from mailticket.core.plan import Move, NewMessage, Outgoing, Plan, TicketChange
from mailticket.core.types import Address
from mailticket.store import face, people, purge, tickets
from mailticket.store.apply import apply
from mailticket.store.db import at, open_or_create
from mailticket.store.schema import Inbox, Message, Outbox

DAY = timedelta(days=1)


def opened(number: int, agent=ANNA) -> TicketChange:
    customer = Address(f"customer{number}@x.example")
    values = {"subject": f"Ticket {number}", "status": "open", "priority": "medium", "department": "Support",
              "agent": agent.address, "customer": customer, "estimate_answer_by": NOW + DAY, "estimate_basis": "soon",
              "first_response_due": NOW + DAY}  # fmt: skip
    return TicketChange(number, new=True, set=values)


def message(ticket: int) -> NewMessage:
    return NewMessage(ticket, f"<{ticket}@x>", "inbound", MARIA, (), "", "words", "words", "", (), NOW)


def merged(number: int, into: int) -> Plan:
    change = TicketChange(number, set={"status": "closed", "resolved_at": NOW, "merged_into": into}, link=(into,))
    return Plan(changes=(change,), moves=(Move(number, into),))


@pytest.fixture
def db(tmp_path):
    """Four tickets, each with the mail that opened it and one that went out."""
    with open_or_create(tmp_path / "desk.db") as one:
        for number in range(1, 5):
            ((made,),) = [accept(one, a_mail(number))]
            out = Outgoing(f"r{number}", "relay", "customer", number, f"<o{number}@x>", "", (MARIA,), "x", b"x", NOW)
            with one.write():
                apply(one, Plan(changes=(opened(number),), messages=(message(number),)), NOW, inbox_id=made.id)
                apply(one, Plan(outbox=(out,)), NOW)
                one.run(Inbox.update(state="done", done_at=at(NOW), ticket=number).where(Inbox.id == made.id))
                one.run(Outbox.update(state="sent"))
        yield one


def do(db, *plans: Plan) -> None:
    for plan in plans:
        with db.write():
            apply(db, plan, NOW)


def test_its_number_finds_the_ticket_that_it_is_part_of_over_any_number_of_merges(db):
    do(db, merged(1, 2), merged(2, 3), merged(3, 4))
    found = tickets.views(db, [1, 3, 7])
    assert {number: view.id for number, view in found.items()} == {1: 4, 3: 4, 4: 4}
    assert tickets.view(db, 2).subject == "Ticket 4"


def test_it_says_so_and_both_are_related(db):
    do(db, merged(1, 2))
    one, two = face.ticket(db, 1, "ACME"), face.ticket(db, 2, "ACME")
    assert (one["merged_into"], one["related"], one["status"], one["messages"]) == (2, [2], "closed", [])
    assert (two["merged_into"], two["related"], len(two["messages"])) == (None, [1], 2)
    assert [row["merged_into"] for row in face.tickets(db, prefix="ACME")] == [2, None, None, None]


def test_no_agent_has_a_ticket_that_is_part_of_another(db):
    do(db, Plan(changes=(TicketChange(2, set={"agent": BOB.address}),)), merged(1, 2), merged(3, 2))
    assert [load.open_tickets for load in people.loads(db, [ANNA.address, BOB.address])] == [1, 1]


def test_the_mails_of_a_message_go_where_it_goes_and_come_back_with_it(db):
    do(db, merged(1, 2))
    assert db.rows(Inbox.select(Inbox.ticket).order_by(Inbox.id)) == [(2,), (2,), (3,), (4,)]
    (one,) = db.first(Message.select(Message.id).where(Message.message_id == "<1@x>"))
    do(db, Plan(moves=(Move(2, 1, (one,)),)))
    assert db.rows(Inbox.select(Inbox.ticket).order_by(Inbox.id)) == [(1,), (2,), (3,), (4,)]
    assert db.rows(Message.select(Message.ticket).order_by(Message.id)) == [(1,), (2,), (3,), (4,)]


def test_what_was_sent_of_it_is_kept_until_the_ticket_is_over_that_it_is_part_of(db):
    """A signed reference is looked up there: who answers the acknowledgement of a merged ticket is in the other one."""
    do(db, merged(1, 2), merged(2, 3))
    assert purge.purge(db, NOW + DAY) == 0
    do(db, Plan(changes=(TicketChange(3, set={"status": "closed"}),)))
    assert purge.purge(db, NOW + DAY) == 6
    assert db.rows(Outbox.select(Outbox.ticket)) == [(4,)]
