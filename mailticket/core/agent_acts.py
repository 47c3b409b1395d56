"""What an obeyed mail of a proved agent does: the answer, what its orders change, and what agents hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import agent_letters, letters
from .case import PARTICIPANTS_AT_MOST, Case
from .command import Acting, Effect, Order
from .effects import gives
from .handover import moved, owner_of
from .headers import can_be_written_to
from .keys import address_key
from .known import TicketView
from .match import outsiders
from .plan import Letter, NewEvent, NewMessage, Plan, TicketChange
from .policy import Agent
from .types import Address


@dataclass(frozen=True, slots=True)
class Said:
    """What is in an agent's mail. `words` is None where it has none; they are the customer's side's unless it is a
    `note`. `after` is the ticket as the orders make it."""

    orders: tuple[Order, ...]
    words: str | None
    effects: tuple[Effect, ...]
    note: bool = False

    @property
    def after(self) -> TicketView:
        return self.effects[-1].ticket

    @property
    def answer(self) -> str | None:
        """The words that are for the customer's side."""
        return None if self.note else self.words

    @property
    def gives(self) -> bool:
        return any(map(gives, self.orders))


def done(case: Case, agent: Agent, ticket: TicketView, said: Said) -> Plan:
    wanted: dict[str, object] = {}
    events: list[NewEvent] = []
    messages: tuple[NewMessage, ...] = ()
    written: list[Letter] = []
    effects, left = said.effects, {a.key for effect in said.effects for a in effect.leave}
    newcomers = () if said.note else tuple(a for a in _newcomers(case, said.after) if a.key not in left)
    events += [case.event("participant added", ticket.id, person=a) for a in newcomers]
    if said.note and said.words is not None:
        messages = (case.message(ticket.id, "note", text=said.words),)
    if said.answer is not None:
        message, letter = _answer(case, agent, said.after, said.answer)
        messages, written = ((message,) if message else ()), ([letter] if letter else [])
        events.append(case.event("answered", ticket.id, relayed=letter is not None))
        if ticket.first_response_at is None:
            wanted["first_response_at"] = case.received_at
        same = said.after.department == ticket.department and not said.gives
        if same and owner_of(said.after, case.policy) is None:
            effects = (*effects, moved(Acting(case, agent, said.after), agent))
    for effect in effects:
        wanted |= effect.set
        events += effect.events
        written += effect.letters
    written += _told(case, agent, ticket, said)
    if not (wanted or events):
        idle = next((line for effect in effects for line in effect.idle), f"the ticket was {ticket.status} already")
        return Plan(state="done", reason=idle, kind="person", ticket=ticket.id, letters=tuple(written))
    change = TicketChange(
        ticket.id,
        set=wanted,
        add_participants=(*(a for effect in effects for a in effect.join), *newcomers),
        remove_participants=tuple(a for effect in effects for a in effect.leave),
    )
    return Plan(
        state="done",
        kind="person",
        ticket=ticket.id,
        changes=(change,),
        messages=messages,
        events=tuple(events),
        letters=tuple(written),
    )


def _told(case: Case, agent: Agent, ticket: TicketView, said: Said) -> Sequence[Letter]:
    """What agents hear of it, beside what the orders tell them: the receipt says what changed, to whom wants to know,
    and what did not, to everybody."""
    lines = [*(line for effect in said.effects for line in effect.lines)] if agent.receipts == "all" else []
    lines += [line for effect in said.effects for line in effect.idle]
    receipt = (agent_letters.done(case, agent, said.after, lines),) if lines else ()
    owner = owner_of(ticket, case.policy)
    kept = owner_of(said.after, case.policy) is owner
    if said.answer is None or owner is None or owner is agent or said.gives or not kept:
        return receipt
    elsewhere = [
        agent_letters.answered_elsewhere(case, one, ticket, owner=owner.name, text=said.answer)
        for one in (agent, owner)
    ]
    return (*elsewhere, *receipt)


def _newcomers(case: Case, ticket: TicketView) -> tuple[Address, ...]:
    """Whom the agent takes into the ticket: whoever stands in To or Cc beside its participants."""
    inside = {p.key for p in ticket.participants}
    named = outsiders((*case.mail.to, *case.mail.cc), case.policy)
    new = [a for a in named if a.key not in inside and can_be_written_to(a.address)]
    return tuple(new[: max(0, PARTICIPANTS_AT_MOST - len(inside))])


def _answer(case: Case, agent: Agent, ticket: TicketView, words: str) -> tuple[NewMessage | None, Letter | None]:
    """The answer as a letter to those of the customer's side who have not got the agent's mail itself; or, where that
    has reached the customer, as a message that is only kept."""
    everybody = case.reached_by_answer(ticket)
    theirs = named(case)
    to = tuple(a for a in everybody if a.key not in theirs)
    if has_reached(case, ticket) or (everybody and not to):
        message = case.message(ticket.id, "outbound", text=words)
        return replace(message, from_=Address(agent.address, agent.name), automatic=False), None
    if not to:
        return case.message(ticket.id, "note", text=words), None
    return None, letters.answer(case, agent, ticket, words, to)


def named(case: Case) -> frozenset[str]:
    """Who got the agent's mail from the agent."""
    return frozenset(a.key for a in (*case.mail.to, *case.mail.cc))


def has_reached(case: Case, ticket: TicketView) -> bool:
    """Has the agent's mail reached the customer by itself?"""
    return address_key(ticket.customer.address) in named(case)
