"""Postfix on both sides as an admin sets it up: LMTP into our socket, and out by STARTTLS with a login (Dovecot's)."""

from __future__ import annotations

import shutil
import smtplib
import subprocess

import pytest
from certificates import certificate
from daemon import ADDRESS, Daemon, until
from dovecot import Dovecot
from fakes.smtpserver import ScriptedServer
from postfix import Office, Postfix, about, newest, reply, swaks, words

MARIA = "maria@customer.example"
ANNA = "anna@acme.example"
ONLY_ANNA = f'[[agent]]\nname = "Anna Novak"\naddress = "{ANNA}"\n'
USER, WORD = "desk", "correct horse battery staple"
MAIN = """\
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_relay_restrictions = permit_sasl_authenticated reject_unauth_destination
smtpd_recipient_restrictions =
"""
# What Postfix passes on and a filter in front of it wrote; here the sender did, which comes to the same.
PASSED = "Authentication-Results: mx.acme.example; dmarc=pass header.from=acme.example"
DESK = """\
[trust]
authentication_results = ["mx.acme.example"]
[lmtp]
listen = ["unix:{socket}"]
"""


@pytest.fixture(scope="module")
def office(need, tmp_path_factory):
    """Postfix's own user may enter the folder of our socket, and is in its group."""
    need("root", "postfix", "swaks", "dovecot")
    made, folder = certificate(), tmp_path_factory.mktemp("desk")
    with ScriptedServer() as sink, Dovecot([USER], WORD) as dovecot:
        door = dovecot.folder / "desk"
        door.mkdir()
        shutil.chown(door, group="postfix")
        door.chmod(0o2750)
        socket = door / "lmtp"
        more = MAIN.format(cert=made.cert, key=made.key, auth=dovecot.auth)
        mta = Postfix(socket, sink.port, (ANNA,), way="lmtp", domains="acme.example", more=more)
        daemon = Daemon(folder, delivery=mta.port, agents=ONLY_ANNA, desk=DESK.format(socket=socket))
        ways = f'url = "smtp+starttls://{USER}@127.0.0.1:{mta.port}"\npassword = "{WORD}"\nca = "{made.ca}"'
        text = daemon.config.read_text("utf-8").replace(f'url = "smtp://127.0.0.1:{mta.port}"', ways)
        daemon.config.write_text(text.replace("[smtp]\n", "[smtp]\ntrusted_relays = []\n"), "utf-8")
        try:
            mta.start()
            with daemon:
                daemon.start()
                yield Office(daemon, mta, sink)
                assert daemon.stop() == 0
        finally:
            mta.remove()


def states(office: Office) -> list[tuple]:
    with office.daemon.database() as db:
        return db.execute("SELECT state, via, reason FROM inbox ORDER BY id").fetchall()


def begun(office: Office, subject: str):
    """A customer's request, and its assignment."""
    swaks(office.mta.port, MARIA, "--header", f"Subject: {subject}", "--body", "It burns.")
    return office.got(ANNA, about(subject))


def test_a_conversation_comes_by_lmtp_and_leaves_by_starttls_with_a_login(office):
    """Postfix lets nobody reach the customer without the login, as it says to swaks."""
    assigned = begun(office, "Printer")
    assert states(office)[-1][:2] == ("done", "lmtp")
    office.send(ANNA, reply(assigned, f"Anna Novak <{ANNA}>", "Pull the plug.", "answer"))
    answer = office.got(MARIA, lambda taken: b"Pull the plug." in taken.raw)
    assert words(answer).strip() == "Pull the plug."
    office.send(MARIA, reply(answer, f"Maria <{MARIA}>", "Thank you!", "thanks"))
    office.got(ANNA, lambda taken: b"Thank you!" in taken.raw)
    logged = office.mta.logged()
    assert f"sasl_method=PLAIN, sasl_username={USER}" in logged
    assert "TLS connection established from" in logged
    assert WORD not in office.daemon.logged()

    relayed = [
        "swaks",
        "--server",
        f"127.0.0.1:{office.mta.port}",
        "--from",
        ANNA,
        "--to",
        MARIA,
        "--ehlo",
        "x.example",
    ]
    done = subprocess.run(relayed, check=False, capture_output=True, text=True, timeout=60)
    assert "Relay access denied" in done.stdout


def test_what_postfix_passes_on_of_authentication_results_is_believed(office):
    """A mail of the agent that bears nothing but the ticket's tag."""
    begun(office, "Scanner")
    tag = f"[ACME-{newest(office)}]"
    swaks(
        office.mta.port, ANNA, "--header", f"Subject: Re: {tag} Scanner", "--body", "Open it.", "--add-header", PASSED
    )
    assert words(office.got(MARIA, lambda taken: b"Open it." in taken.raw)).strip() == "Open it."


def test_the_same_words_from_elsewhere_prove_nothing(office):
    """Without the header by Postfix, and with it straight to our port, whose peers are not trusted here."""
    begun(office, "Copier")
    subject = f"Subject: Re: [ACME-{newest(office)}] Copier"
    swaks(office.mta.port, ANNA, "--header", subject, "--body", "Forged one.")
    swaks(office.daemon.port, ANNA, "--header", subject, "--body", "Forged two.", "--add-header", PASSED)
    until(lambda: [state for state, _, _ in states(office)].count("quarantined") == 2, 10, office.daemon.logged)
    held = [(via, reason) for state, via, reason in states(office) if state == "quarantined"]
    assert [via for via, _ in held] == ["lmtp", "smtp"]
    assert all("without proof" in reason for _, reason in held), held
    asked = office.got(ANNA, lambda taken: b"Forged one." in taken.raw)
    assert ADDRESS not in str(asked["To"])
    assert [mail for mail in office.sink.taken if MARIA in mail.rcpts[0] and b"Forged" in mail.raw] == []

    with smtplib.SMTP("127.0.0.1", office.mta.port, timeout=20) as client:
        client.sendmail(ANNA, [str(asked["Reply-To"]).partition("<")[2].rstrip(">")], reply(asked, ANNA, "no", "no"))
    until(lambda: [state for state, _, _ in states(office)].count("quarantined") == 1, 10, office.daemon.logged)
