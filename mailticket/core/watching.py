"""Who watches a ticket: whoever does hears what is said in it, and may answer, though it is a colleague's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from . import agent_letters as letters
from .case import Case
from .command import Acting, Effect
from .handover import owner_of
from .keys import address_key
from .known import TicketView
from .match import serves
from .plan import Letter, NewEvent
from .policy import Agent, Policy
from .receipts import Way, way_facts
from .subject import tag
from .types import Address


def watches(agent: Agent, ticket: TicketView) -> bool:
    return any(address_key(one) in agent.keys for one in ticket.watchers)


def watchers_of(ticket: TicketView, policy: Policy) -> tuple[Agent, ...]:
    """Those who are still with the desk and may still see it: nobody else hears anything."""
    found = (policy.agent_of(address) for address in ticket.watchers)
    return tuple(dict.fromkeys(one for one in found if one is not None and serves(one, ticket, policy)))


def gone(ticket: TicketView, policy: Policy) -> tuple[str, ...]:
    """The addresses of those who watch it no more: they have left the config, or may not see it."""
    here = {key for agent in watchers_of(ticket, policy) for key in agent.keys}
    return tuple(address for address in ticket.watchers if address_key(address) not in here)


def dropped(acting: Acting) -> Effect:
    """The ticket without those, and what its receipt says of them."""
    ticket, policy = acting.ticket, acting.case.policy
    left = gone(ticket, policy)
    return Effect(
        ticket=replace(ticket, watchers=tuple(one for one in ticket.watchers if one not in left)),
        events=events_of(ticket, left),
        tells=tuple(_no_more(ticket, address, policy) for address in left),
    )


def events_of(ticket: TicketView, left: Collection[str]) -> tuple[NewEvent, ...]:
    """That the desk has dropped them."""
    return tuple(NewEvent("not watching", "desk", ticket.id, {"agent": Address(address)}) for address in left)


def _no_more(ticket: TicketView, address: str, policy: Policy) -> str:
    agent, name = policy.agent_of(address), tag(ticket.id, policy)
    if agent is None:
        return f"{address} does not watch {name} any more: that address is not with the desk now"
    return f"{agent.name} does not watch {name} any more: only who may see a ticket can"


# --- what they hear ------------------------------------------------------------------------------------------


def relays(case: Case, ticket: TicketView, told: Collection[str]) -> tuple[Letter, ...]:
    """To each watcher what the customer's side writes. `told` are the keys of those who get it anyway."""
    return tuple(
        letters.relay_to_agent(case, one, ticket, watched=True)
        for one in watchers_of(ticket, case.policy)
        if one is not case.agent and not one.keys & set(told)
    )


def copies(case: Case, ticket: TicketView, words: str, way: Way, told: Collection[str]) -> tuple[Letter, ...]:
    """To each watcher but its writer what an agent has answered. `told` are the keys of who is shown the words
    anyway."""
    policy, agent = case.policy, case.agent
    owner = owner_of(ticket, policy)
    files = way.letter.attachments if way.letter else case.mail.attachments
    facts: dict[str, object] = {
        "writer": agent.name if agent else "",
        "owner": owner.name if owner else "",
        "customer": {"name": ticket.customer.name, "address": ticket.customer.address},
        "answer": words,
        "attachments": [{"filename": a.filename, "size": a.size} for a in files],
    } | way_facts(way, case.now)
    return tuple(
        letters.notice(policy, one, "copy", facts, case.now, ticket=ticket)
        for one in watchers_of(ticket, policy)
        if one is not agent and not one.keys & set(told)
    )
