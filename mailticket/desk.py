"""The desk process: worker, sender and jobs as plain threads around one database."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from functools import partial

from . import service
from .checking import dkim_of
from .core.limits import MAX_SECONDS, QUICK_SECONDS
from .deliver.outage import Trouble
from .deliver.sender import Sender
from .deliver.settling import StoredOutbox
from .deliver.transports import server_of
from .desk_slow import SlowLane
from .dns import Dns, Resolver
from .errors import MailticketError, SlowError, TemporaryError
from .intake.mailbox import Mailbox, Surroundings
from .jobs import Calendar
from .loop import Bell, Shelf, Watch
from .process import Heard
from .reading import Reader
from .settings import Settings
from .store import inbox, outbox
from .store.db import Db, at, open_or_create
from .store.desk import Desk
from .store.inbox import Claimed
from .store.lock import hold_alone
from .store.schema import Meta
from .templates_files import open_templates
from .tokens import tokens_of
from .worker import Item, Worker, read_one

LOCK_PATIENCE = 5.0  # seconds that another daemon may take to end
LOOK_AT_LEAST_EVERY = 1.0  # seconds: also for mails that wait for their next try
IDLE = 0.5  # seconds that the worker waits for mails that are read, before it looks whether it has to end
AHEAD = 64  # mails that may be read before they are worked on
AHEAD_BYTES = 64 * 1024 * 1024  # of them and of what was read, those in work included
SWITCH_INTERVAL = 0.0005  # seconds: a busy worker lets the sender's threads in between
STOP_WITHIN = 18.0  # seconds for all together: the service kills us after 25

log = logging.getLogger(__name__)


class Working:
    """Two threads: one claims and has the mails read, the other works on them, so that neither waits. A third has those
    read that take long."""

    def __init__(self, desk: Desk, bell: Bell, sender_bell: Bell, resolver: Resolver) -> None:
        self._desk = desk
        self._bell = bell
        self._sender_bell = sender_bell
        check = partial(dkim_of, policy=desk.policy, resolver=resolver)
        self._reader = Reader(QUICK_SECONDS, SlowError, desk.policy.languages)
        self._worker = Worker(desk, self._reader.read, partial(check, reader=self._reader))
        self._shelf: Shelf[Item] = Shelf(AHEAD, AHEAD_BYTES)
        patient = Reader(MAX_SECONDS, languages=desk.policy.languages)
        read = partial(read_one, desk=desk, read=patient.read, check=partial(check, reader=patient))
        self._slow = SlowLane(desk, read, self._put, patient.give_up, patient.close)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._claim_on, name="reading", daemon=True),
            threading.Thread(target=self._work_on, name="worker", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self._slow.start()

    def tell_to_stop(self) -> None:
        """No other mail is begun, and nobody sleeps on."""
        self._stopping.set()
        self._shelf.close()
        self._slow.tell_to_stop()
        self._bell.ring()

    def stop(self, until: float) -> None:
        """The mail in work is finished; what was only claimed waits for the next start. `until` is monotonic."""
        self.tell_to_stop()
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if self._slow.join(until) and not any(thread.is_alive() for thread in self._threads):
            inbox.give_back(self._desk.db, self._desk.owner)

    def _claim_on(self) -> None:
        trouble = Trouble("mails that came in cannot be taken")
        deaf = Trouble("mails that came in cannot be read")
        while not self._stopping.is_set():
            try:
                claimed = self._worker.claim()
            except TemporaryError as error:
                self._pause(trouble, error)
                continue
            trouble.over()
            if not claimed:
                self._bell.wait(LOOK_AT_LEAST_EVERY)
            for one in claimed:
                self._read_on(one, deaf)
        self._reader.close()
        self._desk.db.close()

    def _read_on(self, claimed: Claimed, trouble: Trouble) -> None:
        """Until it is read, or is left to the slow lane: that there is no reader is no failed try of the mail's."""
        if self._slow.knows(claimed):
            self._slow.put(claimed)
            return
        while not self._stopping.is_set():
            try:
                item = self._worker.read(claimed)
            except TemporaryError as error:
                self._pause(trouble, error)
                continue
            except SlowError:
                self._slow.put(claimed)
            else:
                self._slow.note(item)
                self._put(item)
            trouble.over()
            return

    def _put(self, item: Item) -> None:
        self._shelf.put(item, _weight(item))

    def _work_on(self) -> None:
        trouble = Trouble("mails that came in cannot be worked on")
        while not self._stopping.is_set():
            items = self._shelf.take(IDLE)
            while items and not self._stopping.is_set():
                try:
                    items = self._worker.work(items, self._stopping.is_set)
                except TemporaryError as error:
                    self._pause(trouble, error)
                else:
                    trouble.over()
                self._sender_bell.ring()
        self._desk.db.close()

    def _pause(self, trouble: Trouble, error: MailticketError) -> None:
        """Database or reader have trouble: nothing is lost, and nothing can be done until it is over."""
        pause = trouble.seen(error)
        self._desk.db.close()
        self._stopping.wait(pause)


