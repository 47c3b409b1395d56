"""The messages of a ticket stand in the order of their times wherever they are read, whenever they came into it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stored import ANNA, HOUR, MARIA, NOW
from worlds import POLICY

from mailticket.core.command import Order
from mailticket.core.plan import NewMessage, Plan, TicketChange
from mailticket.store import asked_for, context, face, lists, tickets
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.schema import NEWEST_FIRST, Message

OPENED = {"subject": "Printer", "status": "open", "priority": "medium", "department": "Support", "agent": ANNA.address,
          "customer": MARIA, "estimate_answer_by": NOW, "estimate_basis": "soon"}  # fmt: skip


def message(name: str, at, direction="inbound") -> NewMessage:
    return NewMessage(1, f"<{name}@x>", direction, MARIA, (), "Printer", name, name, "", (), at)


@pytest.fixture
def db(tmp_path):
    """A ticket whose second message came into it last, and one with the third's time after that."""
    told = [message("first", NOW), message("third", NOW + 2 * HOUR), message("second", NOW + HOUR)]
    told.append(replace(message("fourth", NOW + 2 * HOUR), direction="outbound"))
    with open_or_create(tmp_path / "desk.db") as one:
        with one.write():
            apply(one, Plan(changes=(TicketChange(1, new=True, set=OPENED),), messages=tuple(told)), NOW)
        yield one


def test_a_ticket_is_shown_by_time_then_as_they_came(db):
    shown = face.ticket(db, 1, "ACME")
    assert [one["text"] for one in shown["messages"]] == ["first", "second", "third", "fourth"]
    page = asked_for.pages(db, [Order("show", ids=(1,))], None, lists.Reader(POLICY.agents[0], POLICY, NOW)).tickets[1]
    assert [one.text for one in page.spoken] == ["first", "second", "third", "fourth"]


def test_an_answer_answers_the_customers_newest_words(db):
    assert tickets.view(db, 1).customer_thread == ("<first@x>", "<second@x>", "<third@x>")
    assert tickets.request(db, 1) == "third"


def test_what_may_be_quoted_is_the_newest_of_a_ticket(db, monkeypatch):
    monkeypatch.setattr(context, "THREAD_KEPT", 3)
    assert context._seen(db, 1) == "fourth\nthird\nsecond"


def test_the_newest_of_a_long_ticket_are_found_without_sorting_it(db):
    query = Message.select(Message.text).where(Message.ticket == 1).order_by(*NEWEST_FIRST).limit(20)
    sql, places = db.text(query)
    steps = [row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", places).fetchall()]
    assert steps == ["SEARCH t1 USING INDEX message_ticket_at (ticket=?)"]
