"""Small writes that ride along in the transaction of whoever is writing anyway, and share its commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from ..errors import TemporaryError


class Rider:
    """One such write. It runs in the driver's thread, and its own thread waits for the commit."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._over = threading.Event()
        self._error: BaseException | None = None

    def run(self, savepoint: AbstractContextManager[None]) -> None:
        """Raises TemporaryError: the database's trouble is everybody's, and ends the whole transaction."""
        try:
            with savepoint:
                self._work()
        except TemporaryError:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits, which raises it
            self._error = error

    def end(self, error: BaseException | None = None) -> None:
        self._error = self._error or error
        self._over.set()

    def result(self) -> None:
        self._over.wait()
        if self._error:
            raise self._error


class Riders:
    """Who waits for a ride, and how many threads of this process drive: write, or are about to.

    A driver takes whoever waits when it commits. The last one to arrive drives once more for those that came too late
    for its commit, so nobody waits for a transaction that does not come.
    """

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._waiting: list[Rider] = []
        self._drivers = 0

    def start(self, *riders: Rider) -> None:
        """Somebody will drive, perhaps only for these."""
        with self._state:
            self._waiting += riders
            self._drivers += 1

    def take(self) -> list[Rider]:
        with self._state:
            taken, self._waiting = self._waiting, []
            return taken

    def once_more(self) -> bool:
        """A driver has arrived: does it have to drive again?"""
        with self._state:
            again = bool(self._waiting) and self._drivers == 1
            self._drivers -= not again
            return again

    def wait(self) -> bool:
        """Does anybody?"""
        return bool(self._waiting)
