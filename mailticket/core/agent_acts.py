"""What an obeyed mail of a proved agent does: the answer, what its orders change, and what agents hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from . import agent_letters, letters, watching
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
from .receipts import NOWHERE, Way, receipt
from .subject import tag
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
    """`ticket` is what the mail is about, as it was before."""
    wanted: dict[str, object] = {}
    events: list[NewEvent] = []
    messages: tuple[NewMessage, ...] = ()
    written: list[Letter] = []
    said = replace(said, effects=(*said.effects, watching.dropped(Acting(case, agent, said.after))))
    effects, left = said.effects, {a.key for effect in said.effects for a in effect.leave}
    newcomers = () if said.note else tuple(a for a in _newcomers(case, said.after) if a.key not in left)
    events += [case.event("participant added", ticket.id, person=a) for a in newcomers]
    way = NOWHERE
    if said.note and said.words is not None:
        messages = (case.message(ticket.id, "note", text=said.words),)
    if said.answer is not None:
        messages, way = _answer(case, agent, said.after, said.answer)
        written += [way.letter] if way.letter else []
        events.append(case.event("answered", ticket.id, relayed=way.letter is not None))
        if ticket.first_response_at is None:
            wanted["first_response_at"] = case.received_at
        same = said.after.department == ticket.department and not said.gives
        if same and owner_of(said.after, case.policy) is None:
            effects = (*effects, moved(Acting(case, agent, said.after), agent))
    lines = [f"{a.address} takes part in {tag(ticket.id, case.policy)} now" for a in newcomers]
    for effect in effects:
        wanted |= effect.set
        events += effect.events
        written += effect.letters
        lines += effect.lines
    written += _told(case, agent, ticket, said, way, lines)
    if said.answer is not None and way != NOWHERE:
        written = _with_copies(case, effects[-1].ticket, said.answer, way, written)
    if not (wanted or events):
        idle = next((line for effect in effects for line in effect.idle), f"the ticket was {ticket.status} already")
        return Plan(state="done", reason=idle, kind="person", ticket=ticket.id, letters=tuple(written))
    return Plan(
        state="done",
        kind="person",
        ticket=ticket.id,
        changes=changes(ticket, effects, wanted, newcomers),
        moves=tuple(one for effect in effects for one in effect.moves),
        messages=messages,
        events=tuple(events),
        letters=tuple(written),
        act=agent.address,
    )


def changes(
    ticket: TicketView,
    effects: Sequence[Effect],
    columns: Mapping[str, object],
    newcomers: Sequence[Address] = (),
) -> tuple[TicketChange, ...]:
    """Of other tickets first, then of this one. `columns` are what is set of it, `newcomers` come in without an
    order."""
    after, left = effects[-1].ticket, {a.key for effect in effects for a in effect.leave}
    change = TicketChange(
        ticket.id,
        set=columns,
        add_participants=(*(a for effect in effects for a in effect.join if a.key not in left), *newcomers),
        remove_participants=tuple(a for effect in effects for a in effect.leave),
        add_watchers=tuple(Address(a) for a in after.watchers if a not in ticket.watchers),
        remove_watchers=tuple(Address(a) for a in ticket.watchers if a not in after.watchers),
    )
    return (*(one for effect in effects for one in effect.also), change)


def _told(case: Case, agent: Agent, ticket: TicketView, said: Said, way: Way, lines: Sequence[str]) -> Sequence[Letter]:
    """What agents hear of it, beside what the orders tell them: who wrote it gets a receipt, and whose the ticket was,
    and stays, hears of the answer."""
    unchanged = [line for effect in said.effects for line in effect.idle]
    tells = [line for effect in said.effects for line in effect.tells]
    owner = owner_of(ticket, case.policy)
    kept = owner_of(said.after, case.policy) is owner
    if said.answer is None or owner is None or owner is agent or said.gives or not kept:
        return receipt(case, agent, said.after, way, lines, unchanged, tells=tells)
    elsewhere = agent_letters.answered_elsewhere(case, owner, ticket, text=said.answer)
    if watching.watches(agent, ticket):  # who may answer, and knows whose it is
        tells += [f"{owner.name}, whose ticket it is, was told what you wrote"]
    else:
        unchanged += [f"{tag(ticket.id, case.policy)} stays {owner.name}'s, who was told what you wrote"]
    return (elsewhere, *receipt(case, agent, said.after, way, lines, unchanged, tells=tells))


def _with_copies(case: Case, ticket: TicketView, words: str, way: Way, written: Sequence[Letter]) -> list[Letter]:
    """All letters with what its watchers hear of the answer: each once, and so not that the ticket was taken by it."""
    told = {one.to[0].key for one in written if one.template == "notice-answered"}
    copies = watching.copies(case, ticket, words, way, told)
    hear = {one.to[0].key for one in copies}
    return [*(one for one in written if one.template != "notice-taken" or one.to[0].key not in hear), *copies]


def _newcomers(case: Case, ticket: TicketView) -> tuple[Address, ...]:
    """Whom the agent takes into the ticket: whoever stands in To or Cc beside its participants."""
    if is_for_others(case, ticket):
        return ()
    inside = {p.key for p in ticket.participants}
    named = outsiders((*case.mail.to, *case.mail.cc), case.policy)
    new = [a for a in named if a.key not in inside and can_be_written_to(a.address)]
    return tuple(new[: max(0, PARTICIPANTS_AT_MOST - len(inside))])


def _answer(case: Case, agent: Agent, ticket: TicketView, words: str) -> tuple[tuple[NewMessage, ...], Way]:
    """The answer as a letter to those of the customer's side who have not got the agent's mail itself; or, where that
    has reached the customer, as a message that is only kept."""
    everybody = case.reached_by_answer(ticket)
    theirs = named(case)
    to, had = tuple(a for a in everybody if a.key not in theirs), tuple(a for a in everybody if a.key in theirs)
    if has_reached(case, ticket) or (everybody and not to):
        message = case.message(ticket.id, "outbound", text=words)
        kept = replace(message, from_=Address(agent.address, agent.name), automatic=False)
        return (kept,), Way(had=had, missed=to)
    if not to:
        return (case.message(ticket.id, "note", text=words),), Way(noted=True)
    return (), Way(letters.answer(case, agent, ticket, words, to), had=had)


def named(case: Case) -> frozenset[str]:
    """Who got the agent's mail from the agent."""
    return frozenset(a.key for a in (*case.mail.to, *case.mail.cc))


def has_reached(case: Case, ticket: TicketView) -> bool:
    """Has the agent's mail reached the customer by itself?"""
    return address_key(ticket.customer.address) in named(case)


def is_for_others(case: Case, ticket: TicketView) -> bool:
    """Is it a mail to people who are not in the ticket, with the desk in copy, or one that is passed on to anybody?
    What is said to them may be no word for the customer."""
    to, policy = case.mail.to, case.policy
    mine = case.agent.keys if case.agent else frozenset()
    inside = {*mine, *(p.key for p in ticket.participants)}
    others = [a for a in to if policy.department_of(a.address) is None and a.key not in inside]
    to_desk = any(policy.department_of(a.address) for a in to)
    return bool(others) and not to_desk if case.mail.forwarded is None else bool(others) or not to_desk
