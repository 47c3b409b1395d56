"""The way in for files and pipes: one mail each, stored before the command says yes."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from ..core.keys import address_key
from ..core.policy import Policy
from ..core.types import RawMail
from ..errors import MailticketError, UsageError
from ..store import inbox
from ..store.db import Db

_HEAD = 262144  # octets; where the headers of honest mail have long ended
_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To")
_FROM_LINE = re.compile(rb"From (\S+) +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [^\r\n]{0,60}\r?\n")
_NEXT_FROM_LINE = re.compile(rb"\n\r?\n" + _FROM_LINE.pattern)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BETWEEN_ADDRESSES = re.compile(r"[\s<>,;:\"()\[\]]+")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Finds whom a mail was sent to. `to` is what the command line says, which outweighs the headers."""

    policy: Policy
    to: Sequence[str] = ()

    def __post_init__(self) -> None:
        for address in self.to:
            if not self.is_ours(address):
                raise UsageError(f"--to {address}: no department has this address")

    def is_ours(self, address: str) -> bool:
        """A department's address, with or without `+…`, or postmaster at one of its domains (RFC 5321 §4.5.1)."""
        if self.policy.department_of(address):
            return True
        local, _, domain = address_key(address).rpartition("@")
        return local == "postmaster" and domain in {
            address_key(known).rpartition("@")[2]
            for department in self.policy.departments
            for known in department.addresses
        }

    def recipients(self, headers: Message) -> tuple[str, ...]:
        """Those of our addresses that the mail was delivered to, else those it names in To and Cc."""
        if self.to:
            return tuple(dict.fromkeys(self.to))
        for names in (_DELIVERED, ("To", "Cc")):
            found = [a for name in names for value in headers.get_all(name, []) for a in _addresses(value)]
            if ours := tuple(dict.fromkeys(address for address in found if self.is_ours(address))):
                return ours
        return ()


def check_paths(paths: Sequence[str]) -> None:
    """UsageError for what cannot be a mail, before the first one is stored."""
    if paths.count(STDIN) > 1:
        raise UsageError("standard input (-) can be named only once")
    for path in paths:
        if path == STDIN:
            continue
        try:
            kind = os.stat(path).st_mode  # noqa: PTH116  # "" is no Path of its own
        except (OSError, ValueError) as error:
            raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
        if stat.S_ISDIR(kind):
            raise UsageError(f"{path}: is a folder; this version takes .eml files one by one")
        if path.endswith(".mbox"):
            raise UsageError(f"{path}: is an mbox; this version takes .eml files one by one")


def ingest(db: Db, path: str, envelope: Envelope, *, limit: int, now: datetime) -> inbox.Accepted:
    """Store one mail. When this returns it is on disk; errors are one line that begins with the path."""
    shown = "standard input" if path == STDIN else path
    raw = _read(path, shown, limit)
    sender_line = _FROM_LINE.match(raw)
    if sender_line and not path.endswith(".eml") and _NEXT_FROM_LINE.search(raw, sender_line.end()):
        raise UsageError(f"{shown}: is an mbox; this version takes one mail at a time")
    if sender_line:  # a mailbox's or a pipe's, no part of the mail
        raw = raw[sender_line.end() :]
    headers = _headers(raw)
    recipients = envelope.recipients(headers)
    if not recipients:
        raise MailticketError(f"{shown}: names no address of a department; say whom it is for with --to")
    claimed = sender_line[1].decode("utf-8", "replace") if sender_line else None
    mail = RawMail(raw, _sender(headers, claimed), recipients, "ingest", now)
    return inbox.accept(db, [mail])[0]


def _read(path: str, shown: str, limit: int) -> bytes:
    try:
        if path == STDIN:
            raw = sys.stdin.buffer.read(limit + 1) if sys.stdin is not None else b""  # None where a shell closed it
        else:
            with Path(path).open("rb") as file:
                raw = file.read(limit + 1)
    except OSError as error:
        raise MailticketError(f"{shown}: cannot be read: {error.strerror or error}") from error
    if len(raw) > limit:
        raise MailticketError(f"{shown}: is larger than max_message_size ({limit} bytes)")
    if not raw.strip():
        raise MailticketError(f"{shown}: is empty")
    return raw


def _headers(raw: bytes) -> Message:
    """The headers alone, by compat32: the newer policies can be kept busy for minutes by hostile ones."""
    head = raw[:_HEAD]
    end = _END_OF_HEADERS.search(head)
    return BytesHeaderParser().parsebytes(head[: end.end()] if end else head)


def _sender(headers: Message, claimed: str | None) -> str:
    """The envelope's sender, "" for the null one: Return-Path, the From_ line, else From's address."""
    path = headers.get("Return-Path")
    if path is not None and (found := _addresses(path)):
        return found[-1]
    if path is not None and "<>" in str(path):
        return ""
    if claimed is not None:
        return claimed if "@" in claimed else ""
    return next(iter(_addresses(headers.get("From", ""))[-1:]), "")


def _addresses(value: object) -> list[str]:
    """What looks like an address in a header, in time that grows with its length alone."""
    return [word for word in _BETWEEN_ADDRESSES.split(str(value)[:_HEAD]) if 0 < word.find("@") < len(word) - 1]
