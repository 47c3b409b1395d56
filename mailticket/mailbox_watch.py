"""Who hears of a mailbox in trouble: the managers, by one mail when it cannot be read and one when that is over; and
the mails to ourselves that try whether what is sent comes in."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from .core import mailbox_letters
from .core.holding import ROWS
from .core.identity import derive_ref
from .core.mailbox_alarm import Over, Trouble, news, probe_due
from .core.mailbox_letters import Box
from .core.plan import Letter, Plan
from .core.policy import Policy
from .settings import Imap
from .store import due, mailbox_alarms
from .store.db import at
from .store.desk import Desk

LISTS_EVERY = timedelta(hours=1)  # of mails that were given up: one by one they would be a mail each
_LIST = "list:mails left"

log = logging.getLogger(__name__)


def watch(desk: Desk, now: datetime) -> int:
    """Tell the managers of mailboxes that are in trouble, and of those that no longer are. How many mailboxes."""
    names = [imap.name for imap in desk.mailboxes]
    if mailbox_alarms.any_other(desk.db, names):
        with desk.db.write():
            mailbox_alarms.forget_others(desk.db, names)
    return sum(_watch(desk, imap, now) for imap in desk.mailboxes)


def _watch(desk: Desk, imap: Imap, now: datetime) -> bool:
    """Looked at without the lock first: mostly all is well."""
    if _news(desk, imap, now) is None:
        return False
    with desk.db.write():
        found = _news(desk, imap, now)
        if isinstance(found, Trouble):
            _alarm(desk, imap, found, now)
        elif found is not None:
            _over(desk, imap, found, now)
    return found is not None


def _news(desk: Desk, imap: Imap, now: datetime) -> Trouble | Over | None:
    standing, started = mailbox_alarms.standing(desk.db, imap.name), mailbox_alarms.started(desk.db)
    return news(standing, imap.patience, started, now, probes=imap.self_probe is not None)


def _alarm(desk: Desk, imap: Imap, found: Trouble, now: datetime) -> None:
    policy, box = desk.policy, _box(imap)
    read_at = mailbox_alarms.standing(desk.db, imap.name).read_at
    letters = tuple(mailbox_letters.alarm(policy, one, box, found, read_at, now) for one in policy.managers)
    _tell(desk, imap, "alarm", letters, now)
    mailbox_alarms.alarmed(desk.db, imap.name, found, now)
    log.error("mailbox %s: %s since %s; the managers are told", imap.name, found.kind, found.since)


def _over(desk: Desk, imap: Imap, found: Over, now: datetime) -> None:
    policy, box, standing = desk.policy, _box(imap), mailbox_alarms.standing(desk.db, imap.name)
    if not found.silent:
        letters = tuple(mailbox_letters.over(policy, one, box, standing, now) for one in policy.managers)
        _tell(desk, imap, "over", letters, now)
    mailbox_alarms.over(desk.db, imap.name)
    log.info("mailbox %s: no longer %s", imap.name, standing.alarm)


def _tell(desk: Desk, imap: Imap, what: str, letters: tuple[Letter, ...], now: datetime) -> None:
    desk.carry_out(Plan(letters=letters), cause=f"mailbox {what}:{imap.name}:{at(now)}", now=now)


def tell_of_left(desk: Desk, now: datetime) -> int:
    """Tell the managers of mails that were given up, the first at once and then once an hour. How many mails."""
    db, policy = desk.db, desk.policy
    if not (due.due(db, _LIST, now) and mailbox_alarms.any_left(db)):
        return 0
    with db.write():
        mails, more = mailbox_alarms.left(db, ROWS)
        letters = tuple(mailbox_letters.left(policy, one, mails, more, now) for one in policy.managers)
        desk.carry_out(Plan(letters=letters), cause=f"mails left:{at(now)}", now=now)
        mailbox_alarms.mark_told(db, now)
        due.put_off(db, _LIST, now + LISTS_EVERY)
    return len(mails) + more


def send_probes(desk: Desk, now: datetime) -> int:
    """Send a mail to ourselves for each mailbox whose time has come. How many."""
    return sum(_probe(desk, imap, now) for imap in desk.mailboxes)


def _probe(desk: Desk, imap: Imap, now: datetime) -> bool:
    if imap.self_probe is None:
        return False
    standing, started = mailbox_alarms.standing(desk.db, imap.name), mailbox_alarms.started(desk.db)
    if not probe_due(standing, imap.self_probe, started, now):
        return False
    letter = mailbox_letters.probe(desk.policy, _box(imap), desk.policy.department(imap.department), now)
    cause = f"probe:{imap.name}:{at(now)}"
    with desk.db.write():
        desk.carry_out(Plan(letters=(letter,)), cause=cause, now=now)
        mailbox_alarms.probe_sent(desk.db, imap.name, _ref(desk.policy, cause), now)
    return True


def _ref(policy: Policy, cause: str) -> str:
    """What compose names the first mail of this cause."""
    return derive_ref(policy.secrets[0], cause, 0)


def _box(imap: Imap) -> Box:
    return Box(imap.name, imap.username, imap.host, imap.folder)
