"""What a process does about its parent: end when that one ends, even by SIGKILL."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def die_with_parent(expected_ppid: int) -> None:
    """Ask Linux to kill this process when its parent ends; end at once if that has already happened.

    The signal comes when the parent's *thread* that started us ends, so a long-lived one has to.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != expected_ppid:
        os._exit(1)
