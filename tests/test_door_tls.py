"""TLS and logins at the door, with clients that are not ours: Python's smtplib, swaks, and some that mean no good."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import subprocess
import threading
import warnings
from contextlib import closing
from pathlib import Path

import pytest
import trustme
from certificates import NAME, certificate
from cryptography.hazmat.primitives import serialization
from dialog import ANNA, POLICY, Client, hashed, running_door, secured

from mailticket.errors import UsageError
from mailticket.intake.door import DoorOptions
from mailticket.intake.tls import context

HOST, SUPPORT = "127.0.0.1", "support@acme.example"
WORD = "correct horse battery staple"
LOGINS = {ANNA: hashed(WORD)}
MAIL = "Subject: Printer\r\n\r\nIt burns.\r\n"


def plain(user: str, password: str) -> str:
    return "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def gone(running) -> bool:
    """Waits until no session is left; a test that waits in vain ends by its own time limit."""
    while running.listener._door.sessions:
        threading.Event().wait(0.01)
    return not running.listener._door.peers


# --- other people's clients ---


def test_smtplib_begins_tls_logs_in_and_hands_over_a_mail():
    with running_door(**secured(logins=LOGINS)) as running, smtplib.SMTP(HOST, running.port, timeout=10) as client:
        client.starttls(context=certificate().client())
        client.login(ANNA, WORD)
        client.sendmail(ANNA, [SUPPORT], MAIL)
    assert [(mail.auth, mail.via) for mail in running.stored] == [("Anna@acme.example", "smtp")]


def test_smtplib_logs_in_by_login_on_a_listener_with_tls_at_once():
    options = secured(logins=LOGINS, listen=("tls:127.0.0.1:0",))
    with running_door(**options) as running:
        client = smtplib.SMTP_SSL(HOST, running.port, timeout=10, context=certificate().client())
        with client:
            client.ehlo()
            client.user, client.password = ANNA, WORD
            code, _ = client.auth("LOGIN", client.auth_login, initial_response_ok=False)
            assert code == 235
            refused = client.sendmail(ANNA, [SUPPORT, "maria@customer.example"], MAIL)
    assert refused["maria@customer.example"][0] == 550
    assert [mail.envelope_to for mail in running.stored] == [(SUPPORT,)]


def swaks(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    envelope = ["--server", f"{HOST}:{port}", "--from", ANNA, "--ehlo", "pc.example", "--timeout", "10"]
    return subprocess.run(
        ["swaks", *envelope, *arguments], check=False, capture_output=True, text=True, timeout=60
    )  # fmt: skip


def test_swaks_begins_tls_and_logs_in(need):
    """PLAIN and LOGIN, in TLS after STARTTLS and at once."""
    need("swaks")
    for mechanism in ("PLAIN", "LOGIN"):
        for listen, tls in (("127.0.0.1:0", "--tls"), ("tls:127.0.0.1:0", "--tlsc")):
            with running_door(**secured(logins=LOGINS, listen=(listen,))) as running:
                login = ["--auth", mechanism, "--auth-user", ANNA, "--auth-password", WORD]
                done = swaks(running.port, "--to", SUPPORT, tls, *login)
                assert done.returncode == 0, done.stdout + done.stderr
            assert [mail.auth for mail in running.stored] == ["Anna@acme.example"]


def test_swaks_is_refused_what_it_must_not_do(need):
    """A login in the clear, one with a wrong password, and a relay after a right one; nothing is stored."""
    need("swaks")
    login = ["--auth-user", ANNA, "--auth", "PLAIN", "--auth-password"]
    attempts = {
        "in the clear": ["--to", SUPPORT, *login, WORD],
        "wrong password": ["--to", SUPPORT, "--tls", *login, "guess"],
        "relay": ["--to", "maria@customer.example", "--tls", *login, WORD],
    }
    with running_door(**secured(logins=LOGINS)) as running:
        ended = {what: swaks(running.port, *arguments).returncode for what, arguments in attempts.items()}
    assert ended == {"in the clear": 28, "wrong password": 28, "relay": 24}  # swaks: no auth, no recipient
    assert not running.stored


# --- wrong passwords ---


def test_no_password_and_no_name_reaches_the_log(caplog):
    """One line for each wrong login, with the peer: a hurried person types the password where the name belongs."""
    caplog.set_level("DEBUG")
    with running_door(**secured(logins=LOGINS)) as running, closing(Client(running.port)) as client:
        client.reply()
        client.say("EHLO x")
        client.say(plain(ANNA, WORD))  # in the clear, by a client that does not ask first
        client.say("STARTTLS")
        client.tls()
        client.say("EHLO x")
        assert client.say(plain(ANNA, "sesam0pen")).startswith("535")
        assert client.say(plain("sesam0pen", "x")).startswith("535")
        assert client.say(plain(ANNA, WORD)).startswith("235")
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == ["a login from 127.0.0.1 was refused: no such agent, or another password"] * 2
    for secret in ("sesam0pen", WORD, ANNA, base64.b64encode(f"\0{ANNA}\0{WORD}".encode()).decode()):
        assert secret not in caplog.text
    assert WORD not in repr(running.listener._door.options)
    assert LOGINS[ANNA] not in repr(running.listener._door.options)


def test_a_client_that_leaves_while_its_password_is_checked_is_forgotten():
    with running_door(**secured(logins=LOGINS, login_pause=60.0)) as running:
        with closing(Client(running.port)) as client:
            client.reply()
            client.say("EHLO x")
            client.say("STARTTLS")
            client.tls()
            client.say("EHLO x")
            client.sock.sendall(plain(ANNA, "guess").encode() + b"\r\n")
            client.sock.shutdown(socket.SHUT_RDWR)
        assert gone(running)


# --- handshakes that come to nothing ---


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "tls:127.0.0.1:0"])
@pytest.mark.parametrize("end", ["garbage", "close", "reset", "old TLS", "trusts us not"])
def test_a_handshake_that_fails_leaves_nothing_behind(listen, end, caplog):
    """The door counts that connection no more, serves the next one, and says nothing louder than information."""
    with running_door(**secured(listen=(listen,))) as running:
        client = Client(running.port)
        if not listen.startswith("tls:"):
            client.reply()
            client.say("EHLO x")
            assert client.say("STARTTLS").startswith("220")
        if end == "garbage":
            client.sock.sendall(b"EHLO in the clear\r\n" * 20)
            assert client.closed() or client.closed()
        elif end == "reset":
            client.reset()
        elif end != "close":
            theirs = ssl.create_default_context() if end == "trusts us not" else old_tls()
            with pytest.raises(OSError):
                theirs.wrap_socket(client.sock, server_hostname=NAME)
        client.close()
        assert gone(running)
        with closing(Client(running.port)) as again:
            if listen.startswith("tls:"):
                again.tls()
            assert again.reply().startswith("220")
    assert not [record for record in caplog.records if record.levelname not in {"INFO", "DEBUG"}]


def old_tls() -> ssl.SSLContext:
    """TLS 1.1 at most; what the system's OpenSSL forbids itself is allowed."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(certificate().ca)
    made.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python, too, thinks it too old
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def test_a_client_in_its_handshake_is_cut_when_the_door_stops_and_hears_nothing_in_the_clear():
    with running_door(**secured(listen=("tls:127.0.0.1:0",))) as running, closing(Client(running.port)) as client:
        while not running.listener._door.sessions:
            threading.Event().wait(0.01)
        running.stop(grace=60.0)
        assert client.closed()


