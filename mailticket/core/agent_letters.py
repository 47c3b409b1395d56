"""The mails to agents: the request, what the customer's side writes, and notices. Each goes to one agent alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from . import third_party
from .case import Case
from .command import MISTAKES, Mistake
from .earlier import earlier
from .estimate import Estimate, estimate
from .headers import can_be_written_to
from .keys import address_key
from .known import TicketView
from .match import outsiders, serves
from .plan import Letter
from .policy import Agent, Department, Policy
from .shown import Files, beginning, files_of, reply_line, shown, signed_by
from .subject import tag
from .types import Address

Facts = dict[str, object]


def assignment(
    case: Case,
    agent: Agent,
    department: Department,
    number: int,
    subject: str,
    promise: Estimate,
    *,
    reaches: Sequence[Address],
    follow_up_of: int | None = None,
    offered: Sequence[Agent] = (),
) -> Letter:
    """To one agent: the request, who asks, and what a reply will do. `reaches` are those whom a reply reaches,
    `offered` all agents who get this mail where the ticket is whose who answers first."""
    policy, context = case.policy, case.context
    files = files_of(case.mail, case.files, policy, opens=case.match.ticket is None)
    facts = _request(case, agent, department, files, reaches, free=bool(offered)) | {
        **earlier(case, agent, number),
        "answer_by": promise.answer_by,
        "basis": promise.basis,
        "answers": third_party.answers(case, agent),
        "mentions": [tag(m, policy) for m in third_party.mentioned(case)],
        "merges": [f"#merge {m}" for m in third_party.mentioned(case) if serves(agent, context.tickets[m], policy)],
        "follow_up_of": tag(follow_up_of, policy) if follow_up_of else None,
        "offered": bool(offered),
        "offered_to": _others(agent, offered),
        "also": list(case.also),
        "begun": "",
        "waits": True,
        "ordered": [],
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
        attachments=files.kept,
        about=shows(case),
    )


def relay_to_agent(case: Case, agent: Agent, ticket: TicketView, *, watched: bool = False) -> Letter:
    """To the ticket's agent, to each whom it was offered, or to one by whom it is `watched`: what the customer's side
    wrote now."""
    department = case.policy.department(ticket.department)
    files = files_of(case.mail, case.files, case.policy)
    facts = _request(case, agent, department, files, case.reached_by_answer(ticket), free=not ticket.agent) | {
        "from_": {"name": case.sender.name, "address": case.sender.address},
        "watched": watched,
        "owner": _owner(ticket, case.policy),
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
        thread=ticket.thread_of(agent.address),
        automatic="" if case.is_person else "auto-generated",
        attachments=files.kept,
        about=shows(case),
    )


def handover(
    policy: Policy,
    ticket: TicketView,
    agent: Agent,
    request: str,
    now: datetime,
    *,
    by: str = "",
    escalated: bool = False,
    offered: Sequence[Agent] = (),
    watched: bool = False,
    split_from: int | None = None,
) -> Letter:
    """To one agent: a ticket that was somebody else's, or nobody's, or a mail in another one; or one that is
    `watched` by them now. `by` is the
    name of who has seen to it, "" for the desk; `request` the customer's side's last words. A reply is an answer, as
    one to an assignment is."""
    department = policy.department(ticket.department)
    promise = estimate(department, ticket.priority, ticket.created_at)
    free = bool(offered) or (watched and not ticket.agent)
    facts: Facts = {
        "agent_name": agent.name,
        "by": by,
        "escalated": escalated,
        "split_from": tag(split_from, policy) if split_from else "",
        "customer": {"name": ticket.customer.name, "address": ticket.customer.address},
        "text": beginning(request),
        "opened": ticket.created_at,
        "status": ticket.status,
        "waits": ticket.first_response_at is None,
        "answer_by": promise.answer_by,
        "basis": promise.basis,
        "reply_line": reply_line(reached(ticket, policy), signed_by(agent, department), free=free),
        "offered": bool(offered),
        "offered_to": _others(agent, offered),
        "watched": watched,
        "owner": _owner(ticket, policy),
    }
    return Letter(
        template="handover",
        kind="relay" if watched else "assignment",  # by an assignment a ticket is given or offered
        audience="agent",
        department=department.name,
        ticket=ticket.id,
        to=(agent.as_address,),
        subject=ticket.subject,
        due_at=now,
        facts=facts,
        from_name=f"{ticket.customer.name or ticket.customer.address} via {department.name}",
        thread=ticket.thread_of(agent.address),
        automatic="auto-generated",
    )


def reached(ticket: TicketView, policy: Policy) -> tuple[Address, ...]:
    """Whom an answer in this ticket reaches: its participants but for the desk and agents, unless one of them asks."""
    theirs = {address_key(ticket.customer.address), *(a.key for a in outsiders(ticket.participants, policy))}
    return tuple(
        one
        for one in ticket.participants
        if one.key in theirs and policy.department_of(one.address) is None and can_be_written_to(one.address)
    )


# --- notices -------------------------------------------------------------------------------------------------


def notice(
    policy: Policy,
    agent: Agent,
    template: str,
    facts: Mapping[str, object],
    now: datetime,
    *,
    ticket: TicketView | None = None,
    subject: str = "",
    thread: Sequence[str] = (),
) -> Letter:
    """In the agent's own thread of a ticket; without one it has a subject and a thread of its own."""
    return Letter(
        template=template,
        kind="notice",
        audience="agent",
        department=policy.department(ticket.department if ticket else "").name,
        ticket=ticket.id if ticket else None,
        to=(agent.as_address,),
        subject=ticket.subject if ticket else subject,
        due_at=now,
        facts=facts,
        from_name=policy.name,
        thread=(ticket.thread_of(agent.address) if ticket else ()) or tuple(thread),
        automatic="auto-generated",
    )


