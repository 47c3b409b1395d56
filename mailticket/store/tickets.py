"""Tickets as the rules look at them: what one mail may belong to, and what is known of its sender."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from ..core.inside import Found
from ..core.match import proving
from ..core.policy import Agent, Policy
from ..core.types import Address, Context, Earlier, ParsedMail, Person, TicketView
from ..errors import MailticketError
from . import inbox, outbox, people
from .db import Compiled, Db, Slot, at, moment, moment_or_none
from .schema import Message, Meta, Outbox, Participant, Ticket
from .schema import Person as People

EARLIER_SHOWN = 5
EARLIER_COUNTED = 100
CLOSED_AT_ONCE = 200  # of one department
SENT_SEARCHED = 100  # of a ticket's mails out, at each end, for those to its agent: a ticket may have ten thousand
THREAD_KEPT = 20  # Message-IDs of a thread that an answer may refer to

_FIELDS = "id subject status priority department agent customer created_at updated_at first_response_at resolved_at"
_number = Compiled(lambda: Meta.select(Meta.value).where(Meta.key == "last_ticket"))
_use_number = Compiled(
    lambda: Meta.insert(key="last_ticket", value=Slot("number")).on_conflict(
        conflict_target=[Meta.key], update={Meta.value: Slot("number")}
    )
)
_latest = Compiled(
    lambda: (
        Ticket.select(Ticket.id, Ticket.subject, Ticket.status, Ticket.created_at)
        .where(Ticket.customer == Slot("customer"))
        .order_by(Ticket.id.desc())
        .limit(EARLIER_COUNTED)
    )
)
_first_sent = Compiled(lambda: _sent().order_by(Outbox.id).limit(SENT_SEARCHED))
_last_sent = Compiled(lambda: _sent().order_by(Outbox.id.desc()).limit(SENT_SEARCHED))


def _sent() -> Any:
    fields = (Outbox.message_id, Outbox.recipients, Outbox.audience)
    return Outbox.select(*fields).where(Outbox.ticket == Slot("ticket"))


def next_number(db: Db) -> int:
    """The number that a new ticket will get, as long as the caller's transaction lasts."""
    row = _number(db).fetchone()
    return 1 if row is None else int(row[0]) + 1


def use_number(db: Db, number: int) -> None:
    """A number once used is never used again."""
    _use_number(db, number=str(number))


def load(
    db: Db,
    *,
    mail: ParsedMail,
    refs: Sequence[tuple[str, str]],
    tags: Sequence[int],
    agents: Sequence[str],
    soft_key: str | None,
    inbox_id: int,
    cause: str,
    agent: Agent | None = None,
    look_inside: Callable[[], Found] | None = None,
) -> Context:
    """Read what matters for one mail, inside the transaction that will act on it.

    `refs` are the verified (purpose, ref) found in it, `tags` the ticket numbers of its subject, `agents` those
    who may be assigned; `agent` is the one that its From names, and what they prove to have sent is looked into.
    """
    signed = outbox.named(db, refs)
    proved = proving(agent, signed)
    found = look_inside() if proved and look_inside else Found()
    referenced = _referenced(db, (*mail.in_reply_to, *reversed(mail.references)))
    wanted = {s.ticket for s in signed if s.ticket} | set(referenced) | set(tags)
    tickets = views(db, wanted)
    sender = people.find(db, mail.from_.address) if mail.from_ else None
    earlier, earlier_count = _earlier(db, sender) if sender else ((), 0)
    return Context(
        number=next_number(db),
        cause=cause,
        duplicate_of=inbox.twin(db, soft_key, inbox_id),
        signed=signed,
        attached=outbox.named(db, found.attached),
        quoted=outbox.named(db, found.quoted),
        marker_attached=found.marker,
        referenced=tuple(t for t in referenced if t in tickets),
        tagged=tuple(t for t in tags if t in tickets),
        tickets=tickets,
        sender=sender,
        earlier=earlier,
        earlier_count=earlier_count,
        seen=_seen(db, proved.ticket if proved else None),
        loads=people.loads(db, agents),
    )


def _referenced(db: Db, ids: Iterable[str]) -> tuple[int, ...]:
    wanted = list(dict.fromkeys(ids))[:200]
    if not wanted:
        return ()
    query = (
        Message.select(Message.message_id, Message.ticket).where(Message.message_id.in_(wanted)).order_by(Message.id)
    )
    found: dict[str, list[int]] = {}
    for message_id, ticket in db.rows(query):
        found.setdefault(message_id, []).append(ticket)
    return tuple(dict.fromkeys(t for message_id in wanted for t in found.get(message_id, ())))


