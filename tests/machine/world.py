"""A whole desk that can be crashed: the real store, worker and sender, a clock and a mail server of the test's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from mailticket import jobs
from mailticket.core.hours import next_opening
from mailticket.core.parse import parse
from mailticket.core.policy import Policy
from mailticket.core.render import Templates
from mailticket.core.types import RawMail
from mailticket.deliver.sender import Sender
from mailticket.deliver.settling import StoredOutbox
from mailticket.store import inbox, outbox
from mailticket.store.db import Db
from mailticket.store.desk import Desk
from mailticket.store.schema import Outbox
from mailticket.telling import EVERY
from mailticket.templates_files import load_templates
from mailticket.worker import Worker

from .mails import Draft, Mail, desk
from .server import MailServer, Taken

MakeDb = Callable[[Path], Db]
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SAME_FOR, SAME_FOR_UNNAMED = timedelta(days=7), timedelta(hours=1)

WORK_POINTS = ("inbox:claimed", "inbox:applied", "inbox:committed")
SEND_POINTS = ("outbox:claimed", "outbox:sent", "outbox:settled")
STATEMENT = "statement"
COMMIT = "commit"


class Broken(AssertionError):  # noqa: N818 - it reads as what happened to a promise
    """A promise of the house does not hold."""


class Crashed(BaseException):
    """The process ends here. No net of the desk's may catch it."""


@dataclass
class Crash:
    """At the `countdown`-th time that this point is reached; the point may be any statement to the database, which is
    then not carried out, or any commit, after which none is."""

    point: str
    countdown: int = 1


@cache
def _templates() -> Templates:
    return Templates(load_templates())


