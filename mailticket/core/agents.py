"""What follows from a mail of a proved agent: an answer to the customer, commands, or the mail comes back."""

from __future__ import annotations

from dataclasses import replace

from . import commands, letters
from .bodies import TEXT_CUT
from .case import Case
from .commands import Mistake
from .crossing import agent_answer
from .keys import address_key
from .lifecycle import next_status
from .match import outsiders
from .policy import Agent
from .types import Address, Letter, NewEvent, NewMessage, Plan, SentMail, TicketChange, TicketView

ANSWERED_BY_REPLY = ("assignment", "relay")
ATTACHED = Mistake(
    "Attachments", "it has our mail to you attached, which the customer must not get; nothing was sent", ""
)
TOO_LONG = Mistake("Text", "it is longer than a mail can carry; nothing was sent; attach it as a file", "")
NOT_AN_ANSWER = Mistake("", "a reply to this mail goes to nobody: to answer the customer, reply to their own mail", "")


def automatic(case: Case) -> Plan:
    """An agent's machine (out of office) proves nothing and commands nothing: it is recorded."""
    sent = next((s for s in case.context.signed if s.ticket is not None), None)
    ticket = sent.ticket if sent else None
    events = (case.event("automatic reply", ticket),) if ticket else ()
    return Plan(state="done", reason="an agent's automatic mail", kind=case.sort.kind, ticket=ticket, events=events)


def mail(case: Case) -> Plan:
    """Who stands in To or Cc beside desk and agents has seen the marks: those are spent."""
    if not outsiders((*case.mail.to, *case.mail.cc), case.policy):
        return _obeyed(case)
    context = case.context
    shown = (s.outbox_id for s in (*context.signed, *context.attached, *context.quoted) if s.audience == "agent")
    return replace(_obeyed(case), spent=tuple(dict.fromkeys(shown)))


def _obeyed(case: Case) -> Plan:
    agent, sent, ticket = _known(case)
    if ticket is None:
        return Plan(state="quarantined", reason="it answers a mail about a ticket that is not there", kind="person")
    lines, rest = commands.split(agent_answer(case.mail, case.context.seen))
    understood, mistakes = commands.understand(lines)
    words = rest.strip()
    has_content = bool(words) or any(not a.inline for a in case.mail.attachments)  # a logo alone is no answer
    mistakes += _not_to_cross(case, ticket)
    if has_content and sent.kind not in ANSWERED_BY_REPLY:
        mistakes = (*mistakes, NOT_AN_ANSWER)
    changes, impossible = _statuses(ticket, [u.happening for u in understood], answered=has_content)
    mistakes = (*mistakes, *impossible)
    if mistakes:
        notice = letters.returned_commands(case, agent, ticket, mistakes)
        return _came_back(case, ticket, "returned", "a mail with a wrong command: nothing was done", notice)
    if not has_content and not understood:
        notice = letters.returned_empty(case, agent, ticket)
        return _came_back(case, ticket, "empty answer", "an empty answer: nothing was sent", notice)
    if not has_content and not changes:
        return Plan(state="done", reason=f"the ticket was {ticket.status} already", kind="person", ticket=ticket.id)
    return _act(case, agent, ticket, words if has_content else None, changes)


def _not_to_cross(case: Case, ticket: TicketView) -> tuple[Mistake, ...]:
    """Why the mail can be sent to nobody, be its words as they may."""
    if _has_reached(case, ticket):
        return ()
    if TEXT_CUT in case.mail.defects:
        return (TOO_LONG,)
    if case.context.marker_attached or any(s.audience == "agent" for s in case.context.attached):
        return (ATTACHED,)
    return ()


def _has_reached(case: Case, ticket: TicketView) -> bool:
    """Has the agent's mail reached the customer by itself?"""
    customer = address_key(ticket.customer.address)
    return customer in {a.key for a in (*case.mail.to, *case.mail.cc)}


def _known(case: Case) -> tuple[Agent, SentMail, TicketView | None]:
    if case.agent is None or case.proved is None:
        raise AssertionError("this rule holds only for a proved agent")
    return case.agent, case.proved, case.match.ticket


def _came_back(case: Case, ticket: TicketView, kind: str, reason: str, notice: Letter) -> Plan:
    return Plan(
        state="done",
        reason=reason,
        kind="person",
        ticket=ticket.id,
        events=(case.event(kind, ticket.id),),
        letters=(notice,),
    )


def _statuses(
    ticket: TicketView, happenings: list[str], *, answered: bool
) -> tuple[tuple[tuple[str, str], ...], tuple[Mistake, ...]]:
    """The steps (before, after) that a ticket takes, and the commands that are not possible from where it is."""
    status, steps, mistakes = ticket.status, [], []
    for happening in (["agent_answer"] if answered else []) + happenings:
        after = next_status(status, happening)
        if after is None:
            mistakes.append(Mistake(f"#{happening}", f"the ticket is {status}", ""))
        elif after != status:
            steps.append((status, after))
            status = after
    return tuple(steps), tuple(mistakes)


def _act(case: Case, agent: Agent, ticket: TicketView, words: str | None, steps: tuple[tuple[str, str], ...]) -> Plan:
    wanted: dict[str, object] = {}
    events: list[NewEvent] = []
    messages: tuple[NewMessage, ...] = ()
    written: tuple[Letter, ...] = ()
    if words is not None:
        message, letter = _answer(case, agent, ticket, words)
        messages, written = ((message,) if message else ()), ((letter,) if letter else ())
        events.append(case.event("answered", ticket.id, relayed=letter is not None))
        if ticket.first_response_at is None:
            wanted["first_response_at"] = case.received_at
    for before, after in steps:
        wanted |= {"status": after, "resolved_at": case.now if after == "resolved" else None}
        events.append(case.event("status", ticket.id, before=before, after=after))
    return Plan(
        state="done",
        kind="person",
        ticket=ticket.id,
        changes=(TicketChange(ticket.id, set=wanted),),
        messages=messages,
        events=tuple(events),
        letters=written,
    )


def _answer(case: Case, agent: Agent, ticket: TicketView, words: str) -> tuple[NewMessage | None, Letter | None]:
    """The answer as a letter to the customer's side; or, where the agent's mail has reached the customer by
    itself, as a message that is only kept."""
    if _has_reached(case, ticket):
        message = case.message(ticket.id, "outbound", text=words)
        return replace(message, from_=Address(agent.address, agent.name), automatic=False), None
    to = case.reached_by_answer(ticket)
    if not to:
        return case.message(ticket.id, "note", text=words), None
    return None, letters.answer(case, agent, ticket, words, to)
