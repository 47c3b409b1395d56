"""Listening sockets for addresses as an admin writes them: `[::1]:2525`, `unix:/run/…`, `systemd:smtp`."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from ..errors import TemporaryError, UsageError

_BACKLOG = 512
_LAST_PORT = 65535
_GROUP_TOO = 0o660  # a mail server beside us connects as another user: put it into our group
_FIRST_FD = 3  # sd_listen_fds(3)


async def bind(address: str, patience: float) -> list[socket.socket]:
    """Sockets that listen, never none. An address in use is tried again for `patience` seconds.

    Raises UsageError for an address that cannot be understood, TemporaryError for one that cannot be had.
    """
    kind, _, rest = address.partition(":")
    if kind == "systemd":
        return _inherited(rest, os.environ)
    give_up = time.monotonic() + patience
    while True:
        try:
            return [_unix(rest)] if kind == "unix" else await _tcp(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or str(error)
                raise TemporaryError(f"cannot listen on {address}: {reason}") from error
            if time.monotonic() >= give_up:
                raise TemporaryError(f"cannot listen on {address}: another program has it") from error
        await asyncio.sleep(0.05)


async def _tcp(address: str) -> list[socket.socket]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > _LAST_PORT:
        raise UsageError(f'cannot listen on "{address}": write HOST:PORT, unix:/PATH or systemd:NAME')
    found = await asyncio.get_running_loop().getaddrinfo(
        host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    opened: list[socket.socket] = []
    try:
        for family, kind, protocol, _, sockaddr in found:
            try:
                sock = socket.socket(family, kind, protocol)
            except OSError as error:
                if error.errno == errno.EAFNOSUPPORT and len(found) > 1:
                    continue  # a name of both families on a machine with one
                raise
            opened.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(sockaddr)
            sock.listen(_BACKLOG)
    except OSError:
        for sock in opened:
            sock.close()
        raise
    return opened


def _unix(path: str) -> socket.socket:
    """Before `listen` nobody can connect, so the mode is right for the first one."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _is_socket(path):
            try:
                sock.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()  # left behind by a process that died
            else:
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        sock.bind(path)
        Path(path).chmod(_GROUP_TOO)
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(Path(path).stat().st_mode)
    except FileNotFoundError:
        return False


def _inherited(name: str, environ: Mapping[str, str]) -> list[socket.socket]:
    """What systemd opened under that name. It names the service's first process, which may be our parent."""
    mine = environ.get("LISTEN_PID") in {str(os.getpid()), str(os.getppid())}
    names = environ.get("LISTEN_FDNAMES", "").split(":") if mine else []
    fds = [_FIRST_FD + index for index, known in enumerate(names) if known == name]
    if not fds:
        known = ", ".join(n for n in names if n) or "none"
        raise UsageError(f"systemd handed over no socket named {name} (it handed over: {known})")
    try:
        return [socket.socket(fileno=fd) for fd in fds]
    except OSError as error:
        raise UsageError(f"systemd:{name} is no open socket here: {error.strerror}") from error
