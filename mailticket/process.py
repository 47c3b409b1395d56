"""What a process asks of its system: to hear its signals, to end with its parent, even by SIGKILL, to be held within
bounds, and to have freed memory taken back."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_M_MMAP_THRESHOLD = -3
_LARGE = 1 << 20  # octets
LOOK_EVERY = 0.05  # seconds between looks for a signal


class Heard:
    """Whether a signal came. Its handler runs between any two lines of the main thread: with a threading.Event it would
    now and then wait for a lock that this thread itself holds, for ever."""

    def __init__(self) -> None:
        self._heard = False

    def note(self, *_: object) -> None:
        """The handler."""
        self._heard = True

    def taken(self) -> bool:
        """Has it come since this was asked last?"""
        if not self._heard:
            return False
        self._heard = False  # what comes right before this is answered, too: by whatever is done now
        return True

    def wait(self) -> bool:
        """Has it come? If not, the answer is one of LOOK_EVERY seconds later."""
        if not self._heard:
            time.sleep(LOOK_EVERY)
        return self._heard


def die_with_parent(expected_ppid: int) -> None:
    """Ask Linux to kill this process when its parent ends; end at once if that has already happened.

    The signal comes when the parent's *thread* that started us ends, so a long-lived one has to.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != expected_ppid:
        os._exit(1)


def free_large_blocks_at_once() -> None:
    """Keep glibc from raising its limit (to 32 MB) for blocks that it gives back when they are freed: of large mails
    each thread would keep holes of that size, which doubles what the process takes. Other libraries do not do so."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def confine(memory: int, files: int) -> None:
    """From here on this process may take so much more memory, open so few files, write into none, start nothing and
    leave no core. The limits are hard: it cannot lift them.

    The system does not hold root to the limit of processes.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + memory
    for what, wanted in (
        (resource.RLIMIT_AS, most),
        (resource.RLIMIT_NOFILE, files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (limit, limit))


def give_seconds(seconds: int) -> None:
    """From now on so many of the processor's, then SIGXCPU ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft, hard = int(used.ru_utime + used.ru_stime) + 1 + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
