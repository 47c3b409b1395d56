"""The full-text index of tickets: its tables, and the triggers that say what is to be indexed anew.

Whoever writes a message or a ticket, and however, need not think of the search: a trigger puts its number into
`unsearched`, and `index` works that off later, many at a time, since a mail indexed within its own transaction costs
the mail's way far more. A message that is moved stays indexed, and one that is deleted leaves the index with its row.

The index keeps its own copy of the words. Without (contentless) it is smaller by a third, but SQLite before 3.43
deletes from such an index only when it is told exactly the words that were once put in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peewee import BigIntegerField, IntegerField

from .table import Table

LABEL = " \ue000 "  # a word that nobody types, on both sides of each label: one label is no part of another
VERSION = 1  # of what is put into the index; another one has all of it made anew


class Searched(Table):
    """What is in the index, by its number there: a message's id, or what is known of a ticket (its subject, labels and
    people) as minus the ticket's. `at` is when it was written."""

    id = IntegerField(primary_key=True)
    ticket = IntegerField()
    at = BigIntegerField()

    class Meta:
        indexes = ((("at", "ticket"), False), (("ticket", "at"), False))


class Unsearched(Table):
    """What is to be indexed (anew), by its number there."""

    id = IntegerField(primary_key=True)


# The words are folded before; a sign that writes a vowel or its absence (Mn, Mc) does not end a word.
_INDEX = """
CREATE VIRTUAL TABLE "search" USING fts5(
    "subject", "label", "text", "sender", "receiver", "file", "people",
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
)
"""
_DUE = 'INSERT OR IGNORE INTO "unsearched" ("id") VALUES'
TRIGGERS = {
    # Our automatic answers say the same words in every ticket.
    "new_message": f"""AFTER INSERT ON "message" WHEN NOT (new."automatic" AND new."direction" = 'outbound')
        BEGIN {_DUE} (new."id"); END""",
    "changed_message": f"""AFTER UPDATE OF "subject", "text", "full_text", "attachments" ON "message"
        WHEN NOT (new."automatic" AND new."direction" = 'outbound') BEGIN {_DUE} (new."id"); END""",
    "moved_message": """AFTER UPDATE OF "ticket" ON "message"
        BEGIN UPDATE "searched" SET "ticket" = new."ticket" WHERE "id" = new."id"; END""",
    "gone_message": """AFTER DELETE ON "message" BEGIN
        DELETE FROM "search" WHERE rowid = old."id";
        DELETE FROM "searched" WHERE "id" = old."id";
        DELETE FROM "unsearched" WHERE "id" = old."id"; END""",
    "new_ticket": f'AFTER INSERT ON "ticket" BEGIN {_DUE} (-new."id"); END',
    "changed_ticket": f"""AFTER UPDATE OF "subject", "labels", "customer" ON "ticket"
        WHEN (old."subject", old."labels", old."customer") IS NOT (new."subject", new."labels", new."customer")
        BEGIN {_DUE} (-new."id"); END""",
    "gone_ticket": """AFTER DELETE ON "ticket" BEGIN
        DELETE FROM "search" WHERE rowid = -old."id";
        DELETE FROM "searched" WHERE "id" = -old."id";
        DELETE FROM "unsearched" WHERE "id" = -old."id"; END""",
    "new_participant": f'AFTER INSERT ON "participant" BEGIN {_DUE} (-new."ticket"); END',
    "gone_participant": f'AFTER DELETE ON "participant" BEGIN {_DUE} (-old."ticket"); END',
}


def create(execute: Callable[..., Any]) -> None:
    """Make the index where there is none of this version, empty, with all that there is already in the queue. The
    other tables are there."""
    row = execute('SELECT "value" FROM "meta" WHERE "key" = \'search\'').fetchone()
    if row == (str(VERSION),):
        return
    for name, what in TRIGGERS.items():
        execute(f'DROP TRIGGER IF EXISTS "search_{name}"')
        execute(f'CREATE TRIGGER "search_{name}" {what}')
    execute('DROP TABLE IF EXISTS "search"')
    execute(_INDEX)
    execute('DELETE FROM "searched"')
    execute('INSERT OR IGNORE INTO "unsearched" SELECT "id" FROM "message"')
    execute('INSERT OR IGNORE INTO "unsearched" SELECT -"id" FROM "ticket"')
    execute("INSERT OR REPLACE INTO \"meta\" VALUES ('search', ?)", (str(VERSION),))
