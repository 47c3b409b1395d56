"""TLS and logins on the way out, against a scripted server, and one that was not made by us."""

from __future__ import annotations

import hmac
import logging
import ssl
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from fakes.outbox import MemoryQueue
from fakes.smtpserver import FULL, ScriptedServer
from ports import unused_port

from mailticket.config_units import mail_server
from mailticket.deliver.outage import Pauses
from mailticket.deliver.sender import Sender
from mailticket.deliver.smtp import DeliveryFault, Limits
from mailticket.deliver.transports import server_of

RAW = b"Subject: hello\r\n\r\nwords\r\n"
SURE = Limits(connect=5, command=5, after_dot=10, goodbye=5)
PASSWORD = "pá:ss wörd/é"
LOGINS = ("AUTH PLAIN LOGIN CRAM-MD5", *FULL)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def ca(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def context(authority, *names, **options):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("localhost", "127.0.0.1")), **options).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def good(authority):
    return context(authority)


def way(url, ca=None, password="", limits=SURE):
    """What the config makes of a url."""
    written = mail_server(url)
    return server_of(replace(written, ca=ca, password=password or written.password), "desk.example", limits)


def send(to):
    connection = to.connection()
    try:
        return [reply.verdict for reply in connection.send("d@acme.example", ["a@x.example"], RAW)]
    finally:
        connection.close()


def told(to):
    """Why nothing can be sent; the fault must be no mail's."""
    with pytest.raises(DeliveryFault) as caught:
        send(to)
    assert not caught.value.begun
    assert caught.value.code == 75
    return caught.value.told


def test_implicit_tls_comes_before_the_first_word(good, ca):
    with ScriptedServer(tls=good, implicit=True) as server:
        assert send(way(f"smtps://127.0.0.1:{server.port}", ca)) == ["accepted"]
        assert server.taken[0].raw == RAW


def test_starttls_comes_before_any_mail_and_what_was_offered_before_it_counts_for_nothing(good, ca):
    with ScriptedServer(tls=good, offers=("STARTTLS", *FULL)) as server:
        server.say("EHLO", "250-scripted\r\n250-STARTTLS\r\n250 SIZE 1", "250-scripted\r\n250 HELP")
        server.say("ehlo", "250-scripted\r\n250-STARTTLS\r\n250 SIZE 1", "250-scripted\r\n250 HELP")
        assert send(way(f"smtp+starttls://localhost:{server.port}", ca)) == ["accepted"]
        assert [command.split(" ")[0].upper() for command in server.commands[:3]] == ["EHLO", "STARTTLS", "EHLO"]
        assert server.taken[0].mail == "MAIL FROM:<d@acme.example>"


def test_a_server_that_offers_no_starttls_gets_no_mail_and_no_password(good, ca):
    with ScriptedServer(offers=LOGINS) as server:
        words = told(way(f"smtp+starttls://u:secret@127.0.0.1:{server.port}", ca))
        assert words.startswith("cannot be trusted: it does not offer STARTTLS, and without TLS nothing is sent")
        assert [command.split(" ")[0].lower() for command in server.commands] == ["ehlo"]


@pytest.mark.parametrize("line", ["454 4.7.0 not now", "502 5.5.1 what?"])
def test_a_refused_starttls_is_a_fault(good, ca, line):
    with ScriptedServer(tls=good, offers=("STARTTLS",)) as server:
        server.say("STARTTLS", line)
        assert told(way(f"smtp+starttls://127.0.0.1:{server.port}", ca)) == f"refuses STARTTLS: {line}"


def test_what_was_glued_behind_the_answer_to_starttls_is_not_believed(good, ca):
    """CVE-2011-0411: it came in clear, and would be read as if it had come by TLS."""
    with ScriptedServer(tls=good, offers=("STARTTLS",)) as server:
        server.say("STARTTLS", "220 go\r\n250-evil\r\n250 AUTH PLAIN")
        assert "somebody may stand between" in told(way(f"smtp+starttls://127.0.0.1:{server.port}", ca))


