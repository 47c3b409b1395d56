"""The write lock: one holder, in turn, between threads and between processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from mailticket.errors import TemporaryError
from mailticket.store import lock as locks
from mailticket.store.lock import WriteLock, hold_alone, is_held

OTHER = """\
import sys
from pathlib import Path
from mailticket.store.lock import WriteLock
lock = WriteLock(Path(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    with lock:
        print("in", flush=True)
        sys.stdin.readline()
    print("out", flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture
def lock(path):
    one = WriteLock(path)
    yield one
    one.close()


class Process:
    """Another process with a lock of its own on the same database; each word to it is one step."""

    def __init__(self, path):
        self._child = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.hears() == "ready"

    def go(self) -> None:
        self._child.stdin.write("go\n")
        self._child.stdin.flush()

    def hears(self) -> str:
        return self._child.stdout.readline().strip()

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        self._child.stdin.close()
        self._child.stdout.close()


@pytest.fixture
def other(path):
    process = Process(path)
    yield process
    process.end()


def until(what) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.002)


def test_nobody_waits_for_a_lock_that_nobody_wants(lock):
    with lock:
        assert not lock.contended()


def test_the_holder_sees_that_a_thread_waits(lock):
    waiting = threading.Thread(target=lambda: lock.__enter__() or lock.__exit__(None, None, None))
    with lock:
        waiting.start()
        until(lock.contended)
    waiting.join(10)
    with lock:
        assert not lock.contended()


def test_the_holder_sees_that_a_process_waits(lock, other):
    with lock:
        other.go()
        until(lock.contended)
    assert other.hears() == "in"
    other.go()
    assert other.hears() == "out"
    with lock:
        assert not lock.contended()


def test_one_at_a_time_between_threads(lock):
    inside, most, rounds = [], [], 200

    def work():
        for _ in range(rounds):
            with lock:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1] * (4 * rounds)


def test_a_busy_thread_lets_the_one_that_waits_go_first(lock):
    """Who comes back at once stands behind who is waiting already."""
    order = []

    def wait_in_line():
        with lock:
            order.append("waited")

    waiting = threading.Thread(target=wait_in_line)
    with lock:
        waiting.start()
        until(lock.contended)
    with lock:
        order.append("came back")
    waiting.join(10)
    assert order == ["waited", "came back"]


def test_a_busy_process_lets_the_one_that_waits_go_first(lock, other):
    """Between processes, too: this one comes back at once, and yet the other has had its turn."""
    with lock:
        other.go()
        until(lock.contended)
    entered = threading.Event()

    def come_back():
        with lock:
            entered.set()

    back = threading.Thread(target=come_back)
    back.start()
    assert other.hears() == "in"
    assert not entered.is_set(), "two holders"
    other.go()
    assert other.hears() == "out"
    back.join(10)
    assert entered.is_set()


def test_a_dead_process_holds_no_lock(lock, other):
    other.go()
    assert other.hears() == "in"
    other.end()
    with lock:
        assert not lock.contended()


def test_who_waits_too_long_for_a_process_is_told_so_and_can_have_it_later(lock, other, monkeypatch):
    """A process that was stopped while it writes must not stop all others for ever."""
    monkeypatch.setattr(locks, "PATIENCE", 0.05)
    other.go()
    assert other.hears() == "in"
    with pytest.raises(TemporaryError, match=r"desk\.db is being written by another process for over 0.05 s"), lock:
        raise AssertionError("two holders")
    other.go()
    assert other.hears() == "out"
    monkeypatch.setattr(locks, "PATIENCE", 10.0)
    with lock:
        assert not lock.contended()


def test_who_waits_too_long_for_a_thread_is_told_so_and_can_have_it_later(lock, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.05)
    told = []

    def wait() -> None:
        try:
            with lock:
                told.append("two holders")
        except TemporaryError as error:
            told.append(str(error))

    with lock:
        threads = [threading.Thread(target=wait) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert not lock.contended()
    assert len(told) == 2
    assert all("is being written" in line for line in told)
    with lock:
        assert not lock.contended()


def test_an_error_under_the_lock_gives_it_back(lock):
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    with lock:
        pass


def test_one_daemon_holds_a_database(path):
    first = hold_alone(path)
    assert first is not None
    assert hold_alone(path) is None
    assert is_held(path)
    os.close(first)
    assert not is_held(path)
