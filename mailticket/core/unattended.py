"""Tickets whose agent is away: that a customer waits there is told to others, by what they write once a ticket as long
as that is so, and each time that it wakes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .agent_letters import notice
from .assign import Picked
from .case import Case
from .known import TicketView
from .match import reads_inside
from .plan import Letter, NewEvent
from .policy import Agent, Policy
from .shown import beginning, words_of
from .types import Address

OWNER_AWAY = "owner away"  # the event that says it is told


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket, with what its customer wrote last. `owner` is None where it is offered; `ticket` is None for one that
    is new."""

    number: int
    subject: str
    department: str
    customer: Address
    text: str
    owner: Agent | None
    ticket: TicketView | None = None


@dataclass(frozen=True, slots=True)
class Told:
    letters: tuple[Letter, ...] = ()
    events: tuple[NewEvent, ...] = ()


NOBODY = Told()


def of_new(case: Case, picked: Picked) -> Told:
    """Of the ticket that this mail opens."""
    if not picked.away or not case.is_person:
        return NOBODY
    text = words_of(case.mail, opens=True)
    new = Waiting(case.context.number, case.subject, case.department.name, case.sender, text, picked.agent)
    return told(case.policy, new, case.context.away, case.now, but=_writers(case))


def of_mail(case: Case, ticket: TicketView, letters: Iterable[Letter]) -> Told:
    """Of the ticket that this mail is in, of which nobody has heard so; `letters` are what others get of it anyway."""
    owner = case.policy.agent_of(ticket.agent) if ticket.agent else None
    away = case.context.away
    speaks = case.is_person and not case.spam and ticket.status != "spam"
    if owner is None or owner.address not in away or not speaks or ticket.id in case.context.told_away:
        return NOBODY
    know = {to.key for letter in letters for to in letter.to}
    waiting = of_ticket(ticket, owner, words_of(case.mail), case.policy)
    return told(case.policy, waiting, away, case.now, but=know | _writers(case))


def of_ticket(ticket: TicketView, owner: Agent | None, text: str, policy: Policy) -> Waiting:
    """`text` is the customer's side's last words."""
    customer = Address(ticket.customer.address, ticket.customer.name)
    name = policy.department(ticket.department).name
    return Waiting(ticket.id, ticket.subject, name, customer, text, owner, ticket)


def told(
    policy: Policy, waiting: Waiting, away: Mapping[str, datetime], now: datetime, *, but: Collection[str] = ()
) -> Told:
    """To who looks after it meanwhile, and that this is so. `but` are keys of addresses of those who know it."""
    letters = tuple(
        _letter(policy, waiting, to, away, now) for to in _there(policy, waiting, away) if not to.keys & set(but)
    )
    detail = {"agent": waiting.owner.as_address} if waiting.owner else {}
    return Told(letters, (NewEvent(OWNER_AWAY, "desk", waiting.number, detail),) if letters else ())


def _writers(case: Case) -> frozenset[str]:
    return case.agent.keys if case.agent else frozenset()


def _there(policy: Policy, waiting: Waiting, away: Mapping[str, datetime]) -> Sequence[Agent]:
    """The managers who are there, else who is there of the department, else the managers all the same."""
    managers = [one for one in policy.managers if _may_hear(one, waiting, policy)]
    colleagues = [one for one in policy.agents_of(waiting.department) if _may_hear(one, waiting, policy)]
    return _here(managers, away) or _here(colleagues, away) or managers


def _may_hear(agent: Agent, waiting: Waiting, policy: Policy) -> bool:
    """Not whose it is, and nobody who asks in it or takes part as a customer would."""
    reads = waiting.ticket is None or reads_inside(agent, waiting.ticket, policy)
    return reads and agent is not waiting.owner and waiting.customer.key not in agent.keys


def _here(agents: Iterable[Agent], away: Mapping[str, datetime]) -> list[Agent]:
    return [one for one in agents if one.address not in away]


def _letter(policy: Policy, waiting: Waiting, to: Agent, away: Mapping[str, datetime], now: datetime) -> Letter:
    owner = waiting.owner
    theirs = (away[one.address] for one in policy.agents_of(waiting.department) if one.address in away)
    facts: dict[str, object] = {
        "owner": owner.name if owner else "",
        "until": away[owner.address] if owner else min(theirs),
        "customer": {"name": waiting.customer.name, "address": waiting.customer.address},
        "text": beginning(waiting.text),
    }
    letter = notice(policy, to, "notice-owner-away", facts, now, ticket=waiting.ticket, subject=waiting.subject)
    return replace(letter, ticket=waiting.number, department=waiting.department)
