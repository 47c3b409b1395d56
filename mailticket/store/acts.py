"""What agents' mails have done: written with it in one transaction, and read again when #undo asks for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..core import acts
from ..core.keys import address_key
from ..core.known import Context, TicketView
from ..core.plan import Move, Plan
from ..core.policy import Agent
from ..core.types import Address
from ..errors import MailticketError
from . import tickets
from .db import Compiled, Db, Slot, at, dump, insert, moment, moment_or_none
from .schema import Inbox, Message, Outbox, Participant, Person, Ticket, Watcher
from .schema_acts import Act

KEPT = timedelta(days=30)  # for a month #undo says that it is too late, then that there is nothing

_insert = insert(Act, leave_out=("id",))
_FIELDS = (Act.id, Act.inbox, Act.ticket, Act.agent, Act.at, Act.undone_at, Act.detail)
_of_mail = Compiled(lambda: Act.select(*_FIELDS).where(Act.inbox == Slot("inbox")).order_by(Act.id))
_PEOPLE = ("agent", "customer")
_TIMES = frozenset(
    {"first_response_due", "resolution_due", "estimate_answer_by", "first_response_at", "resolved_at", "wakes_at"}
)


@dataclass
class Trace:
    """What a plan has done so far, as the table holds it. One that is not `on` costs nothing."""

    on: bool
    tickets: list[dict[str, Any]] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)
    outbox: list[int] = field(default_factory=list)  # mails to the customer's side
    moves: list[dict[str, Any]] = field(default_factory=list)

    def moved(self, db: Db, move: Move, which: Any) -> None:
        """Before it is: which messages they are."""
        if self.on:
            ids = [row[0] for row in db.rows(Message.select(Message.id).where(which))]
            self.moves.append({"source": move.source, "target": move.target, "messages": ids})

    def only(self, numbers: Collection[int]) -> Trace:
        """What became of these tickets, of a plan that says nothing in them."""
        moves = [one for one in self.moves if one["target"] in numbers]
        return Trace(self.on, [one for one in self.tickets if one["id"] in numbers], moves=moves)

    @contextmanager
    def of(self, db: Db, number: int, columns: Iterable[str]) -> Iterator[None]:
        """What becomes of these columns of a ticket, and of who takes part in it, meanwhile."""
        if not self.on:
            yield
            return
        before, there, watched = _columns(db, number, columns), _places(db, number), _watching(db, number)
        yield
        after, here, watch = _columns(db, number, columns), _places(db, number), _watching(db, number)
        names = [name for name in after if after[name] != before[name]]
        self.tickets.append({
            "id": number,
            "before": {name: before[name] for name in names},
            "after": {name: after[name] for name in names},
            "joined": [(person, here[person]) for person in here if person not in there],
            "left": [(person, there[person]) for person in there if person not in here],
            "watch": [person for person in watch if person not in watched],
            "unwatched": [person for person in watched if person not in watch],
        })  # fmt: skip


def _columns(db: Db, number: int, names: Iterable[str]) -> dict[str, Any]:
    """A ticket's row, but for when it was touched."""
    wanted = [name for name in names if name != "updated_at"]
    row = db.first(Ticket.select(Ticket.id, *(getattr(Ticket, name) for name in wanted)).where(Ticket.id == number))
    return dict(zip(wanted, (row or ())[1:], strict=True))


def _places(db: Db, ticket: int) -> dict[int, int]:
    """Who takes part, each with their place."""
    return dict(db.rows(Participant.select(Participant.person, Participant.place).where(Participant.ticket == ticket)))


def _watching(db: Db, ticket: int) -> list[int]:
    query = Watcher.select(Watcher.person).where(Watcher.ticket == ticket).order_by(Watcher.place)
    return [row[0] for row in db.rows(query)]


def record(db: Db, plan: Plan, trace: Trace, inbox_id: int | None, now: datetime) -> None:
    """Inside the transaction that writes the plan."""
    if not plan.act or inbox_id is None:
        return
    told = [(mail.ticket, mail.recipients[0].key) for mail in plan.outbox if mail.audience == "agent"]
    told += [(notice.ticket, notice.agent) for notice in plan.kept]
    parts = [(numbers[0], trace.only(numbers), [one for one in told if one[0] in numbers]) for numbers in plan.acts]
    if plan.ticket is not None:
        parts.append((plan.ticket, trace, told))
    for ticket, part, heard in parts:
        detail = {
            "tickets": part.tickets,
            "messages": part.messages,
            "outbox": part.outbox,
            "moves": part.moves,
            "told": list(dict.fromkeys(agent for _, agent in heard)),
        }
        agent = address_key(plan.act)
        _insert(db, inbox=inbox_id, ticket=ticket, agent=agent, at=at(now), undone_at=None, detail=dump(detail))


