"""The mails that the rules want written: one function a kind, each saying what its template may know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from .bodies import TEXT_CUT, Room
from .case import Case
from .commands import Mistake
from .estimate import Estimate
from .identity import scrub
from .policy import Agent, Department, Policy
from .retry import RecipientState
from .subject import tag
from .types import Address, Attachment, Letter, ParsedMail, TicketView

Facts = dict[str, object]
MAX_SHOWN, MAX_SHOWN_LINES = 100_000, 5_000  # characters and lines of a mail that its agent's mail shows


def acknowledgement(
    case: Case, number: int, subject: str, estimate: Estimate, *, follow_up_of: int | None = None
) -> Letter:
    """To the customer: we have it, and when to expect an answer."""
    mail = case.mail
    facts: Facts = {
        "name": case.sender.name,
        "subject": subject,
        "received": case.received_at,
        "offset": case.offset,
        "size": mail.size,
        "attachment_count": len(mail.attachments),
        "answer_by": estimate.answer_by,
        "basis": estimate.basis,
        "follow_up_of": tag(follow_up_of, case.policy) if follow_up_of else None,
    }
    return Letter(
        template="acknowledgement",
        kind="acknowledgement",
        audience="customer",
        department=case.department.name,
        ticket=number,
        to=(case.sender,),
        subject=subject,
        due_at=case.now,
        facts=facts,
        thread=_behind(case.mail.references, case.mail.message_id),
        automatic="auto-replied",
        record=True,
    )


def assignment(
    case: Case,
    agent: Agent,
    department: Department,
    number: int,
    subject: str,
    estimate: Estimate,
    *,
    reaches: Sequence[Address],
    mentions: Sequence[int] = (),
    follow_up_of: int | None = None,
) -> Letter:
    """To one agent: the request, who asks, and what a reply will do. `reaches` are those whom a reply reaches."""
    policy, context = case.policy, case.context
    facts = _request(case, agent, department, reaches) | {
        "earlier": [
            {"tag": tag(e.id, policy), "subject": e.subject, "status": e.status, "created": e.created_at}
            for e in context.earlier
        ],
        "earlier_count": context.earlier_count,
        "answer_by": estimate.answer_by,
        "basis": estimate.basis,
        "mentions": [tag(m, policy) for m in mentions],
        "follow_up_of": tag(follow_up_of, policy) if follow_up_of else None,
    }
    return Letter(
        template="assignment",
        kind="assignment",
        audience="agent",
        department=department.name,
        ticket=number,
        to=(agent.as_address,),
        subject=subject,
        due_at=case.now,
        facts=facts,
        from_name=f"{case.sender.shown} via {department.name}",
        automatic="auto-generated",
        attachments=_files(case.mail),
    )


def relay_to_agent(case: Case, agent: Agent, ticket: TicketView) -> Letter:
    """To the ticket's agent: what the customer's side wrote now."""
    department = case.policy.department(ticket.department)
    reaches = case.reached_by_answer(ticket)
    facts = _request(case, agent, department, reaches) | {
        "from_": {"name": case.sender.name, "address": case.sender.address}
    }
    return Letter(
        template="relay",
        kind="relay",
        audience="agent",
        department=department.name,
        ticket=ticket.id,
        to=(agent.as_address,),
        subject=ticket.subject,
        due_at=case.now,
        facts=facts,
        from_name=f"{case.sender.shown} via {department.name}",
        thread=ticket.agent_thread,
        automatic="" if case.is_person else "auto-generated",
        attachments=_files(case.mail),
    )


def answer(case: Case, agent: Agent, ticket: TicketView, text: str, to: tuple[Address, ...]) -> Letter:
    """To the customer's side: the agent's words, from the department, after the time in which they can be undone.

    Nothing but these words crosses: quotes are cut before; our signed addresses are taken out here, and agents'
    own ones become the department's.
    """
    department = case.policy.department(ticket.department)
    words = _without_agents(scrub(text, case.policy), case.policy, department)
    return Letter(
        template="answer",
        kind="relay",
        audience="customer",
        department=department.name,
        ticket=ticket.id,
        to=to[:1],
        cc=to[1:],
        subject=ticket.subject,
        due_at=case.now + case.policy.send_delay,
        facts={"text": words, "signature": ""},
        from_name="" if department.hide_agents else agent.name,
        thread=ticket.customer_thread,
        attachments=case.mail.attachments,
        record=True,
        text=words,
    )


def _without_agents(text: str, policy: Policy, department: Department) -> str:
    known = "|".join(sorted((re.escape(key) for agent in policy.agents for key in agent.keys), key=len, reverse=True))
    alone = rf"(?<![\w.+-])(?:{known})(?![\w-]|\.\w)"
    return re.sub(alone, lambda _found: department.addresses[0], text, flags=re.IGNORECASE)


def returned_commands(case: Case, agent: Agent, ticket: TicketView, mistakes: Sequence[Mistake]) -> Letter:
    """To an agent: a mail with a wrong command did nothing at all, and here it is."""
    facts: Facts = {
        "mistakes": [{"line": m.line, "reason": m.reason, "nearest": m.nearest} for m in mistakes],
        "original": case.mail.full_text,
    }
    return _notice(case, agent, ticket, "notice-commands", facts)


def returned_empty(case: Case, agent: Agent, ticket: TicketView) -> Letter:
    """To an agent: there was nothing to send in that mail."""
    return _notice(case, agent, ticket, "notice-empty", {"original": case.mail.full_text})


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail of ours that has just failed for some of its recipients, with the server's words about each."""

    outbox_id: int
    kind: str
    audience: str
    subject: str
    failed: tuple[RecipientState, ...]
    written_at: datetime

    @property
    def facts(self) -> Facts:
        return {
            "kind": self.kind,
            "subject": self.subject,
            "recipients": [{"address": r.address, "reply": r.last_reply} for r in self.failed],
            "sent_at": self.written_at,
        }


