"""Whatever happens to a mailbox, its managers hear "it is in trouble" and "it is over" in turn, and in time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from watched import MINUTE, PROBING, House

from mailticket.core.mailbox_alarm import BACK_WITHIN
from mailticket.store import mailbox_alarms
from mailticket.store.db import open_or_create

OVER = ("Mailbox main reads again", "Mailbox main brings what we send to it again")
STATES = ("watching", "polling", "down", "connecting", "")
SLACK = 2 * MINUTE  # the jobs' own pause, and the thread's


class Mailbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._db = open_or_create(Path(self._folder.name) / "desk.db")
        self.house = House(self._db, PROBING)
        self.calm = 0  # minutes running in which all was well, and every mail to ourselves came back at once
        self.deaf = 0  # minutes running in which nobody could read it

    def teardown(self) -> None:
        self._db.close()
        self._db.lock.close()
        self._folder.cleanup()

    @rule(state=sampled_from(STATES), minutes=integers(1, 40))
    def time_passes(self, state, minutes):
        self.house.passes(minutes * MINUTE, state)
        self.calm = 0
        self.deaf = 0 if state in ("watching", "polling") else self.deaf + minutes

    @rule(minutes=integers(1, 80))
    def all_is_well(self, minutes):
        self.deaf = 0
        for _ in range(minutes):
            self.house.passes(MINUTE, "watching")
            if self.on_its_way():
                self.mail_server_answers(taken=True)
                self.mail_comes_back()
        self.calm += minutes

    @rule(taken=booleans())
    def mail_server_answers(self, *, taken):
        self.house.hand_over(state="sent" if taken else "queued", reply="451 later")

    def on_its_way(self):
        probe = mailbox_alarms.standing(self._db, "main").probe
        return probe is not None and probe.back_at is None

    @precondition(on_its_way)
    @rule()
    def mail_comes_back(self):
        self.house.receive(self.house.raw("probe"))

    @rule()
    def the_daemon_starts_anew(self):
        self.house.restart(PROBING)
        self.deaf = 0

    @rule()
    def the_jobs_run_once_more(self):
        self.house.jobs()

    @invariant()
    def alarms_and_their_ends_come_in_turn(self):
        kinds = [subject in OVER for subject in self.house.subjects]
        assert kinds == [number % 2 == 1 for number in range(len(kinds))]

    @invariant()
    def what_is_long_in_trouble_is_told_and_what_is_long_well_is_not(self):
        told = mailbox_alarms.standing(self._db, "main").alarmed_at is not None
        assert told == (len(self.house.subjects) % 2 == 1)
        if self.deaf * MINUTE > PROBING.alarm_after + SLACK:
            assert told
        if self.calm * MINUTE > BACK_WITHIN + 60 * MINUTE + SLACK:  # a mail to ourselves has gone round since
            assert not told

    @invariant()
    def no_mail_to_ourselves_becomes_a_ticket(self):
        assert self._db.execute("SELECT count(*) FROM ticket").fetchone() == (0,)


TestMailbox = Mailbox.TestCase
TestMailbox.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)
