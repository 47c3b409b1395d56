"""A mailbox that lets nobody in says in one line why, and what to do; when it does, it is read."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from certificates import certificate
from daemon import until, unused_port
from dovecot_imap import PASSWORD, ImapDovecot
from fakes.imapserver import FULL, ScriptedImap
from mailboxes import Reading, letter, told

from mailticket.intake.mailbox import Pauses

CORRECT = "; correct username or password of [imap.main]"


@pytest.fixture(scope="module")
def dovecot(need):
    need("root", "dovecot", "imap")
    with ImapDovecot() as dovecot:
        yield dovecot


def is_told(reading, caplog, words: str) -> None:
    reading.is_in("down", 5, words)
    reading.stop()
    lines = [line for line in told(caplog) if words in line]
    assert len(lines) == 1, "once, however often it is tried"
    assert lines[0].startswith("mailbox main: it cannot be read: ")
    assert PASSWORD not in "".join(told(caplog))


@contextmanager
def behind_tls(issued: trustme.LeafCert) -> Iterator[int]:
    """A port that shows this certificate, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, contextlib.suppress(OSError), context.wrap_socket(client, server_side=True):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_with_a_certificate_that_is_good_it_is_read(dovecot, tmp_path, tls):
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    reading = Reading(tmp_path, port)
    reading.start(tls=tls, ca=certificate().ca)
    reading.is_in("watching")
    dovecot.deliver(letter(tls))
    reading.has(1)
    reading.stop()


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_that_nobody_we_know_has_signed_is_told(dovecot, tmp_path, caplog, tls):
    reading = Reading(tmp_path, dovecot.tls_port if tls == "implicit" else dovecot.port)
    reading.start(tls=tls)
    is_told(reading, caplog, "write the file of who signs it as `ca` of the mailbox")


def test_a_certificate_for_another_name_is_told(dovecot, tmp_path, caplog):
    reading = Reading(tmp_path, dovecot.tls_port)
    reading.start(tls="implicit", ca=certificate().ca, host="localhost")
    is_told(reading, caplog, "write the name that it is for as `host`")


def test_a_certificate_that_has_expired_is_told(tmp_path, caplog):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    long_ago = datetime.now(UTC) - timedelta(days=40)
    issued = authority.issue_cert("127.0.0.1", not_before=long_ago, not_after=long_ago + timedelta(days=30))
    with behind_tls(issued) as port:
        reading = Reading(tmp_path, port)
        reading.start(tls="implicit", ca=tmp_path / "ca.pem")
        is_told(reading, caplog, "certificate has expired")


def test_a_port_that_speaks_no_tls_is_told(server, tmp_path, caplog):
    reading = Reading(tmp_path, server.port)
    reading.start(tls="implicit")
    is_told(reading, caplog, f"it speaks no TLS at port {server.port}")


def test_a_server_without_starttls_is_told(server, tmp_path, caplog):
    reading = Reading(tmp_path, server.port)
    reading.start(tls="starttls")
    is_told(reading, caplog, "does not support STARTTLS")
    assert not [command for command in server.commands if "LOGIN" in command or "AUTHENTICATE" in command]


def test_a_ca_file_that_is_none_is_told(server, tmp_path, caplog):
    (tmp_path / "ca.pem").write_text("not a certificate")
    reading = Reading(tmp_path, server.port)
    reading.start(tls="implicit", ca=tmp_path / "ca.pem")
    is_told(reading, caplog, f"ca {tmp_path / 'ca.pem'}: holds no certificate (PEM), or cannot be read")


def test_nobody_who_listens_is_told_and_when_somebody_does_it_is_read(tmp_path, caplog):
    caplog.set_level("INFO")
    port = unused_port()
    with Reading(tmp_path, port) as reading:
        reading.is_in("down", 5, f"127.0.0.1:{port} cannot be reached (connecting): Connection refused")
        with ScriptedImap(port=port) as server:
            reading.is_in("watching")
            server.arrive(letter("one"))
            reading.has(1)
    assert any("mailbox main is read again, after" in line for line in told(caplog))


def test_a_name_that_nobody_knows_is_told(tmp_path, caplog):
    reading = Reading(tmp_path, 143)
    reading.start(host="imap.nowhere.invalid")
    is_told(reading, caplog, "imap.nowhere.invalid:143 cannot be reached (connecting): ")


def test_a_wrong_password_is_told_and_the_right_one_is_taken(dovecot, tmp_path, caplog):
    reading = Reading(tmp_path, dovecot.port)
    reading.start(password="the wrong one")
    is_told(reading, caplog, f"does not let support log in: [AUTHENTICATIONFAILED] Authentication failed.{CORRECT}")
    reading.start(password=PASSWORD)
    reading.is_in("watching")
    reading.stop()
    assert reading.status()["last_error"] is None


def test_a_server_that_wants_tls_first_is_told_and_gets_no_password(server, tmp_path, caplog):
    server.offers = ("IMAP4rev1", "IDLE", "LOGINDISABLED")
    reading = Reading(tmp_path, server.port)
    reading.start()
    is_told(reading, caplog, 'LOGINDISABLED); without TLS, write tls = "starttls" or "implicit"')
    assert PASSWORD not in str(server.commands)


def test_without_auth_plain_it_logs_in_with_login_and_says_when_a_password_cannot_be_sent_so(server, tmp_path, caplog):
    server.offers = tuple(word for word in FULL if not word.startswith("AUTH="))
    server.password = 'it is "so" and \\ so'
    reading = Reading(tmp_path, server.port)
    reading.start(password=server.password)
    reading.is_in("watching")
    reading.stop()
    reading.start(password="pässword")
    is_told(reading, caplog, "takes only ASCII in names and passwords (it has no AUTH=PLAIN)")
    assert "xe4" not in "".join(told(caplog))


def test_a_password_of_any_characters_is_sent_by_auth_plain(server, tmp_path):
    server.password = 'pässwörd "\\ ☎'
    reading = Reading(tmp_path, server.port)
    reading.start(password=server.password)
    reading.is_in("watching")
    reading.stop()


def test_a_server_that_refuses_or_drops_each_connection_is_not_hammered(server, tmp_path, caplog):
    """The pauses double: a server that counts failures would lock the account."""
    server.password = "another"
    began = time.monotonic()
    with Reading(tmp_path, server.port, pauses=Pauses(first=0.1, longest=60)):
        until(lambda: server.connections >= 5, 10, pause=0.01)
    assert time.monotonic() - began >= (0.1 + 0.2 + 0.4 + 0.8) * 0.9
