"""What the receipt of an #undo says, line by line: what is as it was, which colleagues read, too; and what stays and
why."""

from __future__ import annotations

from collections.abc import Iterable

from .acts import Act, Changed, Mailed
from .case import Case
from .commands_undo import WITHIN
from .known import TicketView
from .policy import Agent, Policy
from .subject import tag
from .types import Address
from .wording import clock, when

CHANGED_NOTHING = "the mail which that receipt is of changed nothing that can be taken back"
REACHED = "your mail itself had reached the customer's side: it cannot be taken back"
_CALLED = frozenset({"status", "priority", "department", "labels", "subject", "customer", "agent"})


def refused(case: Case, act: Act, ticket: TicketView) -> str:
    """Why nothing of it can be undone at all; "" where something may be."""
    zone = case.policy.department(ticket.department).zone
    if act.undone_at is not None:
        return f"you have taken that back already, {when(act.undone_at, zone)}"
    if case.received_at - act.at > WITHIN:
        done = when(act.at, zone)
        return (
            f"that was done {done}, and #undo takes back what is a day old at most: use other commands, or answer again"
        )
    if any(one.now["merged_into"] != one.after["merged_into"] for one in act.merged):
        return "the ticket that you had merged is none of its parts any more: there is nothing to take back"
    return ""


def stands(case: Case, act: Act) -> str:
    """Why the split or the merge that it made cannot be taken back, "" where it can, or there is none. The reply that
    is meant may be one to the mail that says so."""
    if act.merged and act.into is not None:
        name, into = tag(act.ticket, case.policy), tag(act.into, case.policy)
        return f"{name}, which you merged into, is a part of {into} by now: #undo of that merge comes first"
    return _split_stands(case, act) if act.is_split else ""


def _split_stands(case: Case, act: Act) -> str:
    (move,) = act.moves
    policy, old, new = case.policy, tag(move.source, case.policy), tag(move.target, case.policy)
    if act.into == move.source:
        return f"{new} is a part of {old} again already"
    merge = f"#merge {move.source}, in a reply to this mail,"
    if act.into is not None:
        return f"{new} is a part of {tag(act.into, policy)} by now, and stays one: its mails are there"
    if any(one.into is not None for one in act.changed):
        return f"{old} is a part of another ticket by now; {merge} puts it there, too"
    if act.since:
        agent = policy.agent_of(act.since[0])
        own = agent is not None and agent is case.agent
        who = "you have" if own else f"{agent.name if agent else act.since[0] or 'somebody'} has"
        done = "acted" if agent else "written"
        return f"{who} {done} in {new} since; {merge} makes it a part of {old} again, with all that is there"
    return ""


def parted(case: Case, number: int, came: int) -> str:
    """`came` is how many mails of those who come back with it came since."""
    more = f", and {came} that came since: #show {number} shows them" if came else ""
    return f"{tag(number, case.policy)} is a ticket of its own again, with the mails that it had{more}"


def nothing(case: Case, ticket: TicketView, *, named: bool) -> str:
    """`named`: the mail that is answered says what is meant."""
    if named:
        return CHANGED_NOTHING
    return f"there is nothing of yours in {tag(ticket.id, case.policy)} that could be taken back"


def kept(mail: Mailed) -> str:
    return f"the answer to {_listed(mail.to)} was not sent, and never will be"


def withdrawn(ticket: TicketView, policy: Policy) -> str:
    return f"the note is taken out of {tag(ticket.id, policy)}"


def left(case: Case, mail: Mailed, ticket: TicketView) -> str:
    """Of what has left, or may have: a try that was begun may have been the last that it needed."""
    to = _listed(mail.to)
    if mail.state == "undone":
        return f"your answer to {to} was kept here before"
    if mail.state == "failed":
        return f"your answer to {to} was with the mail server, which did not take it for all of them"
    if mail.sent_at is None:
        return f"your answer to {to} is just leaving: it cannot be taken back"
    zone = case.policy.department(ticket.department).zone
    return f"your answer to {to} left at {clock(mail.sent_at, zone, case.now)}: it cannot be taken back"


