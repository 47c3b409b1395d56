"""Internal notes: which mail of an agent is one, what becomes of it, and who hears of it."""

from __future__ import annotations

from collections.abc import Sequence

from . import commands
from .agent_letters import shows
from .case import Case
from .command import Effect, Mistake, Order
from .handover import ANSWERED_BY_REPLY, may_take, owner_of
from .known import TicketView
from .match import mentions, outsiders, reads_inside, serves
from .plan import NOTE, Letter
from .policy import Agent, Policy
from .shown import beginning, files_of, words_of
from .subject import tag
from .types import Address, ParsedMail
from .watching import watchers_of

_EMPTY = "there is nothing below it that could be kept as a note"
_BOTH = Mistake(
    "Addresses",
    "it goes to the address for answers and to the one for notes, and nobody can know which of them you meant; nothing"
    " was sent, and nothing kept; leave one of them out, or write #note on the first line",
    "",
)
_TWO = Mistake("Addresses", "it names note addresses of more than one ticket; nothing was kept; name one", "")
WHICH = Mistake(
    "Addresses",
    "it goes to a note address that this desk does not know (any more), so nobody can know which ticket it is about;"
    " nothing was sent, and nothing kept; take the note address from a newer mail about the ticket",
    "",
)


def is_note(case: Case, orders: Sequence[Order]) -> bool:
    """A note address of ours in it, a mail of a note that it answers, or its first line: each is enough."""
    return case.stays_inside or _ordered(orders)


def words(mail: ParsedMail, rest: str) -> str:
    """The new words, which are `rest`; of a mail that passes another one on that, too: it is what they are about."""
    passed_on = mail.forwarded is not None and mail.forwarded.how == "inline"
    return commands.split(words_of(mail))[1].strip() if passed_on else rest.strip()


def unclear(case: Case, orders: Sequence[Order], *, has_content: bool) -> tuple[Mistake, ...]:
    """What about a note nobody can know."""
    if len({sent.ticket for sent in case.noted}) > 1:
        return (_TWO,)
    if case.to_notes and not case.noted and len(mentions(case.context)) > 1:
        return (WHICH,)
    if not has_content:
        return tuple(Mistake(order.line, _EMPTY, "") for order in orders if order.name == "note")
    return (_BOTH,) if not _ordered(orders) and _names_answer(case) else ()


def kept(case: Case, agent: Agent, ticket: TicketView, after: TicketView, text: str) -> Effect:
    """The note's part of what follows, beside the message itself. `after` is the ticket as the mail's orders make it:
    the note changes nothing of it."""
    told = hearers(case.policy, ticket, after, agent, answered=_answered(case))
    what = "your words are" if text else "what is attached is"
    lines = [f"{what} kept as a note in {tag(ticket.id, case.policy)}; nobody outside sees it"]
    if outside := outsiders((*case.mail.to, *case.mail.cc), case.policy):
        lines = [f"{lines[0]} but {', '.join(one.address for one in outside)}, whom you sent it to yourself"]
    lines.append(f"told of it: {', '.join(one.name for one in told) or 'nobody else'}")
    return Effect(
        after,
        events=(case.event("noted", ticket.id),),
        letters=tuple(letter(case, one, after, text, agent.as_address) for one in told),
        lines=tuple(lines),
    )


def hearers(
    policy: Policy,
    before: TicketView,
    after: TicketView,
    writer: Agent | None = None,
    *,
    answered: Sequence[Agent] = (),
) -> tuple[Agent, ...]:
    """Who hears of a note: the ticket's agent, and who was that until now; where nobody is, all whom it was offered;
    who watches it; and who wrote the note that it answers. Who may not see it (any more) hears nothing."""
    had, has = owner_of(before, policy), owner_of(after, policy)
    everybody = (
        *([had] if had else []),
        *([has] if has else may_take(after, policy)),
        *watchers_of(after, policy),
        *(one for one in answered if reads_inside(one, after, policy)),
    )
    return tuple(dict.fromkeys(one for one in everybody if one is not writer and serves(one, after, policy)))


def _answered(case: Case) -> tuple[Agent, ...]:
    """Who wrote the notes that this mail answers."""
    found = (case.policy.agent_of(sent.person) for sent in case.noted if sent.template == NOTE)
    return tuple(agent for agent in found if agent is not None)


def letter(case: Case, agent: Agent, ticket: TicketView, text: str, writer: Address) -> Letter:
    """To one agent: the note. A reply to it is another one."""
    department = case.policy.department(ticket.department)
    files = files_of(case.mail, case.files, case.policy)
    return Letter(
        template=NOTE,
        kind="notice",
        audience="agent",
        department=department.name,
        ticket=ticket.id,
        to=(agent.as_address,),
        subject=ticket.subject,
        due_at=case.now,
        facts={
            "from_": {"name": writer.name, "address": writer.address},
            "text": beginning(text),
            "attachments": [{"filename": a.filename, "size": a.size} for a in files.kept],
            "left_out": [{"filename": a.filename, "size": a.size} for a in files.left_out],
            "row": case.row,
        },
        from_name=f"{writer.shown} (note) via {department.name}",
        thread=ticket.thread_of(agent.address),
        automatic="" if case.is_person else "auto-generated",
        attachments=files.kept,
        about=shows(case),
        person=writer.address,
    )


def _ordered(orders: Sequence[Order]) -> bool:
    return any(order.name == "note" for order in orders)


def _names_answer(case: Case) -> bool:
    """Does it go to an address of ours, too, by which words reach the customer's side?"""
    named = (sent for sent in case.context.signed if sent.purpose == "reply")
    return any(sent.audience != "agent" or sent.kind in ANSWERED_BY_REPLY for sent in named)
