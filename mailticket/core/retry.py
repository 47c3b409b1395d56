"""How long to wait between tries, when to give up, and what one attempt at an outgoing mail means for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["accepted", "refused", "later"]
State = Literal["queued", "sent", "failed"]

_PAUSES = (1, 2, 5, 10, 20, 30, 60, 120, 240)  # minutes after the first, second, … try; the last one for ever
GIVE_UP_AFTER = timedelta(days=5)

MAX_TRIES = 3  # at reading one mail of the inbox, before a person has to look at it
_LONGEST_READ_PAUSE = 5  # seconds: nothing waits longer in the inbox


def delay(tries: int) -> timedelta:
    """The pause after that many tries at an outgoing mail (the first is 1)."""
    return timedelta(minutes=_PAUSES[min(max(tries, 1), len(_PAUSES)) - 1])


def read_pause(tries: int) -> timedelta:
    """The pause after that many tries at reading a mail of the inbox (the first is 1)."""
    return timedelta(seconds=min(4 ** (max(tries, 1) - 1), _LONGEST_READ_PAUSE))


@dataclass(frozen=True, slots=True)
class Reply:
    """What the mail server said about one recipient. `line` has its code first, or is the fault's words."""

    address: str
    verdict: Verdict
    line: str


@dataclass(frozen=True, slots=True)
class RecipientState:
    """How far one recipient's copy is. `last_reply` is None before the first try."""

    address: str
    state: State = "queued"
    last_reply: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an attempt made of a mail. `next_at` is None unless it is queued; `last_reply` explains `state`."""

    state: State
    next_at: datetime | None
    recipients: tuple[RecipientState, ...]
    last_reply: str


_BECOMES: dict[Verdict, State] = {"accepted": "sent", "refused": "failed", "later": "queued"}


def classify(code: int) -> Verdict:
    """An SMTP reply code's meaning. What is neither yes nor a plain no is worth another try."""
    match code // 100:
        case 2:
            return "accepted"
        case 5:
            return "refused"
        case _:
            return "later"


def settle(
    recipients: Sequence[RecipientState],
    replies: Sequence[Reply],
    tries: int,
    first_due: datetime,
    now: datetime,
) -> Settled:
    """The mail's state after one attempt. `tries` counts it, `first_due` is when the mail was first to go.

    Who accepted or was refused is never tried again. A recipient without a reply waits like one told "later". The
    last try falls on the end of the five days; a recipient who is still told "later" then has failed.
    """
    deadline = first_due + GIVE_UP_AFTER
    said = {reply.address: reply for reply in replies}
    after = tuple(_settle_one(r, said.get(r.address), last=now >= deadline) for r in recipients)
    states = {r.state for r in after}
    state: State = "queued" if "queued" in states else "failed" if "failed" in states else "sent"
    return Settled(
        state=state,
        next_at=min(now + delay(tries), deadline) if state == "queued" else None,
        recipients=after,
        last_reply=next((r.last_reply or "" for r in after if r.state == state), ""),
    )


def _settle_one(recipient: RecipientState, reply: Reply | None, *, last: bool) -> RecipientState:
    if recipient.state != "queued":
        return recipient
    state = _BECOMES[reply.verdict] if reply else "queued"
    if state == "queued" and last:
        state = "failed"
    return replace(recipient, state=state, last_reply=reply.line if reply else recipient.last_reply)


def newly_failed(
    before: Sequence[RecipientState],
    after: Sequence[RecipientState],
) -> tuple[RecipientState, ...]:
    """Who failed in this attempt, and was not failed before it: whom the notice is about."""
    known = {r.address for r in before if r.state == "failed"}
    return tuple(r for r in after if r.state == "failed" and r.address not in known)
