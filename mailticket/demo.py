"""`mailticket demo`: a whole conversation on this machine, told as a story, in a temporary folder."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import config, service
from .demo_parts.cast import CONFIG, DESK, MARIA, MUTTRC, ZONE
from .demo_parts.daemon import Daemon
from .demo_parts.sink import Sink
from .demo_parts.story import Story
from .demo_parts.tell import Teller

_LOOK_EVERY = 0.5  # seconds
_MAILDIR = "sent"


def main(keep: bool = False) -> None:
    """Play it. With `keep` the desk is left running until SIGINT. MailticketError for whatever goes wrong."""
    tell = Teller()
    began = time.monotonic()
    with _ends_by_signal(), tempfile.TemporaryDirectory(prefix="mailticket-demo-") as name:
        folder = Path(name)
        with Sink(folder / _MAILDIR) as sink:
            port = _free_port()
            path = _write_config(folder, port, sink.port)
            _introduce(tell)
            with Daemon(path) as daemon:
                _play(daemon, sink, path, port, tell)
                if keep:
                    _invite(tell, path, port)
                    _wait(daemon, sink, tell)
    _part(tell, time.monotonic() - began, keep=keep)


def _play(daemon: Daemon, sink: Sink, path: Path, port: int, tell: Teller) -> None:
    settings = config.load(path, os.environ, service.clock().date())
    with service.open_store(settings) as db:
        ticket = Story(daemon, sink, db, port, tell, service.clock).play()
    tell.head(f"The ticket, as `mailticket tickets show {ticket['id']}` has it, in short")
    tell.ticket(ticket, ZONE)


def _write_config(folder: Path, listen: int, sink: int) -> Path:
    secret, path = folder / "secret", folder / "mailticket.toml"
    secret.touch(0o600)
    secret.write_text(service.new_secret() + "\n", "utf-8")
    path.write_text(CONFIG % {"listen": listen, "sink": sink}, "utf-8")
    return path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def _ends_by_signal() -> Iterator[None]:
    """SIGTERM and a closed terminal end us as ^C does, so that nothing of ours is left behind."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # else it runs under nohup
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _introduce(tell: Teller) -> None:
    tell.head("mailticket demo")
    tell.say(f"""Acme answers its customers at {DESK}. It has two agents, Anna, and Petr, who is the manager, too.
        Maria is a customer. This is a conversation between them: real mail by SMTP, through the real daemon, which
        runs in a temporary folder. Nothing leaves this machine, and nothing stays.""")


def _invite(tell: Teller, path: Path, port: int) -> None:
    maildir, muttrc = path.with_name(_MAILDIR), path.with_name("muttrc")
    muttrc.write_text(MUTTRC % {"maildir": maildir, "listen": port}, "utf-8")
    tell.head("The desk is still running: play with it")
    for name, value in (
        ("Write to", f"{DESK}, by SMTP on 127.0.0.1 port {port} (no password, no TLS)"),
        ("Read in", f"{maildir}, a Maildir of all that the desk sends"),
        ("Config", str(path)),
        ("Log", str(path.with_name("mailticket.log"))),
    ):
        tell.line(f"   {name + ':':10}{value}")
    tell.line()
    tell.line("   A customer's mail, by swaks:")
    tell.line(f"     swaks --server 127.0.0.1:{port} --from {MARIA.address} \\")
    tell.line(f"           --to {DESK} --header 'Subject: Hello' --body 'Is anybody there?'")
    tell.line()
    tell.line("   The other side, by mutt: reply as Anna, Petr or Maria to what they were sent:")
    tell.line(f"     mutt -n -F {muttrc}")
    tell.line()
    tell.line("   And what the desk knows:")
    tell.line(f"     mailticket tickets list -c {path}")
    tell.line()
    tell.line("   What it sends from now on is listed here. Ctrl-C ends it.")
    tell.line()


def _wait(daemon: Daemon, sink: Sink, tell: Teller) -> None:
    known = {sent.message_id for sent in sink.all()}
    try:
        while True:
            sent = sink.wait(lambda sent: sent.message_id not in known, _LOOK_EVERY)
            if sent:
                known.add(sent.message_id)
                tell.line(f"   to {', '.join(sent.recipients)}: {sent.mail['Subject']}")
            daemon.check()
    except KeyboardInterrupt:
        tell.line()


def _part(tell: Teller, seconds: float, *, keep: bool) -> None:
    lasted = "" if keep else f" That took {seconds:.1f} s."
    tell.say(f"The daemon has stopped and its folder is removed: nothing was kept.{lasted}")
    tell.head("Your own desk")
    for command, told in (
        ("mailticket init", "writes a mailticket.toml that explains itself"),
        ("(edit it)", "your names, your addresses, your mail server"),
        ("mailticket check --connect", "says whether all of it is right"),
        ("mailticket run", "is the daemon"),
        *(() if keep else (("mailticket demo --keep", "the same; then the desk is yours to play with"),)),
    ):
        tell.line(f"   {command:28}{told}")
