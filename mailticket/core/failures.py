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
    """The plan for recipients that a mail has just failed for. The agent of a customer's mail is told, and an agent
    whom an assignment or a relay did not reach, without what it had attached; a notice makes an event only."""
    codes = [(r.last_reply or "")[:3] for r in failed]
    event = NewEvent("undelivered", "desk", ticket.id, {"outbox": outbox_id, "replies": codes})
    to_agent = audience == "agent"
    agent = policy.agent_of(failed[0].address if to_agent else ticket.agent)
    if agent is None or (to_agent and kind == "notice"):
        return Plan(events=(event,))
    write = letters.failed_to_agent if to_agent else letters.failed_delivery
    letter = write(policy, ticket, agent, kind=kind, subject=subject, failed=failed, written_at=written_at, now=now)
    return Plan(events=(event,), letters=(letter,))
