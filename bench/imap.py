"""How fast a mailbox is read: `python bench/imap.py [--quick] [--load DIR]`, as root, with Debian's Dovecot.

A private Dovecot on loopback, the real daemon with `after = "move:Archive"`, client and sink on the same machine.
`bare`: messages a second that imapclient alone searches, fetches and moves, one by one and 50 at once, storing nothing;
measured before and after ours, and the mean is shown. `mailticket`: from the first message that has left the mailbox,
safe on the disk, to the last. `ticketed`: to the last mail that has a ticket and its two mails in the outbox.
`desk`: memory of the desk's process when it waits for mail, and at its peak. `thread`: how much more than before its
first connection a process holds at its peak that does nothing but read the mailbox.
"""

from __future__ import annotations

import argparse
import base64
import os
import platform
import random
import sqlite3
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from daemon import ADDRESS, AGENTS, Daemon, until  # noqa: E402 - found there
from dovecot_imap import ImapDovecot  # noqa: E402
from imapclient import IMAPClient  # noqa: E402
from tools import Sink, Tools  # noqa: E402

MAILBOX = """
[imap.main]
host = "127.0.0.1"
port = {port}
tls = "none"
username = "{user}"
password = "{password}"
after = "move:Archive"
since = "{since}"
department = "Support"
max_message_size = "60 MB"
"""
AT_ONCE = 50  # messages that the faster yardstick fetches and moves together


@dataclass(frozen=True)
class Plan:
    small: int
    large: int
    deliveries: int


FULL = Plan(2000, 8, 200)
QUICK = Plan(500, 3, 30)
LARGE = 25_000_000  # octets of the file in it


@dataclass
class Figures:
    """Of one mailbox that was emptied by the daemon: mails a second, MB."""

    rate: float
    ticketed: float
    idle: float
    peak: float


class Bench:
    def __init__(self, tools: Tools, folder: Path, dovecot: ImapDovecot) -> None:
        self.tools = tools
        self.folder = folder
        self.dovecot = dovecot
        self._users = iter(dovecot.users)

    def bare(self, mails: list[bytes], at_once: int) -> float:
        user = self._filled(mails)
        with self.dovecot.client(user) as client:
            client._imap.debug = 0  # noqa: SLF001 - as ours does: it would write down every octet
            began = time.monotonic()
            client.select_folder("INBOX")
            client.create_folder("Archive")
            uids = client.search()
            for start in range(0, len(uids), at_once):
                some = uids[start : start + at_once]
                client.fetch(some, ["BODY.PEEK[]"])
                client.move(some, "Archive")
            return len(mails) / (time.monotonic() - began)

    def ours(self, mails: list[bytes]) -> Figures:
        user = self._filled(mails)
        with Sink(self.tools) as sink, self.daemon(sink, user, "all") as daemon:
            daemon.launch()
            first, left = self._watched(user, len(mails))
            emptied = time.monotonic()
            until(lambda: ticketed(daemon) == len(mails), 600, daemon.logged)
            done = time.monotonic()
            peak = held(daemon, "VmHWM")
            time.sleep(1)
            idle = held(daemon, "VmRSS")
            daemon.stop()
        return Figures(left / (emptied - first), left / (done - first), idle, peak)

    def _watched(self, user: str, count: int) -> tuple[float, int]:
        """When the first had left the mailbox, and how many were still there then; back when none is."""
        left = count
        while left == count:
            time.sleep(0.005)
            left = self.dovecot.count(user)
        first = time.monotonic()
        until(lambda: self.dovecot.count(user) == 0, 600, "the mailbox never was empty", pause=0.01)
        return first, left

    def delays(self, letter: bytes, count: int) -> tuple[list[float], list[float]]:
        """Milliseconds until each mail was in the inbox: from LMTP's 250, and from EXISTS at another client."""
        user = next(self._users)
        chance = random.Random(7)
        with Sink(self.tools) as sink, self.daemon(sink, user, "now") as daemon:
            daemon.start()
            with Watcher(self.dovecot, user) as watcher, database(daemon) as db:
                until(lambda: state(db) == "watching", 20, daemon.logged)
                delivered, told = [], []
                for number in range(count):
                    time.sleep(chance.uniform(0.2, 0.5))  # what went before has left, and moves are no EXISTS
                    watcher.told.clear()
                    self.dovecot.deliver(unique(letter, number), user)
                    said = time.monotonic()
                    until(lambda number=number: arrived(db) > number, 20, daemon.logged, pause=0.001)
                    here = time.monotonic()
                    delivered.append((here - said) * 1000)
                    until(lambda: watcher.told, 20, "the other client hears nothing")
                    told.append((here - watcher.told[0]) * 1000)
            daemon.stop()
        return sorted(delivered), sorted(told)

    def daemon(self, sink: Sink, user: str, since: str) -> Daemon:
        place = self.folder / user
        place.mkdir()
        return Daemon(place, sink.port, agents=AGENTS + mailbox(self.dovecot, user, since))

    def _filled(self, mails: list[bytes]) -> str:
        """The user of a mailbox with these."""
        user = next(self._users)
        self.dovecot.fill(mails, user)
        return user


