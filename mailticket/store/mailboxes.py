"""What is known of mailboxes that are read by IMAP: how far, which mails, what is still to be done there, and how the
reading goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from ..core.fingerprint import Print
from ..core.types import RawMail
from . import inbox
from .body import Body
from .db import Db, at, at_or_none, moment, moment_or_none
from .schema_mailboxes import GONE, OPEN, FolderMail, Mailbox, MailFolder

KEPT = timedelta(days=90)  # for so long a mail that was moved away is known again where the server counts anew
AT_ONCE = 500  # rows that one statement names


@dataclass(frozen=True, slots=True)
class Folder:
    """A row of MailFolder."""

    id: int
    uidvalidity: int
    next_uid: int
    first_at: datetime
    horizon: datetime | None
    old_below: int


@dataclass(frozen=True, slots=True)
class OpenMail:
    """A mail that something is still to be done about. `at` is when it came to this state."""

    uid: int
    state: str
    tries: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as it was fetched. `state` is what it is in once it is safe: taken, kept or done."""

    uid: int
    print: Print
    mail: RawMail
    state: str
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A mail that was in the folder under another UIDVALIDITY."""

    uidvalidity: int
    uid: int
    state: str
    stamp: str


def folder(db: Db, mailbox: str, username: str, name: str) -> Folder | None:
    fields = (MailFolder.id, MailFolder.uidvalidity, MailFolder.next_uid, MailFolder.first_at, MailFolder.horizon)
    whose = (MailFolder.mailbox == mailbox) & (MailFolder.username == username) & (MailFolder.folder == name)
    row = db.first(MailFolder.select(*fields, MailFolder.old_below).where(whose))
    return Folder(row[0], row[1], row[2], moment(row[3]), moment_or_none(row[4]), row[5]) if row else None


def begin(
    db: Db, mailbox: str, username: str, name: str, first: Folder, left: Sequence[tuple[int, Print]], now: datetime
) -> Folder:
    """The first connection: `left` are the UIDs and prints of what stays alone. `first.id` means nothing yet."""
    fields = {
        "mailbox": mailbox,
        "username": username,
        "folder": name,
        "uidvalidity": first.uidvalidity,
        "next_uid": first.next_uid,
        "first_at": at(first.first_at),
        "horizon": at_or_none(first.horizon),
        "old_below": first.old_below,
    }
    with db.write():
        begun = replace(first, id=db.run(MailFolder.insert(fields)))
        rows = [_row(begun, uid, mark, "left", now) for uid, mark in left]
        for start in range(0, len(rows), AT_ONCE):
            db.run(FolderMail.insert_many(rows[start : start + AT_ONCE]))
    return begun


def renumber(db: Db, known: Folder, uidvalidity: int, uidnext: int) -> Folder:
    """The server counts anew: everything is looked at again, and what is known is found by its fingerprint. What is
    known under that very UIDVALIDITY, as of a copy that was put back, goes on under one that no server gives out."""
    ours = FolderMail.folder == known.id
    here = ours & (FolderMail.uidvalidity == uidvalidity)
    with db.write():
        lowest = db.first(FolderMail.select(fn.MIN(FolderMail.uidvalidity)).where(ours))
        aside = min((lowest and lowest[0]) or 0, 0) - 1
        fields = {"uidvalidity": uidvalidity, "next_uid": 1, "old_below": uidnext}
        db.run(MailFolder.update(fields).where(MailFolder.id == known.id))
        db.run(FolderMail.update(uidvalidity=aside).where(here))
    return replace(known, uidvalidity=uidvalidity, next_uid=1, old_below=uidnext)


def take(db: Db, known: Folder, mails: Sequence[Fetched], next_uid: int, now: datetime) -> Folder:
    """Make mails durable, and note that they are. After this returns it is safe to touch them in the mailbox.
    All below `next_uid` is known then."""
    keyed = [(one, inbox.key_of(one.mail, one.body)) for one in mails]
    with db.write():
        accepted = [inbox.accept_one(db, one.mail, key, one.body) for one, key in keyed]
        for one, stored in zip(mails, accepted, strict=True):
            _put(db, _row(known, one.uid, one.print, one.state, now) | {"inbox": stored.id})
        latest = max(one.uid for one in mails)
        fields = {"last_mail_at": at(now), "last_uid": latest}
        mailbox = MailFolder.select(MailFolder.mailbox).where(MailFolder.id == known.id)
        db.run(Mailbox.update(fields).where(Mailbox.name == mailbox))
        db.run(MailFolder.update(next_uid=next_uid).where(MailFolder.id == known.id))
    return replace(known, next_uid=next_uid)


def leave(db: Db, known: Folder, mails: Sequence[tuple[int, Print]], now: datetime) -> None:
    """These stay alone."""
    with db.write():
        for uid, mark in mails:
            _put(db, _row(known, uid, mark, "left", now))


def known_before(db: Db, known: Folder, fields: Iterable[str]) -> dict[str, list[Known]]:
    """By the fields of their prints: the mails of other UIDVALIDITYs, the latest first."""
    found: dict[str, list[Known]] = {}
    columns = (FolderMail.fingerprint, FolderMail.uidvalidity, FolderMail.uid, FolderMail.state, FolderMail.stamp)
    here = (FolderMail.folder == known.id) & (FolderMail.uidvalidity != known.uidvalidity)
    query = FolderMail.select(*columns).where(here & FolderMail.fingerprint.in_(list(fields)))
    for row in db.rows(query.order_by(FolderMail.at.desc(), FolderMail.uid)):
        found.setdefault(row[0], []).append(Known(*row[1:]))
    return found


def move_here(db: Db, known: Folder, found: Sequence[tuple[int, Known, str]]) -> None:
    """Mails that were known bear other UIDs now: (the new one, what was known, the state from now on)."""
    with db.write():
        for uid, old, state in found:
            was = _is(known.id, old.uidvalidity, [old.uid])
            db.run(FolderMail.delete().where(_is(known.id, known.uidvalidity, [uid])))  # it had failed
            db.run(FolderMail.update(uidvalidity=known.uidvalidity, uid=uid, state=state).where(was))


def passed(db: Db, known: Folder, next_uid: int) -> Folder:
    """All below this UID is known."""
    if next_uid <= known.next_uid:
        return known
    with db.write():
        db.run(MailFolder.update(next_uid=next_uid).where(MailFolder.id == known.id))
    return replace(known, next_uid=next_uid)


def open_mails(db: Db, known: Folder) -> list[OpenMail]:
    """By their UIDs."""
    fields = (FolderMail.uid, FolderMail.state, FolderMail.tries, FolderMail.at)
    here = (FolderMail.folder == known.id) & (FolderMail.uidvalidity == known.uidvalidity) & OPEN
    rows = db.rows(FolderMail.select(*fields).where(here).order_by(FolderMail.uid))
    return [OpenMail(uid, state, tries, moment(since)) for uid, state, tries, since in rows]


def noted(db: Db, known: Folder, uids: Sequence[int]) -> set[int]:
    """Those of these that have a row."""
    found: set[int] = set()
    for start in range(0, len(uids), AT_ONCE):
        here = _is(known.id, known.uidvalidity, uids[start : start + AT_ONCE])
        found |= {row[0] for row in db.rows(FolderMail.select(FolderMail.uid).where(here))}
    return found


def settle(db: Db, known: Folder, uids: Sequence[int], state: str, now: datetime) -> None:
    """What was to become of these in the mailbox is done: `state` is done or gone."""
    with db.write():
        for start in range(0, len(uids), AT_ONCE):
            here = _is(known.id, known.uidvalidity, uids[start : start + AT_ONCE])
            db.run(FolderMail.update(state=state, at=at(now)).where(here))


def failed(db: Db, known: Folder, uid: int, mark: Print, error: str, most: int, now: datetime) -> int:
    """A mail that could not be taken; after `most` tries it is given up. How many it had now."""
    with db.write():
        row = db.first(FolderMail.select(FolderMail.tries).where(_is(known.id, known.uidvalidity, [uid])))
        tries = (row[0] if row else 0) + 1
        state = "given up" if tries >= most else "failing"
        _put(db, _row(known, uid, mark, state, now) | {"tries": tries, "error": error})
    return tries


def put_off(db: Db, known: Folder, uid: int, now: datetime) -> None:
    """A mail that failed before was tried in vain, and that does not count."""
    with db.write():
        db.run(FolderMail.update(at=at(now)).where(_is(known.id, known.uidvalidity, [uid])))


def said(db: Db, name: str, state: str, error: str | None, now: datetime, *, readable: bool = False) -> None:
    """How the reading goes. `readable` says that all of it was just read without trouble."""
    with db.write():
        row = db.first(Mailbox.select(Mailbox.state).where(Mailbox.name == name))
        fields: dict[str, Any] = {"state": state, "last_error": error}
        if row is None or row[0] != state:
            fields["since"] = at(now)
        if readable:
            fields["readable_at"] = at(now)
        if row is None:
            db.run(Mailbox.insert(name=name, **fields))
        else:
            db.run(Mailbox.update(fields).where(Mailbox.name == name))


def forget(db: Db, before: datetime) -> int:
    """Rows of mails that were moved away or deleted before then. How many."""
    return db.run(FolderMail.delete().where(GONE & (FolderMail.at < at(before))))


def _row(known: Folder, uid: int, mark: Print, state: str, now: datetime) -> dict[str, Any]:
    place = {"folder": known.id, "uidvalidity": known.uidvalidity, "uid": uid}
    return place | {"fingerprint": mark.fields, "stamp": mark.stamp, "state": state, "at": at(now)}


def _put(db: Db, row: dict[str, Any]) -> None:
    db.run(FolderMail.insert(row).on_conflict_replace())


def _is(folder: int, uidvalidity: int, uids: Sequence[int]) -> Any:
    here = (FolderMail.folder == folder) & (FolderMail.uidvalidity == uidvalidity)
    return here & FolderMail.uid.in_(list(uids))
