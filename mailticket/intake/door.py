"""What the sessions of one listener share: its options, its limits, what is done with a mail, and its end."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ..core.policy import Policy
from ..core.types import RawMail
from ..errors import TemporaryError
from . import tls
from .login import Logins
from .recipients import refusal

log = logging.getLogger(__name__)

STOPPING = "421 4.3.2 the service is stopping, try again later"
_LATER = "451 4.3.0 trouble on our side, nothing is stored: try again later"

Accept = Callable[[RawMail], "Future[int]"]


@dataclass(frozen=True)
class DoorOptions:
    """Sizes in octets, times in seconds. `memory` bounds the mails held by all sessions together.

    With `proxy_protocol` each connection must begin with a proxy's header, and whom that names is the peer.
    """

    listen: tuple[str, ...]  # "127.0.0.1:2525", "[::1]:2525", "unix:/run/…", "systemd:smtp"; "tls:" before any of them
    max_message_size: int
    hostname: str
    policy: Policy
    lmtp: bool = False  # RFC 2033 instead of SMTP
    tls_cert: Path | None = None
    tls_key: Path | None = None
    require_tls: bool = False
    proxy_protocol: bool = False
    logins: Mapping[str, str] = field(default_factory=dict, repr=False)  # agent's address key → hash of the password
    max_logins: int = 3  # wrong ones a connection
    login_pause: float = 1.0  # after a wrong one
    proxy_timeout: float = 5.0
    max_connections: int = 200
    max_per_peer: int = 100  # not for loopback and unix sockets
    max_recipients: int = 100
    max_failures: int = 20  # permanent refusals in a row
    command_timeout: float = 300.0
    data_timeout: float = 1800.0
    memory: int = 128 * 1024 * 1024
    bind_patience: float = 5.0


class Visitor(Protocol):
    """A session, as far as the door looks at it."""

    peer: str  # the client's address, "" on a unix socket
    is_local: bool
    agent: str  # who has logged in, "" for nobody
    busy: bool  # between DATA and its last reply

    def hang_up(self, reply: str) -> None: ...
    def abort(self) -> None: ...


class Door:
    """What the sessions of one listener share. It is the `handler` that aiosmtpd calls."""

    def __init__(self, options: DoorOptions, accept: Accept, clock: Callable[[], datetime]) -> None:
        self.options = options
        self.accept = accept
        self.clock = clock
        cert, key = options.tls_cert, options.tls_key
        self.tls = tls.context(cert, key or cert) if cert else None
        self.logins = Logins(options.logins, options.policy)
        self.sessions: set[Visitor] = set()
        self.peers: collections.Counter[str] = collections.Counter()
        self.held = 0
        self.memory = max(options.memory, options.max_message_size)
        self.stopping = False
        self.empty = asyncio.Event()
        self.empty.set()

    def enter(self, session: Visitor) -> None:
        self.sessions.add(session)
        self.empty.clear()
        self.peers[session.peer] += 1

    def rename(self, session: Visitor, peer: str, *, is_local: bool) -> None:
        """A proxy has said whom this session is with."""
        self._forget(session.peer)
        session.peer, session.is_local = peer, is_local
        self.peers[peer] += 1

    def leave(self, session: Visitor) -> None:
        self.sessions.discard(session)
        self._forget(session.peer)
        if not self.sessions:
            self.empty.set()

    def _forget(self, peer: str) -> None:
        self.peers[peer] -= 1
        if not self.peers[peer]:
            del self.peers[peer]

    def crowded(self, session: Visitor) -> bool:
        if len(self.sessions) > self.options.max_connections:
            return True
        return bool(session.peer) and not session.is_local and self.peers[session.peer] > self.options.max_per_peer

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Visitor, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Visitor, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if refused := refusal(address.replace("<>", ""), self.options.policy):
            return refused
        if len(envelope.rcpt_tos) >= self.options.max_recipients:
            return "452 4.5.3 too many recipients, send the rest in another mail"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server: Visitor, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = RawMail(
            raw=envelope.content,
            envelope_from="" if envelope.mail_from == "<>" else envelope.mail_from,
            envelope_to=tuple(envelope.rcpt_tos),
            via="lmtp" if self.options.lmtp else "smtp",
            received_at=self.clock(),
            peer=server.peer,
            auth=server.agent,
        )
        try:
            # Shielded: a client that hangs up now must not take back a mail that is being committed.
            number = await asyncio.shield(asyncio.wrap_future(self.accept(mail)))
        except TemporaryError as error:
            log.warning("a mail was put off with 452: %s", error)
            return "452 4.3.1 no room for more at the moment, try again later"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is our trouble and must not bounce a mail
            log.error("a mail was put off with 451: %s: %s", type(error).__name__, error)  # noqa: TRY400 - one line
            return _LATER
        return f"250 2.0.0 queued as {number}"


class Listener:
    """A running door. `addresses` are the (host, port) really bound; a unix socket has its path and 0."""

    def __init__(self, door: Door, servers: list[asyncio.Server], made: list[Path]) -> None:
        self._door = door
        self._servers = servers
        self._made = made
        names = [sock.getsockname() for server in servers for sock in server.sockets]
        self.addresses: list[tuple[str, int]] = [(n, 0) if isinstance(n, str) else (n[0], n[1]) for n in names]

    async def stop(self, grace: float) -> None:
        """Take no more, send idle clients away, and give those that are handing over a mail `grace` seconds."""
        self._door.stopping = True
        for server in self._servers:
            server.close()
        for path in self._made:
            path.unlink(missing_ok=True)
        for session in list(self._door.sessions):
            if not session.busy:
                session.hang_up(STOPPING)
        await self._emptied(grace)
        for session in list(self._door.sessions):
            session.abort()
        await self._emptied(1.0)
        await self._door.logins.close()

    async def _emptied(self, patience: float) -> None:
        with contextlib.suppress(TimeoutError):  # those that are left are aborted
            await asyncio.wait_for(self._door.empty.wait(), patience)
