"""What the command line shows of tickets: the JSON objects that people script against (docs/commands.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from ..core.keys import address_key
from .db import Db, moment
from .schema import Event, Link, Message, Participant, Person, Ticket, Watcher

Json = dict[str, Any]
_PAGE = 500  # rows read at a time: lists are complete, and may be long


def stamp(stored: int | None) -> str | None:
    """RFC 3339 in UTC."""
    if stored is None:
        return None
    return moment(stored).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pages(db: Db, query: Any, column: Any, limit: int | None) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of `column`, which is the query's first, without holding the database meanwhile."""
    left, after = limit, 0
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        rows = db.rows(query.where(column > after).order_by(column).limit(size))
        yield from rows
        if len(rows) < size:
            return
        after = rows[-1][0]
        left = None if left is None else left - len(rows)


_TICKET = (
    "id", "subject", "status", "priority", "department", "agent", "customer", "labels", "created_at", "updated_at",
    "first_response_due", "resolution_due", "estimate_answer_by", "estimate_basis",
)  # fmt: skip


def tickets(
    db: Db,
    *,
    prefix: str,
    status: str | None = None,
    department: str | None = None,
    agent: str | None = None,
    customer: str | None = None,
    limit: int | None = None,
) -> Iterator[Json]:
    """Oldest first. `agent` and `customer` are addresses."""
    query = Ticket.select(*(getattr(Ticket, name) for name in _TICKET))
    if status is not None:
        query = query.where(Ticket.status == status)
    if department is not None:
        query = query.where(Ticket.department == department)
    for column, address in ((Ticket.agent, agent), (Ticket.customer, customer)):
        if address is not None:
            found = db.first(Person.select(Person.id).where(Person.key == address_key(address)))
            query = query.where(column == (found[0] if found else -1))
    for row in pages(db, query, Ticket.id, limit):
        yield _ticket(db, dict(zip(_TICKET, row, strict=True)), prefix)


def ticket(db: Db, number: int, prefix: str) -> Json | None:
    """One ticket with its messages and events."""
    row = db.first(Ticket.select(*(getattr(Ticket, name) for name in _TICKET)).where(Ticket.id == number))
    if row is None:
        return None
    shown = _ticket(db, dict(zip(_TICKET, row, strict=True)), prefix)
    related = shown.pop("related")
    return shown | {"messages": _messages(db, number), "events": _events(db, number), "related": related}


def _ticket(db: Db, row: Json, prefix: str) -> Json:
    customer = _person(db, row["customer"]) or ("", "", "")
    agent = _person(db, row["agent"])
    linked = db.rows(Link.select(Link.other).where(Link.ticket == row["id"]))
    linking = db.rows(Link.select(Link.ticket).where(Link.other == row["id"]))
    return {
        "id": row["id"],
        "tag": f"[{prefix}-{row['id']}]",
        "subject": row["subject"],
        "status": row["status"],
        "priority": row["priority"],
        "department": row["department"],
        "agent": _address(agent[:2]) if agent else None,
        "customer": {"address": customer[0], "name": customer[1], "language": customer[2] or None},
        "participants": _belonging(db, Participant, row["id"]),
        "watchers": _belonging(db, Watcher, row["id"]),
        "labels": json.loads(row["labels"]),
        "created_at": stamp(row["created_at"]),
        "updated_at": stamp(row["updated_at"]),
        "first_response_due": stamp(row["first_response_due"]),
        "resolution_due": stamp(row["resolution_due"]),
        "estimate": {"answer_by": stamp(row["estimate_answer_by"]), "basis": row["estimate_basis"]},
        "related": sorted({r[0] for r in (*linked, *linking)}),
    }


def _belonging(db: Db, table: Any, number: int) -> list[Json]:
    """Who belongs to a ticket by that table, in the order they came."""
    joined = Person.select(Person.address, Person.name).join(table, on=(table.person == Person.id))
    return [_address(row) for row in db.rows(joined.where(table.ticket == number).order_by(table.place))]


def _person(db: Db, number: int | None) -> tuple[Any, ...] | None:
    if number is None:
        return None
    return db.first(Person.select(Person.address, Person.name, Person.language).where(Person.id == number))


def _address(pair: tuple[Any, ...]) -> Json:
    return {"address": pair[0], "name": pair[1]}


def _messages(db: Db, number: int) -> list[Json]:
    names = "id message_id direction from_address from_name to subject text full_text attachments at automatic".split()  # noqa: SIM905 - as people read it
    query = Message.select(*(getattr(Message, n) for n in names)).where(Message.ticket == number)
    rows = [dict(zip(names, row, strict=True)) for row in db.rows(query.order_by(Message.id))]
    return [
        {
            "id": row["id"],
            "message_id": row["message_id"],
            "direction": row["direction"],
            "from": None if row["from_address"] is None else _address((row["from_address"], row["from_name"])),
            "to": json.loads(row["to"]),
            "subject": row["subject"],
            "text": row["text"],
            "full_text": row["text"] if row["full_text"] is None else row["full_text"],
            "attachments": [
                {"filename": a["filename"], "content_type": a["content_type"], "size": a["size"]}
                for a in json.loads(row["attachments"])
            ],
            "at": stamp(row["at"]),
            "automatic": bool(row["automatic"]),
        }
        for row in rows
    ]


def _events(db: Db, number: int) -> list[Json]:
    fields = (Event.at, Event.actor, Event.kind, Event.detail, Event.inbox)
    rows = db.rows(Event.select(*fields).where(Event.ticket == number).order_by(Event.id))
    return [
        {
            "at": stamp(row[0]),
            "actor": row[1],
            "kind": row[2],
            "detail": json.loads(row[3]) | ({} if row[4] is None else {"inbox": row[4]}),
        }
        for row in rows
    ]
