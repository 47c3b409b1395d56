"""The desk process: its two threads for mails that came in, what they hold, and how they end."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

import pytest
from fakes.nodns import NoDns
from fakes.smtpserver import eventually
from letters import desk as policy
from stored import accept

from mailticket import desk as process
from mailticket.core.render import Templates
from mailticket.core.types import RawMail
from mailticket.loop import Bell, Shelf
from mailticket.store import queues
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Inbox
from mailticket.templates_files import load_templates

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LONG = 60.0  # seconds: whoever waits so long has failed its test


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        yield one


@pytest.fixture
def working(db):
    desk = Desk(db, policy(), Templates(load_templates()), lambda: NOW, "one")
    return process.Working(desk, Bell(), Bell(), NoDns())


def receive(db, *subjects):
    for subject in subjects:
        raw = f"From: m@c.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@c.example>\r\n\r\nHello\r\n"
        accept(db, RawMail(raw.encode(), "m@c.example", ("support@acme.example",), "smtp", NOW))


def states(db):
    return [row["state"] for row in queues.inbox(db)]


def ends(thread, seconds=LONG / 2):
    thread.join(seconds)
    return not thread.is_alive()


def test_mails_wait_for_a_reader_that_cannot_be_started_and_no_try_is_counted(working, db, monkeypatch, caplog):
    """An interpreter that is being upgraded, no memory, no descriptors: that is no fault of the mails'."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    receive(db, "a", "b", "c")
    working.start()
    eventually(lambda: "the reader cannot be started" in caplog.text)
    assert states(db) == ["queued"] * 3
    monkeypatch.undo()
    eventually(lambda: states(db) == ["done"] * 3)
    working.stop(process.deadline())
    assert db.rows(Inbox.select(Inbox.tries, Inbox.reason)) == [(1, "")] * 3
    assert caplog.text.count("the reader cannot be started") == 1


def test_mails_that_wait_for_a_reader_are_handed_back_at_the_end(working, db, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    receive(db, "a", "b")
    working.start()
    eventually(lambda: "the reader cannot be started" in caplog.text)
    working.stop(process.deadline())
    assert db.rows(Inbox.select(Inbox.owner, Inbox.tries)) == [("", 0)] * 2


def test_idle_threads_are_woken_to_end(working, db, monkeypatch):
    """Nobody sits out its sleep, however long that is."""
    monkeypatch.setattr(process, "LOOK_AT_LEAST_EVERY", LONG)
    receive(db, "a")
    working.start()
    eventually(lambda: states(db) == ["done"])
    stopping = threading.Thread(target=working.stop, args=(process.deadline(),))
    stopping.start()
    assert ends(stopping, process.STOP_WITHIN / 2)


# --- the shelf --------------------------------------------------------------------------------------------------------


def in_thread(work, *arguments):
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def test_a_shelf_holds_no_more_weight_than_it_may_until_what_was_taken_is_done():
    """What is in work is in memory, too: it weighs until more is taken."""
    shelf = Shelf(most=10, heaviest=100)
    shelf.put("a", 60)
    second = in_thread(shelf.put, "b", 60)
    assert not ends(second, 0.05)
    assert shelf.take(LONG) == ["a"]
    assert not ends(second, 0.05)
    assert shelf.take(LONG) == ["b"]
    assert ends(second)


def test_a_shelf_holds_no_more_things_than_it_may():
    shelf = Shelf(most=2, heaviest=100)
    shelf.put("a", 1)
    shelf.put("b", 1)
    third = in_thread(shelf.put, "c", 1)
    assert not ends(third, 0.05)
    assert shelf.take(LONG) == ["a", "b"]
    assert ends(third)
    assert shelf.take(LONG) == ["c"]


def test_what_is_too_heavy_for_a_shelf_is_taken_alone():
    shelf = Shelf(most=10, heaviest=100)
    shelf.put("large", 1000)
    assert shelf.take(LONG) == ["large"]
    second = in_thread(shelf.put, "small", 1)
    assert shelf.take(LONG) == ["small"]
    assert ends(second)


def test_a_shelf_that_is_closed_keeps_nobody_waiting():
    shelf = Shelf(most=1, heaviest=100)
    shelf.put("a", 1)
    putting = in_thread(shelf.put, "b", 1)
    other = Shelf(most=1, heaviest=100)
    taking = in_thread(other.take, LONG)
    shelf.close()
    other.close()
    assert ends(putting)
    assert ends(taking)


def test_taking_from_an_empty_shelf_gives_nothing_after_a_while():
    assert Shelf(most=1, heaviest=1).take(0.01) == []
