"""`mailticket run` as a real process: how it starts, ends, is killed, is refused, and gets on with systemd."""

from __future__ import annotations

import json
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time

import pytest
from daemon import ADDRESS, Daemon, kill, until
from fakes.countingsink import CountingSink
from pace import slowed
from services import Service, assert_all_gone, assert_log_is_clean, command, hand_over, mail


@pytest.fixture
def sink():
    with CountingSink() as sink:
        yield sink


@pytest.fixture
def service(tmp_path, sink):
    """Not started. In the end its log has single lines and no secret."""
    with Service(tmp_path, sink.port) as service:
        yield service
    assert_log_is_clean(service.log)


def ticketed(daemon: Daemon, number: int) -> None:
    """Wait until so many tickets are there."""
    with daemon.database() as db:
        until(lambda: db.execute("SELECT count(*) FROM ticket").fetchone() == (number,), 10, daemon.logged)


# --- the end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["SIGTERM", "^C"])
def test_it_ends_with_status_0_and_leaves_nobody_behind(service, how):
    service.start()
    assert hand_over(service.port, mail())[0] == 250  # the reader is there, too
    until(lambda: len(service.pids()) == 4, 20)
    family = list(service.pids().values())
    if how == "^C":
        service.interrupt()
    else:
        service.process.terminate()
    assert service.ends() == 0
    assert_all_gone(family)
    assert service.troubles() == []
    assert service.logged().endswith("run: stopped\n")


@pytest.mark.parametrize("moment", [0.05, 0.09, 0.13, 0.17])
def test_interrupted_before_it_is_up_it_ends_without_a_traceback(service, moment):
    """Its children are not yet in a position to catch anything."""
    service.launch()
    until(lambda: service.pids().keys() >= {"run", "door", "desk"}, 20, pause=0.002)
    time.sleep(moment)  # where they are in their imports
    family = list(service.pids().values())
    service.interrupt()
    assert service.ends() == 0
    assert_all_gone(family)


def test_an_idle_client_is_sent_away_and_does_not_hold_up_the_end(service):
    service.start()
    with socket.create_connection(("127.0.0.1", service.port), 5) as idle:
        assert idle.recv(100).startswith(b"220 ")
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 10 * slowed()
        assert idle.recv(100).startswith(b"421 4.3.2")


# --- killed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["door", "desk"])
def test_a_part_that_is_killed_starts_again_and_one_line_says_so(service, part):
    service.start()
    others = {name: pid for name, pid in service.pids().items() if name != part}
    pid = service.pid(part)
    kill([pid])
    until(lambda: service.pid(part) not in {None, pid}, 20)
    until(service.greets, 20)
    assert hand_over(service.port, mail())[0] == 250
    ticketed(service, 1)
    assert len(service.troubles()) == 1
    assert f"the {part} ended (status -9) and starts again" in service.troubles()[0]
    now = service.pids()
    assert {name: now[name] for name in others if name != "reader"} == others
    assert service.stop() == 0


def test_when_run_is_killed_nobody_is_left_after_a_second_and_a_new_one_works_at_once(service):
    service.start()
    assert hand_over(service.port, mail("before"))[0] == 250
    until(lambda: len(service.pids()) == 4, 20)
    family = list(service.pids().values())
    kill([service.pid("run")])
    assert_all_gone([pid for pid in family if pid != service.process.pid])
    assert service.ends() == -signal.SIGKILL
    assert service.start() < 3 * slowed()
    assert hand_over(service.port, mail("after"))[0] == 250
    ticketed(service, 2)
    assert service.stop() == 0


def test_a_process_that_loses_a_thread_ends_in_one_line_and_is_started_again():
    """It would look alive and do nothing."""
    told = _as_child("threading.Thread(target=lambda: 1 / 0, name='worker').start(); time.sleep(20)")
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert re.search(r"CRITICAL desk: worker ended, and so does this process: .*ZeroDivisionError", line)


def test_a_process_that_cannot_go_on_says_why_in_one_line():
    told = _as_child("1 / 0")
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert re.search(r"ERROR   desk: the desk cannot go on .*ZeroDivisionError", line)


