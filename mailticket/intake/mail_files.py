"""Mails in files: single ones, mbox, Maildir, and folders of them. One mail at a time is in memory."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import IO, Any

from ..errors import UsageError

STDIN = "-"
_PIECE = 65536  # octets of a line that are looked at together
_SENDER = rb'From ("[^"\r\n]{0,64}"\S{0,254}|\S{1,320}) {1,20}'
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# As asctime writes it, it begins a mail wherever it stands; after an empty line one with any date and time does.
_EXACT = re.compile(
    _SENDER + rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) " + _MONTH + rb" [ 0-3]\d \d\d:\d\d(?::\d\d)?[^\r\n]{0,40}\r?\n"
)
_LIKELY = re.compile(_SENDER + rb"(?=[^\r\n]{0,80}\d\d:\d\d)(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|[^\r\n]{0,80}\b[12]\d{3}\b)")
_EMPTY = (b"\r\n", b"\n")
_ANY = re.compile(rb"From (\S*)")
_QUOTED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_GONE = re.compile(r"[:;!]2,[A-Za-z]*[DT][A-Za-z]*$", re.ASCII)  # the flags of a Maildir: a draft, or in the trash
_NO_MAILS = {"tmp", "new", "cur"}  # of a Maildir, as folders to look into further


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `path` is as typed, or joined to what was. `trouble` says why it cannot be one."""

    path: str
    size: int = 0
    single: bool = False  # one mail, whatever it looks like
    mbox: bool = False  # an mbox, whatever it looks like
    met: bool = False  # in a folder: nobody said that it is a mail
    trouble: str = ""

    @property
    def shown(self) -> str:
        return "standard input" if self.path == STDIN else self.path


@dataclass(frozen=True, slots=True)
class Found:
    """A mail, or, with `trouble`, what is none. `sender` is the From_ line's. `octets` were read for it. `message` says
    that it is one message all the same: too large or empty."""

    path: str
    shown: str
    raw: bytes = b""
    sender: str | None = None
    octets: int = 0
    trouble: str = ""
    message: bool = True


def sources(paths: Sequence[str]) -> list[Source]:
    """All files in their order. UsageError, before any is read, for a path that cannot be."""
    if paths.count(STDIN) > 1:
        raise UsageError("standard input (-) can be named only once")
    kinds = [0 if path == STDIN else _kind(path) for path in paths]
    return list(_sources(paths, kinds))


def _kind(path: str) -> int:
    try:
        return os.stat(path).st_mode  # noqa: PTH116  # "" is no Path of its own
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _sources(paths: Sequence[str], kinds: Sequence[int]) -> Iterator[Source]:
    for path, kind in zip(paths, kinds, strict=True):
        if path == STDIN:
            yield Source(path)
        elif stat.S_ISDIR(kind):
            yield from _folder(path)
        else:
            yield _file(path)


def _file(path: str, *, met: bool = False) -> Source:
    return Source(path, _size(path), single=path.endswith(".eml"), mbox=path.endswith(".mbox"), met=met)


