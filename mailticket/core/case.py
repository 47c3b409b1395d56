"""One mail with everything that is known about it: what the rules of `decide` look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .classify import Sort
from .headers import can_be_written_to
from .keys import address_key
from .known import Context, SentMail, TicketView
from .language import language_for
from .match import Match, outsiders
from .original import with_word, word
from .plan import NewEvent, NewMessage
from .policy import Agent, Department, Policy
from .proof import ASKS, Proof
from .shown import words_of
from .subject import plain
from .types import Address, Attachment, ParsedMail

NOBODY = Address("", "unknown sender")
PARTICIPANTS_AT_MOST = 50  # taken from one mail


@dataclass(frozen=True, slots=True)
class Case:
    """`sender` is who asks: who the mail says it is from (a claim), or whom a web form names. `agent` is the agent of
    its From, `proof` what proves them. `department` is the one it was delivered to, `also` are others. `row` is its
    place in the inbox; `spam` why a trusted relay calls it that, or ""."""

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
    proof: Proof | None = None
    noted: tuple[SentMail, ...] = ()  # what makes a proved agent's mail a note, whatever it says
    to_notes: bool = False  # so does the form of an address that it goes to, be its mark known or not
    row: int = 0
    spam: str = ""
    also: tuple[str, ...] = ()
    quiet: bool = False
    released: bool = False
    concerns: str = ""  # the agent's address who was asked, and has let it in
    whose: str = ""  # what was said, as it was let in, of whose mail it passes on
    refused: str = ""  # why a trusted relay's word is against an agent's mail
    original: Attachment | None = None  # the mail itself, where not all of it could be read
    note: str = ""  # what the way in says of it
    sender_proved: bool = False  # this very mail is the sender's, as a trusted relay says

    @property
    def answers(self) -> str:
        """What of ours its agent answers: a "mail"; a "link", which has only begun it; or "" for nothing."""
        if self.proof is not None and self.proof.alone == ASKS:
            return "link"
        return "mail" if self.match.ticket is not None or self.context.signed else ""

    @property
    def is_person(self) -> bool:
        return self.sort.kind == "person"

    @property
    def stays_inside(self) -> bool:
        """Is it a proved agent's, and a note whatever it says?"""
        return bool(self.noted) or self.to_notes

    @property
    def subject(self) -> str:
        """The subject without our tags and reply prefixes."""
        return plain(self.mail.subject, self.policy)

    @property
    def files(self) -> tuple[Attachment, ...]:
        """All that came with it, and the original where that is more than was read."""
        return self.mail.attachments if self.original is None else (*self.mail.attachments, self.original)

    @property
    def told(self) -> str:
        """What the agent is told of it where not all of it is there, or the original is."""
        return self.note or (word(self.mail) if self.original else "")

    @property
    def copied(self) -> tuple[Address, ...]:
        """The customer's side in copy: neither the desk, nor agents, nor the sender."""
        others = (a for a in outsiders(self.mail.cc, self.policy) if a.key != self.sender.key)
        return tuple(a for a in others if can_be_written_to(a.address))[:PARTICIPANTS_AT_MOST]

    @property
    def strangers(self) -> tuple[Address, ...]:
        """Those in copy who do not take part in the ticket that this mail is in, and do not join it by this mail."""
        ticket = self.match.ticket
        if ticket is None:
            return ()
        inside = {p.key for p in (*ticket.participants, *self.newcomers)}
        return tuple(a for a in self.copied if a.key not in inside)

    @property
    def newcomers(self) -> tuple[Address, ...]:
        """Whom the customer, in a person's mail with a signed reference, adds to their ticket."""
        ticket = self.match.ticket
        if ticket is None or not self.is_person or self.match.rule != "signed":
            return ()
        if self.sender.key != address_key(ticket.customer.address):
            return ()
        known = {p.key for p in ticket.participants}
        room = max(0, PARTICIPANTS_AT_MOST - len(known))
        return tuple(a for a in self.copied if a.key not in known)[:room]

    def reached_by_answer(self, ticket: TicketView | None = None) -> tuple[Address, ...]:
        """Whom an agent's answer goes to: the customer first, then those in copy. In a ticket that this mail
        opens, for None."""
        everybody = ticket.participants if ticket else (self.sender, *(self.copied if self.is_person else ()))
        asks = address_key(ticket.customer.address) if ticket else self.sender.key
        kept: dict[str, Address] = {}
        for one in everybody:
            ours = self.policy.department_of(one.address) or (self.policy.agent_of(one.address) and one.key != asks)
            if not ours and can_be_written_to(one.address):
                kept.setdefault(one.key, one)
        return tuple(kept.values())

    @property
    def unanswerable(self) -> str:
        """Why no automatic answer goes to the sender, in one word; "" where it does."""
        who = self.context.sender
        silent = who.standing.silent(self.now) if who else ""
        reasons = (
            (not self.sort.answerable, self.sort.kind if self.sort.kind != "person" else self.sort.rule),
            (bool(self.spam), "spam"),
            (self.quiet, "no-answers"),
            (bool(silent), silent),
            (not can_be_written_to(self.sender.address), "no address"),
            (self.policy.department_of(self.sender.address) is not None, "own address"),
        )
        return next((word for holds, word in reasons if holds), "")

    @property
    def known(self) -> bool:
        """Is it somebody whose words may be repeated to them: an address that was proved, now or once?"""
        once = self.context.sender is not None and self.context.sender.proved
        answers = self.match.signed is not None and self.match.signed.audience == "customer"
        return once or answers or self.sender_proved or self.proof is not None

    @property
    def language(self) -> str:
        """Which language the sender is written to in."""
        return language_for(self.mail, self.context.sender) or self.policy.default_language

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
            text=with_word(words_of(mail), self.told) if text is None else text,
            full_text=with_word(mail.full_text, self.told),
            html=mail.html,
            attachments=self.files,
            at=self.received_at,
            automatic=not self.is_person,
        )

    def event(self, kind: str, ticket: int | None, /, **detail: object) -> NewEvent:
        """Something that the sender did."""
        return NewEvent(kind, self.sender if self.sender.address else "desk", ticket, detail)


def departments_of(envelope_to: tuple[str, ...], policy: Policy) -> tuple[Department, ...]:
    """The departments of the recipients that are ours, in their order; the desk's first where none is."""
    found = {d.name: d for address in envelope_to if (d := policy.department_of(address)) is not None}
    return tuple(found.values()) or policy.departments[:1]


def who_asks(mail: ParsedMail, policy: Policy) -> Address | None:
    """Whose request a new ticket would be: who the mail says it is from, or, for a web form's, its Reply-To."""
    if mail.from_ is None or mail.from_.key not in policy.trust.forms or mail.from_count != 1:
        return mail.from_
    named = outsiders(mail.reply_to, policy)
    return next((a for a in named if can_be_written_to(a.address)), mail.from_)
