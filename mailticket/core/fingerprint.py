"""What tells one mail in a mailbox from another, whatever number the server gives it."""

from __future__ import annotations

import hashlib
import re

FIELDS = ("MESSAGE-ID", "DATE", "FROM", "SUBJECT")
_SURE = "id:"
_FOLDED = re.compile(rb"\r?\n[ \t]+")


def fingerprint_of(head: bytes) -> str:
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


def is_sure(fingerprint: str) -> bool:
    """Does it name one mail only? Machines write many that have no Message-ID, and are the same in all else."""
    return fingerprint.startswith(_SURE)
