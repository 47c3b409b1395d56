"""A mail that is attached to another one: who wrote it, when, about what, its words and its files."""

from __future__ import annotations

from collections.abc import Sequence

from .addresses import read_addresses
from .fields import read_head
from .parse import parse
from .types import Attachment, Forwarded

MAX_MAILS = 50  # attached to one

_MESSAGES = frozenset({"message/rfc822", "message/global"})


def attached_mail(files: Sequence[Attachment]) -> Forwarded | None:
    """The first one among the files; None where there is none, and where they are of several people."""
    mails = [file.content for file in files if is_mail(file)]
    if not 0 < len(mails) <= MAX_MAILS or len({_senders(raw) for raw in mails}) != 1:
        return None
    mail = parse(mails[0])
    if not (mail.from_count or mail.date or mail.subject):
        return None  # nothing says that it is a mail
    return Forwarded(
        how="attached",
        from_=mail.from_ if len(_senders(mails[0])) == 1 else None,
        date=mail.date,
        subject=mail.subject,
        text=mail.full_text,
        above="",
        attachments=mail.attachments,
        message_id=mail.message_id,
    )


def is_mail(file: Attachment) -> bool:
    unnamed = file.content_type == "application/octet-stream" and file.filename.lower().endswith(".eml")
    return unnamed or file.content_type in _MESSAGES


def _senders(raw: bytes) -> frozenset[str]:
    fields = read_head(raw).all("from")
    return frozenset(one.key for field in fields for one in read_addresses(field)[0])
