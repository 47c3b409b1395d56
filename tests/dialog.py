"""Dialogue scripts for the SMTP door: a real listener in a thread, raw sockets, one script a file.

# a sentence that says what must hold (the first line)
! option value           a DoorOptions field; `! trouble 1` makes the first commit fail; `! certificate 1` lets the
                         door do TLS; `! password WORD` is Anna's; `! tls_at_once 1` is a listener with tls: before it
c connect                any name is a connection; also: c half-close, c close, c reset
c -> text                send the text and CRLF; {64:text} in it is base64 of the text, \\0 a NUL
c tls                    begin TLS now
c => b"raw" * 3          send bytes, written as a Python expression
c <- text                the next line is exactly this
c <~ regex               the next line matches
c <. the server has closed the connection
100 x c -> RCPT {n}      the line so many times, {n} counts from 1
stored 2                 so many mails are stored in the end
mail 1 raw b"..."        the first one's bytes; also: from, to (words), peer, via, auth
"""

from __future__ import annotations

import asyncio
import base64
import functools
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from certificates import NAME, certificate

from mailticket.core.passwords import hash_password
from mailticket.core.policy import Agent, Department, Hours, Policy
from mailticket.core.types import RawMail
from mailticket.intake.door import DoorOptions, Listener
from mailticket.intake.listen import serve
from mailticket.store.batcher import Batcher

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PATIENCE = 10.0  # seconds for a reply before a test fails


def department(name: str, *addresses: str) -> Department:
    return Department(name, addresses, ("least-loaded",), Hours((), "closed"), ZoneInfo("UTC"), frozenset())


POLICY = Policy(
    name="Acme",
    tag_prefix="ACME",
    zone=ZoneInfo("UTC"),
    default_language="en",
    secrets=(b"0123456789abcdef",),
    plus_addresses=True,
    send_delay=timedelta(0),
    hostname="mx.acme.example",
    departments=(
        department("Support", "support@acme.example", "help@acme.example"),
        department("Sales", "sales@sales.example"),
    ),
    agents=(Agent("Anna Novak", "Anna@acme.example", ("novak@acme.example",), ("Support",)),),
)
ANNA = "anna@acme.example"


@functools.cache
def hashed(password: str) -> str:
    return hash_password(password, b"salt of the tests")


def secured(**options: Any) -> dict[str, Any]:
    """Options of a door with a certificate."""
    made = certificate()
    return {"tls_cert": made.cert, "tls_key": made.key, "login_pause": 0.0, **options}


@dataclass
class Running:
    """A door in its own thread. `stored` fills as mails are committed; `before` runs ahead of each commit."""

    stored: list[RawMail] = field(default_factory=list)
    trouble: int = 0
    before: Any = None
    listener: Listener | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    @property
    def port(self) -> int:
        assert self.listener is not None
        return self.listener.addresses[0][1]

    def write(self, mails: list[RawMail]) -> list[int]:
        if self.before:
            self.before()
        if self.trouble:
            self.trouble -= 1
            raise OSError("no space left on /var/lib/secret")
        self.stored += mails
        return list(range(len(self.stored) - len(mails) + 1, len(self.stored) + 1))

    def call(self, coroutine: Any, patience: float = PATIENCE) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(patience)

    def stop(self, grace: float = 5.0) -> None:
        assert self.listener is not None
        self.call(self.listener.stop(grace))


@contextmanager
def running_door(trouble: int = 0, before: Any = None, **options: Any) -> Iterator[Running]:
    running = Running(trouble=trouble, before=before)
    settings: dict[str, Any] = {
        "listen": ("127.0.0.1:0",),
        "max_message_size": 1_000_000,
        "hostname": "mx.acme.example",
        "policy": POLICY,
    }
    batcher = Batcher(running.write, name="inbox", weigh=lambda mail: len(mail.raw))
    thread = threading.Thread(target=running.loop.run_forever)
    thread.start()
    try:
        running.listener = running.call(serve(DoorOptions(**(settings | options)), batcher.submit, lambda: NOW))
        yield running
    finally:
        try:
            if running.listener is not None:
                running.stop()  # a test that failed, too: its sockets would fail an innocent one
        finally:
            batcher.close()
            running.loop.call_soon_threadsafe(running.loop.stop)
            thread.join()
            running.loop.close()


