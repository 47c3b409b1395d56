"""When a mailbox is in trouble that the managers have to hear of, and when that is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

BACK_WITHIN = timedelta(minutes=10)  # a mail to ourselves, once it is handed over
READING = frozenset({"watching", "polling"})  # the states of a mailbox that is read

Kind = Literal["unreadable", "probe not back", "probe not sent"]
PROBES: frozenset[str] = frozenset({"probe not back", "probe not sent"})


@dataclass(frozen=True, slots=True)
class Probe:
    """The last mail that we sent to ourselves: how it stands in the outbox (`state` "" where it is no longer there),
    and when it came back."""

    ref: str
    written_at: datetime
    state: str = ""
    sent_at: datetime | None = None
    last_reply: str = ""
    back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a mailbox. `alarm` is what the managers were told at `alarmed_at`, and has been so since
    `broken_at`; "" where they were told nothing, or that it is over."""

    state: str = "off"
    since: datetime | None = None
    readable_at: datetime | None = None
    last_mail_at: datetime | None = None
    last_uid: int | None = None
    last_error: str = ""
    alarm: str = ""
    alarmed_at: datetime | None = None
    broken_at: datetime | None = None
    probe: Probe | None = None

    @property
    def read_at(self) -> datetime | None:
        """When it was last read: all of it, or, while there is much of it, one mail."""
        return _latest(self.readable_at, self.last_mail_at)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`since` when, and the last error in the words of whoever said it."""

    kind: Kind
    since: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class Over:
    """What the managers were told of is over. `silent`: nobody asks about it any more, so they need not hear."""

    silent: bool = False


def news(
    box: Standing, patience: timedelta, started: datetime | None, now: datetime, *, probes: bool
) -> Trouble | Over | None:
    """What the managers have to hear of it now; one alarm, then that it is over, and nothing between. What lies before
    the daemon's start does not count: it was off."""
    deaf = _deaf(box, patience, started, now)
    if box.alarmed_at is None:
        return deaf or (_lost(box, started, now) if probes else None)
    if box.alarm in PROBES and not probes:
        return Over(silent=True)
    return Over() if deaf is None and _works_again(box, box.alarmed_at) else None


def is_down(box: Standing, patience: timedelta, started: datetime | None, now: datetime) -> bool:
    """Is it in trouble that the managers have heard of, or will hear of at once?"""
    return box.alarmed_at is not None or _deaf(box, patience, started, now) is not None


def probe_due(box: Standing, every: timedelta, started: datetime | None, now: datetime) -> bool:
    """Is it time for the next mail to ourselves? Not while the last one may still come, or nobody would hear it."""
    if box.state not in READING or box.alarm == "unreadable":
        return False
    last = box.probe
    if last is None:
        return True
    judged = last.back_at is not None or _lost(box, started, now) is not None
    return judged and last.state != "queued" and now - last.written_at >= every


def _deaf(box: Standing, patience: timedelta, started: datetime | None, now: datetime) -> Trouble | None:
    """Has nobody been able to read it for too long?"""
    since = _latest(box.read_at, started)
    if since is None or now - since <= patience:
        return None
    return Trouble("unreadable", since, box.last_error)


def _works_again(box: Standing, alarmed_at: datetime) -> bool:
    """A mail to ourselves that is still on its way says nothing."""
    if box.alarm in PROBES:
        return box.probe is not None and box.probe.back_at is not None
    return box.read_at is not None and box.read_at >= alarmed_at


def _lost(box: Standing, started: datetime | None, now: datetime) -> Trouble | None:
    """Is the last mail to ourselves overdue?"""
    probe = box.probe
    if probe is None or probe.back_at is not None:
        return None
    if probe.state == "failed":
        return Trouble("probe not sent", probe.written_at, probe.last_reply)
    since = _latest(probe.sent_at or probe.written_at, started)
    if since is None or now - since <= BACK_WITHIN:
        return None
    if probe.state == "queued":
        return Trouble("probe not sent", probe.written_at, probe.last_reply)
    return Trouble("probe not back", probe.sent_at or probe.written_at, box.last_error)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
