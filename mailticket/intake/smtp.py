"""The SMTP listener: aiosmtpd's protocol with our own way of reading, answering, limiting and stopping."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP

from . import sockets
from .content import Content
from .door import STOPPING, Accept, Door, DoorOptions, Listener

__all__ = ["DoorOptions", "Listener", "serve"]

log = logging.getLogger(__name__)

_CHUNK = 65536
_BACKLOG = 512
_LONGEST_COMMAND = 2048
_FLUSH_TIME = 5.0  # for a last reply to a client that does not read
_NULL = "<>"  # how aiosmtpd writes the null sender
_NOT_YET = ("AUTH", "STARTTLS", "EXPN")  # verbs of aiosmtpd that this door does not have
_PATH = re.compile(r'\s*(?:<(?P<angle>(?:"(?:\\.|[^"\\])*"|[^<>"])*)>|(?P<bare>[^\s<>]+))(?:\s+(?P<rest>.*))?')
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# Enhanced codes (RFC 3463) for the replies of aiosmtpd's own that have none.
_DETAIL = {
    "221": "0.0",
    "250": "0.0",
    "500": "5.1",
    "501": "5.4",
    "502": "5.1",
    "503": "5.1",
    "552": "3.4",
    "555": "5.4",
}
_ENHANCED = re.compile(r"... [245]\.\d{1,3}\.\d{1,3} ")


async def serve(options: DoorOptions, accept: Accept, clock: Callable[[], datetime]) -> Listener:
    """Listen on every address of the options. A mail is answered 250 when the future that `accept` gave for it is
    done, its result is the inbox id; a mail that raises is answered 4xx.

    Raises TemporaryError for an address that cannot be had, UsageError for one that cannot be understood.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes people's addresses there
    door = Door(options, accept, clock)
    bound: list[socket.socket] = []
    made: list[Path] = []
    try:
        for address in options.listen:
            opened = await sockets.bind(address, options.bind_patience)
            bound += opened
            if address.startswith("unix:"):
                made.append(Path(address.removeprefix("unix:")))
        loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(lambda: _Session(door, loop), sock=sock, backlog=_BACKLOG) for sock in bound
        ]
    except BaseException:
        for sock in bound:
            sock.close()
        raise
    return Listener(door, servers, made)


