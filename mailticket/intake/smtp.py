"""A connection of the SMTP or LMTP door: aiosmtpd's protocol with our own way of reading, answering, limiting and
ending. The commands are in `session`."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re

from aiosmtpd.proxy_protocol import V2_CMD, get_proxy
from aiosmtpd.smtp import SMTP

from . import tls
from .door import STOPPING, Door

log = logging.getLogger(__name__)

LONGEST_COMMAND = 2048
CHUNK = 65536
_FLUSH_TIME = 5.0  # for a last reply to a client that does not read
_NOBODY = "unknown"  # whom a proxy did not name: never the proxy itself, which the config may trust
_NULL = "<>"  # how aiosmtpd writes the null sender
_PATH = re.compile(r'\s*(?:<(?P<angle>(?:"(?:\\.|[^"\\])*"|[^<>"])*)>|(?P<bare>[^\s<>]+))(?:\s+(?P<rest>.*))?')
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_AUTH_PARAMETER = re.compile(r"(?:^|\s)AUTH=\S*", re.ASCII | re.IGNORECASE)
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


def _peer(peername: object) -> tuple[str, bool]:
    """The client's address ("" on a unix socket), and whether it is on this machine."""
    if not isinstance(peername, tuple):
        return "", True
    ip = ipaddress.ip_address(peername[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip), ip.is_loopback


def _line(reply: str) -> bytes:
    return reply.encode("ascii", "backslashreplace") + b"\r\n"


class Connection(SMTP):
    """Private parts of aiosmtpd 1.4 in use: _handle_client, _reader, _writer, _smtp_methods, _handler_coroutine,
    _timeout_cb, _getaddr, _reset_timeout, _call_handler_hook; of asyncio: the reader's buffer, and
    where reader, writer and protocol keep their transport."""

    line_length_limit = CHUNK  # only the reader's buffer: lines of content have no limit

    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop, tls_at_once: bool) -> None:
        options = door.options
        super().__init__(
            door,
            data_size_limit=options.max_message_size,
            enable_SMTPUTF8=True,
            hostname=options.hostname,  # without it each connection asks the resolver
            ident="LMTP mailticket" if options.lmtp else "ESMTP mailticket",
            timeout=options.command_timeout,
            loop=loop,
        )
        self.door = door
        self.peer = ""
        self.is_local = True
        self.agent = ""
        self.busy = False  # from DATA to its last reply
        self.secure = False
        self._tls_at_once = tls_at_once
        self._mute = tls_at_once  # nothing may be said in the clear
        self._lost = False
        self._failures = 0
        self._quiet_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.door.options.proxy_protocol:  # else the proxy says who it is, and is nobody until then
            self.peer, self.is_local = _peer(transport.get_extra_info("peername"))
        self.door.enter(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._lost:  # a failed handshake says so once, twice, or not at all
            return
        self._lost = True
        self.door.leave(self)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """A client that has sent all and only listens on still gets its replies: aiosmtpd would cancel the work."""
        return asyncio.StreamReaderProtocol.eof_received(self)

    def hang_up(self, reply: str) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        if self._mute:
            self.abort()
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

    async def _handle_client(self) -> None:
        try:
            if self._turned_away():
                return
            if self.door.options.proxy_protocol:
                await self._hear_proxy()
                if self._turned_away():
                    return
            if self._tls_at_once:
                await self._begin_tls(bytes(self._buffer))
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

    def _turned_away(self) -> bool:
        if self.door.stopping:
            self.hang_up(STOPPING)
        elif self.door.crowded(self):
            self.hang_up("421 4.7.0 too many connections, try again later")
        else:
            return False
        return True

    async def _hear_proxy(self) -> None:
        """The header of HAProxy's protocol, version 1 or 2, must come first; without it nothing is believed."""
        own = self._writer.get_extra_info("peername")
        try:
            async with asyncio.timeout(self.door.options.proxy_timeout):
                told = await get_proxy(self._reader)
        except TimeoutError:
            told = None
        if not told:
            if not self._reader.at_eof():  # who only looks whether somebody is there is no fault
                log.warning("a connection from %s began without a PROXY header and was cut", _peer(own)[0] or "here")
            self.abort()
            raise ConnectionAbortedError("no PROXY header")
        if told.command == V2_CMD.LOCAL:  # the proxy itself, which looks whether we are there
            self.door.rename(self, _NOBODY, is_local=True)
        elif isinstance(told.src_addr, ipaddress.IPv4Address | ipaddress.IPv6Address):
            peer, is_local = _peer((str(told.src_addr),))
            self.door.rename(self, peer, is_local=is_local)
        else:
            self.door.rename(self, _NOBODY, is_local=False)

    @property
    def _buffer(self) -> bytearray:
        """What the reader holds that nobody has asked for yet."""
        buffer: bytearray = self._reader._buffer  # type: ignore[attr-defined]  # noqa: SLF001 - it can be neither emptied nor given back
        return buffer

    async def _begin_tls(self, early: bytes = b"") -> None:
        """Nothing that came in the clear is read as a command afterwards, and nobody is who they said (RFC 3207)."""
        self._mute = True
        self._buffer.clear()
        assert self.door.tls is not None
        try:
            transport = await tls.begin(self._writer.transport, self, self.door.tls, early)
        except OSError as error:
            log.info("a TLS handshake with %s failed: %s", self.peer or "a unix socket", error)
            self.loop.call_soon(self.connection_lost, None)
            raise ConnectionAbortedError("no TLS") from error
        self.transport = transport
        for keeper in (self, self._reader, self._writer):
            keeper._transport = transport  # type: ignore[union-attr]  # noqa: SLF001 - asyncio has no setter
        self._over_ssl = True
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd wrote no types here
        self.session = self._create_session()
        self.session.peer = transport.get_extra_info("peername")
        self.secure, self._mute = True, False

    async def _converse(self) -> None:
        while self.transport is not None and not self.transport.is_closing():
            line = await self._command()
            self._reset_timeout()
            verb, _, argument = line.partition(" ")
            method = self._smtp_methods.get(verb.upper())
            if len(line) > LONGEST_COMMAND:
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
        rest = match["rest"] or ""
        # Who takes AUTH takes its parameter, too (RFC 4954, section 5); it is somebody's word and changes nothing.
        return path, _AUTH_PARAMETER.sub("", rest) if self.door.logins else rest
