"""The inbox: mails accepted and not yet worked on, and all that ever came."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..core.known import Twin
from ..core.types import RawMail
from ..errors import ClaimLostError
from .body import Body
from .db import Compiled, Db, Slot, at, dump, insert, moment
from .schema import Inbox, InboxRaw

SAME_FOR = timedelta(days=7)
SAME_FOR_UNNAMED = timedelta(hours=1)  # neither Message-ID nor Date: machines repeat themselves on purpose
_NAMED = re.compile(rb"^(?:message-id|date)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HEAD = 65536


@dataclass(frozen=True, slots=True)
class Accepted:
    """`id` is the inbox row's; `duplicate` that the same mail was there already."""

    id: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail in work. `key` names it for ever, `round` how often a person has put it back; `alone` that nothing else
    was claimed with it."""

    id: int
    key: str
    mail: RawMail
    tries: int
    alone: bool
    round: int = 0


_NOT_YET = ("id", "soft_key", "done_at", "asked_at", "told_at", "message_id", "subject", "kind", "ticket")
_CLAIMED = (
    "id", "key", "received_at", "via", "peer", "envelope_from", "envelope_to", "tries", "auth", "quiet", "released",
    "concerns", "round", "note", "whose",
)  # fmt: skip
_insert = insert(Inbox, leave_out=_NOT_YET)
_insert_raw = insert(InboxRaw)
_hit = Compiled(lambda: Inbox.update(hits=Inbox.hits + 1).where(Inbox.id == Slot("id")))
_latest = Compiled(
    lambda: Inbox.select(Inbox.id, Inbox.received_at).where(Inbox.key == Slot("key")).order_by(Inbox.id.desc()).limit(1)
)
_raw = Compiled(lambda: InboxRaw.select(InboxRaw.mail).where(InboxRaw.inbox == Slot("id")))
_finish = Compiled(
    lambda: Inbox.update(
        state=Slot("state"),
        owner="",
        kind=Slot("kind"),
        reason=Slot("reason"),
        ticket=Slot("ticket"),
        message_id=Slot("message_id"),
        subject=Slot("subject"),
        soft_key=Slot("soft_key"),
        done_at=Slot("done_at"),
        concerns=Slot("concerns"),
        whose=Slot("whose"),
        asked_at=Slot("asked_at"),
    ).where((Inbox.id == Slot("id")) & (Inbox.owner == Slot("owner")) & (Inbox.state == "queued"))
)
_soft = Compiled(
    lambda: (
        Inbox.select(Inbox.id, Inbox.ticket, Inbox.state)
        .where((Inbox.soft_key == Slot("soft_key")) & (Inbox.id != Slot("id")))
        .limit(1)
    )
)


def key_of(mail: RawMail, body: Body | None = None) -> str:
    """The door's dedupe key: envelope and bytes as they came."""
    digest = hashlib.sha256()
    for part in (mail.envelope_from, *mail.envelope_to):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    digest.update(b"\n")
    for piece in body.pieces() if body else (mail.raw,):
        digest.update(piece)
    return digest.hexdigest()


def accept(db: Db, mails: Sequence[RawMail]) -> list[Accepted]:
    """Make mails durable: after this returns it is safe to say yes. All of them share one commit."""
    keyed = [(mail, key_of(mail)) for mail in mails]
    with db.write():
        return [accept_one(db, mail, key) for mail, key in keyed]


