"""A program in a terminal of its own, by tmux: what stands on the screen, and keys."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from daemon import until

NUMBERS = itertools.count()
PATIENCE = 30  # seconds until a screen shows what it must, on a busy machine


class Terminal:
    """`with Terminal(folder, command)` starts it and kills it at the end; `folder` is its home."""

    def __init__(self, folder: Path, command: list[str], more: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.command = command
        self.surroundings = {
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
        }
        self.surroundings |= more or {}
        self.socket = folder / f"tmux{next(NUMBERS)}"  # of a server that is just ending nobody can have another

    def __enter__(self) -> Self:
        self._tmux("new-session", "-d", "-s", "client", "-x", "120", "-y", "50", *self.command)
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server")

    def keys(self, *keys: str) -> None:
        """By tmux's names ("Enter", "C-c"), or single letters."""
        self._tmux("send-keys", "-t", "client", *keys)

    def types(self, words: str) -> None:
        """And Enter."""
        self._tmux("send-keys", "-t", "client", "-l", words)
        self.keys("Enter")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "client")

    def shows(self, *words: str) -> None:
        """Wait until all of these stand on it."""
        until(lambda: all(one in self.screen() for one in words), PATIENCE, lambda: f"no {words} on\n{self.screen()}")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *arguments]
        ran = subprocess.run(command, env=self.surroundings, capture_output=True, text=True, check=False, timeout=20)
        assert ran.returncode == 0, (arguments, ran.stderr)
        return ran.stdout
