"""The real daemon on loopback ports, in a folder of its own, for tests that start, watch, kill and stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pace import slowed
from ports import unused_port

from mailticket.store.db import Db, open_existing

ADDRESS = "support@acme.example"
_READY = "run: ready\n"
PARTS = ("door", "desk", "reader")
CONFIG = """\
[desk]
name = "Acme Support"
tag_prefix = "ACME"
secret = "a secret that is long enough for a test"
timezone = "UTC"
send_delay = "0s"
{desk}
[smtp]
listen = ["127.0.0.1:{port}"]
[delivery]
url = "smtp://127.0.0.1:{delivery}"
hostname = "support.acme.example"
[answers]
{answers}
[[department]]
name = "Support"
addresses = ["{address}"]
{agents}
"""
# Counted as in any desk, and never used up: a load of mails comes from a few people, and each is answered.
ANSWERS = """\
per_address = "100000 per minute"
per_domain = "100000 per minute"
identical = "100000 per minute"
"""
AGENTS = """\
[[agent]]
name = "Anna Novak"
address = "anna@acme.example"
[[agent]]
name = "Ben Fischer"
address = "ben@acme.example"
"""


@dataclass
class Daemon:
    """`mailticket run` on the port `port`, handing its mail over to the port `delivery`. What it logs is in
    `folder`/log. Leaving the `with` kills what still runs."""

    folder: Path
    delivery: int
    port: int = 0
    desk: str = ""  # more lines of the [desk] table
    agents: str = AGENTS
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.port = self.port or unused_port()
        self.config = self.folder / "mailticket.toml"
        places = {"port": self.port, "delivery": self.delivery, "address": ADDRESS}
        text = CONFIG.format(**places, desk=self.desk, answers=ANSWERS, agents=self.agents)
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(0o600)
        self.log = self.folder / "log"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def start(self) -> float:
        """Start it, and wait until it greets and has told that all of it is there; seconds until it greeted."""
        told = self.logged().count(_READY)
        began = time.monotonic()
        self.launch()
        until(self.greets, 20, lambda: f"it does not listen; its log:\n{self.logged()[-2000:]}", pause=0.01)
        took = time.monotonic() - began
        until(
            lambda: self.logged().count(_READY) > told, 20, lambda: f"never ready; {self.logged()[-2000:]}", pause=0.01
        )
        return took

    def launch(self) -> None:
        command = [sys.executable, "-P", "-m", "mailticket", "run", "-c", str(self.config)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log, stdin=subprocess.DEVNULL)

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(40)

    def greets(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as client:
            return client.recv(4) == b"220 "
        return False

    def pid(self, part: str) -> int | None:
        """The process that is "run", "door", "desk" or "reader" now."""
        return self.pids().get(part)

    def pids(self) -> dict[str, int]:
        """All of our processes that are alive: run is ours, door and desk are its children, the reader is desk's."""
        if self.process is None or self.process.poll() is not None:
            return {}
        family = {"run": self.process.pid}
        parents = _parents()
        for part, parent in (("door", "run"), ("desk", "run"), ("reader", "desk")):
            for pid, ppid in parents.items():
                if ppid == family.get(parent) and f"mailticket.{part}" in _command(pid):
                    family[part] = pid
        return family

    def database(self) -> Db:
        return open_existing(self.folder / "mailticket.db")

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


def _parents() -> dict[int, int]:
    """Every process with its parent; those that are dead and not yet collected are left out."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    found[int(entry.name)] = int(parent)
    return found


def _command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):  # it ended meanwhile
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def kill(pids: list[int], how: signal.Signals = signal.SIGKILL) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def until(
    what: Callable[[], object], seconds: float, otherwise: Callable[[], str] | str = "", pause: float = 0.05
) -> float:
    """Wait until it is so; how many seconds that took. Fails when it never is, in so many times as long as the machine
    is slowed by others."""
    began, patience = time.monotonic(), 1.0
    while not what():
        if patience == 1.0 and time.monotonic() - began > seconds:
            patience = slowed()
        if time.monotonic() - began > seconds * patience:
            raise AssertionError(otherwise() if callable(otherwise) else otherwise or "it never came to be")
        time.sleep(pause)
    return time.monotonic() - began
