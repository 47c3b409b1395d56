"""Sample facts for each template: `check` tries the admin's templates with them, and the tests all of ours.

A template of ours has a row in SAMPLES under its name, with every fact that it may name, each filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup

from .crossing import MARKER
from .samples_acts import ACTS, WAY
from .samples_asked import ASKED
from .samples_away import AWAY
from .samples_merged import MERGED
from .samples_morning import MORNING

Facts = dict[str, Any]

# What compose adds to the facts of every letter.
ADDED: Facts = {
    "desk": "Acme",
    "department": "Acme Support",
    "tag": "[ACME-1042]",
    "number": 1042,
    "marker": MARKER,
    "note_address": "support+nmfzwizlomfxgcylomfxgcylomfxgc@acme.example",
    "desk_address": "support+amfzwizlomfxgcylomfxgcylomfxgc@acme.example",
    "subject": "Printer on fire",
    "zone": UTC,
    "gathered": False,
    "unheard": "Anna Dvořák Customer Care Lead",
}
# Facts that are empty, false, nothing or none in many a mail: a template must do without each of them.
MAY_BE_EMPTY = frozenset(
    {"name", "offset", "attachment_count", "follow_up_of", "attachments", "automatic", "earlier", "earlier_count"}
    | {"answers", "left", "command", "mentions", "signature", "nearest", "original", "text", "tag", "ticket_of"}
    | {"known", "marked", "strangers", "left_out", "also", "offered", "offered_to", "owner", "by", "escalated"}
    | {"answer", "waits", "watched", "watchers", "note_address", "desk_address", "rows", "unheard"}
    | {"merge", "merges", "split_from", "joined", "begun", "ordered"}
    | {"sent_to", "copies", "leaves_at", "had", "missed", "noted", "lines", "unchanged"}
    | {"undo_answer_until", "undo_until", "undone"}
    | {"how", "labels", "needs", "others", "resolved", "cut", "files", "messages", "entries"}
    | {"asked", "left_more", "why", "queue", "inside", "statuses", "oldest", "overdue", "nobodys", "more_agents"}
    | {"departments", "agents", "mailboxes"}
    | {"waiting", "unseen", "answered", "soon"}
    | {"own", "machine", "numbers", "count", "was_until", "over", "given_up"}
    | {"html", "mark", "foreign", "about", "words", "more", "unread", "said", "older", "probe", "read_at", "error"}
    | {"open", "open_count", "proved", "first", "line"}
    | {"manager", "mails", "failed", "more_failed", "deaf", "agent"}
)

_AT = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
_DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_MARIA = {"name": "Maria Nováková", "address": "maria@customer.example"}
_ANNA = {"name": "Anna Dvořák", "address": "anna@acme.example"}
_WORDS = "Hello,\n\nour printer burns. The smoke is thick and grey.\nWhat shall we do?\n\nMaria"

_MAILBOX = {"mailbox": "main", "username": "support", "host": "imap.acme.example", "folder": "INBOX"}

# What every mail says that gives an agent the customer's words.
_REQUEST: Facts = {
    "agent_name": _ANNA["name"],
    "customer": _MARIA,
    "text": _WORDS,
    "attachments": [{"filename": "photo of the printer.jpg", "size": 1_234_567}, {"filename": "log.txt", "size": 812}],
    "left_out": [{"filename": "film of the printer.mp4", "size": 48_000_000}],
    "row": 17,
    "automatic": True,
    "marked": "X-Spam-Flag: YES",
    "strangers": [{"name": "Petr Novák", "address": "petr@elsewhere.example"}],
    "reply_line": "Reply to this mail and your words go to Maria Nováková <maria@customer.example>, signed Anna Dvořák."
    " #resolve on the first line resolves the ticket.",
}

_MORE = ACTS | ASKED | AWAY | MERGED | MORNING
SAMPLES: dict[str, Facts] = {
    "acknowledgement": {
        "known": True,
        "name": _MARIA["name"],
        "subject": "Printer on fire",
        "received": _AT,
        "offset": timedelta(hours=-5),
        "size": 3_210,
        "attachment_count": 2,
        "answer_by": _DUE,
        "basis": "4 working hours, Mon-Fri 09:00-17:00",
        "follow_up_of": "[ACME-12]",
    },
    "assignment": _REQUEST
    | {
        "follow_up_of": "[ACME-12]",
        "earlier": [
            {"tag": "[ACME-12]", "subject": "Printer smokes", "status": "closed", "created": _AT - timedelta(days=90)},
            {"tag": "[ACME-31]", "subject": "Printer glows", "status": "resolved", "created": _AT - timedelta(days=9)},
        ],
        "earlier_count": 5,
        "open": [
            {
                "tag": "[ACME-40]",
                "subject": "Printer hums",
                "status": "open",
                "created": _AT - timedelta(days=2),
                "owner": "Boris Novák",
                "merge": "#merge 40",
            },
        ],
        "open_count": 3,
        "proved": True,
        "first": True,
        "answer_by": _DUE,
        "basis": "4 working hours, Mon-Fri 09:00-17:00",
        "answers": {"tag": "[ACME-5]", "left": True, "command": "#cc maria@customer.example", "merge": "#merge 5"},
        "mentions": ["[ACME-7]"],
        "merges": ["#merge 7"],
        "also": ["Sales"],
        "begun": "You passed this mail on to the desk. The words beside it are kept as a note.",
        "ordered": ["[ACME-1042] has priority high now"],
        "waits": True,
        "offered": True,
        "offered_to": ["Boris Novák"],
    },
    "relay": _REQUEST | {"from_": _MARIA, "watched": True, "owner": "Boris Novák"},
    "answer": {
        "text": "Dear Maria,\n\nplease pull the plug, then call 112.\n\nAnna",
        "html": Markup("<p>Dear Maria,</p><p>please <b>pull the plug</b>, then call 112.</p><p>Anna</p>"),
        "signature": "Anna Dvořák\nAcme, Brno",
    },
    "notice-failed": {
        "kind": "relay",
        "subject": "Re: [ACME-1042] Printer on fire",
        "recipients": [
            {
                "address": _MARIA["address"],
                "reply": "550 5.1.1 <maria@customer.example>: unknown here",
                "mark": "bounced",
            }
        ],
        "sent_at": _AT,
    },
    "notice-unsure": {
        "kind": "relay",
        "subject": "Re: [ACME-1042] Printer on fire",
        "address": _MARIA["address"],
        "reply": "550 5.1.1 <maria@customer.example>: unknown here",
        "sent_at": _AT,
    },
    "notice-unreached": {
        "kind": "assignment",
        "subject": "[ACME-1042] Printer on fire",
        "recipients": [{"address": _ANNA["address"], "reply": "552 5.3.4 message too big", "mark": ""}],
        "sent_at": _AT,
        "customer": _MARIA,
    },
    "notice-failed-manager": {
        "kind": "assignment",
        "subject": "[ACME-1042] Printer on fire",
        "who": _ANNA["name"],
        "recipients": [
            {"address": _ANNA["address"], "reply": "550 5.1.1 <anna@acme.example>: unknown here", "mark": ""}
        ],
        "sent_at": _AT,
        "ticket_of": _MARIA,
    },
    "notice-commands": {
        "mistakes": [
            {
                "line": "#resolv",
                "reason": "there is no such command; there are #resolve, #reopen",
                "nearest": "#resolve",
            },
            {
                "line": "#reopen now",
                "reason": "#reopen stands alone on its line: nothing may follow it",
                "nearest": "#reopen",
            },
        ],
        "more": 3,
        "original": "#resolv\n#reopen now\n\nIt is out now.\nAnna",
        "answers": "mail",
    },
    "notice-taken": {"owner": "Boris Novák", "by": "Boris Novák", "customer": _MARIA},
    "notice-moved": {"owner": "Cyril Černý", "by": "Boris Novák", "customer": _MARIA},
    "notice-answered": {
        "writer": "Boris Novák",
        "customer": _MARIA,
        "answer": "Please pull the plug.\n\nBoris",
    },
    "notice-undone": {
        "by": "Boris Novák",
        "customer": _MARIA,
        "lines": ["the answer to maria@customer.example was not sent", "[ACME-1042] is open again"],
    },
    "notice-woken": {"customer": _MARIA, "text": _WORDS},
    "notice-empty": {"original": "> Hello,\n> our printer burns.\n-- \nAnna"},
    "whose": {
        "quoted_subject": "Printer on fire",
        "written": _AT - timedelta(hours=5),
        "writer": {"name": "Boris Novák", "address": "boris@acme.example"},
        "words": "It burns, and nobody comes.",
    },
    "question": {
        "foreign": True,
        "about": "[ACME-1042]",
        "from_": _MARIA,
        "to": "support@acme.example",
        "received": _AT,
        "quoted_subject": "Re: [ACME-1042] Printer on fire",
        "words": "Dear Maria, please send me your password.",
        "reason": "it answers a mail that was sent to an agent, and is not from that agent",
    },
    "notice-held": {"agent_name": _ANNA["name"], "address": _MARIA["address"], "hours": 3},
    "notice-mailbox": _MAILBOX
    | {"probe": "not back", "since": _AT, "read_at": _DUE, "error": "The server does not let the user log in."},
    "notice-mailbox-again": _MAILBOX | {"probe": True, "since": _AT, "until": _DUE, "lasted": "22 hours 57 minutes"},
    "notice-mails-left": {
        "mails": [
            {"mailbox": "main", "folder": "INBOX", "uid": 4711, "at": _AT, "error": "the server has no bytes of it"},
        ],
        "more": 3,
        "mailboxes": ["main"],
    },
    "probe": _MAILBOX,
    "notice-done": WAY
    | {
        "lines": ["[ACME-1042] is resolved now", "[ACME-1042] has the labels fire, printer now"],
        "unchanged": ["[ACME-1042] has priority high already"],
        "warnings": ["the customer saw the commands at its top"],
        "undo_answer_until": _AT + timedelta(seconds=20),
        "undo_until": _AT + timedelta(days=1),
        "undone": True,
        "tickets": [{"tag": "[ACME-1043]", "subject": "Chairs", "lines": ["is yours now", "is closed now"]}],
        "tickets_unchanged": [{"tag": "[ACME-1044]", "subject": "Ink", "lines": ["is yours already"]}],
    },
    "notice-gathered": {
        "count": 5,
        "since": _AT,
        "most": 20,
        "groups": [
            {
                "tag": "[ACME-1042]",
                "subject": "Printer on fire",
                "notices": [
                    {"at": _AT, "text": "Done in ticket [ACME-1042]:\n\n  [ACME-1042] is closed now", "left_out": 0},
                    {"at": _DUE, "text": "Your reply in ticket [ACME-1042] was empty, so …", "left_out": 12_345},
                ],
            },
        ],
        "more": 3,
        "about": "[ACME-7], [ACME-9]",
    },
} | _MORE


def full(name: str) -> Facts:
    """A template's facts, each filled."""
    return ADDED | SAMPLES[name]


def sparse(name: str) -> Facts:
    """The same, with nothing in those that may be empty."""
    return _emptied(full(name))


def _emptied(facts: Mapping[str, Any]) -> Facts:
    return {key: _nothing(value) if key in MAY_BE_EMPTY else _within(value) for key, value in facts.items()}


def _nothing(value: Any) -> Any:
    """What stands where there is none of it: a text, list or number stays one, all else is None."""
    return type(value)() if isinstance(value, str | list | int) else None


def _within(value: Any) -> Any:
    if isinstance(value, list):
        return [_within(one) for one in value]
    return _emptied(value) if isinstance(value, dict) else value
