"""The managers' morning mail: one to each, when the first of their departments opens, if there is anything to say."""

from __future__ import annotations

from datetime import datetime, timedelta

from .core.asked import Listed
from .core.keys import address_key
from .core.mailbox_letters import Box
from .core.morning import ROWS, Briefing, Deaf, day_after, letter, looks_after, morning, patience
from .core.plan import Plan
from .core.policy import Agent
from .settings import Imap
from .store import due, held, lists, mailbox_alarms
from .store import morning as told
from .store.db import at
from .store.desk import Desk

EVERY = timedelta(days=1)


def due_to(desk: Desk, now: datetime) -> list[str]:
    """The managers whose morning has begun, and who were not told yet today, by their addresses."""
    return [one.address for one in desk.policy.managers if due.due(desk.db, _job(one), now) and _begun(desk, one, now)]


def brief(desk: Desk, address: str, now: datetime) -> int:
    """Tell that manager, inside the caller's transaction; how many mails that makes. There is no other this day.

    `now` says which morning it is. What the manager hears of is that of a moment within the transaction: between two
    managers' there may be a commit, and what comes to quarantine there is told to both.
    """
    policy, db = desk.policy, desk.db
    manager = policy.agent_of(address)
    begins = morning(manager, policy, now) if manager else None
    if manager is None or begins is None:
        return 0
    heard = desk.clock()
    found = _briefing(desk, manager, heard)
    letters = (letter(policy, manager, begins[1], found, heard),) if found.says(policy, heard) else ()
    desk.carry_out(Plan(letters=letters), cause=f"morning mail:{address_key(address)}:{at(now)}", now=heard)
    held.mark_told(db, heard)
    held.mark_asked(db, manager.own, heard)
    told.mark_known(db, manager)
    if letters:
        told.mark_told(db, [manager], heard)
    if found.news.mails:
        due.put_off(db, told.FIRST_AT_ONCE, heard + EVERY)
    due.put_off(db, _job(manager), day_after(policy, now))
    return len(letters)


def _begun(desk: Desk, manager: Agent, now: datetime) -> bool:
    begins = morning(manager, desk.policy, now)
    return begins is not None and begins[0] <= now


def _briefing(desk: Desk, manager: Agent, now: datetime) -> Briefing:
    db, policy, heard_at = desk.db, desk.policy, told.heard_at(desk.db, manager, now)
    served = looks_after(manager, policy)
    waits = {name: patience(policy.department(name), now) for name in served}
    failed, undelivered = told.failed(db, policy, manager, served, told.known_to(db, manager, now))
    return Briefing(
        news=held.for_manager(db, manager.own, heard_at, now, ROWS),
        failed=failed,
        undelivered=undelivered,
        unowned=lists.unowned(db, policy, waits, now) if waits else Listed((), 0),
        deaf=tuple(one for imap in desk.mailboxes if (one := _deaf(desk, imap)) is not None),
        told_at=heard_at,
    )


def _deaf(desk: Desk, imap: Imap) -> Deaf | None:
    """As the managers were told when it happened."""
    known = mailbox_alarms.standing(desk.db, imap.name)
    if known.alarmed_at is None:
        return None
    box = Box(imap.name, imap.username, imap.host, imap.folder)
    return Deaf(box, known.alarm, known.broken_at or known.alarmed_at, known.last_error)


def _job(manager: Agent) -> str:
    return f"morning:{address_key(manager.address)}"
