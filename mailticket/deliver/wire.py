"""The wire to a mail server: bounded replies, one kind of fault, and how things are spelled on it."""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..core.retry import Reply, classify
from ..errors import MailticketError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

log = logging.getLogger(__name__)

CHUNK = 256 * 1024  # octets written under one timeout
LINE_LIMIT = 64 * 1024  # octets of a reply line
REPLY_LINES = 200
SHOWN = 500  # characters of a reply that are kept

DISTRUST = "cannot be trusted"  # the verb of a fault

LINE_END = re.compile(rb"\r\n|\r|\n")
REPLY_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
REPEATED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")
LOCAL_PART = re.compile(r'[^\s<>"]+|"(?:[^"\\]|\\.)*"')


class DeliveryFault(MailticketError):  # noqa: N818 - the word of the house for it
    """The mail server could not be talked to: of no recipient it is known that it has the mail.

    `begun`: it had said yes to the sender, so this very mail may be what it stumbles over.
    `after_data`: lost after the final dot, so it may have taken the mail.
    `verb`: what the server does, where it is not silence.
    """

    code = 75

    def __init__(
        self, words: str, *, verb: str = "does not answer", begun: bool = False, after_data: bool = False
    ) -> None:
        super().__init__(words)
        self.verb = verb
        self.begun = begun
        self.after_data = after_data

    @property
    def told(self) -> str:
        """The rest of a sentence that begins with the server's name."""
        return f"{self.verb}: {self}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the server is waited for, in seconds (RFC 5321 §4.5.3.2), and how long a connection is kept."""

    connect: float = 30
    command: float = 60
    after_dot: float = 600
    goodbye: float = 5
    idle: float = 30
    mails: int = 500


class Answer(NamedTuple):
    code: int
    line: str

    @property
    def ok(self) -> bool:
        return classify(self.code) == "accepted"

    def to(self, address: str) -> Reply:
        return Reply(address, classify(self.code), self.line)


class Wire(smtplib.SMTP):
    """smtplib's commands on a socket that is connected already, with replies bounded in time and size and one kind of
    fault."""

    def __init__(self, sock: socket.socket, hostname: str, limits: Limits) -> None:
        super().__init__(local_hostname=hostname)
        self.sock = sock
        self.patience = limits.command
        self._unread = bytearray()

    def secure(self, handshake: Callable[[socket.socket], socket.socket]) -> None:
        """TLS from here on. What was said before it in clear may be anybody's, and counts for nothing."""
        if self._unread:
            raise DeliveryFault("there is more than its answer to STARTTLS: somebody may stand between", verb=DISTRUST)
        self.sock = handshake(self._socket())
        self.esmtp_features = {}

    def send(self, s: ReadableBuffer | str) -> None:
        octets = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        sock = self._socket()
        try:
            for start in range(0, len(octets), CHUNK):
                sock.settimeout(self.patience)
                sock.sendall(octets[start : start + CHUNK])
        except OSError as error:
            raise DeliveryFault(f"the connection broke: {words(error)}") from error

    def getreply(self) -> tuple[int, bytes]:
        deadline = time.monotonic() + self.patience
        texts: list[bytes] = []
        while len(texts) < REPLY_LINES:
            line = self._line(deadline)
            found = REPLY_LINE.fullmatch(line)
            if found is None:
                raise DeliveryFault(f"this is not SMTP: {readable(line)!r}")
            texts.append(found[3] or b"")
            if found[2] != b"-":
                return int(found[1]), b"\n".join(texts)
        raise DeliveryFault(f"a reply has over {REPLY_LINES} lines")

    def _line(self, deadline: float) -> bytes:
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > LINE_LIMIT:
                raise DeliveryFault("a reply line has no end")
            sock = self._socket()
            try:
                sock.settimeout(max(deadline - time.monotonic(), 0.001))
                octets = sock.recv(LINE_LIMIT)
            except TimeoutError as error:
                raise DeliveryFault(f"no answer within {self.patience:g} s") from error
            except OSError as error:
                raise DeliveryFault(f"the connection broke: {words(error)}") from error
            if not octets:
                raise DeliveryFault("the server closed the connection")
            self._unread += octets
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line.rstrip(b"\r")

    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise DeliveryFault("the connection is closed")
        return self.sock

    def answer(self) -> Answer:
        return answer_of(*self.getreply())

    def part(self, *, politely_within: float = 0) -> None:
        """Close it; with QUIT and so many seconds for its answer, or at once."""
        self.patience = politely_within
        try:
            if politely_within:
                self.docmd("QUIT")
        except DeliveryFault as fault:
            log.debug("no goodbye from the mail server: %s", fault)  # nothing hangs on its answer
        finally:
            self.close()


def answer_of(code: int, text: bytes) -> Answer:
    return Answer(code, f"{code} {readable(text)}".rstrip())


def readable(text: bytes) -> str:
    """A reply as one clean line. The status that each line of a long reply repeats is kept once."""
    if b"\n" not in text and len(text) <= SHOWN and text.isascii() and (line := text.decode("ascii")).isprintable():
        return line
    lines = text.decode("utf-8", "replace").split("\n")
    status = REPEATED_STATUS.match(lines[0])
    if status:
        lines[1:] = [line.removeprefix(status[0]).strip() for line in lines[1:]]
    line = " ".join(line for line in lines if line)
    return "".join(c if c.isprintable() else " " for c in line)[:SHOWN]


def words(error: BaseException) -> str:
    """What the system says about a fault, without its number."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def spell(address: str, *, utf8: bool) -> tuple[str, str]:
    """An address as this server takes it, and why it cannot be given to it ("" where it can)."""
    local, at, domain = address.rpartition("@") if "@" in address else (address, "", "")
    if not LOCAL_PART.fullmatch(local) or not address.isprintable() or any(c in '<> "' for c in domain):
        return "", "this is not an address that SMTP can carry"
    if address.isascii() or utf8:
        return address, ""
    ascii_domain = as_ascii(domain) if local.isascii() else ""
    if not ascii_domain:
        return "", "this address needs SMTPUTF8, which the mail server does not offer"
    return local + at + ascii_domain, ""


def as_ascii(domain: str) -> str:
    """A domain in its ASCII form; "" where the standard library's old IDNA would make another domain of it (ß)."""
    try:
        encoded = domain.encode("idna")
        return encoded.decode("ascii") if encoded.decode("idna") == domain.lower() else ""
    except UnicodeError:
        return ""


def with_line_ends(raw: bytes) -> bytes:
    """Every line ends with CRLF, the last one too."""
    lines = raw.count(b"\n")
    if raw.count(b"\r\n") != lines or raw.count(b"\r") != lines:
        raw = LINE_END.sub(b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n"


def with_dots(raw: bytes) -> bytes:
    """As it stands on the wire: dots at a line's start doubled, and the final dot (RFC 5321 §4.5.2)."""
    if b"\r\n." in raw:
        raw = raw.replace(b"\r\n.", b"\r\n..")
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw + b".\r\n"
