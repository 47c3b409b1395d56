"""What the managers know of mailboxes that are read by IMAP: alarms, mails to ourselves, mails that were given up.

How the mailboxes are is written elsewhere, by the threads that read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from ..core.mailbox_alarm import Probe, Standing, Trouble
from ..core.mailbox_letters import GivenUp
from ..settings import Imap
from .db import Compiled, Db, Slot, at, moment, moment_or_none
from .schema import Meta, Outbox
from .schema_mailboxes import FolderMail, Mailbox, MailFolder

_STATE = ("state", "last_uid", "last_error", "alarm", "probe_ref")
_TIMES = ("since", "readable_at", "last_mail_at", "alarmed_at", "broken_at", "probe_sent_at", "probe_back_at")
_NO_ALARM = {"alarm": "", "alarmed_at": None, "broken_at": None}
_NO_PROBE = {"probe_ref": "", "probe_sent_at": None, "probe_back_at": None}
# The word is in the query itself: SQLite looks for it there before it takes an index of some rows alone.
_GIVEN_UP: Any = FolderMail.state == SQL("'given up'")
_UNTOLD: Any = _GIVEN_UP & FolderMail.told_at.is_null()

_box = Compiled(
    lambda: Mailbox.select(*(getattr(Mailbox, name) for name in (*_STATE, *_TIMES))).where(Mailbox.name == Slot("name"))
)
_sent = Compiled(
    lambda: Outbox.select(Outbox.state, Outbox.sent_at, Outbox.last_reply).where(Outbox.ref == Slot("ref"))
)
_started = Compiled(lambda: Meta.select(Meta.value).where(Meta.key == "started_at"))
_untold = Compiled(lambda: FolderMail.select(FolderMail.uid).where(_UNTOLD).limit(1))
_left = Compiled(
    lambda: (
        FolderMail.select(MailFolder.mailbox, MailFolder.folder, FolderMail.uid, FolderMail.at, FolderMail.error)
        .join(MailFolder, on=(MailFolder.id == FolderMail.folder))
        .where(_UNTOLD)
        .order_by(FolderMail.folder, FolderMail.uid)
        .limit(Slot("limit"))
    )
)


def started(db: Db) -> datetime | None:
    """When the daemon began that works now, or worked last."""
    row = _started(db).fetchone()
    return moment(int(row[0])) if row else None


def standing(db: Db, name: str) -> Standing:
    """What is known of a mailbox; of one that nobody has read yet nothing."""
    row = _box(db, name=name).fetchone()
    if row is None:
        return Standing()
    values = dict(zip((*_STATE, *_TIMES), row, strict=True))
    times = {time: moment_or_none(values[time]) for time in _TIMES}
    return Standing(
        state=values["state"],
        since=times["since"],
        readable_at=times["readable_at"],
        last_mail_at=times["last_mail_at"],
        last_uid=values["last_uid"],
        last_error=values["last_error"] or "",
        alarm=values["alarm"],
        alarmed_at=times["alarmed_at"],
        broken_at=times["broken_at"],
        probe=_probe(db, values["probe_ref"], times["probe_sent_at"], times["probe_back_at"]),
    )


def _probe(db: Db, ref: str, written_at: datetime | None, back_at: datetime | None) -> Probe | None:
    if not ref or written_at is None:
        return None
    row = _sent(db, ref=ref).fetchone()
    if row is None:
        return Probe(ref, written_at, back_at=back_at)
    return Probe(ref, written_at, row[0], moment_or_none(row[1]), row[2] or "", back_at)


# --- marks, each inside the caller's transaction -------------------------------------------------------------


def alarmed(db: Db, name: str, trouble: Trouble, now: datetime) -> None:
    """The managers have heard of it. Of a mailbox that cannot be read a mail to ourselves says nothing more."""
    marks: dict[str, Any] = {"alarm": trouble.kind, "alarmed_at": at(now), "broken_at": at(trouble.since)}
    if trouble.kind == "unreadable":
        marks |= _NO_PROBE
    _mark(db, name, marks, now)


def over(db: Db, name: str) -> None:
    """They have heard that it is over, or need not hear of it any more."""
    db.run(Mailbox.update(_NO_ALARM).where(Mailbox.name == name))


def probe_sent(db: Db, name: str, ref: str, now: datetime) -> None:
    _mark(db, name, {"probe_ref": ref, "probe_sent_at": at(now), "probe_back_at": None}, now)


def probe_back(db: Db, ref: str, now: datetime) -> None:
    """The mail to ourselves of that ref came in. One that is not the last says nothing."""
    if ref:
        theirs = (Mailbox.probe_ref == ref) & Mailbox.probe_back_at.is_null()
        db.run(Mailbox.update(probe_back_at=at(now)).where(theirs))


def forget_others(db: Db, names: Iterable[str]) -> None:
    """Mailboxes that are no longer in the config: nobody hears of them again."""
    db.run(Mailbox.update(_NO_ALARM | _NO_PROBE).where(_marked_other(names)))


def any_other(db: Db, names: Iterable[str]) -> bool:
    return db.first(Mailbox.select(Mailbox.name).where(_marked_other(names))) is not None


def _marked_other(names: Iterable[str]) -> Any:
    marked = Mailbox.alarmed_at.is_null(False) | (Mailbox.probe_ref != "")
    return marked & Mailbox.name.not_in(list(names))


def _mark(db: Db, name: str, marks: dict[str, Any], now: datetime) -> None:
    """In the mailbox's row, which is not there yet where its thread never came to write it."""
    row = {"name": name, "state": "off", "since": at(now)} | marks
    db.run(Mailbox.insert(row).on_conflict(conflict_target=[Mailbox.name], update=marks))


# --- mails that were given up --------------------------------------------------------------------------------


def any_left(db: Db) -> bool:
    """Was a mail given up that the managers have not heard of?"""
    return _untold(db).fetchone() is not None


def left(db: Db, limit: int) -> tuple[tuple[GivenUp, ...], int]:
    """The first of those, and how many more there are."""
    mails = tuple(
        GivenUp(mailbox, folder, uid, moment(given_up), error)
        for mailbox, folder, uid, given_up, error in _left(db, limit=limit).fetchall()
    )
    row = db.first(FolderMail.select(fn.COUNT(SQL("*"))).where(_UNTOLD))
    return mails, (int(row[0]) if row else 0) - len(mails)


def mark_told(db: Db, now: datetime) -> None:
    """The managers have heard of all of them."""
    db.run(FolderMail.update(told_at=at(now)).where(_UNTOLD))


def retry(db: Db, imap: Imap) -> int:
    """The mails of a mailbox that were given up are tried again, from the first try on. How many there are."""
    whose = (MailFolder.mailbox == imap.name) & (MailFolder.username == imap.username)
    query = MailFolder.select(MailFolder.id, MailFolder.uidvalidity).where(whose & (MailFolder.folder == imap.folder))
    with db.write():
        found = db.first(query)
        if found is None:
            return 0
        here = (FolderMail.folder == found[0]) & (FolderMail.uidvalidity == found[1])
        return db.run(FolderMail.update(state="failing", tries=0, told_at=None).where(_GIVEN_UP & here))
