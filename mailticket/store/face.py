"""What the command line shows of tickets: the JSON objects that people script against (docs/commands.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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


def pages(db: Db, query: Any, column: Any, limit: int | None) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in the order of `column`, which is the query's first, without holding the database meanwhile."""
    left, after = limit, 0
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        rows = db.rows(query.where(column > after).order_by(column).limit(size))
        yield rows
        if len(rows) < size:
            return
        after = rows[-1][0]
        left = None if left is None else left - len(rows)


_TICKET = (
    "id", "subject", "status", "priority", "department", "agent", "customer", "labels", "created_at", "updated_at",
    "first_response_due", "resolution_due", "estimate_answer_by", "estimate_basis", "merged_into",
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
    for rows in pages(db, query, Ticket.id, limit):
        yield from _tickets(db, rows, prefix)


def these(db: Db, numbers: Sequence[int], *, prefix: str) -> Iterator[Json]:
    """Those of these tickets that there are, in this order."""
    query = Ticket.select(*(getattr(Ticket, name) for name in _TICKET))
    for start in range(0, len(numbers), _PAGE):
        page = numbers[start : start + _PAGE]
        found = {row[0]: row for row in db.rows(query.where(Ticket.id.in_(page)))}
        yield from _tickets(db, [found[number] for number in page if number in found], prefix)


def ticket(db: Db, number: int, prefix: str) -> Json | None:
    """One ticket with its messages and events."""
    shown = next(these(db, [number], prefix=prefix), None)
    if shown is None:
        return None
    related = shown.pop("related")
    return shown | {"messages": _messages(db, number), "events": _events(db, number), "related": related}


def _tickets(db: Db, rows: Sequence[tuple[Any, ...]], prefix: str) -> Iterator[Json]:
    """A page of tickets: what belongs to them is read together, since a query costs more than its rows."""
    page = [dict(zip(_TICKET, row, strict=True)) for row in rows]
    numbers = [row["id"] for row in page]
    people = _people(db, {row[role] for row in page for role in ("customer", "agent")})
    participants, watchers = _belonging(db, Participant, numbers), _belonging(db, Watcher, numbers)
    related = _related(db, numbers)
    for row in page:
        number, customer, agent = row["id"], people.get(row["customer"], ("", "", "")), people.get(row["agent"])
        yield {
            "id": number,
            "tag": f"[{prefix}-{number}]",
            "subject": row["subject"],
            "status": row["status"],
            "priority": row["priority"],
            "department": row["department"],
            "agent": _address(agent) if agent else None,
            "customer": {"address": customer[0], "name": customer[1], "language": customer[2] or None},
            "participants": participants[number],
            "watchers": watchers[number],
            "labels": json.loads(row["labels"]),
            "created_at": stamp(row["created_at"]),
            "updated_at": stamp(row["updated_at"]),
            "first_response_due": stamp(row["first_response_due"]),
            "resolution_due": stamp(row["resolution_due"]),
            "estimate": {"answer_by": stamp(row["estimate_answer_by"]), "basis": row["estimate_basis"]},
            "merged_into": row["merged_into"],
            "related": sorted(related[number]),
        }


def _people(db: Db, ids: set[int | None]) -> dict[int | None, tuple[Any, ...]]:
    """Address, name and language of those of them who are somebody."""
    fields = (Person.id, Person.address, Person.name, Person.language)
    return {row[0]: row[1:] for row in db.rows(Person.select(*fields).where(Person.id.in_(ids - {None})))}


def _belonging(db: Db, table: Any, numbers: Sequence[int]) -> dict[int, list[Json]]:
    """Who belongs to each of these tickets by that table, in the order they came."""
    found: dict[int, list[Json]] = {number: [] for number in numbers}
    joined = Person.select(table.ticket, Person.address, Person.name).join(table, on=(table.person == Person.id))
    for row in db.rows(joined.where(table.ticket.in_(numbers)).order_by(table.ticket, table.place)):
        found[row[0]].append(_address(row[1:]))
    return found


def _related(db: Db, numbers: Sequence[int]) -> dict[int, set[int]]:
    """The tickets that each of these names, and those that name it."""
    found: dict[int, set[int]] = {number: set() for number in numbers}
    for one, other in ((Link.ticket, Link.other), (Link.other, Link.ticket)):
        for number, named in db.rows(Link.select(one, other).where(one.in_(numbers))):
            found[number].add(named)
    return found


def _address(pair: tuple[Any, ...]) -> Json:
    return {"address": pair[0], "name": pair[1]}


def _messages(db: Db, number: int) -> list[Json]:
    names = "id message_id direction from_address from_name to subject text full_text attachments at automatic".split()  # noqa: SIM905 - as people read it
    query = Message.select(*(getattr(Message, n) for n in names)).where(Message.ticket == number)
    rows = [dict(zip(names, row, strict=True)) for row in db.rows(query.order_by(Message.at, Message.id))]
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
