"""Whose a ticket becomes: by #take and #assign, by the first answer, and when its agent has left the config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from . import agent_letters as letters
from .assign import picked
from .case import Case
from .command import Acting, CommandError, Effect, Order
from .known import AgentLoad, SentMail, TicketView
from .match import serves
from .plan import NewEvent, Plan, TicketChange
from .policy import Agent, Policy
from .subject import tag
from .types import Address
from .unattended import NOBODY, of_ticket, told
from .wording import count
from .wording import until as in_words

ANSWERED_BY_REPLY = ("assignment", "relay")


def given(order: Order, acting: Acting) -> Effect:
    """What follows from #take and #assign.

    Only who has it, or is offered it, gets an assignment or a relay. So #take in a reply to one, when the ticket is a
    colleague's, was written in ignorance of that: it must not take away what somebody has begun. #assign me does.
    """
    case, agent, ticket = acting.case, acting.agent, acting.ticket
    before, name = owner_of(ticket, case.policy), tag(ticket.id, case.policy)
    to = agent if order.myself else order.agent
    if order.myself and before is not agent:
        department = case.policy.department(ticket.department)
        if department.name not in agent.departments and agent not in case.policy.managers:
            raise CommandError(f"you do not work for {department.name}; one who does can #assign it to you")
        if order.name == "take" and before and _by_reply(case):
            raise CommandError(f"{name} is {before.name}'s by now", "#assign me")
    if to is before:
        whose = "yours" if to is agent else f"assigned to {to.name if to else 'nobody'}"
        return Effect(ticket, idle=(f"{name} is {whose} already",))
    return moved(acting, to, ordered=True, mailed=order.name == "next")


def next_given(order: Order, acting: Acting) -> Effect:
    """What follows from #next, in the ticket that was found for it: as from #take, and how many others there are."""
    effect, pages = given(order, acting), acting.case.context.pages
    others = pages.waiting.others if pages and pages.waiting else 0
    waits = f"{count(others, 'other')} like it {'waits' if others == 1 else 'wait'} for somebody"
    return replace(effect, tells=(*effect.tells, *([f"{waits}: #next takes the next one"] if others else [])))


def owner_of(ticket: TicketView, policy: Policy) -> Agent | None:
    """Who is gone from the config has no tickets."""
    return policy.agent_of(ticket.agent) if ticket.agent else None


def _by_reply(case: Case) -> bool:
    sent: SentMail | None = case.proof.sent if case.proof else None
    return sent is not None and sent.audience == "agent" and sent.kind in ANSWERED_BY_REPLY


def moved(
    acting: Acting, to: Agent | None, *, ordered: bool = False, escalated: bool = False, mailed: bool = False
) -> Effect:
    """The ticket becomes another agent's, or nobody's; without an order by an answer to what was nobody's. `mailed`:
    whoever gets it has asked for the mail, though they may have had one."""
    case, agent, ticket = acting.case, acting.agent, acting.ticket
    policy, now = case.policy, case.now
    event = case.event("unassigned", ticket.id)
    if to is not None:
        outside = policy.department(ticket.department).name not in to.departments
        said = {"outside": outside, "away": to is not agent and to.address in case.context.away}
        event = case.event("assigned", ticket.id, agent=to.as_address, **{name: True for name in said if said[name]})
    # A reply to a mail that gave the ticket is an answer, so whoever gets it must have had one.
    gives = to is not None and (mailed or to is not agent or (ordered and to not in offered_to(ticket, policy)))
    heirs = (to,) if to is not None and gives else ()
    request = case.context.request
    written = [letters.handover(policy, ticket, one, request, now, by=agent.name, escalated=escalated) for one in heirs]
    losers = [one for one in losers_of(ticket, policy, nobody=to is None) if one is not agent and one is not to]
    written += [letters.moved(policy, ticket, one, now, owner=to, by=agent) for one in losers]
    whose = "yours" if to is agent else f"assigned to {to.name if to else 'nobody'}"
    return Effect(
        ticket=replace(ticket, agent=to.address if to else ""),
        set={"agent": to.address if to else ""},
        events=(event,),
        letters=tuple(written),
        lines=(f"{tag(ticket.id, policy)} is {whose} now",),
        tells=_away(acting, to) if to is not None and to is not agent else (),
    )


def _away(acting: Acting, to: Agent) -> tuple[str, ...]:
    """That who gets it is away, to who gave it."""
    until = acting.case.context.away.get(to.address)
    zone = acting.case.policy.department(acting.ticket.department).zone
    return (f"{to.name} is away {in_words(until, zone)}",) if until else ()


def losers_of(ticket: TicketView, policy: Policy, *, nobody: bool) -> tuple[Agent, ...]:
    """Who must know that the ticket is not theirs: its agent, or all whom it was offered. The managers look after
    what is nobody's."""
    owner = owner_of(ticket, policy)
    had_it = (owner,) if owner else offered_to(ticket, policy)
    return tuple(dict.fromkeys((*had_it, *(policy.managers if nobody else ()))))


def offered_to(ticket: TicketView, policy: Policy) -> tuple[Agent, ...]:
    found = (policy.agent_of(address) for address in ticket.offered)
    return tuple(dict.fromkeys(agent for agent in found if agent is not None))


def may_take(ticket: TicketView, policy: Policy) -> tuple[Agent, ...]:
    """Whom it was offered, and who may still see it: it may be another department's since."""
    return tuple(one for one in offered_to(ticket, policy) if serves(one, ticket, policy))


def reassigned(
    policy: Policy,
    ticket: TicketView,
    loads: Sequence[AgentLoad],
    request: str,
    *,
    seed: int,
    now: datetime,
    away: Mapping[str, datetime],
) -> Plan:
    """The ticket of an agent who has left the config goes where a new one would. `loads` may be those of all agents;
    `request` is the customer's side's last words, `seed` is `assign.seed_of` this work's cause."""
    department = policy.department(ticket.department)
    choice = picked(policy, department, loads, seed=seed, away=away)
    to = choice.agent
    gone = NewEvent("agent left", "desk", ticket.id, {"agent": Address(ticket.agent)})
    kind = "assigned" if to else "offered"
    heirs = (to,) if to else choice.offered
    events = [NewEvent(kind, "desk", ticket.id, {"agent": one.as_address} | choice.chosen) for one in heirs]
    written = [letters.handover(policy, ticket, one, request, now, offered=choice.offered) for one in heirs]
    if not heirs:
        events.append(NewEvent("unassigned", "desk", ticket.id))
        written += [letters.moved(policy, ticket, manager, now, owner=None, by=None) for manager in policy.managers]
    waits = NOBODY
    if choice.away:
        waits = told(policy, of_ticket(ticket, to, request, policy), away, now, but={k for h in heirs for k in h.keys})
    return Plan(
        ticket=ticket.id,
        changes=(TicketChange(ticket.id, set={"agent": to.address if to else ""}),),
        events=(gone, *events, *waits.events),
        letters=(*written, *waits.letters),
    )
