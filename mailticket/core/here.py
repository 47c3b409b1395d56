"""What follows where a proved agent passes on what is in a ticket already: the customer wrote to the desk, too."""

from __future__ import annotations

from dataclasses import replace

from . import agents, commands
from .case import Case
from .known import TicketView
from .match import Match, reads_inside
from .passed_on import idle_subject
from .plan import Plan
from .policy import Agent
from .receipts import NOWHERE, receipt
from .subject import tag
from .types import Attachment, ParsedMail
from .whose import has_files, original_of, passed_on_by, passes_on

OTHERS = "(passed on with it)"  # above words that begin with a command which is none


def is_here(case: Case) -> bool:
    """Of a ticket that this agent may not see nothing is said: theirs is another one."""
    return _ticket(case) is not None


def kept(case: Case) -> Plan:
    """No second ticket. The words above it are a note in the one that there is, and their orders are about that."""
    agent, ticket, given = case.agent, _ticket(case), case.mail.forwarded
    who, found = passed_on_by(case.mail, case.policy, case.whose), original_of(case.mail, case.policy)
    if agent is None or ticket is None or given is None or found is None or who is None:
        raise AssertionError("this rule holds only for a proved agent's mail that passes on what is here")
    name = tag(ticket.id, case.policy)
    line = f"the mail that you passed on is in {name} already, so it is no ticket of its own"
    passed = case.event("passed on", ticket.id, person=who)
    words = _noted(given.above, "\n\n".join(filter(None, (given.below, found.above))))
    if not words and not has_files(found):
        letters = receipt(case, agent, ticket, NOWHERE, (), [line, *idle_subject(case, found)])
        return Plan(state="done", reason=line, kind="person", ticket=ticket.id, events=(passed,), letters=letters)
    alone = replace(case, mail=_alone(case.mail, words, found.beside), original=None)
    plan = agents.mail(replace(alone, match=Match("reference", ticket), to_notes=True))
    if any(event.kind == "returned" for event in plan.events):
        return plan
    return _with_line(replace(plan, events=(passed, *plan.events)), case, agent, ticket, line)


def _ticket(case: Case) -> TicketView | None:
    ticket = case.context.tickets.get(case.context.here or 0)
    if ticket is None or case.agent is None or not passes_on(case):
        return None
    return ticket if reads_inside(case.agent, ticket, case.policy) else None


def _noted(above: str, others: str) -> str:
    """With what is not above it, where a command is only words."""
    apart = "" if commands.split(above)[1].strip() or not commands.split(others)[0] else OTHERS
    return "\n\n".join(filter(None, (above, apart, others)))


def _alone(mail: ParsedMail, words: str, files: tuple[Attachment, ...]) -> ParsedMail:
    """The agent's mail without what it passes on."""
    return replace(
        mail, text=words, full_text=words, html="", signature="", below="", attachments=files, forwarded=None
    )


def _with_line(plan: Plan, case: Case, agent: Agent, ticket: TicketView, line: str) -> Plan:
    """The receipt says it, or there is one that does."""
    told = next((one for one in plan.letters if one.template == "notice-done" and one.to[0].key in agent.keys), None)
    if told is None:
        return replace(plan, letters=(*plan.letters, *receipt(case, agent, ticket, NOWHERE, (), [line])))
    unchanged = told.facts["unchanged"]
    said = replace(told, facts={**told.facts, "unchanged": [line, *unchanged]})
    return replace(plan, letters=tuple(said if one is told else one for one in plan.letters))
