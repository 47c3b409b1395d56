"""The one place where a Plan is written: ticket, messages, events and mails out, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.lifecycle import is_open
from ..core.plan import Move, NewEvent, NewMessage, Outgoing, Plan, TicketChange
from ..core.types import Address
from . import absences, acts, budgets, mailbox_alarms, notices, outbox, people, tickets
from .db import Compiled, Db, Slot, at, dump, insert
from .release import discard_rows, release_rows
from .schema import Event, Inbox, Link, Message, Participant, Ticket, Watcher

_insert_ticket = insert(Ticket)
_insert_message = insert(Message, leave_out=("id",))
_insert_event = insert(Event, leave_out=("id",))


@dataclass(frozen=True, slots=True)
class _List:
    """Who belongs to a ticket, in the order they came: a table of ticket, person and place."""

    table: Any
    insert: Compiled
    places: Compiled


def _list_in(table: Any) -> _List:
    return _List(
        table,
        Compiled(
            lambda: table.insert(ticket=Slot("ticket"), person=Slot("person"), place=Slot("place")).on_conflict_ignore()
        ),
        Compiled(lambda: table.select(table.place).where(table.ticket == Slot("ticket"))),
    )


_participants, _watchers = _list_in(Participant), _list_in(Watcher)
_standing = Compiled(lambda: Ticket.select(Ticket.status, Ticket.agent).where(Ticket.id == Slot("id")))


def apply(db: Db, plan: Plan, now: datetime, *, inbox_id: int | None = None) -> None:
    """Write a plan, inside the caller's transaction. `inbox_id` is the mail that was its cause."""
    writer = _Writer(db, now, inbox_id, traced=bool(plan.act))
    writer.write(plan)
    notices.forget(db, plan.gathered)
    notices.keep(db, plan.kept)
    outbox.spend(db, plan.spent)
    for mark in plan.marks:
        people.mark(db, mark, now)
        if mark.kind == "held" and not mark.detail:
            budgets.forgive(db, mark.address)
    for answered in plan.answered:
        budgets.record(db, answered, now)
    for returned in plan.came_back:
        outbox.came_back(db, returned.outbox, returned.address, returned.reply)
    mailbox_alarms.probe_back(db, plan.probe, now)
    absences.write(db, plan.absences, now, inbox_id)
    acts.take_back(db, plan, now)
    acts.record(db, plan, writer.trace, inbox_id, now)
    release_rows(db, plan.release, now, named=plan.named)
    discard_rows(db, plan.discard, now)