def _as_child(work: str) -> subprocess.CompletedProcess[str]:
    program = f"""\
import sys, threading, time
from mailticket import service
def work(_settings):
    {work}
service.received_settings = lambda: None
sys.exit(service.child("desk", work))"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stderr.read()
        return subprocess.CompletedProcess(program, process.wait(10), "", said)


# --- refused -------------------------------------------------------------------------------------------------


def test_a_second_daemon_says_so_in_a_line_and_ends_with_75_and_the_first_goes_on(service, tmp_path):
    service.start()
    before = service.pids()
    folder = tmp_path / "second"
    folder.mkdir()
    with Service(folder, service.delivery, store="../mailticket.db") as second:
        second.launch()
        assert second.ends() == 75
        assert len(second.said("another mailticket daemon works on")) == 1
        assert second.troubles()[0].endswith("mailticket.db; stop that one first")
        assert_log_is_clean(second.log)
    assert service.pids() == before
    assert service.troubles() == []
    assert hand_over(service.port, mail())[0] == 250
    ticketed(service, 1)
    assert service.stop() == 0


def test_an_address_that_is_in_use_is_named_in_a_line(service):
    with socket.create_server(("127.0.0.1", service.port)):
        service.launch()
        assert service.ends() == 75
    (line, *rest) = service.troubles()
    assert line.endswith(f"door: cannot listen on 127.0.0.1:{service.port}: another program has it")
    assert rest == ["mailticket: the door could not start; its reason is above"]


# --- systemd and sockets -------------------------------------------------------------------------------------


def test_systemd_is_told_when_it_is_ready_and_when_it_stops(service, tmp_path):
    address = str(tmp_path / "notify")
    service.surroundings = {"NOTIFY_SOCKET": address}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(20)
        service.launch()
        assert systemd.recv(1000) == b"READY=1"
        assert service.greets(), "ready means that it listens"
        assert service.pids().keys() >= {"run", "door", "desk"}
        service.process.terminate()
        assert systemd.recv(1000) == b"STOPPING=1"
        assert service.ends() == 0


def test_the_journal_gets_a_priority_and_no_time(tmp_path, sink):
    with Service(tmp_path, sink.port, surroundings={"JOURNAL_STREAM": "8:1"}) as service:
        service.start()
        assert service.stop() == 0
        lines = service.logged().splitlines()
    assert all(line.startswith(("<6>run: ", "<6>door: ", "<6>desk: ")) for line in lines), lines
    assert "<6>run: ready" in lines


def test_a_socket_of_systemds_outlives_the_door(tmp_path, sink):
    """A client that comes while there is no door yet, or no door any more, waits and is served."""
    names = {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}
    with (
        socket.create_server(("127.0.0.1", 0)) as handed,
        Service(
            tmp_path, sink.port, handed.getsockname()[1], surroundings=names, handed=handed, listen="systemd:smtp"
        ) as service,
    ):
        with socket.create_connection(("127.0.0.1", service.port), 20) as early:
            service.start()
            assert early.recv(4) == b"220 "
        kill([service.pid("door")])
        assert hand_over(service.port, mail())[0] == 250
        ticketed(service, 1)
        assert service.stop() == 0
        assert_log_is_clean(service.log)


def test_a_socket_that_systemd_did_not_hand_over_is_named(tmp_path, sink):
    with Service(tmp_path, sink.port, listen="systemd:smtp") as service:
        service.launch()
        assert service.ends() == 2, "systemd must not try it again"
        assert "systemd handed over no socket named smtp (it handed over: none)" in service.troubles()[0]


def test_a_unix_socket_is_served_and_taken_over_from_a_dead_daemon(tmp_path, sink):
    path = tmp_path / "door"
    with Service(tmp_path, sink.port, listen=f"unix:{path}") as service:
        for number in (1, 2):
            service.launch()
            until(lambda number=number: len(service.said("run: ready")) == number, 20, service.logged)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
                talk = smtplib.SMTP()
                talk.sock, talk.file = client, None
                assert talk.getreply()[0] == 220
                talk.sendmail("maria@customer.example", [ADDRESS], mail(f"number {number}"))
                talk.close()
            ticketed(service, number)
            if number == 1:
                kill([service.pid("run")])
                service.ends()
        assert service.stop() == 0
        assert not path.exists()


# --- looked at -----------------------------------------------------------------------------------------------


def test_status_tells_a_running_desk_from_one_that_is_not(service):
    service.start()
    assert hand_over(service.port, mail())[0] == 250
    ticketed(service, 1)
    running = command(service, "status")
    assert (running.returncode, running.stderr) == (0, "")
    assert running.stdout.startswith("ok\n")
    assert json.loads(command(service, "status", "--json").stdout)["ok"] is True
    assert service.stop() == 0
    stopped = command(service, "status")
    assert (stopped.returncode, stopped.stderr) == (1, "")
    assert stopped.stdout.startswith("NOT OK\n")
    assert "is not running" in stopped.stdout
    assert "1 " in stopped.stdout.partition("tickets")[2]
