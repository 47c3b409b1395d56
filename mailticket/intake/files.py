"""The way in for files and pipes: every mail is stored before the command says yes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.types import RawMail
from ..errors import MailticketError, TemporaryError
from ..store import inbox
from ..store.db import Db
from .envelope import Envelope, headers_of, sender_of
from .mail_files import Found

BATCH = 50  # mails that share a commit,
BATCH_BYTES = 16 * 1024 * 1024  # and of how many octets

Clock = Callable[[], datetime]


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
