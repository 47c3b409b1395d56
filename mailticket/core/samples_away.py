"""Sample facts for the mails about who is away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .samples_asked import ROW

_UNTIL = datetime(2026, 12, 5, tzinfo=UTC)
_WHO = {"agent_name": "Boris Novák", "own": True, "by": "Cyril Černý", "machine": True}

AWAY: dict[str, dict[str, Any]] = {
    "notice-away": _WHO
    | {
        "until": _UNTIL,
        "count": 23,
        "rows": [ROW | {"owner": "Boris Novák", "said": ""}],
        "more": 3,
        "numbers": "1042 7",
    },
    "notice-owner-away": {
        "owner": "Boris Novák",
        "until": _UNTIL,
        "customer": {"name": "Maria Nováková", "address": "maria@customer.example"},
        "text": "Hello,\n\nit still burns.\n\nMaria",
    },
    "notice-back": _WHO | {"was_until": _UNTIL},
}
