"""The people of the state machine, their desk, and the mails that they write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from dsns import block, report

from mailticket.core.policy import Agent, Budgets, Department, Hours, Limit, Policy

from .server import Taken

HOURS = Hours(((((time(9), time(17)),),) * 5 + ((),) * 2), "Mon-Fri 09:00-17:00")
PRAGUE = ZoneInfo("Europe/Prague")
SUPPORT, SALES, ORDERS = "support@acme.example", "sales@acme.example", "orders@acme.example"
DEPARTMENTS = (SUPPORT, SALES, ORDERS)
CUSTOMERS = ("maria@customer.example", "jan@customer.example", "li@elsewhere.example")
STRANGER = "mallory@nowhere.example"
OUTSIDER = "oscar@nowhere.example"  # never takes part in a ticket
AGENTS = ("anna@acme.example", "bob@acme.example")
MANAGER = "mia@acme.example"
STAFF = (*AGENTS, MANAGER)
PER_ADDRESS, PER_DOMAIN = Limit(2, timedelta(hours=1)), Limit(5, timedelta(hours=3))  # soon used up
MARKER = "write your answer above this line"

HEADERS = {
    "person": "",
    "alarm": "Auto-Submitted: auto-generated\r\n",
    "out of office": "Auto-Submitted: auto-replied\r\n",
    "list": "List-Id: <news.customer.example>\r\n",
}
KINDS = tuple(HEADERS)
REPORT = "report"  # the kind of a mail that says that one of ours did not arrive


def desk() -> Policy:
    """Three departments: the second has no agents, so what is automatic there makes no letter at all; the tickets of
    the third are nobody's until somebody takes them."""
    support = Department("Support", (SUPPORT,), ("least-loaded",), HOURS, PRAGUE, frozenset())
    sales = Department("Sales", (SALES,), ("least-loaded",), HOURS, PRAGUE, frozenset(), hide_agents=True)
    orders = Department("Orders", (ORDERS,), ("manual",), HOURS, PRAGUE, frozenset())
    return Policy(
        name="Acme",
        tag_prefix="ACME",
        zone=PRAGUE,
        default_language="en",
        secrets=(b"a secret for tests",),
        plus_addresses=True,
        send_delay=timedelta(seconds=20),
        hostname="desk.acme.example",
        departments=(support, sales, orders),
        agents=(
            Agent("Anna Dvorak", AGENTS[0], departments=("Support",)),
            Agent("Bob Stone", AGENTS[1], departments=("Support", "Orders")),
            Agent("Mia Lane", MANAGER, departments=("Orders",), role="manager"),
        ),
        budgets=Budgets(per_address=(PER_ADDRESS,), per_domain=(PER_DOMAIN,), identical=()),
    )


@dataclass(frozen=True)
class Mail:
    """`token` is a word that is in this mail alone. `trusted` is False for what must end in quarantine, unless its
    sender logged in for it; `foreign` for what somebody outside answers to a mail that was made for an agent. `orders`
    is what an agent's word does to quarantined mails: "release", "discard" or nothing."""

    raw: bytes
    token: str
    sender: str
    kind: str
    named: bool  # has a Message-ID
    dated: bool
    trusted: bool = True
    by_agent: bool = False
    foreign: bool = False
    orders: str = ""
    answers: tuple[str, ...] = ()

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
    foreign: bool = False
    orders: str = ""

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
        return Mail(
            raw, token, self.sender, self.kind, self.named, self.dated, self.trusted, self.by_agent,
            self.foreign, self.orders, self.answers,
        )  # fmt: skip


def returned(taken: Taken, number: int, address: str, action: str) -> Mail:
    """What a mail system says of a mail of ours that it has taken and cannot hand on."""
    status = {"failed": "5.1.1", "delayed": "4.4.1"}[action]
    head = f"Message-ID: {taken.message_id}\nFrom: {taken.mail['from']}\nSubject: {taken.mail['subject']}\n\n"
    raw = report(block(address, action, status, "550 no such user"), returned=head, text=f"tok{number}en")
    raw = raw.replace(b"<r@mx.example>", b"<%d@mx.example>" % number)
    return Mail(raw, f"tok{number}en", "", REPORT, named=True, dated=False)


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
