"""The lists of tickets that an agent asks for by mail: the first rows of each, and how many it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Case, fn

from ..core.asked import LISTED, Listed, ListedTicket
from ..core.command import Order
from ..core.commands_desk import sees
from ..core.lifecycle import STATUSES, is_open
from ..core.policy import Agent, Policy
from ..core.types import Address
from . import people
from .db import Db, at, moment, moment_or_none
from .schema import Person, Ticket

_OPEN = Ticket.status.in_([status for status in STATUSES if is_open(status)])
_OURS = Ticket.status.in_(["new", "open"])  # it is our turn
_ASLEEP = Ticket.status == "postponed"
_first_due = Case(None, ((Ticket.first_response_at.is_null(), Ticket.first_response_due),))
_due: Any = Case(None, ((_OURS, fn.COALESCE(_first_due, Ticket.resolution_due)),))
_URGENT_FIRST = (Case(None, ((_OURS, 0),), 1), _due.is_null(), _due, Ticket.created_at, Ticket.id)
_SOON_FIRST = (Ticket.wakes_at.is_null(), Ticket.wakes_at, Ticket.id)
_FIELDS = (
    Ticket.id, Ticket.subject, Ticket.status, Ticket.customer, Ticket.agent, Ticket.created_at, _due, Ticket.wakes_at
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for lists, and when."""

    agent: Agent
    policy: Policy
    now: datetime


def listed(db: Db, orders: Iterable[Order], reader: Reader) -> dict[Order, Listed]:
    """By what orders it. No list has a ticket that its reader may not see."""
    return {order: _listed(db, order, reader) for order in dict.fromkeys(orders) if order.name == "list"}


def _listed(db: Db, order: Order, reader: Reader) -> Listed:
    which = _WHICH[order.text](db, order, reader)
    ordered = _SOON_FIRST if order.text == "postponed" else _URGENT_FIRST
    rows = db.rows(_rows(which, ordered))
    known = people.named(db, {one for row in rows for one in (row[3], row[4]) if one is not None})
    nobody = Address("")
    tickets = tuple(
        ListedTicket(
            number=row[0],
            subject=row[1],
            status=row[2],
            customer=known.get(row[3], nobody),
            agent=known.get(row[4], nobody).address,
            created_at=moment(row[5]),
            due=moment_or_none(row[6]),
            wakes_at=moment_or_none(row[7]),
        )
        for row in rows
    )
    if len(tickets) < LISTED:
        return Listed(tickets, len(tickets))
    counted = db.first(_count(which))
    return Listed(tickets, counted[0] if counted else 0)


def _rows(which: Any, ordered: Iterable[Any]) -> Any:
    return Ticket.select(*_FIELDS).where(which).order_by(*ordered).limit(LISTED)


def _count(which: Any) -> Any:
    return Ticket.select(fn.COUNT(Ticket.id)).where(which)


def _ids(db: Db, agents: Iterable[Agent]) -> list[int]:
    """What the agents are called in a ticket."""
    keys = sorted(key for agent in agents for key in agent.keys)
    return [row[0] for row in db.rows(Person.select(Person.id).where(Person.key.in_(keys)))]


def _seen(reader: Reader, names: Iterable[str] = ()) -> Any:
    """Tickets of these departments, else of all, as far as the reader may see them. Those of one that the config no
    longer has are the first one's."""
    wanted = set(names)
    seen = [name for name in sees(reader.agent, reader.policy) if not wanted or name in wanted]
    known = [one.name for one in reader.policy.departments]
    if known[0] in seen:
        return Ticket.department.not_in([name for name in known if name not in seen])
    return Ticket.department.in_(seen)


def _nobodys(db: Db, policy: Policy) -> Any:
    """Who is gone from the config has no tickets."""
    return Ticket.agent.is_null() | Ticket.agent.not_in(_ids(db, policy.agents))


_WHICH: Mapping[str, Callable[[Db, Order, Reader], Any]] = {
    "mine": lambda db, _order, reader: _OPEN & Ticket.agent.in_(_ids(db, [reader.agent])),
    "open": lambda _db, _order, reader: _OPEN & _seen(reader),
    "overdue": lambda _db, _order, reader: _OURS & (_due < at(reader.now)) & _seen(reader),
    "unassigned": lambda db, _order, reader: _OPEN & _nobodys(db, reader.policy) & _seen(reader),
    "postponed": lambda _db, _order, reader: _ASLEEP & _seen(reader),
    "department": lambda _db, order, reader: _OPEN & _seen(reader, order.more),
}
