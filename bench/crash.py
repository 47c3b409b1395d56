"""Many kills under load, and what was lost or doubled: `python bench/crash.py --rounds 1000 [--seed N]`.

The rounds of tests/test_kill.py, with figures. A thousand take about half an hour.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from crashing import Course, check, check_times, course  # noqa: E402 - found there
from daemon import Daemon  # noqa: E402
from fakes.countingsink import CountingSink  # noqa: E402


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    wanted = options.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="mailticket-crash-") as folder,
        CountingSink() as sink,
        Daemon(Path(folder), sink.port) as daemon,
    ):
        gave = course(daemon, sink, wanted.rounds, wanted.seed, told=lambda line: print(line, flush=True))
    show(gave)
    check(gave)
    check_times(gave)


def show(gave: Course) -> None:
    kills = ", ".join(f"{victim} {count}" for victim, count in sorted(gave.counts.items()))
    print(
        f"""
| | |
|---|---|
| kills | {kills} |
| mails accepted = tickets = acknowledged = assigned | {gave.mails} |
| in quarantine after three kills, put back by `inbox retry` | {gave.retried} |
| sent again with the same Message-ID | {gave.came_twice} of {gave.twice_allowed} allowed |
| seconds until it listened again (median, longest) | {median(gave.starts):.2f}, {max(gave.starts):.2f} |
| seconds until no process of the old one was left (longest) | {max(gave.orphans, default=0):.2f} |
| seconds until the queues were empty at the end | {gave.drained:.1f} |"""
    )


if __name__ == "__main__":
    main()
