"""A mail server for the state machine, without a socket: does what it is told and remembers what it has taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from mailticket.deliver.smtp import Connection, Limits
from mailticket.deliver.wire import Answer, DeliveryFault

OUTCOMES = ("ok", "later", "refused", "lost", "first later", "first refused", "broken")
"""What may become of one mail: `lost` is taken, but nobody hears of it; `broken` breaks before anything is said."""

OFFERS = ("pipelining", "size", "8bitmime")


@dataclass(frozen=True)
class Taken:
    """A mail that the server has taken: it reaches these recipients, whatever we heard of it."""

    recipients: tuple[str, ...]
    raw: bytes
    lost: bool
    sender: str = ""  # of the envelope: where it would come back to

    @cached_property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @cached_property
    def message_id(self) -> str:
        return str(self.mail["message-id"])

    @cached_property
    def all_words(self) -> str:
        """Whatever a person or their client could find in it: every header and every text, decoded."""
        found = [f"{name}: {value}" for name, value in self.mail.items()]
        found += [part.get_content() for part in self.mail.walk() if part.get_content_maintype() == "text"]
        return "\n".join(found)


@dataclass
class MailServer:
    """Stands where `deliver.smtp.Server` does: it has its `open` and its `limits`."""

    on_taken: Callable[[Taken], None]
    limits: Limits = field(default_factory=Limits)
    lmtp: bool = False
    down: bool = False
    taken: list[Taken] = field(default_factory=list)
    _script: deque[str] = field(default_factory=deque)

    def __str__(self) -> str:
        return "the scripted mail server"

    def say(self, outcomes: Iterable[str]) -> None:
        """What becomes of the next mails; all later ones are taken."""
        self._script = deque(outcomes)

    def next_outcome(self) -> str:
        return self._script.popleft() if self._script else "ok"

    def connection(self) -> Connection:
        return Connection(self)

    def open(self) -> Wire:
        if self.down:
            raise DeliveryFault("connection refused")
        return Wire(self)

    def take(self, taken: Taken) -> None:
        self.taken.append(taken)
        self.on_taken(taken)


@dataclass
class Wire:
    """What `deliver.smtp.Connection` asks of a wire."""

    server: MailServer
    patience: float = 0
    _outcome: str = "ok"
    _sender: str = ""
    _recipients: list[str] = field(default_factory=list)
    _first: bool = True
    _data: bytes | None = None
    _answers: deque[Answer | DeliveryFault] = field(default_factory=deque)

    def has_extn(self, name: str) -> bool:
        return name in OFFERS

    def part(self, *, politely_within: float = 0) -> None:
        """Nothing hangs on a goodbye."""

    def send(self, octets: bytes | memoryview) -> None:
        if self.server.down:
            raise DeliveryFault("the connection broke")
        if self._data is not None:
            self._content(bytes(octets))
            return
        for line in bytes(octets).decode().split("\r\n")[:-1]:
            self._answers.append(self._command(line))

    def answer(self) -> Answer:
        answer = self._answers.popleft()
        if isinstance(answer, DeliveryFault):
            raise answer
        return answer

    def _command(self, line: str) -> Answer | DeliveryFault:
        match line.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0]:
            case "MAIL":
                self._outcome, self._recipients, self._first = self.server.next_outcome(), [], True
                self._sender = _path(line)
                broken = DeliveryFault("the server closed the connection")
                return broken if self._outcome == "broken" else Answer(250, "250 2.1.0 go on")
            case "RCPT":
                return self._rcpt(_path(line))
            case "DATA" if self._recipients:
                self._data = b""
                return Answer(354, "354 go on")
            case "DATA":
                return Answer(554, "554 5.5.1 nobody to send it to")
        return Answer(250, "250 ok")

    def _rcpt(self, address: str) -> Answer:
        first, self._first = self._first, False
        if self._outcome == "refused" or (first and self._outcome == "first refused"):
            return Answer(550, "550 5.1.1 no such user")
        if first and self._outcome == "first later":
            return Answer(450, "450 4.2.0 greylisted")
        self._recipients.append(address)
        return Answer(250, "250 2.1.5 ok")

    def _content(self, octets: bytes) -> None:
        self._data = (self._data or b"") + octets
        if self._data != b".\r\n" and not self._data.endswith(b"\r\n.\r\n"):
            return
        raw, self._data = self._data[:-3].replace(b"\r\n..", b"\r\n."), None
        if self._outcome == "later":
            self._answers.append(Answer(451, "451 4.3.0 try again"))
            return
        lost = self._outcome == "lost"
        self.server.take(Taken(tuple(self._recipients), raw, lost, self._sender))
        self._answers.append(DeliveryFault("the connection broke") if lost else Answer(250, "250 2.0.0 kept"))


def _path(line: str) -> str:
    return line[line.index("<") + 1 : line.index(">")]
