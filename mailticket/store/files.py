"""The database's files on the disk: all that customers ever wrote is in them, so only their owner may read them."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def make_private(path: Path) -> None:
    """Make the database's file before SQLite does, which would leave its mode to the umask. SQLite gives the same
    mode to -wal and -shm. A file that is there already stays as it is."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def exposed(path: Path) -> str:
    """A warning where others can read the database, else ""."""
    try:
        mode = path.stat().st_mode
    except OSError:  # not there yet, or told when it is opened
        return ""
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        return f"{path} can be read by others on this machine: chmod 600 {path}*"
    return ""
