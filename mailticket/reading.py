"""The desk's side of the reader: a child process that is given mail, watched, and replaced when it fails."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Self, TypeVar

from .core.dkim_check import VERIFY, pack_question, unpack_answer
from .core.limits import MAX_CPU, MAX_MEMORY, MAX_SECONDS, MB, NO_MEMORY
from .core.types import DkimPass, ParsedMail
from .core.wire import FAILED, FRAME, MAX_FRAME, unpack
from .errors import MailticketError, TemporaryError

DEADLINE = MAX_SECONDS
START_WITHIN = 10.0  # seconds until a child is there
CHUNK = 1 << 20
GIVEN_UP = "the reader is told to end"
# The child gets no secret that the desk was given by its environment.
PASSED = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE")
# How a child may end, and what that says. `core.limits` has the limits.
ENDS = {
    NO_MEMORY: f"the reader needed over {MAX_MEMORY // MB} MB for it",
    -signal.SIGXCPU: f"the reader took over {MAX_CPU} s of the processor for it",
    -signal.SIGKILL: "the reader was killed (SIGKILL), as the system does where memory is short",
    -signal.SIGSEGV: "the reader crashed (SIGSEGV) in one of its libraries",
    -signal.SIGABRT: f"the reader gave up (SIGABRT), as its libraries do over {MAX_MEMORY // MB} MB",
}

_T = TypeVar("_T")


class ReadError(MailticketError):
    """A mail that the reader could not read: the reader died of it, or took too long."""


class _EndedError(Exception):
    """The child closed its end."""


class Reader:
    """One child, started when it is first needed. Several threads may share it; they take turns. Over the deadline it
    raises `late`."""

    def __init__(
        self,
        deadline: float = DEADLINE,
        late: type[MailticketError] = ReadError,
        languages: tuple[str, ...] = (),
    ) -> None:
        self.deadline = deadline
        self._late = late
        self._languages = languages  # the desk's: an undeclared charset is one of theirs
        self._given_up = False
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def read(self, raw: bytes) -> ParsedMail:
        """Read a mail. Raises ReadError, and the next mail meets a new child; or TemporaryError where no child can be
        started, which is not this mail's doing."""
        return self._asked([memoryview(FRAME.pack(len(raw))), memoryview(raw)], unpack)

    def verify(self, raw: bytes, records: Mapping[str, bytes], at: datetime) -> tuple[DkimPass, ...]:
        """Check a mail's DKIM signatures with the keys of `records`, as of `at`. Raises as `read` does."""
        head = pack_question(records, at)
        frame = FRAME.pack((len(head) + len(raw)) | VERIFY)
        return self._asked([memoryview(frame), memoryview(head), memoryview(raw)], unpack_answer)

    def _asked(self, question: list[memoryview], understand: Callable[[bytearray], _T]) -> _T:
        with self._lock:
            waiting = self._child is not None
            try:
                return self._ask(question, understand)
            except _EndedError:
                reason = self._end()
                if not waiting:
                    raise ReadError(reason) from None
            # It may have died before this mail came: only a fresh child's death is the mail's doing.
            try:
                return self._ask(question, understand)
            except _EndedError:
                raise ReadError(self._end()) from None

    def give_up(self) -> None:
        """Whoever waits here for an answer gets a TemporaryError instead, now and from now on. For other threads."""
        self._given_up = True
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """Let the child end; it has nothing to lose."""
        with self._lock:
            self._end()

    def _ask(self, question: list[memoryview], understand: Callable[[bytearray], _T]) -> _T:
        child = self._started()
        try:
            failed, answer = self._exchange(child, question, self.deadline)
        except TimeoutError:
            child.kill()
            self._end()
            raise self._late(f"the reader took over {self.deadline:g} s") from None
        except _EndedError:
            if self._given_up:
                self._end()
                raise TemporaryError(GIVEN_UP) from None
            raise
        if failed:
            raise ReadError(f"the reader failed: {answer.decode('utf-8', 'replace')}")
        try:
            return understand(answer)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            self._end()
            raise ReadError(f"the reader's answer made no sense: {error}") from error

    def _started(self) -> subprocess.Popen[bytes]:
        if self._given_up:
            raise TemporaryError(GIVEN_UP)
        if self._child is not None:
            return self._child
        try:
            child = self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "mailticket.reader", str(os.getpid()), *self._languages],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                close_fds=True,
                cwd="/",
                env={name: os.environ[name] for name in PASSED if name in os.environ},
            )
        except OSError as error:  # no interpreter, no memory, no descriptors
            raise TemporaryError(f"the reader cannot be started: {error}") from error
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        try:
            self._exchange(child, [], START_WITHIN)  # it says that it is there: no mail has done it any harm so far
        except TimeoutError:
            self._end()
            raise TemporaryError(f"the reader cannot be started: it took over {START_WITHIN:g} s") from None
        except _EndedError:
            raise TemporaryError(f"the reader cannot be started: {self._end()}") from None
        if self._given_up:  # meanwhile
            self._end()
            raise TemporaryError(GIVEN_UP)
        return child

    def _exchange(
        self, child: subprocess.Popen[bytes], question: list[memoryview], within: float
    ) -> tuple[bool, bytearray]:
        """Write the question and read the answer, whichever is possible: neither side can wait for the other for
        ever. The answer, and whether it says that there is none."""
        assert child.stdin is not None and child.stdout is not None  # noqa: PT018 - pipes were asked for
        end = time.monotonic() + within
        mails, answers = child.stdin.fileno(), child.stdout.fileno()
        pending = list(question)
        pipes = select.poll()
        pipes.register(answers, select.POLLIN)
        if _send(mails, pending):
            pipes.register(mails, select.POLLOUT)
        head, got = bytearray(FRAME.size), 0
        answer, failed = head, False
        while got < len(answer):
            left = end - time.monotonic()
            ready = pipes.poll(left * 1000) if left > 0 else []
            if not ready:
                raise TimeoutError
            for pipe, _ in ready:
                if pipe == answers:
                    got += _receive(answers, memoryview(answer)[got:])
                elif not _send(mails, pending):
                    pipes.unregister(mails)
            if answer is head and got == FRAME.size:
                length = FRAME.unpack(head)[0]
                failed, length = bool(length & FAILED), length & ~FAILED
                if length > MAX_FRAME * 2:
                    raise _EndedError
                answer, got = bytearray(length), 0
        return failed, answer

    def _end(self) -> str:
        """Kill and collect the child; say how it ended, had it ended by itself."""
        child, self._child = self._child, None
        if child is None:
            return "the reader had ended"
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            status = child.wait(0.1)  # one that closed its pipe is about to end by itself
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
        return ENDS.get(status) or f"the reader ended with {_name_of(status)}"


def _send(fd: int, pending: list[memoryview]) -> bool:
    """Write what the pipe takes; whether there is more."""
    try:
        while pending:
            sent = os.write(fd, pending[0][:CHUNK])
            pending[0] = pending[0][sent:]
            if not pending[0]:
                pending.pop(0)
    except BlockingIOError:
        return True
    except BrokenPipeError:
        raise _EndedError from None
    return False


def _receive(fd: int, into: memoryview) -> int:
    """Read what is there, at most what is wanted; how much that was."""
    try:
        count = os.readv(fd, [into[:CHUNK]])
    except BlockingIOError:
        return 0
    if not count:
        raise _EndedError
    return count


def _name_of(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:  # one of the real-time signals
        return f"signal {-status}"
