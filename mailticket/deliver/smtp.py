"""The mail server, by SMTP or LMTP, and one kept connection to it, which says what became of each recipient."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from ..core.retry import Reply, classify
from ..tokens import Tokens
from .login import log_in, log_in_by_token
from .tls import handshake
from .transaction import Transaction
from .wire import DISTRUST, Answer, DeliveryFault, Limits, Wire, answer_of, with_line_ends, words

__all__ = ["Connection", "DeliveryFault", "Limits", "Server"]

Tls = Literal["", "implicit", "starttls"]

_READY, _HELLO = 220, 250  # the one good answer to a connection, and to EHLO (RFC 5321 §4.3.2)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is; `hostname` is what we call ourselves. With a `path` it is a socket on this machine.

    `tls` is "implicit" (it comes before the first word) or "starttls"; a server that has none then gets no mail.
    """

    host: str
    port: int
    hostname: str
    limits: Limits = field(default_factory=Limits)
    lmtp: bool = False
    path: Path | None = None
    tls: Tls = ""
    ca: Path | None = None  # who signs its certificate, where it is nobody that the system knows
    username: str = ""
    password: str = field(default="", repr=False)
    tokens: Tokens | None = field(default=None, repr=False)  # instead of a password; all connections share them

    def __str__(self) -> str:
        if self.path:
            return str(self.path)
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def connection(self) -> Connection:
        return Connection(self)

    def open(self) -> Wire:
        """A wire that has been greeted, is as safe as it has to be, and knows what the server offers."""
        return self._open()[0]

    def probe(self) -> str:
        """What the server says when it is met, the login included, in one line."""
        try:
            wire, greeting = self._open()
        except DeliveryFault as fault:
            raise DeliveryFault(f"the mail server {self} {fault.told}") from fault
        found = [greeting.line]
        if isinstance(wire.sock, ssl.SSLSocket):
            found.append(wire.sock.version() or "TLS")
        if self.username:
            found.append(f"logged in as {self.username}")
        wire.part(politely_within=self.limits.goodbye)
        return f"the mail server {self} answers: {', '.join(found)}"

    def _open(self) -> tuple[Wire, Answer]:
        try:
            wire = Wire(self._socket(), self.hostname, self.limits)
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that no name server can be asked for
            raise DeliveryFault(words(error)) from error
        try:
            return wire, self._meet(wire)
        except OSError as error:
            wire.close()
            raise DeliveryFault(words(error)) from error
        except BaseException:
            wire.close()
            raise

    def _socket(self) -> socket.socket:
        if self.path is None:
            sock = socket.create_connection((self.host, self.port), self.limits.connect)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.settimeout(self.limits.connect)
            sock.connect(str(self.path))
        except BaseException:
            sock.close()
            raise
        return sock

    def _meet(self, wire: Wire) -> Answer:
        if self.tls == "implicit":
            wire.secure(self._handshake)
        greeting = wire.answer()
        if greeting.code != _READY:
            raise DeliveryFault(greeting.line, verb="refuses us")
        self._greet(wire)
        if self.tls == "starttls":
            self._start_tls(wire)
            self._greet(wire)
        if self.username:
            if not self.tls and not _is_loopback(wire.sock):
                raise DeliveryFault("it is no part of this machine, and a password goes out by TLS only", verb=DISTRUST)
            if self.tokens:
                log_in_by_token(wire, self.username, self.tokens, self.host, self.port)
            else:
                log_in(wire, self.username, self.password)
        return greeting

    def _greet(self, wire: Wire) -> None:
        wire.ehlo_msg = "lhlo" if self.lmtp else "ehlo"
        answer = answer_of(*wire.ehlo())
        if answer.code == _HELLO:
            return
        # A server so old that it knows HELO only; one with TLS or LMTP is none.
        if classify(answer.code) == "refused" and not (self.lmtp or self.tls) and wire.helo()[0] == _HELLO:
            return
        raise DeliveryFault(answer.line, verb=f"refuses {wire.ehlo_msg.upper()}")

    def _start_tls(self, wire: Wire) -> None:
        if not wire.has_extn("starttls"):
            told = "it does not offer STARTTLS, and without TLS nothing is sent; is [delivery] url right?"
            raise DeliveryFault(told, verb=DISTRUST)
        answer = answer_of(*wire.docmd("STARTTLS"))
        if answer.code != _READY:
            raise DeliveryFault(answer.line, verb="refuses STARTTLS")
        wire.secure(self._handshake)

    def _handshake(self, sock: socket.socket) -> socket.socket:
        sock.settimeout(self.limits.connect)
        return handshake(sock, self.host, self.ca)


def _is_loopback(sock: socket.socket | None) -> bool:
    """Does all that is said stay on this machine?"""
    if sock is None:
        return False
    return sock.family == socket.AF_UNIX or ip_address(str(sock.getpeername()[0]).partition("%")[0]).is_loopback


class Connection:
    """Opened when a mail needs it, and kept. For one thread at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._limits = server.limits
        self._wire: Wire | None = None
        self._mails = 0  # on this wire
        self._used = 0.0  # by the monotonic clock
        self._half_way = False  # the last transaction was not finished: RSET comes before the next

    def open(self) -> Wire:
        if self._wire is None:
            self._wire = self._server.open()
            self._mails, self._used, self._half_way = 0, time.monotonic(), False
        return self._wire

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[Reply]:
        """One reply for each recipient, in their order. DeliveryFault where nothing can be known."""
        if not recipients:
            return []
        self.rest()
        kept = self._wire is not None
        try:
            return self._transact(envelope_from, recipients, raw)
        except DeliveryFault as fault:
            if not kept or fault.begun:
                raise
            log.debug("%s had closed a kept connection (%s); opening another", self._server, fault)
        return self._transact(envelope_from, recipients, raw)

    def _transact(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[Reply]:
        try:
            lmtp = self._server.lmtp
            transaction = Transaction(self.open(), self._limits, half_way=self._half_way, lmtp=lmtp)
            replies = transaction.run(envelope_from, recipients, with_line_ends(raw))
        except BaseException:  # whatever it was, the server and we no longer agree on where we are
            self.drop()
            raise
        self._mails += 1
        self._used = time.monotonic()
        self._half_way = transaction.half_way
        if transaction.broken:
            self.drop()
        return replies

    def rest(self) -> None:
        """Closes the connection if it is worn out or has not been used for a while."""
        if self._wire and (self._mails >= self._limits.mails or time.monotonic() - self._used >= self._limits.idle):
            self.close()

    def close(self) -> None:
        """Ends the connection politely."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.part(politely_within=self._limits.goodbye)

    def drop(self) -> None:
        """Ends the connection without a word."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.part()
