"""The receipt, one short mail at once for all that came of an agent's: who gets the words and when, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .agent_letters import about_mail, shows
from .case import Case
from .known import TicketView
from .plan import Letter
from .policy import Agent
from .types import Address


@dataclass(frozen=True, slots=True)
class Way:
    """Where an agent's words go: `letter` takes them to its recipients, `had` have got the agent's mail itself,
    `missed` take part and get nothing; `noted` says that they are only kept, as a note."""

    letter: Letter | None = None
    had: tuple[Address, ...] = ()
    missed: tuple[Address, ...] = ()
    noted: bool = False


NOWHERE = Way()


def receipt(
    case: Case, agent: Agent, ticket: TicketView, way: Way, lines: Sequence[str], unchanged: Sequence[str]
) -> tuple[Letter, ...]:
    """To who acted; who wants to hear of errors alone is told what stays as it was."""
    if agent.receipts != "all":
        way, lines = NOWHERE, ()
    if way == NOWHERE and not (lines or unchanged):
        return ()
    return (replace(_letter(case, agent, ticket, way, lines, unchanged), about=shows(case)),)


def of_list(case: Case, agent: Agent, lines: Sequence[str]) -> Letter:
    """Of a mail that answers a list or a question of the desk's."""
    return _letter(case, agent, None, NOWHERE, lines, ())


def _letter(
    case: Case, agent: Agent, ticket: TicketView | None, way: Way, lines: Sequence[str], unchanged: Sequence[str]
) -> Letter:
    answer = way.letter
    facts = {
        "sent_to": _people(answer.to if answer else ()),
        "copies": _people(answer.cc if answer else ()),
        "leaves_at": answer.due_at if answer and answer.due_at > case.now else None,
        "written_at": case.now,
        "had": _people(way.had),
        "missed": _people(way.missed),
        "noted": way.noted,
        "lines": list(lines),
        "unchanged": list(unchanged),
    }
    return about_mail(case, agent, ticket, "notice-done", facts)


def _people(who: Iterable[Address]) -> list[dict[str, str]]:
    return [{"name": one.name, "address": one.address} for one in who]
