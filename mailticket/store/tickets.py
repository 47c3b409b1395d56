"""Tickets as the rules look at them, and which of them are due for something."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..core.keys import address_key
from ..core.known import TicketView
from ..core.lifecycle import STATUSES, is_open
from ..core.policy import Policy
from ..core.types import Address
from ..errors import MailticketError
from . import people
from .db import Compiled, Db, Slot, at, moment, moment_or_none
from .schema import NEWEST_FIRST, Message, Meta, Outbox, Participant, Ticket, Watcher
from .schema import Person as People

CLOSED_AT_ONCE = 200  # of one department
REASSIGNED_AT_ONCE = 200
WOKEN_AT_ONCE = 200
SENT_SEARCHED = 100  # of a ticket's mails out, at each end, for those to its agent: a ticket may have ten thousand
THREAD_KEPT = 20  # Message-IDs of a thread that an answer may refer to

_FIELDS = (
    "id subject status priority department agent customer created_at updated_at first_response_at resolved_at"
    " labels wakes_at merged_into first_response_due estimate_answer_by estimate_basis"
)
_number = Compiled(lambda: Meta.select(Meta.value).where(Meta.key == "last_ticket"))
_use_number = Compiled(
    lambda: Meta.insert(key="last_ticket", value=Slot("number")).on_conflict(
        conflict_target=[Meta.key], update={Meta.value: Slot("number")}
    )
)
_watchers = Compiled(
    lambda: (
        People.select(People.address)
        .join(Watcher, on=(Watcher.person == People.id))
        .where(Watcher.ticket == Slot("ticket"))
        .order_by(Watcher.place)
    )
)
_first_sent = Compiled(lambda: _sent().order_by(Outbox.id).limit(SENT_SEARCHED))
_last_sent = Compiled(lambda: _sent().order_by(Outbox.id.desc()).limit(SENT_SEARCHED))


def _sent() -> Any:
    fields = (Outbox.message_id, Outbox.recipients, Outbox.audience, Outbox.kind)
    return Outbox.select(*fields).where(Outbox.ticket == Slot("ticket"))


def next_number(db: Db) -> int:
    """The number that a new ticket will get, as long as the caller's transaction lasts."""
    row = _number(db).fetchone()
    return 1 if row is None else int(row[0]) + 1


def use_number(db: Db, number: int) -> None:
    """A number once used is never used again."""
    _use_number(db, number=str(number))


def views(db: Db, ids: Iterable[int]) -> dict[int, TicketView]:
    """These tickets, those that exist, by their numbers; of a merged one the ticket that it is part of, under both."""
    found = _rows(db, sorted(ids))
    ends = {number: number for number in found}
    for number in ends:
        while (into := found[ends[number]]["merged_into"]) is not None:  # no ticket is ever merged into itself
            ends[number] = into
            if into not in found:
                found |= _rows(db, [into])
    made = {end: _view(db, found[end]) for end in sorted(set(ends.values()))}
    return made | {number: made[end] for number, end in ends.items()}


def alone(db: Db, ids: Iterable[int]) -> dict[int, TicketView]:
    """These tickets as they are by themselves, merged or not."""
    return {number: _view(db, row) for number, row in _rows(db, sorted(ids)).items()}


def parts(db: Db, number: int) -> tuple[int, ...]:
    """That ticket and all that are part of it, over any number of merges."""
    found, new = [number], [number]
    while new:
        new = [row[0] for row in db.rows(Ticket.select(Ticket.id).where(Ticket.merged_into.in_(new)))]
        found += new
    return tuple(found)


def _rows(db: Db, wanted: list[int]) -> dict[int, dict[str, Any]]:
    if not wanted:
        return {}
    names = _FIELDS.split()
    rows = db.rows(Ticket.select(*(getattr(Ticket, n) for n in names)).where(Ticket.id.in_(wanted)))
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def view(db: Db, number: int) -> TicketView:
    """A ticket that must be there, or the one that it is part of."""
    found = views(db, [number])
    if number not in found:
        raise MailticketError(f"database {db.path}: ticket {number} is named but not there")
    return found[number]


