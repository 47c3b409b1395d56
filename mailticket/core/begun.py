"""Tickets that a proved agent's mail begins for somebody else: a customer's mail that the agent passes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from . import agent_letters, commands
from .assign import Picked
from .attached_mail import is_mail
from .case import PARTICIPANTS_AT_MOST, Case
from .command import COMMANDS, TICKET, Acting, Effect, Mistake, Order
from .commands_show import ASKING
from .commands_undo import UNDO
from .customers import opened
from .effects import carried_out
from .estimate import estimate_now
from .handover import owner_of
from .headers import can_be_written_to
from .known import Person, TicketView
from .match import outsiders
from .plan import Letter, NewEvent, NewMessage, Plan, TicketChange
from .policy import Agent, Policy
from .receipts import NOWHERE, receipt
from .types import Address, Attachment, Forwarded, ParsedMail

OLDEST = timedelta(days=3650)  # what a forward says of its date counts where it is no older
LATER = frozenset({*ASKING, UNDO, "customer"})
_TOO_EARLY = (
    "this mail only begins a ticket; nothing was done; write it in a reply to the mail that gives you the ticket"
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a ticket begins with. `case` is the mail that begins it, as if the customer had written it; `messages` are
    its first ones, `told` what its agent hears of how it began."""

    case: Case
    status: str
    messages: tuple[NewMessage, ...]
    events: tuple[NewEvent, ...]
    told: tuple[str, ...]


def customer_of(mail: ParsedMail, policy: Policy) -> Address | None:
    """Whose the ticket would be that a proved agent's mail begins; None where it is the agent's own request."""
    return _passed_on_by(mail, policy)


def _passed_on_by(mail: ParsedMail, policy: Policy) -> Address | None:
    """Who wrote what it passes on, where that is somebody on the customer's side. Who passes on to others than them
    writes to those."""
    who = mail.forwarded.from_ if mail.forwarded else None
    if who is None or not can_be_written_to(who.address) or not outsiders((who,), policy):
        return None
    others = outsiders((*mail.to, *mail.cc), policy)
    return None if who.key in policy.trust.forms or (others and who.key not in {a.key for a in others}) else who


def begins(case: Case) -> bool:
    """Is it a proved agent's mail that belongs nowhere, and answers none of ours?"""
    return case.agent is not None and case.proof is not None and case.match.ticket is None and not case.context.signed


def passes_on(case: Case) -> bool:
    return begins(case) and _passed_on_by(case.mail, case.policy) is not None


def passed_on(case: Case) -> Plan:
    """The ticket is the request of who wrote the mail that is passed on, and the agent's who did that. It is a claim
    by the agent's mail, so nobody is written to because of it before the agent answers."""
    agent, found, customer = case.agent, case.mail.forwarded, _passed_on_by(case.mail, case.policy)
    if agent is None or found is None or customer is None:
        raise AssertionError("this rule holds only for a proved agent's mail that passes on a customer's")
    orders, words, mistakes = _read(case, found.above)
    if mistakes:
        return _returned(case, agent, mistakes)
    theirs, number = _as_written_by(customer, found, case), case.context.number
    original = replace(theirs.message(number, "inbound"), at=_written_at(found.date, case.received_at))
    told = ["The customer was not told of that: the first that they get from the desk is an answer to this mail."]
    messages, events = [original], [case.event("passed on", number, person=customer)]
    if words:
        named = customer.key in {a.key for a in (*case.mail.to, *case.mail.cc)}
        messages.append(_own(case, agent, words, "outbound" if named else "note"))
        events += [] if named else [case.event("noted", number)]
        told += [] if named else ["The words above it are kept as a note."]
    events.append(NewEvent("not acknowledged", "desk", number, {"kind": "passed on"}))
    begun = Beginning(theirs, "new", tuple(messages), tuple(events), tuple(told))
    return _begun(case, agent, begun, orders)


def _as_written_by(customer: Address, found: Forwarded, case: Case) -> Case:
    mail = replace(
        case.mail,
        message_id=found.message_id,
        from_=customer,
        to=(),
        cc=(),
        reply_to=(),
        in_reply_to=(),
        references=(),
        subject=found.subject,
        date=found.date,
        text=found.text,
        full_text=found.text,
        html="",
        attachments=_files(found, case.mail),
        forwarded=None,
        signature="",
        language="",
    )
    return _for(customer, mail, case, request=found.text)


