"""How fast mail comes in and tickets come out: `python bench/ingest.py [--quick] [--load DIR]`.

The real daemon beside aiosmtpd with a null handler, in the same run and on the same machine as client and sink.
`accepted`: mails that got their 250, a second, while the whole job runs. `whole job`: mails whose acknowledgement and
assignment were both handed over, a second, from the first mail to the last hand-over; `steady`: the middle half of
them. `p50`, `p99`: from a mail's last octet (just before its 250) to the moment when the result of its second
hand-over was about to be written, at half the rate of the whole job.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import smtplib
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from daemon import ADDRESS, Daemon, until  # noqa: E402 - found there
from tools import Memory, Sink, Tools, fsyncs, null_server  # noqa: E402

from mailticket import config  # noqa: E402
from mailticket.core.parse import parse  # noqa: E402
from mailticket.core.render import Templates  # noqa: E402
from mailticket.core.types import RawMail  # noqa: E402
from mailticket.store import inbox  # noqa: E402
from mailticket.store.db import open_or_create  # noqa: E402
from mailticket.store.desk import Desk  # noqa: E402
from mailticket.templates_files import load_templates  # noqa: E402
from mailticket.worker import Worker  # noqa: E402

# A mail is done when the last of what it caused was handed over.
DONE = """
SELECT i.received_at, max(o.sent_at) FROM inbox i JOIN outbox o ON o.ticket = i.ticket
WHERE i.id > ? GROUP BY i.id HAVING count(*) = 2 AND count(o.sent_at) = 2 ORDER BY 2
"""


@dataclass
class Plan:
    """How much is measured: mails a run by corpus, seconds of half load, tickets in the filled database."""

    mails: dict[str, int]
    seconds: float
    filled: int
    connections: tuple[int, ...]


FULL = Plan({"small": 4000, "mixed": 1500}, 15.0, 10_000, (1, 10, 50))
QUICK = Plan({"small": 1000, "mixed": 400}, 4.0, 1_000, (1, 50))


@dataclass
class Figures:
    """Of one run: mails a second."""

    accepted: float
    whole: float
    steady: float
    rss: float
    pss: float
    parts: str


class Bench:
    def __init__(self, tools: Tools, folder: Path, plan: Plan) -> None:
        self.tools = tools
        self.folder = folder
        self.plan = plan
        self.filled: Path | None = None
        self._runs = 0

    def null(self, corpus: str, connections: int) -> float:
        with null_server() as server:
            return self.tools.blast(corpus, server.port, connections=connections, count=self.plan.mails[corpus])

    def whole_job(self, corpus: str, connections: int, *, filled: bool) -> Figures:
        """Everything at once: as fast as the door takes it."""
        count = self.plan.mails[corpus]
        with Sink(self.tools) as sink, self._daemon(sink.port, filled=filled) as daemon:
            before = self._start(daemon, sink)
            with Memory(daemon.pids) as memory:
                accepted = self.tools.blast(corpus, daemon.port, connections=connections, count=count, base=1000)
                times = self._finished(daemon, sink, before, count)
            daemon.stop()
        began, done = min(t[0] for t in times), [t[1] for t in times]
        a, b = count // 4, count * 3 // 4
        steady = (b - a) / (done[b] - done[a]) * 1e6
        return Figures(accepted, count / (done[-1] - began) * 1e6, steady, memory.rss, memory.pss, memory.parts)

    def latency(self, corpus: str, rate: float, *, filled: bool) -> tuple[float, float]:
        """p50 and p99 in ms, with so many mails a second."""
        letters = self.tools.letters(corpus)
        count = int(rate * self.plan.seconds)
        with Sink(self.tools) as sink, self._daemon(sink.port, filled=filled) as daemon:
            before = self._start(daemon, sink)
            with smtplib.SMTP("127.0.0.1", daemon.port) as client:
                began = time.monotonic()
                for n in range(count):
                    time.sleep(max(0.0, began + n / rate - time.monotonic()))
                    client.sendmail("sender@customer.example", [ADDRESS], unique(letters[n % len(letters)], n))
            times = self._finished(daemon, sink, before, count)
            daemon.stop()
        waited = sorted((t[1] - t[0]) / 1000 for t in times)
        return waited[len(waited) // 2], waited[int(len(waited) * 0.99)]

    def fill(self) -> None:
        """A database with that many tickets, made by what makes them, without the mail server."""
        folder = self.folder / "filled"
        folder.mkdir()
        settings = config.load(Daemon(folder, 25).config, os.environ, date.today())
        letters = self.tools.letters("small")
        with open_or_create(settings.database) as db:
            templates = Templates(load_templates())
            worker = Worker(Desk(db, settings.policy, templates, lambda: datetime.now(UTC), "bench"), parse)
            for start in range(0, self.plan.filled, 100):
                now = datetime.now(UTC)
                mails = [unique(letters[n % len(letters)], 10**7 + n) for n in range(start, start + 100)]
                inbox.accept(db, [RawMail(m, "s@cust1.example", (ADDRESS,), "smtp", now, "127.0.0.1") for m in mails])
                while worker.step():
                    pass
            with db.write():
                db.execute("UPDATE outbox SET state = 'sent', sent_at = created_at")
        self.filled = settings.database

    def _daemon(self, delivery: int, *, filled: bool) -> Daemon:
        self._runs += 1
        folder = self.folder / f"run{self._runs}"
        folder.mkdir()
        if filled:
            if self.filled is None:
                self.fill()
            assert self.filled is not None
            shutil.copy(self.filled, folder)
        return Daemon(folder, delivery)

    def _start(self, daemon: Daemon, sink: Sink) -> int:
        """Started and warm: one mail has gone all the way. The last inbox id before the measuring begins."""
        daemon.start()
        with smtplib.SMTP("127.0.0.1", daemon.port) as client:
            client.sendmail("s@cust1.example", [ADDRESS], unique(self.tools.letters("small")[0], 10**8))
        until(lambda: sink.taken() == 2, 20, "the first mail is not answered")
        time.sleep(0.3)
        with sqlite3.connect(daemon.folder / "mailticket.db") as db:
            return int(db.execute("SELECT max(id) FROM inbox").fetchone()[0])

    def _finished(self, daemon: Daemon, sink: Sink, before: int, count: int) -> list[tuple[int, int]]:
        """(received, done) of each mail in microseconds, in the order in which they were done."""
        # The sink counts in shared memory: looking there takes no lock of the database.
        until(lambda: sink.taken() >= 2 + 2 * count, 300, lambda: f"only {sink.taken()} mails came out")
        time.sleep(0.5)
        with sqlite3.connect(daemon.folder / "mailticket.db") as db:
            found = db.execute(DONE, (before,)).fetchall()
        if len(found) != count:
            sys.exit(f"bench: {len(found)} of {count} mails were ticketed and answered; see {daemon.log}")
        return found


def unique(letter: bytes, number: int) -> bytes:
    """The letter with a Message-ID of its own."""
    return letter.replace(b"Message-ID: <", b"Message-ID: <%d." % number, 1)


def table(bench: Bench, corpus: str) -> None:
    """One corpus: each number of connections with an empty and a filled database."""
    print(f"\n{corpus}, {fsyncs(bench.folder):.0f} fsyncs/s:\n")
    print("| connections | tickets before | null | accepted | of null | whole job | steady | RSS MB | PSS MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    wholes: dict[bool, list[float]] = {False: [], True: []}
    parts = ""
    for connections in bench.plan.connections:
        for filled in (False, True):
            null = bench.null(corpus, connections)
            got = bench.whole_job(corpus, connections, filled=filled)
            wholes[filled].append(got.whole)
            parts = got.parts
            before = bench.plan.filled if filled else 0
            print(
                f"| {connections} | {before} | {null:.0f} | {got.accepted:.0f} | {got.accepted / null:.2f} "
                f"| {got.whole:.0f} | {got.steady:.0f} | {got.rss:.0f} | {got.pss:.0f} |",
                flush=True,
            )
    print(f"\nRSS of each process in the last run, MB: {parts}.\n")
    for filled, rates in wholes.items():
        rate = sorted(rates)[len(rates) // 2] / 2
        p50, p99 = bench.latency(corpus, rate, filled=filled)
        before = bench.plan.filled if filled else 0
        print(f"At half load ({rate:.0f}/s, {before} tickets before): p50 {p50:.0f} ms, p99 {p99:.0f} ms.", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="about a minute, instead of less than ten")
    options.add_argument("--load", type=Path, default=HERE.parent.parent / "shared" / "load", metavar="DIR")
    options.add_argument("--corpus", choices=("small", "mixed"), action="append", help="only this one")
    wanted = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mailticket-bench-") as folder:
        bench = Bench(Tools(wanted.load, Path(folder)), Path(folder), QUICK if wanted.quick else FULL)
        command = " ".join(["python", "bench/ingest.py", *sys.argv[1:]])
        print(f"`{command}`, {date.today()}, {os.cpu_count()} cores shared by client, daemon and sink,")
        print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}. Messages a second:")
        for corpus in wanted.corpus or ("small", "mixed"):
            table(bench, corpus)
    print(f"\n{time.monotonic() - began:.0f} s in all.")


if __name__ == "__main__":
    main()
