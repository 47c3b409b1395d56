"""Ports that nobody has, for servers that are started later, or again: each of pytest's workers has a range of its own.

They are below those that the kernel gives to whoever asks for any port, so that no client and no other test has one of
them by chance while its server is not up.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import socket

FIRST, EACH, WORKERS = 20_000, 1_500, 8


def _ours() -> range:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    first = FIRST + worker * EACH
    return range(first, first + EACH)


def _turned(ports: range) -> itertools.cycle[int]:
    """From any of them on: another run on this machine, at the same time, most likely is elsewhere."""
    start = random.SystemRandom().randrange(len(ports))
    return itertools.cycle([*ports[start:], *ports[:start]])


_ports = _turned(_ours())


def unused_port() -> int:
    for port in itertools.islice(_ports, EACH):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError(f"somebody has all ports in {_ours()}")
