"""What an agent asks to see of tickets, and what is known of those: plain values that the store hands to the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .bulk_lines import AT_MOST, SINGLE, apart, understood
from .command import DESK, Order
from .commands import COMMANDS, CommandLine, split, understand, words_in
from .commands_show import ASKING, opens
from .commands_undo import UNDO
from .crossing import agent_answer
from .known import TicketView
from .overview import Overview
from .policy import Policy
from .types import Address, Attachment, ParsedMail

LISTED = 100  # tickets of a list that are shown
FOUND = 20  # tickets of a search that are shown, the best
COUNTED = 500  # … and that are counted: to know how many have a word that is everywhere takes too long
SPOKEN = 20  # messages of a ticket that are shown, the newest
WORDS, LINES = 3_000, 60  # characters and lines of each
FILED = 200  # files of a ticket that are known, the newest
HAPPENED = 200  # events of a ticket that are told, the newest

LOOKED_UP = (*ASKING, "away", "next", "merge", "split")
_BULK = (name for name, known in COMMANDS.items() if known.scope == "ticket" and name not in SINGLE)
_NEEDY = frozenset({*LOOKED_UP, *_BULK, UNDO})
_LONG = frozenset({"search", "show"})  # they look through all tickets, or have files with them


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message. `direction` is "inbound", "outbound" or "note"; `text` may be cut behind WORDS characters."""

    direction: str
    who: Address | None
    at: datetime
    text: str
    files: int = 0
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. Who stands in `detail` as a person is an Address here."""

    at: datetime
    kind: str
    actor: Address | str  # "desk", "admin"
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Promise:
    """The times that a ticket was given when it came."""

    answer_by: datetime
    basis: str
    first_response_due: datetime | None
    resolution_due: datetime | None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a message. It is in the mail that `row` of the `queue` (inbox or outbox) has, or, for "", is not kept
    any more; `inside`: it came with a note."""

    filename: str
    size: int
    sha256: str
    queue: str
    row: int
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A ticket with what was said, `earlier` messages more than that, oldest first; and, where they are asked for, the
    newest files in it, newest first."""

    ticket: TicketView
    spoken: tuple[Spoken, ...]
    earlier: int = 0
    files: tuple[KeptFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to a ticket, `earlier` events more than that, oldest first."""

    happened: tuple[Happened, ...]
    promise: Promise
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """`due` is when we owe the next answer, or what solves it; None where it is not our turn. `agent` is an address,
    `said` the words around those that were looked for."""

    number: int
    subject: str
    status: str
    customer: Address
    agent: str
    created_at: datetime
    due: datetime | None = None
    wakes_at: datetime | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The first tickets of a list, or the best of a search, and how many there are. `unread` says that there is
    something too new to have been looked at, whosever it is, `given_up` that a search took too long and found nothing
    out."""

    tickets: tuple[ListedTicket, ...]
    count: int
    unread: bool = False
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the desk's answer: the most important `ticket` that is nobody's, with its customer's last words,
    and how many others, but for what the mail orders about by number; where there is none, the tickets of who asks."""

    ticket: TicketView | None = None
    request: str = ""
    others: int = 0
    own: Listed = Listed((), 0)


@dataclass(frozen=True, slots=True)
class Pages:
    """What a mail asks for, of the tickets that there are. `past` is that of the mail's own. The `lists`, and what a
    search has found, are by what orders them; `oldest` has the ticket that waits longest, beside an `overview`."""

    tickets: Mapping[int, Page] = field(default_factory=dict)
    past: Past | None = None
    lists: Mapping[Order, Listed] = field(default_factory=dict)
    waiting: Waiting | None = None
    overview: Overview | None = None
    oldest: Listed = Listed((), 0)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was looked up for a mail before the transaction that works on it: files by their hash, and what searches
    have found, by what orders them."""

    files: Mapping[str, Attachment] = field(default_factory=dict)
    found: Mapping[Order, Listed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asks:
    """What a mail orders of what has to be looked up before the rules see it: `orders` to show something or about more
    than their own ticket, `numbers` of the tickets that its bulk lines are about, and whether it `undoes` something."""

    orders: tuple[Order, ...] = ()
    numbers: tuple[int, ...] = ()
    undoes: bool = False

    def by_link(self) -> Asks:
        """What is left of it where the address of a link is all that proves it."""
        return Asks(tuple(order for order in self.orders if opens(order)))


def subject_lines(mail: ParsedMail) -> tuple[CommandLine, ...]:
    """The command that is a mail's subject; of one that answers another the subject is that one's."""
    return () if mail.in_reply_to or mail.references else split(mail.subject)[0]


def may_ask(mail: ParsedMail) -> bool:
    """Can it order anything of that kind? Most mails do not: what is new in them has not to be found out for it."""
    return not _NEEDY.isdisjoint(_words(mail))


def takes_long(mail: ParsedMail) -> bool:
    """May a mail ask for what is looked up ahead? Whether it does shows when the rest of it is known."""
    return not _LONG.isdisjoint(_words(mail))


def _words(mail: ParsedMail) -> frozenset[str]:
    return words_in(f"{mail.subject}\n{mail.full_text}")


def asked_by(mail: ParsedMail, seen: str, policy: Policy) -> Asks:
    """What a proved agent's mail that `may_ask` orders: with what may cross to a customer above the commands, and
    without it, as it is about a ticket or none."""
    subject = subject_lines(mail)
    about = split(agent_answer(mail, seen))[0]
    alone = split(agent_answer(mail))[0] if seen else about
    written = dict.fromkeys((*subject, *about, *alone))
    orders, _ = understand((line for line in written if line.word in LOOKED_UP), policy, "ticket", DESK)
    return Asks(orders, _numbers((*subject, *alone), policy), any(line.word == UNDO for line in about))


def _numbers(lines: Iterable[CommandLine], policy: Policy) -> tuple[int, ...]:
    """None of a mail that names more tickets than one may: it comes back."""
    found, _ = understood(apart(lines)[0], policy)
    numbers = dict.fromkeys(number for one in found for number in (*one.numbers, *one.order.ids))
    return tuple(numbers) if len(numbers) <= AT_MOST else ()