def failed_delivery(policy: Policy, ticket: TicketView, agent: Agent, failure: Failure, now: datetime) -> Letter:
    """To the ticket's agent: a mail of ours was refused, with the server's own words."""
    return _agent_notice(policy, agent, ticket, "notice-failed", failure.facts, now)


def failed_to_agent(policy: Policy, ticket: TicketView, agent: Agent, failure: Failure, now: datetime) -> Letter:
    """To an agent whom a mail of ours did not reach, as small as it can be: that there is one, and where it is seen."""
    facts = failure.facts | {"customer": {"name": ticket.customer.name, "address": ticket.customer.address}}
    letter = _agent_notice(policy, agent, ticket, "notice-unreached", facts, now)
    # What the ticket's own agent has got is no thread of another's, nor is the mail that did not arrive.
    return replace(letter, thread=())


def _notice(case: Case, agent: Agent, ticket: TicketView, template: str, facts: Facts) -> Letter:
    return _agent_notice(case.policy, agent, ticket, template, facts, case.now)


def _agent_notice(
    policy: Policy, agent: Agent, ticket: TicketView, template: str, facts: Facts, now: datetime
) -> Letter:
    return Letter(
        template=template,
        kind="notice",
        audience="agent",
        department=policy.department(ticket.department).name,
        ticket=ticket.id,
        to=(agent.as_address,),
        subject=ticket.subject,
        due_at=now,
        facts=facts,
        from_name=policy.name,
        thread=ticket.agent_thread,
        automatic="auto-generated",
    )


def _request(case: Case, agent: Agent, department: Department, reaches: Sequence[Address]) -> Facts:
    mail = case.mail
    return {
        "agent_name": agent.name,
        "customer": {"name": case.sender.name, "address": case.sender.address},
        "text": _shown(mail),
        "attachments": [{"filename": a.filename, "size": a.size} for a in _files(mail)],
        "automatic": not case.is_person,
        "reply_line": _reply_line(reaches, department.name if department.hide_agents else agent.name),
    }


def _shown(mail: ParsedMail) -> str:
    """So many of the words that a reply which quotes them all is within the bounds of a mail's text."""
    text = mail.text or mail.full_text
    kept = Room(MAX_SHOWN, MAX_SHOWN_LINES).cut(text)
    if kept == text and TEXT_CUT not in mail.defects:
        return text
    return f"{kept.rstrip()}\n\n… the rest is in the attachment"


def _files(mail: ParsedMail) -> tuple[Attachment, ...]:
    """The attachments; last the text itself where a mail to an agent shows only its beginning."""
    text = mail.text or mail.full_text
    if TEXT_CUT in mail.defects or Room(MAX_SHOWN, MAX_SHOWN_LINES).cut(text) == text:
        return mail.attachments  # what was cut as it was read is among them
    content = text.encode("utf-8", "replace")
    whole = Attachment("message.txt", "text/plain", content, sha256(content).hexdigest())
    return (*mail.attachments, whole)


def _reply_line(reaches: Sequence[Address], signed_by: str) -> str:
    """One line on what a reply will do."""
    if not reaches:
        return "Nobody left an address: a reply to this mail reaches nobody. #resolve on its first line resolves it."
    customer, *others = (f"{a.name} <{a.address}>" if a.name else a.address for a in reaches)
    copied = f", with {', '.join(others)} in copy" if others else ""
    return (
        f"Reply to this mail and your words go to {customer}{copied}, signed {signed_by}. "
        "#resolve on the first line resolves the ticket."
    )


def _behind(references: tuple[str, ...], message_id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*references, message_id))) if message_id else references
