"""Which ticket a mail belongs to: the first rule that matches wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .keys import address_key
from .policy import Agent, Policy
from .types import Address, Context, SentMail, TicketView


@dataclass(frozen=True, slots=True)
class Match:
    """`rule`: signed, reference, tag or new. `mentions` are tickets that the mail points at and its sender may
    not see. `foreign` is a reference that was made for an agent and came from somebody else."""

    rule: str
    ticket: TicketView | None = None
    signed: SentMail | None = None
    mentions: tuple[int, ...] = ()
    foreign: SentMail | None = None


def proof(sender: Address | None, agent: Agent | None, context: Context) -> SentMail | None:
    """The signed reference that we sent to this agent alone, if the mail bears one that is not spent."""
    return proving(agent, context.signed) if sender else None


def proving(agent: Agent | None, signed: Iterable[SentMail]) -> SentMail | None:
    """The first of these references that proves this agent."""
    keys = agent.keys if agent else frozenset()
    for sent in signed:
        to_one = _for_agents(sent) and not sent.spent and len(sent.recipients) == 1
        if to_one and address_key(sent.recipients[0]) in keys:
            return sent
    return None


def _for_agents(sent: SentMail) -> bool:
    """Was the mark made for an agent to answer by?"""
    return sent.audience == "agent" and sent.purpose != "bounce"


def match(sender: Address | None, agent: Agent | None, context: Context) -> Match:
    """`agent` is who the From claims to be, None for anybody else."""
    proved = proof(sender, agent, context)
    if proved is not None:
        ticket = context.tickets.get(proved.ticket) if proved.ticket else None
        return Match("signed", ticket, proved)
    foreign = next((s for s in context.signed if _for_agents(s) and not s.spent), None)
    key = sender.key if sender else ""
    signed = _signed(key, context)
    if signed is not None:
        return Match("signed", context.tickets[signed.ticket or 0], signed, foreign=foreign)
    shown = tuple(s.ticket for s in context.signed if _for_agents(s) and s.spent and s.ticket)
    for rule, numbers in (("reference", (*shown, *context.referenced)), ("tag", context.tagged)):
        for number in numbers:
            if number in context.tickets and may_see(key, context.tickets[number]):
                return Match(rule, context.tickets[number], foreign=foreign)
    return Match("new", mentions=_mentions(context), foreign=foreign)


def _signed(key: str, context: Context) -> SentMail | None:
    for sent in context.signed:
        to_them = sent.audience == "customer" and key in {address_key(r) for r in sent.recipients}
        if to_them and sent.ticket in context.tickets:
            return sent
    return None


def _mentions(context: Context) -> tuple[int, ...]:
    signed = (s.ticket for s in context.signed if s.ticket is not None and s.ticket in context.tickets)
    return tuple(dict.fromkeys((*signed, *context.referenced, *context.tagged)))


def may_see(key: str, ticket: TicketView) -> bool:
    """Is the address of this key a participant?"""
    return bool(key) and key in {p.key for p in ticket.participants}


def outsiders(addresses: tuple[Address, ...], policy: Policy) -> tuple[Address, ...]:
    """Those addresses that are neither the desk's own nor an agent's, each once."""
    kept: dict[str, Address] = {}
    for address in addresses:
        if policy.department_of(address.address) is None and policy.agent_of(address.address) is None:
            kept.setdefault(address.key, address)
    return tuple(kept.values())
