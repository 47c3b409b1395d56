"""A desk and one letter of every kind, with the facts that each template documents; letters made, and mails read."""

from __future__ import annotations

import email
from datetime import UTC, datetime, time, timedelta
from email.header import decode_header, make_header
from email.message import Message
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from mailticket.core.compose import compose
from mailticket.core.crossing import MARKER
from mailticket.core.policy import Agent, Department, Hours, Policy
from mailticket.core.render import Templates
from mailticket.core.types import Address, Attachment, Letter, Outgoing, ParsedMail
from mailticket.templates_files import load_templates

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
MARIA = Address("maria@customer.example", "Maria Nováková")
ANNA = Address("anna@acme.example", "Anna Dvořák")
WORDS = "Hello,\n\nour printer burns. The smoke is thick and grey.\nWhat shall we do?\n\nMaria"


def desk(**changes: Any) -> Policy:
    hours = Hours(((((time(9), time(17)),),) * 5 + ((),) * 2), "Mon-Fri 09:00-17:00")
    support = Department(
        "Acme Support", ("support@acme.example", "help@acme.example"), "least-loaded", hours, PRAGUE, frozenset()
    )
    values: dict[str, Any] = {
        "name": "Acme",
        "tag_prefix": "ACME",
        "zone": PRAGUE,
        "default_language": "en",
        "secrets": (b"a secret for tests",),
        "plus_addresses": True,
        "send_delay": timedelta(seconds=20),
        "hostname": "desk.acme.example",
        "departments": (support,),
        "agents": (Agent(ANNA.name, ANNA.address, departments=("Acme Support",)),),
    }
    return Policy(**values | changes)


def attachment(filename: str, content: bytes = b"%PDF-1.7 \0\1\2", content_type: str = "application/pdf") -> Attachment:
    return Attachment(filename, content_type, content, sha256(content).hexdigest())


ASKED: dict[str, Any] = {
    "agent_name": ANNA.name,
    "customer": {"name": MARIA.name, "address": MARIA.address},
    "text": WORDS,
    "attachments": [{"filename": "photo of the printer.jpg", "size": 1_234_567}, {"filename": "log.txt", "size": 812}],
    "automatic": False,
    "reply_line": "Reply to this mail and your words go to Maria Nováková <maria@customer.example>, signed Anna Dvořák."
    " #resolve on the first line resolves the ticket.",
}

FACTS: dict[str, dict[str, Any]] = {
    "acknowledgement": {
        "name": "Maria Nováková",
        "subject": "Printer on fire",
        "received": NOW,
        "offset": timedelta(hours=-5),
        "size": 3_210,
        "attachment_count": 2,
        "answer_by": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        "basis": "4 working hours, Mon-Fri 09:00-17:00",
        "follow_up_of": "[ACME-12]",
    },
    "assignment": ASKED
    | {
        "follow_up_of": None,
        "earlier": [
            {"tag": "[ACME-12]", "subject": "Printer smokes", "status": "closed", "created": NOW - timedelta(days=90)},
            {"tag": "[ACME-31]", "subject": "Printer glows", "status": "resolved", "created": NOW - timedelta(days=9)},
        ],
        "earlier_count": 5,
        "answer_by": datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        "basis": "4 working hours, Mon-Fri 09:00-17:00",
        "mentions": ["[ACME-7]"],
    },
    "relay": ASKED | {"from_": {"name": MARIA.name, "address": MARIA.address}},
    "answer": {"text": "Dear Maria,\n\nplease pull the plug, then call 112.\n\nAnna", "signature": ""},
    "notice-failed": {
        "kind": "relay",
        "subject": "Re: [ACME-1042] Printer on fire",
        "recipients": [{"address": MARIA.address, "reply": "550 5.1.1 <maria@customer.example>: no such user here"}],
        "sent_at": NOW,
    },
    "notice-unreached": {
        "kind": "assignment",
        "subject": "[ACME-1042] Printer on fire",
        "recipients": [{"address": ANNA.address, "reply": "552 5.3.4 message too big"}],
        "sent_at": NOW,
        "customer": {"name": MARIA.name, "address": MARIA.address},
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
        "original": "#resolv\n#reopen now\n\nIt is out now.\nAnna",
    },
    "notice-empty": {"original": "> Hello,\n> our printer burns.\n-- \nAnna"},
}

_SHAPES: dict[str, dict[str, Any]] = {
    "acknowledgement": {"kind": "acknowledgement", "automatic": "auto-replied", "record": True},
    "assignment": {"kind": "assignment", "audience": "agent", "to": (ANNA,), "automatic": "auto-generated"},
    "relay": {"kind": "relay", "audience": "agent", "to": (ANNA,)},
    "answer": {"kind": "relay", "from_name": ANNA.name, "record": True, "text": "Dear Maria, …"},
}
_NOTICE = {"kind": "notice", "audience": "agent", "to": (ANNA,), "automatic": "auto-generated"}


def letter(template: str, **changes: Any) -> Letter:
    values: dict[str, Any] = {
        "template": template,
        "audience": "customer",
        "department": "Acme Support",
        "ticket": 1042,
        "to": (MARIA,),
        "subject": "Printer on fire",
        "due_at": NOW,
        "facts": FACTS[template],
        "thread": ("<first@customer.example>",),
    }
    return Letter(**values | _SHAPES.get(template, _NOTICE) | changes)


POLICY = desk()
SOURCES = load_templates()
TEMPLATES = Templates(SOURCES)
ADDED: dict[str, Any] = {
    "desk": "Acme", "department": "Acme Support", "tag": "[ACME-1042]", "number": 1042, "marker": MARKER,
    "subject": "Printer on fire", "zone": PRAGUE,
}  # fmt: skip
anything = st.text(max_size=80) | st.text(st.sampled_from('ab é=?\r\n\0\t"\\<>@,;:()[].\u202eπ😀'), max_size=80)


def made(template: str = "answer", policy=POLICY, n: int = 1, **changes) -> Outgoing:
    return compose(letter(template, **changes), cause="inbox 1", n=n, policy=policy, templates=TEMPLATES, now=NOW)


def read(raw: bytes) -> Message:
    message = email.message_from_bytes(raw)
    assert not message.defects
    return message


def decoded(value: str) -> str:
    return str(make_header(decode_header(value.replace("\r\n", ""))))


def body(raw: bytes, subtype: str) -> str:
    parts = [part for part in read(raw).walk() if part.get_content_type() == f"text/{subtype}"]
    return parts[0].get_payload(decode=True).decode().replace("\r\n", "\n")


def assert_travels(raw: bytes) -> None:
    """CRLF line ends only, no line over 998 octets, no NUL."""
    assert raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\0" not in raw


def mail(**changes: Any) -> ParsedMail:
    values: dict[str, Any] = {
        "message_id": "", "from_": None, "from_count": 0, "reply_to": (), "to": (), "cc": (), "subject": "",
        "date": datetime(2026, 1, 1, tzinfo=UTC), "in_reply_to": (), "references": (), "headers": (),
        "content_type": "text/plain", "text": "", "full_text": "", "html": "", "attachments": (), "defects": (),
        "size": 0, "body_hash": "",
    }  # fmt: skip
    return ParsedMail(**values | changes)


class Tags(HTMLParser):
    """Which tags a page has, and what it shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.outside += [value for name, value in attrs if name in {"src", "href", "background"} or name[:2] == "on"]


def render(template: str, /, **facts: Any):
    return TEMPLATES.render(template, "en", ADDED | FACTS[template] | facts)
