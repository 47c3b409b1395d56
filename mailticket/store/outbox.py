"""The outbox: mails composed and not yet handed to the mail server, and all that ever left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from ..core.keys import address_key
from ..core.known import SentMail
from ..core.plan import Outgoing
from ..core.retry import RecipientState, Settled
from .db import Compiled, Db, Slot, at, at_or_none, dump, insert, moment
from .schema import Outbox, OutboxRaw

_NAMED = (
    "id", "ref", "kind", "audience", "recipients", "ticket", "spent", "template", "about", "person", "subject",
    "created_at",
)  # fmt: skip
_insert = insert(Outbox, leave_out=("id",))
_insert_raw = insert(OutboxRaw)
_raw = Compiled(lambda: OutboxRaw.select(OutboxRaw.mail).where(OutboxRaw.outbox == Slot("id")))
_settle = Compiled(
    lambda: Outbox.update(
        state=Slot("state"),
        owner="",
        next_at=Slot("next_at"),
        sent_at=Slot("sent_at"),
        recipients=Slot("recipients"),
        last_reply=Slot("last_reply"),
        fault=Slot("fault"),
    ).where((Outbox.id == Slot("id")) & (Outbox.owner == Slot("owner")) & (Outbox.state == "queued"))
)


@dataclass(frozen=True, slots=True)
class Row:
    """An outbox mail in work. `recipients` are all of them with what became of each; `tries` counts this one."""

    id: int
    ref: str
    kind: str
    audience: str
    ticket: int | None
    subject: str
    envelope_from: str
    recipients: tuple[RecipientState, ...]
    tries: int
    due_at: datetime
    raw: bytes


def add(db: Db, mail: Outgoing, now: datetime) -> int:
    """Put a composed mail into the outbox, inside the caller's transaction."""
    due = at(mail.due_at)
    cursor = _insert(
        db,
        ref=mail.ref,
        message_id=mail.message_id,
        kind=mail.kind,
        audience=mail.audience,
        ticket=mail.ticket,
        envelope_from=mail.envelope_from,
        recipients=_recipients(RecipientState(r.address, "queued", None) for r in mail.recipients),
        subject=mail.subject,
        created_at=at(now),
        due_at=due,
        next_at=due,
        sent_at=None,
        state="queued",
        owner="",
        tries=0,
        fault=False,
        last_reply=None,
        spent=False,
        template=mail.template,
        about=dump(mail.about),
        person=mail.person,
        counted=mail.counted,
    )
    row = int(cursor.lastrowid)
    _insert_raw(db, outbox=row, mail=mail.raw)
    return row


def claim(db: Db, owner: str, now: datetime, limit: int, max_bytes: int) -> list[Row]:
    """Take what is due for `owner`, in the order it became due. The try is counted and committed first."""
    due = (Outbox.state == "queued") & (Outbox.next_at <= at(now)) & (Outbox.owner == "")
    names = ["id", "ref", "kind", "audience", "ticket", "subject", "envelope_from", "recipients", "tries", "due_at"]
    fields = [getattr(Outbox, name) for name in names]
    with db.write():
        query = Outbox.select(*fields).where(due).order_by(Outbox.next_at, Outbox.id).limit(limit)
        rows: list[Row] = []
        weight = 0
        for values in db.rows(query):
            raw = bytes(_raw(db, id=values[0]).fetchone()[0])
            weight += len(raw)
            if rows and weight > max_bytes:
                break
            rows.append(_row(dict(zip(names, values, strict=True)), raw))
        if rows:
            mine = Outbox.id.in_([row.id for row in rows])
            db.run(Outbox.update(owner=owner, tries=Outbox.tries + 1).where(mine))
    return rows


def _row(values: dict[str, Any], raw: bytes) -> Row:
    values["recipients"] = tuple(RecipientState(**r) for r in json.loads(values["recipients"]))
    values["tries"] += 1
    values["due_at"] = moment(values["due_at"])
    return Row(**values, raw=raw)


def settle(db: Db, owner: str, row: Row, result: Settled, now: datetime, *, fault: bool) -> bool:
    """Write what became of a try, inside the caller's transaction. False: the row was no longer ours."""
    if row.tries > 1:  # some may have it since the first one, and may have sent it back meanwhile
        result = _with_returned(db, row.id, result)
    done = _settle(
        db,
        id=row.id,
        owner=owner,
        state=result.state,
        next_at=at(result.next_at or now),
        sent_at=at_or_none(now if result.state == "sent" else None),
        recipients=_recipients(result.recipients),
        last_reply=result.last_reply,
        fault=fault,
    )
    return int(done.rowcount) == 1


def _with_returned(db: Db, number: int, result: Settled) -> Settled:
    current = db.first(Outbox.select(Outbox.recipients).where(Outbox.id == number))
    known = {r["address"]: RecipientState(**r) for r in json.loads(current[0])} if current else {}
    merged = tuple(known[r.address] if _came_back(r, known) else r for r in result.recipients)
    failed = result.state == "sent" and any(r.state == "failed" for r in merged)
    return replace(result, recipients=merged, state="failed" if failed else result.state)


def _came_back(settled: RecipientState, known: Mapping[str, RecipientState]) -> bool:
    return settled.state == "sent" and settled.address in known and known[settled.address].state == "failed"


def give_back(db: Db, owner: str, ids: Iterable[int]) -> None:
    """Claims that were not tried go back and the try does not count."""
    wanted = list(ids)
    if wanted:
        with db.write():
            mine = Outbox.id.in_(wanted) & (Outbox.owner == owner) & (Outbox.state == "queued")
            db.run(Outbox.update(owner="", tries=Outbox.tries - 1).where(mine))


