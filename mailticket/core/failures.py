"""What follows when a mail of ours could not be delivered: an event, and a notice to the ticket's agent."""

from __future__ import annotations

from datetime import datetime

from . import letters
from .letters import Failure
from .policy import Policy
from .types import NewEvent, Plan, TicketView


def undelivered(policy: Policy, ticket: TicketView, failure: Failure, now: datetime) -> Plan:
    """The agent of a customer's mail is told, and an agent whom an assignment or a relay did not reach, without what
    it had attached; a notice makes an event only."""
    codes = [(r.last_reply or "")[:3] for r in failure.failed]
    event = NewEvent("undelivered", "desk", ticket.id, {"outbox": failure.outbox_id, "replies": codes})
    to_agent = failure.audience == "agent"
    agent = policy.agent_of(failure.failed[0].address if to_agent else ticket.agent)
    if agent is None or (to_agent and failure.kind == "notice"):
        return Plan(events=(event,))
    write = letters.failed_to_agent if to_agent else letters.failed_delivery
    return Plan(events=(event,), letters=(write(policy, ticket, agent, failure, now),))
