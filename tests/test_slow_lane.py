"""The slow lane: one mail that takes long, or that readers die of, holds up nobody, and is not lost."""

from __future__ import annotations

import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from fakes.nodns import NoDns
from fakes.smtpserver import eventually
from letters import desk as policy
from pace import slowed
from stored import accept

from mailticket import desk as process
from mailticket.core.render import Templates
from mailticket.core.types import RawMail
from mailticket.desk_slow import SlowLane
from mailticket.errors import TemporaryError
from mailticket.loop import Bell
from mailticket.store import queues
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.store.inbox import Claimed
from mailticket.store.schema import Inbox
from mailticket.templates_files import load_templates
from mailticket.worker import Item

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
# The real reader, but for mails that say how long they take, or what they end it with.
READER = """
import os, re, sys, time
from mailticket import reader
parse = reader.parse

def odd(raw, *more):
    if found := re.search(rb"sleep ([0-9.]+)", raw):
        time.sleep(float(found[1]))
    if found := re.search(rb"signal ([0-9]+)", raw):
        os.kill(os.getpid(), int(found[1]))
    return parse(raw, *more)

reader.parse = odd
reader.main()
"""


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        yield one


@pytest.fixture
def working(db, monkeypatch, tmp_path):
    """The desk's threads, with that reader, a second for a quick mail, five for a slow one, and a fast clock."""
    program, python = tmp_path / "odd_reader.py", tmp_path / "python"
    program.write_text(READER)
    python.write_text(f'#!/bin/sh\nshift 3\nexec {sys.executable} -P {program} "$@"\n')
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(process, "QUICK_SECONDS", 1.0)
    monkeypatch.setattr(process, "MAX_SECONDS", 5.0)
    monkeypatch.setattr(process, "LOOK_AT_LEAST_EVERY", 0.1)
    began = time.monotonic()
    desk = Desk(
        db, policy(), Templates(load_templates()), lambda: NOW + 20 * timedelta(seconds=time.monotonic() - began), "one"
    )
    both = process.Working(desk, Bell(), Bell(), NoDns())
    yield both
    both.stop(process.deadline())


def receive(db, *words):
    for text in words:
        raw = (
            f"From: m@c.example\r\nSubject: {text}\r\nMessage-ID: <{text.replace(' ', '.')}@c.example>\r\n\r\nHello\r\n"
        )
        accept(db, RawMail(raw.encode(), "m@c.example", ("support@acme.example",), "smtp", NOW))


def states(db):
    return [row["state"] for row in queues.inbox(db)]


def test_a_slow_mail_becomes_a_ticket_and_nobody_waits_for_it(working, db):
    receive(db, "a", "sleep 3", "b", "c")
    working.start()
    eventually(lambda: states(db) == ["done", "queued", "done", "done"], 30)
    eventually(lambda: states(db) == ["done"] * 4, 30)
    tickets = [row["ticket"] for row in queues.inbox(db)]
    assert (tickets[0], tickets[2], tickets[3], tickets[1]) == (1, 2, 3, 4)
    assert db.rows(Inbox.select(Inbox.tries, Inbox.reason)) == [(1, "")] * 4


def test_a_mail_over_the_deadline_is_tried_three_times_aside_and_quarantined_with_the_reason(working, db):
    receive(db, "sleep 60")
    working.start()
    eventually(lambda: working._slow.knows(Claimed(1, "", None, 1, True)))
    receive(db, "a", "b")
    eventually(lambda: states(db)[1:] == ["done"] * 2)
    assert db.rows(Inbox.select(Inbox.tries).where(Inbox.id == 1)) == [(1,)], "nobody waited for its deadline"
    eventually(lambda: states(db) == ["quarantined", "done", "done"], 60)
    assert db.rows(Inbox.select(Inbox.tries, Inbox.reason).where(Inbox.id == 1)) == [(3, "the reader took over 5 s")]
    assert not working._slow._known


def test_a_mail_that_readers_die_of_is_tried_aside_and_quarantined_with_the_reason(working, db):
    receive(db, "signal 11", "a")
    working.start()
    eventually(lambda: states(db) == ["quarantined", "done"], 30)
    assert queues.inbox_show(db, 1)["reason"] == "the reader crashed (SIGSEGV) in one of its libraries"


def test_a_slow_mail_in_work_does_not_hold_up_the_end_and_is_handed_back(working, db):
    receive(db, "a", "sleep 60")
    working.start()
    eventually(lambda: states(db) == ["done", "queued"] and working._slow.knows(Claimed(2, "", None, 1, True)))
    time.sleep(0.3)  # its second reader has it by now
    began = time.monotonic()
    working.stop(process.deadline())
    assert time.monotonic() - began < 1.5 * slowed()
    assert db.rows(Inbox.select(Inbox.owner, Inbox.tries).where(Inbox.id == 2)) == [("", 0)]


# --- the lane by itself -----------------------------------------------------------------------------------------------


def claimed(number, tries=1):
    mail = RawMail(b"bytes", "m@c.example", ("support@acme.example",), "smtp", NOW)
    return Claimed(number, f"k{number}", mail, tries, False)


@pytest.fixture
def lane(db):
    receive(db, "a", "b", "c")
    lane = Lane(db)
    yield lane
    lane.slow.tell_to_stop()
    assert lane.slow.join(time.monotonic() + 5)


class Lane:
    """A slow lane whose reading a test bends."""

    def __init__(self, db):
        desk = Desk(db, policy(), Templates(load_templates()), lambda: NOW, "one")
        self.read, self.done = [], []
        self.trouble = 0
        self.go = threading.Event()
        self.slow = SlowLane(desk, self._read, self.done.append, self.go.set, lambda: None)

    def _read(self, one):
        self.go.wait(10)
        if self.trouble:
            self.trouble -= 1
            raise TemporaryError("the reader cannot be started")
        self.read.append((one.id, one.tries, b"Hello" in one.mail.raw))
        return Item(one, None, "it failed")


def test_first_tries_go_before_further_ones_and_bytes_are_read_when_it_is_their_turn(lane):
    for one in (claimed(1, 3), claimed(2, 2), claimed(3, 1)):
        lane.slow.put(one)
    lane.go.set()
    lane.slow.start()
    eventually(lambda: len(lane.done) == 3)
    assert lane.read == [(3, 1, True), (2, 2, True), (1, 3, True)]


def test_what_failed_is_known_until_its_last_try(lane):
    lane.go.set()
    lane.slow.start()
    for tries, known in ((1, True), (2, True), (3, False)):
        lane.slow.put(claimed(1, tries))
        eventually(lambda tries=tries: len(lane.done) == tries)
        assert lane.slow.knows(claimed(1)) is known


def test_that_there_is_no_reader_is_no_fault_of_a_slow_mail(lane, monkeypatch):
    lane.trouble = 2
    lane.go.set()
    lane.slow.start()
    lane.slow.put(claimed(1))
    eventually(lambda: len(lane.done) == 1)
    assert lane.read == [(1, 1, True)]


def test_a_mail_that_is_gone_is_let_fall(lane):
    lane.go.set()
    lane.slow.start()
    lane.slow.put(claimed(99))
    lane.slow.put(claimed(1))
    eventually(lambda: lane.read == [(1, 1, True)])
