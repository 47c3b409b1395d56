"""Killing the daemon's processes at random moments under load, and counting afterwards what was lost or doubled.

`Load` is what mail servers do; `Crashes` kills; `verdict` counts. Used by test_kill.py, test_imap_crashes.py and
bench/crash.py.
"""

from __future__ import annotations

import random
import signal
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from daemon import ADDRESS, PARTS, Daemon, alive, kill, until
from fakes.countingsink import CountingSink, Kept

from mailticket.store import inbox
from mailticket.store.db import Db
from mailticket.supervisor import LONGEST_PAUSE

VICTIMS = ("door", "desk", "reader", "run", "all")
CONNECTIONS = 2  # that the sender keeps: each may repeat one mail after a crash
AHEAD = 400  # mails that are not worked off
MAILS_EACH = 2  # that the desk sends: to the customer, and to an agent
LISTENS_WITHIN = 2.0  # seconds from the start
ORPHANS_END_WITHIN = 1.0
MAIL = """\
Message-ID: <{name}@customer.example>\r
Date: Sun, 22 Nov 2026 10:00:00 +0000\r
From: Customer {name} <{name}@customer.example>\r
To: <{to}>\r
Subject: It does not work ({name})\r
\r
Hello,\r
\r
since this morning number {name} does nothing.\r
{padding}\r
"""


