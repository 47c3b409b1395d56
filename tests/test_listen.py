"""The addresses a door listens on: had, waited for, refused in one line."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from dialog import NOW, POLICY

from mailticket.errors import TemporaryError, UsageError
from mailticket.intake.door import DoorOptions
from mailticket.intake.listen import serve


def options(*listen: str, patience: float = 0.0) -> DoorOptions:
    return DoorOptions(listen, 1000, "mx.acme.example", POLICY, bind_patience=patience)


async def open_and_stop(wanted: DoorOptions) -> list[tuple[str, int]]:
    listener = await serve(wanted, lambda _: Future(), lambda: NOW)
    addresses = listener.addresses
    await listener.stop(0.0)
    return addresses


def test_a_port_in_use_is_named_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(TemporaryError, match=f"cannot listen on {address}: another program has it"):
            asyncio.run(open_and_stop(options("127.0.0.1:0", address)))


def test_a_port_that_becomes_free_in_time_is_taken():
    async def wait_for_it() -> list[tuple[str, int]]:
        taken = socket.create_server(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        asyncio.get_running_loop().call_later(0.1, taken.close)
        addresses = await open_and_stop(options(f"127.0.0.1:{port}", patience=5.0))
        assert addresses == [("127.0.0.1", port)]
        return addresses

    assert asyncio.run(wait_for_it())


@pytest.mark.parametrize("address", ["2525", "127.0.0.1:smtp", "127.0.0.1:70000", "systemd:smtp"])
def test_an_address_that_cannot_be_understood_is_a_usage_error(address):
    with pytest.raises(UsageError):
        asyncio.run(open_and_stop(options(address)))


def test_a_unix_socket_left_by_the_dead_is_replaced_and_one_in_use_is_not(tmp_path):
    path = str(tmp_path / "door")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    assert asyncio.run(open_and_stop(options(f"unix:{path}"))) == [(path, 0)]
    assert not Path(path).exists()
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(path)
        living.listen()
        with pytest.raises(TemporaryError, match="another program"):
            asyncio.run(open_and_stop(options(f"unix:{path}")))


def test_a_socket_from_systemd_is_found_by_its_name():
    code = (
        "import asyncio; from mailticket.intake.sockets import bind;"
        "print(asyncio.run(bind('systemd:smtp', 0))[0].getsockname()[1])"
    )
    with socket.create_server(("127.0.0.1", 0)) as ready:
        shell = 'export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=other:smtp; exec "$0" -c "$1" 4<&0'
        done = subprocess.run(
            ["/bin/sh", "-c", shell, sys.executable, code], stdin=ready, capture_output=True, text=True, check=True
        )
        assert int(done.stdout) == ready.getsockname()[1]
