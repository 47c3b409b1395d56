"""What an agent's mail asks to see of tickets, so much of it as one mail shows, and the others that it orders about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

from peewee import fn

from ..core.asked import (
    FILED,
    HAPPENED,
    SPOKEN,
    WORDS,
    Happened,
    KeptFile,
    Listed,
    Page,
    Pages,
    Past,
    Promise,
    Spoken,
)
from ..core.command import Order
from ..core.commands_show import ASKING, SHOWN_AT_MOST, wants_files
from ..core.known import Person, Shown, TicketView
from ..core.types import Address
from . import people, tickets
from .db import Db, moment, moment_or_none
from .lists import Reader, listed, oldest, waiting
from .overview import overview
from .schema import NEWEST_FIRST, Event, Message, Ticket
from .searched import searched

_PEOPLE = ("agent", "person", "customer")  # what an event's detail calls a person by


def pages(
    db: Db, orders: Sequence[Order], own: int | None, reader: Reader, ordered: Collection[int] = ()
) -> Pages | None:
    """None where nothing is asked. `own` is the mail's ticket, `ordered` are those that it orders about by number."""
    wanted = {order.name for order in orders if order.name in (*ASKING, "next")}
    numbers = {number for order in orders if order.name in ASKING for number in order.ids}
    if not wanted:
        return None
    if own is not None:
        numbers.add(own)
    known = tickets.views(db, sorted(numbers)[: SHOWN_AT_MOST + 1])  # of a merged one what it is part of
    with_files = {number for order in orders if wants_files(order) for number in order.ids or (own,)}
    looks_back = own in known and bool({"history", "why"} & wanted)
    return Pages(
        tickets={
            number: Page(view, *_spoken(db, view.id), files=_files(db, view.id) if number in with_files else ())
            for number, view in known.items()
        },
        past=_past(db, own) if looks_back and own is not None else None,
        lists=listed(db, orders, reader) | searched(db, orders, reader),
        waiting=waiting(db, reader, ordered) if "next" in wanted else None,
        overview=overview(db, reader) if "status" in wanted else None,
        oldest=oldest(db, reader) if "status" in wanted else Listed((), 0),
    )


def others(db: Db, orders: Iterable[Order]) -> dict[int, TicketView]:
    """The ticket that the mail's own is to be a part of. A mail that names two comes back."""
    named = [order.ids for order in orders if order.name == "merge"]
    return tickets.views(db, named[0]) if named else {}


def shown(db: Db, orders: Iterable[Order], about: Sequence[int], own: int | None) -> Shown | None:
    """The message of that ticket that is to be one of its own: of the first of these inbox rows that is there."""
    if own is None or not about or all(order.name != "split" for order in orders):
        return None
    theirs = (Message.ticket == own) & (Message.direction == "inbound")
    names = ("id", "message_id", "from_address", "from_name", "to", "subject", "text", "at")
    fields = tuple(getattr(Message, name) for name in names)
    row = db.first(Message.select(*fields).where(theirs & Message.inbox.in_(list(about))).order_by(Message.id))
    if row is None:
        return None
    one = dict(zip(names, row, strict=True))
    writer = people.find(db, one["from_address"]) if one["from_address"] else None
    return Shown(
        id=one["id"],
        message_id=one["message_id"],
        writer=writer or Person(0, one["from_address"] or "", one["from_name"]),
        named=tuple(Address(to["address"], to["name"]) for to in json.loads(one["to"])),
        subject=one["subject"],
        text=one["text"],
        at=moment(one["at"]),
        only=db.first(Message.select(Message.id).where(theirs & (Message.id != one["id"]))) is None,
    )


def _spoken(db: Db, number: int) -> tuple[tuple[Spoken, ...], int]:
    fields = (
        Message.direction, Message.from_address, Message.from_name, Message.at,
        fn.SUBSTR(Message.text, 1, WORDS + 1), Message.attachments, Message.automatic,
    )  # fmt: skip
    theirs = Message.ticket == number
    rows = db.rows(Message.select(*fields).where(theirs).order_by(*NEWEST_FIRST).limit(SPOKEN))
    count = db.first(Message.select(fn.COUNT(Message.id)).where(theirs))
    found = tuple(
        Spoken(
            direction=row[0],
            who=Address(row[1], row[2]) if row[1] else None,
            at=moment(row[3]),
            text=row[4],
            files=len(json.loads(row[5])),
            automatic=bool(row[6]),
        )
        for row in reversed(rows)
    )
    return found, (count[0] if count else 0) - len(found)


def _files(db: Db, number: int) -> tuple[KeptFile, ...]:
    """The newest ones, newest first."""
    fields = (Message.direction, Message.attachments, Message.inbox, Message.outbox)
    having = (Message.ticket == number) & (Message.attachments != "[]")
    rows = db.rows(Message.select(*fields).where(having).order_by(*NEWEST_FIRST).limit(FILED))
    found = (
        KeptFile(
            filename=file["filename"],
            size=file["size"],
            sha256=file["sha256"],
            queue="inbox" if inbox else "outbox" if outbox else "",
            row=inbox or outbox or 0,
            inside=direction == "note",
        )
        for direction, files, inbox, outbox in rows
        for file in json.loads(files)
    )
    return tuple(islice(found, FILED))


def _past(db: Db, number: int) -> Past:
    fields = (Event.at, Event.kind, Event.actor, Event.detail)
    theirs = Event.ticket == number
    rows = db.rows(Event.select(*fields).where(theirs).order_by(Event.id.desc()).limit(HAPPENED))
    count = db.first(Event.select(fn.COUNT(Event.id)).where(theirs))
    read = [(row[0], row[1], row[2], json.loads(row[3])) for row in reversed(rows)]
    known = _people(db, read)
    happened = tuple(
        Happened(
            at=moment(at),
            kind=kind,
            actor=known.get(int(actor.partition(":")[2]), "desk") if actor.startswith("person:") else actor,
            detail={name: known.get(one, one) if name in _PEOPLE else one for name, one in detail.items()},
        )
        for at, kind, actor, detail in read
    )
    return Past(happened, _promise(db, number), (count[0] if count else 0) - len(happened))


def _people(db: Db, events: Iterable[tuple[int, str, str, dict[str, Any]]]) -> dict[int, Address]:
    ids = {int(actor.partition(":")[2]) for _, _, actor, _ in events if actor.startswith("person:")}
    ids |= {one for *_, detail in events for name, one in detail.items() if name in _PEOPLE and isinstance(one, int)}
    return people.named(db, ids)


def _promise(db: Db, number: int) -> Promise:
    fields = (Ticket.estimate_answer_by, Ticket.estimate_basis, Ticket.first_response_due, Ticket.resolution_due)
    ((answer_by, basis, first, resolution),) = db.rows(Ticket.select(*fields).where(Ticket.id == number))
    return Promise(moment(answer_by), basis, moment_or_none(first), moment_or_none(resolution))
