"""What follows from a mail of a proved agent in a ticket: an answer to the customer, commands, or it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import agent_letters, commands, letters, showing
from .bodies import TEXT_CUT
from .case import PARTICIPANTS_AT_MOST, Case
from .command import Acting, Effect, Mistake, Order
from .commands_show import excess
from .crossing import agent_answer
from .crypto import ENCRYPTED_DEFECT
from .effects import carried_out, gives
from .handover import ANSWERED_BY_REPLY, moved, owner_of
from .headers import can_be_written_to
from .keys import address_key
from .known import TicketView
from .match import outsiders
from .plan import Letter, NewEvent, NewMessage, Plan, TicketChange
from .policy import Agent
from .sizes import estimated, fits
from .types import Address
from .wording import size

ATTACHED = Mistake(
    "Attachments", "it has our mail to you attached, which the customer must not get; nothing was sent", ""
)
TOO_LONG = Mistake("Text", "it is longer than a mail can carry; nothing was sent; attach it as a file", "")
UNREADABLE = Mistake("Encryption", "it is encrypted, and this desk has no key; nothing was sent", "")
NOT_AN_ANSWER = Mistake("", "a reply to this mail goes to nobody: to answer the customer, reply to their own mail", "")


@dataclass(frozen=True, slots=True)
class _Said:
    """What is in an agent's mail. `words` is None where there is nothing for the customer; `after` is the ticket as
    the orders make it."""

    orders: tuple[Order, ...]
    words: str | None
    effects: tuple[Effect, ...]

    @property
    def after(self) -> TicketView:
        return self.effects[-1].ticket

    @property
    def gives(self) -> bool:
        return any(map(gives, self.orders))


def automatic(case: Case) -> Plan:
    """An agent's machine (out of office) proves nothing and commands nothing: it is recorded."""
    sent = next((s for s in case.context.signed if s.ticket is not None), None)
    ticket = sent.ticket if sent else None
    events = (case.event("automatic reply", ticket),) if ticket else ()
    return Plan(state="done", reason="an agent's automatic mail", kind=case.sort.kind, ticket=ticket, events=events)


def mail(case: Case) -> Plan:
    """A proved agent's mail in a ticket: it is obeyed, all of it, or comes back."""
    agent, ticket = case.agent, case.match.ticket
    if agent is None or case.proof is None or ticket is None:
        raise AssertionError("this rule holds only for a proved agent's mail in a ticket")
    lines, rest = commands.split(agent_answer(case.mail, case.context.seen))
    orders, mistakes = commands.understand(lines, case.policy, "ticket")
    has_content = bool(rest.strip()) or any(not a.inline for a in case.mail.attachments)  # a logo alone is no answer
    if has_content:
        mistakes += () if is_answer(case, agent) else (NOT_AN_ANSWER,)
    mistakes += commands.unproved(orders, case.proof)
    mistakes += (*commands.contradictions(orders, answered=has_content), *excess(orders))
    effects, unfit = carried_out(Acting(case, agent, ticket), orders, answered=has_content)
    mistakes += _not_to_cross(case, effects[-1].ticket, rest.strip())
    if mistakes := mistakes or unfit:  # what contradicts itself is not possible either, for reasons that help nobody
        notice = agent_letters.returned_commands(case, agent, ticket, mistakes)
        return _came_back(case, ticket, "returned", "a mail with a wrong command: nothing was done", notice)
    if not has_content and not orders:
        notice = agent_letters.returned_empty(case, agent, ticket)
        return _came_back(case, ticket, "empty answer", "an empty answer: nothing was sent", notice)
    plan = _act(case, agent, ticket, _Said(orders, rest.strip() if has_content else None, effects))
    return showing.answered(case, plan, orders)


def is_answer(case: Case, agent: Agent) -> bool:
    """Are the words for the customer: in a reply to an assignment or a relay, or where no mail of ours to agents is
    answered at all."""
    marks = [s for s in case.context.signed if s.audience == "agent" and s.purpose != "bounce"]
    proving = case.proof.sent if case.proof else None
    if proving is not None and proving.audience == "agent":
        return proving.kind in ANSWERED_BY_REPLY
    mine = (s for s in marks if agent.keys & {address_key(r) for r in s.recipients})
    nearest = next(mine, None)
    return nearest.kind in ANSWERED_BY_REPLY if nearest else all(s.spent for s in marks)


def _not_to_cross(case: Case, ticket: TicketView, words: str) -> tuple[Mistake, ...]:
    """Why the mail can be sent to nobody, be its words as they may."""
    if _has_reached(case, ticket):
        return ()
    if TEXT_CUT in case.mail.defects:
        return (TOO_LONG,)
    if ENCRYPTED_DEFECT in case.mail.defects:
        return (UNREADABLE,)
    if case.context.marker_attached or any(s.audience == "agent" for s in case.context.attached):
        return (ATTACHED,)
    files, most = case.mail.attachments, case.policy.max_size
    if not fits(words, files, most):
        big = size(estimated(words, files))
        reason = f"with all that is attached it has {big}, and this desk sends at most {size(most)}; nothing was sent"
        return (Mistake("Attachments", reason, ""),)
    return ()


def _named(case: Case) -> frozenset[str]:
    """Who got the agent's mail from the agent."""
    return frozenset(a.key for a in (*case.mail.to, *case.mail.cc))


def _has_reached(case: Case, ticket: TicketView) -> bool:
    """Has the agent's mail reached the customer by itself?"""
    return address_key(ticket.customer.address) in _named(case)


def _came_back(case: Case, ticket: TicketView, kind: str, reason: str, notice: Letter) -> Plan:
    return Plan(
        state="done",
        reason=reason,
        kind="person",
        ticket=ticket.id,
        events=(case.event(kind, ticket.id),),
        letters=(notice,),
    )


def _act(case: Case, agent: Agent, ticket: TicketView, said: _Said) -> Plan:
    wanted: dict[str, object] = {}
    events: list[NewEvent] = []
    messages: tuple[NewMessage, ...] = ()
    written: list[Letter] = []
    effects, left = said.effects, {a.key for effect in said.effects for a in effect.leave}
    newcomers = tuple(a for a in _newcomers(case, said.after) if a.key not in left)
    events += [case.event("participant added", ticket.id, person=a) for a in newcomers]
    if said.words is not None:
        message, letter = _answer(case, agent, said.after, said.words)
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


def _told(case: Case, agent: Agent, ticket: TicketView, said: _Said) -> Sequence[Letter]:
    """What agents hear of it, beside what the orders tell them: the receipt says what changed, to whom wants to know,
    and what did not, to everybody."""
    lines = [*(line for effect in said.effects for line in effect.lines)] if agent.receipts == "all" else []
    lines += [line for effect in said.effects for line in effect.idle]
    receipt = (agent_letters.done(case, agent, said.after, lines),) if lines else ()
    owner = owner_of(ticket, case.policy)
    kept = owner_of(said.after, case.policy) is owner
    if said.words is None or owner is None or owner is agent or said.gives or not kept:
        return receipt
    elsewhere = [
        agent_letters.answered_elsewhere(case, one, ticket, owner=owner.name, text=said.words) for one in (agent, owner)
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
    named = _named(case)
    to = tuple(a for a in everybody if a.key not in named)
    if _has_reached(case, ticket) or (everybody and not to):
        message = case.message(ticket.id, "outbound", text=words)
        return replace(message, from_=Address(agent.address, agent.name), automatic=False), None
    if not to:
        return case.message(ticket.id, "note", text=words), None
    return None, letters.answer(case, agent, ticket, words, to)
