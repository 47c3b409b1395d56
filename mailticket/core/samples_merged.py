"""Sample facts for the mails about tickets that change hands or become one: see samples.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_MARIA = {"name": "Maria Nováková", "address": "maria@customer.example"}

_WORDS = "Hello,\n\nour printer burns. The smoke is thick and grey.\nWhat shall we do?\n\nMaria"
_REPLY_LINE = (
    "Reply to this mail and your words go to Maria Nováková <maria@customer.example>,"
    " signed Anna Dvořák. #resolve on the first line resolves the ticket."
)

MERGED: dict[str, dict[str, Any]] = {
    "handover": {
        "agent_name": "Anna Dvořák",
        "by": "Boris Novák",
        "escalated": True,
        "split_from": "[ACME-12]",
        "customer": _MARIA,
        "text": _WORDS,
        "opened": datetime(2026, 11, 22, 13, 3, tzinfo=UTC),
        "status": "open",
        "waits": True,
        "answer_by": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        "basis": "4 working hours, Mon-Fri 09:00-17:00",
        "reply_line": _REPLY_LINE,
        "offered": True,
        "offered_to": ["Boris Novák"],
        "watched": False,
        "owner": "Cyril Černý",
    },
    "merged": {
        "by": "Boris Novák",
        "merged": "[ACME-1050]",
        "text": _WORDS,
        "customer": _MARIA,
        "joined": [{"name": "Petr Novák", "address": "petr@elsewhere.example"}, _MARIA],
        "reply_line": _REPLY_LINE,
    },
    "notice-merged": {"by": "Boris Novák", "into": "[ACME-1050]", "owner": "Cyril Černý", "customer": _MARIA},
}
