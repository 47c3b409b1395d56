"""Sample facts for the mails about tickets that become one: see samples.py."""

from __future__ import annotations

from typing import Any

_MARIA = {"name": "Maria Nováková", "address": "maria@customer.example"}

MERGED: dict[str, dict[str, Any]] = {
    "merged": {
        "by": "Boris Novák",
        "merged": "[ACME-1050]",
        "text": "Hello,\n\nour printer burns. The smoke is thick and grey.\nWhat shall we do?\n\nMaria",
        "customer": _MARIA,
        "joined": [{"name": "Petr Novák", "address": "petr@elsewhere.example"}, _MARIA],
        "reply_line": "Reply to this mail and your words go to Maria Nováková <maria@customer.example>,"
        " signed Anna Dvořák. #resolve on the first line resolves the ticket.",
    },
    "notice-merged": {"by": "Boris Novák", "into": "[ACME-1050]", "owner": "Cyril Černý", "customer": _MARIA},
}
