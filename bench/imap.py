"""How fast a mailbox is read: `python bench/imap.py [--quick] [--load DIR]`, as root, with Debian's Dovecot.

A private Dovecot on loopback, the real daemon that moves what it has (`after = "move:Archive"`), client and sink on the
same machine. `bare`: messages a second that imapclient alone searches, fetches and moves, one by one and 50 at once,
storing nothing; measured before and after ours, and the mean is shown. `mailticket`: from before the connection until
all are in the inbox, safe on the disk, and the mailbox is empty, while the desk works on them. `ticketed`: until each
has a ticket and two mails in the outbox. `alone`: as `mailticket`, in a process that does nothing but read the mailbox.
`desk` is the most that the desk's process held, with all that it does; `thread` how much more than before that other
one held.

Dovecot itself says half a second after a delivery that something has come. Delays are those of four mailboxes in turn.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
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
[imap.{name}]
host = "127.0.0.1"
port = {port}
tls = "none"
username = "{user}"
password = "{password}"
after = "{after}"
since = "{since}"
department = "Support"
max_message_size = "60 MB"
"""
MOVED = {"after": "move:Archive", "since": "all"}
LEFT = {"after": "seen", "since": "now"}  # what has been moved before it heard of it another client never hears of
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
    desk: float
    alone: float
    thread: float


class Bench:
    def __init__(self, tools: Tools, folder: Path, dovecot: ImapDovecot) -> None:
        self.tools = tools
        self.folder = folder
        self.dovecot = dovecot
        self._users = iter(dovecot.users)
        self._runs = 0

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
        with Sink(self.tools) as sink, self.daemon(sink, {"main": user}, MOVED) as daemon:
            daemon.launch()
            until(lambda: states(daemon), 60, daemon.logged, pause=0.005)
            emptied = until(lambda: self.dovecot.count(user) == 0, 600, daemon.logged, pause=0.005)
            done = emptied + until(lambda: ticketed(daemon) == len(mails), 600, daemon.logged)
            lines = Path(f"/proc/{daemon.pids()['desk']}/status").read_text().splitlines()
            peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
            daemon.stop()
        return Figures(len(mails) / emptied, len(mails) / done, peak, *self._alone(mails))

    def _alone(self, mails: list[bytes]) -> tuple[float, float]:
        """Mails a second, and MB."""
        user = self._filled(mails)
        with Sink(self.tools) as sink, self.daemon(sink, {"main": user}, MOVED) as daemon:
            command = [sys.executable, str(HERE / "imap_thread.py"), str(daemon.config)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as alone:
                until(lambda: states(daemon), 60, "it does not begin", pause=0.005)
                took = until(lambda: self.dovecot.count(user) == 0, 600, "the mailbox never was empty", pause=0.005)
                said, _ = alone.communicate()
        before, peak = map(float, said.split())
        return len(mails) / took, peak - before

    def delays(self, letter: bytes, count: int) -> tuple[list[float], list[float]]:
        """Milliseconds until each mail was in the inbox: from LMTP's 250, and from EXISTS at another client."""
        users = [next(self._users) for _ in range(4)]
        chance = random.Random(7)
        delivered, told = [], []
        with Sink(self.tools) as sink, self.daemon(sink, {user: user for user in users}, LEFT) as daemon:
            daemon.start()
            until(lambda: states(daemon) == ["watching"] * len(users), 20, daemon.logged)
            with contextlib.ExitStack() as stack:
                watchers = [stack.enter_context(Watcher(self.dovecot, user)) for user in users]
                db = stack.enter_context(database(daemon))
                for number in range(count):
                    time.sleep(chance.uniform(0, 0.3))
                    watcher = watchers[number % len(watchers)]
                    watcher.told.clear()
                    self.dovecot.deliver(unique(letter, number), watcher.user)
                    said = time.monotonic()
                    until(lambda number=number: arrived(db) > number, 20, daemon.logged, pause=0.001)
                    here = time.monotonic()
                    delivered.append((here - said) * 1000)
                    until(lambda watcher=watcher: watcher.told, 20, "the other client hears nothing")
                    told.append((here - watcher.told[0]) * 1000)
            daemon.stop()
        return sorted(delivered), sorted(told)

    def daemon(self, sink: Sink, boxes: dict[str, str], how: dict[str, str]) -> Daemon:
        """With these users' mailboxes, by the name of their table."""
        self._runs += 1
        place = self.folder / f"run{self._runs}"
        place.mkdir()
        values = {"port": self.dovecot.port, "password": self.dovecot.password, **how}
        tables = [MAILBOX.format(name=name, user=user, **values) for name, user in boxes.items()]
        return Daemon(place, sink.port, agents=AGENTS + "".join(tables))

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


@contextlib.contextmanager
def database(daemon: Daemon) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{daemon.folder}/mailticket.db?mode=ro", uri=True, timeout=20)
    try:
        yield db
    finally:
        db.close()


def arrived(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])


def states(daemon: Daemon) -> list[str]:
    """Of the mailboxes that have begun."""
    with contextlib.suppress(sqlite3.OperationalError), database(daemon) as db:  # it makes its tables just now
        return [row[0] for row in db.execute("SELECT state FROM mailbox")]
    return []


def ticketed(daemon: Daemon) -> int:
    with database(daemon) as db:
        return int(db.execute("SELECT count(*) FROM inbox WHERE state = 'done'").fetchone()[0])


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
        f"| {ours.rate / many:.2f} | {ours.ticketed:.3g} | {ours.alone:.3g} | {ours.desk:.0f} | {ours.thread:.0f} |",
        flush=True,
    )


def tables(bench: Bench, plan: Plan) -> None:
    letters = bench.tools.letters("small")
    print("| mails | bare, 1 | bare, 50 | mailticket | of the 1 | of the 50 | ticketed | alone | desk MB | thread MB |")
    print("|" + 10 * "---|", flush=True)
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
    users = [f"user{n}" for n in range(16)]
    with tempfile.TemporaryDirectory(prefix="mailticket-bench-") as folder, ImapDovecot(users) as dovecot:
        bench = Bench(Tools(wanted.load, Path(folder)), Path(folder), dovecot)
        print(f"`{' '.join(['python', 'bench/imap.py', *sys.argv[1:]])}`, {date.today()}, {os.cpu_count()} cores")
        print(f"shared by server, daemon and sink, Python {platform.python_version()}. Messages a second:\n")
        tables(bench, QUICK if wanted.quick else FULL)
    print(f"\n{time.monotonic() - began:.0f} s in all.")


if __name__ == "__main__":
    main()
