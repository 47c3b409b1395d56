"""What a mail server says of a folder and of the mails in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..core.fingerprint import Print, print_of


@dataclass(frozen=True, slots=True)
class Selected:
    uidvalidity: int
    uidnext: int  # 0 where the server does not say it
    exists: int


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of a mail before it is fetched. `size` is what the server says; `head` has its FIELDS."""

    uid: int
    size: int
    at: datetime | None  # INTERNALDATE
    head: bytes

    @property
    def print(self) -> Print:
        return print_of(self.head, self.at, self.size)


def info_of(uid: int, items: dict[bytes, Any]) -> Info:
    size, at = items.get(b"RFC822.SIZE"), items.get(b"INTERNALDATE")
    head = next((value for key, value in items.items() if key.startswith(b"BODY[HEADER")), None)
    aware = at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else None
    return Info(uid, size if isinstance(size, int) else 0, aware, head if isinstance(head, bytes) else b"")


def body_of(items: dict[bytes, Any]) -> bytes | None:
    """The one body in an answer: None where it is not there, b"" where it is empty (NIL)."""
    for key, value in items.items():
        if key.startswith(b"BODY["):
            return value if isinstance(value, bytes) else b""
    return None