def test_a_client_in_tls_that_says_no_goodbye_holds_the_end_up_only_so_long():
    with running_door(**secured(listen=("tls:127.0.0.1:0",))) as running, closing(Client(running.port)) as client:
        client.tls()
        client.reply()
        running.stop(grace=0.05)
        assert client.reply().startswith("421 4.3.2")
        assert client.closed()


def test_a_crowd_before_tls_is_cut_without_a_word_in_the_clear():
    options = secured(listen=("tls:127.0.0.1:0",), max_connections=1)
    with running_door(**options) as running, closing(Client(running.port)) as first:
        first.tls()
        first.reply()
        with closing(Client(running.port)) as second:
            assert second.closed()


# --- the certificate ---


def options(cert: Path, key: Path) -> DoorOptions:
    return DoorOptions((f"{HOST}:0",), 1000, NAME, POLICY, tls_cert=cert, tls_key=key)


@pytest.fixture
def pair(tmp_path):
    """A certificate and a key to spoil."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(certificate().cert.read_bytes())
    key.write_bytes(certificate().key.read_bytes())
    return cert, key


def test_a_pair_that_is_right_is_taken_and_nothing_older_than_tls_1_2(pair):
    assert context(*pair).minimum_version == ssl.TLSVersion.TLSv1_2


def another_key(_cert: Path, key: Path) -> None:
    trustme.CA().issue_cert(NAME).private_key_pem.write_to_path(str(key))


def locked_key(_cert: Path, key: Path) -> None:
    known = serialization.load_pem_private_key(key.read_bytes(), None)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    key.write_bytes(known.private_bytes(*form, serialization.BestAvailableEncryption(b"secret")))


SPOILED = {
    "no certificate": (lambda cert, _key: cert.unlink(), r"\[smtp\] tls_cert: \S+cert.pem cannot be read: No such"),
    "no key": (lambda _cert, key: key.unlink(), r"\[smtp\] tls_key: \S+key.pem cannot be read: No such"),
    "a folder": (lambda cert, _key: (cert.unlink(), cert.mkdir()), r"\[smtp\] tls_cert: \S+ cannot be read: Is a dir"),
    "no PEM": (lambda cert, _key: cert.write_text("x"), r"cannot be used: need a certificate and its key as PEM"),
    "no PEM key": (lambda _cert, key: key.write_text("x"), r"cannot be used: need a certificate and its key as PEM"),
    "another's key": (another_key, r"\[smtp\] tls_key: \S+key.pem is not the key of \S+cert.pem"),
    "a key with a password": (locked_key, r"the key without a password"),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_certificate_that_cannot_be_used_is_one_clear_line_at_the_start(spoil, pair):
    how, words = SPOILED[spoil]
    how(*pair)
    with pytest.raises(UsageError, match=words) as told, running_door(tls_cert=pair[0], tls_key=pair[1]):
        pass
    assert "\n" not in str(told.value)


def test_tls_at_once_without_a_certificate_is_a_usage_error():
    words = r"cannot listen on tls:127\.0\.0\.1:0: \[smtp\] has no tls_cert"
    with pytest.raises(UsageError, match=words), running_door(listen=("tls:127.0.0.1:0",)):
        pass
