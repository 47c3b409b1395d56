"""Who is away, until when, and what was said of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from ..core import known
from ..core.asked import Listed
from ..core.command import Order
from ..core.known import TicketView
from ..core.policy import Agent, Policy
from ..core.unattended import OWNER_AWAY
from . import lists, people
from .db import Compiled, Db, Slot, at, at_or_none, insert, moment, moment_or_none
from .schema import Event
from .schema_absence import Absence

REMEMBERED = 20  # of what was said of an agent

_insert = insert(Absence, leave_out=("id",))
_newest = Compiled(
    lambda: (
        Absence.select(Absence.agent, Absence.until, Absence.since)
        .where(Absence.id.in_(Absence.select(fn.MAX(Absence.id)).group_by(Absence.agent)))
        .order_by(Absence.id)
    )
)
_told = Compiled(
    lambda: (
        Event.select(Event.id)
        .where((Event.ticket == Slot("ticket")) & (Event.kind == OWNER_AWAY) & (Event.at >= Slot("since")))
        .where(fn.JSON_EXTRACT(Event.detail, "$.agent") == Slot("owner"))
        .limit(1)
    )
)


@dataclass(frozen=True, slots=True)
class Away:
    until: datetime
    since: datetime


def away(db: Db, policy: Policy, now: datetime) -> dict[str, Away]:
    """Who is away now, by the agent's (main) address, in the config's order; nobody whom the config does not have."""
    said: dict[str, tuple[int | None, int]] = {}
    for key, until, since in _newest(db).fetchall():
        if agent := policy.agent_of(key):  # who has written from an alias since
            said[agent.address] = (until, since)
    found = ((agent.address, said[agent.address]) for agent in policy.agents if agent.address in said)
    return {
        address: Away(moment(until), moment(since))
        for address, (until, since) in found
        if until is not None and until > at(now)
    }


def told(db: Db, tickets: Iterable[TicketView], away: Mapping[str, Away], policy: Policy) -> frozenset[int]:
    """Those of these tickets of which others have heard, since their present agent went, that this one is away."""
    found = set()
    for ticket in tickets if away else ():
        owner = policy.agent_of(ticket.agent) if ticket.agent else None
        gone = away.get(owner.address) if owner else None
        who = people.find(db, owner.address) if owner and gone else None
        if gone and who and _told(db, ticket=ticket.id, since=at(gone.since), owner=who.id).fetchone() is not None:
            found.add(ticket.id)
    return frozenset(found)


def said(db: Db, agent: Agent) -> tuple[known.Absence, ...]:
    """What was said of an agent lately, newest first."""
    fields = (Absence.agent, Absence.until, Absence.by, Absence.at, Absence.machine)
    query = Absence.select(*fields).where(Absence.agent.in_(sorted(agent.keys)))
    rows = db.rows(query.order_by(Absence.id.desc()).limit(REMEMBERED))
    return tuple(known.Absence(r[0], moment_or_none(r[1]), r[2], moment(r[3]), bool(r[4])) for r in rows)


def leaves(db: Db, agents: Iterable[Agent], policy: Policy, now: datetime) -> dict[str, Listed]:
    """The open tickets of those who go, by their addresses, the most urgent first."""
    mine = Order("list", text="mine")
    return {one.address: lists.listed(db, [mine], lists.Reader(one, policy, now))[mine] for one in agents}


def write(db: Db, absences: Iterable[known.Absence], now: datetime, inbox: int | None) -> None:
    """Inside the caller's transaction."""
    for one in absences:
        row = db.first(
            Absence.select(Absence.until, Absence.since).where(Absence.agent == one.agent).order_by(Absence.id.desc())
        )
        goes_on = row is not None and row[0] is not None and row[0] > at(now)
        _insert(
            db,
            agent=one.agent,
            until=at_or_none(one.until),
            since=row[1] if row is not None and goes_on else at(now),
            at=at(one.at),
            by=one.by,
            machine=one.machine,
            inbox=inbox,
        )


def forget(db: Db, policy: Policy) -> None:
    """Nothing is known of who is gone from the config."""
    here = [key for agent in policy.agents for key in agent.keys]
    db.run(Absence.delete().where(Absence.agent.not_in(here)))
