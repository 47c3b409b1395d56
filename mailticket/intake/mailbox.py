"""A mailbox that is read: one thread, which connects, takes what is there, waits for more, and comes back after
whatever happens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ..core.policy import Policy
from ..errors import MailticketError, TemporaryError
from ..settings import Imap
from ..store import mailboxes
from ..store.db import Db
from .idling import Wake
from .imap import Limits, Session
from .imap_faults import DroppedError, RefusedError, StoppedError, one_line
from .imap_login import Login, TokenSource
from .imap_wire import Cord
from .keeping import Context
from .taking import Taking

READABLE_EVERY = 30.0  # seconds between two notes that all is well
SHORT = 10.0  # seconds: a connection that ends sooner is no ordinary one
_SPREAD = 0.5  # of a pause is chance
_IN_VAIN = 20  # times in a row that a server may call us for nothing; then we come
_LATER = 1.0  # seconds later

_READ = ("reading", "watching", "polling")  # the states of a mailbox that is read

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds before the next connection: doubled each time, and spread by chance."""

    first: float = 1
    longest: float = 300


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all mailboxes share. `chance` is from 0 to 1; `ring` tells the worker that there is something."""

    db: Db
    policy: Policy
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    ring: Callable[[], None]
    limits: Limits = field(default_factory=Limits)
    pauses: Pauses = field(default_factory=Pauses)


class Mailbox:
    """The thread of one [imap.NAME]."""

    def __init__(self, box: Imap, around: Surroundings, tokens: TokenSource | None = None) -> None:
        self._box = box
        self._around = around
        self._tokens = tokens
        self._stopping = threading.Event()
        self._stop_by = 0.0  # until when (monotonic) its server has time for what it was asked
        self._wake = Wake()
        self._cord = Cord()
        self._work = Context(box, around.db, around.policy, around.clock, self._stopping.is_set, self._taken)
        self._thread = threading.Thread(target=self._run, name=f"mailbox {box.name}", daemon=True)
        self._state = ""
        self._noted = 0.0  # when we last wrote that all is well, monotonic
        self._pause = 0.0
        self._connected = 0.0  # monotonic
        self._short = 0  # connections in a row that ended too soon
        self._polls = False  # the server offers IDLE and refuses it
        self._down = 0.0  # since when it cannot be read, monotonic; 0 while it can
        self._told = ""
        self._trouble = ""  # what we last wrote of mails that stay
        self._deaf = False  # the database does not take what we say of ourselves

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def tell_to_stop(self) -> None:
        if not self._stopping.is_set():
            self._stop_by = time.monotonic() + self._around.limits.farewell
        self._stopping.set()
        self._wake.ring()

    def stop(self, until: float) -> None:
        """What is being stored is finished, until `until` (monotonic); of the server a word is waited for no longer
        than a moment. A thread that only looks for its server or waits for a token is left alone: it ends without a
        trace."""
        self.tell_to_stop()
        self._join(min(self._stop_by, until))
        if not self._cord.end():
            self._join(until)
        if not self._thread.is_alive():
            self._wake.close()

    def _join(self, until: float) -> None:
        self._thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._say("connecting")
            try:
                self._visit()
            except StoppedError:
                break
            except MailticketError as error:
                self._fault(error, str(error))
            except Exception as error:  # noqa: BLE001 - a mailbox fails alone: the others and the desk go on; logged
                self._fault(error, one_line(f"{type(error).__name__}: {error}"))
        self._around.db.close()

    def _visit(self) -> None:
        """One connection, for as long as it lasts."""
        session = Session(self._box, Login(self._box, self._tokens), self._around.limits, self._cord)
        self._connected, self._polls = time.monotonic(), False
        try:
            taking = Taking(self._work, session)
            in_vain = 0
            while not self._stopping.is_set():
                called = taking.scan()
                in_vain = 0 if taking.found else in_vain
                if not called:
                    self._well("watching" if self._idles(session) else "polling")
                    called = self._wait(session, taking.next_try())
                in_vain = in_vain + 1 if called else 0
                if in_vain > _IN_VAIN:
                    self._wake.wait(_LATER)
        except BaseException:
            session.drop()
            raise
        session.close()

    def _wait(self, session: Session, next_try: float | None) -> bool:
        """Whether the server said something meanwhile."""
        longest = self._around.limits.idle if self._idles(session) else self._box.poll.total_seconds()
        if next_try is not None:
            longest = min(longest, next_try)
        if self._idles(session):
            try:
                return session.wait(longest, self._wake)
            except RefusedError as error:
                log.warning("mailbox %s: %s; it is asked every %s", self._box.name, error, self._box.poll)
                self._polls = True
        else:
            self._wake.wait(longest)
            if not self._stopping.is_set():
                session.noop()
        return False

    def _idles(self, session: Session) -> bool:
        return session.can_idle and not self._polls

    def _taken(self) -> None:
        self._around.ring()
        self._well(self._state if self._state in _READ else "reading")

    def _well(self, state: str) -> None:
        """All of it was read. Written down now and then only: a mailbox may be read every second."""
        if self._down:
            log.info("mailbox %s is read again, after %.0f s", self._box.name, time.monotonic() - self._down)
        self._pause, self._down, self._told = 0.0, 0.0, ""
        trouble = self._work.trouble
        if (state, trouble) != (self._state, self._trouble) or time.monotonic() - self._noted > READABLE_EVERY:
            self._say(state, trouble or None, readable=True)
            self._noted, self._trouble = time.monotonic(), trouble

    def _fault(self, error: Exception, told: str) -> None:
        """An ordinary drop is followed by the next connection at once; anything else by a pause that grows."""
        self._around.db.close()
        self._noted = 0.0
        now = time.monotonic()
        if isinstance(error, DroppedError) and self._state in _READ:
            self._short = self._short + 1 if now - self._connected < SHORT else 0
            if self._short <= 1:
                log.info("mailbox %s: %s; connecting again", self._box.name, told)
                return
        self._down = self._down or now
        pauses = self._around.pauses
        self._pause = min(max(self._pause * 2, pauses.first * 2 ** min(self._short, 20)), pauses.longest)
        if told != self._told:
            what = "what is in it cannot be stored" if type(error) is TemporaryError else "it cannot be read"
            more = f"trying again, at last every {pauses.longest:g} s"
            if self._told:
                log.info("mailbox %s: %s still: %s", self._box.name, what, told)
            else:
                log.error("mailbox %s: %s: %s; %s", self._box.name, what, told, more)
        self._told = told
        self._say("down", told)
        self._wake.wait(self._pause * (1 - _SPREAD * self._around.chance()))

    def _say(self, state: str, error: str | None = None, *, readable: bool = False) -> None:
        """Write down how it goes: that it cannot be written must not keep us from reading."""
        if state == "connecting":
            error = self._told or None
            if self._state == "down":  # it is, until a connection shows otherwise
                return
        self._state = state
        try:
            mailboxes.said(self._around.db, self._box.name, state, error, self._around.clock(), readable=readable)
        except TemporaryError as trouble:
            if not self._deaf:
                log.error("mailbox %s: how it goes cannot be noted: %s", self._box.name, trouble)  # noqa: TRY400 - one line
            self._deaf = True
        else:
            self._deaf = False
