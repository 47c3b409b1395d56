"""A mailbox's thread as the desk starts it, on a database of its own, and what a test asks about it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from daemon import until
from dovecot_imap import PASSWORD
from letters import SOURCES, desk

from mailticket.core.parse import parse
from mailticket.core.policy import Policy
from mailticket.core.render import Templates
from mailticket.intake.imap import Limits
from mailticket.intake.mailbox import Mailbox, Pauses, Surroundings
from mailticket.settings import After, Imap
from mailticket.store.db import Db, open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema_mailboxes import Mailbox as MailboxRow
from mailticket.worker import Worker

SUPPORT = "support@acme.example"
QUICK = Limits(connect=5, command=5, whole=20, idle=30)
SOON = Pauses(first=0.05, longest=0.2)
MOVED, SEEN, DELETED, KEPT = After("move", "Archive"), After("seen"), After("delete"), After("keep")
MAIL = """\
Message-ID: <{name}@customer.example>
Date: Thu, 26 Nov 2026 10:00:00 +0000
From: Customer {name} <{name}@customer.example>
To: {to}
Subject: It does not work ({name})

Hello,

since this morning number {name} does nothing.
"""


def letter(name: object, *, to: str = SUPPORT, more: str = "", body: str = "") -> bytes:
    """`more` are further lines of its head."""
    return (more + MAIL.format(name=name, to=to) + body).replace("\n", "\r\n").encode()


def clock() -> datetime:
    return datetime.now(UTC)


class Hurry:
    """A clock that goes a thousand times too fast: what waits a minute is due in a moment. With it go slices of IDLE
    that end soon."""

    limits = replace(QUICK, idle=0.05)

    def __init__(self) -> None:
        self._began = clock()

    def __call__(self) -> datetime:
        return self._began + (clock() - self._began) * 1000


@dataclass
class Reading:
    """`with Reading(folder, port)`: the mailbox is read until the end of it. `start` and `stop` do it by hand; what is
    changed then stays so."""

    folder: Path
    port: int
    policy: Policy = field(default_factory=lambda: desk(send_delay=timedelta(0)))
    limits: Limits = QUICK
    pauses: Pauses = SOON
    box: Imap = field(init=False)
    around: Surroundings = field(init=False)
    clock: Any = clock
    tokens: Any = None
    rung: Any = lambda: None  # called after each commit

    def __post_init__(self) -> None:
        self.policy = replace(
            self.policy,
            departments=(replace(self.policy.departments[0], addresses=(SUPPORT,)), *self.policy.departments[1:]),
        )
        self.box = Imap("main", "127.0.0.1", self.port, "support", PASSWORD, tls="none", after=MOVED, since=None)
        self.db: Db = open_or_create(self.folder / "mailticket.db")
        self.mailbox: Mailbox | None = None
        self._desk = Desk(self.db, self.policy, Templates(SOURCES), self.clock, "test")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.db.close()

    def start(self, **changes: Any) -> None:
        self.box = replace(self.box, **changes)
        self.db.execute("UPDATE mailbox SET state = 'not begun'")  # what a test waits for is of this time
        self.around = Surroundings(self.db, self.policy, self.clock, lambda: 0.0, self._ring, self.limits, self.pauses)
        self.mailbox = Mailbox(self.box, self.around, self.tokens)
        self.mailbox.start()

    def _ring(self) -> None:
        self.rung()

    def stop(self) -> None:
        if self.mailbox is not None:
            self.mailbox.stop(time.monotonic() + 10)
            assert not self.mailbox.alive, "the thread ends when it is told to"
        self.mailbox = None

    def status(self) -> dict[str, Any]:
        names = [f.name for f in MailboxRow._meta.sorted_fields]
        row = self.db.first(MailboxRow.select().where(MailboxRow.name == self.box.name))
        return dict(zip(names, row, strict=True)) if row else {"state": "none", "last_error": None}

    def is_in(self, state: str, seconds: float = 10, error: str = "") -> None:
        def found() -> bool:
            status = self.status()
            return status["state"] == state and error in (status["last_error"] or "")

        until(found, seconds, lambda: f"it never came to be {state} {error!r}: {self.status()}", pause=0.01)

    def stored(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM inbox").fetchone()[0])

    def has(self, count: int, seconds: float = 20) -> None:
        """So many mails are in the inbox, and nothing is open in the mailbox."""
        until(
            lambda: self.stored() == count and not self.open(),
            seconds,
            lambda: f"{self.stored()} stored, not {count}; open: {self.open()}; {self.status()}",
            pause=0.01,
        )

    def open(self) -> list[tuple[Any, ...]]:
        return [row for row in self.mails() if row[1] in {"taken", "kept", "failing"}]

    def mails(self) -> list[tuple[int, str]]:
        """UID and state of each mail that is known under the present UIDVALIDITY."""
        now = "SELECT uidvalidity FROM mail_folder"
        rows = self.db.execute(f"SELECT uid, state FROM folder_mail WHERE uidvalidity = ({now}) ORDER BY uid")
        return [(row[0], row[1]) for row in rows]

    def rows(self) -> list[dict[str, Any]]:
        """Of the inbox, the oldest first."""
        cursor = self.db.execute("SELECT * FROM inbox ORDER BY id")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def tickets(self) -> int:
        """How many there are once all that came is worked on."""
        worker = Worker(self._desk, parse)
        while worker.step():
            pass
        bad = self.db.execute("SELECT reason FROM inbox WHERE state = 'quarantined'").fetchall()
        assert not bad
        return int(self.db.execute("SELECT count(*) FROM ticket").fetchone()[0])

    def refuse(self, name: object, *, for_now: bool) -> None:
        """The database does not take the letter of that name any more: for ever, or as a disk that is full."""
        how = "SELECT json('nonsense')" if for_now else "SELECT RAISE(ABORT, 'it is cursed')"
        when = f"NEW.envelope_from LIKE '{name}@customer.example'"
        self.db.execute(f"CREATE TRIGGER refuse_{for_now} BEFORE INSERT ON inbox WHEN {when} BEGIN {how}; END")

    def take_all(self) -> None:
        """The end of `refuse`."""
        for for_now in (True, False):
            self.db.execute(f"DROP TRIGGER IF EXISTS refuse_{for_now}")

    def acknowledged(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM outbox WHERE template = 'acknowledgement'").fetchone()[0])


def told(caplog: Any) -> list[str]:
    """What a person would read in the journal."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]
