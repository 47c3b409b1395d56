"""The database: connections, the one way to write, and queries compiled once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from peewee import Node, SqliteDatabase

from ..errors import MailticketError, UsageError
from . import schema, schema_search
from .files import make_private
from .lock import WriteLock
from .migrations import bring_up
from .patience import within
from .riding import Rider, Riders
from .trouble import Told

RIDERS_WAIT = 0.02  # seconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # NORMAL may lose the last commits when the power goes: 250 means on disk
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 4000,  # pages: a mail writes forty, most of them again and again
}


class Db:
    """One database. Every thread has its own connection; `write` is the only way to change anything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: Any = SqliteDatabase(str(path), pragmas=PRAGMAS)
        self._told = Told(path)
        with self._told:
            self.lock = WriteLock(path)
        self._riders = Riders()
        self.commit_seconds = 0.0  # how long the last commit took

    def create(self) -> None:
        """Make what is missing. Refuses a database that a newer version has written."""
        with self.write():
            version = self._version()
            if version is not None:  # first: a new index may be of a new column
                self._refuse_newer(version)
                self._bring_up(version)
            with self._database.bind_ctx(schema.TABLES):
                self._database.create_tables(schema.TABLES, safe=True)
            schema_search.create(self.execute)
            if version is None:
                self.run(schema.Meta.insert(key="schema", value=str(schema.VERSION)))

    def look(self) -> None:
        """Refuse a database that is none of ours, or that a newer version has written, without writing to it."""
        version = self._version()
        if version is None:
            raise UsageError(f"{self.path}: is no database of a desk; `mailticket run` makes one")
        self._refuse_newer(version)
        if version < schema.VERSION:
            raise UsageError(f"{self.path} was written by an older version; `mailticket run` brings it up to this one")

    def _version(self) -> int | None:
        """What it was written by; None for a database that has no desk in it yet."""
        known = self.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'").fetchone()
        row = known and self.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        return int(row[0]) if row else None

    def _bring_up(self, version: int) -> None:
        if version < schema.VERSION:
            bring_up(self.execute, version, schema.VERSION)
            self.run(schema.Meta.update(value=str(schema.VERSION)).where(schema.Meta.key == "schema"))

    def _refuse_newer(self, version: int) -> None:
        if version > schema.VERSION:
            raise UsageError(
                f"{self.path} was written by a newer version of mailticket (schema {version}, "
                f"this one knows {schema.VERSION}): install that version"
            )

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction, committed at the end, with the lock held; trouble comes out as TemporaryError."""
        self._riders.start()
        try:
            with self._transaction():
                yield
        finally:
            self._arrive()

    def ride(self, work: Callable[[], None]) -> None:
        """Write in another thread's transaction, or in one of its own where nobody writes; returns after the commit.

        `work` is under a savepoint: what it raises comes out here, and the others' work is kept.
        """
        rider = Rider(work)
        self._riders.start(rider)
        self._arrive()
        rider.result()

    def should_commit(self, held: float) -> bool:
        """Whether somebody waits for the end of the transaction that the caller has held so long, in seconds.

        The door gets its turn once we have held it as long as a commit takes; a result that rides along waits a
        little more, since the work under one commit costs less than each under its own.
        """
        if held >= RIDERS_WAIT and self._riders.wait():
            return True
        return held >= self.commit_seconds and self.lock.contended()

    def _arrive(self) -> None:
        while self._riders.once_more():
            try:
                with self._transaction():
                    pass
            except Exception as error:  # noqa: BLE001 - it belongs to those who wait, and they raise it
                for rider in self._riders.take():
                    rider.end(error)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        riders: list[Rider] = []
        try:
            with self.trouble_told(), self.lock:
                began = 0.0
                with self._database.atomic("IMMEDIATE"):
                    yield
                    began = time.monotonic()
                    riders = self._riders.take()
                    for rider in riders:
                        rider.run(self.savepoint())
                self.commit_seconds = time.monotonic() - began
        except BaseException as error:
            for rider in riders:
                rider.end(error)
            raise
        for rider in riders:
            rider.end()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a write that can fail alone."""
        with self.trouble_told(), self._database.savepoint():
            yield

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What this thread asks in it has so long by the clock, all together; then it is a SlowError."""
        with within(self._database.connection(), seconds), self.trouble_told():  # rows are fetched outside of `execute`
            yield

    def trouble_told(self) -> Told:
        """Turn what the disk or the database did into one line that says where."""
        return self._told

    def execute(self, sql: str, values: tuple[Any, ...] | list[Any] = ()) -> Any:
        """Straight to the driver: a mail is thirty small statements, and peewee's own way to run one costs as much
        as the statement."""
        with self._told:
            return self._database.connection().execute(sql, values)

    @contextmanager
    def blob(self, table: str, column: str, row: int) -> Iterator[Any]:
        """A blob that is there already, to be written in pieces."""
        with self._told, self._database.connection().blobopen(table, column, row) as opened:
            yield opened

    def text(self, query: Any) -> tuple[str, list[Any]]:
        """A query in this database's dialect: its SQL and its values."""
        sql, values = self._database.get_sql_context().sql(query).query()
        return sql, list(values)

    def run(self, query: Any) -> int:
        """Run an insert, update or delete: the new row's id, or how many rows there were."""
        with self.trouble_told():
            return int(query.execute(self._database) or 0)

    def rows(self, query: Any) -> list[tuple[Any, ...]]:
        with self.trouble_told():
            return list(query.tuples().execute(self._database))

    def first(self, query: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(query.limit(1))), None)

    def changes_by_others(self) -> int:
        """A number that changes when another connection has committed (SQLite's data_version)."""
        with self.trouble_told():
            return int(self.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close this thread's connection."""
        if not self._database.is_closed():
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self.lock.close()


class _Place(str):
    """The name of a value that is not known yet, standing where the value will."""

    __slots__ = ()


class Slot(Node):
    """A place in a compiled query that gets its value when it runs."""

    def __init__(self, name: str) -> None:
        self._place = _Place(name)

    def __sql__(self, context: Any) -> Any:
        return context.value(self._place, converter=False)


class Compiled:
    """A peewee query whose text is made once: making it costs five times what running it does."""

    def __init__(self, build: Any) -> None:
        self._build = build
        self._made: tuple[str, list[Any]] | None = None

    def __call__(self, db: Db, **values: Any) -> Any:
        if self._made is None:
            self._made = db.text(self._build())
        sql, places = self._made
        return db.execute(sql, [values[p] if isinstance(p, _Place) else p for p in places])


def insert(table: Any, *, leave_out: tuple[str, ...] = ()) -> Compiled:
    """An INSERT of every column of a table, by name, but for those left to the database."""
    fields = {field: Slot(name) for name, field in table._meta.fields.items() if name not in leave_out}  # noqa: SLF001  # its way to list them
    return Compiled(lambda: table.insert(fields))


def at(moment: datetime) -> int:
    """A moment as it is stored."""
    return (moment - EPOCH) // MICROSECOND


def at_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else at(moment)


def moment(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)


def moment_or_none(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def open_existing(path: Path) -> Db:
    """A database that must be there already, for the commands that look at it."""
    if not path.exists():
        raise UsageError(f"{path}: there is no database yet; `mailticket run` makes it")
    return _checked(Db(path), Db.look)


def open_or_create(path: Path) -> Db:
    if not path.parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} does not exist; make it, or change [desk] database")
    db = Db(path)
    with db.trouble_told():
        make_private(path)
    return _checked(db, Db.create)


def _checked(db: Db, check: Callable[[Db], None]) -> Db:
    try:
        check(db)
    except MailticketError:
        db.close()
        raise
    return db
