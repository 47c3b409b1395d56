"""What SIGKILL and SIGSTOP of door, desk, reader and service cost: nothing that was accepted, and at most a repeat."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import smtplib
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from crashing import check, check_times, course, drain, letter, verdict
from daemon import ADDRESS, Daemon, kill, until
from fakes.countingsink import CountingSink
from pace import slowed

from mailticket import config
from mailticket.core.render import Templates
from mailticket.core.types import RawMail
from mailticket.reading import Reader
from mailticket.store import inbox
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.templates_files import load_templates
from mailticket.worker import Worker

ROUNDS = 20


@pytest.fixture
def sink():
    with CountingSink() as sink:
        yield sink


@pytest.fixture
def daemon(tmp_path, sink):
    with Daemon(tmp_path, sink.port) as daemon:
        yield daemon


@pytest.mark.timeout(240)
def test_whoever_is_killed_what_was_accepted_is_ticketed_once_and_acknowledged(daemon, sink):
    """Twenty kills of door, desk, reader, service or all, under load. MAILTICKET_SEED repeats a run."""
    seed = int(os.environ.get("MAILTICKET_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"MAILTICKET_SEED={seed}\n")  # pytest shows it with a failure
    gave = course(daemon, sink, ROUNDS, seed, told=_told)
    sys.stdout.write(f"{gave}\n")
    assert gave.mails > 100
    check(gave)


@pytest.mark.alone
def test_a_service_that_was_killed_listens_again_and_leaves_no_orphans_in_time(daemon, sink):
    gave = course(daemon, sink, ROUNDS // 6, 1, victims=("run", "all"), told=_told)
    sys.stdout.write(f"{gave}\n")
    check(gave)
    check_times(gave, slowed())


def _told(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def test_the_door_takes_mail_while_the_desk_is_stopped_and_nothing_of_it_is_lost(daemon, sink):
    daemon.start()
    names = [f"n{n}" for n in range(20)]
    with daemon.database() as db, smtplib.SMTP("127.0.0.1", daemon.port) as client:
        _send(client, names[:1])
        drain(db, 20)
        _stop_idle(daemon, db)
        _send(client, names[1:])
        assert db.execute("SELECT count(*) FROM inbox WHERE state = 'queued'").fetchone() == (19,)
        kill([daemon.pid("desk")], signal.SIGCONT)
        drain(db, 20)
        assert verdict(db, set(names), sink.kept) == 0
    assert daemon.stop() == 0


def test_a_dead_desk_and_a_dead_door_are_started_again_and_the_log_says_so(daemon):
    daemon.start()
    for part in ("desk", "door"):
        pid = daemon.pid(part)
        kill([pid])
        until(lambda part=part, pid=pid: daemon.pid(part) not in {None, pid}, 10)
        assert f"the {part} ended (status -9) and starts again" in daemon.logged()
    until(daemon.greets, 10)
    assert daemon.stop() == 0


def test_a_second_daemon_on_the_same_database_is_refused_with_75(daemon, tmp_path):
    daemon.start()
    with Daemon(tmp_path, daemon.delivery) as other:
        other.launch()
        assert other.process.wait(15) == 75
        assert "another mailticket daemon works on" in other.logged()
    assert daemon.stop() == 0


def test_a_reader_that_hangs_is_cut_at_its_deadline_and_the_mail_is_tried_again(tmp_path):
    settings = config.load(Daemon(tmp_path, 25).config, {}, date(2026, 11, 22))
    now = [datetime(2026, 11, 22, 10, tzinfo=UTC)]
    with open_or_create(settings.database) as db, Reader(deadline=0.5) as reader:
        desk = Desk(db, settings.policy, Templates(load_templates()), lambda: now[0], "test")
        worker = Worker(desk, reader.read)
        for name in ("first", "second"):
            inbox.accept(db, [RawMail(letter(name), "c@customer.example", (ADDRESS,), "smtp", now[0], "127.0.0.1")])
            if name == "second":
                kill([reader.pid], signal.SIGSTOP)
            worker.step()
        found = "SELECT state, tries, reason FROM inbox WHERE id = 2"
        assert db.execute(found).fetchone() == ("queued", 1, "the reader took over 0.5 s")
        assert worker.step() == 0, "it waits a little first"
        now[0] += timedelta(seconds=5)
        assert worker.step() == 1
        assert db.execute(found).fetchone()[:2] == ("done", 2)


def _send(client: smtplib.SMTP, names: list[str]) -> None:
    for name in names:
        client.sendmail(f"{name}@customer.example", [ADDRESS], letter(name))


def _stop_idle(daemon: Daemon, db) -> None:
    """Stop the desk at a moment when it does not hold the database: stopped there, it stops all writers."""
    desk = daemon.pid("desk")
    with db.path.with_name(f"{db.path.name}-lock").open() as lock:
        while True:
            kill([desk], signal.SIGSTOP)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                kill([desk], signal.SIGCONT)
            else:
                return
