"""A scripted IMAP server on a loopback port: an ordinary one until it is told to do something else."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fakes.imapdialogue import ORDINARY, Dialogue, Step
from fakes.imapfolder import Folder

FULL = ("IMAP4rev1", "IDLE", "MOVE", "UIDPLUS", "AUTH=PLAIN", "AUTH=XOAUTH2", "AUTH=OAUTHBEARER")


@dataclass
class ScriptedImap:
    """`say(pattern, step, …)` scripts what happens once at the next command that the pattern matches, the tag left
    out; "greeting" is one, too. The steps are those of `imapdialogue`.
    """

    offers: tuple[str, ...] = FULL
    password: str = "correct horse battery"
    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder()})
    commands: list[str] = field(default_factory=list)  # what the clients said, without tags
    silent: bool = False  # half open, all of it: connections are taken, and nothing is answered on any
    connections: int = 0
    port: int = 0
    _script: list[tuple[re.Pattern[str], tuple[Step, ...], bool]] = field(default_factory=list)
    _listener: socket.socket | None = None
    _open: dict[socket.socket, Dialogue] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def say(self, pattern: str, *steps: Step, always: bool = False) -> None:
        """The first line that matches wins; with `always` it does so for good."""
        with self.lock:
            self._script.append((re.compile(pattern, re.IGNORECASE), steps, always))

    def unsay(self) -> None:
        """From now on an ordinary server."""
        with self.lock:
            self._script.clear()

    def arrive(self, raw: bytes, at: datetime | None = None, folder: str = "INBOX", flags: Iterable[str] = ()) -> int:
        """A new mail; whoever is in IDLE there hears of it. Its UID."""
        with self.lock:
            uid = self.folders[folder].add(raw, at, flags)
            for dialogue in self._open.values():
                if dialogue.idling and dialogue.selected is self.folders[folder]:
                    with contextlib.suppress(OSError):  # it is gone
                        dialogue.tell_exists()
        return uid

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._threads = [thread]
        thread.start()

    def stop(self) -> None:
        """As if the machine went down: the port refuses, open connections break."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in list(self._threads):
            thread.join(5)

    def hang_up(self) -> None:
        """Close every open connection, now."""
        with self.lock:
            for client in self._open:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def steps(self, command: str) -> tuple[Step, ...]:
        with self.lock:
            for line in self._script:
                pattern, steps, always = line
                if pattern.match(command):
                    if not always:
                        self._script.remove(line)
                    return steps
        return (ORDINARY,)

    def _accept(self, listener) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client) -> None:
        dialogue = Dialogue(self, client)
        with self.lock:
            self.connections += 1
            self._open[client] = dialogue
        try:
            with contextlib.suppress(OSError, EOFError):
                dialogue.run()
        finally:
            with self.lock:
                del self._open[client]
            client.close()
