"""Old mail goes: the raw bytes and the rows of what is over. Tickets, messages and events stay.

A ticket that was merged is over when the one is that it is part of.

The newest row of a queue always stays: SQLite gives the number of a last row that is deleted to the next one, and
our questions and the audit trail name mails by their numbers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import fn

from .db import Db, at
from .schema import Inbox, InboxRaw, Message, Outbox, OutboxRaw, Ticket

AT_ONCE = 500  # of one queue, in one transaction
_OVER = ("closed", "spam")  # tickets that nobody answers any more


def purge(db: Db, before: datetime) -> int:
    """Delete what was done before then and belongs to no ticket, or to one that is over. How many mails."""
    with db.write():
        return _mails_in(db, before) + _mails_out(db, before)


def _mails_in(db: Db, before: datetime) -> int:
    over = (Inbox.state == "done") & (Inbox.done_at < at(before))
    ids = _ids(db, Inbox, over)
    if ids:
        db.run(Message.update(inbox=None).where(Message.inbox.in_(ids)))
        db.run(InboxRaw.delete().where(InboxRaw.inbox.in_(ids)))
        db.run(Inbox.delete().where(Inbox.id.in_(ids)))
    return len(ids)


def _mails_out(db: Db, before: datetime) -> int:
    over = Outbox.state.in_(["sent", "failed", "undone"]) & (Outbox.next_at < at(before))
    ids = _ids(db, Outbox, over & (Outbox.created_at < at(before)))
    if ids:
        db.run(Message.update(outbox=None).where(Message.outbox.in_(ids)))
        db.run(OutboxRaw.delete().where(OutboxRaw.outbox.in_(ids)))
        db.run(Outbox.delete().where(Outbox.id.in_(ids)))
    return len(ids)


def _ids(db: Db, table: Any, over: Any) -> list[int]:
    newest = db.first(table.select(fn.MAX(table.id)))
    past = table.ticket.is_null() | table.ticket.in_(_tickets_over())
    query = table.select(table.id).where(over & past & (table.id != (newest or (0,))[0]))
    return [row[0] for row in db.rows(query.order_by(table.id).limit(AT_ONCE))]


def _tickets_over() -> Any:
    ends = Ticket.select(Ticket.id).where(Ticket.status.in_(_OVER) & Ticket.merged_into.is_null())
    over = ends.cte("over", recursive=True, columns=("id",))
    part = Ticket.alias()
    over = over.union(part.select(part.id).join(over, on=(part.merged_into == over.c.id)))
    return over.select_from(over.c.id)
