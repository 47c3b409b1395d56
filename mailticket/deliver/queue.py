"""What the sender needs of the outbox: the mails it is given, what it says of them, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..core.retry import Reply

CLAIM_BYTES = 32 * 1024 * 1024  # of raw mail that one claim may return; the sender never holds more than twice that


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed mail. `recipients` are those still to try."""

    id: int
    envelope_from: str  # "" for the null sender
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try gave.

    A `fault` was the server's, before it knew this mail: no replies, everything is later, and due again as soon as
    the server is back. A fault that this very mail may have caused is a "later" in `replies` instead: it waits its
    own growing pauses, and cannot make the server stumble again and again.
    """

    id: int
    replies: tuple[Reply, ...]
    fault: str = ""


def later(due: Due, words: str) -> Outcome:
    return Outcome(due.id, tuple(Reply(address, "later", words) for address in due.recipients))


class Queue(Protocol):
    """The outbox, as far as the sender needs it. Any exception is trouble that may pass."""

    def claim(self, limit: int) -> list[Due]:
        """What is due, claimed and committed: at most `limit` mails and, from the second on, CLAIM_BYTES."""

    def settle(self, outcomes: list[Outcome]) -> None:
        """All in one commit."""

    def release(self, ids: Sequence[int]) -> None:
        """Claims that were not tried: the try does not count."""

    def next_due(self) -> float | None:
        """Seconds until the next mail is due, None for nothing waiting."""

    def recovered(self) -> None:
        """The server answers again: what waits because of a fault is due now."""
