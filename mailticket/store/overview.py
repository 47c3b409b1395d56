"""How the desk is, counted for an agent's mail that asks: their departments' tickets, and for managers what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from peewee import Case, fn

from ..core.commands_desk import sees
from ..core.lifecycle import STATUSES, is_open
from ..core.overview import Box, Counted, Inside, Overview, Queue
from . import lists, mailbox_alarms, people
from .db import Db, moment_or_none
from .lists import Reader
from .schema import Inbox, Outbox, Ticket

_NOT_OVER = [status for status in STATUSES if is_open(status) or status == "resolved"]


def overview(db: Db, reader: Reader) -> Overview:
    policy = reader.policy
    seen = sees(reader.agent, policy)
    return Overview(
        departments=_departments(db, reader, seen),
        agents=_agents(db, reader, seen),
        inside=_inside(db, reader) if reader.agent in policy.managers else None,
    )


def _departments(db: Db, reader: Reader, seen: Iterable[str]) -> dict[str, Counted]:
    one = fn.COUNT(Ticket.id)
    late, free = (_how_many(which) for which in (lists.overdue(reader), lists.nobodys(db, reader.policy)))
    here = Ticket.status.in_(_NOT_OVER) & lists.seen(reader)
    query = Ticket.select(Ticket.department, Ticket.status, one, late, free).where(here)
    found: dict[str, list[Any]] = {name: [Counter(), 0, 0] for name in seen}
    for department, status, count, overdue, nobodys in db.rows(query.group_by(Ticket.department, Ticket.status)):
        counted = found[reader.policy.department(department).name]  # what the config has no longer is the first one's
        counted[0][status] += count
        counted[1] += overdue
        counted[2] += nobodys
    return {name: Counted(by_status, overdue, nobodys) for name, (by_status, overdue, nobodys) in found.items()}


def _how_many(which: Any) -> Any:
    return fn.SUM(Case(None, ((which, 1),), 0))


def _agents(db: Db, reader: Reader, seen: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Of who serves these departments, and of whoever else has tickets there."""
    policy, departments = reader.policy, set(seen)
    query = Ticket.select(Ticket.agent, fn.COUNT(Ticket.id)).where(lists.OPEN & lists.seen(reader))
    rows = [row for row in db.rows(query.group_by(Ticket.agent)) if row[0] is not None]
    known = people.named(db, {row[0] for row in rows})
    found = {agent.address: 0 for agent in policy.agents if departments & set(agent.departments)}
    for person, count in rows:
        if agent := policy.agent_of(known[person].address):
            found[agent.address] = found.get(agent.address, 0) + count
    return tuple((agent.name, count) for address, count in found.items() if (agent := policy.agent_of(address)))


def _inside(db: Db, reader: Reader) -> Inside:
    boxes = []
    for name in reader.mailboxes:
        box = mailbox_alarms.standing(db, name)
        boxes.append(Box(name, box.state, box.since, box.last_mail_at, box.last_error))
    return Inside(
        inbox=_queue(db, Inbox, "quarantined", Inbox.received_at, Inbox.id != reader.row),
        outbox=_queue(db, Outbox, "failed", Outbox.due_at, Outbox.id.is_null(False)),
        mailboxes=tuple(boxes),
    )


def _queue(db: Db, table: Any, stopped: str, since: Any, which: Any) -> Queue:
    here = table.state.in_(["queued", stopped]) & which
    counted = dict(db.rows(table.select(table.state, fn.COUNT(table.id)).where(here).group_by(table.state)))
    first = db.first(table.select(fn.MIN(since)).where((table.state == "queued") & which))
    return Queue(counted.get("queued", 0), counted.get(stopped, 0), moment_or_none(first[0]) if first else None)