CERTIFICATES = [
    ("of a CA that nobody here knows", {}, False, "write the file of who signs it as [delivery] ca"),
    ("for another name", {"names": ("mx.example",)}, True, "write the name that it is for in [delivery] url"),
    ("run out", {"not_after": True}, True, "certificate has expired; it has to be renewed there"),
]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize(("what", "options", "known", "advice"), CERTIFICATES, ids=[row[0] for row in CERTIFICATES])
def test_a_bad_certificate_gets_nothing_and_the_fault_says_what_to_do(
    authority, ca, scheme, what, options, known, advice
):
    dates = {"not_after": datetime(2020, 1, 1, tzinfo=UTC)} if "not_after" in options else {}
    bad = context(authority, *options.get("names", ()), **dates)
    with ScriptedServer(tls=bad, implicit=scheme == "smtps", offers=("STARTTLS", *LOGINS)) as server:
        words = told(way(f"{scheme}://u:secret@localhost:{server.port}", ca if known else None))
        assert words.startswith("cannot be trusted: the certificate of localhost is not good: ")
        assert advice in words
        assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


def test_a_port_without_tls_is_named_as_the_likely_mistake(ca):
    with ScriptedServer() as server:
        assert "speaks no TLS at this port; smtps:// is for port 465" in told(
            way(f"smtps://127.0.0.1:{server.port}", ca)
        )


@pytest.mark.parametrize(("content", "words"), [(None, "No such file or directory"), (b"x", "holds no certificate")])
def test_a_ca_file_that_is_none_is_a_fault_that_names_it(good, tmp_path, content, words):
    path = tmp_path / "own.pem"
    if content:
        path.write_bytes(content)
    with ScriptedServer(tls=good, implicit=True) as server:
        found = told(way(f"smtps://127.0.0.1:{server.port}", path))
        assert f"{path}: {words}" in found


def login(server, url="smtp://support%40acme.example@127.0.0.1:{}"):
    return way(url.format(server.port), password=PASSWORD)


@pytest.mark.parametrize(
    ("offer", "steps"),
    [
        ("AUTH PLAIN LOGIN", ["AUTH PLAIN \0support@acme.example\0" + PASSWORD]),
        ("AUTH LOGIN XOAUTH2", ["AUTH LOGIN", "support@acme.example", PASSWORD]),
        ("AUTH=LOGIN", ["AUTH LOGIN", "support@acme.example", PASSWORD]),
    ],
)
def test_a_login_goes_by_the_first_way_that_is_offered_in_utf8(offer, steps):
    with ScriptedServer(offers=(offer, *FULL)) as server:
        assert send(login(server)) == ["accepted"]
        said = server.commands[1 : 1 + len(steps)]
        assert [spelled(line) for line in said] == steps


def spelled(line):
    words = line.rpartition(" ")
    encoded = words[2] not in {"LOGIN", "PLAIN"}
    return words[0] + words[1] + (b64decode(words[2]).decode() if encoded else words[2])


def test_a_login_by_cram_md5_answers_the_challenge():
    """The example of RFC 2195 has another challenge; this digest was made by Python's hmac on its own."""
    with ScriptedServer(offers=("AUTH CRAM-MD5",)) as server:
        assert send(login(server)) == ["accepted"]
        digest = hmac.new(PASSWORD.encode(), b"<1896.697@example>", "md5").hexdigest()
        assert b64decode(server.commands[2]).decode() == f"support@acme.example {digest}"


def test_a_long_password_does_not_stand_in_the_command_line():
    with ScriptedServer(offers=("AUTH PLAIN",)) as server:
        assert send(way(f"smtp://u@127.0.0.1:{server.port}", password="p" * 600)) == ["accepted"]
        assert server.commands[1] == "AUTH PLAIN"
        assert b64decode(server.commands[2]) == b"\0u\0" + b"p" * 600


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("535 5.7.8 no", "535 5.7.8 no; correct the user or the password in [delivery]"),
        ("454 4.7.0 later", "454 4.7.0 later"),
        ("334 more", "334 more"),
    ],
)
def test_a_refused_login_is_our_fault_and_no_mails(line, words):
    with ScriptedServer(offers=LOGINS) as server:
        server.say("login", line)
        assert told(login(server)) == f"does not let support@acme.example log in: {words}"
        assert not any(command.startswith("MAIL") for command in server.commands)