class Client:
    """A raw socket with a line buffer."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")

    def line(self) -> str:
        return self.file.readline().decode().removesuffix("\r\n")

    def tls(self) -> None:
        self.file.close()
        self.sock = certificate().client().wrap_socket(self.sock, server_hostname=NAME)
        self.file = self.sock.makefile("rb")

    def reply(self) -> str:
        """The last line of a reply."""
        while (line := self.line())[3:4] == "-":
            pass
        return line

    def say(self, text: str) -> str:
        self.sock.sendall(text.encode() + b"\r\n")
        return self.reply()

    def envelope(self, recipient: str = "support@acme.example", *, greet: bool = True) -> str:
        """Everything up to the 354."""
        if greet:
            self.reply()
            self.say("EHLO client.example")
        self.say("MAIL FROM:<alice@customer.example>")
        self.say(f"RCPT TO:<{recipient}>")
        return self.say("DATA")

    def closed(self) -> bool:
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.file.close()
        self.sock.close()

    def leave_tls(self) -> None:
        """As clients do that hear of the end: the door waits some seconds for who is silent."""
        if isinstance(self.sock, ssl.SSLSocket):
            self.close()

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


_ACTIONS: dict[str, Callable[[Client], None]] = {
    "tls": Client.tls,
    "half-close": lambda client: client.sock.shutdown(socket.SHUT_WR),
    "reset": Client.reset,
    "close": Client.close,
}
_SIXTY_FOUR = re.compile(r"\{64:(.*?)\}")
_STEP = re.compile(r"(?:(?P<times>\d+) x )?(?P<who>[a-z]+) (?P<what>\S+)(?: (?P<arg>.*))?")


def run(path: Path) -> None:
    title, *lines = path.read_text(encoding="utf-8").splitlines()
    assert title.startswith("# "), f"{path.name}: the first line says what must hold"
    lines = [line for line in lines if line and not line.startswith("#")]
    options = _options(dict(line.split()[1:] for line in lines if line.startswith("! ")))
    claims = [line for line in lines if line.startswith(("stored ", "mail "))]
    assert claims, f"{path.name}: says nothing about what is stored"
    with running_door(**options) as running:
        clients: dict[str, Client] = {}
        for line in lines:
            if line.startswith("! ") or line in claims:
                continue
            match = _STEP.fullmatch(line)
            assert match, f"{path.name}: cannot read {line!r}"
            for n in range(1, int(match["times"] or 1) + 1):
                _step(running, clients, match["who"], match["what"], (match["arg"] or "").replace("{n}", str(n)))
        for client in clients.values():
            client.leave_tls()
        running.stop()
        for client in clients.values():
            client.close()
        for claim in claims:
            _check(running.stored, claim)


def _options(written: dict[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = secured() if written.pop("certificate", "") else {}
    if word := written.pop("password", ""):
        options["logins"] = {ANNA: hashed(word)}
    if written.pop("tls_at_once", ""):
        options["listen"] = ("tls:127.0.0.1:0",)
    return options | {name: int(value) for name, value in written.items()}


def _step(running: Running, clients: dict[str, Client], who: str, what: str, arg: str) -> None:
    if what == "connect":
        clients[who] = Client(running.port)
        return
    client = clients[who]
    if what == "->":
        client.sock.sendall(_SIXTY_FOUR.sub(_encoded, arg).encode() + b"\r\n")
    elif what == "=>":
        client.sock.sendall(_value(arg))
    elif what == "<-":
        assert client.line() == arg
    elif what == "<~":
        line = client.line()
        assert re.fullmatch(arg, line), f"{line!r} does not match {arg!r}"
    elif what == "<.":
        assert client.closed()
        client.close()
    elif what in _ACTIONS:
        _ACTIONS[what](client)
    else:
        raise AssertionError(f"no such step: {what}")


def _check(stored: list[RawMail], claim: str) -> None:
    kind, number, *rest = claim.split(" ", 3)
    if kind == "stored":
        assert len(stored) == int(number), claim
        return
    mail = stored[int(number) - 1]
    name, value = rest[0], rest[1] if len(rest) > 1 else ""
    if name == "raw":
        assert mail.raw == _value(value), f"{mail.raw[:200]!r} is not {value}"
    elif name == "from":
        assert mail.envelope_from == value
    elif name == "to":
        assert list(mail.envelope_to) == value.split()
    else:
        assert name in {"peer", "via", "auth"}
        assert getattr(mail, name) == value


def _encoded(match: re.Match[str]) -> str:
    return base64.b64encode(match[1].replace("\\0", "\0").encode()).decode()


def _value(expression: str) -> bytes:
    value = eval(expression, {"__builtins__": {}})
    assert isinstance(value, bytes)
    return value