def _peer(peername: object) -> tuple[str, bool]:
    """The client's address ("" on a unix socket), and whether it is on this machine."""
    if not isinstance(peername, tuple):
        return "", True
    ip = ipaddress.ip_address(peername[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip), ip.is_loopback


def _line(reply: str) -> bytes:
    return reply.encode("ascii", "backslashreplace") + b"\r\n"


class _Session(SMTP):
    """One connection. Private parts of aiosmtpd 1.4 in use: _handle_client, _reader, _writer, _smtp_methods,
    _handler_coroutine, _timeout_cb, _getaddr, _reset_timeout, _call_handler_hook."""

    line_length_limit = _CHUNK  # only the reader's buffer: lines of content have no limit

    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop) -> None:
        options = door.options
        super().__init__(
            door,
            data_size_limit=options.max_message_size,
            enable_SMTPUTF8=True,
            hostname=options.hostname,  # without it each connection asks the resolver
            ident="ESMTP mailticket",
            timeout=options.command_timeout,
            loop=loop,
        )
        self.door = door
        self.peer = ""
        self.is_local = True
        self.busy = False  # from DATA to its last reply
        self._failures = 0
        self._quiet_since = 0.0
        for verb in _NOT_YET:
            del self._smtp_methods[verb]

    # --- the connection ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.peer, self.is_local = _peer(transport.get_extra_info("peername"))
        self.door.enter(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.door.leave(self)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """A client that has sent all and only listens on still gets its replies: aiosmtpd would cancel the work."""
        return asyncio.StreamReaderProtocol.eof_received(self)

    def hang_up(self, reply: str) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        self._writer.write(_line(reply))
        self._close()

    def _close(self) -> None:
        transport = self.transport
        if transport is not None and self._timeout_handle is not None:
            transport.close()
            self._timeout_handle.cancel()  # as connection_lost will cancel this one
            self._timeout_handle = self.loop.call_later(_FLUSH_TIME, self.abort)

    def abort(self) -> None:
        if self.transport is not None:
            self._writer.transport.abort()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """One timer a connection that looks when something came last, instead of a new one for each command."""
        self._quiet_since = self.loop.time()
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(duration or self._timeout_duration, self._timeout_cb)

    def _timeout_cb(self) -> None:
        left = self._quiet_since + self._timeout_duration - self.loop.time()
        if left > 0:
            self._timeout_handle = self.loop.call_later(left, self._timeout_cb)
        else:
            self.hang_up("421 4.4.2 nothing came for too long, good-bye")

    # --- commands ---

    async def _handle_client(self) -> None:
        try:
            if self.door.stopping:
                self.hang_up(STOPPING)
            elif self.door.crowded(self):
                self.hang_up("421 4.7.0 too many connections, try again later")
            else:
                await self.push(f"220 {self.hostname} {self.__ident__}")
                await self._converse()
        except (asyncio.IncompleteReadError, ConnectionError):
            log.debug("a client left without QUIT")
        except Exception:
            # What follows may be the rest of a mail's content and must not be read as commands: the line is cut.
            log.exception("an SMTP session was ended by an error of ours")
            self.hang_up("421 4.3.0 trouble on our side, try again later")
        finally:
            self._close()

    async def _converse(self) -> None:
        while self.transport is not None and not self.transport.is_closing():
            line = await self._command()
            self._reset_timeout()
            verb, _, argument = line.partition(" ")
            method = self._smtp_methods.get(verb.upper())
            if len(line) > _LONGEST_COMMAND:
                await self.push("500 5.5.2 the command is too long")
            elif method is None:
                await self.push("500 5.5.1 command not recognised")
            else:
                await method(argument.strip() or None)
            if self._failures >= self.door.options.max_failures:
                self.hang_up("421 4.7.0 too many errors, good-bye")
            elif self.door.stopping:
                self.hang_up(STOPPING)

    async def _command(self) -> str:
        """The next line; of one that overruns the buffer only a piece that is too long for a command."""
        line = b""
        while True:
            try:
                rest = await self._reader.readuntil()
            except asyncio.LimitOverrunError as error:
                line = await self._reader.read(error.consumed)
            else:
                # Not UTF-8 is kept apart, and refused where it matters.
                return (line or rest).decode("utf-8", "surrogateescape").rstrip("\r\n")

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, str) else status.decode("ascii", "replace")
        # Temporary refusals are our trouble, and a mail may have any number of surplus recipients.
        self._failures = self._failures + 1 if text.startswith("5") else 0
        code, _, words = text.partition(" ")
        if code in _DETAIL and self.session and self.session.extended_smtp and not _ENHANCED.match(text):
            text = f"{code} {code[0]}.{_DETAIL[code]} {words}"
        self._writer.write(_line(text))
        await self._writer.drain()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The path as it stands between the angle brackets, source route and all, and the parameters behind it."""
        match = _PATH.fullmatch(arg)
        if not match or _UNCLEAN.search(arg):
            return None, None
        path = match["bare"] or match["angle"] or _NULL
        return path, match["rest"] or ""

    async def smtp_EHLO(self, hostname: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd wrote no types here
        assert self.session is not None
        self.session.extended_smtp = True
        self.session.host_name = hostname
        offers = [f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", "HELP"]
        await self.push("".join(f"250-{word}\r\n" for word in [self.hostname, *offers[:-1]]) + f"250 {offers[-1]}")

    async def smtp_VRFY(self, _arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        await self.push("252 2.5.0 send a mail and see")

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        self.busy = True
        try:
            await self.push("354 end with <CR><LF>.<CR><LF>")
            await self.push(await self._take())
        finally:
            self.busy = False
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # nor here

    async def _take(self) -> str:
        """Read the content to its end and hand it on; the reply."""
        content = Content(self.door.options.max_message_size)
        held = 0
        full = False
        deadline = self.loop.time() + self.door.options.data_timeout
        try:
            while True:
                chunk = await self._reader.read(_CHUNK)
                if not chunk:
                    raise ConnectionResetError("the client left in the middle of a mail")
                self._reset_timeout()
                rest = content.feed(chunk)
                self.door.held += content.size - held
                held = content.size
                if self.door.held > self.door.memory and not content.too_big:
                    full = True
                    content.drop()
                if rest is not None:
                    break
                if self.loop.time() > deadline:
                    self.hang_up("421 4.4.2 the mail took too long, good-bye")
                    raise ConnectionAbortedError("the mail took too long")
            # Pipelined commands go back to where they are looked for.
            self._reader._buffer[:0] = rest  # type: ignore[attr-defined]  # noqa: SLF001 - StreamReader cannot unread
            if full:
                return "452 4.3.1 too many large mails at the moment, try again later"
            if content.too_big:
                return f"552 5.3.4 the mail is too big, {self.data_size_limit} octets are taken"
            assert self.envelope is not None
            self.envelope.content = content.value()
            del content  # its buffer is the mail's
            return str(await self._call_handler_hook("DATA"))
        finally:
            self.door.held -= held
