"""One writer at a time: a fair lock between the threads of a process and between processes."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType


class WriteLock:
    """Held for the length of one write transaction.

    SQLite makes parallel writers sleep and try again, for up to seconds. Here they queue, and in turn: who waits
    stands in a turnstile, which the holder has to pass before it may enter again. So a busy worker cannot keep
    the door from its commits, and it can see that somebody waits (`contended`).
    """

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self._thread_turn = threading.Lock()
        self._main = _open(path.with_name(path.name + "-lock"))
        self._turn = _open(path.with_name(path.name + "-turn"))

    def __enter__(self) -> None:
        with self._thread_turn:
            self._threads.acquire()
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX)
            try:
                fcntl.flock(self._main, fcntl.LOCK_EX)
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

    def contended(self) -> bool:
        """Does anybody wait for this lock, which the caller holds?"""
        if self._thread_turn.locked():
            return True
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._turn, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        os.close(self._main)
        os.close(self._turn)


def hold_alone(path: Path) -> int | None:
    """Take the daemon's lock on a database: a descriptor to keep open, or None if another daemon has it."""
    descriptor = _open(path.with_name(path.name + "-desk"))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
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


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
