"""Delivery reports: whom a mail did not reach, why, and which mail it was (RFC 3464, RFC 6533, or in plain words).

All of it is a stranger's claim: a report is about a mail of ours only by the signed ids that it returns (`bounces`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from .fields import MAX_REFERENCES, Head, message_ids, read_head, value_of
from .keys import address_key
from .report_families import MAX_RECIPIENTS
from .report_fields import loose_records, recipients, records
from .report_notify import read_notification
from .report_words import MACHINE, MAX_BODY, MAX_TEXT, SUBJECT, read_plain
from .statuses import status_of
from .structure import Part, body_bytes
from .types import Bounce, BouncedRecipient

MAX_READ = 64 * 1024  # octets of a part that are read

_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_COMPLAINTS = frozenset({"message/feedback-report"})  # RFC 5965: somebody pressed "this is spam"
_RETURNED_PARTS = frozenset(
    {"message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers"}
    | {"text/rfc822-headers", "text/rfc822"}
)
_OTHER_REPORTS = ("notification", "feedback")  # "I have read it" (RFC 8098), "this is spam" (RFC 5965)
_BOUNCE_ADDRESS = re.compile(r"\+b[a-z2-7]{29}@", re.IGNORECASE)  # the shape of ours; whether it is one, others see
_ID_LINE = re.compile(r"^[> \t]{0,40}message-id:[\s>]{0,40}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_REFERENCES = re.compile(
    r"^[> \t]{0,40}references:((?:[\s>]{0,80}<[^<>\s]{1,500}>){1,100})", re.IGNORECASE | re.MULTILINE
)


def read_bounce(raw: bytes, head: Head, tree: Part, text: str) -> Bounce | None:
    """What a delivery report says, None for any other mail. `text` are the mail's words. Never raises.

    A mail that was forwarded has two addresses in its report: where it ended, and the one that was written to.
    """
    parts = list(tree.leaves())
    blocks = [part for part in parts if part.content_type in _STATUS_PARTS]
    if not blocks and not _may_be_one(head, tree, parts):
        return None
    text = text[:MAX_TEXT]
    found = [r for part in blocks for record in records(_read(raw, part)) for r in recipients(record, text)]
    found = found or _loose(raw, head, text)
    sure = bool(found)
    if not found:
        plain = read_notification(head, text) or read_plain(raw, head, text)
        found, sure = [_rated(one, raw, blocks) for one in plain.recipients], plain.sure
    told: dict[str, BouncedRecipient] = {}
    for one in found:
        told.setdefault(address_key(one.address), one)
    returned = _returned(raw, parts, text)
    if not told and not blocks and not (returned and MACHINE.search(head.first("from"))):
        return None  # an automatic reply, or whatever it is
    return Bounce(tuple(told.values())[:MAX_RECIPIENTS], returned, sure=sure)


def _may_be_one(head: Head, tree: Part, parts: list[Part]) -> bool:
    """A cheap guess: only what passes costs any more time."""
    if any(part.content_type in _COMPLAINTS for part in parts):
        return False
    if tree.content_type == "multipart/report":
        kind = tree.parameters.get("report-type", "").lower()
        return not any(other in kind for other in _OTHER_REPORTS)
    return (
        bool(head.first("x-failed-recipients") or head.first("x-amz-sns-message-id"))
        or MACHINE.search(head.first("from")) is not None
        or head.first("return-path") == "<>"
        or head.first("auto-submitted").lower().startswith("auto-")
        or SUBJECT.search(value_of(head.first("subject")[:1000])) is not None
        or _BOUNCE_ADDRESS.search(head.first("to")[:1000]) is not None
    )


def _loose(raw: bytes, head: Head, text: str) -> list[BouncedRecipient]:
    """Fields in the words themselves, or in a report whose parts nobody can tell apart."""
    if not MACHINE.search(head.first("from")):
        return []
    return [
        one
        for body in (text.encode("utf-8", "replace"), raw[head.end : head.end + MAX_BODY])
        for record in loose_records(body)
        for one in recipients(record, text)
    ]


def _rated(one: BouncedRecipient, raw: bytes, blocks: list[Part]) -> BouncedRecipient:
    """With the status of a report whose only fields name no address: an alias led to a program, and that one failed."""
    stated = [r["status"] for part in blocks for r in records(_read(raw, part)) if "status" in r]
    alone = not one.status and len(stated) == 1
    return replace(one, status=status_of(stated[0], "")) if alone else one


def _read(raw: bytes, part: Part) -> bytes:
    """The beginning of a part: no head, and no list of recipients that counts, is longer."""
    return body_bytes(raw, replace(part, end=min(part.end, part.start + MAX_READ)), [])


def _returned(raw: bytes, parts: list[Part], text: str) -> tuple[str, ...]:
    """The ids of the mail that came back: its own, then its References, the nearest first."""
    own: list[str] = []
    others: list[str] = []
    for part in [p for p in parts if p.content_type in _RETURNED_PARTS][:5]:
        back = read_head(_read(raw, part))
        own += message_ids(back.all("message-id")[:1])
        others += reversed(message_ids(back.all("references")))
    if not own and not others:
        own = list(message_ids(_ID_LINE.findall(text)))
        others = list(reversed(message_ids(_REFERENCES.findall(text))))
    return tuple(dict.fromkeys((*own, *others)))[:MAX_REFERENCES]
