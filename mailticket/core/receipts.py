"""The receipt, one short mail at once for all that came of an agent's: who gets the words and when, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .agent_letters import about_mail, shows
from .case import Case
from .commands_undo import WITHIN
from .known import TicketView
from .plan import Letter
from .policy import Agent, Policy
from .subject import tag
from .types import Address
from .wording import count


@dataclass(frozen=True, slots=True)
class Way:
    """Where an agent's words go: `letter` takes them to its recipients, `had` have got the agent's mail itself,
    `missed` take part and get nothing; `noted` says that they are only kept, as a note."""

    letter: Letter | None = None
    had: tuple[Address, ...] = ()
    missed: tuple[Address, ...] = ()
    noted: bool = False


NOWHERE = Way()


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a mail in one of several tickets, named as before it: as for `receipt`."""

    ticket: TicketView
    lines: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


def receipt(
    case: Case,
    agent: Agent,
    ticket: TicketView,
    way: Way,
    lines: Sequence[str],
    unchanged: Sequence[str],
    *,
    tells: Sequence[str] = (),
    undone: bool = False,
) -> tuple[Letter, ...]:
    """To who acted; who wants to hear of errors alone is told what stays as it was, and where words reach not all that
    they are for. `tells` are lines of what no #undo takes back; `undone`: the mail was #undo."""
    if agent.receipts != "all":
        way, lines, tells = way if way.noted or way.missed else NOWHERE, (), ()
    if way == NOWHERE and not (lines or tells or unchanged):
        return ()
    told = _letter(case, agent, ticket, way, (*lines, *tells), unchanged)
    until = {} if undone else _until(way, lines, case.now)
    return (replace(told, about=shows(case), facts={**told.facts, **until, "undone": undone}),)


def _until(way: Way, lines: Sequence[str], now: datetime) -> dict[str, object]:
    """How long #undo keeps the answer here, and takes back the rest."""
    waits = way.letter is not None and way.letter.due_at > now
    return {
        "undo_answer_until": way.letter.due_at if way.letter and waits else None,
        "undo_until": now + WITHIN if lines else None,
    }


def of_list(case: Case, agent: Agent, lines: Sequence[str]) -> Letter:
    """Of a mail that answers a list or a question of the desk's."""
    return _letter(case, agent, None, NOWHERE, lines, ())


def of_tickets(
    case: Case, agent: Agent, came: Sequence[Came], lines: Sequence[str] = (), *, undone: bool = False
) -> tuple[Letter, ...]:
    """Of a mail about several tickets, one for all; to who wants to hear of errors alone, of what stays as it was.
    `lines` say what came of the mail in none of them."""
    if agent.receipts != "all":
        came = [replace(one, lines=(), tells=()) for one in came]
    done = [_of_ticket(one.ticket, (*one.lines, *one.tells), case.policy) for one in came if one.lines or one.tells]
    stays = [_of_ticket(one.ticket, one.unchanged, case.policy) for one in came if one.unchanged]
    if not (done or stays or lines):
        return ()
    told = _letter(case, agent, None, NOWHERE, lines, ())
    until = case.now + WITHIN if any(one.lines for one in came) and not undone else None
    facts = {**told.facts, "tickets": done, "tickets_unchanged": stays, "undone": undone, "undo_until": until}
    subject = f"{'#undo' if undone else 'Your orders'} for {count(len(came), 'ticket')}"
    return (replace(told, about=shows(case), facts=facts, subject=subject),)


def _of_ticket(ticket: TicketView, lines: Iterable[str], policy: Policy) -> dict[str, object]:
    """Its name stands above the lines, and in them where others are about tickets that were a part of it."""
    name, told = tag(ticket.id, policy), list(lines)
    if not any(line.startswith(f"[{policy.tag_prefix}-") and not line.startswith(f"{name} ") for line in told):
        told = [line.removeprefix(f"{name} ") for line in told]
    return {"tag": name, "subject": ticket.subject, "lines": told}


def _letter(
    case: Case, agent: Agent, ticket: TicketView | None, way: Way, lines: Sequence[str], unchanged: Sequence[str]
) -> Letter:
    facts = way_facts(way, case.now) | {"lines": list(lines), "unchanged": list(unchanged)}
    facts |= {"undo_answer_until": None, "undo_until": None, "undone": False, "tickets": [], "tickets_unchanged": []}
    return about_mail(case, agent, ticket, "notice-done", facts)


def way_facts(way: Way, now: datetime) -> dict[str, object]:
    """What a mail says of where the words go."""
    answer = way.letter
    return {
        "sent_to": _people(answer.to if answer else ()),
        "copies": _people(answer.cc if answer else ()),
        "leaves_at": answer.due_at if answer and answer.due_at > now else None,
        "written_at": now,
        "had": _people(way.had),
        "missed": _people(way.missed),
        "noted": way.noted,
    }


def _people(who: Iterable[Address]) -> list[dict[str, str]]:
    return [{"name": one.name, "address": one.address} for one in who]