def _files(found: Forwarded, mail: ParsedMail) -> tuple[Attachment, ...]:
    """Those of the original; and what is attached beside it, where it is attached itself."""
    if found.how == "inline":
        return found.attachments
    first = next((file for file in mail.attachments if is_mail(file)), None)
    return (*found.attachments, *(file for file in mail.attachments if file is not first))


def _for(customer: Address, mail: ParsedMail, case: Case, *, request: str) -> Case:
    """The case as it would be, had the customer written this mail to the desk."""
    asking = case.context.asking
    known = replace(case.context, request=request, sender=None)
    if asking is not None:
        known = replace(known, sender=asking.person, earlier=asking.earlier, earlier_count=asking.earlier_count)
    return replace(case, mail=mail, context=known, sender=customer, agent=None, proof=None)


def _written_at(date: datetime | None, received: datetime) -> datetime:
    """When it was written, as far as that can be so; all promises count from when the desk got it."""
    return date.astimezone(UTC) if date is not None and received - OLDEST <= date <= received else received


def _own(case: Case, agent: Agent, words: str, direction: str) -> NewMessage:
    """The agent's own words."""
    message = replace(case.message(case.context.number, direction, text=words), full_text=words, html="")
    return replace(message, from_=agent.as_address, attachments=(), automatic=False)


def _read(case: Case, text: str) -> tuple[tuple[Order, ...], str, tuple[Mistake, ...]]:
    """The orders at its top, the words below them, and what is wrong with the orders."""
    if case.proof is None:
        raise AssertionError("only a proved agent's orders are read")
    lines, rest = commands.split(text)
    orders, mistakes = commands.understand(lines, case.policy, "ticket")
    early = [order for order in orders if order.name in LATER or COMMANDS[order.name].says == TICKET]
    mistakes += tuple(Mistake(order.line, _TOO_EARLY, "") for order in early)
    mistakes += commands.unproved(orders, case.proof, case.policy)
    return orders, rest.strip(), (*mistakes, *commands.contradictions(orders, answered=False))


def _returned(case: Case, agent: Agent, mistakes: Sequence[Mistake]) -> Plan:
    notice = agent_letters.returned_commands(case, agent, None, mistakes)
    return Plan(state="done", reason="a mail with a wrong command: nothing was done", kind="person", letters=(notice,))


# --- the ticket --------------------------------------------------------------------------------------------------


def _begun(case: Case, agent: Agent, begun: Beginning, orders: Sequence[Order]) -> Plan:
    """The ticket as the mail's orders make it, and the mail by which its agent answers."""
    theirs, number = begun.case, case.context.number
    change, _ = opened(theirs, Picked(agent), status=begun.status, link=case.match.mentions)
    ordering = replace(case, context=theirs.context)
    effects, mistakes = carried_out(Acting(ordering, agent, _seen(change, theirs)), orders, answered=False)
    if mistakes:
        return _returned(case, agent, mistakes)
    after = effects[-1].ticket
    events = [case.event("opened", number), case.event("assigned", number, agent=agent.as_address), *begun.events]
    events += [NewEvent("mentions", "desk", number, {"ticket": other}) for other in case.match.mentions]
    events += [NewEvent("also for", "desk", number, {"department": name}) for name in case.also]
    return Plan(
        state="done",
        kind="person",
        ticket=number,
        changes=(_ordered(change, effects, after),),
        messages=begun.messages,
        events=(*events, *(event for effect in effects for event in effect.events)),
        letters=_letters(case, agent, begun, effects),
    )


def _seen(change: TicketChange, case: Case) -> TicketView:
    """The ticket as it is before the orders."""
    wanted = change.set
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
    told = [f"{by} passed this mail on to the desk.", *begun.told]
    lines = [line for effect in effects for line in effect.lines]
    idle = [line for effect in effects for line in effect.idle]
    written = [letter for effect in effects for letter in effect.letters]
    if owner is None:
        return (*written, *receipt(case, agent, after, NOWHERE, (), idle, tells=lines))
    department = policy.department(after.department)
    promise = estimate_now(department, after.priority, case.received_at, case.now)
    reaches = agent_letters.reached(after, policy)
    given = agent_letters.assignment(theirs, owner, department, after.id, after.subject, promise, reaches=reaches)
    mine = [*lines, *idle] if owner is agent else []
    given = replace(given, facts={**given.facts, "begun": " ".join(told), "ordered": mine})
    written = [one for one in written if not (one.template == "handover" and one.to == given.to)]
    told_of = () if owner is agent else receipt(case, agent, after, NOWHERE, (), idle, tells=lines)
    return (given, *written, *told_of)
