"""What runs every minute, or over many rows, goes by an index: a flood in the quarantine, and years of old mail, cost
nothing each time."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from searching import opened, write
from stored import NOW, a_mail, accept, send
from worlds import POLICY

from mailticket.core.command import Order
from mailticket.core.types import Address
from mailticket.store import face, held, lists, mailbox_alarms, notices, purge, tickets
from mailticket.store.db import at, open_or_create
from mailticket.store.schema import Inbox, Outbox, Ticket


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened:
        yield opened


def steps(db, sql: str, values=()) -> list[str]:
    return [row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]


@pytest.mark.parametrize(
    ("query", "step"),
    [
        (held._untold, "INDEX inbox_untold (state=? AND told_at=?)"),
        (held._next_unasked, "INDEX inbox_unasked (state=? AND asked_at=? AND concerns>?)"),
        (mailbox_alarms._sent, "(ref=?)"),
        (mailbox_alarms._box, "(name=?)"),
        (notices._singly, "INDEX outbox_counted (counted=? AND created_at>?)"),
        (notices._any, "INDEX kept_notice_agent (agent=?)"),
        (notices._pile, "INDEX kept_notice_agent (agent=?)"),
        (notices._due, "INDEX kept_notice_at (at<?)"),
    ],
)
def test_whether_anybody_is_to_be_told_is_found_without_a_walk_over_the_quarantine(db, query, step):
    """With the values still open, as it is prepared: an index of some rows serves only what names those rows."""
    sql, places = db.text(query._build())
    (only,) = steps(db, sql, [""] * len(places))
    assert only.startswith("SEARCH")
    assert only.endswith(step)


@pytest.mark.parametrize("query", [mailbox_alarms._untold, mailbox_alarms._left])
def test_mails_that_were_given_up_are_found_by_an_index_of_those_alone(db, query):
    """A folder has a row for every mail that it ever had."""
    sql, places = db.text(query._build())
    walked, *others = steps(db, sql, [1] * len(places))
    assert walked.endswith("INDEX foldermail_untold")
    assert all(step.startswith("SEARCH") for step in others)


def test_who_watches_a_ticket_is_found_without_a_walk_over_the_others(db):
    """For every mail in a ticket."""
    sql, places = db.text(tickets._watchers._build())
    first, second, *sorting = steps(db, sql, [1] * len(places))
    assert first.startswith("SEARCH")
    assert first.endswith("(ticket=?)")
    assert second.endswith("USING INTEGER PRIMARY KEY (rowid=?)")
    assert all("ORDER BY" in step for step in sorting)


@pytest.mark.parametrize("which", sorted(lists._WHICH))
def test_a_list_goes_over_the_tickets_of_its_statuses_alone(db, which):
    """Years of closed tickets cost an agent nothing who asks for the open ones."""
    reader = lists.Reader(POLICY.agents[0], POLICY, NOW)
    wanted = lists._WHICH[which](db, Order("list", text=which), reader)
    for query in (Ticket.select(*lists._FIELDS).order_by(*lists._URGENT_FIRST), Ticket.select(Ticket.id)):
        first, *sorting = steps(db, *query.where(wanted).sql())
        assert first.startswith("SEARCH")
        assert first.endswith("INDEX ticket_status (status=?)")
        assert all("ORDER BY" in step or "LIST SUBQUERY" in step for step in sorting)


def test_each_agent_is_named_once_in_order_and_nobody_who_has_heard(db):
    whom = ["b@acme.example", "a@acme.example", "b@acme.example", "", "c@acme.example", "d@acme.example"]
    for number, agent in enumerate(whom, 1):
        ((made,),) = [accept(db, a_mail(number))]
        fields = {"state": "done" if agent[:1] == "d" else "quarantined", "concerns": agent}
        with db.write():
            db.run(Inbox.update(**fields, asked_at=at(NOW) if agent[:1] == "c" else None).where(Inbox.id == made.id))
    assert held.unasked(db) == ("a@acme.example", "b@acme.example")
    assert held.untold(db, NOW)
    with db.write():
        held.mark_told(db, NOW)
        held.mark_asked(db, ["b@acme.example"], NOW)
    assert (held.unasked(db), held.untold(db, NOW)) == (("a@acme.example",), False)


def test_a_purge_looks_up_the_messages_of_what_it_deletes(db):
    """Each table of messages that is walked is walked for every five hundred mails."""
    for number in (1, 2):
        accept(db, a_mail(number))
    send(db, "r1", "r2")
    with db.write():
        db.run(Inbox.update(state="done", done_at=at(NOW)))
        db.run(Outbox.update(state="sent"))
    run: list[str] = []
    connection = db._database.connection()
    connection.set_trace_callback(run.append)
    assert purge.purge(db, NOW + timedelta(days=1)) == 2
    connection.set_trace_callback(None)
    changes = [sql for sql in run if sql.startswith(("UPDATE", "DELETE"))]
    walked = [(step, sql) for sql in changes for step in steps(db, sql) if not step.startswith("SEARCH")]
    assert len(changes) == 6
    assert [one for one in walked if "LIST SUBQUERY" not in one[0]] == []


def test_a_page_of_tickets_is_read_by_as_many_statements_as_one_and_each_has_what_is_its_own(db):
    people = [Address(f"c{number}@customer.example", f"C {number}") for number in range(5)]
    for number, customer in enumerate(people, 1):
        came = opened(number, f"Printer {number}", customer, agent=f"a{number}@acme.example" if number % 2 else "")
        others = {"add_participants": tuple(people[number:]), "add_watchers": tuple(people[2:number])}
        write(db, replace(came, **others, link=(1,) if number > 3 else ()))
    run: list[str] = []
    db._database.connection().set_trace_callback(run.append)
    together, statements, alone = list(face.tickets(db, prefix="ACME")), len(run), []
    for number in range(1, 6):
        run.clear()
        alone += face.these(db, [number], prefix="ACME")
        assert len(run) == statements
    assert together == alone
    assert list(face.these(db, [5, 9, 1], prefix="ACME")) == [alone[4], alone[0]]
    assert [one["related"] for one in alone] == [[4, 5], [], [], [1], [1]]
    assert [len(one["participants"]) for one in alone] == [5, 4, 3, 2, 1]
    assert [one["address"] for one in alone[4]["watchers"]] == [one.address for one in people[2:]]
    assert (alone[0]["agent"]["address"], alone[1]["agent"]) == ("a1@acme.example", None)


def test_the_trace_shows_what_a_walk_looks_like(db):
    """The words that the tests here look for are those of this SQLite."""
    with sqlite3.connect(db.path) as connection:
        (row,) = connection.execute("EXPLAIN QUERY PLAN SELECT id FROM event WHERE kind = 'x'").fetchall()
    assert row[-1].startswith("SCAN")
