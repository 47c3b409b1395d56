"""The mails to agents about tickets that become one."""

from __future__ import annotations

from collections.abc import Sequence

from .agent_letters import Facts, notice, reached
from .case import Case
from .known import TicketView
from .plan import Letter
from .policy import Agent
from .shown import beginning, reply_line, signed_by
from .subject import tag
from .types import Address


def came_in(
    case: Case, agent: Agent, ticket: TicketView, merged: TicketView, joined: Sequence[Address], *, by: Agent
) -> Letter:
    """To one agent of `ticket`: another one is part of it now. A reply is an answer, as one to a relay is."""
    policy = case.policy
    department = policy.department(ticket.department)
    free = not ticket.agent
    facts: Facts = {
        "by": by.name,
        "merged": tag(merged.id, policy),
        "text": beginning(case.context.request),
        "customer": {"name": merged.customer.name, "address": merged.customer.address},
        "joined": [{"name": one.name, "address": one.address} for one in joined],
        "reply_line": reply_line(reached(ticket, policy), signed_by(agent, department), free=free),
    }
    return Letter(
        template="merged",
        kind="relay",
        audience="agent",
        department=department.name,
        ticket=ticket.id,
        to=(agent.as_address,),
        subject=ticket.subject,
        due_at=case.now,
        facts=facts,
        from_name=f"{merged.customer.name or merged.customer.address} via {department.name}",
        thread=ticket.thread_of(agent.address),
        automatic="auto-generated",
    )


def went(case: Case, agent: Agent, merged: TicketView, ticket: TicketView, *, owner: Agent | None, by: Agent) -> Letter:
    """To the agent of a ticket that is part of another now, whose agent is the owner."""
    facts: Facts = {
        "by": by.name,
        "into": tag(ticket.id, case.policy),
        "owner": owner.name if owner else "",
        "customer": {"name": merged.customer.name, "address": merged.customer.address},
    }
    return notice(case.policy, agent, "notice-merged", facts, case.now, ticket=merged)