class _Writer:
    """One plan on its way into the tables. The people that it names are looked up once."""

    def __init__(self, db: Db, now: datetime, inbox_id: int | None, *, traced: bool) -> None:
        self._db = db
        self._now = now
        self._inbox_id = inbox_id
        self._people: dict[Address, int] = {}
        self.trace = acts.Trace(on=traced)

    def write(self, plan: Plan) -> None:
        """What it does to tickets, and what is sent."""
        for change in plan.changes:
            if change.new:
                self.open_ticket(change)
            else:
                self.change_ticket(change)
        for move in plan.moves:
            self.move(move)
        for message in plan.messages:
            self.add_message(message, inbox_id=self._inbox_id)
        for mail in plan.outbox:
            self.send(mail)
        for event in plan.events:
            self.record(event)

    def open_ticket(self, change: TicketChange) -> None:
        now = at(self._now)
        tickets.use_number(self._db, change.id)
        empty = (
            "first_response_due",
            "resolution_due",
            "first_response_at",
            "resolved_at",
            "wakes_at",
            "agent",
            "merged_into",
        )
        values: dict[str, Any] = dict.fromkeys(empty)
        values |= {"created_at": now, "updated_at": now, "labels": "[]"}
        values |= self._stored(change.set)
        _insert_ticket(self._db, id=change.id, **values)
        who = (change.set["customer"], *change.add_participants)
        self._join(_participants, change.id, tuple(a for a in who if a.address))  # who has no address can see nothing
        self._join(_watchers, change.id, change.add_watchers)
        self._link(change)
        self._count_load(before=(None, None), after=(values["status"], values["agent"]))
        if values["agent"]:
            people.mark_assigned(self._db, values["agent"], now)

    def change_ticket(self, change: TicketChange) -> None:
        status, agent = _standing(self._db, id=change.id).fetchone()
        values = {"updated_at": at(self._now)} | self._stored(change.set)
        if values.get("status", "postponed") != "postponed":
            values["wakes_at"] = None  # whatever has woken it: the time has no meaning any more
        with self.trace.of(self._db, change.id, values):
            self._db.run(Ticket.update(values).where(Ticket.id == change.id))
            self._leave(_participants, change.id, change.remove_participants)
            self._join(_participants, change.id, change.add_participants)
            self._leave(_watchers, change.id, change.remove_watchers)
            self._join(_watchers, change.id, change.add_watchers)
        for who, place in change.restore:
            _participants.insert(self._db, ticket=change.id, person=self._meet(who), place=place)
        self._link(change)
        after = (values.get("status", status), values.get("agent", agent))
        self._count_load(before=(status, agent), after=after)
        if after[1] and after[1] != agent:
            people.mark_assigned(self._db, after[1], at(self._now))

    def move(self, move: Move) -> None:
        """The mails in the inbox go along: their bytes are kept as long as the ticket is open that they are in."""
        which = Message.ticket == move.source
        if move.messages:
            which &= Message.id.in_(list(move.messages))
        came = Message.select(Message.inbox).where(which & Message.inbox.is_null(False))
        self._db.run(Inbox.update(ticket=move.target).where(Inbox.id.in_(came)))
        self.trace.moved(self._db, move, which)
        self._db.run(Message.update(ticket=move.target).where(which))

    def add_message(self, message: NewMessage, *, inbox_id: int | None = None, outbox_id: int | None = None) -> None:
        if message.direction == "inbound" and message.from_:
            people.called(self._db, message.from_)
        files = [
            {"filename": a.filename, "content_type": a.content_type, "size": a.size, "sha256": a.sha256}
            for a in message.attachments
        ]
        cursor = _insert_message(
            self._db,
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
            full_text=None if message.full_text == message.text else message.full_text,
            html=message.html,
            attachments=dump(files),
            at=at(message.at),
            automatic=message.automatic,
        )
        self.trace.messages.append(int(cursor.lastrowid))

    def send(self, mail: Outgoing) -> None:
        row = outbox.add(self._db, mail, self._now)
        if mail.audience == "customer":
            self.trace.outbox.append(row)
        if mail.message is not None:
            self.add_message(mail.message, outbox_id=row)

    def record(self, event: NewEvent) -> None:
        who = event.actor
        actor = f"person:{self._meet(who)}" if isinstance(who, Address) else who
        detail = {k: self._meet(v) if isinstance(v, Address) else v for k, v in event.detail.items()}
        _insert_event(
            self._db,
            ticket=event.ticket,
            at=at(self._now),
            actor=actor,
            kind=event.kind,
            inbox=self._inbox_id,
            detail=dump(detail),
        )

    def _meet(self, who: Address) -> int:
        if who not in self._people:
            self._people[who] = people.meet(self._db, who)
        return self._people[who]

    def _stored(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a change as the columns hold them."""
        values: dict[str, Any] = {}
        for name, value in wanted.items():
            if isinstance(value, datetime):
                values[name] = at(value)
            elif name == "agent":
                values[name] = self._meet(Address(value)) if isinstance(value, str) and value else None
            elif isinstance(value, Address):
                values[name] = self._meet(value)
            elif name == "labels":
                values[name] = dump(list(value))
            else:
                values[name] = value
        return values

    def _count_load(self, *, before: tuple[str | None, int | None], after: tuple[str | None, int | None]) -> None:
        """Keep how many open tickets an agent has, so that nobody has to count them for each mail."""
        for (status, agent), change in ((before, -1), (after, 1)):
            if agent and status and is_open(status) and before != after:
                people.change_load(self._db, agent, change)

    def _join(self, kept: _List, ticket: int, who: tuple[Address, ...]) -> None:
        if not who:
            return
        place = max((row[0] + 1 for row in kept.places(self._db, ticket=ticket).fetchall()), default=0)
        for offset, address in enumerate(who):
            kept.insert(self._db, ticket=ticket, person=self._meet(address), place=place + offset)

    def _leave(self, kept: _List, ticket: int, who: tuple[Address, ...]) -> None:
        for address in who:
            theirs = (kept.table.ticket == ticket) & (kept.table.person == self._meet(address))
            self._db.run(kept.table.delete().where(theirs))

    def _link(self, change: TicketChange) -> None:
        for other in change.link:
            self._db.run(Link.insert(ticket=change.id, other=other).on_conflict_ignore())
