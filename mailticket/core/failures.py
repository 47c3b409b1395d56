"""What follows when a mail of ours did not arrive, be it refused at once or returned later: who is told, and how.

A mail to an agent that failed is never told to a mailbox that is dead, and what the managers are told of it is told
to nobody else when it fails, too: so no failure makes mails for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from .agent_letters import notice
from .keys import address_key
from .known import Handed, TicketView
from .plan import Letter, Mark, NewEvent, Plan
from .policy import Agent, Policy
from .retry import RecipientState
from .standing import FULL, verdict

PROBE = "probe"  # the kind of a mail to ourselves
LAST_WORD = "notice-failed-manager"  # the template of the mail whose own failure nobody is told of
MAX_UNSURE = 200  # of a stranger's words, which may be anything

_STATUS = re.compile(r"\d{3}[ -](\d\.\d{1,3}\.\d{1,3})(?![\d.])")


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail of ours that has just failed for some of its recipients, with the servers' words about each.
    `returned` says that it had been handed over, and came back."""

    outbox_id: int
    kind: str
    audience: str
    template: str
    subject: str
    failed: tuple[RecipientState, ...]
    written_at: datetime
    returned: bool = False
    marks: tuple[Mark, ...] = ()  # what it makes of the addresses

    @property
    def facts(self) -> dict[str, object]:
        mark = {one.address: one.kind for one in self.marks}
        return {
            "kind": self.kind,
            "subject": self.subject,
            "recipients": [
                {"address": r.address, "reply": r.last_reply, "mark": mark.get(r.address, "")} for r in self.failed
            ],
            "sent_at": self.written_at,
        }


def undelivered(policy: Policy, ticket: TicketView | None, failure: Failure, now: datetime) -> Plan:
    """The mail server refused it, or was asked for five days."""
    codes = [(r.last_reply or "")[:3] for r in failure.failed]
    event = NewEvent(
        "undelivered", "desk", ticket.id if ticket else None, {"outbox": failure.outbox_id, "replies": codes}
    )
    told = [(r.address, refused_with(r)) for r in failure.failed]
    # Our own mail server may have said it, for a reason of its own: only what is about a mailbox counts.
    about = [(address, status) for address, status in told if status.startswith("5.1.") or verdict(status) == FULL]
    marks = tuple(mark for address, status in about for mark in marks_for(policy, failure.audience, address, status))
    letters = letters_about(policy, ticket, replace(failure, marks=marks), now)
    return Plan(events=(event,), letters=letters, marks=marks)


def refused_with(recipient: RecipientState) -> str:
    """The enhanced status code (RFC 3463) that a server's reply begins with, or ""."""
    found = _STATUS.match(recipient.last_reply or "")
    return found[1] if found else ""


def marks_for(policy: Policy, audience: str, address: str, status: str) -> Iterator[Mark]:
    """What a failure says of a customer's address: no automatic mail goes to one that does not exist or takes none."""
    kind = verdict(status)
    if kind and audience == "customer" and policy.agent_of(address) is None:
        yield Mark(kind, address, status)


def letters_about(policy: Policy, ticket: TicketView | None, failure: Failure, now: datetime) -> tuple[Letter, ...]:
    """The notices about a failure: one rule for what is refused and for what comes back. Of a mail to ourselves the
    managers hear otherwise, as of one that does not come back."""
    if failure.kind == PROBE:
        return ()
    if failure.audience != "agent":
        agent = policy.agent_of(ticket.agent) if ticket and ticket.agent else None
        told = (agent,) if agent else policy.managers
        return tuple(_letter(policy, ticket, one, "notice-failed", failure, now) for one in told)
    if failure.template == LAST_WORD:
        return ()
    their_own = [a for r in failure.failed if (a := policy.agent_of(r.address)) is not None]
    if failure.kind != "notice" and ticket and not _mailbox_is_dead(failure):
        # Only this mail was refused, most often for its size: a small one without what was attached arrives.
        return tuple(_letter(policy, ticket, one, "notice-unreached", failure, now) for one in their_own)
    return tuple(_letter(policy, ticket, one, LAST_WORD, failure, now) for one in _instead(policy, ticket, failure))


def unsure_letters(policy: Policy, ticket: TicketView | None, handed: Handed, now: datetime) -> tuple[Letter, ...]:
    """The notice about a report that names a customer's address and no mail: to the ticket's agent, or the managers."""
    facts = {
        "kind": handed.sent.kind,
        "subject": handed.sent.subject,
        "address": handed.person.address,
        "reply": handed.words[:MAX_UNSURE],
        "sent_at": handed.sent.sent_at or now,
    }
    agent = policy.agent_of(ticket.agent) if ticket and ticket.agent else None
    told = (agent,) if agent else policy.managers
    return tuple(
        notice(policy, one, "notice-unsure", facts, now, ticket=ticket, subject=handed.sent.subject) for one in told
    )


def _mailbox_is_dead(failure: Failure) -> bool:
    return failure.returned or any(refused_with(r).startswith(("5.1.", "5.2.1")) for r in failure.failed)


def _instead(policy: Policy, ticket: TicketView | None, failure: Failure) -> tuple[Agent, ...]:
    """Who hears of it in place of those whom it did not reach: the managers; of a request that waits for an answer
    the department's other agents where no manager is left."""
    failed = {address_key(r.address) for r in failure.failed}
    managers = tuple(a for a in policy.managers if not a.keys & failed)
    if managers or failure.kind == "notice" or ticket is None:
        return managers
    department = policy.department(ticket.department).name
    return tuple(a for a in policy.agents_of(department) if not a.keys & failed)


def _letter(
    policy: Policy, ticket: TicketView | None, agent: Agent, template: str, failure: Failure, now: datetime
) -> Letter:
    facts = failure.facts
    customer = {"name": ticket.customer.name, "address": ticket.customer.address} if ticket else None
    if template == "notice-unreached":
        facts["customer"] = customer
    if template == LAST_WORD:
        facts["ticket_of"] = customer
        names = (a.name if (a := policy.agent_of(r.address)) else r.address for r in failure.failed)
        facts["who"] = ", ".join(dict.fromkeys(names))
    letter = notice(policy, agent, template, facts, now, ticket=ticket, subject=failure.subject)
    # The mail that did not arrive is no thread of anybody's.
    return letter if template == "notice-failed" else replace(letter, thread=())
