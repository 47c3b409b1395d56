"""A database that an older version wrote is brought up to this one with all that is in it."""

from __future__ import annotations

import sqlite3

import pytest

from mailticket.errors import UsageError
from mailticket.store import schema
from mailticket.store.db import open_existing, open_or_create

# The tables of version 1 whose columns or indexes have changed since, as that version made them.
VERSION_1 = """
CREATE TABLE "meta" ("key" TEXT NOT NULL PRIMARY KEY, "value" TEXT NOT NULL);
INSERT INTO "meta" VALUES ('schema', '1'), ('last_ticket', '7');
CREATE TABLE "person" ("id" INTEGER NOT NULL PRIMARY KEY, "key" TEXT NOT NULL, "address" TEXT NOT NULL,
    "name" TEXT NOT NULL, "language" TEXT NOT NULL, "open_tickets" INTEGER NOT NULL, "last_assigned_at" INTEGER);
INSERT INTO "person" VALUES (1, 'maria@x.example', 'Maria@x.example', 'Maria', '', 0, NULL);
CREATE TABLE "inbox" ("id" INTEGER NOT NULL PRIMARY KEY, "key" TEXT NOT NULL, "soft_key" TEXT,
    "received_at" INTEGER NOT NULL, "via" TEXT NOT NULL, "peer" TEXT NOT NULL, "envelope_from" TEXT NOT NULL,
    "envelope_to" TEXT NOT NULL, "size" INTEGER NOT NULL, "hits" INTEGER NOT NULL, "state" TEXT NOT NULL,
    "owner" TEXT NOT NULL, "tries" INTEGER NOT NULL, "alone" INTEGER NOT NULL, "suspect" INTEGER NOT NULL,
    "next_at" INTEGER NOT NULL, "done_at" INTEGER, "message_id" TEXT, "subject" TEXT, "kind" TEXT,
    "reason" TEXT NOT NULL, "ticket" INTEGER);
INSERT INTO "inbox" VALUES (3, 'k', NULL, 5, 'smtp', '', 'a@x.example', '[]', 10, 0, 'quarantined', '', 1, 0, 0, 5, 6,
    '<m@x>', 'Hello', 'person', 'why', NULL);
CREATE TABLE "outbox" ("id" INTEGER NOT NULL PRIMARY KEY, "ref" TEXT NOT NULL, "message_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL, "audience" TEXT NOT NULL, "ticket" INTEGER, "envelope_from" TEXT NOT NULL,
    "recipients" TEXT NOT NULL, "subject" TEXT NOT NULL, "created_at" INTEGER NOT NULL, "due_at" INTEGER NOT NULL,
    "next_at" INTEGER NOT NULL, "sent_at" INTEGER, "state" TEXT NOT NULL, "owner" TEXT NOT NULL,
    "tries" INTEGER NOT NULL, "fault" INTEGER NOT NULL, "last_reply" TEXT, "spent" INTEGER NOT NULL);
INSERT INTO "outbox" VALUES (4, 'r', '<r@x>', 'assignment', 'agent', 7, '', '[]', 'S', 1, 1, 1, 1, 'sent', '', 1, 0,
    NULL, 0);
CREATE TABLE "ticket" ("id" INTEGER NOT NULL PRIMARY KEY, "subject" TEXT NOT NULL, "status" TEXT NOT NULL,
    "priority" TEXT NOT NULL, "department" TEXT NOT NULL, "agent" INTEGER, "customer" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "first_response_due" INTEGER,
    "resolution_due" INTEGER, "estimate_answer_by" INTEGER NOT NULL, "estimate_basis" TEXT NOT NULL,
    "first_response_at" INTEGER, "resolved_at" INTEGER, "labels" TEXT NOT NULL);
CREATE INDEX "ticket_status" ON "ticket" ("status");
CREATE INDEX "ticket_customer" ON "ticket" ("customer");
INSERT INTO "ticket" VALUES (7, 'Printer', 'open', 'medium', 'Support', NULL, 1, 5, 5, NULL, NULL, 9, 'soon', NULL,
    NULL, '[]');
CREATE TABLE "message" ("id" INTEGER NOT NULL PRIMARY KEY, "ticket" INTEGER NOT NULL, "message_id" TEXT NOT NULL,
    "direction" TEXT NOT NULL, "inbox" INTEGER, "outbox" INTEGER, "from_address" TEXT, "from_name" TEXT NOT NULL,
    "to" TEXT NOT NULL, "subject" TEXT NOT NULL, "text" TEXT NOT NULL, "full_text" TEXT, "html" TEXT NOT NULL,
    "attachments" TEXT NOT NULL, "at" INTEGER NOT NULL, "automatic" INTEGER NOT NULL);
CREATE INDEX "message_ticket" ON "message" ("ticket");
CREATE INDEX "message_message_id" ON "message" ("message_id");
CREATE INDEX "message_inbox" ON "message" ("inbox");
CREATE INDEX "message_outbox" ON "message" ("outbox");
"""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(VERSION_1)
    return path