def accept_one(db: Db, mail: RawMail, key: str, body: Body | None = None) -> Accepted:
    """The same for one, inside the caller's transaction: safe once that is committed. Of a mail with a `body` of its
    own `raw` is the head alone, 64 KB of it at least."""
    known = _latest(db, key=key).fetchone()
    if known and abs(mail.received_at - moment(known[1])) < _same_for(mail.raw):
        _hit(db, id=known[0])
        return Accepted(known[0], duplicate=True)
    cursor = _insert(
        db,
        key=key,
        received_at=at(mail.received_at),
        via=mail.via,
        peer=mail.peer,
        envelope_from=_clean(mail.envelope_from),
        envelope_to=dump([_clean(a) for a in mail.envelope_to]),
        size=body.size if body else len(mail.raw),
        hits=0,
        state="queued",
        owner="",
        tries=0,
        alone=False,
        suspect=False,
        next_at=at(mail.received_at),
        reason="",
        auth=mail.auth,
        quiet=mail.quiet,
        released=False,
        round=0,
        concerns="",
        note=mail.note,
        whose="",
    )
    row = int(cursor.lastrowid)
    if body:
        body.store(db, InboxRaw, row)
    else:
        _insert_raw(db, inbox=row, mail=mail.raw)
    return Accepted(row, duplicate=False)


def claim(db: Db, owner: str, now: datetime, limit: int, max_bytes: int) -> list[Claimed]:
    """Take waiting mails for `owner`, oldest first; the try is counted and committed before any work.

    What was in work when a desk died is taken one at a time, so that a mail that kills us is found.
    """
    with db.write():
        rows = db.rows(
            Inbox.select(Inbox.id, Inbox.size, Inbox.suspect)
            .where((Inbox.state == "queued") & (Inbox.next_at <= at(now)) & (Inbox.owner == ""))
            .order_by(Inbox.next_at, Inbox.id)
            .limit(limit)
        )
        taken = _portion(rows, max_bytes)
        if not taken:
            return []
        alone = len(taken) == 1
        db.run(Inbox.update(owner=owner, tries=Inbox.tries + 1, alone=alone).where(Inbox.id.in_(taken)))
        fields = tuple(getattr(Inbox, name) for name in _CLAIMED)
        claimed = db.rows(
            Inbox.select(*fields, InboxRaw.mail)
            .join(InboxRaw, on=(InboxRaw.inbox == Inbox.id))
            .where(Inbox.id.in_(taken))
            .order_by(Inbox.next_at, Inbox.id)
        )
    return [_claimed(row, alone=alone) for row in claimed]


def _portion(rows: list[tuple[int, int, bool]], max_bytes: int) -> list[int]:
    if rows and rows[0][2]:
        return [rows[0][0]]
    taken: list[int] = []
    weight = 0
    for row, size, suspect in rows:
        weight += size
        if suspect or (taken and weight > max_bytes):
            break
        taken.append(row)
    return taken


def _claimed(row: tuple[Any, ...], *, alone: bool) -> Claimed:
    values = dict(zip(_CLAIMED, row[:-1], strict=True))
    mail = RawMail(
        raw=bytes(row[-1]),
        envelope_from=values["envelope_from"],
        envelope_to=tuple(json.loads(values["envelope_to"])),
        via=values["via"],
        received_at=moment(values["received_at"]),
        peer=values["peer"],
        auth=values["auth"],
        quiet=bool(values["quiet"]),
        released=bool(values["released"]),
        concerns=values["concerns"],
        note=values["note"],
        whose=values["whose"],
    )
    return Claimed(values["id"], values["key"], mail, values["tries"], alone, values["round"])


def finish(db: Db, claimed: Claimed, owner: str, now: datetime, result: dict[str, Any]) -> None:
    """Mark a row as worked on, inside the caller's transaction. `result`: state, kind, reason, ticket,
    message_id, subject, soft_key, concerns, whose, asked_at. Raises ClaimLostError when the row bears another owner."""
    done = _finish(db, id=claimed.id, owner=owner, done_at=at(now), **result)
    if done.rowcount != 1:
        raise ClaimLostError(f"inbox message {claimed.id} was taken by another worker")


def twin(db: Db, soft_key: str | None, but: int) -> Twin | None:
    """The row that bears the same Message-ID, From and body. What waits in a ticket does not wait for a proof."""
    if soft_key is None:
        return None
    row = _soft(db, soft_key=soft_key, id=but).fetchone()
    return None if row is None else Twin(row[0], row[1], row[2] == "quarantined" and row[1] is None)


