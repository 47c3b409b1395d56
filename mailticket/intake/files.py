"""The way in for files and pipes: every mail is stored before the command says yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesHeaderParser

from ..core.keys import address_key
from ..core.policy import Policy
from ..core.types import RawMail
from ..errors import MailticketError, TemporaryError, UsageError
from ..store import inbox
from ..store.db import Db
from .mailboxes import Found

_HEAD = 262144  # octets; where the headers of honest mail have long ended
_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BETWEEN_ADDRESSES = re.compile(r"[\s<>,;:\"()\[\]]+")
BATCH = 50  # mails that share a commit,
BATCH_BYTES = 16 * 1024 * 1024  # and of how many octets

Clock = Callable[[], datetime]


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one mail: where it is in the inbox, or why it is not there. `path` names it."""

    path: str
    octets: int
    accepted: inbox.Accepted | None = None
    trouble: MailticketError | None = None


def ingest(db: Db, found: Iterable[Found], envelope: Envelope, *, clock: Clock, quiet: bool) -> Iterator[Taken]:
    """Store mails, many in one commit; what comes out of here as accepted is on disk. TemporaryError: neither the
    mail that it names was taken nor any after it. `quiet` is RawMail's."""
    for batch in _batches(found):
        now = clock()
        mails = [_mail(one, envelope, now, quiet=quiet) for one in batch]
        try:
            stored = iter(_accept(db, [mail for mail in mails if isinstance(mail, RawMail)]))
        except TemporaryError as error:
            told = f"{batch[0].shown}: neither it nor what follows was taken; run the same again: {error}"
            raise TemporaryError(told) from error
        for one, mail in zip(batch, mails, strict=True):
            result = mail if isinstance(mail, MailticketError) else next(stored)
            if isinstance(result, inbox.Accepted):
                yield Taken(one.path, one.octets, accepted=result)
            elif isinstance(result, MailticketError):
                yield Taken(one.path, one.octets, trouble=result)
            else:
                told = f"{one.shown}: cannot be stored: {type(result).__name__}: {result}"
                yield Taken(one.path, one.octets, trouble=MailticketError(told))


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    weight = 0
    for one in found:
        if batch and (len(batch) >= BATCH or weight + len(one.raw) > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(one)
        weight += len(one.raw)
    if batch:
        yield batch


def _mail(found: Found, envelope: Envelope, now: datetime, *, quiet: bool) -> RawMail | MailticketError:
    if found.trouble:
        return MailticketError(f"{found.shown}: {found.trouble}")
    headers = headers_of(found.raw)
    recipients = envelope.recipients(headers)
    if not recipients:
        return MailticketError(f"{found.shown}: names no address of a department; say whom it is for with --to")
    return RawMail(found.raw, sender_of(headers, found.sender), recipients, "ingest", now, quiet=quiet)


def explained(found: Found, envelope: Envelope, now: datetime) -> RawMail:
    """The mail as `ingest` would take it; one that names no address of ours would be its first department's."""
    headers = headers_of(found.raw)
    recipients = envelope.recipients(headers) or envelope.policy.departments[0].addresses[:1]
    return RawMail(found.raw, sender_of(headers, found.sender), recipients, "ingest", now)


def _accept(db: Db, mails: Sequence[RawMail]) -> Sequence[inbox.Accepted | Exception]:
    """All in one commit; where one of them breaks it, each in its own."""
    if not mails:
        return []
    try:
        return inbox.accept(db, mails)
    except TemporaryError:
        raise
    except Exception as error:  # noqa: BLE001 - one mail's trouble must not be the others'; it is told
        return [error] if len(mails) == 1 else [result for mail in mails for result in _accept(db, [mail])]


def headers_of(raw: bytes) -> Message:
    """The headers alone, by compat32: the newer policies can be kept busy for minutes by hostile ones."""
    head = raw[:_HEAD]
    end = _END_OF_HEADERS.search(head)
    return BytesHeaderParser().parsebytes(head[: end.end()] if end else head)


def sender_of(headers: Message, claimed: str | None) -> str:
    """The envelope's sender, "" for the null one: Return-Path, the From_ line, else From's address."""
    path = headers.get("Return-Path")
    if path is not None and (found := _addresses(path)):
        return found[-1]
    if path is not None and "<>" in str(path):
        return ""
    if claimed is not None and claimed != "-":  # so Thunderbird names nobody
        return claimed if "@" in claimed else ""
    return next(iter(_addresses(headers.get("From", ""))[-1:]), "")


def _addresses(value: object) -> list[str]:
    """What looks like an address in a header, in time that grows with its length alone."""
    return [word for word in _BETWEEN_ADDRESSES.split(str(value)[:_HEAD]) if 0 < word.find("@") < len(word) - 1]
