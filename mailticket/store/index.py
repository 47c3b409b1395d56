"""What is new in tickets goes into the index of the search, some at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from ..core.folding import searchable
from .db import Db
from .schema_search import LABEL

AT_ONCE = 500  # in one transaction
LONGEST = 100_000  # characters of a message that are looked at
MUCH = 1_000_000  # characters in one transaction
HELD = 0.1  # seconds of one transaction
SOON = 1.0  # seconds that a person who searches waits for what is new

_WAITING = 'SELECT "id" FROM "unsearched" ORDER BY "id" DESC LIMIT ?'  # the newest first: those are looked for
_COUNT = 'SELECT count(*) FROM "unsearched"'
_DONE = 'DELETE FROM "unsearched" WHERE "id" = ?'
# Of the mail that opens a ticket what it quotes or passes on counts, too: it is nowhere else.
_MESSAGE = """
SELECT m."ticket", m."at", m."subject", m."from_name", m."from_address", m."to", m."attachments",
    substr(CASE WHEN m."id" = (SELECT min(o."id") FROM "message" AS o WHERE o."ticket" = m."ticket")
        THEN coalesce(m."full_text", m."text") ELSE m."text" END, 1, ?)
FROM "message" AS m WHERE m."id" = ? AND NOT (m."automatic" AND m."direction" = 'outbound')
"""
_TICKET = 'SELECT "created_at", "subject", "labels", "customer" FROM "ticket" WHERE "id" = ?'
_PEOPLE = """
SELECT "name", "address" FROM "person" WHERE "id" = ? OR "id" IN
    (SELECT "person" FROM "participant" WHERE "ticket" = ?)
"""
_INSERT = """
REPLACE INTO "search" (rowid, "subject", "label", "text", "sender", "receiver", "file", "people")
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_INDEXED = 'REPLACE INTO "searched" ("id", "ticket", "at") VALUES (?, ?, ?)'


def waiting(db: Db) -> int:
    """How much is not in the index yet."""
    return int(db.execute(_COUNT).fetchone()[0])


def catch_up(db: Db, seconds: float, stopped: Callable[[], bool] = lambda: False) -> None:
    """Index what waits for about that long, in transactions of its own, or until we are to stop."""
    until = time.monotonic() + seconds
    while waiting(db) and time.monotonic() < until and not stopped():
        with db.write():
            index_some(db)


def index_some(db: Db) -> int:
    """Index what waits, as much as one transaction should take: the caller's. How much it was."""
    began, characters, done = time.monotonic(), 0, 0
    # In the order of the numbers: the index takes each step back as the end of a batch.
    for number in sorted(row[0] for row in db.execute(_WAITING, (AT_ONCE,)).fetchall()):
        characters += _message(db, number) if number > 0 else _ticket(db, -number)
        db.execute(_DONE, (number,))
        done += 1
        if characters > MUCH or time.monotonic() - began > HELD:
            break
    return done


def _message(db: Db, number: int) -> int:
    """How many characters it has; nothing of an answer that the desk gave by itself."""
    row = db.execute(_MESSAGE, (LONGEST, number)).fetchone()
    if row is None:
        return 0
    ticket, at, subject, name, address, to, attachments, text = row
    sender = f"{name} {address or ''}"
    receivers = _joined(f"{one['name']} {one['address']}" for one in json.loads(to))
    files = _joined(one["filename"] for one in json.loads(attachments))
    _put(db, number, ticket, at, (subject, "", text, sender, receivers, files, ""))
    return len(text)


def _ticket(db: Db, number: int) -> int:
    row = db.execute(_TICKET, (number,)).fetchone()
    if row is None:
        return 0
    at, subject, labels, customer = row
    people = _joined(" ".join(one) for one in db.execute(_PEOPLE, (customer, number)).fetchall())
    marked = [f"{LABEL}{label}{LABEL}" for label in json.loads(labels)]
    _put(db, -number, number, at, (subject, _joined(marked), "", "", "", "", people))
    return len(people)


def _put(db: Db, number: int, ticket: int, at: int, columns: tuple[Any, ...]) -> None:
    db.execute(_INSERT, (number, *(searchable(column) for column in columns)))
    db.execute(_INDEXED, (number, ticket, at))


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(parts)[:LONGEST]