def _size(path: str) -> int:
    """0 for what has gone meanwhile, which is told when it is read."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


def _folder(path: str) -> Iterator[Source]:
    """A Maildir's mails in the order of their names, which begin with the time, but for those that its owner deleted
    or has not sent yet; else everything that is not hidden."""
    entries = yield from _entries(path)
    inner = {entry.name for entry in entries if entry.is_dir()}
    is_maildir = {"new", "cur"} <= inner
    if is_maildir:
        mails = []
        for name in ("new", "cur"):
            mails += yield from _entries(os.path.join(path, name))  # noqa: PTH118  # as it was typed
        for entry in sorted(mails, key=lambda mail: mail.name):
            if entry.is_file() and not _GONE.search(entry.name):
                yield Source(entry.path, _size(entry.path), single=True)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not (is_maildir and entry.name in _NO_MAILS):
                yield from _folder(entry.path)
        elif is_maildir:
            continue  # lists and indexes that mail servers keep there
        elif entry.is_file():
            yield _file(entry.path, met=True)
        else:
            linked = "a link to a folder, which is not followed" if entry.is_dir() else "no file"
            yield Source(entry.path, trouble=f"is {linked}")


def _entries(path: str) -> Generator[Source, None, list[os.DirEntry[str]]]:
    try:
        with os.scandir(path) as found:
            return sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        yield Source(path, trouble=f"cannot be read: {error.strerror or error}")
        return []


def mails(source: Source, limit: int) -> Iterator[Found]:
    """The mails of one file; of one that is larger than `limit` only that it is."""
    if source.trouble:
        yield Found(source.path, source.shown, trouble=source.trouble, message=False)
        return
    try:
        with _opened(source) as file:
            yield from _mails(file, source, limit)
    except OSError as error:
        trouble = f"cannot be read: {error.strerror or error}"
        yield Found(source.path, source.shown, trouble=trouble, message=False)


def _opened(source: Source) -> Any:
    if source.path == STDIN:
        return nullcontext(sys.stdin.buffer) if sys.stdin is not None else open(os.devnull, "rb")  # noqa: PTH123  # None where a shell closed it
    return open(source.path, "rb")  # noqa: PTH123  # `mails` closes it


def _mails(file: IO[bytes], source: Source, limit: int) -> Iterator[Found]:
    first = file.readline(_PIECE)
    while source.mbox and first and not first.strip():  # empty lines on top
        first = file.readline(_PIECE)
    if source.mbox and not first:
        return  # an empty folder of a mail client's
    if source.mbox and not _ANY.match(first):
        trouble = "is no mbox: it does not begin with a line From …"
        yield Found(source.path, source.shown, trouble=trouble, message=False)
    elif source.mbox or (_LIKELY.match(first) and not source.single):
        yield from _from_mbox(_split(file, first, limit), source, limit)
    else:
        yield _single(file, first, source, limit)


def _single(file: IO[bytes], first: bytes, source: Source, limit: int) -> Found:
    line = _LIKELY.match(first)
    # The line is a mailbox's or a pipe's, no part of the mail. One that ends in CR alone is read with what follows it.
    raw = first.partition(b"\r")[2].removeprefix(b"\n") if line else first
    raw += file.read(max(0, limit + 1 - len(raw)))
    trouble = _wrong(raw, limit)
    said = source.single or not source.met
    if not (trouble or said or line or _HEADER.match(raw)):
        trouble = "is no mail: it does not begin with a header"
    return Found(source.path, source.shown, b"" if trouble else raw, _name(line), len(raw), trouble, message=said)


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands below one From_ line and above the next; no `content` where that is too much."""

    line: bytes
    content: bytes | None
    octets: int

    def found(self, source: Source, number: int | None, limit: int) -> Found:
        """As the `number`th of an mbox; None for the only mail of what is none."""
        behind = "" if number is None else f"#{number}"
        raw = self.content
        if raw is not None and number is not None:
            raw = _QUOTED_FROM.sub(b"", _without_last_empty_line(raw))
        trouble = _wrong(raw, limit)
        sender = _name(_ANY.match(self.line))
        if number is not None and "@" not in (sender or ""):
            sender = None  # of mail that is kept, programs write - or MAILER-DAEMON where they no longer know
        path, shown = source.path + behind, source.shown + behind
        return Found(path, shown, b"" if trouble or raw is None else raw, sender, self.octets, trouble)


def _from_mbox(parts: Iterator[_Part], source: Source, limit: int) -> Iterator[Found]:
    one = next(parts)
    two = next(parts, None)
    if two is None and not source.mbox:  # a pipe's From_ line on top of its only mail
        yield one.found(source, None, limit)
        return
    yield one.found(source, 1, limit)
    del one
    if two is not None:
        yield two.found(source, 2, limit)
        del two
    for number, part in enumerate(parts, start=3):
        yield part.found(source, number, limit)


def _split(file: IO[bytes], line: bytes, limit: int) -> Iterator[_Part]:
    """Cut at From_ lines. Content-Length is not looked at: it is wrong wherever somebody has edited an mbox."""
    most = limit + len(b"\r\n")  # the empty line before the next From_ line is no part of the mail
    content, octets = bytearray(), len(line)
    begins, after_empty = line.endswith(b"\n"), False
    too_large = False
    while piece := file.readline(_PIECE):
        if begins and piece.startswith(b"From ") and (_EXACT if not after_empty else _LIKELY).match(piece):
            yield _Part(line, None if too_large else bytes(content), octets)
            line, content, octets, too_large = piece, bytearray(), 0, False
        elif not too_large:
            content += piece
            too_large = len(content) > most
            if too_large:
                content.clear()
        octets += len(piece)
        after_empty = begins and piece in _EMPTY
        begins = piece.endswith(b"\n")
    yield _Part(line, None if too_large else bytes(content), octets)


def _without_last_empty_line(raw: bytes) -> bytes:
    for end in _EMPTY:
        if raw.endswith(end * 2):
            return raw.removesuffix(end)
    return raw


def _name(line: re.Match[bytes] | None) -> str | None:
    return line[1].decode("utf-8", "replace") if line else None


def _wrong(raw: bytes | None, limit: int) -> str:
    if raw is None or len(raw) > limit:
        return f"is larger than max_message_size ({limit} bytes)"
    return "" if raw.strip() else "is empty"
