"""Small writes that ride along in the transaction of whoever is writing anyway, and share its commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager


class Rider:
    """A write of its own, to be run in somebody's transaction under a savepoint. Either it or an error is the result."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._over = threading.Event()
        self._error: Exception | None = None

    def run(self, savepoint: AbstractContextManager[None]) -> None:
        try:
            with savepoint:
                self._work()
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits, which raises it
            self._error = error

    def end(self, error: Exception | None = None) -> None:
        self._error = self._error or error
        self._over.set()

    def result(self) -> None:
        """Wait for the commit."""
        self._over.wait()
        if self._error:
            raise self._error


class Riders:
    """Who waits for a ride, and how many threads of this process write or are about to.

    A rider that finds nobody writing has to drive itself, and so does the last writer for those that came too late
    for its commit: nobody waits for a transaction that does not come.
    """

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._waiting: list[Rider] = []
        self._drivers = 0

    def board(self, rider: Rider) -> bool:
        """Whether the caller has to write for it."""
        with self._state:
            self._waiting.append(rider)
            if self._drivers:
                return False
            self._drivers += 1
            return True

    def drive(self) -> None:
        with self._state:
            self._drivers += 1

    def take(self) -> list[Rider]:
        with self._state:
            taken, self._waiting = self._waiting, []
            return taken

    def rest(self) -> bool:
        """A driver has arrived. Whether it has to drive once more, for those left behind."""
        with self._state:
            if self._waiting and self._drivers == 1:
                return True
            self._drivers -= 1
            return False

    def any(self) -> bool:
        return bool(self._waiting)
