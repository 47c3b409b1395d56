"""A small desk to search in, and what is found there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from letters import desk

from mailticket.core.plan import NewMessage, Plan, TicketChange
from mailticket.core.policy import Agent
from mailticket.core.search import read
from mailticket.core.types import Address, Attachment
from mailticket.store import index
from mailticket.store.apply import apply
from mailticket.store.search import find

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)  # a Thursday, 13:00 in Prague
DAY = timedelta(days=1)
TEAM = Address("support@acme.example", "Acme Support")
BOB = Agent("Bob Novák", "bob@acme.example", departments=("Acme Support",), aliases=("bob@private.example",))
BORIS = Agent("Boris Novotný", "boris@acme.example", departments=("Acme Support",))


def policy():
    known = desk()
    support = known.departments[0]
    sales = replace(support, name="Acme Sales", addresses=("sales@acme.example",))
    return desk(departments=(support, sales), agents=(*known.agents, BOB, BORIS))


POLICY = policy()


def opened(number: int, subject: str, customer: Address, **more: Any) -> TicketChange:
    fields = {
        "subject": subject, "status": "new", "priority": "medium", "department": "Acme Support", "agent": "",
        "customer": customer, "estimate_answer_by": NOW, "estimate_basis": "soon",
    }  # fmt: skip
    return TicketChange(number, new=True, set=fields | more)


def message(
    ticket: int, text: str, sender: Address, *, to: Address = TEAM, at: datetime = NOW, **more: Any
) -> NewMessage:
    fields: dict[str, Any] = {
        "direction": "inbound", "subject": "", "full_text": text, "html": "", "attachments": (), "automatic": False,
    }  # fmt: skip
    return NewMessage(
        ticket=ticket, message_id=f"<{ticket}@x>", from_=sender, to=(to,), text=text, at=at, **fields | more
    )


def file(name: str) -> Attachment:
    return Attachment(name, "application/pdf", b"", "0")


def write(db, *parts: TicketChange | NewMessage, at: datetime = NOW) -> None:
    changes = tuple(part for part in parts if isinstance(part, TicketChange))
    messages = tuple(part for part in parts if isinstance(part, NewMessage))
    with db.write():
        apply(db, Plan(changes=changes, messages=messages), at)


def say(db, number: int, text: str, subject: str = "A question") -> None:
    """A ticket in which that is all that was said."""
    somebody = Address(f"c{number}@customer.example")
    write(db, opened(number, subject, somebody), message(number, text, somebody, subject=subject))


def search(db, typed: str, *, agent: Agent | None = None, limit: int | None = None, newest: bool = False) -> list[int]:
    index.catch_up(db, 60)
    query = read(typed, POLICY, NOW, agent)
    return [one.ticket for one in find(db, query, limit=limit, newest=newest)]