def release_all(db: Db) -> int:
    """At the daemon's start: what a dead one had in work is tried again. Returns how many there were."""
    with db.write():
        return db.run(Outbox.update(owner="").where((Outbox.state == "queued") & (Outbox.owner != "")))


def recovered(db: Db, now: datetime) -> None:
    """The mail server answers again: what waited only for that is due now."""
    with db.write():
        waits = (Outbox.state == "queued") & (Outbox.fault == True) & (Outbox.owner == "")  # noqa: E712  # SQL
        db.run(Outbox.update(next_at=at(now), fault=False).where(waits))


def next_due(db: Db, now: datetime) -> timedelta | None:
    """How long until the next mail is due; None for nothing waiting."""
    waits = (Outbox.state == "queued") & (Outbox.owner == "")
    with db.trouble_told():
        row = db.first(Outbox.select(Outbox.next_at).where(waits).order_by(Outbox.next_at))
    return None if row is None else max(moment(row[0]) - now, timedelta(0))


def named(db: Db, found: Sequence[tuple[str, str]]) -> tuple[SentMail, ...]:
    """The mails that verified references name, in their order. `found` is (purpose, ref)."""
    if not found:
        return ()
    fields = tuple(getattr(Outbox, name) for name in _NAMED)
    rows = {row[1]: row for row in db.rows(Outbox.select(*fields).where(Outbox.ref.in_([r for _, r in found])))}
    return tuple(_sent(purpose, rows[ref]) for purpose, ref in found if ref in rows)


def handed(db: Db, address: str, since: datetime) -> SentMail | None:
    """The last mail to the customer's side that was handed over for an address since then, whatever became of it."""
    row = db.first(last_for(address, since))
    return None if row is None else _sent("time", row)


def last_for(address: str, since: datetime) -> Any:
    fields = tuple(getattr(Outbox, name) for name in _NAMED)
    settled = Outbox.state.in_(["sent", "failed"]) & (Outbox.next_at >= at(since)) & (Outbox.audience == "customer")
    named_there = fn.INSTR(fn.LOWER(Outbox.recipients), dump(address_key(address))) > 0
    return Outbox.select(*fields).where(settled & named_there).order_by(Outbox.id.desc()).limit(1)


def _sent(purpose: str, row: tuple[Any, ...]) -> SentMail:
    values = dict(zip(_NAMED, row, strict=True))
    recipients = json.loads(values["recipients"])
    return SentMail(
        outbox_id=values["id"],
        ref=values["ref"],
        kind=values["kind"],
        audience=values["audience"],
        recipients=tuple(r["address"] for r in recipients),
        ticket=values["ticket"],
        purpose=purpose,
        spent=bool(values["spent"]),
        template=values["template"],
        about=tuple(json.loads(values["about"])),
        person=values["person"],
        subject=values["subject"],
        sent_at=moment(values["created_at"]),
        failed=tuple(r["address"] for r in recipients if r["state"] == "failed"),
    )


def came_back(db: Db, number: int, address: str, reply: str) -> None:
    """The world returned a mail that was handed over: for that recipient it has failed, in the server's words. While
    others still wait the row does, and settles as failed."""
    row = db.first(Outbox.select(Outbox.recipients).where(Outbox.id == number))
    if row is None:
        return
    key = address_key(address)
    recipients = [
        r | {"state": "failed", "last_reply": reply} if address_key(r["address"]) == key else r
        for r in json.loads(row[0])
    ]
    waits = any(r["state"] == "queued" for r in recipients)
    fields = {"state": "queued" if waits else "failed", "recipients": dump(recipients), "last_reply": reply}
    db.run(Outbox.update(**fields).where(Outbox.id == number))


def spend(db: Db, ids: Sequence[int]) -> None:
    """The references of these mails prove nothing from now on."""
    if ids:
        db.run(Outbox.update(spent=True).where(Outbox.id.in_(ids)))


def retry(db: Db, ids: list[int] | None, now: datetime) -> list[tuple[int, str]]:
    """Try failed (or waiting) mails again at once, only to those who did not get them; None for all failed."""
    with db.write():
        if ids is None:
            ids = [r[0] for r in db.rows(Outbox.select(Outbox.id).where(Outbox.state == "failed"))]
        return [(number, _retry_one(db, number, now)) for number in ids]


def _retry_one(db: Db, number: int, now: datetime) -> str:
    fields_now = (Outbox.state, Outbox.owner, Outbox.recipients, Outbox.tries)
    row = db.first(Outbox.select(*fields_now).where(Outbox.id == number))
    if row is None:
        return "no such message"
    if row[0] == "sent":
        return "already sent"
    if row[0] == "undone":
        return "was undone"
    if row[1]:
        return "in work"
    if row[0] == "queued" and row[3] == 0:
        return "queued"  # an answer in its send_delay keeps the time in which it can be undone
    again = [r | {"state": "queued"} if r["state"] != "sent" else r for r in json.loads(row[2])]
    fields = {"state": "queued", "next_at": at(now), "due_at": at(now), "tries": 0, "recipients": dump(again)}
    db.run(Outbox.update(**fields).where(Outbox.id == number))
    return "queued"


def raw(db: Db, number: int) -> bytes | None:
    row = _raw(db, id=number).fetchone()
    return None if row is None else bytes(row[0])


def _recipients(recipients: Iterable[RecipientState]) -> str:
    return dump([{"address": r.address, "state": r.state, "last_reply": r.last_reply} for r in recipients])
