"""Tickets that a proved agent's mail begins for somebody else: what all of them have, and who hears of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from . import agent_letters, commands
from .assign import Picked
from .case import PARTICIPANTS_AT_MOST, Case
from .command import COMMANDS, TICKET, Acting, Effect, Mistake, Order
from .commands_show import ASKING
from .commands_undo import UNDO
from .customers import opened
from .effects import carried_out
from .estimate import estimate_now
from .handover import owner_of
from .keys import address_key
from .known import Person, TicketView
from .plan import Letter, NewEvent, NewMessage, Plan, TicketChange
from .policy import Agent
from .receipts import NOWHERE, receipt
from .types import Address, Attachment, ParsedMail

LATER = frozenset({*ASKING, UNDO, "customer"})
_TOO_EARLY = (
    "this mail only begins a ticket; nothing was done; write it in a reply to the mail that gives you the ticket"
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a ticket begins with. `case` is the mail that begins it, as if the customer had written it; `messages` are
    its first ones. Its agent hears `how` it came to be, behind a name, and what more is `told`; who wrote it hears
    `warnings`, too."""

    case: Case
    messages: tuple[NewMessage, ...]
    events: tuple[NewEvent, ...]
    how: str
    told: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    answered_at: datetime | None = None  # when the customer got the agent's first words


def as_written_by(customer: Address, mail: ParsedMail, case: Case, *, request: str) -> Case:
    """The case as it would be, had the customer written this mail to the desk."""
    asking, known = case.context.asking, replace(case.context, request=request, sender=None)
    if asking is not None and asking.person is not None and address_key(asking.person.address) == customer.key:
        known = replace(known, sender=asking.person, earlier=asking.earlier)
    return replace(case, mail=mail, context=known, sender=customer, agent=None, proof=None)


def by_agent(case: Case, agent: Agent, words: str, direction: str, files: tuple[Attachment, ...] = ()) -> NewMessage:
    """The agent's own words and files."""
    message = replace(case.message(case.context.number, direction, text=words), full_text=words, html="")
    return replace(message, from_=agent.as_address, attachments=files, automatic=False)


def read(case: Case, text: str, *, answered: bool = False) -> tuple[tuple[Order, ...], str, tuple[Mistake, ...]]:
    """The orders at its top, the words below them, and what is wrong with the orders. `answered`: the customer has
    the words."""
    if case.proof is None:
        raise AssertionError("only a proved agent's orders are read")
    lines, rest = commands.split(text)
    orders, mistakes = commands.understand(lines, case.policy, "ticket")
    early = [order for order in orders if order.name in LATER or COMMANDS[order.name].says == TICKET]
    mistakes += tuple(Mistake(order.line, _TOO_EARLY, "") for order in early)
    mistakes += commands.unproved(orders, case.proof, case.policy)
    return orders, rest.strip(), (*mistakes, *commands.contradictions(orders, answered=answered))


# --- the ticket --------------------------------------------------------------------------------------------------


def obeyed(
    case: Case, agent: Agent, begun: Beginning, orders: Sequence[Order]
) -> tuple[tuple[Effect, ...], tuple[Mistake, ...]]:
    """What the mail's orders make of the ticket, and what of them cannot be."""
    ordering = replace(case, context=begun.case.context)
    return carried_out(Acting(ordering, agent, _seen(_change(case, agent, begun), begun)), orders, answered=False)


def begin(case: Case, agent: Agent, begun: Beginning, effects: Sequence[Effect]) -> Plan:
    """The ticket as the mail's orders make it, and the mail by which its agent answers."""
    number = case.context.number
    after = effects[-1].ticket
    events = [case.event("opened", number), case.event("assigned", number, agent=agent.as_address), *begun.events]
    events += [NewEvent("mentions", "desk", number, {"ticket": other}) for other in case.match.mentions]
    events += [NewEvent("also for", "desk", number, {"department": name}) for name in case.also]
    return Plan(
        state="done",
        kind="person",
        ticket=number,
        changes=(_ordered(_change(case, agent, begun), effects, after),),
        messages=begun.messages,
        events=(*events, *(event for effect in effects for event in effect.events)),
        letters=_letters(case, agent, begun, effects),
    )


def _change(case: Case, agent: Agent, begun: Beginning) -> TicketChange:
    status = "pending" if begun.answered_at else "new"
    change, _ = opened(begun.case, Picked(agent), status=status, link=case.match.mentions)
    return replace(change, set={**change.set, "first_response_at": begun.answered_at})


def _seen(change: TicketChange, begun: Beginning) -> TicketView:
    """The ticket as it is before the orders."""
    wanted, case = change.set, begun.case
    known = case.context.sender or Person(0, case.sender.address, case.sender.name)
    return TicketView(
        id=change.id,
        subject=wanted["subject"],
        status=wanted["status"],
        priority=wanted["priority"],
        department=wanted["department"],
        agent=wanted["agent"],
        customer=known,
        participants=(case.sender, *change.add_participants),
        created_at=wanted["created_at"],
        updated_at=case.now,
        first_response_at=wanted["first_response_at"],
        first_response_due=wanted["first_response_due"],
        estimate_answer_by=wanted["estimate_answer_by"],
        estimate_basis=wanted["estimate_basis"],
    )


def _ordered(change: TicketChange, effects: Sequence[Effect], after: TicketView) -> TicketChange:
    wanted = dict(change.set)
    for effect in effects:
        wanted |= effect.set
    return replace(
        change,
        set=wanted,
        add_participants=after.participants[1:PARTICIPANTS_AT_MOST],
        add_watchers=tuple(map(Address, after.watchers)),
    )


def _letters(case: Case, agent: Agent, begun: Beginning, effects: Sequence[Effect]) -> tuple[Letter, ...]:
    """To whose it is: the request, as to whom any ticket is given, and what was ordered. Who has given it away gets the
    receipt."""
    after, theirs = effects[-1].ticket, begun.case
    policy, owner = case.policy, owner_of(after, case.policy)
    by = "You" if owner is agent else agent.name
    told = [f"{by} {begun.how}", *begun.told]
    lines = [line for effect in effects for line in effect.lines]
    idle = [line for effect in effects for line in effect.idle]
    written = [letter for effect in effects for letter in effect.letters]
    if owner is None:
        return (*written, *receipt(case, agent, after, NOWHERE, (), idle, tells=lines, warnings=begun.warnings))
    department = policy.department(after.department)
    promise = estimate_now(department, after.priority, case.received_at, case.now)
    reaches = agent_letters.reached(after, policy)
    given = agent_letters.assignment(theirs, owner, department, after.id, after.subject, promise, reaches=reaches)
    mine = [*lines, *idle, *begun.warnings] if owner is agent else []
    facts = {"begun": " ".join(told), "ordered": mine, "waits": after.first_response_at is None}
    given = replace(given, facts={**given.facts, **facts})
    written = [one for one in written if not (one.template == "handover" and one.to == given.to)]
    if owner is agent:
        return (given, *written)
    return (given, *written, *receipt(case, agent, after, NOWHERE, (), idle, tells=lines, warnings=begun.warnings))
