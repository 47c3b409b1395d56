"""The service: starts the processes and watches them. Objects are built here; clock and chance come from here."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import IO

from . import logs
from .errors import MailticketError, TemporaryError, UsageError
from .process import die_with_parent, free_large_blocks_at_once
from .settings import Settings
from .store.db import Db, open_existing, open_or_create
from .store.files import exposed

STOP_WITHIN = 25.0  # seconds that a process may take to finish what it has in hand
CALM_AFTER = 5.0  # a process that lived this long starts anew without a pause
LONGEST_PAUSE = 30.0

log = logging.getLogger(__name__)


def clock() -> datetime:
    return datetime.now(UTC)


def new_secret() -> str:
    """A key for the signed references: 256 bits, as text."""
    return secrets.token_urlsafe(32)


def new_owner() -> str:
    """What names one run of a process on the rows that it claims."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def open_store(settings: Settings, *, create: bool = False) -> Db:
    return open_or_create(settings.database) if create else open_existing(settings.database)


@dataclass
class Child:
    """One of our processes. It gets its settings through a pipe, and ends when that pipe closes: with us."""

    name: str
    settings: Settings
    process: subprocess.Popen[bytes] | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    started: float = 0.0
    pause: float = 0.0
    not_before: float = 0.0

    def start(self) -> None:
        self.ready.clear()
        self.started = time.monotonic()
        command = [sys.executable, "-P", "-m", f"mailticket.{self.name}"]
        sockets = inherited_sockets() if self.name == "door" else ()
        process = subprocess.Popen(  # noqa: S603 - our own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=sockets,
            process_group=0,  # ^C is for us: a child that is not up yet would end with a traceback
        )
        self.process = process
        pipe, said = process.stdin, process.stdout
        if pipe is None or said is None:
            raise AssertionError("both were asked for")
        threading.Thread(target=self._listen, args=(said,), daemon=True).start()
        try:
            pickle.dump(self.settings, pipe)
            pipe.flush()
        except BrokenPipeError:
            log.error("%s ended before it began", self.name)  # noqa: TRY400 - `watch` sees it next

    def _listen(self, said: IO[bytes]) -> None:
        for line in said:
            log.info("%s: %s", self.name, line.decode("utf-8", "replace").strip())
            self.ready.set()

    def ended(self) -> int | None:
        """Its exit status once it has ended."""
        return None if self.process is None else self.process.poll()

    def put_off(self) -> None:
        """Start again at once, but not again and again at once."""
        lived = time.monotonic() - self.started
        self.pause = 0.0 if lived > CALM_AFTER else min(max(self.pause * 2, 0.25), LONGEST_PAUSE)
        self.not_before = time.monotonic() + self.pause
        self.process = None

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in time and is killed", self.name)
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Starts door and desk, starts either again when it ends, and ends both."""

    def __init__(self, settings: Settings) -> None:
        names = ("door", "desk") if settings.smtp else ("desk",)
        self._children = [Child(name, settings) for name in names]
        self._stopping = threading.Event()
        self._told = False

    def run(self) -> None:
        for child in self._children:
            child.start()
        try:
            while not self._stopping.wait(0.05):
                self._watch()
        finally:
            self._stop()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping.set()

    def _watch(self) -> None:
        for child in self._children:
            status = child.ended()
            if status is not None:
                if not self._told:
                    kind = UsageError if status == UsageError.code else TemporaryError
                    raise kind(f"the {child.name} could not start; its reason is above")
                child.put_off()
                log.error("the %s ended (status %d) and starts again", child.name, status)
            elif child.process is None and time.monotonic() >= child.not_before:
                child.start()
        if not self._told and all(child.ready.is_set() for child in self._children):
            self._told = True
            log.info("ready")
            notify("READY=1")

    def _stop(self) -> None:
        notify("STOPPING=1")
        until = time.monotonic() + STOP_WITHIN
        for child in self._children:
            child.stop()
        for child in self._children:
            child.wait(until)
        log.info("stopped")


def run(settings: Settings) -> None:
    """The daemon, until SIGTERM or SIGINT."""
    logs.start("run")
    for warning in settings.warnings:
        log.warning("%s", warning)
    with open_store(settings, create=True):
        pass  # a database that cannot be used is better told now, in one line
    if warning := exposed(settings.database):
        log.warning("%s", warning)
    supervisor = Supervisor(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    supervisor.run()


def notify(state: str) -> None:
    """Tell systemd (sd_notify); nothing where it does not listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    where = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto(state.encode(), where)
        except OSError as error:
            log.warning("systemd could not be told %s: %s", state, error)


def inherited_sockets() -> tuple[int, ...]:
    """The descriptors that systemd handed to this process (sd_listen_fds), to be passed on to the door."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return ()
    return tuple(range(3, 3 + int(os.environ.get("LISTEN_FDS", "0"))))


def say(line: str) -> None:
    """In a child: tell the parent what it is ready for."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def received_settings() -> Settings:
    """In a child: what the parent handed over."""
    try:
        settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it, into a pipe that only it has
    except EOFError:
        raise TemporaryError("the service ended before it said what to do") from None
    if not isinstance(settings, Settings):
        raise MailticketError("this is a part of `mailticket run` and is not started by hand")
    return settings


def child(name: str, work: Callable[[Settings], None]) -> int:
    """The frame of a child process: settings in, one line for what goes wrong, its exit status out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service says when
    die_with_parent(os.getppid())
    free_large_blocks_at_once()
    logs.start(name)
    threading.excepthook = _end_with_thread
    try:
        settings = received_settings()
        _end_with_pipe()
        gc.freeze()  # what is here now stays: the collector need not look at it again
        work(settings)
    except MailticketError as error:
        log.error("%s", error)  # noqa: TRY400 - one line
        return error.code
    except Exception:
        log.exception("the %s cannot go on", name)  # a bug of ours; the service starts it again
        return 1
    return 0


def _end_with_thread(ended: threading.ExceptHookArgs) -> None:
    """A process that has lost one of its threads looks alive and does nothing: end it, so that it starts again."""
    name = ended.thread.name if ended.thread else "a thread"
    trace = "".join(traceback.format_exception(ended.exc_value or ended.exc_type()))
    log.critical("%s ended, and so does this process: %s", name, trace)
    os._exit(1)


def _end_with_pipe() -> None:
    """End at once when the service does: its end of our standard input closes with it."""
    lifeline = sys.stdin.fileno()

    def wait() -> None:
        while os.read(lifeline, 1):  # not through sys.stdin: its lock, held here, would break the interpreter's end
            pass
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
