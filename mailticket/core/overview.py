"""How the desk is, as far as who asks may see: plain values that the store counts, and what the mail says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .ages import age
from .lifecycle import STATUSES, is_open
from .policy import Policy
from .wording import one_line, until

AGENTS = 50  # that are named, those with the most open tickets
AWAY = 50  # … those who are back first
MAILBOXES = 50
_ERROR = 200  # characters of what a mailbox says

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one department, in its tickets that are not over: how many of each status, how many owe an answer since a time
    that is past, and how many open ones are nobody's."""

    by_status: Mapping[str, int]
    overdue: int = 0
    nobodys: int = 0

    @property
    def open(self) -> int:
        return sum(count for status, count in self.by_status.items() if is_open(status))


@dataclass(frozen=True, slots=True)
class Queue:
    """`stopped` are in quarantine, or were refused; `oldest` is since when the first one waits."""

    waiting: int
    stopped: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox that is read."""

    name: str
    state: str
    since: datetime | None = None
    last_mail_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Inside:
    """What managers alone see."""

    inbox: Queue
    outbox: Queue
    mailboxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """By department; of the `agents` their names, and how many open tickets each has there."""

    departments: Mapping[str, Counted]
    agents: tuple[tuple[str, int], ...] = ()
    inside: Inside | None = None


def facts(found: Overview, away: Mapping[str, datetime], policy: Policy, now: datetime) -> Facts:
    """`away` are the addresses of all who are, with until when: those who serve the departments are named."""
    named = [name for name in (one.name for one in policy.departments) if name in found.departments]
    ranked = sorted(found.agents, key=lambda pair: -pair[1])
    theirs = (
        one for one in policy.agents if one.address in away and not found.departments.keys().isdisjoint(one.departments)
    )
    gone = sorted(theirs, key=lambda one: away[one.address])
    return {
        "departments": [_department(name, found.departments[name]) for name in named],
        "agents": [{"name": name, "open": count} for name, count in ranked[:AGENTS]],
        "more_agents": max(0, len(ranked) - AGENTS),
        "away": [
            {"name": one.name, "until": until(away[one.address], policy.home_of(one).zone)} for one in gone[:AWAY]
        ],
        "more_away": max(0, len(gone) - AWAY),
        "inside": _inside(found.inside, now) if found.inside else None,
    }


def total(found: Overview) -> str:
    """In a few words, for the mail's subject."""
    counted = found.departments.values()
    return f"{sum(one.open for one in counted)} open, {sum(one.overdue for one in counted)} overdue"


def _department(name: str, counted: Counted) -> Facts:
    statuses = ", ".join(f"{counted.by_status[one]} {one}" for one in STATUSES if counted.by_status.get(one))
    return {
        "name": name,
        "open": counted.open,
        "overdue": counted.overdue,
        "nobodys": counted.nobodys,
        "statuses": statuses,
    }


def _inside(inside: Inside, now: datetime) -> Facts:
    return {
        "inbox": _queue(inside.inbox, now),
        "outbox": _queue(inside.outbox, now),
        "mailboxes": [_box(one, now) for one in inside.mailboxes[:MAILBOXES]],
        "more": max(0, len(inside.mailboxes) - MAILBOXES),
    }


def _queue(queue: Queue, now: datetime) -> Facts:
    late = age(now - queue.oldest) if queue.oldest and queue.oldest < now else ""
    return {"waiting": queue.waiting, "stopped": queue.stopped, "oldest": late}


def _box(box: Box, now: datetime) -> Facts:
    since = f" for {age(now - box.since)}" if box.since else ""
    last = f"last mail {age(now - box.last_mail_at)} ago" if box.last_mail_at else "no mail yet"
    return {"name": box.name, "state": f"{box.state}{since}, {last}", "error": one_line(box.error)[:_ERROR]}
