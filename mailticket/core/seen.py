"""What an agent had seen of a ticket when they wrote an answer: by the mail that it answers, or by its Date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from .handover import ANSWERED_BY_REPLY
from .known import SentMail
from .types import Address


@dataclass(frozen=True, slots=True)
class Said:
    """A person's mail of the customer's side. `filed_at` is when the desk put it into the ticket."""

    filed_at: datetime
    message_id: str
    who: Address | None
    text: str
    files: int = 0


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail of ours to the agent that shows them what came last; it comes after all that had been said until then.
    `handed_at` is None before a server has taken it; `gave_back` says that it gave an answer of theirs back."""

    outbox_id: int
    written_at: datetime
    handed_at: datetime | None
    gave_back: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A colleague's. `outbox_id` is 0 where it went to the customer without us, `leaves_at` None once it has left."""

    outbox_id: int
    writer: str  # an address
    at: datetime
    text: str
    leaves_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """The latest of a ticket, for one of its agents, each in its order: what the customer's side said, what the agent
    was mailed of it, and what colleagues answered; `held` are the inbox rows of answers that have crossed with it and
    were given back."""

    said: tuple[Said, ...] = ()
    mailed: tuple[Mailed, ...] = ()
    answers: tuple[Answer, ...] = ()
    held: frozenset[int] = frozenset()

    def unseen(self, until: datetime | None) -> tuple[Said, ...]:
        """What the customer's side said after that; all of it where the agent had seen nothing."""
        return tuple(one for one in self.said if until is None or one.filed_at > until)

    @property
    def waiting(self) -> tuple[Answer, ...]:
        return tuple(one for one in self.answers if one.leaves_at is not None)

    def answered_since(self, until: datetime | None) -> tuple[Answer, ...]:
        """What has left to the customer's side after that."""
        return tuple(one for one in self.answers if one.leaves_at is None and (until is None or one.at > until))


def written_by(date: datetime | None, received_at: datetime) -> datetime:
    """When a mail was written at the latest. A Date has whole seconds; one of the future, or none, says nothing."""
    return received_at if date is None else min(date.replace(microsecond=999_999), received_at)


def seen_until(talk: Talk, answers: SentMail | None, written: datetime, named: Collection[str] = ()) -> datetime | None:
    """Up to when the writer of an answer had seen all of the ticket; None for nothing. `answers` is our mail to them
    that it replies to, `written` when they wrote it, `named` the Message-IDs that it refers to.

    By a mail of ours: up to the last one, no later than it, that shows something. Without: up to the last one that was
    handed over before they wrote. An answer that was given back is no mail to reply to, so what that showed them
    counts by its time in both; and who answers the customer's own mail, by its Message-ID, has read it.
    """
    moments = [one.written_at for one in talk.mailed if _shown(one, answers, written)]
    if answers is not None and answers.sent_at is not None and answers.kind in ANSWERED_BY_REPLY:
        moments.append(answers.sent_at)  # it may be of a ticket that this one has taken up
    moments += [one.filed_at for one in talk.said if one.message_id in named]
    return max(moments, default=None)


def _shown(mail: Mailed, answers: SentMail | None, written: datetime) -> bool:
    if answers is None or mail.gave_back:
        return mail.handed_at is not None and mail.handed_at <= written
    return mail.outbox_id <= answers.outbox_id
