"""The real daemon, as a process of its own: started, waited for, stopped, and quoted where something goes wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from ..errors import MailticketError

_START_WITHIN = 60.0  # seconds
_STOP_WITHIN = 20.0
_LOOK_EVERY = 0.02
_TAIL = 4  # lines of the log that an error quotes
_STAMP = re.compile(r"^\d\S+ \d\S+ (?=[A-Z]+ )|^mailticket: ")


class Daemon:
    """`mailticket run` on one config. Its log goes to a file in the config's folder."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._log = config.with_name("mailticket.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """MailticketError when it did not end well; but what went wrong before counts first."""
        wrong = self._end()
        if wrong and kind is None:
            raise self.trouble(wrong)

    def _start(self) -> None:
        """Returns once it listens and works."""
        command = [sys.executable, "-P", "-m", "mailticket", "run", "-c", str(self._config)]
        surroundings = {
            name: value for name, value in os.environ.items() if name not in ("JOURNAL_STREAM", "NOTIFY_SOCKET")
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=surroundings, cwd=self._config.parent
            )
        until = time.monotonic() + _START_WITHIN
        while not any(line.endswith("run: ready") for line in self._lines()):
            self.check()
            if time.monotonic() > until:
                raise self.trouble(f"the daemon was not ready within {_START_WITHIN:.0f} s")
            time.sleep(_LOOK_EVERY)

    def check(self) -> None:
        """MailticketError when it has ended."""
        status = None if self._process is None else self._process.poll()
        if status is not None:
            raise self.trouble(f"the daemon ended by itself (status {status})")

    def trouble(self, what: str) -> MailticketError:
        """An error in one line, with what the daemon said last."""
        said = [" ".join(_STAMP.sub("", line).split()) for line in self._lines()[-_TAIL:]]
        return MailticketError(f"{what}; its log ends: {' / '.join(said)}" if said else f"{what}; its log is empty")

    def _end(self) -> str:
        """Stop it by SIGTERM, as systemd does; "" when it ended well, else how it did not."""
        if self._process is None:
            return ""
        self._process.terminate()
        try:
            status = self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return f"the daemon did not end within {_STOP_WITHIN:.0f} s of SIGTERM"
        return f"the daemon ended with status {status} after SIGTERM" if status else ""

    def _lines(self) -> list[str]:
        return self._log.read_text("utf-8", "replace").splitlines() if self._log.exists() else []
