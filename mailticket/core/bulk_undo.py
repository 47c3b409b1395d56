"""#undo in reply to the receipt of a mail about several tickets: all that the mail did is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from . import receipts
from .acts import Act, receipt_of
from .bulk import of_ticket
from .case import Case
from .command import CommandLine, Mistake
from .commands_undo import ALONE, UNDO
from .known import TicketView
from .match import serves
from .plan import Plan
from .policy import Agent
from .quarantine import returned
from .receipts import Came
from .undo import NOTHING, Taken, taken_back
from .undo_words import CHANGED_NOTHING

UNSEEN = "you may not see it any more: what your mail did there stays"
UNTOLD = "you may not see it any more: what else your mail did there stays"


def asks(case: Case, agent: Agent, lines: Iterable[CommandLine]) -> bool:
    """Does it answer a receipt that is about no ticket alone, with #undo?"""
    return any(line.word == UNDO for line in lines) and receipt_of(agent, case.context.signed) is not None


def undone(case: Case, agent: Agent, *, alone: bool) -> Plan:
    """Ticket by ticket: what cannot be taken back of one holds up no other."""
    if not alone:
        return returned(case, (Mistake(f"#{UNDO}", ALONE, f"#{UNDO}"),))
    if not case.context.acts:
        told = receipts.of_list(case, agent, [CHANGED_NOTHING])
        return Plan(state="done", reason=NOTHING, kind=case.sort.kind, letters=(told,))
    tickets = [case.context.tickets[act.ticket] for act in case.context.acts]
    parts = [_taken(case, agent, one, act) for one, act in zip(tickets, case.context.acts, strict=True)]
    plans = [part.plan for part in parts if part.plan is not None]
    came = [Came(part.ticket, lines=part.lines, unchanged=part.stays) for part in parts]
    return Plan(
        state="done",
        reason="" if plans else NOTHING,
        kind=case.sort.kind,
        changes=tuple(one for plan in plans for one in plan.changes),
        moves=tuple(one for plan in plans for one in plan.moves),
        events=tuple(one for plan in plans for one in plan.events),
        letters=(
            *(one for plan in plans for one in plan.letters),
            *receipts.of_tickets(case, agent, came, undone=True),
        ),
        undoes=tuple(one for plan in plans for one in plan.undoes),
    )


def _taken(case: Case, agent: Agent, ticket: TicketView, act: Act) -> Taken:
    """What their mail did they know; what the ticket is a part of, or became otherwise, they may not."""
    if ticket.id != act.ticket and not serves(agent, ticket, case.policy):
        return Taken(_unnamed(ticket, act), stays=(UNSEEN,))
    taken = taken_back(of_ticket(case, ticket.id), agent, ticket, act)
    if serves(agent, taken.ticket, case.policy):
        return taken
    return replace(taken, ticket=_unnamed(ticket, act), stays=(UNTOLD,) if taken.stays else ())


def _unnamed(ticket: TicketView, act: Act) -> TicketView:
    return replace(ticket, id=act.ticket, subject="")
