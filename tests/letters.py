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

from mailticket.core import samples
from mailticket.core.compose import compose
from mailticket.core.plan import Letter, Outgoing
from mailticket.core.policy import Agent, Department, Hours, Policy
from mailticket.core.render import Templates
from mailticket.core.samples import SAMPLES
from mailticket.core.types import Address, Attachment, ParsedMail
from mailticket.templates_files import load_templates

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)
MARIA = Address("maria@customer.example", "Maria Nováková")
ANNA = Address("anna@acme.example", "Anna Dvořák")


def desk(**changes: Any) -> Policy:
    hours = Hours(((((time(9), time(17)),),) * 5 + ((),) * 2), "Mon-Fri 09:00-17:00")
    support = Department(
        "Acme Support", ("support@acme.example", "help@acme.example"), ("least-loaded",), hours, PRAGUE, frozenset()
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


# A request by a person in a ticket of its own; the others as `check` tries them.
FACTS: dict[str, dict[str, Any]] = SAMPLES | {
    "assignment": SAMPLES["assignment"] | {"automatic": False, "follow_up_of": None},
    "relay": SAMPLES["relay"] | {"automatic": False},
    "answer": SAMPLES["answer"] | {"signature": ""},
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
ADDED: dict[str, Any] = samples.ADDED | {"zone": PRAGUE}
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
