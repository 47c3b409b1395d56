"""What is known when the rules look at a mail: plain values that the store hands to them. All frozen, times in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .keys import address_key
from .standing import UNMARKED, Standing
from .types import Address, Attachment, DkimPass

if TYPE_CHECKING:  # which stand on the tickets that are here
    from .acts import Act
    from .asked import Listed, Pages
    from .seen import Talk


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we have heard of. `id` is 0 before the store has met them."""

    id: int
    address: str
    name: str = ""
    language: str = ""
    proved: bool = False  # a mail was once proved to be theirs: they have our mails, and want them
    held: bool = False  # taken for a machine until a person says otherwise
    standing: Standing = UNMARKED  # what came back from there
    unsure_at: datetime | None = None  # when an agent was last told of a bounce that may have been about them


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as far as the rules look at it; never one that was merged. `agent` is an address, "" for nobody."""

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
    agent_threads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Message-IDs of our mails about this ticket to each agent, by address_key, oldest first."""
    offered: tuple[str, ...] = ()  # agents' addresses that have got an assignment of it, in their order
    labels: tuple[str, ...] = ()
    wakes_at: datetime | None = None  # of one that is postponed
    first_response_due: datetime | None = None
    estimate_answer_by: datetime | None = None  # what the customer was told, None where nothing was stored
    estimate_basis: str = ""
    watchers: tuple[str, ...] = ()  # agents' addresses who hear of it, too, in the order they came

    def thread_of(self, agent: str) -> tuple[str, ...]:
        """Message-IDs of our mails to that agent."""
        return self.agent_threads.get(address_key(agent), ())


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours that a signed reference named. `audience` is "agent", "customer" or "desk"."""

    outbox_id: int
    ref: str
    kind: str
    audience: str
    recipients: tuple[str, ...]
    ticket: int | None
    purpose: str  # by what it was named: "message", "reply" (support+…@), "note", "ask", "bounce" or "time"
    spent: bool = False  # somebody outside has seen it: it threads, and proves nothing
    template: str = ""  # what it was written with: "assignment", "question", …
    about: tuple[int, ...] = ()  # the inbox rows that a question or a list names, or whose mail it shows
    person: str = ""  # the address that a "notice-held" is about; who wrote an answer or a note
    subject: str = ""
    sent_at: datetime | None = None  # when it was written
    failed: tuple[str, ...] = ()  # those recipients who are known not to have got it
    merged: bool = False  # its own ticket is part of another one now, which `ticket` is


@dataclass(frozen=True, slots=True)
class Handed:
    """The last mail that was handed over for an address which a bounce without any id of ours names: it may be about
    that mail, and may be forged. `words` are the report's."""

    sent: SentMail
    person: Person
    status: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The message of the customer's side that a mail of ours to an agent shows, and is still in its ticket. `named` are
    those in its To and Cc; `only` says that the ticket has no other one of theirs."""

    id: int
    message_id: str
    writer: Person
    named: tuple[Address, ...]
    subject: str
    text: str
    at: datetime
    only: bool = False


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """How busy an agent is: tickets neither resolved nor closed, and when the last new one came."""

    address: str
    open_tickets: int
    last_assigned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Absence:
    """What was said of an agent, by the key of their address: away `until` a moment, or, for None, here. `by` is the
    key of who said it, `machine` says that it was an out-of-office mail; `at` is when it was said."""

    agent: str
    until: datetime | None
    by: str
    at: datetime
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """One of the customer's other tickets, for the assignment mail. `agent` is an address."""

    id: int
    subject: str
    status: str
    created_at: datetime
    department: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: who they are, None where nobody has heard of them, and their newest tickets of before."""

    person: Person | None
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Twin:
    """The inbox row that is the same mail, its ticket, and whether it waits in quarantine for want of a proof."""

    id: int
    ticket: int | None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class HeldMail:
    """An inbox row that one of our mails to an agent named: what a `#release` there may act on. `asks` is the address
    of the agent whose word it waits for, of whose mail they passed on."""

    id: int
    state: str  # queued, quarantined, done
    reason: str
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """How many automatic answers were given in one window of one budget (names as in the config)."""

    budget: str
    seconds: int
    count: int


@dataclass(frozen=True, slots=True)
class Linked:
    """What an agent got within the hour because nothing but a link of ours asked for it: so many answers, and whether
    they were told that there were too many."""

    answers: int = 0
    told: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What the store knows that matters for one mail, read inside the transaction that will act on it.

    What names a ticket that was merged names the one that it is part of; in `tickets` it is that under both numbers.
    """

    number: int  # the next ticket's, reserved while the transaction lasts
    cause: str  # names this piece of work for ever; derived ids come from it
    duplicate_of: Twin | None = None
    signed: tuple[SentMail, ...] = ()
    attached: tuple[SentMail, ...] = ()  # named by the files of a proved agent's mail
    quoted: tuple[SentMail, ...] = ()  # named by its words
    marker_attached: bool = False  # its files show the marker of our mails to agents
    referenced: tuple[int, ...] = ()  # tickets of the messages that the mail refers to, nearest first
    tagged: tuple[int, ...] = ()  # tickets that the subject names, in its order, existing ones only
    tickets: Mapping[int, TicketView] = field(default_factory=dict)
    sender: Person | None = None
    earlier: tuple[Earlier, ...] = ()
    asking: Asking | None = None  # for a proved agent's mail that begins somebody else's ticket
    here: int | None = None  # … the ticket that has the mail already which it passes on
    seen: str = ""  # for a mail that answers one of ours to an agent: the words that the customer's side has
    loads: tuple[AgentLoad, ...] = ()
    dkim: tuple[DkimPass, ...] = ()  # for a mail from an agent's address
    used: tuple[Used, ...] = ()  # of the budgets that an answer to this mail would come from
    refused_hours: int = 0  # hours running, the present one among them, in which this sender was over a budget
    asked: int = 0  # questions that the agent concerned got within a day
    linked: Linked = Linked()  # for an agent's mail to the address of a link
    rows: tuple[HeldMail, ...] = ()  # what the mail that a proved agent answers is about
    answered_by: str = ""  # the agent's address that answered this customer last
    handed: Handed | None = None  # for a bounce that names no mail of ours by an id
    pages: Pages | None = None  # for a proved agent's mail that asks for them
    shown: Shown | None = None  # for a proved agent's mail that splits what the mail shows which it answers
    acts: tuple[Act, ...] = ()  # for a proved agent's mail that wants them undone: one for each ticket
    files: Mapping[str, Attachment] = field(default_factory=dict)  # of a ticket that is asked for, by their hash
    request: str = ""  # for a proved agent's mail in a ticket: the customer's last words there
    requests: Mapping[int, str] = field(default_factory=dict)  # … in each, for one about several tickets
    talks: Mapping[int, Talk] = field(default_factory=dict)  # for a proved agent's mail: by ticket, what came last
    away: Mapping[str, datetime] = field(default_factory=dict)  # until when, by the agent's (main) address
    told_away: frozenset[int] = frozenset()  # tickets of which others have heard that their agent is away
    said_away: tuple[Absence, ...] = ()  # for an agent's machine's mail: what was said of that agent, newest first
    leaves: Mapping[str, Listed] = field(default_factory=dict)  # by address, open tickets of who goes away by this mail
