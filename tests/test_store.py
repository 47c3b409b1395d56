"""The store: tickets as a plan writes them, and what a database does in trouble."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stored import ANNA, BOB, MARIA, NOW, a_mail, accept, take

from mailticket.core.types import Address, NewEvent, Outgoing, Plan, TicketChange
from mailticket.errors import TemporaryError, UsageError
from mailticket.store import outbox, people, queues, tickets
from mailticket.store.apply import apply
from mailticket.store.db import open_existing, open_or_create
from mailticket.store.schema import Event, Meta, Participant, Ticket


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture
def db(path):
    with open_or_create(path) as one:
        yield one


# --- tickets ----------------------------------------------------------------------------------------------------------


def change(db, *changes, events=()):
    with db.write():
        apply(db, Plan(changes=changes, events=events), NOW)


def new(number, agent=ANNA.address, **more):
    values = {
        "subject": "Printer",
        "status": "new",
        "priority": "medium",
        "department": "Support",
        "agent": agent,
        "customer": MARIA,
        "estimate_answer_by": NOW,
        "estimate_basis": "soon",
    }
    return TicketChange(number, new=True, set=values | more)


def loads(db):
    return [load.open_tickets for load in people.loads(db, [ANNA.address, BOB.address])]


def test_a_number_is_not_used_again_even_when_its_ticket_is_gone(db):
    change(db, new(1))
    change(db, new(2))
    with db.write():
        db.run(Participant.delete())
        db.run(Ticket.delete())
    assert tickets.next_number(db) == 3


def test_a_number_that_was_rolled_back_is_free(db):
    def rolled_back():
        with db.write():
            apply(db, Plan(changes=(new(1),)), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rolled_back()
    assert tickets.next_number(db) == 1


def test_the_load_of_an_agent_follows_status_and_hand_over(db):
    change(db, new(1), new(2))
    assert loads(db) == [2, 0]
    change(db, TicketChange(1, set={"agent": BOB.address}))
    assert loads(db) == [1, 1]
    change(db, TicketChange(1, set={"status": "resolved"}), TicketChange(2, set={"status": "pending"}))
    assert loads(db) == [1, 0]
    change(db, TicketChange(1, set={"status": "open", "agent": ANNA.address}))
    assert loads(db) == [2, 0]
    change(db, TicketChange(1, set={"agent": ""}))
    assert loads(db) == [1, 0]


def test_the_customer_is_the_first_participant_and_each_is_one(db):
    jan = Address("jan@customer.example")
    change(db, replace(new(1), add_participants=(jan, Address("MARIA@customer.example"))))
    change(db, TicketChange(1, add_participants=(jan, BOB)))
    assert [p.address for p in tickets.view(db, 1).participants] == [MARIA.address, jan.address, BOB.address]


def test_events_hold_ids_and_no_addresses(db):
    change(db, new(1), events=(NewEvent("opened", MARIA, 1, {"agent": ANNA}),))
    (event,) = db.rows(Event.select(Event.actor, Event.detail))
    ids = {a.address: people.find(db, a.address).id for a in (MARIA, ANNA)}
    assert event == (f"person:{ids[MARIA.address]}", f'{{"agent":{ids[ANNA.address]}}}')


# --- the database -----------------------------------------------------------------------------------------------------


def test_a_newer_schema_is_refused_in_one_line(path):
    with open_or_create(path) as db, db.write():
        db.run(Meta.update(value="99").where(Meta.key == "schema"))
    for opens in (open_or_create, open_existing):
        with pytest.raises(UsageError, match="newer version"):
            opens(path)


def test_a_database_that_is_not_there_is_not_made_by_looking(path):
    with pytest.raises(UsageError, match="no database yet"):
        open_existing(path)
    assert not path.exists()
    with pytest.raises(UsageError, match="does not exist"):
        open_or_create(path.parent / "nowhere" / "desk.db")


def test_a_file_that_is_no_database_is_told_in_one_line(path):
    path.write_bytes(b"this is not a database, and long enough to be read as one" * 20)
    with pytest.raises(TemporaryError, match=r"desk\.db: file is not a database"):
        open_or_create(path)


def test_a_full_database_is_trouble_that_passes_and_loses_nothing(db):
    """All or nothing of a batch; and once there is room, the same goes through."""
    accept(db, a_mail(1))
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(TemporaryError, match="full"):
        accept(db, a_mail(2), a_mail(3, size=100_000))
    assert [r["id"] for r in queues.inbox(db)] == [1]
    db.execute("PRAGMA max_page_count = 1000000")
    assert [a.duplicate for a in accept(db, a_mail(2), a_mail(3, size=100_000))] == [False, False]


def test_what_is_committed_is_seen_by_the_other_connection(path, db):
    with open_existing(path) as other:
        before = other.changes_by_others()
        accept(db, a_mail())
        assert other.changes_by_others() != before
        assert [r["subject"] for r in queues.inbox(other)] == ["1"]


def test_a_savepoint_fails_alone(db):
    def opened_and_lost():
        with db.savepoint():
            apply(db, Plan(changes=(new(1),)), NOW)
            raise ZeroDivisionError

    with db.write():
        outbox.add(db, Outgoing("a", "relay", "customer", None, "<a@x>", "", (MARIA,), "x", b"x", NOW), NOW)
        with pytest.raises(ZeroDivisionError):
            opened_and_lost()
    assert len(take(db)) == 1
    assert tickets.views(db, [1]) == {}
