"""Why a ticket is as it is, in sentences: how mails were threaded, who was proved, who chose, how times were counted.

What is past is told from what was recorded then; what is counted again says so where it comes out otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from .asked import Happened, Promise
from .assign import reason
from .case import Case
from .estimate import due_dates, service_level, span_in_words
from .hours import worked
from .known import SentMail, TicketView
from .past import in_words, named
from .policy import Department
from .subject import tag
from .wording import count, when

MAILS, MOVES, STRETCHES = 5, 5, 8  # so many of each are told, the newest mails and moves, the first stretches
DAYS_COUNTED = 2_000  # stretches of working time that are looked at
Section = dict[str, object]

_MOVES = frozenset({"assigned", "offered", "unassigned", "agent left"})
_MAIL = {
    "assignment": "the mail that gave or offered you the ticket",
    "relay": "a mail of the customer's side that the desk passed on to you",
}
_PROVED = {
    "reference": "You are proved by that: what it answers bears a signed reference, was sent to you alone, and nobody"
    " outside is known to have seen it.",
    "login": "You are proved by your login at the desk's own door.",
    "authentication-results": "You are proved by a mail server that the desk trusts: it says that the mail is from your"
    " address's domain.",
    "released": "A person let it out of quarantine, and so proved you.",
}


def sections(case: Case, ticket: TicketView, promise: Promise, events: Sequence[Happened]) -> list[Section]:
    """All of it as this mail's other commands leave it."""
    department = case.policy.department(ticket.department)
    made = (
        ("Your mail", _mail(case, department)),
        ("The customer's side", _theirs(case, events, department)),
        ("Whose it is", _whose(case, events, department)),
        ("Its times", _times(ticket, promise, department)),
    )
    return [{"name": name, "lines": lines} for name, lines in made if lines]


def _mail(case: Case, department: Department) -> list[str]:
    proof, ticket = case.proof, case.match.ticket
    if proof is None or ticket is None:
        raise AssertionError("only a proved agent's mail in a ticket asks for this")
    name = tag(ticket.id, case.policy)
    threaded = {
        "signed": f"It is in {name} because it answers {_named(case.match.signed, department)}.",
        "reference": f"It is in {name} because its headers name a mail of this ticket.",
        "tag": f"It is in {name} because its subject says so.",
    }
    proved = _PROVED.get(proof.kind, "")
    if proof.kind == "dkim" and proof.dkim is not None:
        proved = (
            f"You are proved by its DKIM signature, made by {proof.dkim.domain}; what that leaves out was not read."
        )
    obeyed = "By the rule “agent” the mail of a proved agent in a ticket is obeyed."
    return [line for line in (threaded.get(case.match.rule, ""), proved, obeyed) if line]


def _named(sent: SentMail | None, department: Department) -> str:
    what = _MAIL.get(sent.kind, "a notice that the desk sent you") if sent else "a mail of the desk's"
    if sent and (sent.template, sent.kind) == ("handover", "relay"):
        what = "the mail by which a colleague had you watch it"
    return f"{what}, written {when(sent.sent_at, department.zone)}" if sent and sent.sent_at else what


def _theirs(case: Case, events: Sequence[Happened], department: Department) -> list[str]:
    kinds = {one.kind: one for one in events}
    mails = [one for one in events if one.kind in {"opened", "received"}]
    lines = []
    for one in mails[-MAILS:]:
        why = _opened(case, kinds) if one.kind == "opened" else in_words(one.kind, one.detail, case.policy)
        lines.append(f"{when(one.at, department.zone)}: {named(one.actor, case.policy)} {why}.")
    return lines


def _opened(case: Case, kinds: dict[str, Happened]) -> str:
    if "follow-up" in kinds:
        number = kinds["follow-up"].detail.get("ticket")
        closed = tag(number, case.policy) if isinstance(number, int) else "the ticket"
        return f"wrote into {closed}, which was closed: that opened this one"
    return "wrote what belonged to no ticket that they take part in, or was marked as spam: that opened this one"


def _whose(case: Case, events: Sequence[Happened], department: Department) -> list[str]:
    moves = [one for one in events if one.kind in _MOVES]
    lines = []
    for one in moves[-MOVES:]:
        done = in_words(one.kind, one.detail, case.policy)
        lines.append(f"{when(one.at, department.zone)}: {named(one.actor, case.policy)} {done}.")
    lines.append(f"New tickets of {department.name} are given out today by: {', '.join(department.assign)}.")
    chosen = {str(one.detail["strategy"]) for one in moves[-MOVES:] if one.detail.get("strategy")}
    lines += [f"{name}: {why}" for name in sorted(chosen | set(department.assign)) if (why := reason(name))]
    return lines


def _times(ticket: TicketView, promise: Promise, department: Department) -> list[str]:
    zone, start = department.zone, ticket.created_at
    lines = [
        f"It came {when(start, zone)}. An answer was expected by {when(promise.answer_by, zone)}: {promise.basis}.",
    ]
    level = service_level(department, ticket.priority)
    counted = due_dates(department, ticket.priority, start)
    rows = (
        ("first answer", promise.first_response_due, level.first_response, counted[0]),
        ("solution", promise.resolution_due, level.resolution, counted[1]),
    )
    for what, due, span, again in rows:
        lines += _due(what, due, span, again, start, department)
    if ticket.first_response_at is not None:
        lines.append(f"The first answer was written {when(ticket.first_response_at, zone)}.")
    return lines


def _due(
    what: str,
    due: datetime | None,
    span: timedelta | None,
    again: datetime | None,
    start: datetime,
    department: Department,
) -> list[str]:
    if due is None:
        return [f"No time was set for its {what}."]
    said = f"Its {what} is due {when(due, department.zone)}"
    if span is None or again != due:
        return [f"{said}, as it was counted then; by its priority and the config of today it would be otherwise."]
    stretches = list(islice(worked(start, due, department), DAYS_COUNTED))
    shown = ", ".join(_stretch(one, department) for one in stretches[:STRETCHES])
    left = len(stretches) - STRETCHES
    more = f", and {count(left, 'stretch', 'stretches')} more" if left > 0 else ""
    return [f"{said}: {span_in_words(span, department.hours)} of {department.hours.text}, from {shown}{more}."]


def _stretch(one: tuple[datetime, datetime], department: Department) -> str:
    opens, closes = (at.astimezone(department.zone) for at in one)
    return f"{opens:%Y-%m-%d %H:%M}-{closes:%H:%M}"
