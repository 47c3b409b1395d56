"""Sample facts for the mails that tell agents of what a colleague has done: see samples.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_AT = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
_MARIA = {"name": "Maria Nováková", "address": "maria@customer.example"}

# Where an agent's words go.
WAY: dict[str, Any] = {
    "sent_to": [_MARIA],
    "copies": [{"name": "Petr Novák", "address": "petr@elsewhere.example"}],
    "leaves_at": _AT + timedelta(seconds=20),
    "written_at": _AT,
    "had": [{"name": "", "address": "eve@elsewhere.example"}],
    "missed": [{"name": "Jan Malý", "address": "jan@customer.example"}],
    "noted": True,
}

ACTS: dict[str, dict[str, Any]] = {
    "note": {
        "from_": {"name": "Boris Novák", "address": "boris@acme.example"},
        "text": "The shop sent us three of these. Give her a new one.\n\nBoris",
        "attachments": [{"filename": "delivery note.pdf", "size": 24_812}],
        "left_out": [{"filename": "film of the printer.mp4", "size": 48_000_000}],
        "row": 17,
    },
    "copy": WAY
    | {
        "writer": "Boris Novák",
        "owner": "Cyril Černý",
        "customer": _MARIA,
        "answer": "Please pull the plug.\n\nBoris",
        "attachments": [{"filename": "the plug.jpg", "size": 812_000}],
    },
    "notice-unwatched": {"by": "Boris Novák", "customer": _MARIA},
}
