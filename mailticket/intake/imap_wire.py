"""The socket of a connection to a mailbox, and a bound on what is read from it, from the greeting on."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable
from typing import Any

_LITERAL = 4 << 20  # octets of one literal, whatever the server announces
_LINE = 1_000_000  # octets
_ROOM = 64 << 20  # octets of all that answers one command


class Wire(imaplib.IMAP4):
    """`opened` is called with the socket before a word is said on it, for who may have to cut it off."""

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        timeout: float,
        opened: Callable[[socket.socket], None],
    ) -> None:
        self._context = context
        self._opened = opened
        self._room = _ROOM
        super().__init__(host, port, timeout)

    def make_room(self) -> None:
        """Another command begins."""
        self._room = _ROOM

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = socket.create_connection((self.host, self.port), timeout)
        try:
            self._opened(sock)
            if self._context is None:
                return sock
            return self._context.wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise

    def _get_response(self) -> Any:
        """A farewell is told where it is said: imaplib goes on, and tells of the end of the file."""
        said = super()._get_response()  # type: ignore[misc]  # not in the stubs
        if self.state != "LOGOUT":
            self._check_bye()
        return said

    def read(self, size: int) -> bytes:
        if size > _LITERAL:
            raise self.abort(f"it announces {size} octets at once")
        return self._counted(self.file.read(size))

    def readline(self) -> bytes:
        line = self.file.readline(_LINE + 1)
        if len(line) > _LINE:
            raise self.abort(f"a line of it has over {_LINE} octets")
        return self._counted(line)

    def _counted(self, data: Any) -> bytes:
        self._room -= len(data)
        if self._room < 0:
            raise self.abort(f"its answer has over {_ROOM} octets")
        return bytes(data)
