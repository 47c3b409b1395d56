"""How the desk's threads wait for each other and for what other processes have written."""

from __future__ import annotations

import logging
import threading

from .errors import MailticketError
from .store.db import Db

LOOK_EVERY = 0.05  # seconds between looks for what other processes wrote: a look takes some microseconds

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


class Watch:
    """A thread that rings bells when another connection has committed something."""

    def __init__(self, db: Db, bells: tuple[Bell, ...]) -> None:
        self._db = db
        self._bells = bells
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

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