def _earlier(db: Db, sender: Person) -> tuple[tuple[Earlier, ...], int]:
    """The newest few tickets of a customer, and how many there are (counted up to a hundred)."""
    rows = _latest(db, customer=sender.id).fetchall()
    return tuple(Earlier(r[0], r[1], r[2], moment(r[3])) for r in rows[:EARLIER_SHOWN]), len(rows)


def _seen(db: Db, number: int | None) -> str:
    """The words of a ticket's messages, newest first: what an agent may quote to the customer's side."""
    if number is None:
        return ""
    crossed = (Message.ticket == number) & (Message.direction != "note")
    query = (
        Message.select(fn.COALESCE(Message.full_text, Message.text))
        .where(crossed)
        .order_by(Message.id.desc())
        .limit(THREAD_KEPT)
    )
    return "\n".join(row[0] for row in db.rows(query))


def views(db: Db, ids: Iterable[int]) -> dict[int, TicketView]:
    """These tickets, those that exist."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    names = _FIELDS.split()
    rows = db.rows(Ticket.select(*(getattr(Ticket, n) for n in names)).where(Ticket.id.in_(wanted)))
    return {row[0]: _view(db, dict(zip(names, row, strict=True))) for row in rows}


def view(db: Db, number: int) -> TicketView:
    """A ticket that must be there."""
    found = views(db, [number])
    if number not in found:
        raise MailticketError(f"database {db.path}: ticket {number} is named but not there")
    return found[number]


def _view(db: Db, row: dict[str, Any]) -> TicketView:
    number = row["id"]
    fields = (People.id, People.address, People.name, People.language)
    joined = People.select(*fields).join(Participant, on=(Participant.person == People.id))
    known = [Person(*r) for r in db.rows(joined.where(Participant.ticket == number).order_by(Participant.place))]
    agent = db.first(People.select(People.address).where(People.id == row["agent"])) if row["agent"] else None
    customer = Person(*db.rows(People.select(*fields).where(People.id == row["customer"]))[0])
    for name in ("created_at", "updated_at"):
        row[name] = moment(row[name])
    for name in ("first_response_at", "resolved_at"):
        row[name] = moment_or_none(row[name])
    row["agent"] = agent[0] if agent else ""
    row["customer"] = customer
    return TicketView(
        **row,
        participants=tuple(Address(p.address, p.name) for p in known),
        customer_thread=_customer_thread(db, number),
        agent_thread=_agent_thread(db, number, row["agent"]),
    )


def _customer_thread(db: Db, number: int) -> tuple[str, ...]:
    """Message-IDs that the customer's side has seen, oldest first, up to their last words, which an answer answers:
    the first and the last ones."""
    seen = (Message.ticket == number) & (Message.direction != "note") & (Message.message_id != "")
    fields = (Message.message_id, Message.direction, Message.automatic)
    first = db.rows(Message.select(*fields).where(seen).order_by(Message.id).limit(1))
    last = db.rows(Message.select(*fields).where(seen).order_by(Message.id.desc()).limit(THREAD_KEPT))
    rows = [*first, *reversed(last)]
    theirs = [place for place, row in enumerate(rows) if row[1] == "inbound" and not row[2]]
    until = theirs[-1] + 1 if theirs else len(rows)
    return tuple(dict.fromkeys(row[0] for row in rows[:until]))


def _agent_thread(db: Db, number: int, agent: str) -> tuple[str, ...]:
    if not agent:
        return ()

    def mine(rows: Any) -> list[str]:
        return [row[0] for row in rows if row[2] == "agent" and f'"{agent}"' in row[1]]

    first = mine(_first_sent(db, ticket=number))
    last = mine(_last_sent(db, ticket=number))[:THREAD_KEPT]
    return tuple(dict.fromkeys((*first[:1], *reversed(last))))


def due_to_close(db: Db, policy: Policy, now: datetime) -> list[int]:
    """Resolved tickets whose time to be reopened is over, the longest resolved first; some hundreds at a time.

    Those of a department that the config no longer has are the first one's (`Policy.department`).
    """
    ripe: list[int] = []
    others = Ticket.department.not_in([department.name for department in policy.departments[1:]])
    for place, department in enumerate(policy.departments):
        theirs = others if place == 0 else Ticket.department == department.name
        over = (Ticket.status == "resolved") & (Ticket.resolved_at <= at(now - department.reopen_after))
        query = Ticket.select(Ticket.id).where(theirs & over).order_by(Ticket.resolved_at).limit(CLOSED_AT_ONCE)
        ripe += [row[0] for row in db.rows(query)]
    return ripe
