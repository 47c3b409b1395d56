"""A ticket that was postponed is open again when its time has come, and its agent is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from . import agent_letters as letters
from .handover import may_take, owner_of
from .known import TicketView
from .lifecycle import next_status
from .plan import NewEvent, Plan, TicketChange
from .policy import Policy
from .unattended import NOBODY, of_ticket
from .unattended import told as told_of


def woken(policy: Policy, ticket: TicketView, request: str, now: datetime, away: Mapping[str, datetime]) -> Plan | None:
    """None where it is not asleep. Of what is nobody's those hear to whom it was offered, else the managers; of what is
    somebody's who is away, who looks after it meanwhile, too."""
    after = next_status(ticket.status, "wake")
    if after is None:
        return None
    owner = owner_of(ticket, policy)
    told = (owner,) if owner else may_take(ticket, policy) or policy.managers
    gone = owner is not None and owner.address in away
    others = told_of(policy, of_ticket(ticket, owner, request, policy), away, now) if gone else NOBODY
    return Plan(
        ticket=ticket.id,
        changes=(TicketChange(ticket.id, set={"status": after, "wakes_at": None}),),
        events=(NewEvent("status", "desk", ticket.id, {"before": ticket.status, "after": after}), *others.events),
        letters=(*(letters.woken(policy, ticket, agent, request, now) for agent in told), *others.letters),
    )
