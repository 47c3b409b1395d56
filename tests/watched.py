"""A desk with a mailbox, a clock to turn, and what the thread that reads the mailbox would write of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from letters import TEMPLATES
from letters import desk as policy

from mailticket import mailbox_watch
from mailticket.core.fingerprint import Print
from mailticket.core.parse import parse
from mailticket.core.policy import Agent
from mailticket.core.types import RawMail
from mailticket.settings import Imap
from mailticket.store import inbox, mailboxes, outbox
from mailticket.store.db import Db, at
from mailticket.store.desk import Desk
from mailticket.store.schema import Meta, Outbox
from mailticket.worker import Worker

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CARLA = Agent("Carla", "carla@acme.example", departments=("Acme Support",), role="manager")
DANA = Agent("Dana", "dana@acme.example", departments=("Acme Support",), role="manager")
MAIN = Imap("main", "imap.acme.example", 993, "support")
PROBING = Imap("main", "imap.acme.example", 993, "support", self_probe=HOUR)

DOWN, AGAIN = "Mailbox main cannot be read", "Mailbox main reads again"
LOST, UNSENT = "Mailbox main does not bring what we send to it", "Mailbox main cannot be tried"
BACK = "Mailbox main brings what we send to it again"


def said(db: Db, name: str, state: str, now: datetime, error: str | None = None) -> None:
    """What a mailbox's thread says of it: it can be read, or it cannot."""
    mailboxes.said(db, name, state, error, now, readable=state in ("watching", "polling"))


class House:
    """`now` is the clock's. `restart` is a new daemon on the same database, `config` what it knows of mailboxes."""

    def __init__(self, db: Db, *mailboxes: Imap, managers: tuple[Agent, ...] = (CARLA,)) -> None:
        self.db = db
        db.execute("PRAGMA synchronous = OFF")  # a story has hundreds of commits, and none of them is to be kept
        self.now = START
        self.policy = policy(agents=(*policy().agents, *managers))
        self.restart(*mailboxes)

    def restart(self, *mailboxes: Imap) -> None:
        self.desk = Desk(self.db, self.policy, TEMPLATES, lambda: self.now, "one", mailboxes=mailboxes)
        self.worker = Worker(self.desk, parse)
        started = str(at(self.now))
        with self.db.write():
            row = Meta.insert(key="started_at", value=started)
            self.db.run(row.on_conflict(conflict_target=[Meta.key], update={"value": started}))

    def passes(self, time: timedelta, state: str = "", error: str | None = None) -> None:
        """Time goes by: each minute the mailbox's thread says its `state`, "" for nothing, and then the jobs run."""
        until = self.now + time
        while self.now < until:
            self.now = min(until, self.now + MINUTE)
            if state:
                said(self.db, "main", state, self.now, error)
            self.jobs()

    def jobs(self) -> None:
        mailbox_watch.watch(self.desk, self.now)
        mailbox_watch.tell_of_left(self.desk, self.now)
        mailbox_watch.send_probes(self.desk, self.now)

    def hand_over(self, *, state: str = "sent", reply: str | None = None) -> None:
        """The mail server takes what waits, or has said something else of it."""
        fields = {"state": state, "last_reply": reply, "sent_at": at(self.now) if state == "sent" else None}
        with self.db.write():
            self.db.run(Outbox.update(fields).where(Outbox.state == "queued"))

    def receive(self, raw: bytes, *to: str, via: str = "imap", envelope_from: str = "x@y.example") -> dict[str, Any]:
        """A mail comes in and is worked on; how its row stands then."""
        mail = RawMail(raw, envelope_from, to or ("support@acme.example",), via, self.now)
        (accepted,) = inbox.accept(self.db, [mail])
        while self.worker.step():
            pass
        row = self.db.execute("SELECT state, kind, reason, ticket FROM inbox WHERE id = ?", (accepted.id,)).fetchone()
        return dict(zip(("state", "kind", "reason", "ticket"), row, strict=True))

    def comes_back(self, **how: Any) -> dict[str, Any]:
        """The last mail to ourselves comes in."""
        return self.receive(self.raw("probe"), **how)

    @property
    def probes(self) -> int:
        """How many mails to ourselves were written."""
        return len(self.mails("probe"))

    def mails(self, kind: str = "notice") -> list[tuple[str, str]]:
        """(recipient, subject) of those written."""
        rows = self.db.execute("SELECT recipients, subject FROM outbox WHERE kind = ? ORDER BY id", (kind,)).fetchall()
        return [(json.loads(recipients)[0]["address"], subject) for recipients, subject in rows]

    @property
    def subjects(self) -> list[str]:
        return [subject for _, subject in self.mails()]

    def raw(self, kind: str = "notice", number: int = -1) -> bytes:
        rows = self.db.execute("SELECT id FROM outbox WHERE kind = ? ORDER BY id", (kind,)).fetchall()
        found = outbox.raw(self.db, rows[number][0])
        assert found is not None
        return found


def folder(db: Db, mailbox: str, username: str = "support") -> mailboxes.Folder:
    """As after the first connection, which found nothing."""
    known = mailboxes.folder(db, mailbox, username, "INBOX")
    return known or mailboxes.begin(
        db, mailbox, username, "INBOX", mailboxes.Folder(0, 7, 1, START, None, 0), [], START
    )


def given_up(db: Db, *uids: int, mailbox: str = "main", username: str = "support", error: str = "no bytes") -> None:
    """Mails that a mailbox's thread could not take in."""
    for uid in uids:
        mailboxes.failed(db, folder(db, mailbox, username), uid, Print(f"{mailbox} {uid}"), error, 1, START)


def stored(db: Db, uid: int, now: datetime) -> None:
    """A mail of the mailbox `main` was stored."""
    raw = b"Subject: %d\r\n\r\nIt burns" % uid
    mail = RawMail(raw, "", ("support@acme.example",), "imap", now)
    mailboxes.take(db, folder(db, "main"), [mailboxes.Fetched(uid, Print(f"{uid}"), mail, "done")], uid + 1, now)
