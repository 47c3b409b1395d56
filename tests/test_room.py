"""The real service on a disk that is full or cannot be written: it says "later", loses nothing, and recovers."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from daemon import kill, until
from fakes.countingsink import CountingSink
from services import Service, assert_log_is_clean, hand_over, mail

from mailticket.store.db import Db

TAKEN, LATER = 250, (451, 452)


@pytest.fixture
def sink():
    with CountingSink() as sink:
        yield sink


@pytest.fixture
def small_disk(tmp_path, need):
    """A folder on a disk of its own, of 3 MB."""
    need("root", "mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = _mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder))
    if mounted.returncode:
        need(f"the right to mount ({mounted.stderr.strip()})")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _mount(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)


def _fill(path) -> None:
    """The last octet of the disk is taken."""
    with path.open("wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while filler.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def _wait_for_tickets(service: Service, number: int) -> None:
    with service.database() as db:
        until(lambda: db.execute("SELECT count(*) FROM ticket").fetchone() == (number,), 15, service.logged)


def test_on_a_full_disk_mail_is_put_off_and_taken_again_when_there_is_room(small_disk, tmp_path, sink):
    """What was accepted before is there afterwards, and each refusal is one line in the log."""
    with Service(tmp_path, sink.port, store="disk/mailticket.db") as service:
        service.start()
        assert hand_over(service.port, mail("before"))[0] == TAKEN
        _wait_for_tickets(service, 1)
        _fill(small_disk / "filler")
        code, text = hand_over(service.port, mail("while it is full", 300_000))
        assert code in LATER
        assert text.startswith("4.3.")
        assert "disk" not in text, "strangers need not know"
        told = service.said("door: a mail was put off")
        assert len(told) == 1
        assert "mailticket.db: database or disk is full" in told[0]
        assert service.greets()
        before = service.pids()
        (small_disk / "filler").unlink()
        assert hand_over(service.port, mail("while it is full", 300_000))[0] == TAKEN
        _wait_for_tickets(service, 2)
        assert service.pids() == before, "nobody had to be started again"
        with service.database() as db:
            subjects = [row[0] for row in db.execute("SELECT subject FROM ticket ORDER BY id").fetchall()]
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            until(lambda: len(sink.kept) == 4, 15, service.logged)
        assert subjects == ["before", "while it is full"]
        assert service.stop() == 0
        assert_log_is_clean(service.log)


def test_work_that_finds_the_disk_full_is_done_when_there_is_room(small_disk, tmp_path, sink):
    """The mail is on disk, its ticket has no room: it waits, and that is no failed try of the mail's."""
    with Service(tmp_path, sink.port, store="disk/mailticket.db") as service:
        service.start()
        with service.database() as db:
            _stop_between_writes(service, db)
            accepted = 0
            while hand_over(service.port, mail(f"number {accepted}", 60_000))[0] == TAKEN:
                accepted += 1
            assert accepted > 0
            _fill(small_disk / "filler")
            kill([service.pid("desk")], signal.SIGCONT)
            until(lambda: service.said("cannot be"), 15, service.logged)
            (small_disk / "filler").unlink()
            _mount("-o", "remount,size=30m", str(small_disk))
            until(lambda: db.execute("SELECT count(*) FROM ticket").fetchone() == (accepted,), 30, service.logged)
            assert db.execute("SELECT DISTINCT state, tries FROM inbox").fetchall() == [("done", 1)]
            until(lambda: len(sink.kept) >= 2 * accepted, 30, service.logged)
            assert len({kept.message_id for kept in sink.kept}) == 2 * accepted
        begun = service.said("ERROR   desk: ")
        assert 1 <= len(begun) <= 2, "taking and working each tell it once"
        assert all("database or disk is full; trying again until it can" in line for line in begun)
        assert len(service.said("INFO    desk: over: mails that came in cannot be")) == len(begun)
        assert service.stop() == 0
        assert_log_is_clean(service.log)


def _stop_between_writes(service: Service, db: Db) -> None:
    """Stop the desk while it neither holds the database nor waits for it: stopped so, it would stop the door."""
    desk = service.pid("desk")
    while True:
        with db.lock:
            kill([desk], signal.SIGSTOP)
            until(lambda: Path(f"/proc/{desk}/stat").read_text().rpartition(")")[2].split()[0] == "T", 5)
            if not db.lock.contended():
                return
        kill([desk], signal.SIGCONT)


def test_a_database_that_cannot_be_written_is_told_in_a_line_at_the_start(small_disk, tmp_path, sink):
    with Service(tmp_path, sink.port, store="disk/mailticket.db") as service:
        service.start()
        assert hand_over(service.port, mail("before"))[0] == TAKEN
        _wait_for_tickets(service, 1)
        assert service.stop() == 0
        before = service.logged()
        assert _mount("-o", "remount,ro", str(small_disk)).returncode == 0
        service.launch()
        assert service.ends(10) == 75
        (line,) = service.logged().removeprefix(before).splitlines()
        assert line.startswith("mailticket: database ")
        assert "disk/mailticket.db" in line
        assert "Read-only file system" in line
        assert _mount("-o", "remount,rw", str(small_disk)).returncode == 0
        service.start()
        assert hand_over(service.port, mail("after"))[0] == TAKEN
        _wait_for_tickets(service, 2)
        assert service.stop() == 0


def test_a_missing_program_skips_at_home_and_fails_in_ci(need, monkeypatch):
    """What is not there is never passed over in silence where it must be there."""
    need("sh")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        need("sh", "no-such-program")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed, and CI=true"):
        need("no-such-program")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(pytest.fail.Exception, match="run as root, and CI=true"):
        need("root")
