"""The processes of a running desk: started, watched, started again, given a changed config, and ended."""

from __future__ import annotations

import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from .errors import MailticketError, TemporaryError, UsageError
from .process import Heard
from .settings import Settings

STOP_WITHIN = 25.0  # seconds that a process may take to finish what it has in hand
CALM_AFTER = 5.0  # a process that lived this long starts anew without a pause
LONGEST_PAUSE = 30.0

log = logging.getLogger(__name__)


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
    renewed: Settings | None = None  # what it starts with once it has ended
    leaving: bool = False  # the config has it no more: it starts no other time
    patience: float = 0.0  # until when (monotonic) it may take to end for either

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

    def renew(self, settings: Settings) -> None:
        """Finish what is in hand and start again with these. What waits after a crash waits no more: with them it may
        not crash."""
        self.ready.clear()
        if self.process is None:
            self.settings, self.not_before, self.leaving = settings, 0.0, False
            return
        self._finish()
        self.renewed, self.leaving = settings, False

    def leave(self) -> None:
        """Finish what is in hand, and that is all."""
        self._finish()
        self.renewed, self.leaving = None, True

    def _finish(self) -> None:
        """Who is told again has no more time for it."""
        if not self.ending:
            self.patience = time.monotonic() + STOP_WITHIN
        self.stop()

    @property
    def ending(self) -> bool:
        """By our will."""
        return self.leaving or self.renewed is not None

    def take_over(self) -> bool:
        """Has it ended so that it starts with other settings? Then it does."""
        if self.renewed is None:
            return False
        self.settings, self.renewed = self.renewed, None
        self.start()
        return True

    def hurry(self) -> None:
        """What does not end in time is cut short; what it had in hand is taken up again."""
        if self.ending and self.process is not None and time.monotonic() > self.patience:
            self._cut_short(self.process)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._cut_short(self.process)

    def _cut_short(self, process: subprocess.Popen[bytes]) -> None:
        log.warning("%s did not end in time and is killed", self.name)
        process.kill()
        process.wait()


class Supervisor:
    """Starts door and desk, starts either again when it ends, hands them a changed config, and ends both."""

    def __init__(self, settings: Settings, reread: Callable[[], Settings]) -> None:
        self._settings = settings
        self._reread = reread
        self._children = {name: Child(name, settings) for name in _names(settings)}
        self.stop = Heard()
        self.reload = Heard()  # to read the config again
        self._ready = False
        self._started = False  # was ready once

    def run(self) -> None:
        for child in self._children.values():
            child.start()
        try:
            while not self.stop.wait():
                if self.reload.taken():
                    self._reload()
                self._watch()
        finally:
            self._stop()

    def _watch(self) -> None:
        for name, child in list(self._children.items()):
            status = child.ended()
            if child.leaving and (status is not None or child.process is None):
                del self._children[name]
            elif status is not None and not child.take_over():
                if not self._started:
                    kind = UsageError if status == UsageError.code else TemporaryError
                    raise kind(f"the {child.name} could not start; its reason is above")
                child.put_off()
                log.error("the %s ended (status %d) and starts again", child.name, status)
            elif child.process is None and time.monotonic() >= child.not_before:
                child.start()
            child.hurry()
        if not self._ready and all(child.ready.is_set() or child.leaving for child in self._children.values()):
            self._ready = self._started = True
            log.info("ready")
            notify("READY=1")

    def _reload(self) -> None:
        """A config that is wrong changes nothing; one that is right is what door and desk start again with, each when
        it has finished what it has in hand. Nobody waits for that here: a signal is heard at once."""
        try:
            settings = self._reread()
            if settings.database != self._settings.database:
                raise UsageError("another [desk] database needs a restart")
        except MailticketError as error:
            for line in str(error).splitlines():
                log.error("%s", line)  # noqa: TRY400 - one line
            log.error("the config is not taken over: the desk goes on as it was")  # noqa: TRY400 - no traceback
            return
        notify("RELOADING=1")
        for warning in settings.warnings:
            log.warning("%s", warning)
        self._settings, self._ready = settings, False
        wanted = _names(settings)
        for name, child in self._children.items():
            if name not in wanted:
                child.leave()
        for name in wanted:
            if name in self._children:
                self._children[name].renew(settings)
            else:
                self._children[name] = Child(name, settings)
                self._children[name].start()

    def _stop(self) -> None:
        notify("STOPPING=1")
        until = time.monotonic() + STOP_WITHIN
        for child in self._children.values():
            child.stop()
        for child in self._children.values():
            child.wait(until)
        log.info("stopped")


def _names(settings: Settings) -> tuple[str, ...]:
    """The processes of a desk; one that only takes files has no door."""
    return ("door", "desk") if settings.smtp or settings.lmtp else ("desk",)


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
