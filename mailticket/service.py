"""The service: the frame of its processes. Clock and chance come from here."""

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

from . import logs
from .errors import MailticketError, TemporaryError
from .process import die_with_parent, free_large_blocks_at_once
from .settings import Settings
from .store.db import Db, open_existing, open_or_create

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
