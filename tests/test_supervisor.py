"""A process of the desk that is to start with a changed config does so, whatever it does at that moment."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from daemon import Daemon
from dialog import POLICY

from mailticket.settings import Delivery, Settings
from mailticket.supervisor import STOP_WITHIN, Child, Supervisor

OLD = Settings(Path("old"), Path("d"), POLICY, None, Delivery("h", 25, 1), ())
NEW, NEWER = replace(OLD, path=Path("new")), replace(OLD, path=Path("newer"))
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"

# `mailticket run` with a SIGTERM at each line of ours, and of the library's for threads, that its main thread comes to.
STRUCK = """
import signal, sys, threading
from mailticket import cli, supervisor

def strike(frame, what, _):
    if what == "line":
        signal.raise_signal(signal.SIGTERM)
    return strike

def watch(frame, what, _):
    inside, ours = frame, (supervisor.__file__, threading.__file__)
    while inside and inside.f_code is not supervisor.Supervisor.run.__code__:
        inside = inside.f_back
    return strike if inside and frame.f_code.co_filename in ours else None

sys.settrace(watch)
try:
    cli.main(["run", "-c", sys.argv[1]])
finally:
    sys.settrace(None)
"""


class Started(Child):
    """Starting a process is the edge here: what it would be given is kept."""

    def start(self) -> None:
        self.process, self.given = None, self.settings


@contextmanager
def stubborn():
    """A process with work in hand that it does not finish."""
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        try:
            yield Started("desk", OLD, process)
        finally:
            process.kill()


def test_one_that_waits_after_a_crash_starts_at_once_with_the_new_config():
    child = Started("desk", OLD, started=time.monotonic(), pause=20.0)
    child.put_off()
    assert child.not_before > time.monotonic() + 10
    child.renew(NEW)
    assert (child.settings, child.renewed) == (NEW, None), "with nothing left to do, for which it would be killed"
    assert child.not_before <= time.monotonic()


def test_one_that_does_not_finish_is_killed_and_starts_with_the_new_config():
    with stubborn() as child:
        child.renew(NEW)
        child.hurry()
        assert child.ended() is None, "it has its time"
        child.patience = 0.0
        child.hurry()
        assert child.ended() == -9
        assert child.take_over()
        assert (child.given, child.renewed) == (NEW, None)
        assert not child.take_over(), "what ends after that has crashed"


def test_a_second_reload_gives_what_it_ends_with_no_more_time():
    with stubborn() as child:
        child.renew(NEW)
        child.patience -= STOP_WITHIN / 2
        until = child.patience
        child.renew(NEWER)
        assert (child.patience, child.renewed) == (until, NEWER)


def test_it_hears_a_signal_whatever_it_does_at_that_moment(tmp_path):
    """A handler runs between any two lines: one that waits for a lock which those hold would wait for ever."""
    config = Daemon(tmp_path, delivery=1).config
    command = [sys.executable, "-P", "-c", STRUCK, str(config)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    assert (ended.returncode, ended.stderr.splitlines()[-1][-12:]) == (0, "run: stopped")


# --- a config without a door -----------------------------------------------------------------------------------


@contextmanager
def without_a_door():
    """A door with a mail in hand, which the config has no place for any more, and a desk that waits for nothing."""
    with stubborn() as door:
        supervisor = Supervisor(OLD, lambda: NEW)
        desk = Started("desk", OLD)
        supervisor._children = {"door": door, "desk": desk}
        began = time.monotonic()
        supervisor._reload()
        assert time.monotonic() - began < STOP_WITHIN / 2, "it ends beside"
        assert (door.ended(), desk.settings) == (None, NEW)
        yield supervisor, door


def test_a_door_that_is_taken_out_ends_beside_and_is_killed_when_its_time_is_over():
    with without_a_door() as (supervisor, door):
        supervisor._children["desk"].ready.set()
        supervisor._watch()
        assert (supervisor._ready, list(supervisor._children)) == (True, ["door", "desk"])
        door.patience = 0.0
        supervisor._watch()
        supervisor._watch()
        assert (door.ended(), list(supervisor._children)) == (-9, ["desk"])


def test_a_door_that_is_put_back_while_it_ends_starts_anew_and_has_no_more_time():
    with without_a_door() as (_, door):
        until = door.patience
        door.renew(NEWER)
        door.process.kill()
        door.process.wait()
        assert (door.patience, door.take_over(), door.given) == (until, True, NEWER)


def test_one_that_waits_after_a_crash_and_is_taken_out_does_not_start():
    supervisor = Supervisor(OLD, lambda: NEW)
    door, desk = Started("door", OLD), Started("desk", OLD)
    supervisor._children = {"door": door, "desk": desk}
    supervisor._reload()
    supervisor._watch()
    assert list(supervisor._children) == ["desk"]
    assert not hasattr(door, "given")
