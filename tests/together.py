"""How tests run beside each other: which of them one worker gets in a row, and which have the machine to themselves."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

# The tests of any other file go to one worker, which then makes what they share only once.
SPREAD = ("test_machine.py", "test_mutations.py")
# Whoever began late with one of these would be the last to end.
LONG = ("test_systemd.py", "test_kill.py")
# A lock is on a file that each worker has, and needs nothing to be written: these two.
HERE = Path(__file__)
DOOR_AND_ROOM = (HERE, HERE.with_name("conftest.py"))


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        """What goes to one worker has the same word here."""
        file = nodeid.partition("::")[0]
        return nodeid if Path(file).name in SPREAD else file


def in_order(items: list[pytest.Item]) -> None:
    """Long files first, and last the single tests that fill the end."""
    items.sort(key=lambda item: (item.path.name not in LONG, item.path.name in SPREAD))


@contextlib.contextmanager
def turn(*, alone: bool, files: tuple[Path, Path] = DOOR_AND_ROOM) -> Iterator[None]:
    """For one test: any number of others run beside it, or none does."""
    with files[0].open() as door, files[1].open() as room:
        fcntl.flock(door, fcntl.LOCK_EX)  # who waits for the room to be empty lets nobody else in
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(room, fcntl.LOCK_UN)  # a child may have inherited it, and closing is not enough
