"""What an agent's mail has done, as it is kept for #undo: what was so before it, what is so now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .keys import address_key
from .plan import Move
from .policy import Agent
from .proof import proving
from .types import Address

if TYPE_CHECKING:  # which stands on the context that acts are in
    from .known import SentMail, TicketView

RECEIPT = "notice-done"

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one ticket. `before`, `after` and `now` have the values of the columns that the act changed;
    `joined` are whom it took in, `left` whom it took out, with the places that they had; `watch` and `unwatched` are
    the agents who watch it, and do not, since then. `into` is the ticket that it has become a part of, if it has."""

    ticket: TicketView
    before: Columns
    after: Columns
    now: Columns
    joined: tuple[Address, ...] = ()
    left: tuple[tuple[Address, int], ...] = ()
    watch: tuple[Address, ...] = ()
    unwatched: tuple[Address, ...] = ()
    into: int | None = None


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail of the act to the customer's side. `state` is its outbox row's; `tried` says that a try was begun, be it
    this moment; `message` is its place in the ticket, None where it has none."""

    outbox: int
    to: tuple[str, ...]
    state: str
    tried: bool = False
    sent_at: datetime | None = None
    message: int | None = None

    @property
    def waits(self) -> bool:
        """It has never left the desk: it can be kept here."""
        return self.state == "queued" and not self.tried


@dataclass(frozen=True, slots=True)
class Act:
    """`notes` are messages that nobody outside has; `reached` says that the agent's mail itself had reached the
    customer's side; `told` are the agents who heard of it, by the keys of their addresses; `answered_since` is when the
    first other answer of the ticket went into it after this one. `into` is the ticket that its own has become a part
    of, at the end, if it has. `since` are, for a split, the addresses of those who wrote or acted in the new ticket;
    `came`, for merges, by the merged ticket the mails that those whom that let in wrote since."""

    id: int
    row: int  # of the agent's mail in the inbox
    ticket: int
    at: datetime
    undone_at: datetime | None = None
    changed: tuple[Changed, ...] = ()
    mails: tuple[Mailed, ...] = ()
    notes: tuple[int, ...] = ()
    reached: bool = False
    told: tuple[str, ...] = ()
    answered_since: datetime | None = None
    moves: tuple[Move, ...] = ()
    into: int | None = None
    since: tuple[str, ...] = ()
    came: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def is_split(self) -> bool:
        return bool(self.moves) and not self.merged

    @property
    def merged(self) -> tuple[Changed, ...]:
        """What it made a part of another ticket."""
        return tuple(one for one in self.changed if "merged_into" in one.after)


def receipt_of(agent: Agent, signed: Sequence[SentMail]) -> int | None:
    """The inbox row whose receipt the agent answers; None where they answer anything else."""
    mine = (s for s in signed if s.audience == "agent" and s.purpose != "bounce" and _to(agent, s))
    answered = proving(agent, signed) or next(mine, None)
    is_receipt = answered is not None and answered.template == RECEIPT
    return answered.about[0] if answered and is_receipt and answered.about else None


def _to(agent: Agent, sent: SentMail) -> bool:
    return any(address_key(one) in agent.keys for one in sent.recipients)