def superseded(db: Db, number: int, by: int, now: datetime) -> None:
    """What waited in quarantine came again with what it lacked: the later one counts."""
    fields = {"state": "done", "done_at": at(now), "reason": f"came again as {by}", "soft_key": None}
    db.run(Inbox.update(**fields).where((Inbox.id == number) & (Inbox.state == "quarantined")))


def give_back(db: Db, owner: str) -> None:
    """Whatever this owner still has in work goes back, and the try does not count."""
    with db.write():
        mine = (Inbox.owner == owner) & (Inbox.state == "queued")
        db.run(Inbox.update(owner="", tries=Inbox.tries - 1).where(mine))


def failed(db: Db, claimed: Claimed, owner: str, reason: str, *, again_at: datetime | None, now: datetime) -> None:
    """The work on a mail went wrong: it waits until `again_at`, or, for None, goes to quarantine."""
    fields: dict[str, Any] = {"owner": "", "reason": reason}
    if again_at is None:
        fields |= {"state": "quarantined", "done_at": at(now)}
    else:
        fields |= {"next_at": at(again_at), "suspect": True}
    with db.write():
        db.run(Inbox.update(**fields).where((Inbox.id == claimed.id) & (Inbox.owner == owner)))


def release_all(db: Db) -> int:
    """At the daemon's start: what a dead one had in work waits again, to be taken one by one. A try cut short
    counts only for a mail that was alone in work. Returns how many there were."""
    with db.write():
        left = (Inbox.state == "queued") & (Inbox.owner != "")
        db.run(Inbox.update(tries=Inbox.tries - 1).where(left & (Inbox.alone == False)))  # noqa: E712  # SQL
        return db.run(Inbox.update(owner="", suspect=True).where(left))


def retry(db: Db, ids: list[int] | None, now: datetime) -> list[tuple[int, str]]:
    """Put quarantined (or waiting) mails back into the queue at once; None for all quarantined ones."""
    with db.write():
        if ids is None:
            ids = [r[0] for r in db.rows(Inbox.select(Inbox.id).where(Inbox.state == "quarantined"))]
        return [(number, _retry_one(db, number, now)) for number in ids]


def _retry_one(db: Db, number: int, now: datetime) -> str:
    row = db.first(Inbox.select(Inbox.state, Inbox.owner, Inbox.released).where(Inbox.id == number))
    if row is None:
        return "no such message"
    if row[0] == "done":
        return "already done"
    if row[1]:
        return "in work"
    fields = {"state": "queued", "tries": 0, "next_at": at(now), "suspect": True, "reason": "", "done_at": None}
    fields |= {"round": Inbox.round + 1, "ticket": None, "asked_at": None, "told_at": None}
    if not row[2]:  # whom it concerns who was let in says as what: another's note is no order by being tried again
        fields["concerns"] = ""
    db.run(Inbox.update(**fields).where(Inbox.id == number))
    return "queued"


def waiting(db: Db, now: datetime) -> timedelta | None:
    """How long until a mail is due to be worked on; None for nothing waiting."""
    with db.trouble_told():
        row = db.first(
            Inbox.select(Inbox.next_at).where((Inbox.state == "queued") & (Inbox.owner == "")).order_by(Inbox.next_at)
        )
    return None if row is None else max(moment(row[0]) - now, timedelta(0))


def raw(db: Db, number: int) -> bytes | None:
    row = _raw(db, id=number).fetchone()
    return None if row is None else bytes(row[0])


def _same_for(mail: bytes) -> timedelta:
    return SAME_FOR if _NAMED.search(_head(mail)) else SAME_FOR_UNNAMED


def _head(mail: bytes) -> bytes:
    ends = [end for end in (mail.find(b"\r\n\r\n"), mail.find(b"\n\n")) if end >= 0]
    return mail[: min(ends, default=_HEAD)][:_HEAD]


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
