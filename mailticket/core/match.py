"""Which ticket a mail belongs to: the first rule that matches wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .keys import address_key
from .known import Context, SentMail, TicketView
from .plan import ANSWERED_BY_NOTES
from .policy import Agent, Policy
from .proof import Proof
from .types import Address


@dataclass(frozen=True, slots=True)
class Match:
    """`rule`: signed, reference, tag or new. `mentions` are tickets that the mail points at and its sender may
    not see. `foreign` is a reference that was made for an agent and came from somebody else; `answers` a mail of ours
    to the customer's side of a ticket in which the sender takes no part (any more). `barred`: it belongs to a ticket
    that its proved agent may not see."""

    rule: str
    ticket: TicketView | None = None
    signed: SentMail | None = None
    mentions: tuple[int, ...] = ()
    foreign: SentMail | None = None
    answers: SentMail | None = None
    barred: bool = False


def internal(signed: Iterable[SentMail]) -> tuple[SentMail, ...]:
    """The references that make a proved agent's mail a note: each note address that it names, and the mail that it
    answers where that showed a note, or a colleague's answer. They only hold words back, so they count wherever they
    stand, spent and unsigned ones, too."""
    about = [s for s in signed if s.ticket is not None and _for_agents(s)]
    answered = next((s for s in about if s.purpose != "note"), None)
    named = [s for s in about if s.purpose == "note"]
    return (*named, *([answered] if answered is not None and answered.template in ANSWERED_BY_NOTES else []))


def match(
    sender: Address | None,
    agent: Agent | None,
    proof: Proof | None,
    context: Context,
    policy: Policy,
    noted: tuple[SentMail, ...] = (),
) -> Match:
    """`agent` is who the From claims to be, None for anybody else; `proof` that it is so. `noted` are the `internal`
    references: a proved agent's mail that has some belongs to their ticket, whatever else it refers to; one that was
    made for a colleague chooses no ticket that the agent may not see."""
    if proof is not None and agent is not None:
        if noted:
            if not all(_is_theirs(agent, one, context, policy) for one in noted):
                return Match("new", barred=True)
            return Match("signed", context.tickets.get(noted[0].ticket or 0), noted[0])
        return _of_agent(agent, proof, context, policy)
    key = sender.key if sender else ""
    foreign = next((s for s in context.signed if _for_agents(s) and _is_foreign(s, key, agent, context)), None)
    signed = _signed(key, context)
    if signed is not None:
        return Match("signed", context.tickets[signed.ticket or 0], signed, foreign=foreign)
    shown = tuple(s.ticket for s in context.signed if s.ticket and _seen_outside(s))
    found = _pointed_at(shown, context, lambda ticket: may_see(key, ticket), foreign)
    return found if found.ticket or agent else replace(found, answers=_to_others(context))


def _of_agent(agent: Agent, proof: Proof, context: Context, policy: Policy) -> Match:
    """A proved agent's: any mark of ours threads, be it spent, the customer's or a colleague's. That one was told of a
    ticket says nothing of the one that it became a part of."""
    if proof.sent is not None:
        if not _is_theirs(agent, proof.sent, context, policy):
            return Match("new", barred=True)
        ticket = context.tickets.get(proof.sent.ticket) if proof.sent.ticket else None
        return Match("signed", ticket, proof.sent)
    marked = tuple(s.ticket for s in context.signed if s.ticket)
    return _pointed_at(marked, context, lambda ticket: serves(agent, ticket, policy), None)


def _is_theirs(agent: Agent, sent: SentMail, context: Context, policy: Policy) -> bool:
    """Was the mail made for this agent, and its ticket is no part of another one yet; or may they see the ticket?"""
    ticket = context.tickets.get(sent.ticket or 0)
    made_for = any(address_key(one) in agent.keys for one in sent.recipients)
    return (made_for and not sent.merged) or ticket is None or serves(agent, ticket, policy)


def _pointed_at(
    first: tuple[int, ...], context: Context, sees: Callable[[TicketView], bool], foreign: SentMail | None
) -> Match:
    for rule, numbers in (("reference", (*first, *context.referenced)), ("tag", context.tagged)):
        for number in numbers:
            if number in context.tickets and sees(context.tickets[number]):
                return Match(rule, context.tickets[number], foreign=foreign)
    return Match("new", mentions=mentions(context), foreign=foreign)


def _is_foreign(sent: SentMail, key: str, agent: Agent | None, context: Context) -> bool:
    """Is an agent's mark in other hands? One that is spent threads for who takes part, and says nothing of agents."""
    if not sent.spent:
        return True
    ticket = context.tickets.get(sent.ticket or 0)
    return agent is None and not (ticket and may_see(key, ticket))


def _for_agents(sent: SentMail) -> bool:
    """Was the mark made for an agent to answer by?"""
    return sent.audience == "agent" and sent.purpose != "bounce"


def _seen_outside(sent: SentMail) -> bool:
    """Is it in the customer's side's hands? Who takes part may answer what another of them got."""
    return sent.purpose != "bounce" and (sent.audience == "customer" or (sent.audience == "agent" and sent.spent))


def _signed(key: str, context: Context) -> SentMail | None:
    """Who was taken out of the ticket still has the mails, and nothing follows from that."""
    for sent in context.signed:
        to_them = sent.audience == "customer" and key in {address_key(r) for r in sent.recipients}
        ticket = context.tickets.get(sent.ticket or 0)
        if to_them and ticket is not None and may_see(key, ticket):
            return sent
    return None


def _to_others(context: Context) -> SentMail | None:
    theirs = (s for s in context.signed if s.audience == "customer" and s.purpose != "bounce")
    return next((s for s in theirs if s.ticket in context.tickets), None)


def mentions(context: Context) -> tuple[int, ...]:
    """The tickets that a mail points at, however it does."""
    signed = (s.ticket for s in context.signed if s.ticket is not None and s.ticket in context.tickets)
    return tuple(dict.fromkeys((*signed, *context.referenced, *context.tagged)))


def may_see(key: str, ticket: TicketView) -> bool:
    """Is the address of this key a participant?"""
    return bool(key) and key in {p.key for p in ticket.participants}


def serves(agent: Agent, ticket: TicketView, policy: Policy) -> bool:
    """May this agent see the ticket: it is of their department, or theirs, or their own request, or they see all."""
    takes_part = any(may_see(key, ticket) for key in agent.keys)
    return takes_part or handles(agent, ticket.department, ticket.agent, policy)


def handles(agent: Agent, department: str, owner: str, policy: Policy) -> bool:
    """Are tickets of that department, or that owner's, for this agent?"""
    of_department = policy.department(department).name in agent.departments
    return of_department or address_key(owner) in agent.keys or agent in policy.managers


def reads_inside(agent: Agent, ticket: TicketView, policy: Policy) -> bool:
    """May this agent read what is said of the ticket inside? Not who asks in it, or takes part as a customer would."""
    takes_part = address_key(ticket.customer.address) in agent.keys or any(may_see(key, ticket) for key in agent.keys)
    return serves(agent, ticket, policy) and not takes_part


def outsiders(addresses: tuple[Address, ...], policy: Policy) -> tuple[Address, ...]:
    """Those addresses that are neither the desk's own nor an agent's, each once."""
    kept: dict[str, Address] = {}
    for address in addresses:
        if policy.department_of(address.address) is None and policy.agent_of(address.address) is None:
            kept.setdefault(address.key, address)
    return tuple(kept.values())
