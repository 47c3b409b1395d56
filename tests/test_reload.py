"""`systemctl reload`: SIGHUP has the running service read its config again, and a wrong one changes nothing."""

from __future__ import annotations

import os
import signal
import socket

import pytest
from daemon import alive, until
from fakes.countingsink import CountingSink
from ports import unused_port
from services import Service, assert_log_is_clean, hand_over, mail


@pytest.fixture
def service(tmp_path):
    with CountingSink() as sink, Service(tmp_path, sink.port) as service:
        service.start()
        yield service
    assert_log_is_clean(service.log)


def rewrite(service: Service, old: str, new: str) -> None:
    text = service.config.read_text("utf-8")
    assert old in text
    service.config.write_text(text.replace(old, new, 1), "utf-8")


def hang_up(service: Service) -> None:
    os.kill(service.process.pid, signal.SIGHUP)


def ready(service: Service, times: int) -> None:
    until(lambda: len(service.said("run: ready")) == times, 20, service.logged)


def test_after_a_reload_door_and_desk_work_with_the_new_config(service):
    before = service.pids()
    rewrite(service, "[[agent]]", '[[department]]\nname = "Sales"\naddresses = ["sales@acme.example"]\n[[agent]]')
    hang_up(service)
    ready(service, 2)
    until(lambda: not any(alive(before[part]) for part in ("door", "desk")), 5)
    assert service.process.pid == before["run"]
    assert hand_over(service.port, mail().replace(b"support@", b"sales@"))[0] == 250
    assert service.troubles() == []


def test_another_port_is_listened_on_after_a_reload(service):
    port = unused_port()
    rewrite(service, f"127.0.0.1:{service.port}", f"127.0.0.1:{port}")
    hang_up(service)
    ready(service, 2)
    assert hand_over(port, mail())[0] == 250
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", service.port), 1)


def test_a_wrong_config_changes_nothing_and_is_told_with_its_line(service):
    before = service.pids()
    rewrite(service, "[smtp]", "[smtp]\nlissten = 1")
    hang_up(service)
    until(lambda: service.said("is not taken over"), 10, service.logged)
    assert [line for line in service.said("lissten") if "did you mean" in line]
    assert hand_over(service.port, mail())[0] == 250
    after = service.pids()
    assert (after["door"], after["desk"]) == (before["door"], before["desk"])


def test_a_certificate_that_cannot_be_used_changes_nothing(service):
    pem = service.folder / "door.pem"
    pem.write_text("no certificate", "utf-8")
    rewrite(service, "[smtp]", f'[smtp]\ntls_cert = "{pem}"\ntls_key = "{pem}"')
    hang_up(service)
    until(lambda: service.said("is not taken over"), 10, service.logged)
    assert service.said("tls_cert")
    assert hand_over(service.port, mail())[0] == 250


def test_a_socket_in_a_folder_that_is_not_there_changes_nothing(service):
    rewrite(service, "[smtp]", f'[lmtp]\nlisten = ["unix:{service.folder}/missing/lmtp"]\n[smtp]')
    hang_up(service)
    until(lambda: service.said("is not taken over"), 10, service.logged)
    assert service.said("its folder is not there")
    assert hand_over(service.port, mail())[0] == 250


def test_another_database_needs_a_restart(service):
    rewrite(service, 'database = "sqlite:mailticket.db"', 'database = "sqlite:other.db"')
    hang_up(service)
    until(lambda: service.said("needs a restart"), 10, service.logged)
    assert hand_over(service.port, mail())[0] == 250


def test_a_table_of_listeners_taken_out_ends_the_door(service):
    text = service.config.read_text("utf-8")
    start = text.index("[smtp]")
    service.config.write_text(text[:start] + text[text.index("[delivery]") :], "utf-8")
    before = service.pids()
    hang_up(service)
    ready(service, 2)
    until(lambda: not alive(before["door"]), 5)
    assert "desk" in service.pids()
