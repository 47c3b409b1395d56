"""The log: one clear line a happening, on standard error, as the journal likes it."""

from __future__ import annotations

import logging
import os

_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _Lines(logging.Formatter):
    """`journal`: with the priority that systemd reads, and without the time, which the journal has itself."""

    def __init__(self, process: str, *, journal: bool) -> None:
        super().__init__(
            f"{process}: %(message)s" if journal else f"%(asctime)s %(levelname)-7s {process}: %(message)s"
        )
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        line = " ".join(super().format(record).splitlines())
        return f"<{_PRIORITY.get(record.levelno, 6)}>{line}" if self._journal else line


def start(process: str) -> None:
    """Log to standard error from now on; `process` is which of ours it is."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(process, journal="JOURNAL_STREAM" in os.environ))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("mail.log", "mailparser", "apscheduler", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.ERROR if noisy == "mailparser" else logging.WARNING)
