"""What is known of tickets that an agent asks to see: plain values that the store hands to the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .known import TicketView
from .types import Address

SPOKEN = 20  # messages of a ticket that are shown, the newest
WORDS, LINES = 3_000, 60  # characters and lines of each
HAPPENED = 200  # events of a ticket that are told, the newest


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
class Page:
    """A ticket with what was said, `earlier` messages more than that, oldest first."""

    ticket: TicketView
    spoken: tuple[Spoken, ...]
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to a ticket, `earlier` events more than that, oldest first."""

    happened: tuple[Happened, ...]
    promise: Promise
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Pages:
    """What a mail asks for, of the tickets that there are. `past` is that of the mail's own."""

    tickets: Mapping[int, Page] = field(default_factory=dict)
    past: Past | None = None
