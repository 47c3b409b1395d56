"""The worker: many mails share a commit, and what goes wrong with one is that one's alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes.smtpserver import eventually
from letters import desk as policy

from mailticket.core.parse import parse
from mailticket.core.render import Templates
from mailticket.core.types import RawMail
from mailticket.errors import MailticketError, TemporaryError
from mailticket.store import face, inbox, outbox, queues
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Inbox
from mailticket.templates_files import load_templates
from mailticket.worker import Worker

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Shop:
    """A desk on a database of its own, whose reader and checkpoints a test can bend."""

    def __init__(self, db) -> None:
        self.db = db
        self.now = NOW
        self.points: list[str] = []
        self.at_point = lambda _point: None
        self.unreadable = b"\0"
        self.desk = Desk(db, policy(), Templates(load_templates()), lambda: self.now, "one", self._checkpoint)
        self.worker = Worker(self.desk, self._read)

    def _read(self, raw: bytes):
        if self.unreadable in raw:
            raise MailticketError("the reader was killed")
        return parse(raw)

    def _checkpoint(self, point: str) -> None:
        self.points.append(point)
        self.at_point(point)

    def receive(self, *subjects: str) -> None:
        mails = [RawMail(mail(subject), "m@c.example", ("support@acme.example",), "smtp", NOW) for subject in subjects]
        inbox.accept(self.db, mails)

    def rows(self) -> list[tuple[str, str]]:
        """(subject, state) of the inbox."""
        return [(row["subject"], row["state"]) for row in queues.inbox(self.db)]

    def subjects(self) -> list[str]:
        return [ticket["subject"] for ticket in face.tickets(self.db, prefix="ACME")]


def mail(subject: str) -> bytes:
    return f"From: m@c.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@c.example>\r\n\r\nHello\r\n".encode()


@pytest.fixture
def shop(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Shop(db)


def fail_on(shop, monkeypatch, subject: str, error: Exception) -> None:
    """The work on the mail with this subject ends so, after all of it is written."""
    carry_out = Desk.carry_out

    def failing(desk, plan, **how):
        carry_out(desk, plan, **how)
        if any(message.subject == subject for message in plan.messages):
            raise error

    monkeypatch.setattr(Desk, "carry_out", failing)


def test_a_batch_shares_one_commit(shop):
    shop.receive("a", "b", "c")
    assert shop.worker.step() == 3
    assert shop.points == ["inbox:claimed", "inbox:applied", "inbox:committed"]
    assert shop.subjects() == ["a", "b", "c"]
    assert shop.rows() == [("a", "done"), ("b", "done"), ("c", "done")]


def test_one_bad_mail_in_a_batch_fails_alone_and_leaves_nothing_of_itself(shop, monkeypatch):
    fail_on(shop, monkeypatch, "bad", RuntimeError("a bug of ours"))
    shop.receive("a", "bad", "c")
    shop.worker.step()
    assert shop.subjects() == ["a", "c"]
    assert shop.rows() == [("a", "done"), ("bad", "queued"), ("c", "done")]
    assert {row["ticket"] for row in queues.outbox(shop.db)} == {1, 2}


def test_a_mail_that_fails_three_times_is_quarantined_with_the_reason_and_can_be_tried_again(shop, monkeypatch):
    fail_on(shop, monkeypatch, "bad", RuntimeError("a bug of ours"))
    shop.receive("bad")
    assert shop.worker.step() == 1
    assert shop.worker.step() == 0  # it waits
    for _ in range(2):
        shop.now += timedelta(seconds=5)
        assert shop.worker.step() == 1
    row = queues.inbox_show(shop.db, 1)
    assert (row["state"], row["reason"]) == ("quarantined", "RuntimeError: a bug of ours")
    monkeypatch.undo()
    assert inbox.retry(shop.db, None, shop.now) == [(1, "queued")]
    shop.worker.step()
    assert shop.subjects() == ["bad"]


def test_a_mail_that_the_reader_cannot_read_does_not_stop_the_next(shop):
    shop.unreadable = b"bomb"
    shop.receive("bomb", "b")
    shop.worker.step()
    assert shop.rows() == [("bomb", "queued"), ("b", "done")]
    assert queues.inbox_show(shop.db, 1)["reason"] == "the reader was killed"


def test_trouble_of_the_reader_itself_is_no_fault_of_the_mails(shop, monkeypatch):
    shop.receive("a")
    (claimed,) = shop.worker.claim()

    def read(_raw):
        raise TemporaryError("the reader cannot be started")

    with pytest.raises(TemporaryError):
        Worker(shop.desk, read).read(claimed)


def test_a_value_that_the_database_cannot_hold_is_that_mails_fault_alone(shop, monkeypatch):
    """A statement that is wrong for one mail is wrong each time: it must not be tried for ever."""
    carry_out = Desk.carry_out

    def failing(desk, plan, **how):
        carry_out(desk, plan, **how)
        if any(message.subject == "bad" for message in plan.messages):
            desk.db.execute("UPDATE ticket SET subject = ?", (object(),))

    monkeypatch.setattr(Desk, "carry_out", failing)
    shop.receive("a", "bad", "c")
    shop.worker.step()
    assert shop.rows() == [("a", "done"), ("bad", "queued"), ("c", "done")]
    assert "ProgrammingError" in queues.inbox_show(shop.db, 2)["reason"]


def test_what_failed_once_is_worked_on_alone(shop, monkeypatch):
    fail_on(shop, monkeypatch, "bad", RuntimeError("a bug of ours"))
    shop.receive("bad", "b")
    shop.worker.step()
    shop.now += timedelta(seconds=5)
    shop.receive("c")
    assert [len(shop.worker.claim()), len(shop.worker.claim())] == [1, 1]


def test_a_lost_claim_leaves_no_trace(shop):
    shop.receive("a", "taken", "c")
    claimed = shop.worker.claim()
    with shop.db.write():
        shop.db.run(Inbox.update(owner="another").where(Inbox.id == 2))
    shop.worker.work([shop.worker.read(one) for one in claimed])
    assert shop.subjects() == ["a", "c"]
    assert shop.rows() == [("a", "done"), ("taken", "queued"), ("c", "done")]
    assert shop.db.rows(Inbox.select(Inbox.owner, Inbox.tries, Inbox.reason).where(Inbox.id == 2)) == [
        ("another", 1, "")
    ]
    assert outbox.next_due(shop.db, NOW) == timedelta(0)
    assert len(list(queues.outbox(shop.db))) == 4


def test_work_that_was_done_meanwhile_is_not_done_again(shop):
    shop.receive("a")
    items = [shop.worker.read(one) for one in shop.worker.claim()]
    shop.worker.work(items)
    shop.worker.work(items)
    assert shop.subjects() == ["a"]
    assert len(list(queues.outbox(shop.db))) == 2


def test_trouble_of_the_database_leaves_the_claims_and_the_work_is_done_once_when_it_is_over(shop, monkeypatch):
    fail_on(shop, monkeypatch, "b", TemporaryError("the disk is full"))
    shop.receive("a", "b", "c")
    items = [shop.worker.read(one) for one in shop.worker.claim()]
    with pytest.raises(TemporaryError):
        shop.worker.work(items)
    assert shop.subjects() == []
    claims = shop.db.rows(Inbox.select(Inbox.owner, Inbox.tries, Inbox.state))
    assert claims == [("one", 1, "queued")] * 3
    monkeypatch.undo()
    assert shop.worker.work(items) == []
    assert shop.subjects() == ["a", "b", "c"]


def test_the_commit_comes_early_when_somebody_waits_for_the_database(shop, monkeypatch):
    """The door must not wait for a whole batch; what is left follows in the next commit."""
    shop.receive("a", "b", "c")
    items = [shop.worker.read(one) for one in shop.worker.claim()]
    lock = shop.db.lock
    contended = lock.contended
    door = threading.Thread(target=shop.receive, args=("d",))

    def with_the_door_waiting():
        if not door.ident:
            door.start()
            eventually(contended)
            shop.db.commit_seconds = 0.0
        return contended()

    monkeypatch.setattr(lock, "contended", with_the_door_waiting)
    assert shop.worker.work(items) == []
    door.join()
    assert shop.points.count("inbox:committed") > 1
    assert shop.subjects() == ["a", "b", "c"]
    assert shop.rows()[-1] == ("d", "queued")


def test_what_is_left_when_the_desk_stops_is_handed_back(shop):
    shop.receive("a", "b")
    items = [shop.worker.read(one) for one in shop.worker.claim()]
    assert shop.worker.work(items, stopped=lambda: True) == items
    inbox.give_back(shop.db, "one")
    assert shop.db.rows(Inbox.select(Inbox.owner, Inbox.tries)) == [("", 0)] * 2


def test_a_replay_after_a_crash_makes_mails_with_the_same_ids(shop):
    """The commit was lost with the process: what is done again bears the Message-IDs of the first time."""

    class CrashError(BaseException):
        """The process ends here."""

    ids = []

    def crash(point):
        if point == "inbox:applied":
            ids.append([row["message_id"] for row in queues.outbox(shop.db)])
            if len(ids) == 1:
                raise CrashError

    shop.at_point = crash
    shop.receive("a")
    with pytest.raises(CrashError):
        shop.worker.step()
    assert shop.subjects() == []
    inbox.release_all(shop.db)
    shop.now += timedelta(minutes=3)
    shop.worker.step()
    assert ids[0] == ids[1] != []


def test_two_workers_never_take_the_same_mail(shop):
    shop.receive("a", "b")
    other = Worker(replace(shop.desk, owner="two"), parse)
    assert [len(shop.worker.claim(1)), len(other.claim()), len(shop.worker.claim())] == [1, 1, 0]
