"""A door is opened: its addresses are bound, and each connection becomes a session."""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ..errors import UsageError
from . import sockets
from .door import Accept, Door, DoorOptions, Listener
from .session import Session

_BACKLOG = 512
_TLS = "tls:"


async def serve(options: DoorOptions, accept: Accept, clock: Callable[[], datetime]) -> Listener:
    """Listen on every address of the options. A mail is answered 250 when the future that `accept` gave for it is
    done, its result is the inbox id; a mail that raises is answered 4xx.

    Raises TemporaryError for an address that cannot be had, UsageError for one that cannot be understood and for a
    certificate that cannot be used.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd writes people's addresses there
    logging.getLogger("mail.debug").setLevel(logging.ERROR)  # and what it thinks of a proxy, which we say ourselves
    door = Door(options, accept, clock)
    for address in options.listen:
        if address.startswith(_TLS) and door.tls is None:
            raise UsageError(f"cannot listen on {address}: [smtp] has no tls_cert")
    bound: list[tuple[socket.socket, bool]] = []
    made: list[Path] = []
    try:
        for address in options.listen:
            place = address.removeprefix(_TLS)
            at_once = place != address
            bound += [(sock, at_once) for sock in await sockets.bind(place, options.bind_patience)]
            if place.startswith("unix:"):
                made.append(Path(place.removeprefix("unix:")))
        loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(functools.partial(Session, door, loop, at_once), sock=sock, backlog=_BACKLOG)
            for sock, at_once in bound
        ]
    except BaseException:
        for sock, _ in bound:
            sock.close()
        raise
    return Listener(door, servers, made)
