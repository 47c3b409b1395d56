"""Sample facts for the mails that answer an agent's questions, or ask one about a ticket: see samples.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_AT = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
_DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_MARIA = {"name": "Maria Nováková", "address": "maria@customer.example"}
_WORDS = "Hello,\n\nour printer burns. The smoke is thick and grey.\nWhat shall we do?\n\nMaria"

# A ticket as it stands in lists.
ROW: dict[str, Any] = {
    "number": 1042,
    "tag": "[ACME-1042]",
    "subject": "Printer on fire",
    "status": "open",
    "when": "2 h late",
    "late": True,
    "customer": "Maria Nováková",
    "owner": "Anna Dvořák",
    "said": "… our printer burns. The smoke is thick and grey. …",
}

ASKED: dict[str, dict[str, Any]] = {
    "notice-help": {
        "groups": [
            {
                "name": "Whose it is",
                "commands": [
                    {
                        "line": "#take",
                        "help": "The ticket is yours: you answer it, and get what the customer writes.",
                        "needs": "",
                    },
                    {"line": "#assign NAME", "help": "The ticket is that agent's.", "needs": "a login"},
                ],
            },
        ],
    },
    "notice-history": {
        "entries": [
            {"at": _AT, "who": "Maria Nováková <maria@customer.example>", "what": "wrote, and that opened the ticket"},
            {"at": _DUE, "who": "Anna Dvořák", "what": "answered the customer's side"},
        ],
        "more": 3,
    },
    "notice-show": {
        "shown": {
            "tag": "[ACME-1042]",
            "subject": "Printer on fire",
            "status": "pending",
            "priority": "medium",
            "department": "Acme Support",
            "labels": "printer, fire",
            "owner": "Anna Dvořák",
            "customer": _MARIA,
            "others": [{"name": "Petr Novák", "address": "petr@elsewhere.example"}],
            "watchers": ["Boris Novák", "Cyril Černý"],
            "opened": _AT,
            "changed": _DUE,
            "resolved": _DUE,
            "merged": "[ACME-1050]",
        },
        "messages": [
            {
                "who": "Maria Nováková <maria@customer.example>",
                "how": "",
                "at": _AT,
                "text": _WORDS,
                "cut": True,
                "files": 2,
            },
            {
                "who": "Anna Dvořák",
                "how": "to the customer's side",
                "at": _DUE,
                "text": "Please pull the plug.",
                "cut": False,
                "files": 0,
            },
        ],
        "more": 3,
        "asked": True,
        "attachments": [{"filename": "photo of the printer.jpg", "size": 1_234_567}],
        "left_out": [
            {"filename": "film.mp4", "size": 48_000_000, "why": "", "queue": "inbox", "row": 17},
            {"filename": "log.txt", "size": 812, "why": "is not kept any more", "queue": "", "row": 0},
        ],
        "left_more": 3,
    },
    "notice-list": {
        "called": "Your open tickets",
        "count": 103,
        "rows": [
            ROW,
            {
                "number": 7,
                "tag": "[ACME-7]",
                "subject": "Where is the key to the printer room?",
                "status": "postponed",
                "when": "wakes in 3 d",
                "late": False,
                "customer": "petr@elsewhere.example",
                "owner": "",
                "said": "",
            },
        ],
        "more": 3,
    },
    "notice-next": {
        "count": 3,
        "rows": [
            ROW,
        ],
    },
    "notice-found": {
        "words": 'printer "thick and grey"',
        "count": 23,
        "over": True,
        "rows": [
            ROW,
        ],
        "more": 22,
        "unread": True,
    },
    "notice-status": {
        "departments": [
            {
                "name": "Acme Support",
                "open": 12,
                "overdue": 2,
                "nobodys": 3,
                "statuses": "3 new, 5 open, 4 pending, 7 resolved",
            },
            {"name": "Sales", "open": 0, "overdue": 0, "nobodys": 0, "statuses": ""},
        ],
        "rows": [
            ROW,
        ],
        "agents": [{"name": "Anna Dvořák", "open": 9}, {"name": "Boris Novák", "open": 0}],
        "more_agents": 3,
        "away": [
            {"name": "Boris Novák", "until": "through Friday 27 November 2026, CET"},
            {"name": "Cyril Černý", "until": "until Tuesday 1 December 2026, 14:00 CET"},
        ],
        "more_away": 1,
        "inside": {
            "inbox": {"waiting": 1, "stopped": 2, "oldest": "3 min"},
            "outbox": {"waiting": 4, "stopped": 1, "oldest": ""},
            "mailboxes": [{"name": "main", "state": "watching for 3 d, no mail yet", "error": "connection lost"}],
            "more": 1,
        },
    },
    "notice-why": {
        "sections": [
            {
                "name": "Whose it is",
                "lines": [
                    "Sunday 22 November 2026, 14:03 CET: The desk gave the ticket to Anna Dvořák (chosen by sticky).",
                    "New tickets of Acme Support are given out today by: sticky, least-loaded.",
                ],
            },
        ],
    },
    "notice-no-ticket": {"about": "[ACME-1042]"},
    "collision": {
        "written_at": _AT,
        "waiting": [
            {"who": "Boris Novák", "leaves_at": _DUE, "text": "Please pull the plug.\n\nBoris", "soon": True},
        ],
        "unseen": [{"who": "Maria Nováková <maria@customer.example>", "at": _AT, "text": _WORDS, "files": 2}],
        "more": 3,
        "answered": [{"who": "Cyril Černý", "at": _AT, "text": "Is it plugged in?\n\nCyril"}],
        "original": "#resolve\n\nHave you tried to switch it off and on again?\n\nAnna",
        "attachments": [{"filename": "how to switch it off.pdf", "size": 81_200}],
    },
}
