"""The one place where a Plan is written: ticket, messages, events and mails out, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..core.lifecycle import is_open
from ..core.types import Address, NewEvent, NewMessage, Outgoing, Plan, TicketChange
from . import outbox, people, tickets
from .db import Compiled, Db, Slot, at, dump, insert
from .schema import Event, Link, Message, Participant, Ticket

_insert_ticket = insert(Ticket)
_insert_message = insert(Message, leave_out=("id",))
_insert_event = insert(Event, leave_out=("id",))
_insert_participant = Compiled(
    lambda: Participant.insert(ticket=Slot("ticket"), person=Slot("person"), place=Slot("place")).on_conflict_ignore()
)
_places = Compiled(lambda: Participant.select(Participant.place).where(Participant.ticket == Slot("ticket")))
_standing = Compiled(lambda: Ticket.select(Ticket.status, Ticket.agent).where(Ticket.id == Slot("id")))


def apply(db: Db, plan: Plan, now: datetime, *, inbox_id: int | None = None) -> None:
    """Write a plan, inside the caller's transaction. `inbox_id` is the mail that was its cause."""
    for change in plan.changes:
        if change.new:
            _open_ticket(db, change, now)
        else:
            _change_ticket(db, change, now)
    for message in plan.messages:
        _add_message(db, message, inbox_id=inbox_id, outbox_id=None)
    for mail in plan.outbox:
        _send(db, mail, now)
    for event in plan.events:
        _record(db, event, now, inbox_id)


def _open_ticket(db: Db, change: TicketChange, now: datetime) -> None:
    tickets.use_number(db, change.id)
    empty = ("first_response_due", "resolution_due", "first_response_at", "resolved_at", "agent")
    values: dict[str, Any] = dict.fromkeys(empty)
    values |= {"created_at": at(now), "updated_at": at(now), "labels": "[]"}
    customer = change.set["customer"]
    values |= _stored(db, change.set)
    _insert_ticket(db, id=change.id, **values)
    _join(db, change.id, (customer, *change.add_participants))
    _link(db, change)
    _count_load(db, before=(None, None), after=(values["status"], values["agent"]))
    if values["agent"]:
        people.mark_assigned(db, values["agent"], at(now))


def _change_ticket(db: Db, change: TicketChange, now: datetime) -> None:
    status, agent = _standing(db, id=change.id).fetchone()
    values = {"updated_at": at(now)} | _stored(db, change.set)
    db.run(Ticket.update(values).where(Ticket.id == change.id))
    _join(db, change.id, change.add_participants)
    _link(db, change)
    after = (values.get("status", status), values.get("agent", agent))
    _count_load(db, before=(status, agent), after=after)
    if after[1] and after[1] != agent:
        people.mark_assigned(db, after[1], at(now))


def _stored(db: Db, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a change as the columns hold them."""
    values: dict[str, Any] = {}
    for name, value in wanted.items():
        if isinstance(value, datetime):
            values[name] = at(value)
        elif name == "agent":
            values[name] = people.meet(db, Address(value)) if isinstance(value, str) and value else None
        elif isinstance(value, Address):
            values[name] = people.meet(db, value)
        else:
            values[name] = value
    return values


def _count_load(db: Db, *, before: tuple[str | None, int | None], after: tuple[str | None, int | None]) -> None:
    """Keep how many open tickets an agent has, so that nobody has to count them for each mail."""
    for (status, agent), change in ((before, -1), (after, 1)):
        if agent and status and is_open(status) and before != after:
            people.change_load(db, agent, change)


def _join(db: Db, ticket: int, who: tuple[Address, ...]) -> None:
    if not who:
        return
    place = len(_places(db, ticket=ticket).fetchall())
    for offset, address in enumerate(who):
        _insert_participant(db, ticket=ticket, person=people.meet(db, address), place=place + offset)


def _link(db: Db, change: TicketChange) -> None:
    for other in change.link:
        db.run(Link.insert(ticket=change.id, other=other).on_conflict_ignore())


def _add_message(db: Db, message: NewMessage, *, inbox_id: int | None, outbox_id: int | None) -> None:
    files = [
        {"filename": a.filename, "content_type": a.content_type, "size": a.size, "sha256": a.sha256}
        for a in message.attachments
    ]
    _insert_message(
        db,
        ticket=message.ticket,
        message_id=message.message_id,
        direction=message.direction,
        inbox=inbox_id,
        outbox=outbox_id,
        from_address=message.from_.address if message.from_ else None,
        from_name=message.from_.name if message.from_ else "",
        to=dump([{"address": a.address, "name": a.name} for a in message.to]),
        subject=message.subject,
        text=message.text,
        full_text=message.full_text,
        html=message.html,
        attachments=dump(files),
        at=at(message.at),
        automatic=message.automatic,
    )


def _send(db: Db, mail: Outgoing, now: datetime) -> None:
    row = outbox.add(db, mail, now)
    if mail.message is not None:
        _add_message(db, mail.message, inbox_id=None, outbox_id=row)


def _record(db: Db, event: NewEvent, now: datetime, inbox_id: int | None) -> None:
    who = event.actor
    actor = f"person:{people.meet(db, who)}" if isinstance(who, Address) else who
    detail = {k: people.meet(db, v) if isinstance(v, Address) else v for k, v in event.detail.items()}
    _insert_event(
        db, ticket=event.ticket, at=at(now), actor=actor, kind=event.kind, inbox=inbox_id, detail=dump(detail)
    )
