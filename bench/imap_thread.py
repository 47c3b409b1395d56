"""Nothing but the thread of a mailbox: `python bench/imap_thread.py CONFIG` reads [imap.main] until its standard input
closes, and then says in MB what the process held before it began and what it held at its peak. For bench/imap.py."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from mailticket import config, service  # noqa: E402 - found there
from mailticket.intake.mailbox import Mailbox, Surroundings  # noqa: E402
from mailticket.process import free_large_blocks_at_once  # noqa: E402


def held(what: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def main() -> None:
    free_large_blocks_at_once()  # as the desk does
    settings = config.load(Path(sys.argv[1]), os.environ, date.today())
    with service.open_store(settings, create=True) as db:
        around = Surroundings(db, settings.policy, service.clock, service.chance, lambda: None)
        mailbox = Mailbox(settings.imap[0], around)
        before = held("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        mailbox.start()
        sys.stdin.read()
        mailbox.stop(time.monotonic() + 10)
        print(f"{before:.1f} {held('VmHWM'):.1f}")


if __name__ == "__main__":
    main()
