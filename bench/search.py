"""How long a search takes, and what the index costs: `python bench/search.py [--quick] [--keep DIR]`.

Made-up desks of growing size, with words as frequent as in a language (the n-th one in 1/n of the places). What is
measured is until the best twenty tickets are known; to read and print them costs the same for all queries, and is said
apart. `cold` is the first search of a connection after the database was dropped from the system's cache, with what
opening it takes: the best of three. `warm` is the median of twenty, in time of the processor: nothing is read from the
disk then. `indexing`: the whole desk, as the job does it. `written`: a ticket and its mail by `apply`, ten in a
transaction, each under its own savepoint, as the worker does: without triggers, with them, and with the index made at
once. `by mail`: what a `#search` costs before the transaction of its mail, and in it, where nobody else can write; the
best of three, in time of the processor. A search that is ended by the clock is marked.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from searching import POLICY, TEAM, message, opened  # noqa: E402 - found there

from mailticket.core.parse import parse  # noqa: E402
from mailticket.core.plan import Plan  # noqa: E402
from mailticket.core.render import Templates  # noqa: E402
from mailticket.core.search import read  # noqa: E402
from mailticket.core.types import Address, RawMail  # noqa: E402
from mailticket.store import face, inbox, index, schema_search  # noqa: E402
from mailticket.store.apply import apply  # noqa: E402
from mailticket.store.db import Db, at, open_or_create  # noqa: E402
from mailticket.store.desk import Desk  # noqa: E402
from mailticket.store.search import Found, find, said  # noqa: E402
from mailticket.templates_files import load_templates  # noqa: E402
from mailticket.worker import Worker  # noqa: E402

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SHOWN = 20
SYLLABLES = "ka ro ti ne ma lu so vi de pa ber gan tor mel sta pri kon ver el or".split()  # noqa: SIM905 - as people read it
KANJI = "印刷機故障紙請求書送料返金確認連絡先住所"
MESSAGE = """
INSERT INTO message (id, ticket, message_id, direction, from_address, from_name, "to", subject, text, html, attachments,
    at, automatic) VALUES (?, ?, ?, ?, ?, ?, '[{"address":"support@acme.example","name":"Support"}]', ?, ?, '', ?, ?, 0)
"""
TICKET = """
INSERT INTO ticket (id, subject, status, priority, department, customer, created_at, updated_at, estimate_answer_by,
    estimate_basis, labels) VALUES (?, ?, ?, 'medium', 'Acme Support', ?, ?, ?, 0, '', ?)
"""
PERSON = """
INSERT INTO person (id, key, address, name, language, open_tickets, proved, bounced, held, soft, soft_days)
VALUES (?, ?, ?, ?, '', 0, 0, '', 0, 0, 0)
"""


class Words:
    """Made-up words, the commonest first, and texts of them."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        found: dict[str, None] = {}
        while len(found) < 40_000:
            found["".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 5)))] = None
        self.known = list(found)
        self._weights = list(itertools.accumulate(1 / (n + 2) for n in range(len(found))))

    def text(self, shortest: int, longest: int) -> str:
        count = self._random.randint(shortest, longest)
        return " ".join(self._random.choices(self.known, cum_weights=self._weights, k=count))

    def japanese(self) -> str:
        return "".join(self._random.choices(KANJI, k=60))


WORDS = Words()
COMMON, USUAL, SELDOM, RARE = (WORDS.known[n] for n in (0, 30, 1000, 9000))
QUERIES = {
    "a rare word": RARE,
    "two words": f"{SELDOM} {USUAL}",
    "the commonest word": COMMON,
    "the three commonest words": " ".join(WORDS.known[:3]),
    "a rare one and those three": f"{RARE} {' '.join(WORDS.known[:3])}",
    "a phrase of common words": f'"{WORDS.known[0]} {WORDS.known[1]}"',
    "the beginning of words": f"{SELDOM[:5]}*",
    "a common word, another not": f"{USUAL} -{WORDS.known[40]}",
    "a common word, the commonest not": f"{USUAL} -{COMMON}",
    "who, and a word": f"from:c77@customer.example {USUAL}",
    "a label and a status": "label:vip status:open",
    "a word in the last week": f"{USUAL} after:7d",
    "Japanese": "故障",
    "a number": "123",
    "what is nowhere": "nowhere",
}
BEGINNINGS = list(dict.fromkeys(word[:3] for word in WORDS.known))[:20]
BY_MAIL = {
    "a rare word": RARE,
    "two words": f"{SELDOM} {USUAL}",
    "the twenty commonest words": " ".join(WORDS.known[:20]),
    "twenty beginnings of words": " ".join(f"{one}*" for one in BEGINNINGS),
    "ten beginnings, ten words not": " ".join(
        [*(f"{one}*" for one in BEGINNINGS[:10]), *(f"-{word}" for word in WORDS.known[300:310])]
    ),
    "twenty beginnings that are nowhere": " ".join(f"-{one}*" for one in BEGINNINGS),
}


