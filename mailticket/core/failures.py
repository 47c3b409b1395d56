"""What follows when a mail of ours could not be delivered: an event, and a notice to the ticket's agent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from . import letters
from .policy import Policy
from .retry import RecipientState
from .types import NewEvent, Plan, TicketView


def undelivered(
    policy: Policy,
    ticket: TicketView,
    *,
    outbox_id: int,
    kind: str,
    audience: str,
    subject: str,
    failed: Sequence[RecipientState],
    written_at: datetime,
    now: datetime,
) -> Plan:
    """The plan for recipients that a mail has just failed for. A mail to an agent makes an event only: a notice
    about it would go the same way."""
    codes = [(r.last_reply or "")[:3] for r in failed]
    event = NewEvent("undelivered", "desk", ticket.id, {"outbox": outbox_id, "replies": codes})
    agent = policy.agent_of(ticket.agent) if ticket.agent else None
    if agent is None or audience == "agent":
        return Plan(events=(event,))
    letter = letters.failed_delivery(
        policy, ticket, agent, kind=kind, subject=subject, failed=failed, written_at=written_at, now=now
    )
    return Plan(events=(event,), letters=(letter,))