def take_back(db: Db, plan: Plan, now: datetime) -> None:
    """What a plan undoes, inside its transaction. It was decided by these rows as they are: any other is an error."""
    if not plan.undoes:
        return
    waits = Outbox.id.in_(plan.undone) & (Outbox.state == "queued") & (Outbox.owner == "") & (Outbox.tries == 0)
    _all(db, Outbox.update(state="undone", next_at=at(now)).where(waits), plan.undone)
    _all(db, Message.delete().where(Message.id.in_(plan.withdrawn)), plan.withdrawn)
    _not_moved(db, min(plan.undoes), plan.withdrawn)
    open_ = Act.id.in_(plan.undoes) & Act.undone_at.is_null()
    _all(db, Act.update(undone_at=at(now)).where(open_), plan.undoes)


def _not_moved(db: Db, undone: int, messages: Sequence[int]) -> None:
    """Later acts that have moved these messages must not know them any more: SQLite gives the number of a last row that
    is deleted to the next one, which would go back with the others."""
    if not messages:
        return
    later = (Act.id > undone) & Act.undone_at.is_null() & Act.detail.contains('"source"')
    for number, detail in db.rows(Act.select(Act.id, Act.detail).where(later)):
        kept = json.loads(detail)
        for move in kept["moves"]:
            move["messages"] = [one for one in move["messages"] if one not in messages]
        db.run(Act.update(detail=dump(kept)).where(Act.id == number))


def _all(db: Db, query: Any, ids: Sequence[int]) -> None:
    if ids and db.run(query) != len(ids):
        raise MailticketError(f"database {db.path}: what is to be undone ({ids}) is not as it was")


def forget(db: Db, before: datetime) -> None:
    """Acts that nobody can undo any more, inside the caller's transaction."""
    db.run(Act.delete().where(Act.at < at(before)))


def meant(db: Db, agent: Agent, context: Context, ticket: int | None, *, received_at: datetime) -> tuple[acts.Act, ...]:
    """What a proved agent's #undo means: all that the mail did whose receipt it answers, or the last one about
    its ticket. What waited for its proof does not mean what its writer wrote after it."""
    row = acts.receipt_of(agent, context.signed)
    if row is not None:
        return tuple(_read(db, one) for one in _of_mail(db, inbox=row).fetchall() if one[3] in agent.keys)
    if ticket is None:
        return ()
    mine = Act.ticket.in_(tickets.parts(db, ticket)) & (Act.agent == address_key(agent.address))
    known = Act.select(*_FIELDS).join(Inbox, on=(Act.inbox == Inbox.id)).where(mine & Act.undone_at.is_null())
    last = db.first(known.where(Inbox.received_at <= at(received_at)).order_by(Act.id.desc()))
    return () if last is None else (_read(db, last),)


def _read(db: Db, row: tuple[Any, ...]) -> acts.Act:
    number, inbox, ticket, _, when, undone_at, detail = row
    kept = json.loads(detail)
    moves = tuple(Move(one["source"], one["target"], tuple(one["messages"])) for one in kept["moves"])
    end = tickets.view(db, ticket).id
    views = tickets.alone(db, {one["id"] for one in kept["tickets"]})
    words = _messages(db, kept["messages"])
    return acts.Act(
        id=number,
        row=inbox,
        ticket=ticket,
        at=moment(when),
        undone_at=moment_or_none(undone_at),
        changed=tuple(_changed(db, one, views[one["id"]]) for one in kept["tickets"]),
        mails=_mails(db, kept["outbox"], words),
        notes=tuple(message for message, direction, _ in words if direction == "note"),
        reached=any(direction == "outbound" and not mailed for _, direction, mailed in words),
        told=tuple(kept["told"]),
        moves=moves,
        into=end if end != ticket else None,
        since=_since(db, row, kept["messages"], moves),
        came=_came(db, inbox, kept),
        answered_since=_answered_since(db, end, kept["messages"]),
    )


def _since(db: Db, row: tuple[Any, ...], own: Sequence[int], moves: Iterable[Move]) -> tuple[str, ...]:
    """The addresses of those who, after the act, wrote in its ticket or acted there, the customer's side first; only
    where it has moved something there."""
    number, _, ticket, *_ = row
    here = [*own, *(message for move in moves for message in move.messages)]
    if len(here) == len(own):
        return ()
    came = (Message.ticket == ticket) & (Message.direction == "inbound") & Message.id.not_in(here)
    persons = Message.select(Message.from_address).where(came & (Message.automatic == False))  # noqa: E712  # SQL
    wrote = [address or "" for (address,) in db.rows(persons.order_by(Message.id))]
    later = (Act.ticket == ticket) & (Act.id > number) & Act.undone_at.is_null()
    return (*wrote, *(agent for (agent,) in db.rows(Act.select(Act.agent).where(later).order_by(Act.id))))


