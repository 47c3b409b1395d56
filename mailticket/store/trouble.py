"""What the database's own errors mean to us: trouble that may pass, or something wrong with one statement."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from peewee import DatabaseError, InterfaceError, OperationalError

from ..errors import TemporaryError

_TROUBLE = (OperationalError, InterfaceError, sqlite3.OperationalError, sqlite3.InterfaceError, OSError)
_BROKEN = ("malformed", "not a database")  # SQLite has no class of its own for these


def _passes(error: BaseException) -> bool:
    """Is it the database's or the disk's trouble? Anything else is wrong with a statement or its values."""
    if type(error) in {DatabaseError, sqlite3.DatabaseError}:
        return any(words in str(error) for words in _BROKEN)
    return isinstance(error, _TROUBLE)


class Told:
    """Trouble of the database becomes a TemporaryError. What is wrong with one mail's statements stays what it is:
    that mail would meet it each time, and has to be put aside."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing is held, so one of these serves all threads, and within itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and _passes(error):
            raise TemporaryError(f"database {self._path}: {_reason(error)}") from error


def _reason(error: BaseException) -> BaseException:
    """On a full disk SQLite itself takes the transaction back; that it cannot be taken back again is not the reason."""
    while str(error).startswith(("cannot rollback", "no such savepoint")) and error.__context__ is not None:
        error = error.__context__
    return error