def returned_commands(case: Case, agent: Agent, ticket: TicketView | None, mistakes: Sequence[Mistake]) -> Letter:
    """A mail with a wrong command did nothing at all, and here it is."""
    facts: Facts = {
        "mistakes": [{"line": m.line, "reason": m.reason, "nearest": m.nearest} for m in mistakes[:MISTAKES]],
        "more": max(0, len(mistakes) - MISTAKES),
        "original": case.mail.full_text,
        "answers": case.answers,
    }
    return about_mail(case, agent, ticket, "notice-commands", facts)


def returned_empty(case: Case, agent: Agent, ticket: TicketView) -> Letter:
    """There was nothing to send in that mail."""
    return about_mail(case, agent, ticket, "notice-empty", {"original": case.mail.full_text})


def given_back(case: Case, agent: Agent, ticket: TicketView, template: str, facts: Facts) -> Letter:
    """An answer that is held, to its writer, who decides about it by a reply."""
    return replace(about_mail(case, agent, ticket, template, facts), about=shows(case))


def moved(
    policy: Policy, ticket: TicketView, agent: Agent, now: datetime, *, owner: Agent | None, by: Agent | None
) -> Letter:
    """The ticket is `owner`'s from now on, or nobody's; `by` is who has seen to it, None for the desk."""
    facts: Facts = {"owner": owner.name if owner else "", "by": by.name if by else "", "customer": _customer(ticket)}
    taken = owner is not None and owner is by
    return notice(policy, agent, "notice-taken" if taken else "notice-moved", facts, now, ticket=ticket)


def unwatched(policy: Policy, ticket: TicketView, agent: Agent, now: datetime, *, by: Agent) -> Letter:
    """A colleague has seen to it that they hear no more of the ticket."""
    return notice(policy, agent, "notice-unwatched", {"by": by.name, "customer": _customer(ticket)}, now, ticket=ticket)


def woken(policy: Policy, ticket: TicketView, agent: Agent, request: str, now: datetime) -> Letter:
    """The time until which it was postponed is over; `request` is the customer's side's last words."""
    facts: Facts = {"customer": _customer(ticket), "text": beginning(request)}
    return notice(policy, agent, "notice-woken", facts, now, ticket=ticket)


def answered_elsewhere(case: Case, owner: Agent, ticket: TicketView, *, text: str) -> Letter:
    """Somebody to whom the ticket does not belong any more has answered: to whose it is."""
    writer = case.agent.name if case.agent else ""
    facts: Facts = {"writer": writer, "customer": _customer(ticket), "answer": text}
    return notice(case.policy, owner, "notice-answered", facts, case.now, ticket=ticket)


def undone(
    policy: Policy, ticket: TicketView, agent: Agent, lines: Iterable[str], now: datetime, *, by: Agent
) -> Letter:
    """To a colleague who had heard of it: what a mail of `by` did is taken back."""
    facts: Facts = {"by": by.name, "customer": _customer(ticket), "lines": list(lines)}
    return notice(policy, agent, "notice-undone", facts, now, ticket=ticket)


def about_mail(
    case: Case, agent: Agent, ticket: TicketView | None, template: str, facts: Mapping[str, object]
) -> Letter:
    """What came of the agent's mail, in the thread of it."""
    mail = case.mail
    behind = tuple(dict.fromkeys((*mail.references, mail.message_id))) if mail.message_id else mail.references
    return notice(case.policy, agent, template, facts, case.now, ticket=ticket, subject=case.subject, thread=behind)


def shows(case: Case) -> tuple[int, ...]:
    """The inbox row of the mail that it shows or is about; none where the mail is only explained."""
    return (case.row,) if case.row else ()


def _customer(ticket: TicketView) -> dict[str, str]:
    return {"name": ticket.customer.name, "address": ticket.customer.address}


def _owner(ticket: TicketView, policy: Policy) -> str:
    """The name of whose it is, "" for nobody's."""
    owner = policy.agent_of(ticket.agent) if ticket.agent else None
    return owner.name if owner else ""


def _others(agent: Agent, offered: Sequence[Agent]) -> list[str]:
    return [other.name for other in offered if other.address != agent.address]


def _request(
    case: Case, agent: Agent, department: Department, files: Files, reaches: Sequence[Address], *, free: bool
) -> Facts:
    return {
        "agent_name": agent.name,
        "customer": {"name": case.sender.name, "address": case.sender.address},
        "text": shown(case.mail, case.told, opens=case.match.ticket is None),
        "attachments": [{"filename": a.filename, "size": a.size} for a in files.kept],
        "left_out": [{"filename": a.filename, "size": a.size} for a in files.left_out],
        "row": case.row,
        "automatic": not case.is_person,
        "marked": case.spam,
        "strangers": [{"name": a.name, "address": a.address} for a in case.strangers],
        "reply_line": reply_line(reaches, signed_by(agent, department), free=free),
    }
