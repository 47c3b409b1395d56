"""Whose a ticket becomes: by #take and #assign, by the first answer, and when its agent has left the config."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from . import agent_letters as letters
from .assign import picked
from .case import Case
from .commands import Mistake, Order
from .known import AgentLoad, SentMail, TicketView
from .plan import Letter, NewEvent, Plan, TicketChange
from .policy import Agent, Policy
from .subject import tag
from .types import Address

GIVING = ("take", "assign")
ANSWERED_BY_REPLY = ("assignment", "relay")
TWICE = Mistake("#assign", "a mail can give a ticket to one agent only", "")


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket's way from one agent to the next; `to` is None for nobody. `changes` is False where it stays, `lines`
    is what its orderer is told."""

    to: Agent | None
    changes: bool = True
    events: tuple[NewEvent, ...] = ()
    letters: tuple[Letter, ...] = ()
    lines: tuple[str, ...] = ()


def impossible(case: Case, agent: Agent, ticket: TicketView, orders: Iterable[Order]) -> tuple[Mistake, ...]:
    """Why the ticket cannot go where these orders want it.

    Only who has it, or is offered it, gets an assignment or a relay. So #take in a reply to one, when the ticket is a
    colleague's, was written in ignorance of that: it must not take away what somebody has begun. #assign me does.
    """
    wanted = [order for order in orders if order.name in GIVING]
    if len(wanted) > 1:
        return (TWICE,)
    if not wanted or not wanted[0].myself:
        return ()
    order, owner = wanted[0], owner_of(ticket, case.policy)
    if owner is agent:
        return ()
    department = case.policy.department(ticket.department)
    if department.name not in agent.departments and agent not in case.policy.managers:
        who = f"you do not work for {department.name}; one who does can #assign it to you"
        return (Mistake(f"#{order.name}", who, ""),)
    if order.name == "take" and owner and _by_reply(case):
        return (Mistake("#take", f"{tag(ticket.id, case.policy)} is {owner.name}'s by now", "#assign me"),)
    return ()


def move(case: Case, agent: Agent, ticket: TicketView, orders: Sequence[Order], *, answered: bool) -> Move | None:
    """What follows of possible orders; and an answer in a ticket that is nobody's takes it. None for nothing."""
    order = next((one for one in orders if one.name in GIVING), None)
    before = owner_of(ticket, case.policy)
    if order is None:
        return _moved(case, agent, ticket, agent) if answered and before is None else None
    to = agent if order.myself else order.agent
    name = tag(ticket.id, case.policy)
    if to is before:
        whose = "yours" if to is agent else f"assigned to {to.name if to else 'nobody'}"
        return Move(to, changes=False, lines=(f"{name} is {whose} already",))
    return _moved(case, agent, ticket, to, ordered=True)


def owner_of(ticket: TicketView, policy: Policy) -> Agent | None:
    """Who is gone from the config has no tickets."""
    return policy.agent_of(ticket.agent) if ticket.agent else None


def _by_reply(case: Case) -> bool:
    sent: SentMail | None = case.proof.sent if case.proof else None
    return sent is not None and sent.audience == "agent" and sent.kind in ANSWERED_BY_REPLY


def _moved(case: Case, agent: Agent, ticket: TicketView, to: Agent | None, *, ordered: bool = False) -> Move:
    policy, now = case.policy, case.now
    event = case.event("unassigned", ticket.id)
    if to is not None:
        outside = policy.department(ticket.department).name not in to.departments
        event = case.event("assigned", ticket.id, agent=to.as_address, **({"outside": True} if outside else {}))
    # A reply to a mail that gave the ticket is an answer, so whoever gets it must have had one.
    gives = to is not None and (to is not agent or (ordered and to not in _offered(ticket, policy)))
    heirs = (to,) if to is not None and gives else ()
    written = [letters.handover(policy, ticket, one, case.context.request, now, by=agent.name) for one in heirs]
    losers = [one for one in _losers(ticket, policy, nobody=to is None) if one is not agent and one is not to]
    written += [letters.moved(policy, ticket, one, now, owner=to, by=agent) for one in losers]
    whose = "yours" if to is agent else f"assigned to {to.name if to else 'nobody'}"
    told = to is agent and (gives or not ordered)  # by the handover, or by the mail that is answered
    lines = () if told else (f"{tag(ticket.id, policy)} is {whose} now",)
    return Move(to, events=(event,), letters=tuple(written), lines=lines)


def _losers(ticket: TicketView, policy: Policy, *, nobody: bool) -> tuple[Agent, ...]:
    """Who must know that the ticket is not theirs: its agent, or all whom it was offered. The managers look after
    what is nobody's."""
    owner = owner_of(ticket, policy)
    had_it = (owner,) if owner else _offered(ticket, policy)
    return tuple(dict.fromkeys((*had_it, *(policy.managers if nobody else ()))))


def _offered(ticket: TicketView, policy: Policy) -> tuple[Agent, ...]:
    found = (policy.agent_of(address) for address in ticket.offered)
    return tuple(dict.fromkeys(agent for agent in found if agent is not None))


def reassigned(
    policy: Policy, ticket: TicketView, loads: Sequence[AgentLoad], request: str, *, seed: int, now: datetime
) -> Plan:
    """The ticket of an agent who has left the config goes where a new one would. `loads` may be those of all agents;
    `request` is the customer's side's last words, `seed` is `assign.seed_of` this work's cause."""
    department = policy.department(ticket.department)
    choice = picked(policy, department, loads, seed=seed)
    to = choice.agent
    gone = NewEvent("agent left", "desk", ticket.id, {"agent": Address(ticket.agent)})
    kind = "assigned" if to else "offered"
    heirs = (to,) if to else choice.offered
    events = [NewEvent(kind, "desk", ticket.id, {"agent": one.as_address} | choice.chosen) for one in heirs]
    written = [letters.handover(policy, ticket, one, request, now, offered=choice.offered) for one in heirs]
    if not heirs:
        events.append(NewEvent("unassigned", "desk", ticket.id))
        written += [letters.moved(policy, ticket, manager, now, owner=None, by=None) for manager in policy.managers]
    return Plan(
        ticket=ticket.id,
        changes=(TicketChange(ticket.id, set={"agent": to.address if to else ""}),),
        events=(gone, *events),
        letters=tuple(written),
    )
