"""Patience: with a mail server that does not answer, and with our own database."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds between two attempts while the server does not answer: doubled each time."""

    first: float = 1
    longest: float = 60


TROUBLE_PAUSES = Pauses(first=0.25, longest=5)


class Outage:
    """up → (fault) down → (it greets us again) trial → (one mail got its answer) up; a fault in trial: down again.

    Not locked: the sender's lock guards it. Says in the log when an outage begins and when it is over.
    """

    def __init__(self, server: str, pauses: Pauses) -> None:
        self._server = server
        self._pauses = pauses
        self._pause = 0.0
        self._since = 0.0
        self._retry_at = 0.0
        self.down = False
        self.trial = False

    def fault(self, told: str) -> None:
        """Nothing can be handed over, and `told` says what the server does instead. While it is known to be down, what
        was still in work adds nothing."""
        if self.down:
            return
        if self.trial:
            self.failed_again()
            return
        self._since = time.monotonic()
        self._pause = 0
        self.failed_again()
        log.warning(
            "outgoing mail server %s %s; trying again every %g s, later every %g s",
            self._server,
            told,
            self._pauses.first,
            self._pauses.longest,
        )

    def failed_again(self) -> None:
        self._pause = min(self._pause * 2 or self._pauses.first, self._pauses.longest)
        self._retry_at = time.monotonic() + self._pause
        self.down, self.trial = True, False

    def greeted(self) -> None:
        self.down, self.trial = False, True

    def answered(self) -> bool:
        """A mail got its answers. True: that ended an outage."""
        if not self.trial:
            return False
        self.trial = False
        log.info("outgoing mail server %s answers again, after %.0f s", self._server, time.monotonic() - self._since)
        return True

    @property
    def remaining(self) -> float:
        """Seconds until the next attempt."""
        return max(0.0, self._retry_at - time.monotonic())


class Trouble:
    """Our own database's: one line when it begins, one when it is over, growing pauses between."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._pause = 0.0

    def seen(self, error: Exception) -> float:
        """How many seconds to wait before the next try."""
        if not self._pause:
            log.error("%s: %s; trying again until it can", self._what, error)
        self._pause = min(self._pause * 2 or TROUBLE_PAUSES.first, TROUBLE_PAUSES.longest)
        return self._pause

    def over(self) -> None:
        if self._pause:
            log.info("over: %s", self._what)
        self._pause = 0
