"""What the command line shows of the queues and of the whole: the JSON objects that people script against."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from peewee import fn

from ..core.fields import message_ids, read_head, value_of
from ..core.policy import Policy
from ..settings import Imap
from . import absences, mailbox_face
from . import inbox as incoming
from . import outbox as outgoing
from .db import Db, at
from .face import Json, pages, stamp
from .lock import is_held
from .schema import Inbox, InboxRaw, Meta, Outbox, Ticket

_HEAD = 65536
# How long a mail may wait to be worked on, or to be handed over, before `status` is no longer ok.
INBOX_OVERDUE = timedelta(minutes=5)
OUTBOX_OVERDUE = timedelta(hours=1)

_INBOX = (
    "id", "state", "received_at", "via", "envelope_from", "envelope_to", "message_id", "subject", "kind", "reason",
    "ticket",
)  # fmt: skip
_OUTBOX = (
    "id", "state", "kind", "recipients", "subject", "message_id", "ticket", "created_at", "due_at", "sent_at",
    "tries", "last_reply",
)  # fmt: skip


def inbox(db: Db, *, state: str | None = None, limit: int | None = None) -> Iterator[Json]:
    query = Inbox.select(*(getattr(Inbox, name) for name in _INBOX))
    if state is not None:
        query = query.where(Inbox.state == state)
    for row in chain.from_iterable(pages(db, query, Inbox.id, limit)):
        yield _inbox(db, dict(zip(_INBOX, row, strict=True)))


def inbox_show(db: Db, number: int) -> Json | None:
    """One mail with its header as it came and its size in octets."""
    row = db.first(Inbox.select(*(getattr(Inbox, name) for name in _INBOX)).where(Inbox.id == number))
    if row is None:
        return None
    shown = _inbox(db, dict(zip(_INBOX, row, strict=True)))
    size = db.first(Inbox.select(Inbox.size).where(Inbox.id == number))
    raw = _head(db, number)
    end = min((at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=len(raw))
    headers = raw[:end].decode("utf-8", "replace").replace("\r\n", "\n")
    return shown | {"size": size[0] if size else 0, "headers": headers}


def inbox_raw(db: Db, number: int) -> bytes | None:
    return incoming.raw(db, number)


def _inbox(db: Db, row: Json) -> Json:
    row["received_at"] = stamp(row["received_at"])
    row["envelope_to"] = json.loads(row["envelope_to"])
    if row["subject"] is None:  # not read yet
        row["message_id"], row["subject"] = _glance(_head(db, row["id"]))
    return row


def _head(db: Db, number: int) -> bytes:
    """Where the header of a mail is: a list of large mails must not read them."""
    row = db.first(InboxRaw.select(fn.SUBSTR(InboxRaw.mail, 1, _HEAD)).where(InboxRaw.inbox == number))
    return bytes(row[0]) if row else b""


def _glance(raw: bytes) -> tuple[str | None, str]:
    """Message-ID and subject of a mail that nobody has read yet."""
    head = read_head(raw)
    return next(iter(message_ids(head.all("message-id")[:1])), None), value_of(head.first("subject"))


def outbox(db: Db, *, state: str | None = None, limit: int | None = None) -> Iterator[Json]:
    query = Outbox.select(*(getattr(Outbox, name) for name in _OUTBOX))
    if state is not None:
        query = query.where(Outbox.state == state)
    for row in chain.from_iterable(pages(db, query, Outbox.id, limit)):
        yield _outbox(dict(zip(_OUTBOX, row, strict=True)))[0]


def outbox_show(db: Db, number: int) -> Json | None:
    """One mail with what became of it for each recipient."""
    row = db.first(Outbox.select(*(getattr(Outbox, name) for name in _OUTBOX)).where(Outbox.id == number))
    if row is None:
        return None
    shown, recipients = _outbox(dict(zip(_OUTBOX, row, strict=True)))
    return shown | {"recipients": recipients}


def outbox_raw(db: Db, number: int) -> bytes | None:
    return outgoing.raw(db, number)


def _outbox(row: Json) -> tuple[Json, list[Json]]:
    recipients = json.loads(row.pop("recipients"))
    times = {name: stamp(row[name]) for name in ("created_at", "due_at", "sent_at")}
    shown = {name: row[name] for name in ("id", "state", "kind")}
    shown["to"] = [r["address"] for r in recipients]
    shown |= {name: row[name] for name in ("subject", "message_id", "ticket")}
    return shown | times | {"tries": row["tries"], "last_reply": row["last_reply"]}, recipients


def status(
    db: Db, *, version: str, now: datetime, mailboxes: Sequence[Imap] = (), policy: Policy | None = None
) -> Json:
    """`mailboxes` and `policy` are the config's; without that nobody is known to be away."""
    gone = absences.away(db, policy, now) if policy else {}
    running = is_held(db.path)
    inbox_oldest, outbox_oldest = _oldest(db, Inbox, Inbox.received_at), _oldest(db, Outbox, Outbox.due_at)
    started = db.first(Meta.select(Meta.value).where(Meta.key == "started_at")) if running else None
    overdue = (inbox_oldest or at(now)) < at(now - INBOX_OVERDUE) or (outbox_oldest or at(now)) < at(
        now - OUTBOX_OVERDUE
    )
    return {
        "ok": running and not overdue and not mailbox_face.any_down(db, mailboxes, now),
        "version": version,
        "started_at": stamp(int(started[0])) if started else None,
        "inbox": {
            "queued": _how_many(db, Inbox, "queued"),
            "quarantined": _how_many(db, Inbox, "quarantined"),
            "oldest_at": stamp(inbox_oldest),
        },
        "outbox": {
            "queued": _how_many(db, Outbox, "queued"),
            "failed": _how_many(db, Outbox, "failed"),
            "oldest_at": stamp(outbox_oldest),
        },
        "mailboxes": mailbox_face.mailboxes(db, mailboxes, running=running),
        "tickets": dict(db.rows(_by_status())),
        "away": [{"address": address, "until": stamp(at(one.until))} for address, one in gone.items()],
    }


def _by_status() -> Any:
    return Ticket.select(Ticket.status, fn.COUNT(Ticket.id)).group_by(Ticket.status)


def _how_many(db: Db, table: Any, state: str) -> int:
    row = db.first(table.select(fn.COUNT(table.id)).where(table.state == state))
    return int(row[0]) if row else 0


def _oldest(db: Db, table: Any, column: Any) -> int | None:
    row = db.first(table.select(column).where(table.state == "queued").order_by(column))
    return row[0] if row else None
