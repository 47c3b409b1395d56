"""The lists of tickets that an agent asks for by mail: the first rows of each, and how many it has; and what waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import Case, fn

from ..core.asked import LISTED, Listed, ListedTicket, Waiting
from ..core.command import Order
from ..core.commands_desk import sees
from ..core.lifecycle import STATUSES, is_open
from ..core.policy import PRIORITIES, Agent, Policy
from ..core.types import Address
from . import people, tickets
from .db import Db, at, moment, moment_or_none
from .schema import Participant, Person, Ticket

OPEN = Ticket.status.in_([status for status in STATUSES if is_open(status)])
_OURS = Ticket.status.in_(["new", "open"])  # it is our turn
_ASLEEP = Ticket.status == "postponed"
_first_due = Case(None, ((Ticket.first_response_at.is_null(), Ticket.first_response_due),))
_due: Any = Case(None, ((_OURS, fn.COALESCE(_first_due, Ticket.resolution_due)),))
_rank = Case(Ticket.priority, [(name, -place) for place, name in enumerate(PRIORITIES)], 0)
_URGENT_FIRST = (Case(None, ((_OURS, 0),), 1), _due.is_null(), _due, _rank, Ticket.created_at, Ticket.id)
_SOON_FIRST = (Ticket.wakes_at.is_null(), Ticket.wakes_at, Ticket.id)
_FIELDS = (
    Ticket.id, Ticket.subject, Ticket.status, Ticket.customer, Ticket.agent, Ticket.created_at, _due, Ticket.wakes_at
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for lists, when, and by which mail of the inbox. `mailboxes` are the names of those that are read,
    `found` is what was found for that mail before; None where that is still to be looked for."""

    agent: Agent
    policy: Policy
    now: datetime
    row: int = 0
    mailboxes: tuple[str, ...] = ()
    found: Mapping[Order, Listed] | None = None


def listed(db: Db, orders: Iterable[Order], reader: Reader) -> dict[Order, Listed]:
    """By what orders it. No list has a ticket that its reader may not see."""
    return {order: _listed(db, order, reader) for order in dict.fromkeys(orders) if order.name == "list"}


def _listed(db: Db, order: Order, reader: Reader) -> Listed:
    ordered = _SOON_FIRST if order.text == "postponed" else _URGENT_FIRST
    return _first(db, _WHICH[order.text](db, order, reader), ordered, LISTED)


def waiting(db: Db, reader: Reader, but: Collection[int] = ()) -> Waiting:
    """For what the agent may take: nobody's tickets of their departments, `but` these, and no request of their own."""
    ids = _ids(db, [reader.agent])
    free = _OURS & nobodys(db, reader.policy) & seen(reader) & ~_asked_by(ids) & Ticket.id.not_in(sorted(but))
    found = db.first(Ticket.select(Ticket.id).where(free).order_by(*_URGENT_FIRST))
    if found is None:
        return Waiting(own=_first(db, _OURS & Ticket.agent.in_(ids), _URGENT_FIRST, 1))
    number = int(found[0])
    return Waiting(tickets.view(db, number), tickets.request(db, number), _count(db, free) - 1)


def _asked_by(ids: list[int]) -> Any:
    """Tickets that these people take part in as a customer does."""
    theirs = Participant.select(Participant.ticket).where(Participant.person.in_(ids))
    return Ticket.customer.in_(ids) | Ticket.id.in_(theirs)


def unowned(db: Db, policy: Policy, patience: Mapping[str, datetime | None], now: datetime) -> Listed:
    """Tickets that wait for us and are nobody's, of these departments: all of them, or, where a time is given, those
    that are overdue or came before it."""
    late = _due < at(now)
    theirs = [
        in_departments([name], policy)
        if since is None
        else in_departments([name], policy) & (late | (Ticket.created_at < at(since)))
        for name, since in patience.items()
    ]
    which = _OURS & nobodys(db, policy) & reduce(or_, theirs)
    return _first(db, which, _URGENT_FIRST, LISTED)


def _first(db: Db, which: Any, ordered: Iterable[Any], most: int) -> Listed:
    found = _tickets(db, Ticket.select(*_FIELDS).where(which).order_by(*ordered).limit(most))
    return Listed(found, len(found) if len(found) < most else _count(db, which))


def these(db: Db, numbers: Iterable[int], among: Any) -> dict[int, ListedTicket]:
    """Those tickets, by their numbers, as far as the condition `among` holds for them."""
    found = _tickets(db, Ticket.select(*_FIELDS).where(Ticket.id.in_(list(numbers)) & among))
    return {one.number: one for one in found}


def oldest(db: Db, reader: Reader) -> Listed:
    """What has waited for the desk's answer the longest."""
    return _first(db, _OURS & seen(reader), (Ticket.created_at, Ticket.id), 1)


def readable(db: Db, reader: Reader) -> Any:
    """Tickets of which the reader may know all that is said: of their departments, or theirs, but no request of their
    own. One that is a part of another is none any more."""
    ids = _ids(db, [reader.agent])
    return (seen(reader) | Ticket.agent.in_(ids)) & ~_asked_by(ids) & Ticket.merged_into.is_null()


def _tickets(db: Db, query: Any) -> tuple[ListedTicket, ...]:
    rows = db.rows(query)
    known = people.named(db, {one for row in rows for one in (row[3], row[4]) if one is not None})
    nobody = Address("")
    return tuple(
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


def _count(db: Db, which: Any) -> int:
    row = db.first(Ticket.select(fn.COUNT(Ticket.id)).where(which))
    return int(row[0]) if row else 0


def _ids(db: Db, agents: Iterable[Agent]) -> list[int]:
    """What the agents are called in a ticket."""
    keys = sorted(key for agent in agents for key in agent.keys)
    return [row[0] for row in db.rows(Person.select(Person.id).where(Person.key.in_(keys)))]


def seen(reader: Reader, names: Iterable[str] = ()) -> Any:
    """Tickets of these departments, else of all, as far as the reader may see them. Those of one that the config no
    longer has are the first one's."""
    wanted = set(names)
    return in_departments(
        [name for name in sees(reader.agent, reader.policy) if not wanted or name in wanted], reader.policy
    )


def in_departments(names: Sequence[str], policy: Policy) -> Any:
    """Tickets of these."""
    known = [one.name for one in policy.departments]
    if known[0] in names:
        return Ticket.department.not_in([name for name in known if name not in names])
    return Ticket.department.in_(names)


def overdue(reader: Reader) -> Any:
    return _OURS & (_due < at(reader.now))


def nobodys(db: Db, policy: Policy) -> Any:
    """Who is gone from the config has no tickets."""
    return OPEN & (Ticket.agent.is_null() | Ticket.agent.not_in(_ids(db, policy.agents)))


_WHICH: Mapping[str, Callable[[Db, Order, Reader], Any]] = {
    "mine": lambda db, _order, reader: OPEN & Ticket.agent.in_(_ids(db, [reader.agent])),
    "open": lambda _db, _order, reader: OPEN & seen(reader),
    "overdue": lambda _db, _order, reader: overdue(reader) & seen(reader),
    "unassigned": lambda db, _order, reader: nobodys(db, reader.policy) & seen(reader),
    "postponed": lambda _db, _order, reader: _ASLEEP & seen(reader),
    "department": lambda _db, order, reader: OPEN & seen(reader, order.more),
}
