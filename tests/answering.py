"""Agents' answers as mail clients write them, and the mail that the customer gets of each."""

from __future__ import annotations

import email
from dataclasses import dataclass, replace
from email.message import Message

from letters import ANNA, MARIA, TEMPLATES, assert_travels, body
from mails import part
from worlds import NOW, PETR, POLICY, SUPPORT, context, sent, ticket

from mailticket.core.compose import compose
from mailticket.core.decide import decide
from mailticket.core.identity import derive_ref, message_id, reply_address
from mailticket.core.parse import parse
from mailticket.core.policy import Policy
from mailticket.core.types import RawMail

HERS = ticket(1, MARIA, PETR)
TO_ANNA = replace(sent(1, "agent", ANNA.address), template="assignment")
REF = derive_ref(POLICY.secrets[0], "assignment", 1)
REPLY_TO = reply_address(SUPPORT, REF, POLICY)
OUR_ID = message_id(REF, POLICY)
HEAD = (
    f"From: Anna <{ANNA.address}>\r\nTo: {REPLY_TO}\r\nSubject: Re: [ACME-1] Printer\r\n"
    "Message-ID: <1@acme.example>\r\n"
)


@dataclass(frozen=True)
class Got:
    """What the customer's side gets; "" for each where nothing was sent."""

    raw: bytes
    html: str
    text: str

    @property
    def shown(self) -> str:
        """The part of the HTML that is the answer's."""
        begins = self.html.index(">", self.html.index("<div style=")) + 1 if self.html else 0
        return " ".join(self.html[begins : self.html.rfind("</div>")].split())

    @property
    def message(self) -> Message:
        return email.message_from_bytes(self.raw)


def joined(kind: str, *parts: bytes, head: str = "") -> bytes:
    lines = b"".join(b"--%s\r\n%s\r\n" % (kind.encode(), one) for one in parts)
    start = f"{head}Content-Type: multipart/{kind}; boundary={kind}\r\n\r\n".encode()
    return b"%s%s--%s--\r\n" % (start, lines, kind.encode())


def alternative(text: str, html: str, head: str = HEAD) -> bytes:
    plain, page = (part(f"text/{kind}; charset=utf-8", body) for kind, body in (("plain", text), ("html", html)))
    return joined("alternative", plain, page, head=head)


def only_html(html: str) -> bytes:
    return HEAD.encode() + part("text/html; charset=utf-8", html)


def only_text(text: str) -> bytes:
    return HEAD.encode() + part("text/plain; charset=utf-8", text)


def answer(raw: bytes, policy: Policy = POLICY) -> Got:
    """What becomes of it, in a ticket that the agent was assigned."""
    mail = RawMail(raw, ANNA.address, (SUPPORT,), "smtp", NOW)
    plan = decide(parse(raw), mail, context(HERS, signed=(TO_ANNA,), request="It burns."), policy, NOW)
    letters = [one for one in plan.letters if one.template == "answer"]
    if not letters:
        return Got(b"", "", "")
    out = compose(letters[0], cause="inbox 1", n=1, policy=policy, templates=TEMPLATES, now=NOW)
    assert_travels(out.raw)
    return Got(out.raw, body(out.raw, "html"), body(out.raw, "plain").strip())