@pytest.mark.parametrize("offers", [FULL, ("AUTH XOAUTH2 GSSAPI", *FULL)])
def test_a_server_that_offers_no_login_that_we_know_is_a_fault(offers):
    with ScriptedServer(offers=offers) as server:
        assert "does not let support@acme.example log in: [delivery] url names a user" in told(login(server))


@pytest.mark.parametrize("echoed", [f"\0u\0{PASSWORD}", PASSWORD, None], ids=["command", "last word", "in clear"])
def test_no_fault_and_no_log_line_holds_the_password(caplog, echoed):
    """Servers repeat a command that they do not understand."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(offers=LOGINS) as server:
        repeated = PASSWORD if echoed is None else b64encode(echoed.encode()).decode()
        server.say("login", f"500 what is {repeated}")
        to = way(f"smtp://u@127.0.0.1:{server.port}", password=PASSWORD)
        found = f"{told(to)} {to!r} {to} {caplog.text}"
        assert "what is …" in found
        assert repeated not in found


def test_a_password_never_goes_to_another_machine_in_clear(monkeypatch):
    """The config says so first; a name that leads elsewhere than it says is found here."""
    monkeypatch.setattr("mailticket.deliver.smtp._is_loopback", lambda _sock: False)
    with ScriptedServer(offers=LOGINS) as server:
        assert "a password goes out by TLS only" in told(login(server))
        assert not any(command.startswith("AUTH") for command in server.commands)


class Mailbox:
    """What aiosmtpd hands its mail to."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802
        self.taken.append((session.authenticated, envelope.content))
        return "250 2.0.0 kept"


def checked(_server, _session, _envelope, _mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"support", PASSWORD.encode()), handled=False)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_mail_goes_by_tls_and_login_to_a_server_that_is_not_ours(good, ca, scheme):
    mailbox = Mailbox()
    by = {"ssl_context": good, "auth_require_tls": False} if scheme == "smtps" else {"tls_context": good}
    if scheme != "smtps":
        by["require_starttls"] = True
    controller = Controller(mailbox, "127.0.0.1", unused_port(), authenticator=checked, auth_required=True, **by)
    controller.start()
    try:
        port = controller.port
        to = way(f"{scheme}://support@127.0.0.1:{port}", ca, PASSWORD)
        assert send(to) == ["accepted"]
        assert mailbox.taken == [(True, RAW)]
        assert to.probe().endswith(", TLSv1.3, logged in as support")
        assert told(way(f"{scheme}://support@127.0.0.1:{port}", ca, "wrong")).startswith("does not let support log in")
    finally:
        controller.stop()


def test_a_probe_says_in_one_line_what_the_server_says():
    with ScriptedServer() as server:
        to = way(f"smtp://127.0.0.1:{server.port}")
        assert to.probe() == f"the mail server {to} answers: 220 scripted ESMTP"
        assert server.commands[-1] == "QUIT"
        server.say("greeting", "554 go away")
        server.say("ehlo", "421 not now")
        for words in ("refuses us: 554 go away", "refuses EHLO: 421 not now"):
            with pytest.raises(DeliveryFault) as caught:
                to.probe()
            assert str(caught.value) == f"the mail server {to} {words}"


def test_while_the_login_is_refused_everything_waits_and_the_log_says_why_without_the_password(caplog):
    queue = MemoryQueue()
    queue.add(1, 2, 3)
    with ScriptedServer(offers=LOGINS) as server:
        server.say("login", "535 5.7.8 no")
        sender = Sender(queue, login(server), wait=lambda _: None, pauses=Pauses(0, 0))
        assert sender.step() == 1
        assert queue.outcomes[0].fault == "535 5.7.8 no; correct the user or the password in [delivery]"
        assert sorted(queue.due_at) == [1, 2, 3]
        [line] = [record.getMessage() for record in caplog.records]
        place = f"127.0.0.1:{server.port}"
        assert line.startswith(f"outgoing mail server {place} does not let support@acme.example log in: 535 5.7.8 no;")
        assert PASSWORD not in line
        assert sender.step() == 3
        sender.stop(1)
