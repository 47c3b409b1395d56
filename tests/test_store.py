"""The store: tickets as a plan writes them, and what a database does in trouble."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from dataclasses import replace

import peewee
import pytest
from stored import ANNA, BOB, MARIA, NOW, a_mail, accept, take

from mailticket.core.plan import NewEvent, Outgoing, Plan, TicketChange
from mailticket.core.types import Address
from mailticket.errors import TemporaryError, UsageError
from mailticket.store import face, outbox, people, queues, tickets
from mailticket.store.apply import apply
from mailticket.store.db import open_existing, open_or_create
from mailticket.store.files import exposed
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


def test_who_is_taken_out_is_no_participant_and_who_becomes_the_customer_is_the_first(db):
    jan, petr = Address("jan@customer.example"), Address("petr@customer.example")
    change(db, replace(new(1), add_participants=(jan, petr)))
    change(db, TicketChange(1, remove_participants=(Address("JAN@customer.example"),), add_participants=(BOB,)))
    assert [p.address for p in tickets.view(db, 1).participants] == [MARIA.address, petr.address, BOB.address]
    change(db, TicketChange(1, set={"customer": petr, "labels": ("fire",)}, add_participants=(jan,)))
    seen = tickets.view(db, 1)
    assert [p.address for p in seen.participants] == [petr.address, MARIA.address, BOB.address, jan.address]
    assert seen.labels == ("fire",)


def test_who_watches_a_ticket_is_listed_in_the_order_in_which_they_came(db):
    cyril = Address("cyril@acme.example", "Cyril")
    change(db, replace(new(1), add_watchers=(BOB,)), new(2))
    change(db, TicketChange(1, add_watchers=(cyril, Address("BOB@acme.example"))))
    assert [tickets.view(db, number).watchers for number in (1, 2)] == [(BOB.address, cyril.address), ()]
    change(db, TicketChange(1, remove_watchers=(Address("Bob@acme.example"),)))
    change(db, TicketChange(1, add_watchers=(ANNA, BOB)))
    assert tickets.view(db, 1).watchers == (cyril.address, ANNA.address, BOB.address)
    shown = face.ticket(db, 1, "ACME")
    assert shown["watchers"][0] == {"address": cyril.address, "name": "Cyril"}
    assert [one["watchers"] for one in face.tickets(db, prefix="ACME")] == [shown["watchers"], []]
    assert [one["address"] for one in shown["participants"]] == [MARIA.address]


def test_events_hold_ids_and_no_addresses(db):
    change(db, new(1), events=(NewEvent("opened", MARIA, 1, {"agent": ANNA}),))
    (event,) = db.rows(Event.select(Event.actor, Event.detail))
    ids = {a.address: people.find(db, a.address).id for a in (MARIA, ANNA)}
    assert event == (f"person:{ids[MARIA.address]}", f'{{"agent":{ids[ANNA.address]}}}')


def write_to(db, *agents, first, last, every=1):
    """Mails of ticket 1; all but each `every`th are the customer's."""
    with db.write():
        for number in range(first, last):
            audience = "agent" if number % every == 0 else "customer"
            mail = Outgoing(f"r{number}", "relay", audience, 1, f"<{number}@x>", "", agents, "x", b"x", NOW)
            outbox.add(db, mail, NOW)


def test_a_long_thread_to_an_agent_is_its_first_mail_and_its_last_ones(db):
    change(db, new(1))
    write_to(db, ANNA, BOB, first=1, last=400, every=2)
    assert tickets.view(db, 1).thread_of(ANNA.address) == ("<2@x>", *(f"<{n}@x>" for n in range(360, 400, 2)))


def test_the_thread_to_an_agent_is_read_in_so_many_steps_however_long_the_ticket_is(db):
    steps = []
    change(db, new(1))
    for first, last in ((0, 300), (300, 3000)):
        write_to(db, BOB, first=first, last=last)
        calls = []
        connection = db._database.connection()
        connection.set_progress_handler(lambda calls=calls: calls.append(1) and None, 10)
        assert tickets.view(db, 1).thread_of(ANNA.address) == ()
        connection.set_progress_handler(None, 0)
        steps.append(len(calls))
    assert steps[1] < steps[0] * 1.1


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


def test_a_database_that_somebody_writes_can_be_looked_at(path, db):
    """To look takes no write lock: `status` answers even while a writer was stopped in its transaction."""
    seen = []

    def look():
        with open_existing(path) as other:
            seen.append((list(queues.inbox(other)), queues.status(other, version="1", now=NOW)["ok"]))

    with db.write():
        looking = threading.Thread(target=look)
        looking.start()
        looking.join(5)
        assert seen == [([], False)]


@pytest.mark.parametrize("tables", ["", "CREATE TABLE other (key TEXT)", "CREATE TABLE meta (key TEXT, value TEXT)"])
def test_a_database_that_is_none_of_ours_is_told_in_one_line(path, tables):
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.executescript(tables)
    path.touch()
    with pytest.raises(UsageError, match=r"desk\.db: is no database of a desk; `mailticket run` makes one") as told:
        open_existing(path)
    assert "\n" not in str(told.value)


def test_only_the_owner_may_read_what_is_in_the_database(path):
    before = os.umask(0o022)
    try:
        with open_or_create(path) as db:
            accept(db, a_mail())
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes.keys() >= {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db-lock", "desk.db-turn"}
    assert set(modes.values()) == {0o600}


def test_a_database_that_others_may_read_stays_as_it_is_and_is_told(path, db):
    assert exposed(path) == ""
    path.chmod(0o640)
    with open_or_create(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert exposed(path) == f"{path} can be read by others on this machine: chmod 600 {path}*"
    assert exposed(path.parent / "none") == ""


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (sqlite3.OperationalError("database is locked"), True),
        (peewee.OperationalError("disk I/O error"), True),
        (sqlite3.InterfaceError("bad parameter or other API misuse"), True),
        (sqlite3.DatabaseError("database disk image is malformed"), True),
        (peewee.DatabaseError("file is not a database"), True),
        (OSError(28, "No space left on device"), True),
        (sqlite3.ProgrammingError("type 'object' is not supported"), False),
        (peewee.DataError("string or blob too big"), False),
        (sqlite3.IntegrityError("UNIQUE constraint failed"), False),
        (sqlite3.DatabaseError("something else"), False),
    ],
)
def test_trouble_of_the_database_passes_and_a_wrong_statement_stays_what_it_is(db, error, passes):
    with pytest.raises(TemporaryError if passes else type(error)), db.trouble_told():
        raise error


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
