"""The demo's own mail server: it takes what the desk sends, for whomever, and keeps it in a Maildir."""

from __future__ import annotations

import mailbox
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Self, cast

_LONGEST_LINE = 65536
_PATH = re.compile(rb"(?i)(?:FROM|TO):\s*<([^>]*)>")


@dataclass(frozen=True)
class Sent:
    """A mail that the desk handed over. `sender` is "" for the null sender."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    mail: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])

    @property
    def words(self) -> str:
        """Its plain text."""
        body = self.mail.get_body(("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")

    @property
    def readable(self) -> str:
        """All that its reader could find in it: the headers and every text, decoded."""
        heads = [f"{name}: {value}" for name, value in self.mail.items()]
        texts = [str(part.get_content()) for part in self.mail.walk() if part.get_content_maintype() == "text"]
        return "\n".join([*heads, *texts])


class Sink:
    """Listens on a free loopback port from `with` to its end. `folder` becomes the Maildir."""

    def __init__(self, folder: Path) -> None:
        self._maildir = mailbox.Maildir(folder)
        self._changed = threading.Condition()
        self._sent: list[Sent] = []
        self._server = _Server(self._take)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sink", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def all(self) -> list[Sent]:
        with self._changed:
            return list(self._sent)

    def wait(self, wanted: Callable[[Sent], bool], seconds: float) -> Sent | None:
        """The first mail that is wanted, once it is there; None when it did not come in time."""
        until = time.monotonic() + seconds
        with self._changed:
            while True:
                found = next((sent for sent in self._sent if wanted(sent)), None)
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                self._changed.wait(left)

    def _take(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> None:
        mail = message_from_bytes(raw, policy=policy.default)
        kept = f"Return-Path: <{sender}>\nDelivered-To: {', '.join(recipients)}\n".encode() + raw.replace(
            b"\r\n", b"\n"
        )
        with self._changed:
            self._maildir.add(kept)
            self._sent.append(Sent(sender, recipients, raw, mail))
            self._changed.notify_all()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, take: Callable[[str, tuple[str, ...], bytes], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.take = take


class _Session(socketserver.StreamRequestHandler):
    """One client. It says yes to all that is well-formed, as far as the desk's sender needs it."""

    def handle(self) -> None:
        sender, recipients = "", list[str]()
        self._say("220 demo.example the demo's mail server")
        for line in self._lines():
            verb = line[:4].upper()
            path = _PATH.search(line)
            if verb == b"EHLO":
                self._say("250-demo.example", "250-8BITMIME", "250 SMTPUTF8")
            elif verb == b"MAIL" and path:
                sender, recipients = path[1].decode("utf-8", "replace"), []
                self._say("250 2.1.0 ok")
            elif verb == b"RCPT" and path:
                recipients.append(path[1].decode("utf-8", "replace"))
                self._say("250 2.1.5 ok")
            elif verb == b"DATA" and recipients:
                self._say("354 go on")
                raw = self._data()
                if raw is None:
                    return  # it left in the middle of the mail, and will come again
                cast("_Server", self.server).take(sender, tuple(recipients), raw)
                self._say("250 2.0.0 kept")
            elif verb in (b"HELO", b"RSET", b"NOOP"):
                self._say("250 2.0.0 ok")
            elif verb == b"QUIT":
                self._say("221 2.0.0 goodbye")
                return
            else:
                self._say("503 5.5.1 not now")

    def _lines(self) -> Iterator[bytes]:
        while line := self.rfile.readline(_LONGEST_LINE):
            yield line

    def _data(self) -> bytes | None:
        lines: list[bytes] = []
        for line in self._lines():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line.removeprefix(b"."))
        return None

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
