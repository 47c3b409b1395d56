"""The people of the state machine, their desk, and the mails that they write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from mailticket.core.policy import Agent, Department, Hours, Policy

from .server import Taken

HOURS = Hours(((((time(9), time(17)),),) * 5 + ((),) * 2), "Mon-Fri 09:00-17:00")
PRAGUE = ZoneInfo("Europe/Prague")
SUPPORT, SALES = "support@acme.example", "sales@acme.example"
DEPARTMENTS = (SUPPORT, SALES)
CUSTOMERS = ("maria@customer.example", "jan@customer.example", "li@elsewhere.example")
STRANGER = "mallory@nowhere.example"
AGENTS = ("anna@acme.example", "bob@acme.example")
MARKER = "write your answer above this line"

HEADERS = {
    "person": "",
    "alarm": "Auto-Submitted: auto-generated\r\n",
    "out of office": "Auto-Submitted: auto-replied\r\n",
    "list": "List-Id: <news.customer.example>\r\n",
}
KINDS = tuple(HEADERS)


def desk() -> Policy:
    """Two departments: the second has no agents, so what is automatic there makes no letter at all."""
    support = Department("Support", (SUPPORT,), "least-loaded", HOURS, PRAGUE, frozenset())
    sales = Department("Sales", (SALES,), "least-loaded", HOURS, PRAGUE, frozenset(), hide_agents=True)
    return Policy(
        name="Acme",
        tag_prefix="ACME",
        zone=PRAGUE,
        default_language="en",
        secrets=(b"a secret for tests",),
        plus_addresses=True,
        send_delay=timedelta(seconds=20),
        hostname="desk.acme.example",
        departments=(support, sales),
        agents=(
            Agent("Anna Dvorak", AGENTS[0], departments=("Support",)),
            Agent("Bob Stone", AGENTS[1], departments=("Support",)),
        ),
    )


@dataclass(frozen=True)
class Mail:
    """`token` is a word that is in this mail alone. `trusted` is False for what must end in quarantine."""

    raw: bytes
    token: str
    sender: str
    kind: str
    named: bool  # has a Message-ID
    dated: bool
    trusted: bool = True
    by_agent: bool = False

    @property
    def answerable(self) -> bool:
        return self.kind == "person"


@dataclass(frozen=True)
class Draft:
    """A mail to be. `number` makes its token and its Message-ID."""

    number: int
    sender: str
    words: str = ""
    subject: str = "Printer"
    to: str = SUPPORT
    cc: str = ""
    kind: str = "person"
    named: bool = True
    dated: bool = True
    answers: tuple[str, ...] = ()  # Message-IDs, the last one answered
    quoted: str = ""
    trusted: bool = True
    by_agent: bool = False

    def written(self, now: datetime) -> Mail:
        token = f"tok{self.number}en"
        lines = [f"From: {self.sender}", f"To: {self.to}", f"Subject: {self.subject}"]
        lines += [f"Cc: {self.cc}"] if self.cc else []
        lines += [f"Date: {format_datetime(now)}"] if self.dated else []
        lines += [f"Message-ID: <{self.number}@customer.example>"] if self.named else []
        if self.answers:
            lines += [f"In-Reply-To: {self.answers[-1]}", "References: " + "\r\n ".join(self.answers)]
        lines += ["Content-Type: text/plain; charset=utf-8"]
        head = "\r\n".join(lines) + "\r\n" + HEADERS[self.kind]
        words = self.words.replace("TOKEN", token)
        raw = f"{head}\r\n{words}\r\n{self.quoted}".encode()
        return Mail(raw, token, self.sender, self.kind, self.named, self.dated, self.trusted, self.by_agent)


def quote(taken: Taken, author: str, now: datetime) -> str:
    """A mail below the words that answer it, as clients do it."""
    lines = "".join(f"> {line}\r\n" for line in body(taken).splitlines())
    return f"\r\nOn {now:%a, %d %b %Y at %H:%M}, {author} wrote:\r\n{lines}"


def body(taken: Taken) -> str:
    part = taken.mail.get_body(("plain",))
    return part.get_content() if part else ""


def references(taken: Taken) -> tuple[str, ...]:
    """What a client puts into References when it answers this mail."""
    earlier = str(taken.mail["references"] or "").split()
    return tuple(dict.fromkeys((*(r for r in earlier if r != taken.message_id), taken.message_id)))


__all__ = ["AGENTS", "CUSTOMERS", "DEPARTMENTS", "KINDS", "MARKER", "STRANGER", "Draft", "Mail", "desk"]
