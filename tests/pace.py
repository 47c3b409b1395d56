"""Limits of time that mean the same on a machine that has other things to do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

SPIN = 0.2  # seconds


@contextlib.contextmanager
def busy_under(seconds: float) -> Iterator[None]:
    """What this process computes meanwhile takes less. It decorates a test, too."""
    began = time.process_time()
    yield
    took = time.process_time() - began
    assert took < seconds, f"{took:.2f} s of the processor"


def slowed() -> float:
    """How many times as long as on a quiet machine something takes now: 1.0 where nobody else wants the processors."""
    began, computed = time.monotonic(), time.thread_time()
    while time.thread_time() - computed < SPIN:
        pass
    return max(1.0, (time.monotonic() - began) / SPIN)
