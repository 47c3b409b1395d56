"""What SIGKILL costs while mail moves through a mailbox: nothing is lost or doubled, and nothing stays there."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from crashing import Crashes, drain, letter, put_back, verdict
from daemon import AGENTS, Daemon, kill, until
from dovecot_imap import ImapDovecot
from fakes.countingsink import CountingSink

MAILS, ROUNDS = 500, 8
MAILBOX = """
[imap.main]
host = "127.0.0.1"
port = {port}
tls = "none"
username = "support"
password = "{password}"
after = "move:Archive"
since = "all"
"""
IN_HAND = "SELECT count(*) FROM folder_mail WHERE state = 'taken'"  # stored, and not moved yet as far as we know


@dataclass
class Moving:
    """A desk with a mailbox, and who kills it while mail goes through."""

    dovecot: ImapDovecot
    daemon: Daemon
    chance: random.Random
    names: set[str] = field(default_factory=set)
    caught: int = 0  # mails that a kill found between the commit and the move

    def waiting(self, count: int) -> None:
        """So many new mails are in the mailbox, all at once."""
        names = [f"n{len(self.names) + n}" for n in range(count)]
        self.dovecot.fill(letter(name) for name in names)
        self.names.update(names)

    def blow(self, crashes: Crashes, db: sqlite3.Connection) -> str:
        """Wait until mail moves, and then a moment, which may be none; the victim."""
        before = self.stored(db), self.dovecot.count()
        moves = lambda: (self.stored(db), self.dovecot.count()) != before  # noqa: E731 - what is waited for
        until(moves, 40, lambda: f"no mail moves; {self.daemon.logged()[-2000:]}", pause=0.003)
        time.sleep(self.chance.uniform(0, self.chance.choice((0.0, 0.03, 0.3))))
        victim = self.chance.choice(("desk", "desk", "desk", "all", "run"))
        if victim != "run":
            kill([self.daemon.pid("desk")], signal.SIGSTOP)  # to see where it is struck
            self.caught += db.execute(IN_HAND).fetchone()[0]
        crashes.strike(victim)
        return victim

    def stored(self, db: sqlite3.Connection) -> int:
        return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])

    def archived(self) -> Counter[str]:
        """How often each mail is in the other folder."""
        found = [re.search(rb"(?m)^Message-ID: <(\w+)@", raw) for raw in self.dovecot.messages(folder="Archive")]
        return Counter(one[1].decode() for one in found if one)


@pytest.fixture
def moving(need, tmp_path):
    need("root", "dovecot", "lmtp", "imap")
    seed = int(os.environ.get("MAILTICKET_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"MAILTICKET_SEED={seed}\n")  # pytest shows it with a failure
    with CountingSink() as sink, ImapDovecot() as dovecot:
        box = MAILBOX.format(port=dovecot.port, password=dovecot.password)
        with Daemon(tmp_path, sink.port, agents=AGENTS + box) as daemon:
            yield Moving(dovecot, daemon, random.Random(seed)), sink


@pytest.mark.timeout(240)
def test_whoever_is_killed_while_mail_is_moved_each_is_one_ticket_and_the_mailbox_is_empty(moving):
    """Some mails wait at each start, and more come while they are read. MAILTICKET_SEED repeats a run."""
    desk, sink = moving
    crashes = Crashes(desk.daemon, desk.chance)
    crashes.start()
    with desk.daemon.database() as db, sqlite3.connect(db.path, timeout=20) as watching:
        for number in range(ROUNDS):
            desk.waiting(MAILS // ROUNDS)
            victim = desk.blow(crashes, watching)
            sys.stdout.write(f"{number + 1}: {victim}, {desk.stored(watching)} of {len(desk.names)} stored\n")
        sys.stdout.write(f"{desk.caught} mails were struck between the commit and the move\n")
        desk.waiting(MAILS - len(desk.names))
        until(lambda: desk.dovecot.count() == 0, 60, lambda: f"it is not empty; {desk.daemon.logged()[-2000:]}")
        drain(db, 60)
        retried = put_back(db)
        drain(db, 60)
        came_twice = verdict(db, desk.names, sink.kept, notices=min(retried, 1))
        assert came_twice <= crashes.repeats_allowed()
        until(lambda: db.execute(IN_HAND).fetchone() == (0,), 10, "the state does not know that they were moved")
    assert desk.archived() == Counter(desk.names)
    assert desk.daemon.stop() == 0
