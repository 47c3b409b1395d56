"""An agent's out-of-office mail: the one mail of a machine that something follows from.

What a person said counts: a machine that answers what the desk wrote before that changes nothing, nor does one that
says what is known, or says another thing than it did within a day. So two machines never have each other told of anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from . import until as dates
from .absence import goes
from .absence_letters import News
from .case import Case
from .classify import AWAY
from .known import Absence
from .plan import Plan
from .proof import by_header
from .return_dates import back_on

MACHINES = timedelta(days=30)  # for which an out-of-office mail is believed
AGAIN = timedelta(days=1)  # in which a machine changes what it said at most once


def followed(case: Case, plan: Plan) -> Plan:
    """With what follows from an agent's out-of-office mail, where it answers a mail that went to that agent alone and
    says when they are back. `plan` is what is recorded of any automatic mail."""
    agent = case.agent
    sent = by_header(agent, case.context) if agent else None
    made_for_them = sent is not None and sent.audience == "agent"
    if agent is None or sent is None or not made_for_them or not _is_note(case):
        return plan
    department = case.policy.home_of(agent)
    today = case.received_at.astimezone(department.zone).date()
    found = back_on(case.mail, today)
    if found.day is None:
        return replace(plan, reason=f"{plan.reason}: {found.why}")
    running = _running(case)
    counted = running.at.astimezone(department.zone).date() if running and running.machine else today
    until = dates.day_begins(min(found.day, counted + MACHINES), department)
    if reason := _overruled(case, until, running, sent.sent_at):
        return replace(plan, reason=f"{plan.reason}: {reason}")
    return goes(case, plan, News(agent, None, case.now), until)


def _is_note(case: Case) -> bool:
    """An out-of-office mail that nothing speaks against."""
    return case.sort.detail == AWAY and case.mail.from_count == 1 and not case.refused and not case.quiet


def _running(case: Case) -> Absence | None:
    newest = next(iter(case.context.said_away), None)
    return newest if newest and newest.until and newest.until > case.now else None


def _overruled(case: Case, until: datetime, running: Absence | None, sent_at: datetime | None) -> str:
    """Why it changes nothing, "" where it does."""
    said = case.context.said_away
    by_hand = next((one for one in said if not one.machine), None)
    dated = next((one.until for one in said if one.until), None)
    last = next((one for one in said if one.machine), None)
    reasons = (
        (until <= case.now, "the day on which they are back is past"),
        (by_hand and (sent_at is None or sent_at <= by_hand.at), "it answers what was written before a person said so"),
        (running and not running.machine and running.until and until < running.until, "a person said a later day"),
        (until == dated, "that is known"),
        (last and case.now - last.at < AGAIN, "it said another day not long ago"),
    )
    return next((reason for holds, reason in reasons if holds), "")