class World:
    """Everything that the promises are about: what was said yes to, what was taken, and the desk between."""

    def __init__(self, make_db: MakeDb, folder: Path, policy: Policy | None = None) -> None:
        self.make_db = make_db
        self.folder = folder
        self.now = START
        self.policy = policy or desk()
        self.server = MailServer(self._on_taken)
        self.mails: dict[bytes, Mail] = {}
        self.yes: list[RawMail] = []
        self.fresh: dict[tuple[bytes, str, tuple[str, ...]], list[datetime]] = {}
        self.may_repeat: Counter[tuple[str, str]] = Counter()  # (Message-ID, recipient)
        self.put_back: Counter[int] = Counter()  # inbox rows that the admin had tried again
        self.runs = 0
        self.crashes = 0
        self.read = parse
        self._in_doubt: Taken | None = None  # taken by the server, its result not yet committed
        self._crash: Crash | None = None
        self._dead = False
        self.start()

    # --- the desk's life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """As the daemon does: whatever a dead one had in work is ours."""
        self.runs += 1
        self.db = self.make_db(self.folder)
        inbox.release_all(self.db)
        outbox.release_all(self.db)
        self.desk = Desk(self.db, self.policy, _templates(), self.clock, f"desk {self.runs}", self._reached)
        self.worker = Worker(self.desk, self.read)
        self.sender = Sender(StoredOutbox(self.desk), self.server, wait=lambda _: None, checkpoint=self._reached)
        self._watch_statements()

    def clock(self) -> datetime:
        return self.now

    def stop(self) -> None:
        self.db.__exit__(None, None, None)

    def attempt(self, act: Callable[[], object], crash: Crash | None = None) -> None:
        """Do it, and live on in a new process where it crashes."""
        self._crash, self._in_doubt = crash, None
        try:
            act()
        except (Crashed, Exception) as error:
            if not (self._dead or isinstance(error, Crashed)):
                raise
            self._dead = True  # whatever a net made of its death
        finally:
            self._crash = None
        if self._dead:
            self._dead = False
            self.crashes += 1
            if self._in_doubt:
                self._allow_again(self._in_doubt)
            self.stop()
            self.start()

    def _reached(self, point: str) -> None:
        if point == "outbox:settled":
            self._in_doubt = None
        self._count(point)
        if self._dead:
            raise Crashed(point)

    def _count(self, point: str) -> None:
        if self._crash and self._crash.point == point:
            self._crash.countdown -= 1
            self._dead = self._dead or self._crash.countdown == 0

    def _watch_statements(self) -> None:
        """After a commit that is its last act a process dies before the next statement: peewee, told at once, would
        roll back what is committed."""
        database = self.db._database
        execute, commit = database.execute_sql, database.commit

        def watched(sql, *args):
            self._reached(STATEMENT)
            done = execute(sql, *args)
            if sql == "COMMIT":
                self._count(COMMIT)
            return done

        def committing():
            commit()
            self._count(COMMIT)

        database.execute_sql, database.commit = watched, committing

    # --- mail in ------------------------------------------------------------------------------------------------

    def write(self, draft: Draft) -> Mail:
        mail = draft.written(self.now)
        self.mails[mail.raw] = mail
        return mail

    def deliver(
        self, mail: Mail, envelope_to: Iterable[str], *, envelope_from: str | None = None, auth: str = ""
    ) -> None:
        """Into the inbox; comes back once it was said yes to. `auth` is who logged in for it."""
        sender = mail.sender if envelope_from is None else envelope_from
        raw = RawMail(mail.raw, sender, tuple(envelope_to), "smtp", self.now, "192.0.2.1", auth=auth)
        same_for = SAME_FOR if mail.named or mail.dated else SAME_FOR_UNNAMED
        before = self.fresh.setdefault((raw.raw, raw.envelope_from, raw.envelope_to), [])
        known = bool(before) and self.now - before[-1] < same_for
        (accepted,) = inbox.accept(self.db, [raw])
        self.yes.append(raw)
        if not known:
            before.append(self.now)
        if accepted.duplicate != known:
            raise Broken("the door knows a mail again exactly as long as it should")

    # --- work ---------------------------------------------------------------------------------------------------

    def work(self) -> None:
        while self.worker.step():
            pass

    def stalled_worker_wakes_up(self) -> None:
        """A worker has claimed and read; it stands still while another desk takes over; then it goes on."""
        stalled, stalled_db = self.worker, self.db
        items = [stalled.read(one) for one in stalled.claim()]
        self.crashes += 1  # to the one that takes over it is dead
        self.start()
        self.work()
        if items:
            stalled.work(items)
        stalled_db.__exit__(None, None, None)

    def send(self, outcomes: Iterable[str] = (), *, down: bool = False) -> None:
        self.server.say(outcomes)
        self.server.down = down
        try:
            self.sender.step()
        finally:
            self.server.down = False

    def run_jobs(self) -> None:
        jobs.run_due(self.desk, self.now)

    def retry(self) -> None:
        """As the admin does who does not know why. What the world has returned may then arrive a second time."""
        for number, said in inbox.retry(self.db, None, self.now):
            self.put_back[number] += said == "queued"
        failed = Outbox.select(Outbox.message_id, Outbox.recipients).where(Outbox.state == "failed")
        taken = {(t.message_id, to) for t in self.server.taken for to in t.recipients}
        for message_id, recipients in self.db.rows(failed):
            undone = {(message_id, r["address"]) for r in json.loads(recipients) if r["state"] != "sent"}
            self.may_repeat.update(undone & taken)
        outbox.retry(self.db, None, self.now)

    def drain(self) -> None:
        """Nothing stands in the way any more: all of it gets done, and soon; and who has to hear of it does."""
        self._drain()
        self.now = next_opening(self.now + EVERY, self.policy.departments[-1])  # managers hear in the morning
        self.attempt(self.run_jobs)
        self._drain()

    def _drain(self) -> None:
        for _ in range(30):
            self.attempt(self.work)
            self.attempt(self.send)
            later = [w for w in (inbox.waiting(self.db, self.now), outbox.next_due(self.db, self.now)) if w is not None]
            if not later:
                return
            self.now += min(later)
        raise Broken("all that is queued gets done once nothing stands in its way")

    # --- mail out -----------------------------------------------------------------------------------------------

    def _on_taken(self, taken: Taken) -> None:
        self._in_doubt = None if taken.lost else taken
        if taken.lost:
            self._allow_again(taken)

    def _allow_again(self, taken: Taken) -> None:
        self.may_repeat.update((taken.message_id, address) for address in taken.recipients)

    def is_agent(self, address: str) -> bool:
        return self.policy.agent_of(address) is not None


__all__ = ["COMMIT", "SEND_POINTS", "STATEMENT", "WORK_POINTS", "Broken", "Crash", "World"]
