"""The file that keeps a refresh token: whole or not at all, and its owner's alone."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_MOST = 65536  # octets


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
    """One at a time for each folder of such files, in whatever thread or process; nobody waits where there is none."""
    with ExitStack() as held:
        with suppress(OSError):  # no folder, or one that cannot be locked: they may cross then, and try again
            if path is not None:
                folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                held.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
        yield


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
