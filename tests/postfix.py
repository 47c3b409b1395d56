"""A private Postfix on a loopback port: it hands the desk's mail to our door, and everybody else's to a sink."""

from __future__ import annotations

import contextlib
import email
import email.policy
import quopri
import shutil
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from daemon import ADDRESS, Daemon, until
from fakes.smtpserver import ScriptedServer, Taken
from ports import unused_port

from mailticket.store import face, queues

LOCAL = "office.example"
MASTER = Path("/etc/postfix/master.cf")
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.acme.example
mynetworks = 127.0.0.0/8
mydestination = {local}
local_recipient_maps =
alias_maps =
disable_dns_lookups = yes
recipient_delimiter = +
relay_domains = {domains}
relay_recipient_maps = inline:{{ {known} }}
transport_maps = inline:{{ {{ {desk} = {door} }} {{ acme.example = {sink} }} {{ customer.example = {sink} }} }}
default_transport = error:nothing leaves this machine
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
smtp_destination_concurrency_failed_cohort_limit = 100
"""


@dataclass
class Postfix:
    """`known` are the addresses that it takes mail for, beside the desk's; of the domain LOCAL it takes any, and
    finds only then that there is no such user. `way` is how it speaks to the door, which is a port or a socket's path;
    to a sink's socket it speaks LMTP.
    `domains` are those that it takes mail for without a login, `more` is further lines of its config."""

    door: int | Path
    sink: int | Path
    known: tuple[str, ...]
    port: int = 0
    way: str = "smtp"
    domains: str = "acme.example customer.example"
    more: str = ""

    def __post_init__(self) -> None:
        self.port = self.port or unused_port()
        # Not below pytest's folder: Postfix's own user cannot enter that.
        self.folder = Path(tempfile.mkdtemp(prefix="mailticket-postfix-"))
        self.folder.chmod(0o755)
        for name in ("queue", "data", "etc"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        known = " ".join(f"{{ {address} = known }}" for address in (ADDRESS, *self.known))
        door = f"{self.way}:{_place(self.door)}"
        sink = f"{'lmtp' if isinstance(self.sink, Path) else 'smtp'}:{_place(self.sink)}"
        names = {"known": known, "desk": ADDRESS, "local": LOCAL, "domains": self.domains}
        text = MAIN.format(folder=self.folder, door=door, sink=sink, **names)
        (self.folder / "etc" / "main.cf").write_text(text + self.more)
        (self.folder / "etc" / "master.cf").write_text("".join(self._services()))

    def _services(self) -> Iterator[str]:
        """Debian's services on our port, and none of them in a chroot that nobody has filled."""
        for line in MASTER.read_text().splitlines(keepends=True):
            words = line.split()
            if not words or line[0].isspace() or line[0] == "#" or len(words) < 8:
                yield line
                continue
            if words[1] == "inet":
                words[0] = f"127.0.0.1:{self.port}"
            words[4] = "n"
            yield " ".join(words) + "\n"

    def start(self) -> None:
        self._do("start")
        until(self._greets, 10, self.logged)

    def stop(self) -> None:
        self._do("stop")

    def remove(self) -> None:
        with contextlib.suppress(AssertionError):  # it does not run
            self._do("abort")
        shutil.rmtree(self.folder)

    def _do(self, what: str) -> None:
        command = ["/usr/sbin/postfix", "-c", str(self.folder / "etc"), what]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{done.stderr}{self.logged()[-2000:]}"

    def _greets(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as client:
            return client.recv(4) == b"220 "
        return False

    def logged(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else "it has no log"


def _place(where: int | Path) -> str:
    return f"unix:{where}" if isinstance(where, Path) else f"[127.0.0.1]:{where}"


def swaks(port: int, sender: str, *arguments: str) -> str:
    """Hand a customer's mail to the mail server; the whole dialogue."""
    envelope = ["--server", "127.0.0.1", "--port", str(port), "--from", sender, "--to", ADDRESS, "--ehlo", "pc.example"]
    done = subprocess.run(["swaks", *envelope, *arguments], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def words(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def reply(to: EmailMessage, author: str, text: str, name: str) -> bytes:
    """What a mail client makes of a mail that was received: to its Reply-To, with its references, quoted below."""
    ((_, address),) = getaddresses([str(to["Reply-To"] or to["From"])])
    quoted = "\n".join(f"> {line}".rstrip() for line in words(to).splitlines())
    known = str(to["References"] or "").split()
    head = (
        f"From: {author}\r\nTo: {address}\r\nSubject: Re: {to['Subject']}\r\n"
        f"Message-ID: <{name}@client.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        f"In-Reply-To: {to['Message-ID']}\r\nReferences: " + "\r\n ".join([*known, str(to["Message-ID"])]) + "\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    body = f"{text}\n\nOn Sun, 22 Nov 2026 at 10:00, {to['From']} wrote:\n{quoted}\n"
    return head.encode() + quopri.encodestring(body.encode()).replace(b"\n", b"\r\n")


class Office:
    """The desk, Postfix, and the place where people's mail ends up."""

    def __init__(self, daemon: Daemon, mta: Postfix, sink: ScriptedServer) -> None:
        self.daemon, self.mta, self.sink = daemon, mta, sink

    def got(self, person: str, what: Callable[[Taken], bool] = lambda _taken: True, count: int = 1):
        """The mail that reached a person, the `count`th that is `what`; waits for it."""

        def found():
            return [mail for mail in self.sink.taken if f"<{person}>" in mail.rcpts[0] and what(mail)]

        until(lambda: len(found()) >= count, 45, lambda: f"{self.daemon.logged()}\n{self.mta.logged()[-3000:]}")
        return read(found()[count - 1].raw)

    def send(self, sender: str, raw: bytes) -> None:
        """As a mail client does: to the mail server, whom the To names."""
        ((_, address),) = getaddresses([str(read(raw)["To"])])
        with smtplib.SMTP("127.0.0.1", self.mta.port, timeout=20) as client:
            client.sendmail(sender, [address], raw, ["BODY=8BITMIME"])

    def ticket(self, number: int):
        with self.daemon.database() as db:
            return face.ticket(db, number, "ACME")

    def outbox(self):
        with self.daemon.database() as db:
            return list(queues.outbox(db))


def about(subject: str):
    return lambda taken: subject in str(read(taken.raw)["Subject"])


def newest(office: Office) -> int:
    with office.daemon.database() as db:
        return db.execute("SELECT max(id) FROM ticket").fetchone()[0]
