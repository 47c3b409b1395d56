"""The values that move through the house: what came in, what was read, what is known, what will follow.

All are frozen. Every datetime is aware and in UTC unless its name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .keys import address_key


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address with the name somebody gave it. `name` is display only and never identity."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        return address_key(self.address)

    @property
    def shown(self) -> str:
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as it arrived, before anybody looked at it. `envelope_from` is "" for the null sender."""

    raw: bytes
    envelope_from: str
    envelope_to: tuple[str, ...]
    via: str  # "smtp", "ingest"
    received_at: datetime
    peer: str = ""  # the client's address, "" where there is none


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is a file to a person. `content` holds the decoded bytes."""

    filename: str
    content_type: str
    content: bytes
    sha256: str
    content_id: str = ""  # without angle brackets
    inline: bool = False

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What could be read of a mail. Nothing here is proved; Message-IDs keep their angle brackets.

    `text` is the new words (quotes, attribution lines and the signature trimmed), `full_text` all of them,
    `html` the sanitised HTML of the whole, "" when the mail had none. `headers` are (lower-case name, decoded
    value) in their order. `body_hash` is a hash of the body with its line ends normalised. `date` keeps the
    sender's own offset.
    """

    message_id: str
    from_: Address | None
    from_count: int
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    content_type: str  # of the whole message, lower-case
    text: str
    full_text: str
    html: str
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]
    size: int  # octets as it came
    body_hash: str

    def header(self, name: str) -> str:
        """The first header of that name (any case), or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)


# --- what is known: plain values that the store hands to the rules -------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we have heard of. `id` is 0 before the store has met them."""

    id: int
    address: str
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as far as the rules look at it. `agent` is an address, "" for nobody."""

    id: int
    subject: str
    status: str
    priority: str
    department: str
    agent: str
    customer: Person
    participants: tuple[Address, ...]  # the customer first, if they have an address, then those in copy
    created_at: datetime
    updated_at: datetime
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    customer_thread: tuple[str, ...] = ()  # Message-IDs the customer's side has seen, oldest first
    agent_thread: tuple[str, ...] = ()  # Message-IDs of our mails to `agent` about this ticket, oldest first


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours that a signed reference named. `audience` is "agent" or "customer"."""

    outbox_id: int
    ref: str
    kind: str
    audience: str
    recipients: tuple[str, ...]
    ticket: int | None
    purpose: str  # by what it was named: "message", "reply" (support+…@) or "bounce"
    spent: bool = False  # somebody outside has seen it: it threads, and proves nothing


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """How busy an agent is: tickets neither resolved nor closed, and when the last new one came."""

    address: str
    open_tickets: int
    last_assigned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """One of the customer's other tickets, for the assignment mail."""

    id: int
    subject: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Context:
    """What the store knows that matters for one mail, read inside the transaction that will act on it."""

    number: int  # the next ticket's, reserved while the transaction lasts
    cause: str  # names this piece of work for ever; derived ids come from it
    duplicate_of: tuple[int, int | None] | None = None  # (inbox id, its ticket)
    signed: tuple[SentMail, ...] = ()
    attached: tuple[SentMail, ...] = ()  # named by the files of a proved agent's mail
    quoted: tuple[SentMail, ...] = ()  # named by its words
    marker_attached: bool = False  # its files show the marker of our mails to agents
    referenced: tuple[int, ...] = ()  # tickets of the messages that the mail refers to, nearest first
    tagged: tuple[int, ...] = ()  # tickets that the subject names, in its order, existing ones only
    tickets: Mapping[int, TicketView] = field(default_factory=dict)
    sender: Person | None = None
    earlier: tuple[Earlier, ...] = ()
    earlier_count: int = 0
    seen: str = ""  # for a mail that answers one of ours to an agent: the words that the customer's side has
    loads: tuple[AgentLoad, ...] = ()


# --- what will follow: a Plan has the four parts of one transaction ------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketChange:
    """A new ticket (`id` is Context.number, `new` is True) or changes to one. `set` is column → value.

    Columns: subject, status, priority, department, agent (address or ""), customer (Address), language,
    created_at, updated_at, first_response_due, resolution_due, estimate_answer_by, estimate_basis,
    first_response_at, resolved_at.
    """

    id: int
    new: bool = False
    set: Mapping[str, Any] = field(default_factory=dict)
    add_participants: tuple[Address, ...] = ()
    link: tuple[int, ...] = ()  # related tickets


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One mail in a ticket. `direction` is "inbound", "outbound" or "note"."""

    ticket: int
    message_id: str
    direction: str
    from_: Address | None
    to: tuple[Address, ...]
    subject: str
    text: str
    full_text: str
    html: str
    attachments: tuple[Attachment, ...]
    at: datetime
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One line of the audit trail. `detail` holds ids, numbers and codes, never addresses or text.

    `actor` is an Address, or one of "desk", "admin". An Address, there or in `detail`, is stored as a person's id.
    """

    kind: str
    actor: Address | str
    ticket: int | None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that the rules want written; `compose` makes it an `Outgoing`.

    `facts` are the plain values its templates name. `subject` is the request's own, without our tag. `thread`
    are the Message-IDs it belongs behind, oldest first: the last one is answered. `automatic` is the value of
    Auto-Submitted, "" for a person's words. `record` says that it stands in the ticket as an outbound message,
    with `text` as its words.
    """

    template: str
    kind: str  # acknowledgement, assignment, relay, notice
    audience: str  # agent, customer
    department: str
    ticket: int | None
    to: tuple[Address, ...]
    subject: str
    due_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    cc: tuple[Address, ...] = ()
    from_name: str = ""  # "" for the department's
    thread: tuple[str, ...] = ()
    automatic: str = ""  # "", "auto-replied", "auto-generated"
    attachments: tuple[Attachment, ...] = ()
    record: bool = False
    text: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be, composed to its last byte. `ref` is the id that its signed references name."""

    ref: str
    kind: str  # acknowledgement, assignment, relay, notice
    audience: str  # agent, customer
    ticket: int | None
    message_id: str
    envelope_from: str  # "" for the null sender
    recipients: tuple[Address, ...]
    subject: str
    raw: bytes
    due_at: datetime
    message: NewMessage | None = None  # how it stands in the ticket, for mails the customer gets


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that follows from one cause. Given to `store.apply`, whole, in one transaction.

    `state` and `reason` are the inbox row's ("done" or "quarantined"); None where no mail was the cause.
    """

    state: str | None = None
    reason: str = ""
    kind: str = ""  # the mail's: person, automatic, bounce, list, own
    ticket: int | None = None
    changes: tuple[TicketChange, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    events: tuple[NewEvent, ...] = ()
    letters: tuple[Letter, ...] = ()  # still to be composed
    outbox: tuple[Outgoing, ...] = ()
    spent: tuple[int, ...] = ()  # outbox ids whose references prove nothing from now on
