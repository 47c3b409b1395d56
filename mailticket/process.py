"""What a process asks of its system: to end with its parent, even by SIGKILL, and to have freed memory taken back."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_M_MMAP_THRESHOLD = -3
_LARGE = 1 << 20  # octets


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
