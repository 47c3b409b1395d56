"""A scripted mail server on a loopback port: takes all mail until it is told to say something else."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

DROP = "drop"  # instead of a reply: close the connection
SILENCE = "silence"  # instead of a reply: nothing, until the client goes away
DRIP = "drip"  # instead of a reply: one octet of it at a time, for ever
LOST = "lost"  # to the final dot: the mail is kept, and the connection closes before anybody hears of it
CHALLENGE = "PDE4OTYuNjk3QGV4YW1wbGU+"  # <1896.697@example>
ASKED = {"LOGIN": ("VXNlcjo=", "UGFzczo="), "CRAM-MD5": (CHALLENGE,)}
FULL = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")


@dataclass
class Taken:
    """A mail that got its 250, as it stood on the wire without the doubled dots."""

    mail: str
    rcpts: list[str]
    raw: bytes


@dataclass
class ScriptedServer:
    """`say(start, reply, …)` scripts the next replies to what starts so; "greeting" and "." are names, too."""

    offers: tuple[str, ...] = FULL
    tls: ssl.SSLContext | None = None  # for STARTTLS
    implicit: bool = False  # TLS comes before the greeting
    lmtp: bool = False
    path: Path | None = None  # a socket instead of a port
    on_mail: Callable[[Taken], None] = lambda _taken: None
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    reads: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _script: dict[str, list[str]] = field(default_factory=dict)
    _listener: socket.socket | None = None
    _open: set[socket.socket] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()

    def say(self, start: str, *replies: str) -> None:
        with self._lock:
            self._script.setdefault(start, []).extend(replies)

    def start(self) -> None:
        if self.path:
            self._listener = socket.create_server(str(self.path), family=socket.AF_UNIX)
        else:
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
        with self._lock:
            for client in self._open:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if not self.path:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(client)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client) -> None:
        dialogue = Dialogue(self, client)
        try:
            with contextlib.suppress(OSError, EOFError):
                dialogue.run()
        finally:
            with self._lock:
                self._open.discard(client)
            dialogue.client.close()
            client.close()

    def reply(self, command: str, default: str) -> str:
        with self._lock:
            for start in sorted(self._script, key=len, reverse=True):
                if command.startswith(start) and self._script[start]:
                    return self._script[start].pop(0)
        return default


class Dialogue:
    """One connection."""

    def __init__(self, server: ScriptedServer, client: socket.socket) -> None:
        self.server = server
        self.client = client
        self.buffer = b""
        self.mail = ""
        self.rcpts: list[str] = []

    def run(self) -> None:
        if self.server.implicit:
            self.client = self.server.tls.wrap_socket(self.client, server_side=True)
        self.say("greeting", "220 scripted ESMTP")
        while True:
            command = self.until(b"\r\n").decode()
            self.server.commands.append(command)
            verb = command.split(" ")[0].split(":")[0].upper()
            getattr(self, f"do_{verb.lower()}", self.do_other)(command)
            if verb == "QUIT":
                return

    def do_ehlo(self, command: str) -> None:
        lines = ["scripted", *self.server.offers]
        reply = [f"250{' ' if i == len(lines) - 1 else '-'}{line}" for i, line in enumerate(lines)]
        self.say(command, "\r\n".join(reply))

    def do_lhlo(self, command: str) -> None:
        self.do_ehlo(command)

    def do_starttls(self, command: str) -> None:
        if self.say(command, "220 2.0.0 go ahead").startswith("220"):
            self.buffer = b""
            self.client = self.server.tls.wrap_socket(self.client, server_side=True)

    def do_auth(self, command: str) -> None:
        """Each step is written down in `commands`; whether the last one is good is scripted as "login", and what comes
        after another challenge instead as "over"."""
        _, way, *first = command.split(" ")
        for asked in () if first else ASKED.get(way, ("",)):
            if not self.say(f"AUTH {way}", f"334 {asked}").startswith("334"):
                return
            self.server.commands.append(self.until(b"\r\n").decode())
        if self.say("login", "235 2.7.0 come in").startswith("334"):
            self.server.commands.append(self.until(b"\r\n").decode())
            self.say("over", "535 5.7.8 no")

    def do_mail(self, command: str) -> None:
        default = "503 5.5.1 nested MAIL" if self.mail else "250 2.1.0 sender ok"
        if self.say(command, default).startswith("2"):
            self.mail, self.rcpts = command, []

    def do_rcpt(self, command: str) -> None:
        default = "250 2.1.5 recipient ok" if self.mail else "503 5.5.1 MAIL first"
        if self.say(command, default).startswith("2"):
            self.rcpts.append(command)

    def do_rset(self, command: str) -> None:
        self.say(command, "250 2.0.0 reset")
        self.mail, self.rcpts = "", []

    def do_data(self, command: str) -> None:
        reply = self.say(command, "354 go on" if self.rcpts else "554 5.5.1 no valid recipients")
        if not reply.startswith("354"):
            return
        raw = b""
        while (line := self.until(b"\r\n")) != b".":
            raw += line.removeprefix(b".") + b"\r\n"
        self.server.commands.append(".")
        taken = Taken(self.mail, self.rcpts, raw)
        if self.rcpts:
            self.server.on_mail(taken)
        if self.server.lmtp:
            self._answer_each(taken)
            return
        reply = self.server.reply(".", "250 2.0.0 kept" if self.rcpts else "554 5.5.1 no valid recipients")
        if reply == LOST or reply.startswith("250"):
            self.server.taken.append(taken)
        self.mail, self.rcpts = "", []
        self.send(reply)

    def _answer_each(self, taken: Taken) -> None:
        """One reply for each recipient (RFC 2033); "." scripts them in their order. `taken` has who got a 250."""
        self.mail, self.rcpts = "", []
        for rcpt in taken.rcpts:
            reply = self.server.reply(".", "250 2.0.0 kept")
            if reply == LOST or reply.startswith("250"):
                self.server.taken.append(Taken(taken.mail, [rcpt], taken.raw))
            self.send(reply)

    def do_quit(self, command: str) -> None:
        self.say(command, "221 2.0.0 bye")

    def do_other(self, command: str) -> None:
        self.say(command, "250 ok")

    def say(self, command: str, default: str) -> str:
        return self.send(self.server.reply(command, default))

    def send(self, reply: str) -> str:
        if reply in {DROP, LOST}:
            raise EOFError
        if reply == SILENCE:
            while self.client.recv(65536):
                pass
            raise EOFError
        while reply == DRIP:
            self.client.sendall(b"2")
            time.sleep(0.05)
        self.client.sendall(reply.encode() + b"\r\n")
        if reply.startswith("421"):
            raise EOFError
        return reply

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            read = self.client.recv(65536)
            if not read:
                raise EOFError
            self.server.reads.append(read)
            self.buffer += read
        found, self.buffer = self.buffer.split(mark, 1)
        return found


def eventually(what: Callable[[], object], seconds: float = 10) -> None:
    """Waits until it is so; fails when it never is."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)