def _weight(item: Item) -> int:
    """Octets that a mail and what was read of it take in memory."""
    files = item.mail.attachments if item.mail else ()
    along = item.ahead.files.values() if item.ahead else ()
    return len(item.claimed.mail.raw) + sum(len(file.content) for file in (*files, *along))


def deadline() -> float:
    """Until when all of the process has to end, from now on (monotonic)."""
    return time.monotonic() + STOP_WITHIN


def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    stop = Heard()
    signal.signal(signal.SIGTERM, stop.note)
    sys.setswitchinterval(SWITCH_INTERVAL)
    _hold(settings)
    with open_or_create(settings.database) as db:
        templates, owner = open_templates(settings.templates), service.new_owner()
        desk = Desk(db, settings.policy, templates, service.clock, owner, mailboxes=settings.imap)
        _take_over(db)
        worker_bell, sender_bell = Bell(), Bell()
        server = server_of(settings.delivery, settings.policy.hostname)
        sender = Sender(StoredOutbox(desk), server, wait=sender_bell.wait)
        watch, working = Watch(db, (worker_bell, sender_bell)), Working(desk, worker_bell, sender_bell, Dns())
        calendar = Calendar(desk)
        around = Surroundings(db, settings.policy, service.clock, service.chance, worker_bell.ring)
        mailboxes = [Mailbox(box, around, tokens_of(box.oauth2, f"imap.{box.name}")) for box in settings.imap]
        for part in (watch, working, calendar, sender):
            part.start()
        for mailbox in mailboxes:
            mailbox.start()
        service.say("working")
        while not stop.wait():
            pass
        until = deadline()
        sender.tell_to_stop()
        sender_bell.ring()
        working.tell_to_stop()
        calendar.tell_to_stop()
        for mailbox in mailboxes:
            mailbox.tell_to_stop()
        for mailbox in mailboxes:
            mailbox.stop(until)
        calendar.stop(until)
        working.stop(until)
        sender.stop(until - time.monotonic())
        watch.stop(until)


def _hold(settings: Settings) -> None:
    """One daemon holds a database. The lock is the process's: it is free when we are gone, however we go."""
    until = time.monotonic() + LOCK_PATIENCE
    while hold_alone(settings.database) is None:
        if time.monotonic() > until:
            raise TemporaryError(f"another mailticket daemon works on {settings.database}; stop that one first")
        time.sleep(0.05)


def _take_over(db: Db) -> None:
    """What a dead daemon had in work is ours now."""
    mails, letters = inbox.release_all(db), outbox.release_all(db)
    if mails or letters:
        log.warning("taken over from a daemon that did not finish: %d mails in, %d mails out", mails, letters)
    now = str(at(service.clock()))
    with db.write():
        db.run(Meta.insert(key="started_at", value=now).on_conflict(conflict_target=[Meta.key], update={"value": now}))


if __name__ == "__main__":
    sys.exit(service.child("desk", run))
