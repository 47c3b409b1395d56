"""The unit under a real systemd: installed as the README says, started, given a changed config, killed, stopped."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import smtplib
import socket
import threading
from collections.abc import Iterator
from email.utils import format_datetime

import dns.message
import dns.rrset
import pytest
from certificates import certificate
from container import Container, Unavailable
from daemon import ADDRESS, until
from fakes.countingsink import CountingSink
from installed import CONFIG, PORT, Desk, checkout, wheels, with_keys
from services import mail
from signing import record, signed

from mailticket.service import clock

pytestmark = pytest.mark.timeout(600)  # whichever test comes first waits for debootstrap and pip
SENDER = "maria@customer.example"
HARMLESS = 2.5  # what `systemd-analyze security` calls "OK" ends at 4.9, and 10 is a service without any limits


@pytest.fixture(scope="module")
def container(need, tmp_path_factory):
    need("root", "debootstrap", "systemd-nspawn", "nsenter", "setpriv", "apt-get")
    make = tmp_path_factory.mktemp
    shown = {checkout(make("checkout")): "/checkout", wheels(make("wheels")): "/wheels"}
    try:
        with Container(f"mailticket-{os.getpid()}", make("console") / "log", shown) as container:
            yield container
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def installed(container):
    with contextlib.ExitStack() as stack:
        with container.network():
            sink = stack.enter_context(CountingSink())
        desk = Desk(container, sink)
        desk.install()
        yield desk


@pytest.fixture
def desk(installed):
    installed.be_well()
    return installed


def test_a_mail_to_the_service_becomes_a_ticket_and_two_mails(desk):
    assert desk.systemctl("is-enabled").stdout == "enabled\n"
    assert desk.takes(mail("The first one"))
    desk.has_ticket("The first one")
    until(lambda: {SENDER, "anna@acme.example"} <= {to for kept in desk.sink.kept for to in kept.recipients}, 20)


def test_start_comes_back_only_when_mail_is_taken(desk):
    """Type=notify: what is ordered after the service can hand it mail at once."""
    for words in ("stop", "start"):
        assert desk.systemctl(words).returncode == 0
    assert desk.takes(mail("At once"))
    assert desk.shows("SubState") == "running"


def test_systemd_finds_nothing_wrong_with_the_unit_and_little_exposed(desk):
    assert desk.says("systemd-analyze verify --man=no /etc/systemd/system/mailticket.service 2>&1") == ""
    assert {"network-online.target", "time-sync.target"} <= set(desk.shows("After").split())
    table = desk.says("systemd-analyze security --no-pager mailticket.service")
    exposure = re.search(r"exposure level for mailticket\.service: (\d+\.\d)", table)
    assert exposure is not None
    assert float(exposure[1]) <= HARMLESS, table


def test_it_runs_as_its_own_user_without_privileges_and_owns_its_state(desk):
    """So it stays when root uses the commands, whether the service is up or not."""
    desk.systemctl("stop")
    desk.says("mailticket status; mailticket tickets list")
    desk.systemctl("start")
    desk.says("mailticket status")
    assert desk.takes(mail("For the reader"))  # which starts with the first mail
    until(lambda: len(desk.processes()) == 4, 10, lambda: f"{desk.processes()}")
    processes = desk.processes()
    assert sorted(processes.values()) == ["mailticket.desk", "mailticket.door", "mailticket.reader", "run"]
    assert processes[int(desk.shows("MainPID"))] == "run"
    for pid in processes:
        text = desk.container.path(f"/proc/{pid}/status").read_text()
        status = dict(line.split(":\t", 1) for line in text.splitlines())
        assert status["Uid"].split() == [desk.says("id -u mailticket")] * 4
        assert (int(status["CapEff"], 16), status["NoNewPrivs"], status["Seccomp"]) == (0, "1", "2")
    assert desk.says("stat -c '%U %G %a' /var/lib/mailticket") == "mailticket mailticket 750"
    files = desk.says("stat -c '%n %U %a' /var/lib/mailticket/*").splitlines()
    assert "/var/lib/mailticket/mailticket.db mailticket 600" in files
    assert {line.split()[1] for line in files} == {"mailticket"}


def test_reload_takes_a_changed_config_over(desk):
    times, main = desk.told("run: ready"), desk.shows("MainPID")
    with desk.container.network(), smtplib.SMTP("127.0.0.1", PORT, timeout=30) as client:
        client.ehlo()
        client.mail(SENDER)
        assert client.rcpt("help@acme.example")[0] == 550
    desk.configure(desk.good.replace(f'["{ADDRESS}"]', f'["{ADDRESS}", "help@acme.example"]'))
    done = desk.systemctl("reload")
    assert done.returncode == 0, done.stderr
    until(lambda: desk.told("run: ready") > times, 20, desk.journal)
    until(lambda: desk.shows("ActiveState") == "active", 5, lambda: desk.shows("ActiveState"))
    assert desk.shows("MainPID") == main
    with desk.container.network(), smtplib.SMTP("127.0.0.1", PORT, timeout=30) as client:
        client.sendmail(SENDER, ["help@acme.example"], mail("To the new address"))
    desk.has_ticket("To the new address")


def test_reload_changes_nothing_for_a_wrong_config_and_the_journal_says_why(desk):
    before = {what: pid for pid, what in desk.processes().items()}
    desk.configure(with_keys(desk.good, "smtp", "lissten = 1"))
    assert desk.systemctl("reload").returncode == 0
    until(lambda: desk.told("the config is not taken over"), 10, desk.journal)
    assert re.search(r"toml:\d+: smtp\.lissten: no such key; did you mean", desk.journal())
    assert desk.shows("ActiveState") == "active"
    assert desk.takes(mail("As before"))
    after = {what: pid for pid, what in desk.processes().items()}
    for part in ("run", "mailticket.door", "mailticket.desk"):
        assert after[part] == before[part]


def test_stop_is_clean_and_leaves_nothing_running(desk):
    assert desk.processes()
    assert desk.systemctl("stop").returncode == 0
    assert (desk.shows("ActiveState"), desk.shows("Result")) == ("inactive", "success")
    assert (desk.shows("ExecMainCode"), desk.shows("ExecMainStatus")) == ("1", "0")  # it ended by itself
    assert desk.processes() == {}
    assert "Traceback" not in desk.journal()


def test_a_killed_service_starts_again_and_works_on_what_it_had_taken(desk):
    before, restarts = desk.processes(), int(desk.shows("NRestarts"))
    assert desk.takes(mail("Before the kill"))
    assert desk.systemctl("kill", "-s", "KILL", "--kill-whom=main").returncode == 0
    until(lambda: int(desk.shows("NRestarts")) == restarts + 1, 20, desk.journal)
    until(lambda: desk.shows("ActiveState") == "active", 20, desk.journal)
    assert not desk.processes().keys() & before.keys(), "door, desk and reader end with it"
    assert desk.takes(mail("After the kill"))
    desk.has_ticket("Before the kill")
    desk.has_ticket("After the kill")


def test_a_broken_config_fails_once_and_is_not_tried_for_ever(desk):
    desk.systemctl("stop")
    desk.configure(desk.good + "[department")
    assert desk.systemctl("start").returncode != 0
    assert (desk.shows("ActiveState"), desk.shows("ExecMainStatus")) == ("failed", "2")
    assert desk.shows("NRestarts") == "0"
    assert re.search(rf"{CONFIG}:\d+: is not TOML", desk.journal())


def test_tls_with_a_key_that_only_our_group_reads_and_a_secret_that_only_root_does(desk):
    made = certificate()
    for path in (made.cert, made.key):
        shutil.copy(path, desk.container.path(f"/etc/mailticket/{path.name}"))
    desk.says("cd /etc/mailticket; chown root:mailticket key.pem; chmod 640 key.pem")
    desk.says("install -m 600 /etc/mailticket/secret /root/secret")
    text = with_keys(desk.good, "smtp", 'tls_cert = "cert.pem"\ntls_key = "key.pem"')
    with desk.unit("mailticket.service.d/secret.conf", "[Service]\nLoadCredential=secret:/root/secret\n"):
        desk.begin(text.replace('{ file = "secret" }', '{ credential = "secret" }'))
        with desk.container.network(), smtplib.SMTP("127.0.0.1", PORT, timeout=30) as client:
            client.starttls(context=made.client())
            client.sendmail(SENDER, [ADDRESS], mail("Over TLS"))
        desk.has_ticket("Over TLS")


def test_a_mail_server_in_our_group_reaches_the_lmtp_socket_and_nobody_else(desk):
    desk.says("useradd --system postfix; usermod --append --groups mailticket postfix; useradd --system stranger")
    desk.begin(with_keys(desk.good, "lmtp", 'listen = ["unix:/run/mailticket/lmtp"]'))
    talk = "import smtplib; print(smtplib.LMTP('/run/mailticket/lmtp').ehlo()[0])"
    as_user = 'setpriv --reuid {0} --regid {0} --init-groups python3 -c "' + talk + '"'
    assert desk.says(as_user.format("postfix")) == "250"
    assert "PermissionError" in desk.container.run(as_user.format("stranger")).stderr


def test_a_socket_that_systemd_holds_is_served(desk):
    desk.systemctl("stop")
    with desk.unit("mailticket.socket", "[Socket]\nListenStream=127.0.0.1:2600\nFileDescriptorName=smtp\n"):
        try:
            desk.says("systemctl start mailticket.socket")
            desk.begin(with_keys(desk.good, "smtp", 'listen = ["systemd:smtp"]'))
            assert desk.takes(mail("By systemd's socket"), 2600)
            desk.has_ticket("By systemd's socket")
        finally:
            desk.systemctl("stop")
            desk.says("systemctl stop mailticket.socket")


def test_an_agents_signature_is_checked_with_a_key_from_dns(desk):
    """Which needs the resolver's sockets and files, and the reader that checks it."""
    letter = (
        f"From: Anna <anna@acme.example>\r\nTo: {ADDRESS}\r\nSubject: Signed\r\nDate: {format_datetime(clock())}\r\n"
        "Message-ID: <signed@acme.example>\r\n\r\nMaria called: her printer is on fire.\r\n"
    ).encode()
    with dns_says(desk, record()):
        for raw in (letter.replace(b"Subject: S", b"Subject: Not s").replace(b"<s", b"<not-s"), signed(letter)):
            assert desk.takes(raw)
        until(lambda: len(worked_on(desk)) == 2, 20, desk.journal)
    assert worked_on(desk) == {"Signed": "done", "Not signed": "quarantined"}


@contextlib.contextmanager
def dns_says(desk: Desk, text: bytes) -> Iterator[None]:
    """The container's DNS server has this TXT record for every name."""
    desk.container.path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    with desk.container.network():
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("127.0.0.1", 53))
    server = threading.Thread(target=answer, args=(listener, text))
    server.start()
    try:
        yield
    finally:
        listener.sendto(b"", listener.getsockname())
        server.join(5)
        listener.close()


def answer(listener: socket.socket, text: bytes) -> None:
    pieces = " ".join(f'"{text[at : at + 200].decode()}"' for at in range(0, len(text), 200))
    while True:
        data, client = listener.recvfrom(4096)
        if not data:
            return
        reply = dns.message.make_response(dns.message.from_wire(data))
        reply.answer.append(dns.rrset.from_text(reply.question[0].name, 300, "IN", "TXT", pieces))
        listener.sendto(reply.to_wire(), client)


def worked_on(desk: Desk) -> dict[str, str]:
    rows = [row for row in desk.listed("inbox") if row["subject"].lower().endswith("signed")]
    return {row["subject"]: row["state"] for row in rows if row["state"] in ("done", "quarantined")}
