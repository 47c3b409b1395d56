"""What will follow: a Plan has the four parts of one transaction. All values are frozen, times in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .known import Absence
from .types import Address, Attachment

NOTE = "note"  # the template of a mail that shows a note
ANSWERED_BY_NOTES = (NOTE, "copy")  # templates of mails whose replies are notes


@dataclass(frozen=True, slots=True)
class TicketChange:
    """A new ticket (`id` is Context.number, `new` is True) or changes to one. `set` is column → value.

    Columns: subject, status, priority, labels, department, agent (address or ""), customer (Address), created_at,
    updated_at, first_response_due, resolution_due, estimate_answer_by, estimate_basis,
    first_response_at, resolved_at, wakes_at, merged_into (a ticket's number or None).
    """

    id: int
    new: bool = False
    set: Mapping[str, Any] = field(default_factory=dict)
    add_participants: tuple[Address, ...] = ()
    remove_participants: tuple[Address, ...] = ()
    restore: tuple[tuple[Address, int], ...] = ()  # who take part again, each at the place that they had
    add_watchers: tuple[Address, ...] = ()
    remove_watchers: tuple[Address, ...] = ()
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
class Move:
    """Messages that go from one ticket into another: those with the ids in `messages`, or all that are there."""

    source: int
    target: int
    messages: tuple[int, ...] = ()


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

    `facts` are the plain values its templates name. `subject` is the request's own, without our tag: that of
    `ticket` will be there, or, in a mail that belongs to none and only shows one, that of the one `named`. `thread`
    are the Message-IDs it belongs behind, oldest first: the last one is answered. `automatic` is the value of
    Auto-Submitted, "" for a person's words. `record` says that it stands in the ticket as an outbound message, with
    `text` as its words.
    """

    template: str
    kind: str  # acknowledgement, assignment, relay, notice, probe
    audience: str  # agent, customer, desk (a mail to ourselves)
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
    about: tuple[int, ...] = ()  # inbox rows that a question or a list names, or whose mail it shows
    person: str = ""  # an address that a notice is about; that of who wrote an answer or a note
    named: int | None = None
    linked: bool = False  # nothing but the address of a link asks for it


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be, composed to its last byte. `ref` is the id that its signed references name."""

    ref: str
    kind: str  # acknowledgement, assignment, relay, notice, probe
    audience: str  # agent, customer, desk (a mail to ourselves)
    ticket: int | None
    message_id: str
    envelope_from: str  # "" for the null sender
    recipients: tuple[Address, ...]
    subject: str
    raw: bytes
    due_at: datetime
    message: NewMessage | None = None  # how it stands in the ticket, for mails the customer gets
    template: str = ""
    about: tuple[int, ...] = ()
    person: str = ""
    counted: str = ""  # what it is counted among: see `notices.tally`


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice that its agent, by the key of their address, gets in one mail with others. `ref` is the id that it would
    have had alone; `left_out` how many characters of its text are not kept."""

    ref: str
    agent: str
    ticket: int | None
    subject: str
    text: str
    left_out: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a person from now on. `kind` is "proved" or "held" (`detail` "yes"; "" takes it away),
    "bounced", "full" or "soft" (`detail` the status; "" takes all three away), "unsure" (an agent was told of a bounce
    that may be about them), or "language" (`detail` as ISO 639-1 has it)."""

    kind: str
    address: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An automatic answer that was given, or refused because a budget was used up. `words` is the hash of what is
    the same in identical mails, "" where it is too short to be."""

    address: str
    words: str
    given: bool


@dataclass(frozen=True, slots=True)
class CameBack:
    """A mail of ours that the world returned: the outbox row, whom it did not reach, and the server's own words."""

    outbox: int
    address: str
    reply: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that follows from one cause. Given to `store.apply`, whole, in one transaction.

    `state` and `reason` are the inbox row's ("done" or "quarantined"); None where no mail was the cause.
    """

    state: str | None = None
    reason: str = ""
    kind: str = ""  # the mail's: person, automatic, bounce, list, own, spam
    concerns: str = ""  # the agent's address that a quarantined mail is about
    asked: bool = False  # … who is asked about it now, and not in a daily list
    whose: str = ""  # … which passes on nobody's mail: what its row says of that (`RawMail.whose`)
    ticket: int | None = None
    changes: tuple[TicketChange, ...] = ()
    moves: tuple[Move, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    events: tuple[NewEvent, ...] = ()
    letters: tuple[Letter, ...] = ()  # still to be composed
    outbox: tuple[Outgoing, ...] = ()
    kept: tuple[KeptNotice, ...] = ()  # instead of a mail each
    gathered: tuple[str, ...] = ()  # keys of agents' addresses: what was kept for them is in a letter of this plan
    spent: tuple[int, ...] = ()  # outbox ids whose references prove nothing from now on
    release: tuple[int, ...] = ()  # inbox rows that leave quarantine, with the effect that they would have had
    named: str = ""  # … whose their agent says that they are, as `RawMail.whose` has it
    discard: tuple[int, ...] = ()  # inbox rows that a person wants nothing of
    marks: tuple[Mark, ...] = ()
    answered: tuple[Answered, ...] = ()
    came_back: tuple[CameBack, ...] = ()
    probe: str = ""  # the ref of a mail to ourselves that came in
    absences: tuple[Absence, ...] = ()  # who is away from now on, or back
    act: str = ""  # the address of the agent whose mail does all this: it is kept, so that it can be undone
    acts: tuple[tuple[int, ...], ...] = ()  # … one for each of several tickets, with those that are a part of it now
    undoes: tuple[int, ...] = ()  # the acts that are undone, with
    undone: tuple[int, ...] = ()  # … outbox ids that never leave, and
    withdrawn: tuple[int, ...] = ()  # … messages that are taken out of their tickets
