"""Which ticket a mail belongs to: the first rule that matches wins."""

from __future__ import annotations

from dataclasses import dataclass

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
    """The signed reference that we sent to this agent alone, if the mail bears one."""
    if sender is None or agent is None:
        return None
    for sent in context.signed:
        to_one = sent.audience == "agent" and sent.purpose != "bounce" and len(sent.recipients) == 1
        if to_one and sent.recipients[0].casefold() in agent.keys:
            return sent
    return None


def match(sender: Address | None, agent: Agent | None, context: Context) -> Match:
    """`agent` is who the From claims to be, None for anybody else."""
    proved = proof(sender, agent, context)
    if proved is not None:
        ticket = context.tickets.get(proved.ticket) if proved.ticket else None
        return Match("signed", ticket, proved)
    foreign = next((s for s in context.signed if s.audience == "agent" and s.purpose != "bounce"), None)
    key = sender.key if sender else ""
    signed = _signed(key, context)
    if signed is not None:
        return Match("signed", context.tickets[signed.ticket or 0], signed, foreign=foreign)
    for rule, numbers in (("reference", context.referenced), ("tag", context.tagged)):
        for number in numbers:
            if may_see(key, context.tickets[number]):
                return Match(rule, context.tickets[number], foreign=foreign)
    return Match("new", mentions=_mentions(context), foreign=foreign)


def _signed(key: str, context: Context) -> SentMail | None:
    for sent in context.signed:
        to_them = sent.audience == "customer" and key in {r.casefold() for r in sent.recipients}
        if to_them and sent.ticket in context.tickets:
            return sent
    return None


def _mentions(context: Context) -> tuple[int, ...]:
    signed = (s.ticket for s in context.signed if s.ticket is not None and s.ticket in context.tickets)
    return tuple(dict.fromkeys((*signed, *context.referenced, *context.tagged)))


def may_see(key: str, ticket: TicketView) -> bool:
    """Is this address (case folded) a participant?"""
    return bool(key) and key in {p.key for p in ticket.participants}


def outsiders(addresses: tuple[Address, ...], policy: Policy) -> tuple[Address, ...]:
    """Those addresses that are neither the desk's own nor an agent's, each once."""
    kept: dict[str, Address] = {}
    for address in addresses:
        if policy.department_of(address.address) is None and policy.agent_of(address.address) is None:
            kept.setdefault(address.key, address)
    return tuple(kept.values())
