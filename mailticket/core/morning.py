"""The managers' morning mail: when it is time for it, whether there is anything to say, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from . import agent_letters, listing
from .ages import age
from .asked import Listed
from .assign import MANUAL
from .holding import LINE, SHOWN, News, cut, row_facts, shown
from .hours import business_day, worked
from .mailbox_letters import ERROR, Box, span
from .plan import Letter
from .policy import Agent, Department, Policy
from .subject import plain, tag
from .wording import count

ROWS = 100  # of each of its tables
NOT_BEFORE = time(6)  # who works at night has a morning, too; before it, where nobody works later that day
AT_MOST_EVERY = timedelta(days=7)  # of a mail that says nothing but that the same mails wait still
_LOOKED_BACK = timedelta(days=60)  # for a business day: no calendar has a longer hole
_DAY = timedelta(days=1)

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Failed:
    """A mail of ours that did not reach all of its recipients: these. `agent` is the address of whose ticket it is."""

    outbox_id: int
    kind: str
    audience: str
    subject: str
    failed: tuple[tuple[str, str], ...]  # address, and the server's own words
    written_at: datetime
    ticket: int | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Deaf:
    """A mailbox in trouble, as the managers were told: `kind` is that of the alarm."""

    box: Box
    kind: str
    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """All that a manager might be told this morning. `told_at` is when they last heard of the quarantine, `undelivered`
    how many mails did not arrive, of which `failed` are the first."""

    news: News
    failed: tuple[Failed, ...]
    undelivered: int
    unowned: Listed
    deaf: tuple[Deaf, ...]
    told_at: datetime

    def says(self, policy: Policy, now: datetime) -> bool:
        """Is there anything to say? That the same mails still wait in quarantine is, once in a week, counted
        in days: the moment of a day in which it is asked slips."""
        if self.news.mails or self.undelivered or self.unowned.count or self.deaf:
            return True
        today, told = now.astimezone(policy.zone).date(), self.told_at.astimezone(policy.zone).date()
        return bool(self.news.older) and today - told >= AT_MOST_EVERY


# --- when ----------------------------------------------------------------------------------------------------


def morning(manager: Agent, policy: Policy, now: datetime) -> tuple[datetime, Department] | None:
    """When the first of the manager's departments opens on the desk's present day, and which; None where none does."""
    today = now.astimezone(policy.zone).date()
    served = [one for one in policy.departments if one.name in manager.departments] or policy.departments[:1]
    for clock in (NOT_BEFORE, time()):
        begins = datetime.combine(today, clock, policy.zone)
        first = ((next(worked(begins, day_after(policy, now), one), None), one) for one in served)
        if found := min(((opens[0], one) for opens, one in first if opens), key=lambda one: one[0], default=None):
            return found
    return None


def day_after(policy: Policy, now: datetime) -> datetime:
    """When the desk's next day begins: until then there is no other morning."""
    tomorrow = now.astimezone(policy.zone).date() + _DAY
    return datetime.combine(tomorrow, time(), policy.zone)


# --- of what -------------------------------------------------------------------------------------------------


def looks_after(manager: Agent, policy: Policy) -> tuple[str, ...]:
    """The departments whose tickets the manager hears of: their own, and those that no manager serves."""
    served = {name for one in policy.managers for name in one.departments}
    theirs = (one.name for one in policy.departments if one.name in manager.departments or one.name not in served)
    return tuple(theirs)


def patience(department: Department, now: datetime) -> datetime | None:
    """A business day ago: tickets of before then have waited too long for somebody who takes them. None where each is
    to have an agent at once."""
    if MANUAL not in department.assign:
        return None
    left = business_day(department.hours)
    for opens, closes in reversed(list(worked(now - _LOOKED_BACK, now, department))):
        if closes - opens >= left:
            return closes - left
        left -= closes - opens
    return now - _LOOKED_BACK


# --- what it says --------------------------------------------------------------------------------------------


def letter(policy: Policy, manager: Agent, department: Department, told: Briefing, now: datetime) -> Letter:
    """To one manager, from the department that opens."""
    news, unowned = told.news, told.unowned
    facts: Facts = {
        "mails": [row_facts(one) | {"age": age(now - one.received_at)} for one in news.mails],
        "more": news.more,
        "older": news.older,
        "numbers": " ".join(str(one.id) for one in news.mails[:2]),
        "failed": [_failed(one, policy, now) for one in told.failed],
        "more_failed": told.undelivered - len(told.failed),
        "unowned": listing.beginning(unowned, policy, now) | {"more": unowned.count - len(unowned.tickets)},
        "deaf": [_deaf(one, now) for one in told.deaf],
    }
    written = agent_letters.notice(policy, manager, "morning", facts, now, subject=subject(told))
    return replace(written, department=department.name, about=tuple(one.id for one in news.mails))


def subject(told: Briefing) -> str:
    """All of it in a line, the most urgent first."""
    new = len(told.news.mails) + told.news.more
    parts = (
        (len(told.deaf), "mailbox cannot be read", "mailboxes cannot be read"),
        (told.unowned.count, "ticket without an owner", "tickets without an owner"),
        (told.undelivered, "mail not delivered", "mails not delivered"),
        (new, "new mail in quarantine", "new mails in quarantine"),
    )
    said = [count(number, one, many) for number, one, many in parts if number]
    return ", ".join(said) or f"{count(told.news.older, 'mail')} in quarantine still"


def _failed(one: Failed, policy: Policy, now: datetime) -> Facts:
    agent = policy.agent_of(one.agent) if one.agent else None
    return {
        "id": one.outbox_id,
        "tag": tag(one.ticket, policy) if one.ticket is not None else "",
        "number": one.ticket,
        "kind": _called(one),
        "subject": shown(plain(one.subject, policy), LINE),
        "age": age(now - one.written_at),
        "recipients": [{"address": address, "reply": cut(words, SHOWN)} for address, words in one.failed],
        "agent": agent.name if agent else "",
    }


def _called(one: Failed) -> str:
    """What kind of mail it is, for somebody who sees no outbox."""
    if one.kind == "relay":
        return "answer" if one.audience == "customer" else "customer's mail"
    return one.kind


def _deaf(one: Deaf, now: datetime) -> Facts:
    box = one.box
    return {
        "mailbox": box.name,
        "username": box.username,
        "host": box.host,
        "folder": box.folder,
        "probe": one.kind.removeprefix("probe ") if one.kind.startswith("probe ") else "",
        "since": one.since,
        "lasted": span(now - one.since),
        "error": shown(one.error, ERROR),
    }