def letter(name: str, size: int = 500) -> bytes:
    return MAIL.format(name=name, to=ADDRESS, padding="All was well before.\r\n" * (size // 22)).encode()


class Load:
    """Clients that send one mail after another, each again and again until it got its 250, as mail servers do. They are
    never far ahead of what the desk has `kept` sent: on a busy machine the queue would grow and grow."""

    def __init__(self, port: int, kept: list[Kept], *, clients: int = 3, pause: float = 0.02) -> None:
        self._port = port
        self._kept = kept
        self._pause = pause
        self._stopping = threading.Event()
        self.accepted: set[str] = set()  # adding is atomic
        self.repeats = 0
        self._threads = [threading.Thread(target=self._send_on, args=(n,), daemon=True) for n in range(clients)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Each client ends with the mail that it has in hand, once that is accepted."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a client's mail is not accepted"

    def _send_on(self, client: int) -> None:
        server: smtplib.SMTP | None = None
        number = 0
        while not self._stopping.wait(self._pause):
            if len(self.accepted) - len(self._kept) / MAILS_EACH > AHEAD:
                continue
            number += 1
            name = f"c{client}n{number}"
            while True:
                try:
                    server = server or smtplib.SMTP("127.0.0.1", self._port, timeout=20)
                    server.sendmail(f"{name}@customer.example", [ADDRESS], letter(name))
                    break
                except (OSError, smtplib.SMTPException):  # refused, cut off or put off: it comes again
                    self.repeats += 1
                    if server:
                        server.close()
                    server = None
                    time.sleep(0.1)
            self.accepted.add(name)
        if server:
            server.close()


@dataclass
class Crashes:
    """Kills a random part of a daemon at a random moment, and waits until it is whole again."""

    daemon: Daemon
    chance: random.Random
    victims: Sequence[str] = VICTIMS
    counts: Counter[str] = field(default_factory=Counter)
    starts: list[float] = field(default_factory=list)  # seconds until it listened
    orphans: list[float] = field(default_factory=list)  # seconds until the last one was gone

    def start(self) -> None:
        self.starts.append(self.daemon.start())

    def round(self) -> str:
        time.sleep(self.chance.uniform(0.2, 1.8))
        victim = self.chance.choice(self.victims)
        self.strike(victim)
        return victim

    def strike(self, victim: str) -> None:
        family = self.daemon.pids()
        while victim not in {"all", *family}:  # the reader comes with the first mail
            time.sleep(0.02)
            family = self.daemon.pids()
        self.counts[victim] += 1
        if victim in {"run", "all"}:
            self._end(list(family.values()) if victim == "all" else [family["run"]], family)
            self.start()
        else:
            kill([family[victim]])
            pid = family[victim]
            # One that is killed again and again within seconds is started after ever longer pauses.
            until(lambda: self.daemon.pid(victim) not in {None, pid}, LONGEST_PAUSE + 20, f"no new {victim}")

    def _end(self, pids: list[int], family: dict[str, int]) -> None:
        process = self.daemon.process
        assert process is not None
        kill(pids)
        assert process.wait(5) == -signal.SIGKILL
        others = [family[part] for part in PARTS if part in family]
        self.orphans.append(until(lambda: not any(alive(pid) for pid in others), 10, "orphans stay", pause=0.01))

    def repeats_allowed(self) -> int:
        """How many mails the sink may see twice: one for each connection that a crash of the desk cut."""
        return CONNECTIONS * (self.counts["desk"] + self.counts["run"] + self.counts["all"])


def drain(db: Db, seconds: float) -> float:
    """Wait until all that was accepted is worked on and sent; how long that took."""

    def waiting() -> dict[str, int]:
        queued = "SELECT count(*) FROM {} WHERE state = 'queued'"
        return {table: _values(db, queued.format(table))[0] for table in ("inbox", "outbox")}

    return until(lambda: not any(waiting().values()), seconds, lambda: f"still queued: {waiting()}", pause=0.2)


OUR_KILLS = ("the desk died %", "the reader ended with signal 9%")


def put_back(db: Db) -> int:
    """A mail that was in work at three kills is in quarantine, as it should be: nobody knows that it is innocent. Do
    what the admin would, `inbox retry`; how many there were. One that has any other reason stays where it is."""
    sql = "SELECT id FROM inbox WHERE state = 'quarantined' AND (reason LIKE '{}' OR reason LIKE '{}')"
    killed = _values(db, sql.format(*OUR_KILLS))
    assert [word for _, word in inbox.retry(db, killed, datetime.now(UTC))] == ["queued"] * len(killed)
    return len(killed)


def verdict(db: Db, accepted: set[str], kept: list[Kept], notices: int = 0) -> int:
    """Fails unless accepted = ticketed once = acknowledged and assigned once = delivered; how many mails came twice.

    Call it when all is drained. There may be `notices`: of what was in quarantine before somebody put it back.
    """
    wanted = {f"<{name}@customer.example>" for name in accepted}
    left = _values(db, "SELECT id || ': ' || state || ': ' || reason FROM inbox WHERE state != 'done'")
    assert not left, f"not done: {left}"
    for told, sql in (
        ("in the inbox", "SELECT message_id FROM inbox"),
        ("a ticket's first message", "SELECT message_id FROM message WHERE direction = 'inbound'"),
        ("a ticket with an acknowledgement", _OF_TICKETS.format("acknowledgement")),
        ("a ticket with an assignment", _OF_TICKETS.format("assignment")),
    ):
        found = Counter(_values(db, sql))
        assert set(found) == wanted, f"not {told}: {wanted - set(found)}; unasked: {set(found) - wanted}"
        assert set(found.values()) <= {1}, f"more than once {told}: {[k for k, n in found.items() if n > 1]}"
    assert _values(db, "SELECT count(*) FROM ticket") == [len(wanted)]
    kinds = Counter(_values(db, "SELECT kind FROM outbox"))
    assert kinds.pop("notice", 0) <= notices
    assert kinds == {"acknowledgement": len(wanted), "assignment": len(wanted)}
    sent = Counter(k.message_id for k in kept)
    ours = set(_values(db, "SELECT message_id FROM outbox WHERE state = 'sent'"))
    assert set(sent) == ours, f"never delivered: {ours - set(sent)}; not ours: {set(sent) - ours}"
    assert len(set(kept)) == len(sent), "a repeat went to somebody else"
    return len(kept) - len(sent)


_OF_TICKETS = (
    "SELECT m.message_id FROM outbox o JOIN message m ON m.ticket = o.ticket AND m.direction = 'inbound' "
    "WHERE o.kind = '{}'"
)


def _values(db: Db, sql: str) -> list:
    return [row[0] for row in db.execute(sql).fetchall()]


@dataclass
class Course:
    """What a whole run gave."""

    mails: int
    counts: Counter[str]
    starts: list[float]
    orphans: list[float]
    came_twice: int
    twice_allowed: int
    client_repeats: int
    drained: float
    exit_status: int
    retried: int  # mails that three kills had hit, put back from the quarantine


def course(
    daemon: Daemon, sink: CountingSink, rounds: int, seed: int, *, victims=VICTIMS, told=lambda _line: None
) -> Course:
    """So many crashes under load, then quiet, then the verdict."""
    crashes = Crashes(daemon, random.Random(seed), victims)
    crashes.start()
    load = Load(daemon.port, sink.kept)
    load.start()
    for number in range(rounds):
        victim = crashes.round()
        told(f"{number + 1}: {victim}, {len(load.accepted)} accepted")
    load.stop()
    with daemon.database() as db:
        drained = drain(db, 60)
        retried = put_back(db)
        drain(db, 60)
        came_twice = verdict(db, load.accepted, sink.kept, notices=min(retried, 1))
    allowed = crashes.repeats_allowed()
    mails = len(load.accepted)
    counts, starts, orphans = crashes.counts, crashes.starts, crashes.orphans
    status = daemon.stop()
    return Course(mails, counts, starts, orphans, came_twice, allowed, load.repeats, drained, status, retried)


def check(gave: Course) -> None:
    assert gave.came_twice <= gave.twice_allowed
    assert gave.exit_status == 0


def check_times(gave: Course, slowed: float = 1.0) -> None:
    """The promises that are seconds, on a machine that is `slowed` by others."""
    assert median(gave.starts) < LISTENS_WITHIN * slowed
    assert max(gave.starts) < 3 * LISTENS_WITHIN * slowed, "even where tests and load share few processors"
    assert max(gave.orphans, default=0) < ORPHANS_END_WITHIN * slowed