def columns(path, table: str) -> dict[str, tuple[str, int]]:
    with sqlite3.connect(path) as connection:
        return {row[1]: (row[2], row[3]) for row in connection.execute(f'PRAGMA table_info("{table}")')}


def indexes(path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"))


def test_what_was_in_it_is_there_and_what_is_new_has_its_default(old):
    with open_or_create(old) as db:
        assert db.execute("SELECT name, proved, bounced, held FROM person").fetchone() == ("Maria", 0, "", 0)
        assert db.execute("SELECT reason, concerns, told_at, quiet FROM inbox").fetchone() == ("why", "", None, 0)
        assert db.execute("SELECT template, about FROM outbox").fetchone() == ("assignment", "[]")
        assert db.execute("SELECT status, labels, wakes_at FROM ticket").fetchone() == ("open", "[]", None)
        assert db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == (str(schema.VERSION),)
        assert db.execute("SELECT value FROM meta WHERE key = 'last_ticket'").fetchone() == ("7",)


@pytest.mark.parametrize("table", ["person", "inbox", "outbox", "ticket", "message", "answer", "due"])
def test_its_tables_have_the_same_columns_as_new_ones(old, tmp_path, table):
    with open_or_create(old), open_or_create(tmp_path / "new.db"):
        pass
    assert columns(old, table) == columns(tmp_path / "new.db", table)


def test_it_has_the_same_indexes_as_a_new_one(old, tmp_path):
    with open_or_create(old), open_or_create(tmp_path / "new.db"):
        pass
    assert "inbox_untold" in indexes(old)
    assert indexes(old) == indexes(tmp_path / "new.db")


def test_its_messages_are_there_and_their_ids_are_never_used_again(old, tmp_path):
    a_message = f"INSERT INTO message VALUES (?, 7, '<m@x>', 'inbound', 3, NULL{', 1' * 10}) RETURNING id"
    new = tmp_path / "new.db"
    with sqlite3.connect(old) as connection:
        connection.execute(a_message, (8,))
    with open_or_create(old) as db, open_or_create(new):
        assert db.execute("SELECT ticket, message_id, inbox, outbox FROM message").fetchone() == (7, "<m@x>", 3, None)
    with sqlite3.connect(new) as connection:
        connection.execute(a_message, (8,))
    for path in (old, new):
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM message")
            assert connection.execute(a_message, (None,)).fetchall() == [(9,)]


def test_it_is_brought_up_once_only(old):
    for _ in range(2):
        with open_or_create(old) as db:
            assert db.execute("SELECT count(*) FROM inbox").fetchone() == (1,)


def test_a_command_that_only_looks_says_how_it_is_brought_up(old):
    with pytest.raises(UsageError, match="mailticket run"):
        open_existing(old)
    assert "proved" not in columns(old, "person")
