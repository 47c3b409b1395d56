"""The quarantine: which mails wait for a person, who was told of them, and what the admin orders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from ..core.addresses import read_addresses
from ..core.fields import read_head, value_of
from ..core.holding import ROWS, News, Waiting
from ..core.keys import address_key
from ..core.known import HeldMail
from ..core.plan import NewEvent, Plan
from ..core.whose import ASKED
from .apply import apply
from .db import Compiled, Db, Slot, at, moment
from .schema import QUARANTINED, Inbox, InboxRaw, Outbox

WRITERS_OWN_FOR = timedelta(days=1)
_HEAD = 65536
_WAITING = ("id", "received_at", "envelope_to", "subject", "reason", "size")
_ticketless = Compiled(
    lambda: (
        Outbox.select(Outbox.created_at, Outbox.template, Outbox.person)
        .where(Outbox.ticket.is_null())
        .order_by(Outbox.id.desc())
    )
)
_untold = Compiled(lambda: Inbox.select(Inbox.id).where(_is_news(Slot("long_ago"))).limit(1))
_next_unasked = Compiled(
    lambda: (
        Inbox.select(Inbox.concerns)
        .where(QUARANTINED & Inbox.asked_at.is_null() & (Inbox.concerns > Slot("after")))
        .order_by(Inbox.concerns)
        .limit(1)
    )
)


def _is_news(long_ago: Any) -> Any:
    """What the managers have not heard of. An answer that is held in a ticket, and a mail of which its agent was asked
    whose it is, are their writers' to decide on, and news for others once they have waited since `long_ago`."""
    is_its_writers = Inbox.ticket.is_null(False) | (Inbox.whose == ASKED)
    return QUARANTINED & Inbox.told_at.is_null() & ~(is_its_writers & (Inbox.done_at > long_ago))


_standing = Compiled(
    lambda: Inbox.select(Inbox.state, Inbox.owner, Inbox.concerns, Inbox.asked_at, Inbox.told_at).where(
        Inbox.id == Slot("id")
    )
)


# --- for the rules -------------------------------------------------------------------------------------------


def rows(db: Db, ids: Sequence[int]) -> tuple[HeldMail, ...]:
    """How these rows stand, those that are still there."""
    if not ids:
        return ()
    fields = (Inbox.id, Inbox.state, Inbox.reason, Inbox.whose, Inbox.concerns)
    found = db.rows(Inbox.select(*fields).where(Inbox.id.in_(list(ids))).order_by(Inbox.id))
    return tuple(HeldMail(row[0], row[1], row[2], row[4] if row[3] == ASKED else "") for row in found)


def asked_since(db: Db, agent: str, since: datetime) -> int:
    """How many questions went to an agent. Counted by the mails themselves: a row that was released, and held again,
    knows nothing of its first one."""
    key, count = address_key(agent), 0
    for created_at, template, person in _ticketless(db):
        if created_at < at(since):
            break
        count += template == "question" and address_key(person) == key
    return count


# --- for the lists -------------------------------------------------------------------------------------------


def untold(db: Db, now: datetime) -> bool:
    """Does anything wait that the managers are to hear of?"""
    return _untold(db, long_ago=at(now - WRITERS_OWN_FOR)).fetchone() is not None


def any_untold(db: Db, before: datetime, now: datetime) -> bool:
    """Has one of those been waiting since `before`?"""
    older = _is_news(at(now - WRITERS_OWN_FOR)) & (Inbox.done_at < at(before))
    return db.first(Inbox.select(Inbox.id).where(older).limit(1)) is not None


def unasked(db: Db) -> tuple[str, ...]:
    """The agents' addresses whom something concerns that they have not heard of. One step for each of them, however
    many mails there are."""
    found: list[str] = []
    while row := _next_unasked(db, after=found[-1] if found else "").fetchone():
        found.append(row[0])
    return tuple(found)


def for_manager(db: Db, addresses: Sequence[str], since: datetime, now: datetime, limit: int = ROWS) -> News:
    """For one manager, of these addresses, who last heard of the quarantine at `since`: what no manager has heard of,
    and what others have since then. What they were asked about themselves is no news."""
    asked = Inbox.asked_at.is_null(False) & Inbox.concerns.in_(list(addresses))
    known, others = Inbox.told_at <= at(since), Inbox.told_at > at(since)
    return _news(db, (_is_news(at(now - WRITERS_OWN_FOR)) | others) & ~asked, known, limit)