@dataclass
class Watcher:
    """Another client in IDLE on the same folder."""

    dovecot: ImapDovecot
    user: str
    told: list[float] = field(default_factory=list)  # when it heard that there is something new

    def __enter__(self) -> Watcher:  # noqa: PYI034 - it is not made to be derived from
        self._client = IMAPClient("127.0.0.1", self.dovecot.port, ssl=False, timeout=20)
        self._client.login(self.user, self.dovecot.password)
        self._client.select_folder("INBOX", readonly=True)
        self._client.idle()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._client.shutdown()

    def _watch(self) -> None:
        while not self._over.is_set():
            if any(b"EXISTS" in said for said in self._client.idle_check(0.2)):
                self.told.append(time.monotonic())


def mailbox(dovecot: ImapDovecot, user: str, since: str) -> str:
    return MAILBOX.format(port=dovecot.port, user=user, password=dovecot.password, since=since)


def database(daemon: Daemon) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{daemon.folder}/mailticket.db?mode=ro", uri=True, timeout=20)


def arrived(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])


def state(db: sqlite3.Connection) -> str:
    return str((db.execute("SELECT state FROM mailbox").fetchone() or ("",))[0])


def ticketed(daemon: Daemon) -> int:
    with database(daemon) as db:
        return int(db.execute("SELECT count(*) FROM inbox WHERE state = 'done'").fetchone()[0])


def held(daemon: Daemon, what: str) -> float:
    """MB of the desk: VmRSS now, VmHWM at its peak."""
    return process_held(daemon.pids()["desk"], what)


def process_held(pid: int, what: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def unique(letter: bytes, number: int) -> bytes:
    """The letter with a Message-ID of its own."""
    return letter.replace(b"Message-ID: <", b"Message-ID: <%d." % number, 1)


def large(number: int) -> bytes:
    head = f"Message-ID: <large{number}@customer.example>\r\nFrom: Eva <eva@customer.example>\r\nTo: {ADDRESS}\r\n"
    head += "Subject: A film\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
    head += 'Content-Disposition: attachment; filename="film.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    lines = base64.encodebytes(random.Random(number).randbytes(LARGE)).replace(b"\n", b"\r\n")
    return head.encode() + lines


def row(bench: Bench, name: str, mails: list[bytes]) -> None:
    before = [bench.bare(mails, at_once) for at_once in (1, AT_ONCE)]
    ours = bench.ours(mails)
    one, many = ((a + bench.bare(mails, at_once)) / 2 for a, at_once in zip(before, (1, AT_ONCE), strict=True))
    print(
        f"| {len(mails)} {name} | {one:.3g} | {many:.3g} | {ours.rate:.3g} | {ours.rate / one:.2f} "
        f"| {ours.rate / many:.2f} | {ours.ticketed:.3g} | {ours.idle:.0f} | {ours.peak:.0f} |",
        flush=True,
    )


def tables(bench: Bench, plan: Plan) -> None:
    letters = bench.tools.letters("small")
    print("| mails | bare, 1 | bare, 50 | mailticket | of bare, 1 | of bare, 50 | ticketed | desk MB | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    row(bench, "of 3.5 KB", [unique(letters[n % len(letters)], n) for n in range(plan.small)])
    row(bench, "with 25 MB", [large(n) for n in range(plan.large)])
    print("\n| to the inbox, ms | p50 | p95 | longest |\n|---|---|---|---|")
    delivered, told = bench.delays(letters[0], plan.deliveries)
    for name, waited in (("from LMTP's 250", delivered), ("from EXISTS", told)):
        p50, p95 = (waited[int(len(waited) * part)] for part in (0.5, 0.95))
        print(f"| {name} | {p50:.0f} | {p95:.0f} | {waited[-1]:.0f} |", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="about a minute, instead of less than ten")
    options.add_argument("--load", type=Path, default=HERE.parent.parent / "shared" / "load", metavar="DIR")
    wanted = options.parse_args()
    if os.geteuid() != 0:
        sys.exit("bench: Dovecot's mailboxes are another user's: run this as root")
    began = time.monotonic()
    users = [f"user{n}" for n in range(20)]
    with tempfile.TemporaryDirectory(prefix="mailticket-bench-") as folder, ImapDovecot(users) as dovecot:
        bench = Bench(Tools(wanted.load, Path(folder)), Path(folder), dovecot)
        print(f"`{' '.join(['python', 'bench/imap.py', *sys.argv[1:]])}`, {date.today()}, {os.cpu_count()} cores")
        print(f"shared by server, daemon and sink, Python {platform.python_version()}. Messages a second:\n")
        tables(bench, QUICK if wanted.quick else FULL)
    print(f"\n{time.monotonic() - began:.0f} s in all.")


if __name__ == "__main__":
    main()
