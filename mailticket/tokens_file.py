"""The file that keeps a refresh token: whole or not at all, and its owner's alone."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_MOST = 65536  # octets
_PATIENCE, _AGAIN = 30.0, 0.05  # seconds: longer than a token server may take


def read(path: Path) -> str:
    """What is in it; "" where there is nothing, or nothing that could be a token."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST)
    except OSError:  # not there yet; whoever needs it says that nobody has logged in
        return ""
    text = content.decode("ascii", "replace").strip()
    return text if text.isascii() and text.isprintable() else ""


@contextmanager
def alone(path: Path | None) -> Iterator[None]:
    """One at a time for each such file, in whatever thread or process. Nobody waits for ever: where another does not
    end, or nothing can be locked, they may cross, and try again."""
    with ExitStack() as held:
        if path is not None:
            with suppress(OSError):
                _lock(path.resolve(), held)
        yield


def _lock(path: Path, held: ExitStack) -> None:
    """By a file of its own that only we may open: a lock on what others can open they can hold."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    lock = os.open(path.with_name(f".{path.name}.lock"), flags, stat.S_IRUSR | stat.S_IWUSR)
    held.callback(os.close, lock)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return
            time.sleep(_AGAIN)
        else:
            return


def write(path: Path, token: str) -> None:
    """Instead of what was there, for its owner alone: that of the old file, else of the folder where root writes."""
    path = path.resolve()  # a link stays one
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(new, flags, stat.S_IRUSR | stat.S_IWUSR), "w", encoding="ascii") as file:  # noqa: PTH123  # a file with its mode from the first byte
            if os.geteuid() == 0:
                owner = (path if path.exists() else path.parent).stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
