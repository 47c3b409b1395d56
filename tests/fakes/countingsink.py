"""A mail server that takes everything, quickly, and remembers Message-ID and recipients of each mail it took."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from dataclasses import dataclass
from typing import Self

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
_EHLO = b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 SIZE 100000000\r\n"
_END = b"\r\n.\r\n"


@dataclass(frozen=True)
class Kept:
    message_id: str
    recipients: tuple[str, ...]


class CountingSink:
    """A mail is kept before its 250 is written: the client may never hear of it."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []  # appending is atomic
        self.port = 0
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._listener is not None
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.sendall(b"220 sink ESMTP\r\n")
            self._talk(client)
        self._open.discard(client)

    def _talk(self, client: socket.socket) -> None:
        lines = client.makefile("rb")
        recipients: list[str] = []
        while line := lines.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                client.sendall(b"354 go on\r\n")
                raw = b"\r\n"
                while not raw.endswith(_END):
                    more = lines.readline()
                    if not more:
                        return
                    raw += more
                found = _MESSAGE_ID.search(raw)
                self.kept.append(Kept(found[1].decode() if found else "", tuple(recipients)))
                recipients = []
            elif verb == b"RCPT":
                recipients.append(line[line.find(b"<") + 1 : line.rfind(b">")].decode())
            elif verb == b"RSET":
                recipients = []
            client.sendall(_EHLO if verb == b"EHLO" else b"250 ok\r\n")
            if verb == b"QUIT":
                return