def columns(case: Case, ticket: TicketView, back: Iterable[str]) -> tuple[str, ...]:
    """What is as it was, of `ticket` as it is then; whose it is comes apart."""
    name, zone = tag(ticket.id, case.policy), case.policy.department(ticket.department).zone
    sleeps = f" until {when(ticket.wakes_at, zone)}" if ticket.wakes_at and ticket.status == "postponed" else ""
    labels = f"the labels {', '.join(ticket.labels)}" if ticket.labels else "no labels"
    lines = {
        "status": f"{name} is {ticket.status} again{sleeps}",
        "priority": f"{name} has priority {ticket.priority} again",
        "department": f"{name} is in {ticket.department} again",
        "labels": f"{name} has {labels} again",
        "subject": f'the subject of {name} is "{ticket.subject}" again',
        "customer": f"{name} is the request of {ticket.customer.address} again",
    }
    if "status" not in back and "wakes_at" in back:
        lines["wakes_at"] = f"{name} is postponed{sleeps} again"
    return tuple(line for column, line in lines.items() if column in back)


def stays(column: str, changed: Changed, policy: Policy, agent: Agent) -> str:
    """Of a column that somebody has changed since; "" for one that nobody knows by a name."""
    if column not in _CALLED:
        return ""
    now = changed.now[column]
    if column == "agent":
        owner = policy.agent_of(str(now)) if now else None
        is_ = "yours" if owner is agent else f"{owner.name}'s" if owner else "nobody's"
    elif isinstance(now, Address):
        is_ = now.address
    else:
        is_ = ", ".join(now) or "none" if isinstance(now, tuple) else str(now)
    have, they = ("have", "they stay") if column == "labels" else ("has", "it stays")
    return f"the {column} of {tag(changed.ticket.id, policy)} {have} been changed since: {they} {is_}"


def participants(case: Case, number: int, out: Iterable[Address], again: Iterable[Address]) -> tuple[str, ...]:
    name = tag(number, case.policy)
    return (
        *(f"{one.address} takes no part in {name} any more" for one in out),
        *(f"{one.address} takes part in {name} again" for one in again),
    )


def watchers(case: Case, number: int, out: Iterable[Address], again: Iterable[Address]) -> tuple[str, ...]:
    name, agent_of = tag(number, case.policy), case.policy.agent_of
    named = {one: (found.name if (found := agent_of(one.address)) else one.address) for one in (*out, *again)}
    return (
        *(f"{named[one]} does not watch {name} any more" for one in out),
        *(f"{named[one]} watches {name} again" for one in again),
    )


def goes_on(case: Case, ticket: TicketView) -> str:
    return f"{tag(ticket.id, case.policy)} is {ticket.status} now"


def elsewhere(case: Case, changed: Changed, act: Act) -> str:
    """Of a ticket that has become a part of another since; "" where nothing was done to it that has a name."""
    people = (changed.joined, changed.left, changed.watch, changed.unwatched)
    if not (_CALLED & set(changed.after) or any(people)):
        return ""
    name, into = tag(changed.ticket.id, case.policy), tag(act.into or act.ticket, case.policy)
    return f"{name} is a part of {into} by now: what else your mail did to it stays"


def asks(case: Case, number: int, who: Address) -> str:
    return f"{who.address} stays in {tag(number, case.policy)}: the request is theirs by now"


def owner(case: Case, number: int, to: Agent | None) -> str:
    whose = f"{to.name}'s" if to else "nobody's"
    return f"{tag(number, case.policy)} is {whose} again"


def has_left(case: Case, number: int, address: str) -> str:
    return f"{tag(number, case.policy)} cannot go back to {address}, who is not with the desk any more"


def _listed(addresses: Iterable[str]) -> str:
    return ", ".join(addresses)
