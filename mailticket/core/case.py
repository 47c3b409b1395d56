"""One mail with everything that is known about it: what the rules of `decide` look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .classify import Sort
from .headers import can_be_written_to
from .match import Match, outsiders
from .policy import Agent, Department, Policy
from .subject import plain
from .types import Address, Context, NewEvent, NewMessage, ParsedMail, SentMail, TicketView

NOBODY = Address("", "unknown sender")
PARTICIPANTS_AT_MOST = 50  # taken from one mail


@dataclass(frozen=True, slots=True)
class Case:
    """`sender` is who the mail says it is from, a claim; `agent` the agent of that address; `proved` the signed
    reference that proves this agent, if there is one. `department` is the one it was delivered to."""

    mail: ParsedMail
    envelope_from: str
    envelope_to: tuple[str, ...]
    received_at: datetime
    context: Context
    policy: Policy
    now: datetime
    sort: Sort
    match: Match
    department: Department
    sender: Address
    agent: Agent | None = None
    proved: SentMail | None = None

    @property
    def is_person(self) -> bool:
        return self.sort.kind == "person"

    @property
    def subject(self) -> str:
        """The subject without our tags and reply prefixes."""
        return plain(self.mail.subject, self.policy)

    @property
    def copied(self) -> tuple[Address, ...]:
        """The customer's side in copy: neither the desk, nor agents, nor the sender."""
        others = (a for a in outsiders(self.mail.cc, self.policy) if a.key != self.sender.key)
        return tuple(a for a in others if can_be_written_to(a.address))[:PARTICIPANTS_AT_MOST]

    def reached_by_answer(self, ticket: TicketView | None = None) -> tuple[Address, ...]:
        """Whom an agent's answer goes to: the customer first, then those in copy. In a ticket that this mail
        opens, for None."""
        everybody = ticket.participants if ticket else (self.sender, *(self.copied if self.is_person else ()))
        return tuple(a for a in outsiders(everybody, self.policy) if can_be_written_to(a.address))

    @property
    def answerable(self) -> bool:
        """May an automatic answer go to the sender, and could it?"""
        return self.sort.answerable and can_be_written_to(self.sender.address)

    @property
    def offset(self) -> timedelta | None:
        """The sender's own offset from UTC, as their Date header has it."""
        return self.mail.date.utcoffset() if self.mail.date else None

    def message(self, ticket: int, direction: str, *, text: str | None = None) -> NewMessage:
        """This mail as it stands in a ticket."""
        mail = self.mail
        return NewMessage(
            ticket=ticket,
            message_id=mail.message_id,
            direction=direction,
            from_=self.sender if self.sender.address else None,
            to=(*mail.to, *mail.cc),
            subject=mail.subject,
            text=mail.text if text is None else text,
            full_text=mail.full_text,
            html=mail.html,
            attachments=mail.attachments,
            at=self.received_at,
            automatic=not self.is_person,
        )

    def event(self, kind: str, ticket: int | None, **detail: object) -> NewEvent:
        """Something that the sender did."""
        return NewEvent(kind, self.sender if self.sender.address else "desk", ticket, detail)


def department_of(envelope_to: tuple[str, ...], policy: Policy) -> Department:
    """The department of the first recipient that is ours; the desk's first where none is."""
    found = (policy.department_of(address) for address in envelope_to)
    return next((d for d in found if d is not None), policy.departments[0])
