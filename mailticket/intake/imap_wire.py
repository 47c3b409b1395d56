"""The socket of a connection to a mailbox: a bound on what is read from it, from the greeting on, and how another
thread ends it."""

from __future__ import annotations

import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .imap_faults import StoppedError

_LITERAL = 4 << 20  # octets of one literal, whatever the server announces
_LINE = 1_000_000  # octets
_ROOM = 64 << 20  # octets of all that answers one command


class Cord:
    """By it another thread ends the connection of the moment: not through the buffer or TLS, which whoever is reading
    holds."""

    def __init__(self) -> None:
        self.ended = False  # for good: what happens now is not the server's doing
        self._lock = threading.Lock()
        self._elsewhere = False
        self._handle: socket.socket | None = None  # the connection's, whatever TLS makes of its socket

    def dial(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """A connection that this cord is tied to. StoppedError where there is to be none any more."""
        with self.elsewhere():
            sock = socket.create_connection((host, port), timeout)
        with self._lock:
            try:
                self._go_on()
                self._handle = sock.dup()
            except BaseException:
                sock.close()
                raise
        return sock

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Meanwhile the thread waits for what no cord ends, and has nothing in hand. StoppedError where it is not to
        begin with that."""
        with self._lock:
            self._go_on()
            self._elsewhere = True
        try:
            yield
        finally:
            self._elsewhere = False

    def take_in_hand(self) -> None:
        """It has something in hand, elsewhere as it is. StoppedError where it is not to begin with that."""
        with self._lock:
            self._go_on()
            self._elsewhere = False

    def _go_on(self) -> None:
        if self.ended:
            raise StoppedError

    def cut(self) -> None:
        with self._lock:
            if self._handle is not None:
                with suppress(OSError):  # it is over already
                    self._handle.shutdown(socket.SHUT_RDWR)

    def end(self) -> bool:
        """Cut it, and let there be no other. Whether its thread is elsewhere, where nobody can end it: it has nothing
        in hand, and will have nothing."""
        with self._lock:
            self.ended = True
            elsewhere = self._elsewhere
        self.cut()
        return elsewhere

    def untie(self) -> None:
        """The connection is over."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
            self._handle = None


class Wire(imaplib.IMAP4):
    """Who may have to cut it off holds the cord."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, timeout: float, cord: Cord) -> None:
        self._context = context
        self._cord = cord
        self._room = _ROOM
        super().__init__(host, port, timeout)

    def make_room(self) -> None:
        """Another command begins."""
        self._room = _ROOM

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = self._cord.dial(self.host, self.port, timeout)
        if self._context is None:
            return sock
        try:
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
