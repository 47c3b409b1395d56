"""#undo of a #split: the mail goes back to where it was, and what was its own ticket is a part of that one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import undo_words as words
from .acts import Act
from .case import Case
from .command import Acting, Effect
from .commands_merge import goes_on, told
from .effects import happened
from .known import TicketView
from .plan import Letter, Move, NewEvent, TicketChange
from .policy import Agent
from .subject import tag


@dataclass(frozen=True, slots=True)
class Back:
    """What is taken back of an act, but for its mails, and what `stays`, a line each. `ticket` is what the ticket is
    then that the receipt is about."""

    ticket: TicketView
    changes: tuple[TicketChange, ...] = ()
    moves: tuple[Move, ...] = ()
    events: tuple[NewEvent, ...] = ()
    letters: tuple[Letter, ...] = ()
    lines: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    owes: Agent | None = None  # whose turn it is, by that


def rejoined(case: Case, agent: Agent, act: Act) -> Back:
    """Nobody else has done anything in the new one, so nothing but the mail, and answers that have left, goes back."""
    (move,) = act.moves
    views = {one.ticket.id: one.ticket for one in act.changed}
    old, new = views[move.source], views[move.target]
    left = act.reached or any(not mail.waits for mail in act.mails)
    if not left:  # what an answer had made of it, which nobody will get
        new = replace(new, status="new", first_response_at=None)
    acting = Acting(case, agent, new)
    closed = happened(Acting(case, agent, views[move.target]), "close")
    effect = Effect(old) if old.updated_at <= act.at else goes_on(acting, old)
    answered = {"first_response_at": new.first_response_at} if left and old.first_response_at is None else {}
    name, into = tag(new.id, case.policy), tag(old.id, case.policy)
    lines = [f"what {new.customer.address or new.customer.name} wrote is in {into} again, and {name} is a part of that"]
    if effect.ticket.status != old.status:
        lines.append(words.goes_on(case, effect.ticket))
    return Back(
        ticket=effect.ticket,
        changes=(
            TicketChange(new.id, set={**closed.set, "merged_into": old.id}),
            TicketChange(old.id, set={**effect.set, **answered}),
        ),
        moves=(Move(new.id, old.id),),
        events=(
            case.event("merged", new.id, ticket=old.id),
            *closed.events,
            case.event("merged from", old.id, ticket=new.id),
            *effect.events,
        ),
        letters=tuple(told(acting, old, effect.ticket, ())),
        lines=tuple(lines),
    )
