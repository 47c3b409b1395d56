"""Whatever happens to a mailbox in whatever order: each mail that stays there is one mail in the inbox."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from daemon import until
from fakes.imapdialogue import DROP, OK, SILENCE
from fakes.imapfolder import Folder
from fakes.imapserver import ScriptedImap
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from mailboxes import MOVED, SEEN, Hurry, Reading, clock, letter

from mailticket.intake.imap import Limits

EXAMPLES = int(os.environ.get("MAILTICKET_EXAMPLES", "0"))  # 0: the same few each time, as CI wants it
AT_ONCE = Limits(connect=0.2, command=0.2, whole=1, idle=0.02)
COMMANDS = ("greeting", "AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "IDLE", "DONE", "UID MOVE", "UID STORE")
REFUSED = [command for command in COMMANDS if command not in {"greeting", "DONE"}]
ENDS = {"drop": (DROP,), "bye": (b"* BYE now\r\n", DROP), "half": (b"* 1 FETCH (UID 1 BODY[] {9", DROP)}
NAMELESS = b"From: m@customer.example\r\nSubject: alarm\r\n\r\n%d\r\n"


class MailboxMachine(RuleBasedStateMachine):
    """A mailbox that is read, what happens on its server, and which mails have to be in the inbox in the end."""

    after = MOVED

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.server = ScriptedImap()
        self.server.start()
        self.number = 0
        self.there: set[bytes] = set()  # mails that came, and that nobody has taken away
        self.taken_away: set[bytes] = set()
        self.cursed: set[bytes] = set()
        self.left = {self.mail() for _ in range(2)}
        for raw in self.left:
            self.server.arrive(raw, clock() - timedelta(days=3))
        self.reading = Reading(Path(self.folder.name), self.server.port, limits=AT_ONCE, clock=Hurry())
        self.reading.start(after=self.after, since=timedelta(0), poll=timedelta(milliseconds=20))
        self.reading.is_in("watching")

    def now(self) -> datetime:
        """The server's clock and ours are the same, and hurry."""
        return self.reading.clock()

    def mail(self) -> bytes:
        self.number += 1
        return NAMELESS % self.number if self.number % 3 == 0 else letter(self.number)

    @rule(count=st.integers(1, 60), silently=st.booleans())
    def mails_arrive(self, count, silently):
        for _ in range(count):
            raw = self.mail()
            self.there.add(raw)
            if silently:
                with self.server.lock:
                    self.server.inbox.add(raw, self.now())
            else:
                self.server.arrive(raw, self.now())

    @rule()
    def a_mail_arrives_that_cannot_be_fetched(self):
        raw = self.mail()
        self.cursed.add(raw)
        with self.server.lock:
            self.server.arrive(raw, self.now())
            self.curse()

    def curse(self) -> None:
        """Under the number that it has now."""
        with self.server.lock:
            self.server._script[:] = [line for line in self.server._script if not line[2]]
            for uid, kept in self.server.inbox.messages.items():
                if kept.raw in self.cursed:
                    self.server.say(rf"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", b"{tag} NO cursed\r\n", always=True)

    @rule(command=st.sampled_from(COMMANDS), how=st.sampled_from(sorted(ENDS)))
    def the_connection_ends_at_some_command(self, command, how):
        self.server.say(command, *ENDS[how])

    @rule(command=st.sampled_from(REFUSED))
    def some_command_is_refused(self, command):
        self.server.say(command, b"{tag} NO [INUSE] not now\r\n")

    @rule()
    def some_command_is_not_answered(self):
        self.server.say("UID ", SILENCE)

    @rule()
    def nothing_is_handed_out_once(self):
        self.server.say("UID FETCH", OK)

    @rule(seconds=st.sampled_from([0.001, 0.01, 0.05]))
    def a_moment_passes(self, seconds):
        time.sleep(seconds)

    @rule()
    def all_connections_break(self):
        self.server.hang_up()

    @rule()
    def the_desk_ends_and_begins(self):
        self.reading.stop()
        self.reading.start()

    @rule()
    def the_desk_ends_while_it_touches_mails(self):
        """Between the commit and the policy, if there is something to be done."""
        self.server.say("UID MOVE|UID STORE", SILENCE)
        self.mails_arrive(3, silently=False)
        self.reading.stop()
        self.reading.start()

    @rule(backwards=st.booleans())
    def the_server_counts_anew(self, backwards):
        with self.server.lock:
            old = self.server.inbox
            self.server.folders["INBOX"] = new = Folder(old.uidvalidity + 1)
            kept = list(old.messages.values())
            for one in reversed(kept) if backwards else kept:
                new.add(one.raw, one.at, one.flags)
            self.curse()
        self.server.hang_up()

    @precondition(lambda self: self.there)
    @rule(number=st.integers(0, 5))
    def another_client_takes_a_mail_away(self, number):
        with self.server.lock:
            folder = self.server.inbox
            here = [uid for uid, kept in folder.messages.items() if kept.raw in self.there]
            for uid in here[number : number + 1]:
                self.taken_away.add(folder.messages[uid].raw)
                folder.expunge([uid])

    @rule(trouble=st.booleans())
    def the_database_takes_nothing_for_a_while(self, trouble):
        if trouble:
            self.reading.take_all()
            self.reading.refuse("%", for_now=True)
        else:
            self.reading.take_all()

    def teardown(self) -> None:
        try:
            self.settled()
        finally:
            self.reading.stop()
            self.reading.db.close()
            self.reading.db.lock.close()
            self.server.stop()
            self.folder.cleanup()

    def settled(self) -> None:
        """So long that nothing is left to do; what was to go wrong does so once, where it comes to that."""
        self.reading.take_all()
        self.mails_arrive(1, silently=False)
        self.server.hang_up()
        wanted = self.there - self.taken_away
        until(lambda: wanted <= set(self.stored()) and not self.reading.open(), 20, self.differs, pause=0.005)
        until(lambda: self.reading.status()["state"] in {"watching", "polling"}, 20, self.differs, pause=0.005)
        found = Counter(self.stored())
        assert not [raw for raw, count in found.items() if count > 1], "none twice"
        assert not self.left & set(found), "and none of those that were left alone"
        assert not self.cursed & set(found)
        with self.server.lock:
            stays = {kept.raw for kept in self.server.inbox.messages.values()}
        if self.after is MOVED:
            assert stays == self.left | self.cursed
        else:
            assert stays == self.left | self.cursed | wanted

    def stored(self) -> list[bytes]:
        return [row[0] for row in self.reading.db.execute("SELECT mail FROM inbox_raw")]

    def differs(self) -> str:
        missing = len(self.there - self.taken_away - set(self.stored()))
        return f"{missing} are missing; open: {self.reading.open()}; {self.reading.status()}; {self.server._script}"


class SeenMachine(MailboxMachine):
    """The same where mails stay in the folder, flagged."""

    after = SEEN


@pytest.mark.timeout(0 if EXAMPLES else 120)
@pytest.mark.parametrize("machine", [MailboxMachine, SeenMachine], ids=["move", "seen"])
def test_each_mail_that_stays_is_taken_once_whatever_happens(machine):
    chance = random.SystemRandom() if EXAMPLES else random.Random(5)
    number = chance.randrange(10**6)
    sys.stdout.write(f"seed {number}\n")  # pytest shows it with a failure
    wanted = settings(
        max_examples=EXAMPLES or 4,
        stateful_step_count=25,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # what many threads did is no smaller the next time
    )
    run_state_machine_as_test(seed(number)(machine), settings=wanted)
