"""Tickets that begin with a customer's mail which a proved agent passes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from . import commands
from .begun import Beginning, as_written_by, begin, by_agent, obeyed, read
from .case import Case
from .plan import NewEvent, Plan
from .quarantine import returned
from .types import Address, Forwarded
from .whose import has_files, original_of, passed_on_by

OLDEST = datetime(1971, 1, 1, tzinfo=UTC)  # there was no mail before: it is the date of a clock that was not set


def passed_on(case: Case) -> Plan:
    """The ticket is the request of who wrote the mail that is passed on, and the agent's who did that. It is a claim
    by the agent's mail, so nobody is written to because of it before the agent answers."""
    agent, found, given = case.agent, original_of(case.mail, case.policy), case.mail.forwarded
    customer = passed_on_by(case.mail, case.policy, case.whose)
    if agent is None or found is None or given is None or customer is None:
        raise AssertionError("this rule holds only for a proved agent's mail that passes on a customer's")
    orders, words, mistakes = read(case, given.above)
    if mistakes:
        return returned(case, mistakes)
    words = "\n\n".join(filter(None, (words, given.below, found.above)))
    theirs, number = _original(customer, found, case), case.context.number
    original = replace(theirs.message(number, "inbound"), at=_written_at(found.date, case.received_at))
    told = ["The customer was not told of that: the first that they get from the desk is an answer to this mail."]
    messages, events = [original], [case.event("passed on", number, person=customer)]
    if words or has_files(found):
        named = customer.key in {a.key for a in (*case.mail.to, *case.mail.cc)}
        messages.append(by_agent(case, agent, words, "outbound" if named else "note", found.beside))
        events += [] if named else [case.event("noted", number)]
        told += [] if named else [_noted(words, found)]
    events.append(NewEvent("not acknowledged", "desk", number, {"kind": "passed on"}))
    begun = Beginning(
        theirs,
        tuple(messages),
        tuple(events),
        "passed this mail on to the desk.",
        tuple(told),
        idle_subject(case, found),
    )
    effects, mistakes = obeyed(case, agent, begun, orders)
    return returned(case, mistakes) if mistakes else begin(case, agent, begun, effects)


def _original(customer: Address, found: Forwarded, case: Case) -> Case:
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
        attachments=found.attachments,
        forwarded=None,
        signature="",
        below="",
        language="",
    )
    return as_written_by(customer, mail, case, request=found.text)


def idle_subject(case: Case, found: Forwarded) -> tuple[str, ...]:
    """What the agent hears of a command that they have written over the subject."""
    line = commands.written_over(case.mail.subject, found.subject)
    return (f"{line.line} was not obeyed: the subject of a mail that you pass on orders nothing",) if line else ()


def _noted(words: str, found: Forwarded) -> str:
    if not has_files(found):
        return "The words beside it are kept as a note."
    kept = "The words and the files beside it" if words else "The files beside it"
    return f"{kept} are kept as a note."


def _written_at(date: datetime | None, received: datetime) -> datetime:
    """When it was written, as far as that can be so; all promises count from when the desk got it."""
    return date.astimezone(UTC) if date is not None and OLDEST <= date <= received else received
