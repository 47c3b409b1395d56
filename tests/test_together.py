"""Tests that run at the same time do not meet: not in the machine, where one wants it alone, and not at a port."""

from __future__ import annotations

import fcntl
from threading import Thread

import pytest
from daemon import until
from ports import FIRST, WORKERS, _ours, unused_port
from together import HERE, LONG, SPREAD, turn


@pytest.mark.parametrize("name", [*SPREAD, *LONG])
def test_each_file_that_is_handled_in_a_way_of_its_own_is_there(name):
    assert HERE.with_name(name).exists()


def test_who_is_to_be_alone_waits_for_the_others_and_is_not_overtaken(tmp_path):
    files = (tmp_path / "door", tmp_path / "room")
    for file in files:
        file.touch()
    ended = []

    def run(name: str, *, alone: bool) -> None:
        with turn(alone=alone, files=files):
            ended.append(name)

    waiting = Thread(target=run, args=("alone",), kwargs={"alone": True})
    late = Thread(target=run, args=("late",), kwargs={"alone": False})
    with turn(alone=False, files=files):
        run("beside", alone=False)
        waiting.start()
        until(lambda: is_locked(files[0]), 10)
        late.start()
        ended.append("first")
    for thread in (waiting, late):
        thread.join(10)
    assert ended == ["beside", "first", "alone", "late"]


def is_locked(path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
    return False


def test_no_two_workers_get_the_same_port(monkeypatch):
    ports = []
    for number in range(WORKERS):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        ports += _ours()
    assert len(set(ports)) == len(ports)
    assert unused_port() != unused_port() >= FIRST
