"""One writer at a time: a fair lock between the threads of a process and between processes."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType

from ..errors import TemporaryError

PATIENCE = 10.0  # seconds that one waits for its turn
SHORT_NAP, LONG_NAP = 0.0001, 0.002  # seconds between two looks whether another process is done
SOON = 100  # short naps: most transactions are over by then, and each nap too long is time when nobody writes


class WriteLock:
    """Held for the length of one write transaction.

    SQLite makes parallel writers sleep and try again, for up to seconds. Here they queue, and in turn: who waits
    stands in a turnstile, which the holder has to pass before it may enter again. So a busy worker cannot keep
    the door from its commits, and it can see that somebody waits (`contended`).

    Nobody waits for ever: a writer that was stopped in its transaction (^Z) makes all others raise TemporaryError.
    A blocking flock cannot be given an end but by a signal, so waiting is looking again after a short nap.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._thread_turn = threading.Lock()
        self._main = _open(path.with_name(path.name + "-lock"))
        self._turn = _open(path.with_name(path.name + "-turn"))

    def __enter__(self) -> None:
        until = time.monotonic() + PATIENCE
        self._take_from_thread(self._thread_turn, until)
        try:
            self._take_from_thread(self._threads, until)
        finally:
            self._thread_turn.release()
        try:
            self._take_from_process(self._turn, until)
            try:
                self._take_from_process(self._main, until)
            finally:
                fcntl.flock(self._turn, fcntl.LOCK_UN)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._main, fcntl.LOCK_UN)
        self._threads.release()

    def _take_from_thread(self, lock: threading.Lock, until: float) -> None:
        if not lock.acquire(timeout=max(0.0, until - time.monotonic())):
            raise self._too_long("a part of this process that waits or writes")

    def _take_from_process(self, descriptor: int, until: float) -> None:
        looks = 0
        while not _taken(descriptor):
            if time.monotonic() >= until:
                raise self._too_long("another process")
            time.sleep(SHORT_NAP if looks < SOON else LONG_NAP)
            looks += 1

    def _too_long(self, by: str) -> TemporaryError:
        return TemporaryError(f"database {self._path} is being written by {by} for over {PATIENCE:g} s")

    def contended(self) -> bool:
        """Does anybody wait for this lock, which the caller holds?"""
        if self._thread_turn.locked():
            return True
        if not _taken(self._turn):
            return True
        fcntl.flock(self._turn, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        os.close(self._main)
        os.close(self._turn)


def hold_alone(path: Path) -> int | None:
    """Take the daemon's lock on a database: a descriptor to keep open, or None if another daemon has it."""
    descriptor = _open(path.with_name(path.name + "-desk"))
    if not _taken(descriptor):
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, b"%d\n" % os.getpid())
    return descriptor


def is_held(path: Path) -> bool:
    """Does a daemon hold this database?"""
    descriptor = hold_alone(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