def _view(db: Db, row: dict[str, Any]) -> TicketView:
    number = row["id"]
    fields = tuple(getattr(People, name) for name in people.PERSON)
    joined = People.select(*fields).join(Participant, on=(Participant.person == People.id))
    known = [people.person(r) for r in db.rows(joined.where(Participant.ticket == number).order_by(Participant.place))]
    agent = db.first(People.select(People.address).where(People.id == row["agent"])) if row["agent"] else None
    customer = people.person(db.rows(People.select(*fields).where(People.id == row["customer"]))[0])
    for name in ("created_at", "updated_at", "estimate_answer_by"):
        row[name] = moment(row[name])
    for name in ("first_response_at", "resolved_at", "wakes_at", "first_response_due"):
        row[name] = moment_or_none(row[name])
    known.sort(key=lambda one: one.id != customer.id)  # the customer first, since when they have been it
    row["agent"] = agent[0] if agent else ""
    row["customer"] = customer
    row["labels"] = tuple(json.loads(row["labels"]))
    del row["merged_into"]
    return TicketView(
        **row,
        participants=tuple(Address(p.address, p.name) for p in known),
        customer_thread=_customer_thread(db, number),
        watchers=tuple(found[0] for found in _watchers(db, ticket=number).fetchall()),
        **_to_agents(db, number),
    )


def _customer_thread(db: Db, number: int) -> tuple[str, ...]:
    """Message-IDs that the customer's side has seen, oldest first, up to their last words, which an answer answers:
    the first and the last ones."""
    seen = (Message.ticket == number) & (Message.direction != "note") & (Message.message_id != "")
    fields = (Message.message_id, Message.direction, Message.automatic)
    first = db.rows(Message.select(*fields).where(seen).order_by(Message.at, Message.id).limit(1))
    last = db.rows(Message.select(*fields).where(seen).order_by(*NEWEST_FIRST).limit(THREAD_KEPT))
    rows = [*first, *reversed(last)]
    theirs = [place for place, row in enumerate(rows) if row[1] == "inbound" and not row[2]]
    until = theirs[-1] + 1 if theirs else len(rows)
    return tuple(dict.fromkeys(row[0] for row in rows[:until]))


def _to_agents(db: Db, number: int) -> dict[str, Any]:
    """`agent_threads` and `offered` of a ticket: its first mails to agents and its last ones."""
    first, last = _first_sent(db, ticket=number).fetchall(), _last_sent(db, ticket=number).fetchall()
    rows = {row[0]: row for row in (*first, *reversed(last)) if row[2] == "agent"}
    threads: dict[str, list[str]] = {}
    offered: dict[str, None] = {}
    for message_id, recipients, _, kind in rows.values():
        for to in json.loads(recipients):
            threads.setdefault(address_key(to["address"]), []).append(message_id)
            if kind == "assignment":
                offered[to["address"]] = None
    kept = {key: tuple(dict.fromkeys((*ids[:1], *ids[-THREAD_KEPT:]))) for key, ids in threads.items()}
    return {"agent_threads": kept, "offered": tuple(offered)}


def due_to_close(db: Db, policy: Policy, now: datetime) -> list[int]:
    """Resolved tickets whose time to be reopened is over, the longest resolved first; some hundreds at a time.

    Those of a department that the config no longer has are the first one's (`Policy.department`).
    """
    ripe: list[int] = []
    others = Ticket.department.not_in([department.name for department in policy.departments[1:]])
    for place, department in enumerate(policy.departments):
        theirs = others if place == 0 else Ticket.department == department.name
        over = (Ticket.status == "resolved") & (Ticket.resolved_at <= at(now - department.reopen_after))
        query = Ticket.select(Ticket.id).where(theirs & over).order_by(Ticket.resolved_at).limit(CLOSED_AT_ONCE)
        ripe += [row[0] for row in db.rows(query)]
    return ripe


def due_to_wake(db: Db, now: datetime) -> list[int]:
    """Postponed tickets whose time has come, the longest waiting first; some hundreds at a time."""
    ripe = (Ticket.status == "postponed") & (Ticket.wakes_at <= at(now))
    return [
        row[0] for row in db.rows(Ticket.select(Ticket.id).where(ripe).order_by(Ticket.wakes_at).limit(WOKEN_AT_ONCE))
    ]


def orphans(db: Db, policy: Policy) -> list[int]:
    """Open tickets whose agent is not in the config any more, the oldest first; some hundreds at a time."""
    here = [key for agent in policy.agents for key in agent.keys]
    gone = People.key.not_in(here)
    query = (
        Ticket.select(Ticket.id)
        .join(People, on=(People.id == Ticket.agent))
        .where(gone & Ticket.status.in_([status for status in STATUSES if is_open(status)]))
        .order_by(Ticket.id)
        .limit(REASSIGNED_AT_ONCE)
    )
    return [row[0] for row in db.rows(query)]


def request(db: Db, number: int) -> str:
    """The customer's side's last words in a ticket, "" where there are none."""
    theirs = (Message.ticket == number) & (Message.direction == "inbound") & (Message.automatic == False)  # noqa: E712  # SQL
    any_of_them = (Message.ticket == number) & (Message.direction == "inbound")
    for which in (theirs, any_of_them):
        if row := db.first(Message.select(Message.text).where(which).order_by(*NEWEST_FIRST)):
            return str(row[0])
    return ""