def fill(db: Db, messages: int) -> None:
    """Two and a half messages a ticket, one in twenty Japanese, one in five with a file, over three years."""
    chance, tickets = random.Random(3), messages * 2 // 5
    begun, step = NOW - timedelta(days=1000), timedelta(days=1000) / messages
    with db.write():
        for n in range(1, 501):
            db.execute(PERSON, (n, f"c{n}@customer.example", f"c{n}@customer.example", WORDS.text(2, 2).title()))
        for n in range(1, tickets + 1):
            status = "open" if n > tickets - 300 else "closed"
            labels = json.dumps(["vip"] if n % 50 == 0 else [])
            then = at(begun + step * (n * 5 // 2))
            db.execute(TICKET, (n, WORDS.text(3, 7), status, n % 500 + 1, then, then, labels))
    for start in range(1, messages + 1, 1000):
        with db.write():
            for n in range(start, min(start + 1000, messages + 1)):
                ticket = max(1, min(tickets, n * 2 // 5 - chance.randint(0, 20)))
                text = WORDS.japanese() if n % 20 == 0 else WORDS.text(20, 150)
                files = json.dumps([{"filename": f"{WORDS.text(2, 2)}.pdf"}] if n % 5 == 0 else [])
                who = f"c{ticket % 500 + 1}@customer.example"
                values = (
                    n,
                    ticket,
                    f"<{n}@x>",
                    "inbound",
                    who,
                    "",
                    WORDS.text(3, 7),
                    text,
                    files,
                    at(begun + step * n),
                )
                db.execute(MESSAGE, values)


def searched(db: Db, typed: str) -> list[Found]:
    return find(db, read(typed, POLICY, NOW), limit=SHOWN)


def shown(db: Db) -> float:
    """Milliseconds until the tickets that were found are read as the command line prints them."""
    query, found = read(USUAL, POLICY, NOW), searched(db, USUAL)
    began = time.process_time()
    rows = list(face.these(db, [one.ticket for one in found], prefix="ACME"))
    told = [said(db, one, query) for one in found]
    assert len(rows) == len(told) == SHOWN
    return (time.process_time() - began) * 1000


def cold(path: Path, typed: str) -> float:
    """Milliseconds."""
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)
    began = time.perf_counter()
    with Db(path) as db:
        searched(db, typed)
        return (time.perf_counter() - began) * 1000


def warm(db: Db, typed: str) -> float:
    taken = []
    searched(db, typed)
    for _ in range(20):
        began = time.process_time()
        searched(db, typed)
        taken.append((time.process_time() - began) * 1000)
    return statistics.median(taken)


def by_mail(db: Db, typed: str) -> str:
    """Milliseconds before the transaction and in it, as a table has them."""
    agent = POLICY.agents[0].address
    head = f"From: {agent}\r\nTo: {TEAM.address}\r\nSubject: Hello\r\n"
    worker = Worker(Desk(db, POLICY, Templates(load_templates()), lambda: NOW, "bench"), parse)
    before, within, ended = [], [], False
    for _ in range(3):
        raw = f"{head}Message-ID: <{time.time_ns()}@x>\r\n\r\n#search {typed}\r\n".encode()
        inbox.accept(db, [RawMail(raw, agent, (TEAM.address,), "smtp", NOW, auth=agent)])
        (claimed,) = worker.claim()
        began = time.process_time()
        item = worker.read(claimed)
        read_at = time.process_time()
        worker.work([item])
        before.append((read_at - began) * 1000)
        within.append((time.process_time() - read_at) * 1000)
        (listed,) = item.ahead.found.values() if item.ahead else ()
        ended = ended or listed.given_up
    return f"{min(before):.0f}{' (ended)' if ended else ''} | {min(within):.0f}"


def desk(folder: Path, messages: int) -> dict[str, tuple[int, float, float]]:
    """A desk of that size, and of each query: how many tickets have it, cold, warm."""
    path = folder / f"{messages}.db"
    made = path.exists()
    with open_or_create(path) as db:
        if not made:
            fill(db, messages)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before, began = path.stat().st_size, time.process_time()
        index.catch_up(db, 1e9)
        taken = time.process_time() - began
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = (path.stat().st_size - before) / 1e6
        words = db.execute("SELECT sum(length(text)) FROM message").fetchone()[0] / 1e6
        told = "made before" if made else f"indexing {taken * 1000 / messages:.2f} ms a message, {size:.1f} MB"
        print(
            f"{messages:,} messages, {words:.1f} MB of words: {told}; {SHOWN} tickets are read in {shown(db):.0f} ms.",
            flush=True,
        )
    measured: dict[str, tuple[int, float, float]] = {}
    for name, typed in QUERIES.items():
        first = min(cold(path, typed) for _ in range(3))
        with open_or_create(path) as db:
            quick = warm(db, typed)
            measured[name] = (len(find(db, read(typed, POLICY, NOW))), first, quick)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"The most memory that this process had so far: {memory:.0f} MB.", flush=True)
    return measured


def written(folder: Path, count: int, how: str) -> float:
    """Milliseconds a ticket with its mail."""
    customer = Address("c@customer.example", "Customer")
    texts = [WORDS.text(20, 150) for _ in range(count)]
    with open_or_create(folder / f"{how}.db") as db:
        if how == "without":
            for name in schema_search.TRIGGERS:
                db.execute(f"DROP TRIGGER search_{name}")
        began = time.process_time()
        for start in range(0, count, 10):
            with db.write():
                for n in range(start, start + 10):
                    with db.savepoint():
                        plan = Plan(
                            changes=(opened(n + 1, texts[n][:40], customer),),
                            messages=(message(n + 1, texts[n], customer),),
                        )
                        apply(db, plan, NOW)
                        if how == "at once":
                            index.index_some(db)
        return (time.process_time() - began) * 1000 / count


def main() -> None:
    options: Any = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="up to 10 000 messages")
    options.add_argument("--keep", type=Path, metavar="DIR", help="leave the desks there, for a next time")
    wanted = options.parse_args()
    sizes = (1_000, 10_000) if wanted.quick else (1_000, 10_000, 100_000)
    print(f"`python bench/search.py{' --quick' if wanted.quick else ''}`, {date.today()}, {os.cpu_count()} cores,")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}.\n")
    with tempfile.TemporaryDirectory(prefix="mailticket-bench-") as name:
        folder = Path(name)
        rates = {
            how: min(written(folder / f"{n}", 500, how) for n in _folders(folder, how))
            for how in ("without", "with", "at once")
        }
        print("written, ms a ticket: " + ", ".join(f"{how} {rate:.2f}" for how, rate in rates.items()), flush=True)
        found = {size: desk(wanted.keep or folder, size) for size in sizes}
        with open_or_create((wanted.keep or folder) / f"{sizes[-1]}.db") as db:
            mailed = {query: by_mail(db, typed) for query, typed in BY_MAIL.items()}
    print("\n| query | tickets | " + " | ".join(f"{size:,}: cold | warm" for size in sizes) + " | growth |")
    print("|---" * (2 * len(sizes) + 3) + "|")
    for query in QUERIES:
        times = [f"{found[size][query][1]:.1f} | {found[size][query][2]:.1f}" for size in sizes]
        least, most = found[sizes[0]][query], found[sizes[-1]][query]
        print(f"| {query} | {most[0]:,} | {' | '.join(times)} | {most[2] / least[2]:.1f} |")
    print(f"\n| by mail, {sizes[-1]:,} messages | before | in the transaction |\n|---|---|---|")
    for query, taken in mailed.items():
        print(f"| {query} | {taken} |")


def _folders(folder: Path, how: str) -> list[str]:
    names = [f"{how}-{n}" for n in range(3)]
    for name in names:
        (folder / name).mkdir()
    return names


if __name__ == "__main__":
    main()
