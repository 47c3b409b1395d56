"""A Maildir as the way out: each mail is a file in its `new`, for somebody else to take from there."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.retry import Reply
from .wire import DeliveryFault, Limits, spell, with_line_ends, words

_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEADERS = re.compile(rb"\n\r?\n")
_FOLDERS = ("tmp", "new", "cur")
_FLAGS = ":2,"  # what a reader puts behind a name when it moves a file from new to cur


@dataclass(frozen=True, slots=True)
class Maildir:
    """Where it is. Made when it is missing, in a folder that is there."""

    path: Path
    limits: Limits = field(default_factory=Limits)

    def __str__(self) -> str:
        return f"maildir:{self.path}"

    def connection(self) -> Box:
        return Box(self.path)

    def probe(self) -> str:
        try:
            self.connection().open()
        except DeliveryFault as fault:
            raise DeliveryFault(f"the Maildir {self.path} {fault.told}") from fault
        return f"the Maildir {self.path} can be written"


class Box:
    """The Maildir, open. It keeps nothing open, so there is nothing to close."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._taken: tuple[int, frozenset[str]] = (-1, frozenset())  # cur's time, and what is in it

    def open(self) -> None:
        """Make what is missing; DeliveryFault where it cannot be written."""
        try:
            for folder in (self._path, *(self._path / name for name in _FOLDERS)):
                with contextlib.suppress(FileExistsError):
                    folder.mkdir(0o700)
                    _sync(folder.parent)
                if not folder.is_dir():
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise DeliveryFault(f"{folder}: {words(error)}", verb="cannot be written") from error

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[Reply]:
        """Everybody's in one file. The same mail again is the same file: its name is made of its Message-ID."""
        wrong = {address: why for address in recipients if (why := spell(address, utf8=True)[1])}
        to = [address for address in recipients if address not in wrong]
        name = _name_of(raw)
        if to:
            self.open()
            self._keep(name, _with_envelope(envelope_from, to, raw))
        said = f"250 2.0.0 written to {self._path / 'new' / name}"
        return [
            Reply(address, "refused", wrong[address]) if address in wrong else Reply(address, "accepted", said)
            for address in recipients
        ]

    def _keep(self, name: str, content: bytes) -> None:
        new, written = self._path / "new" / name, self._path / "tmp" / name
        try:
            if not new.exists() and not self._was_taken(name):
                _write(written, content)
                written.rename(new)
            _sync(new.parent)  # where it stood there already, a crash may have come before this
        except OSError as error:
            fault = DeliveryFault(f"{new}: {words(error)}", verb="cannot be written", begun=error.errno == errno.EFBIG)
            raise fault from error

    def _was_taken(self, name: str) -> bool:
        """Has a reader moved it to `cur` already? That folder is looked through again only when it has changed."""
        folder = self._path / "cur"
        changed = folder.stat().st_mtime_ns
        if changed != self._taken[0]:
            self._taken = changed, frozenset(file.partition(_FLAGS)[0] for file in os.listdir(folder))  # noqa: PTH208 - names are all we need
        return name in self._taken[1]

    def rest(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""

    def drop(self) -> None:
        """Nothing is held."""


def _name_of(raw: bytes) -> str:
    end = _END_OF_HEADERS.search(raw)
    found = _MESSAGE_ID.search(raw, 0, end.start() + 1 if end else len(raw))
    return hashlib.sha256(found[1].strip() if found else raw).hexdigest()[:40] + ".mailticket"


def _with_envelope(envelope_from: str, recipients: Sequence[str], raw: bytes) -> bytes:
    """The mail as files have it, with bare line feeds, and on top what its envelope says."""
    sender = envelope_from if not spell(envelope_from, utf8=True)[1] else ""
    lines = [f"Return-Path: <{sender}>", *(f"Delivered-To: {address}" for address in recipients), ""]
    return "\n".join(lines).encode() + with_line_ends(raw).replace(b"\r\n", b"\n")


def _write(path: Path, content: bytes) -> None:
    """What a crash left there is written over: it is the same mail."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:  # noqa: PTH123 - a file with its mode from the first byte
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """The names in it are on disk, too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
