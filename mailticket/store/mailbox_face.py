"""What `status` shows of the mailboxes that are read by IMAP, and whether one of them is in trouble."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..core.mailbox_alarm import PROBES, Standing, is_down
from ..settings import Imap
from . import mailbox_alarms
from .db import Db, at_or_none
from .face import Json, stamp

OFF = "off"  # nobody reads it: no daemon runs, or none has come to it yet


def mailboxes(db: Db, known: Sequence[Imap], *, running: bool) -> list[Json]:
    """Each of the config's; one that nobody has read yet has nothing but its name."""
    return [_shown(imap.name, mailbox_alarms.standing(db, imap.name), running=running) for imap in known]


def any_down(db: Db, known: Sequence[Imap], now: datetime) -> bool:
    """Is there one whose managers were told of it, or will be?"""
    started = mailbox_alarms.started(db)
    return any(is_down(mailbox_alarms.standing(db, imap.name), imap.patience, started, now) for imap in known)


def _shown(name: str, box: Standing, *, running: bool) -> Json:
    off = box.state == OFF or not running
    return {
        "name": name,
        "state": OFF if off else box.state,
        "since": None if off else stamp(at_or_none(box.since)),
        "last_mail_at": stamp(at_or_none(box.last_mail_at)),
        "last_uid": box.last_uid,
        "last_error": _error(box) or None,
    }


def _error(box: Standing) -> str:
    """That a mail to ourselves is lost is no error of the mailbox's own, and nobody would see why all is not well."""
    if box.alarm not in PROBES:
        return box.last_error
    word = "has not come back" if box.alarm == "probe not back" else "cannot be sent"
    return f"a mail that we sent to ourselves {word}" + (f"; {box.last_error}" if box.last_error else "")