def _came(db: Db, inbox: int, kept: Mapping[str, Any]) -> dict[int, tuple[int, ...]]:
    """What came, after merges, into their targets from those whom each let in there: it was meant for the merged
    ticket."""
    joined = {one["id"]: {person for person, _ in one["joined"]} for one in kept["tickets"]}
    merged = [(one["id"], one["after"]["merged_into"]) for one in kept["tickets"] if "merged_into" in one["after"]]
    found: dict[int, tuple[int, ...]] = {}
    for source, target in merged:
        let_in = joined.get(target, set()) & set(_places(db, source))
        joined[target] = joined.get(target, set()) - let_in  # who asks in both comes back with the first
        if ids := _written_by(db, let_in, target, inbox):
            found[source] = ids
    return found


def _written_by(db: Db, people: Iterable[int], ticket: int, inbox: int) -> tuple[int, ...]:
    """Their mails in that ticket that came behind that row of the inbox."""
    keys = {key for (key,) in db.rows(Person.select(Person.key).where(Person.id.in_(sorted(people))))}
    theirs = (Message.ticket == ticket) & (Message.direction == "inbound") & (Message.inbox > inbox)
    rows = db.rows(Message.select(Message.id, Message.from_address).where(theirs).order_by(Message.id)) if keys else []
    return tuple(number for number, address in rows if address and address_key(address) in keys)


def _changed(db: Db, kept: Mapping[str, Any], ticket: TicketView) -> acts.Changed:
    sides = {"before": kept["before"], "after": kept["after"], "now": _columns(db, kept["id"], kept["after"])}
    ids = {person for person, _ in (*kept["joined"], *kept["left"])} | {*kept["watch"], *kept["unwatched"]}
    ids |= {side[name] for side in sides.values() for name in _PEOPLE if side.get(name)}
    people = _named(db, ids)
    return acts.Changed(
        ticket=ticket,
        **{side: {name: _value(name, one, people) for name, one in values.items()} for side, values in sides.items()},
        joined=tuple(people[person] for person, _ in kept["joined"]),
        left=tuple((people[person], place) for person, place in kept["left"]),
        watch=tuple(people[person] for person in kept["watch"]),
        unwatched=tuple(people[person] for person in kept["unwatched"]),
        into=_columns(db, kept["id"], ["merged_into"])["merged_into"],
    )


def _named(db: Db, ids: Iterable[int]) -> dict[int, Address]:
    rows = db.rows(Person.select(Person.id, Person.address, Person.name).where(Person.id.in_(sorted(ids))))
    return {row[0]: Address(row[1], row[2]) for row in rows}


def _value(name: str, stored: Any, people: Mapping[int, Address]) -> Any:
    """A column's value as a TicketChange sets it."""
    if name in _TIMES:
        return moment_or_none(stored)
    if name == "labels":
        return tuple(json.loads(stored))
    if name == "agent":
        return people[stored].address if stored else ""
    return people[stored] if name == "customer" else stored


def _messages(db: Db, ids: Sequence[int]) -> list[tuple[int, str, int | None]]:
    """Those that are still there: id, direction, outbox row."""
    fields = (Message.id, Message.direction, Message.outbox)
    return [(row[0], row[1], row[2]) for row in db.rows(Message.select(*fields).where(Message.id.in_(ids)))]


def _mails(db: Db, ids: Sequence[int], words: Sequence[tuple[int, str, int | None]]) -> tuple[acts.Mailed, ...]:
    places = {mailed: message for message, _, mailed in words if mailed}
    fields = (Outbox.id, Outbox.recipients, Outbox.state, Outbox.owner, Outbox.tries, Outbox.sent_at)
    return tuple(
        acts.Mailed(
            outbox=number,
            to=tuple(one["address"] for one in json.loads(recipients)),
            state=state,
            tried=bool(owner) or tries > 0,
            sent_at=moment_or_none(sent_at),
            message=places.get(number),
        )
        for number, recipients, state, owner, tries, sent_at in db.rows(
            Outbox.select(*fields).where(Outbox.id.in_(ids))
        )
    )


def _answered_since(db: Db, ticket: int, own: Sequence[int]) -> datetime | None:
    """When the first answer after the act's messages went into the ticket that they are in."""
    if not own:
        return None
    answers = (Message.ticket == ticket) & (Message.direction == "outbound") & (Message.automatic == False)  # noqa: E712  # SQL
    later = Message.select(Message.at).where(answers & (Message.id > max(own))).order_by(Message.id)
    row = db.first(later)
    return None if row is None else moment(row[0])
