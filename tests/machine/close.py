"""A desk that dies before each statement, compiled ones too, where one agent has got the assignment of one ticket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mailticket.store.db import open_or_create

from .mails import CUSTOMERS, SUPPORT, Draft
from .world import STATEMENT, World


class Close(World):
    """Dies before a compiled query, too."""

    def _watch_statements(self) -> None:
        super()._watch_statements()
        execute = self.db.execute

        def watched(sql, values=()):
            self._reached(STATEMENT)
            return execute(sql, values)

        self.db.execute = watched


def assigned_once(folder: Path) -> Iterator[Close]:
    """For a fixture: it stops at the end."""
    made = Close(lambda place: open_or_create(place / "desk.db"), folder)
    made.db.execute("PRAGMA synchronous = off")
    made.deliver(made.write(Draft(1, CUSTOMERS[0], "Help: TOKEN")), [SUPPORT])
    made.work()
    made.send()
    yield made
    made.stop()