def for_agent(db: Db, address: str) -> News:
    theirs = Inbox.concerns == address
    return _news(db, theirs & Inbox.asked_at.is_null(), theirs & Inbox.asked_at.is_null(False), ROWS)


def mark_told(db: Db, now: datetime) -> None:
    """The managers have heard of all that waits for them."""
    db.run(Inbox.update(told_at=at(now)).where(_is_news(at(now - WRITERS_OWN_FOR))))


def mark_asked(db: Db, addresses: Sequence[str], now: datetime) -> None:
    """An agent has heard of all that waits and concerns them."""
    theirs = QUARANTINED & Inbox.asked_at.is_null() & Inbox.concerns.in_(list(addresses))
    db.run(Inbox.update(asked_at=at(now)).where(theirs))


def _news(db: Db, new: Any, heard: Any, limit: int) -> News:
    """No more mails are read than a list shows: a flood must not be."""
    fields = tuple(getattr(Inbox, name) for name in _WAITING)
    found = db.rows(Inbox.select(*fields).where(QUARANTINED & new).order_by(Inbox.id).limit(limit))
    shown = tuple(_shown(db, dict(zip(_WAITING, row, strict=True))) for row in found)
    return News(shown, more=_count(db, new) - len(shown), older=_count(db, heard))


def _count(db: Db, which: Any) -> int:
    row = db.first(Inbox.select(fn.COUNT(Inbox.id)).where(QUARANTINED & which))
    return int(row[0]) if row else 0


def _shown(db: Db, row: dict[str, Any]) -> Waiting:
    """From and subject are read here for those, too, that nobody could read to their end."""
    raw = db.first(InboxRaw.select(fn.SUBSTR(InboxRaw.mail, 1, _HEAD)).where(InboxRaw.inbox == row["id"]))
    head = read_head(bytes(raw[0]) if raw else b"")
    from_, _ = read_addresses(head.first("from"))
    subject = row["subject"] if row["subject"] is not None else value_of(head.first("subject"))
    return Waiting(
        id=row["id"],
        received_at=moment(row["received_at"]),
        from_=next(iter(from_), None),
        to=tuple(json.loads(row["envelope_to"])),
        subject=subject,
        reason=row["reason"],
        size=row["size"],
    )


# --- for the command line ------------------------------------------------------------------------------------


def release(db: Db, ids: list[int] | None, now: datetime) -> list[tuple[int, str]]:
    """Let quarantined mails in by the admin's word; None for all of them. What became of each."""
    return _ordered(db, ids, now, "released")


def discard(db: Db, ids: list[int] | None, now: datetime) -> list[tuple[int, str]]:
    """Nothing shall follow from quarantined mails; None for all of them. What became of each."""
    return _ordered(db, ids, now, "discarded")


def concerns(db: Db, number: int) -> dict[str, Any]:
    """Whom a mail in quarantine is about, and when agent and managers heard of it."""
    row = _standing(db, id=number).fetchone()
    if row is None or not (row[2] or row[4]):
        return {}
    return {"concerns": row[2], "asked_at": row[3] and moment(row[3]), "told_at": row[4] and moment(row[4])}


def _ordered(db: Db, ids: list[int] | None, now: datetime, what: str) -> list[tuple[int, str]]:
    with db.write():
        if ids is None:
            ids = [r[0] for r in db.rows(Inbox.select(Inbox.id).where(QUARANTINED).order_by(Inbox.id))]
        results = [(number, _result(db, number, what)) for number in ids]
        todo = tuple(number for number, result in results if result == what)
        events = tuple(NewEvent(what, "admin", None, {"inbox": number}) for number in todo)
        plan = Plan(release=todo, events=events) if what == "released" else Plan(discard=todo, events=events)
        apply(db, plan, now)
    return results


def _result(db: Db, number: int, what: str) -> str:
    row = _standing(db, id=number).fetchone()
    if row is None:
        return "no such message"
    state, owner = row[0], row[1]
    if state == "done":
        return "already done"
    if owner:
        return "in work"
    return what if state == "quarantined" else "not in quarantine"
