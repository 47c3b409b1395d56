"""Where an address stands after what came back from it: whether automatic mail goes there, and for how long not.

An agent's answer is always tried. Whoever answers a mail of ours has it, and stands as before (`customers`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SOFT_TIMES, SOFT_DAYS = 5, 3  # so many failures for now, on so many days, and it is one for good …
SOFT_WITHIN = timedelta(days=30)  # … where they are no further apart than this
FULL_FOR = timedelta(days=7)  # how long a full mailbox gets no automatic mail

BOUNCED, FULL, SOFT = "bounced", "full", "soft"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a status (RFC 3463) of a failed mail says of the address. `mark` is "" where it says nothing of it."""

    name: str
    status: re.Pattern[str]
    mark: str


# The first row that matches decides.
VERDICTS: tuple[Verdict, ...] = (
    Verdict("our own address was refused", re.compile(r"[45]\.1\.[78]"), ""),
    Verdict("this mail's size", re.compile(r"[45]\.(?:2\.3|3\.4)"), ""),
    Verdict("this mail's content", re.compile(r"[45]\.6\.\d+"), ""),
    Verdict("the mailbox is full", re.compile(r"[45]\.2\.2"), FULL),
    Verdict("no such address", re.compile(r"5\.1\.\d+"), BOUNCED),
    Verdict("no such domain, or nothing that takes its mail", re.compile(r"5\.4\.[14]"), BOUNCED),
    Verdict("the mailbox takes none", re.compile(r"5\.2\.\d+"), BOUNCED),
    Verdict("for good, and nobody says why", re.compile(r"5\.0\.\d+"), BOUNCED),
    Verdict("rules, loops and trouble of servers, which may pass", re.compile(r"[45]\.\d+\.\d+"), SOFT),
)


def verdict(status: str) -> str:
    """The mark that a failure with this status makes, "" for none."""
    return next((row.mark for row in VERDICTS if row.status.fullmatch(status)), "")


@dataclass(frozen=True, slots=True)
class Standing:
    """`bounced` is the status since which no automatic mail goes there; `full_at` when its mailbox was last full;
    `soft` how many failures for now came in a row, on `soft_days` days, from `soft_since` to `soft_at`."""

    bounced: str = ""
    full_at: datetime | None = None
    soft: int = 0
    soft_days: int = 0
    soft_since: datetime | None = None
    soft_at: datetime | None = None

    def silent(self, now: datetime) -> str:
        """Why no automatic mail goes there now, in one or two words; "" where it does."""
        if self.bounced:
            return "bounced"
        full = self.full_at is not None and now < self.full_at + FULL_FOR
        return "mailbox full" if full else ""

    @property
    def clean(self) -> bool:
        return self == UNMARKED


UNMARKED = Standing()


def marked(before: Standing, kind: str, detail: str, now: datetime) -> Standing:
    """Where it stands after a mark. `detail` is the status; "" takes all of it away."""
    if not detail:
        return UNMARKED
    if kind == BOUNCED:
        return replace(before, bounced=detail)
    if kind == FULL:
        return replace(before, full_at=now)
    return _softened(before, detail, now)


def _softened(before: Standing, status: str, now: datetime) -> Standing:
    recent = before.soft_at is not None and now - before.soft_at < SOFT_WITHIN
    start = before if recent else replace(before, soft=0, soft_days=0, soft_since=None, soft_at=None)
    another_day = start.soft_at is None or start.soft_at.date() != now.date()
    after = replace(
        start,
        soft=start.soft + 1,
        soft_days=start.soft_days + another_day,
        soft_since=start.soft_since or now,
        soft_at=now,
    )
    given_up = after.soft >= SOFT_TIMES and after.soft_days >= SOFT_DAYS
    return replace(after, bounced=status) if given_up and not after.bounced else after
