"""How the desk's threads wait for each other and for what other processes have written."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Generic, TypeVar

from .errors import MailticketError
from .store.db import Db

LOOK_EVERY = 0.05  # seconds between looks for what other processes wrote: a look takes some microseconds

T = TypeVar("T")

log = logging.getLogger(__name__)


class Bell:
    """Rung when there may be work: by a thread of this process, or by the watch over the database."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> None:
        """Until it rings, or `timeout` seconds. A ring between two waits is not missed."""
        self._event.wait(timeout)
        self._event.clear()


class Shelf(Generic[T]):
    """What one thread has made ready for another: at most so many things, of at most so much weight.

    What was taken weighs until more is taken: it is in work, and in memory as well. A thing that is too heavy for the
    shelf is let in when nothing else weighs.
    """

    def __init__(self, most: int, heaviest: int) -> None:
        self._most = most
        self._heaviest = heaviest
        self._things: deque[T] = deque()
        self._weight = 0
        self._in_work = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, thing: T, weight: int) -> None:
        """Waits for room. On a closed shelf it is let fall."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room(weight))
            if not self._closed:
                self._things.append(thing)
                self._weight += weight
                self._changed.notify_all()

    def _has_room(self, weight: int) -> bool:
        whole = self._weight + self._in_work
        return len(self._things) < self._most and (not whole or whole + weight <= self._heaviest)

    def take(self, timeout: float) -> list[T]:
        """All that is there, at least one unless nothing comes for `timeout` seconds or the shelf is closed."""
        with self._changed:
            self._in_work = 0
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or self._things, timeout)
            taken = list(self._things)
            self._things.clear()
            self._in_work, self._weight = self._weight, 0
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """Nobody waits here any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Watch:
    """A thread that rings bells when another connection has committed something."""

    def __init__(self, db: Db, bells: tuple[Bell, ...]) -> None:
        self._db = db
        self._bells = bells
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, until: float) -> None:
        """`until` is monotonic."""
        self._stop.set()
        self._thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        seen = 0
        told = False
        while not self._stop.wait(LOOK_EVERY):
            try:
                now = self._db.changes_by_others()
            except MailticketError as error:
                if not told:
                    log.error("cannot look for new mail: %s", error)  # noqa: TRY400 - one line
                told = True
                self._db.close()
                continue
            told = False
            if now != seen:
                seen = now
                for bell in self._bells:
                    bell.ring()
        self._db.close()
