"""The automatic answer to a new ticket: given, or not, and why; what it costs of the budgets."""

from __future__ import annotations

from dataclasses import dataclass

from . import letters
from .budgets import HELD_AFTER, exhausted, holds, words_key
from .case import Case
from .estimate import Estimate
from .held import held_notice
from .plan import Answered, Letter, Mark, NewEvent


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows beside the ticket."""

    letters: tuple[Letter, ...] = ()
    events: tuple[NewEvent, ...] = ()
    marks: tuple[Mark, ...] = ()
    answered: tuple[Answered, ...] = ()


def acknowledge(case: Case, number: int, subject: str, promise: Estimate, *, follow_up_of: int | None = None) -> Answer:
    """To whoever asks, where an automatic answer may go there and the budgets have room."""
    if why := case.unanswerable:
        return Answer(events=(NewEvent("not acknowledged", "desk", number, {"kind": why}),))
    address, words = case.sender.address, words_key(case.mail)
    if over := exhausted(case.policy.budgets, case.context.used):
        return _refused(case, number, over, Answered(address, words, given=False))
    letter = letters.acknowledgement(case, number, subject, promise, follow_up_of=follow_up_of)
    return Answer(
        letters=(letter,),
        events=(NewEvent("acknowledged", "desk", number),),
        answered=(Answered(address, words, given=True),),
    )


def _refused(case: Case, number: int, budget: str, refused: Answered) -> Answer:
    """Over a budget nobody is answered; who is over their own for three hours running is taken for a machine."""
    events = (NewEvent("not acknowledged", "desk", number, {"kind": "budget", "budget": budget}),)
    if not holds(budget):
        return Answer(events=events)
    if case.context.refused_hours < HELD_AFTER:
        return Answer(events=events, answered=(refused,))
    return Answer(
        letters=tuple(held_notice(case.policy, m, case.sender.address, case.now) for m in case.policy.managers),
        events=(*events, NewEvent("held for a machine", "desk", number, {"person": case.sender})),
        marks=(Mark("held", case.sender.address, "yes"),),
        answered=(refused,),
    )
