"""What a manager has been told, and which mails did not arrive since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN, Case, fn

from ..core.keys import address_key
from ..core.known import TicketView
from ..core.morning import ROWS, Failed
from ..core.policy import Agent, Policy
from . import tickets
from .db import Db, at, moment
from .lists import in_departments
from .schema import Event, Outbox, Person, Ticket
from .schema_morning import Told

FIRST_AT_ONCE = "list:managers"  # when the next mail in quarantine is told to the managers at once
FIRST_TIME = timedelta(days=7)  # so far back a manager hears who was told nothing yet
_SHOWN = ("acknowledgement", "assignment", "relay")  # what becomes of notices to agents is told at once, or to nobody
_FAILURES = ("undelivered", "bounced")
_COLUMNS = (
    Outbox.id, Outbox.kind, Outbox.audience, Outbox.subject, Outbox.recipients, Outbox.created_at, Outbox.ticket
)  # fmt: skip
_ANSWERS_FIRST = (Case(None, (((Outbox.audience == "customer") & (Outbox.kind == "relay"), 0),), 1), Outbox.id)


def heard_at(db: Db, manager: Agent, now: datetime) -> datetime:
    """When the manager last heard of the quarantine."""
    row = db.first(Told.select(Told.at).where(_is(manager)))
    return moment(row[0]) if row and row[0] is not None else now - FIRST_TIME


def known_to(db: Db, manager: Agent, now: datetime) -> int:
    """The last event that they know of."""
    row = db.first(Told.select(Told.event).where(_is(manager)))
    if row and row[0] is not None:
        return int(row[0])
    return _newest(db, Event.at < at(now - FIRST_TIME))


def mark_told(db: Db, managers: Iterable[Agent], now: datetime) -> None:
    """They have heard of all that waits in quarantine. Inside the caller's transaction."""
    for manager in managers:
        _mark(db, manager, {"at": at(now)})


def mark_known(db: Db, manager: Agent) -> None:
    """They know all that has happened. Inside the caller's transaction."""
    _mark(db, manager, {"event": _newest(db, Event.id > 0)})


def _mark(db: Db, manager: Agent, fields: dict[str, int]) -> None:
    row = {"manager": address_key(manager.address)} | fields
    db.run(Told.insert(row).on_conflict(conflict_target=[Told.manager], update=fields))


def _is(manager: Agent) -> Any:
    return Told.manager == address_key(manager.address)


def _newest(db: Db, which: Any) -> int:
    row = db.first(Event.select(fn.MAX(Event.id)).where(which))
    return int(row[0] or 0) if row else 0


def failed(
    db: Db, policy: Policy, manager: Agent, departments: Sequence[str], after: int
) -> tuple[tuple[Failed, ...], int]:
    """Mails that did not arrive, as events behind that one say, have not to this day, and matter still: the first of
    them, and how many there are. Of these departments' tickets, and of none; of their own each agent heard at once."""
    happened = Event.kind.in_(_FAILURES) & (Event.id > after)
    named = Event.select(fn.JSON_EXTRACT(Event.detail, "$.outbox")).where(happened)
    theirs = Person.select(Person.id).where(Person.key.in_(sorted(manager.keys)))
    others = Ticket.agent.is_null() | Ticket.agent.not_in(theirs)
    of_these = Outbox.ticket.is_null() | (in_departments(departments, policy) & others)
    which = Outbox.id.in_(named) & (Outbox.state == "failed") & Outbox.kind.in_(_SHOWN) & of_these & ~_settled()
    rows = db.rows(_joined(*_COLUMNS).where(which).order_by(*_ANSWERS_FIRST).limit(ROWS))
    now = tickets.views(db, {row[-1] for row in rows if row[-1] is not None})
    found = tuple(_failed(row, now.get(row[-1])) for row in rows)
    if len(found) < ROWS:
        return found, len(found)
    counted = db.first(_joined(fn.COUNT(Outbox.id)).where(which))
    return found, int(counted[0]) if counted else 0


def _settled() -> Any:
    """An answer in the ticket has arrived since, or a person has resolved or closed it: of what nobody can do anything
    about nobody is told. What resolves a ticket by the answer that failed is no later than that."""
    later, done, failure = Outbox.alias(), Event.alias(), Event.alias()
    answers = (later.audience == "customer") & (later.kind == "relay") & (later.state == "sent")
    answered = later.select(later.id).where((later.ticket == Outbox.ticket) & (later.id > Outbox.id) & answers)
    failures = failure.select(fn.MAX(failure.id)).where(
        (failure.ticket == Outbox.ticket)
        & failure.kind.in_(_FAILURES)
        & (fn.JSON_EXTRACT(failure.detail, "$.outbox") == Outbox.id)
    )
    over = (done.kind == "status") & done.actor.startswith("person:") & _after(done).in_(["resolved", "closed"])
    ended = done.select(done.id).where((done.ticket == Outbox.ticket) & (done.id > failures) & over)
    return fn.EXISTS(answered) | fn.EXISTS(ended)


def _after(event: Any) -> Any:
    return fn.JSON_EXTRACT(event.detail, "$.after")


def _joined(*what: Any) -> Any:
    return Outbox.select(*what).join(Ticket, JOIN.LEFT_OUTER, on=(Ticket.id == Outbox.ticket))


def _failed(row: Sequence[Any], ticket: TicketView | None) -> Failed:
    number, kind, audience, subject, recipients, created_at, _ = row
    return Failed(
        outbox_id=number,
        kind=kind,
        audience=audience,
        subject=subject,
        failed=tuple((r["address"], r["last_reply"] or "") for r in json.loads(recipients) if r["state"] == "failed"),
        written_at=moment(created_at),
        ticket=ticket.id if ticket else None,
        agent=ticket.agent if ticket else "",
    )
