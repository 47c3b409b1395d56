"""What tells one mail in a mailbox from another, whatever number the server gives it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

FIELDS = ("MESSAGE-ID", "DATE", "FROM", "SUBJECT")
_SURE = "id:"
_FOLDED = re.compile(rb"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class Print:
    """`fields` is a hash of what the head says, "" where it says nothing; `stamp` what the server says: since when it
    has the mail, and its size. A restored mail has the same stamp, and one that only looks the same another."""

    fields: str = ""
    stamp: str = ""

    @property
    def sure(self) -> bool:
        """Do the fields name one mail only? Machines write many without a Message-ID that are the same in all else."""
        return self.fields.startswith(_SURE)


def print_of(head: bytes, at: datetime | None, size: int) -> Print:
    stamp = f"{int(at.timestamp())} {size}" if at and size else ""
    return Print(_fields_of(head), stamp)


def _fields_of(head: bytes) -> str:
    """Of the first of each of FIELDS in some lines of a head, whatever their order, folding and case of names.
    "" where there is none of them."""
    found: dict[bytes, bytes] = {}
    for line in _FOLDED.sub(b" ", head).splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().upper(), b" ".join(value.split()))
    if not any(found.get(field.encode()) for field in FIELDS):
        return ""
    digest = hashlib.sha256()
    for field in FIELDS:
        digest.update(found.get(field.encode(), b"") + b"\0")
    return (_SURE if found.get(b"MESSAGE-ID") else "") + digest.hexdigest()
