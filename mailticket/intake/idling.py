"""Waiting for a mailbox: by IDLE (RFC 2177), and so that somebody else can end the wait.

imapclient's own `idle` breaks on an untagged line before the `+`, its `idle_check` on a line that comes in two
packets, and neither sees what came in one packet with the `+`. Here nothing is read while we wait: whatever can be
read ends the wait, and is read after DONE as the answer to any command.
"""

from __future__ import annotations

import imaplib
import select
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

_BEFORE_PLUS = 1000  # lines that may come before a server says that it idles


class Wake:
    """Ends a wait from another thread. A ring between two waits is not missed."""

    def __init__(self) -> None:
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)

    def fileno(self) -> int:
        return self._ear.fileno()

    def ring(self) -> None:
        try:
            self._bell.send(b"!")
        except BlockingIOError:
            return  # it is ringing already

    def wait(self, seconds: float) -> None:
        poll = select.poll()
        poll.register(self, select.POLLIN)
        poll.poll(max(0.0, seconds) * 1000)

    def close(self) -> None:
        self._ear.close()
        self._bell.close()


class Idling:
    """One slice of IDLE. `seconds` is how long the server may take for a word of its own, `within` bounds a command."""

    def __init__(self, client: Any, seconds: float, within: Callable[[], AbstractContextManager[None]]) -> None:
        self._client = client
        self._imap = client._imap  # noqa: SLF001 - what imapclient offers for this breaks, see above
        self._seconds = seconds
        self._within = within

    def wait(self, longest: float, wake: Wake) -> bool:
        """Whether something was said. IMAP4.error alone says that the server does not want to idle."""
        with self._within():
            tag, heard = self._begin()
        if not heard and not self._has_more():
            talks = self._client.socket()
            poll = select.poll()
            poll.register(talks, select.POLLIN)
            poll.register(wake, select.POLLIN)
            heard = talks.fileno() in dict(poll.poll(longest * 1000))
        else:
            heard = True
        with self._within():
            self._end(tag)
        return heard

    def _begin(self) -> tuple[str, bool]:
        """The command's tag, and whether something was said before the server idles."""
        imap = self._imap
        tag = imap._command("IDLE")  # noqa: SLF001
        for heard in range(_BEFORE_PLUS):
            if imap._get_response() is None:  # noqa: SLF001 - the `+`
                return tag, heard > 0
            if imap.tagged_commands[tag]:
                kind, said = imap.tagged_commands.pop(tag)
                raise imaplib.IMAP4.error(f"{kind} {said[-1].decode('ascii', 'replace')}")
        raise imaplib.IMAP4.abort("it talks instead of idling")

    def _end(self, tag: str) -> None:
        """Not by imapclient's `idle_done`: it stumbles over lines that nobody needs to understand."""
        imap = self._imap
        imap.send(b"DONE\r\n")
        while not imap.tagged_commands[tag]:
            imap._get_response()  # noqa: SLF001
        kind, said = imap.tagged_commands.pop(tag)
        if kind != "OK":
            raise imaplib.IMAP4.abort(f"DONE: {kind} {said[-1].decode('ascii', 'replace')}")

    def _has_more(self) -> bool:
        """Is there something that was read from the socket already, and lies in a buffer?"""
        sock = self._client.socket()
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        sock.settimeout(0)
        try:
            return bool(self._imap.file.peek(1))
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        finally:
            sock.settimeout(self._seconds)
