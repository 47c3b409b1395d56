"""The mails to the customer's side: one function a kind, each saying what its template may know (agent_letters: to
agents)."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from .agent_letters import assignment, relay_to_agent
from .case import Case
from .commands import split
from .crossing import agent_answer
from .crossing_files import crossing_files, named_pictures, new_ids
from .crossing_html import Clean, Look, look
from .estimate import Estimate
from .known import TicketView
from .outward import crossing
from .plan import Letter
from .policy import Agent, Department
from .sizes import fits
from .subject import tag
from .types import Address

__all__ = ["acknowledgement", "answer", "assignment", "relay_to_agent"]

Facts = dict[str, object]


def acknowledgement(
    case: Case, number: int, subject: str, estimate: Estimate, *, follow_up_of: int | None = None
) -> Letter:
    """To the customer: we have it, and when to expect an answer. Somebody new and unproved may not be who wrote: the
    mail then repeats none of the words, names and subjects that a stranger could put into another's mailbox."""
    mail, known = case.mail, case.known
    facts: Facts = {
        "known": known,
        "name": case.sender.name if known else "",
        "subject": subject if known else case.policy.name,
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
        to=(case.sender if known else Address(case.sender.address),),
        subject=subject if known else case.policy.name,
        due_at=case.now,
        facts=facts,
        thread=_behind(mail.references if known else (), mail.message_id),
        automatic="auto-replied",
        record=True,
        language=case.language,
    )


def answer(case: Case, agent: Agent, ticket: TicketView, text: str, to: tuple[Address, ...]) -> Letter:
    """To the customer's side: the agent's words, from the department, after the time in which they can be undone.

    Nothing but these words crosses, as text and with the look that they have in the agent's mail: quotes are cut
    before; our signed addresses are taken out here, and agents' own ones become the department's.
    """
    department = case.policy.department(ticket.department)
    clean = partial(crossing, policy=case.policy, department=department)
    words = clean(named_pictures(text, case.mail))
    found = _look(case, text, clean)
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
        facts={
            "text": words,
            "html": Markup(found.html),  # noqa: S704 - made of nothing but what may cross
            "signature": clean(_signature(agent, department)),
        },
        from_name="" if department.hide_agents else agent.name,
        thread=ticket.customer_thread,
        attachments=crossing_files(case.mail, found, new_ids(case.mail, case.policy), clean),
        record=True,
        text=words,
        person=agent.address,
        language=ticket.customer.language or case.policy.default_language,
    )


def _signature(agent: Agent, department: Department) -> str:
    """As configured; a department that hides its agents has one for all."""
    own = "" if department.hide_agents else agent.signature
    return own or department.signature


def _look(case: Case, text: str, clean: Clean) -> Look:
    """The answer's words as HTML; nothing where they cross as text alone."""
    mail = case.mail
    if not mail.html:
        return Look()
    above, _ = split(agent_answer(mail, case.context.seen))
    found = look(mail.html, "\n".join(one.line for one in above), text, clean, new_ids(mail, case.policy))
    return found if fits(text + found.html, mail.attachments, case.policy.max_size) else Look()


def _behind(references: tuple[str, ...], message_id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*references, message_id))) if message_id else references
