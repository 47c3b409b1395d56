"""What follows from a mail of a proved agent in a ticket: an answer to the customer, commands, or it comes back."""

from __future__ import annotations

from collections.abc import Sequence

from . import agent_acts as acts
from . import agent_letters, collisions, commands, notes, out_of_office, quarantine, showing, undo
from .bodies import TEXT_CUT
from .case import Case
from .command import Acting, Mistake, Order
from .commands_show import excess
from .commands_undo import UNDO, in_company
from .crossing import agent_answer
from .crypto import ENCRYPTED_DEFECT
from .effects import carried_out
from .handover import ANSWERED_BY_REPLY
from .keys import address_key
from .known import TicketView
from .plan import Letter, Plan
from .policy import Agent
from .sizes import estimated, fits
from .wording import person, size

ATTACHED = Mistake(
    "Attachments", "it has our mail to you attached, which the customer must not get; nothing was sent", ""
)
TOO_LONG = Mistake("Text", "it is longer than a mail can carry; nothing was sent; attach it as a file", "")
UNREADABLE = Mistake("Encryption", "it is encrypted, and this desk has no key; nothing was sent", "")
NOT_AN_ANSWER = Mistake("", "a reply to this mail goes to nobody: to answer the customer, reply to their own mail", "")

IN_SUBJECT = "the subject of a mail about a ticket orders nothing: write it on the first line"
BARRED = Mistake("", "it belongs to a ticket that you may not see; nothing was done", "")
FOR_OTHERS = (
    "your own client sent it there, and it may not be meant for the customer; to keep your words as a note, send them"
    " to the desk alone with #note on the first line; to answer the customer, reply to their mail"
)
PASSED_ON = Mistake(
    "",
    "it passes somebody's mail on, which is no answer; nothing was sent, and nothing kept; with #note on its first line"
    " it is kept as a note",
    "#note",
)


def automatic(case: Case) -> Plan:
    """An agent's machine proves nothing and commands nothing: it is recorded. What follows from their out-of-office
    mail is that they are away."""
    sent = next((s for s in case.context.signed if s.ticket is not None), None)
    ticket = sent.ticket if sent else None
    events = (case.event("automatic reply", ticket),) if ticket else ()
    reason = "an agent's automatic mail"
    plan = Plan(state="done", reason=reason, kind=case.sort.kind, ticket=ticket, events=events)
    return out_of_office.followed(case, plan)


def mail(case: Case) -> Plan:
    """A proved agent's mail in a ticket: it is obeyed, all of it, or comes back."""
    agent, ticket = case.agent, case.match.ticket
    if agent is None or case.proof is None or ticket is None:
        raise AssertionError("this rule holds only for a proved agent's mail in a ticket")
    written = agent_answer(case.mail, case.context.seen)
    lines, rest = commands.split(written)
    orders, mistakes = commands.understand(lines, case.policy, "ticket")
    internal = notes.is_note(case, orders)
    words = notes.words(case.mail, rest) if internal else rest.strip()
    has_content = bool(words) or any(not a.inline for a in case.mail.attachments)  # a logo alone is no answer
    answered = has_content and not internal
    mistakes += _in_subject(case, ticket)
    mistakes += in_company(orders, answered=has_content) or _for_nobody(
        case, agent, orders, internal=internal, has_content=has_content
    )
    mistakes += commands.unproved(orders, case.proof, case.policy)
    mistakes += (*commands.contradictions(orders, answered=answered), *excess(orders))
    effects, unfit = carried_out(Acting(case, agent, ticket), orders, answered=answered)
    after = effects[-1].ticket
    mistakes += () if internal else _for_others(case, after, answered=answered) or _not_to_cross(case, after, words)
    if mistakes := mistakes or unfit:  # what contradicts itself is not possible either, for reasons that help nobody
        notice = agent_letters.returned_commands(case, agent, ticket, mistakes)
        return _came_back(case, ticket, "returned", "a mail with a wrong command: nothing was done", notice)
    if any(order.name == UNDO for order in orders):
        return undo.undone(case, agent, ticket)
    if not has_content and not orders:
        notice = agent_letters.returned_empty(case, agent, ticket)
        return _came_back(case, ticket, "empty answer", "an empty answer: nothing was sent", notice)
    if internal and has_content:
        effects += (notes.kept(case, agent, ticket, effects[-1].ticket, words),)
    into = effects[0].ticket
    said = acts.Said(orders, words if has_content else None, effects, note=internal)
    plan = acts.done(case, agent, into, said)
    held = collisions.held(case, agent, ticket, plan, written) or collisions.held(case, agent, into, plan, written)
    return held or showing.answered(case, plan, orders)


def _in_subject(case: Case, ticket: TicketView) -> tuple[Mistake, ...]:
    """A command that somebody has written over the subject of the mail that they answer: it would do nothing, and what
    stands below it, perhaps a signature alone, would go to the customer."""
    line = commands.written_over(case.mail.subject, ticket.subject)
    return (Mistake(line.line, IN_SUBJECT, ""),) if line else ()


def placeless(case: Case) -> Plan:
    """A proved agent's mail that belongs to no ticket which they may see, and is no request, comes back."""
    return quarantine.returned(case, (BARRED if case.match.barred else notes.WHICH,))


def _for_nobody(
    case: Case, agent: Agent, orders: Sequence[Order], *, internal: bool, has_content: bool
) -> tuple[Mistake, ...]:
    """Why the words are neither a note nor an answer."""
    if internal:
        return notes.unclear(case, orders, has_content=has_content)
    if has_content and case.mail.forwarded is not None and not case.context.signed:
        return (PASSED_ON,)
    return () if not has_content or is_answer(case, agent) else (NOT_AN_ANSWER,)


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


def _for_others(case: Case, ticket: TicketView, *, answered: bool) -> tuple[Mistake, ...]:
    """Why nobody can know whether the words are the customer's."""
    if not answered or acts.has_reached(case, ticket) or not acts.is_for_others(case, ticket):
        return ()
    to = ", ".join(person({"name": a.name, "address": a.address}) for a in case.mail.to)
    return (Mistake(f"To: {to}" if to else "To", FOR_OTHERS, ""),)


def _not_to_cross(case: Case, ticket: TicketView, words: str) -> tuple[Mistake, ...]:
    """Why the mail can be sent to nobody, be its words as they may."""
    if acts.has_reached(case, ticket):
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


def _came_back(case: Case, ticket: TicketView, kind: str, reason: str, notice: Letter) -> Plan:
    return Plan(
        state="done",
        reason=reason,
        kind="person",
        ticket=ticket.id,
        events=(case.event(kind, ticket.id),),
        letters=(notice,),
    )
