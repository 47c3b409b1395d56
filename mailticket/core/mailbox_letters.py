"""The mails about mailboxes that are read by IMAP: one that cannot be, one that can again, mails that were given up,
and the mail that tries whether what is sent comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import agent_letters
from .failures import PROBE
from .holding import LINE, SHOWN, shown
from .mailbox_alarm import PROBES, Standing, Trouble
from .plan import Letter
from .policy import Agent, Department, Policy
from .types import Address
from .wording import count

ERROR = 2 * SHOWN  # characters of what a server said
_SUBJECTS = {
    "unreadable": ("cannot be read", "reads again"),
    "probe not back": ("does not bring what we send to it", "brings what we send to it again"),
    "probe not sent": ("cannot be tried", "brings what we send to it again"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """Which mailbox it is, as a person knows it: its name is its table's in the config."""

    name: str
    username: str
    host: str
    folder: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A mail that could not be taken in and is left where it is; `at` is when it was given up."""

    mailbox: str
    folder: str
    uid: int
    at: datetime
    error: str


def alarm(
    policy: Policy, manager: Agent, box: Box, trouble: Trouble, read_at: datetime | None, now: datetime
) -> Letter:
    """It cannot be read, or does not bring what we sent to it. `read_at` is when it was last read."""
    facts = _facts(box) | {
        "probe": trouble.kind.removeprefix("probe ") if trouble.kind in PROBES else "",
        "since": trouble.since,
        "read_at": read_at,
        "error": shown(trouble.error, ERROR),
    }
    subject = f"Mailbox {box.name} {_SUBJECTS[trouble.kind][0]}"
    return agent_letters.notice(policy, manager, "notice-mailbox", facts, now, subject=subject)


def over(policy: Policy, manager: Agent, box: Box, standing: Standing, now: datetime) -> Letter:
    """What they were told of it is no longer so."""
    probed = standing.alarm in PROBES
    ended = (standing.probe.back_at if standing.probe else None) if probed else standing.read_at
    since, until = standing.broken_at or now, ended or now
    facts = _facts(box) | {"probe": probed, "since": since, "until": until, "lasted": span(until - since)}
    subject = f"Mailbox {box.name} {_SUBJECTS[standing.alarm][1]}"
    return agent_letters.notice(policy, manager, "notice-mailbox-again", facts, now, subject=subject)


def left(policy: Policy, manager: Agent, mails: Sequence[GivenUp], more: int, now: datetime) -> Letter:
    """Mails that were given up: the first of them, and how many more there are."""
    facts = {
        "mails": [
            {"mailbox": one.mailbox, "folder": shown(one.folder, LINE), "uid": one.uid, "at": one.at}
            | {"error": shown(one.error, SHOWN) or "no reason is known"}
            for one in mails
        ],
        "more": more,
        "mailboxes": list(dict.fromkeys(one.mailbox for one in mails)),
    }
    number = len(mails) + more
    names = ", ".join(dict.fromkeys(one.mailbox for one in mails))
    subject = f"{count(number, 'mail')} could not be taken out of {names[:LINE]}"
    return agent_letters.notice(policy, manager, "notice-mails-left", facts, now, subject=subject)


def probe(policy: Policy, box: Box, department: Department, now: datetime) -> Letter:
    """A mail to ourselves. It is known again by its signed id alone."""
    return Letter(
        template="probe",
        kind=PROBE,
        audience="desk",
        department=department.name,
        ticket=None,
        to=(Address(department.addresses[0], department.name),),
        subject=f"Is mailbox {box.name} read?",
        due_at=now,
        facts=_facts(box),
        from_name=policy.name,
        automatic="auto-generated",
    )


def span(length: timedelta) -> str:
    """`2 days 3 hours`, `1 hour 5 minutes`: the two largest units of it."""
    minutes = max(0, int(length.total_seconds())) // 60
    units = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    first = next((place for place, (number, _) in enumerate(units) if number), 0)
    kept = [(number, unit) for number, unit in units[first : first + 2] if number]
    return " ".join(count(number, unit) for number, unit in kept) or "less than a minute"


def _facts(box: Box) -> dict[str, object]:
    return {"mailbox": box.name, "username": box.username, "host": box.host, "folder": box.folder}
