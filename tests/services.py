"""The real service in the ways that an admin or systemd starts it: with surroundings, inherited sockets, a terminal."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from daemon import ADDRESS, Daemon, alive, until
from pace import slowed

from mailticket.store.db import Db, open_existing

SECRET = "a secret that is long enough for a test"
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?:INFO|WARNING|ERROR)\s+(?:run|door|desk): \S.*|mailticket: \S.*"
)
# Does what systemd does before exec: the descriptor is 3, and LISTEN_PID is the process's own.
_AS_SYSTEMD = """\
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@dataclass
class Service(Daemon):
    """A daemon with more `surroundings` (environment), a handed over socket, another `listen` or `store`."""

    surroundings: dict[str, str] = field(default_factory=dict)
    handed: socket.socket | None = None
    listen: str = ""
    store: str = "mailticket.db"  # from its folder

    def __post_init__(self) -> None:
        self.desk = f'database = "sqlite:{self.store}"'
        super().__post_init__()
        if self.listen:
            text = self.config.read_text("utf-8").replace(f"127.0.0.1:{self.port}", self.listen)
            self.config.write_text(text, "utf-8")

    def launch(self) -> None:
        """In a process group of its own, as a terminal would start it."""
        python = ["-P", "-m", "mailticket", "run", "-c", str(self.config)]
        handed = () if self.handed is None else (self.handed.fileno(),)
        if handed:
            python = ["-c", _AS_SYSTEMD, str(handed[0]), *python]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *python],
                stderr=log, stdout=log, stdin=subprocess.DEVNULL,
                env=os.environ | self.surroundings, pass_fds=handed, start_new_session=True,
            )  # fmt: skip

    def ends(self, seconds: float = 40) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def database(self) -> Db:
        return open_existing(self.folder / self.store)

    def interrupt(self) -> None:
        """^C: the terminal tells the whole group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)

    def said(self, words: str) -> list[str]:
        return [line for line in self.logged().splitlines() if words in line]

    def troubles(self) -> list[str]:
        """The lines that are more than news."""
        return [line for line in self.logged().splitlines() if not re.match(r"\S+ \S+ INFO", line)]


def assert_log_is_clean(log: Path) -> None:
    """Single lines of ours, without a traceback, the secret, or what people wrote."""
    text = log.read_text("utf-8") if log.exists() else ""
    assert SECRET not in text
    assert "since this morning" not in text
    for line in text.splitlines():
        assert LINE.fullmatch(line), f"not a line of ours: {line!r}\n{text[-2000:]}"


def mail(subject: str = "It does not work", size: int = 100) -> bytes:
    padding = ("x" * 70 + "\r\n") * (size // 72)
    head = f"From: maria@customer.example\r\nTo: {ADDRESS}\r\nSubject: {subject}\r\n"
    head += f"Message-ID: <{subject.replace(' ', '.')}@customer.example>\r\n"
    return f"{head}\r\nHello, since this morning it does nothing.\r\n{padding}".encode()


def hand_over(port: int, raw: bytes) -> tuple[int, str]:
    """The door's last word to a mail."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.ehlo()
        client.mail("maria@customer.example")
        client.rcpt(ADDRESS)
        code, text = client.data(raw)
        return code, text.decode()


def command(daemon: Daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-P", "-m", "mailticket", *arguments, "-c", str(daemon.config)]
    return subprocess.run(whole, capture_output=True, text=True, check=False, timeout=30)


def assert_all_gone(pids: list[int]) -> None:
    """Within a second of a quiet machine's."""
    took = until(
        lambda: not any(alive(pid) for pid in pids), 20, lambda: f"still there: {[p for p in pids if alive(p)]}"
    )
    assert took < 1.0 * slowed()
