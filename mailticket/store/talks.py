"""What came last in a ticket, as one of its agents has to know it who answers: read when an agent's mail comes in."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from typing import Any

from peewee import JOIN, fn

from ..core.collisions import TEMPLATE
from ..core.handover import ANSWERED_BY_REPLY
from ..core.keys import address_key
from ..core.policy import Agent
from ..core.seen import Answer, Mailed, Said, Talk
from ..core.types import Address
from .db import Compiled, Db, Slot, moment, moment_or_none
from .schema import NEWEST_FIRST, Event, Inbox, Message, Outbox
from .tickets import parts

MAILS = 200  # mails out of a ticket that are looked at, the newest
MESSAGES = 50  # messages of a ticket, the newest
WORDS = 20_000  # characters of one that are shown
CAME_IN, SPAM, HELD = ("opened", "received"), "marked as spam", "collided"  # kinds of events

_OUT = (
    "id", "kind", "audience", "recipients", "created_at", "sent_at", "due_at", "state", "template", "person",
)  # fmt: skip
_IN = (
    "direction", "inbox", "outbox", "from_address", "from_name", "at", "automatic", "message_id", "attachments",
)  # fmt: skip
_mails = Compiled(
    lambda: (
        Outbox.select(*(getattr(Outbox, name) for name in _OUT))
        .where(Outbox.ticket == Slot("ticket"))
        .order_by(Outbox.id.desc())
        .limit(MAILS)
    )
)
_messages = Compiled(
    lambda: (
        Message.select(*(getattr(Message, name) for name in _IN), fn.SUBSTR(Message.text, 1, WORDS), Inbox.done_at)
        .join(Inbox, JOIN.LEFT_OUTER, on=(Message.inbox == Inbox.id))
        .where((Message.ticket == Slot("ticket")) & (Message.direction != "note"))
        .order_by(*NEWEST_FIRST)
        .limit(MESSAGES)
    )
)
_words = Compiled(
    lambda: Message.select(fn.SUBSTR(Message.text, 1, WORDS)).where(Message.outbox == Slot("outbox")).limit(1)
)
_filed = Compiled(
    lambda: Event.select(Event.kind, Event.inbox).where(
        (Event.ticket == Slot("ticket")) & Event.kind.in_([*CAME_IN, SPAM, HELD]) & Event.inbox.is_null(False)
    )
)

Row = dict[str, Any]


def talks(db: Db, numbers: Iterable[int], agent: Agent) -> dict[int, Talk]:
    """Of these tickets, as this agent has to know them."""
    return {number: _talk(db, number, agent) for number in numbers}


def _talk(db: Db, number: int, agent: Agent) -> Talk:
    mails = _rows(_mails(db, ticket=number).fetchall())
    others = _answers_of(db, parts(db, number)[1:])
    names = (*_IN, "text", "done_at")
    messages = [dict(zip(names, row, strict=True)) for row in reversed(_messages(db, ticket=number).fetchall())]
    filed = _filed(db, ticket=number).fetchall()
    here = {row for kind, row in filed if kind in CAME_IN} - {row for kind, row in filed if kind == SPAM}
    return Talk(
        said=tuple(_said(row) for row in messages if _is_news(row, here, agent)),
        mailed=tuple(_mailed(row) for row in mails if _shows(row, agent)),
        answers=(*_by_themselves(messages, agent), *_answers(db, others, agent), *_answers(db, mails, agent)),
        held=frozenset(row for kind, row in filed if kind == HELD),
    )


def _answers_of(db: Db, numbers: Sequence[int]) -> list[Row]:
    """In the outbox a mail stays its own ticket's when that becomes a part of another."""
    if not numbers:
        return []
    answers = (Outbox.kind == "relay") & (Outbox.audience == "customer") & Outbox.ticket.in_(numbers)
    fields = (getattr(Outbox, name) for name in _OUT)
    return _rows(db.rows(Outbox.select(*fields).where(answers).order_by(Outbox.id.desc()).limit(MAILS)))


def _rows(newest_first: Sequence[tuple[Any, ...]]) -> list[Row]:
    return [dict(zip(_OUT, row, strict=True)) for row in reversed(newest_first)]


def _is_news(row: Row, here: Container[int], agent: Agent) -> bool:
    """A person's words to the desk, no spam, which came into this very ticket: who takes in those of another one sees
    both. Those whose raw mail is purged are old."""
    if row["direction"] != "inbound" or row["inbox"] not in here:
        return False
    return not (row["automatic"] or _is_theirs(row["from_address"], agent))


def _said(row: Row) -> Said:
    return Said(
        filed_at=moment(row["done_at"]),
        message_id=row["message_id"],
        who=Address(row["from_address"], row["from_name"]) if row["from_address"] else None,
        text=row["text"],
        files=len(json.loads(row["attachments"])),
    )


def _shows(row: Row, agent: Agent) -> bool:
    """Does this mail of ours show the agent what the customer's side has said?"""
    if row["audience"] != "agent" or not (row["kind"] in ANSWERED_BY_REPLY or row["template"] == TEMPLATE):
        return False
    return any(_is_theirs(to["address"], agent) for to in json.loads(row["recipients"]))


def _mailed(row: Row) -> Mailed:
    return Mailed(
        row["id"], moment(row["created_at"]), moment_or_none(row["sent_at"]), gave_back=row["template"] == TEMPLATE
    )


def _answers(db: Db, mails: Iterable[Row], agent: Agent) -> Iterable[Answer]:
    """Colleagues' answers that wait to leave, or have left. What a server has taken for somebody has left."""
    for row in mails:
        relays = row["kind"] == "relay" and row["audience"] == "customer"
        left = row["state"] == "sent" or any(to["state"] == "sent" for to in json.loads(row["recipients"]))
        if not (relays and row["person"] and (left or row["state"] == "queued")) or _is_theirs(row["person"], agent):
            continue
        words = _words(db, outbox=row["id"]).fetchone()
        yield Answer(
            outbox_id=row["id"],
            writer=row["person"],
            at=moment(row["created_at"]),
            text=words[0] if words else "",
            leaves_at=None if left else moment(row["due_at"]),
        )


def _by_themselves(messages: Iterable[Row], agent: Agent) -> Iterable[Answer]:
    """Colleagues' mails that have reached the customer without us."""
    for row in messages:
        if row["direction"] == "outbound" and row["inbox"] and not _is_theirs(row["from_address"], agent):
            yield Answer(0, row["from_address"] or "", moment(row["at"]), row["text"])


def _is_theirs(address: str | None, agent: Agent) -> bool:
    return address is not None and address_key(address) in agent.keys
