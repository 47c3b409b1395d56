"""Reads one mailbox until it has taken so many mails, and says what that cost: run as a process of its own.

Arguments: a folder for the database, the server's port, how many mails.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from mailboxes import Reading


def peak() -> int:
    """The most memory that this process ever had, in KiB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])


def main(folder: Path, port: int, count: int) -> None:
    reading = Reading(folder, port)
    reading.box = replace(reading.box, max_message_size=200 * 10**6)
    with reading:
        reading.is_in("watching")
        sys.stdout.write("watching\n")
        sys.stdout.flush()
        sys.stdin.readline()
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        before = peak()
        reading.has(count, 60)
        sys.stdout.write(f"{before} {peak()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
