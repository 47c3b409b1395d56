"""Databases of older versions are brought up to this one, step by step, inside the transaction that finds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Execute = Callable[[str], Any]


def _add(execute: Execute, tables: Mapping[str, tuple[str, ...]]) -> None:
    for table, columns in tables.items():
        for column in columns:
            name, _, kind = column.partition(" ")
            execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {_KINDS[kind]}')


def _to_2(execute: Execute) -> None:
    """Proof, quarantine that asks, budgets, bounces. New tables and indexes are made with all others, after it."""
    inbox = ("auth TEXT", "quiet", "released", "round", "concerns TEXT", "asked_at NULL", "told_at NULL")
    outbox = ("template TEXT", "about LIST", "person TEXT")
    _add(execute, {"person": ("proved", "bounced TEXT", "held"), "inbox": inbox, "outbox": outbox})
    # What is in quarantine already is told of in the first list; an assignment is known by its template now.
    execute('UPDATE "outbox" SET "template" = "kind"')


def _to_3(execute: Execute) -> None:
    """Full mailboxes, failures for now that are counted, bounces that may be about somebody."""
    columns = ("full_at NULL", "soft", "soft_days", "soft_since NULL", "soft_at NULL", "unsure_at NULL")
    _add(execute, {"person": columns})


def _to_4(execute: Execute) -> None:
    """Mailboxes that are read by IMAP, what the agent is told of a mail that is not all there, tickets that sleep or
    are merged, notices that are counted, messages whose ids are never used again."""
    ticket = ("wakes_at NULL", "merged_into NULL")
    _add(execute, {"inbox": ("note TEXT", "whose TEXT"), "outbox": ("counted TEXT",), "ticket": ticket})
    execute('ALTER TABLE "message" RENAME TO "message_3"')
    execute(f'CREATE TABLE "message" ({_MESSAGE})')
    execute('INSERT INTO "message" SELECT * FROM "message_3"')
    execute('DROP TABLE "message_3"')  # its indexes go with it, and are made again with all others


_KINDS = {
    "": "INTEGER NOT NULL DEFAULT 0",
    "TEXT": "TEXT NOT NULL DEFAULT ''",
    "LIST": "TEXT NOT NULL DEFAULT '[]'",
    "NULL": "INTEGER",
}
_MESSAGE = """"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "ticket" INTEGER NOT NULL, "message_id" TEXT NOT NULL,
    "direction" TEXT NOT NULL, "inbox" INTEGER, "outbox" INTEGER, "from_address" TEXT, "from_name" TEXT NOT NULL,
    "to" TEXT NOT NULL, "subject" TEXT NOT NULL, "text" TEXT NOT NULL, "full_text" TEXT, "html" TEXT NOT NULL,
    "attachments" TEXT NOT NULL, "at" INTEGER NOT NULL, "automatic" INTEGER NOT NULL"""
# One row for each version that can be brought to the next.
STEPS: dict[int, Callable[[Execute], None]] = {1: _to_2, 2: _to_3, 3: _to_4}


def bring_up(execute: Execute, version: int, wanted: int) -> None:
    for step in range(version, wanted):
        STEPS[step](execute)
