"""The desk process: worker, sender and jobs as plain threads around one database."""

from __future__ import annotations

import logging
import queue
import signal
import sys
import threading
import time

from . import service
from .core.render import Templates
from .deliver.outage import Trouble
from .deliver.sender import Sender
from .deliver.settling import StoredOutbox
from .deliver.wire import Server
from .errors import MailticketError, TemporaryError
from .jobs import Calendar
from .loop import Bell, Watch
from .reading import Reader
from .settings import Settings
from .store import inbox, outbox
from .store.db import Db, at, open_or_create
from .store.desk import Desk
from .store.lock import hold_alone
from .store.schema import Meta
from .templates_files import load_templates
from .worker import Item, Worker

LOCK_PATIENCE = 5.0  # seconds that another daemon may take to end
LOOK_AT_LEAST_EVERY = 1.0  # seconds: also for mails that wait for their next try
AHEAD = 64  # mails that may be read before they are worked on
SWITCH_INTERVAL = 0.0005  # seconds: a busy worker lets the sender's threads in between
STOP_WITHIN = 20.0

log = logging.getLogger(__name__)


class Working:
    """Two threads: one claims and has the mails read, the other works on them, so that neither waits."""

    def __init__(self, desk: Desk, bell: Bell, sender_bell: Bell) -> None:
        self._desk = desk
        self._bell = bell
        self._sender_bell = sender_bell
        self._reader = Reader()
        self._worker = Worker(desk, self._reader.read)
        self._read: queue.Queue[Item] = queue.Queue(AHEAD)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._claim_on, name="reading", daemon=True),
            threading.Thread(target=self._work_on, name="worker", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """The mail in work is finished; what was only claimed waits for the next start."""
        self._stopping.set()
        self._bell.ring()
        until = time.monotonic() + STOP_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if not any(thread.is_alive() for thread in self._threads):
            inbox.give_back(self._desk.db, self._desk.owner)

    def _claim_on(self) -> None:
        trouble = Trouble("mails that came in cannot be taken")
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
                if self._stopping.is_set():
                    break
                self._put(self._worker.read(one))
        self._reader.close()
        self._desk.db.close()

    def _put(self, item: Item) -> None:
        while not self._stopping.is_set():
            try:
                self._read.put(item, timeout=1.0)
            except queue.Full:
                continue
            return

    def _work_on(self) -> None:
        trouble = Trouble("mails that came in cannot be worked on")
        while not self._stopping.is_set():
            items = self._ready()
            while items and not self._stopping.is_set():
                try:
                    items = self._worker.work(items, self._stopping.is_set)
                except TemporaryError as error:
                    self._pause(trouble, error)
                else:
                    trouble.over()
                self._sender_bell.ring()
        self._desk.db.close()

    def _ready(self) -> list[Item]:
        """What is read by now, at least one unless nothing comes for a while."""
        items: list[Item] = []
        try:
            items.append(self._read.get(timeout=0.5))
            while True:
                items.append(self._read.get_nowait())
        except queue.Empty:
            return items

    def _pause(self, trouble: Trouble, error: MailticketError) -> None:
        """The database has trouble: nothing is lost, and nothing can be done until it is over."""
        pause = trouble.seen(error)
        self._desk.db.close()
        self._stopping.wait(pause)


def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.setswitchinterval(SWITCH_INTERVAL)
    _hold(settings)
    with open_or_create(settings.database) as db:
        desk = Desk(db, settings.policy, Templates(load_templates()), service.clock, service.new_owner())
        _take_over(db)
        worker_bell, sender_bell = Bell(), Bell()
        server = Server(settings.delivery.host, settings.delivery.port, settings.policy.hostname)
        sender = Sender(StoredOutbox(desk), server, wait=sender_bell.wait)
        parts = (Watch(db, (worker_bell, sender_bell)), Working(desk, worker_bell, sender_bell), Calendar(desk))
        for part in parts:
            part.start()
        sender.start()
        service.say("working")
        stop.wait()
        for part in reversed(parts):
            part.stop()
        sender.stop(STOP_WITHIN)


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
