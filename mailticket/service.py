"""The service: the daemon and the frame of its processes. Objects are built here; clock and chance come from here."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import random
import secrets
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from . import logs
from .config import load
from .errors import MailticketError, TemporaryError, UsageError
from .intake import tls
from .process import die_with_parent, free_large_blocks_at_once
from .settings import Settings
from .store.db import Db, open_existing, open_or_create
from .store.files import exposed
from .supervisor import Supervisor

log = logging.getLogger(__name__)


def clock() -> datetime:
    return datetime.now(UTC)


def chance() -> float:
    """From 0 to 1: so that not everybody comes back at the same moment."""
    return random.random()  # noqa: S311 - nothing secret


def new_secret() -> str:
    """A key for the signed references: 256 bits, as text."""
    return secrets.token_urlsafe(32)


def new_owner() -> str:
    """What names one run of a process on the rows that it claims."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


def open_store(settings: Settings, *, create: bool = False) -> Db:
    return open_or_create(settings.database) if create else open_existing(settings.database)


def run(settings: Settings) -> None:
    """The daemon, until SIGTERM or SIGINT; SIGHUP has it read its config again."""
    logs.start("run")
    for warning in settings.warnings:
        log.warning("%s", warning)
    with open_store(settings, create=True):
        pass  # a database that cannot be used is better told now, in one line
    if warning := exposed(settings.database):
        log.warning("%s", warning)
    supervisor = Supervisor(settings, lambda: _read_again(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop.note)
    signal.signal(signal.SIGHUP, supervisor.reload.note)
    supervisor.run()


def _read_again(settings: Settings) -> Settings:
    """The config as it is now, with a certificate that can be used: nobody starts with what is wrong."""
    found = load(settings.path, os.environ, clock().date())
    listeners = (*(found.smtp.listen if found.smtp else ()), *(found.lmtp.listen if found.lmtp else ()))
    for where in listeners:
        if where.startswith("unix:") and not Path(where.removeprefix("unix:")).parent.is_dir():
            raise UsageError(f"{found.path}: {where}: its folder is not there")
    if found.smtp and found.smtp.tls_cert:
        tls.context(found.smtp.tls_cert, found.smtp.tls_key or found.smtp.tls_cert)
    return found


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
