"""Sample facts for what managers get about all that waits for a person: see samples.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_AT = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
_ANNA = {"name": "Anna Dvořák", "address": "anna@acme.example"}
_WAITS: dict[str, Any] = {
    "id": 7,
    "received": _AT,
    "from_": _ANNA,
    "to": "support@acme.example",
    "subject": "Re: [ACME-1042] Printer on fire",
    "reason": "from an agent's address, without proof that the agent sent it",
    "size": 2_345,
}

MORNING: dict[str, dict[str, Any]] = {
    "quarantine": {"mails": [_WAITS], "more": 3, "older": 2, "numbers": "7", "manager": True},
    "morning": {
        "mails": [_WAITS | {"age": "18 h"}],
        "more": 3,
        "older": 2,
        "numbers": "7",
        "failed": [
            {
                "id": 17,
                "tag": "[ACME-1042]",
                "number": 1042,
                "kind": "answer",
                "subject": "Printer on fire",
                "age": "18 h",
                "recipients": [
                    {"address": "maria@customer.example", "reply": "550 5.1.1 <maria@customer.example>: unknown here"}
                ],
                "agent": "Anna Dvořák",
            },
        ],
        "more_failed": 2,
        "unowned": {
            "count": 3,
            "rows": [
                {
                    "number": 1044,
                    "tag": "[ACME-1044]",
                    "subject": "Printer glows",
                    "status": "new",
                    "when": "3 h late",
                    "late": True,
                    "customer": "Petr Novák",
                    "owner": "",
                },
            ],
            "more": 2,
        },
        "deaf": [
            {
                "mailbox": "main",
                "username": "support",
                "host": "imap.acme.example",
                "folder": "INBOX",
                "probe": "not back",
                "since": _AT,
                "lasted": "18 hours 57 minutes",
                "error": "The server does not let the user log in.",
            },
        ],
    },
}
