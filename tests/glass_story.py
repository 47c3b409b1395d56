"""What a story has said by its end, as the glass test asks for it: who wrote what, and for whose eyes it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from glass_reading import content, flat, texts
from scenario_desk import Mail, StoryDesk

from mailticket.core.commands import COMMANDS
from mailticket.core.keys import address_key
from mailticket.core.policy import Agent
from mailticket.store import face, schema

NOTE_ADDRESS = re.compile(r"\+n[a-z2-7]{29}(?:@|%40)", re.IGNORECASE)
_MARKED = re.compile(r"\A(?:\w{2,3}: *|\[[\w-]+\] *)+")  # what stands before a subject's words
_QUOTED = re.compile(r"[ \t]*>")
_COMMAND = re.compile(r"#([^\W\d_]\w*).*")


@dataclass(frozen=True)
class Words:
    """A message of a ticket: what a mail may have taken from it."""

    id: int
    ticket: int
    direction: str
    texts: tuple[str, ...]  # subject, words, names of files

    def lines(self, least: int) -> Iterator[str]:
        for text in self.texts:
            for line in text.split("\n"):
                if len(found := flat(line)) >= least:
                    yield found


@dataclass(frozen=True)
class Written:
    """An agent's mail as it came in: is it a note by what it bears, whatever the desk has made of it?"""

    note: bool
    lines: frozenset[str]


@dataclass
class Story:
    """What is known at a story's end."""

    desk: StoryDesk
    agents: tuple[Agent, ...]
    messages: list[Words]
    tickets: set[int]
    people: set[str]  # keys of addresses outside
    outbox: dict[str, tuple[set[str], int | None]]  # ref → recipients' keys, ticket
    orders: set[str]  # command lines
    notes: set[str]  # Message-IDs of the mails that show agents a note
    written: list[Written] = field(default_factory=list)  # by agents
    came: dict[str, str] = field(default_factory=dict)  # key of a sender → all that they wrote

    def may_see(self, key: str) -> set[int]:
        return {ticket for ticket, keys in self.desk.took_part.items() if key in keys}


def read_story_of(desk: StoryDesk) -> Story:
    agents = desk.policy.agents
    outside = (row[0] for row in desk.db.rows(schema.Person.select(schema.Person.key)))
    part_of = {row["id"]: row["merged_into"] for row in face.tickets(desk.db, prefix="")}
    outbox = desk.db.rows(schema.Outbox.select(schema.Outbox.ref, schema.Outbox.recipients, schema.Outbox.ticket))
    story = Story(
        desk=desk,
        agents=agents,
        messages=[_words(row) for row in desk.db.rows(_MESSAGES)],
        tickets={number for (number,) in desk.db.rows(schema.Ticket.select(schema.Ticket.id))},
        people={key for key in outside if not desk.policy.agent_of(key) and not desk.policy.department_of(key)},
        outbox={
            ref: ({address_key(r["address"]) for r in json.loads(to)}, _now(ticket, part_of))
            for ref, to, ticket in outbox
        },
        orders=set(),
        notes={row[0] for row in desk.db.rows(_NOTE_MAILS)},
    )
    for mail in desk.came:
        _learn(mail, story)
    return story


def _now(ticket: int | None, part_of: dict[int, int | None]) -> int | None:
    """The mails of a ticket that was merged are those of the one that it is part of."""
    while ticket is not None and part_of[ticket] is not None:
        ticket = part_of[ticket]
    return ticket


_NOTE_MAILS: Any = schema.Outbox.select(schema.Outbox.message_id).where(schema.Outbox.template.in_(["note", "copy"]))
_MESSAGES: Any = schema.Message.select(
    schema.Message.id,
    schema.Message.ticket,
    schema.Message.direction,
    schema.Message.subject,
    schema.Message.text,
    schema.Message.attachments,
).order_by(schema.Message.id)


def _words(row: tuple[Any, ...]) -> Words:
    number, ticket, direction, subject, text, files = row
    names = "\n".join(file["filename"] for file in json.loads(files))
    return Words(number, ticket, direction, (_MARKED.sub("", subject, count=1), text, names))


@dataclass(frozen=True)
class Read:
    """What a mail that came in says of itself."""

    sender: str
    to: str  # its header's addresses
    answers: str
    texts: tuple[str, ...]
    orders: frozenset[tuple[str, str]]  # the commands at its top, each with its line
    lines: frozenset[str]  # that it does not quote


@lru_cache(maxsize=1000)
def _read(raw: bytes) -> Read:
    message = message_from_bytes(raw)
    body = next((part for part in message.walk() if part.get_content_maintype() == "text"), None)
    lines = [] if body is None else re.sub(r"<[^<>]*>", "\n", content(body)).split("\n")
    return Read(
        sender=parseaddr(str(message["from"] or ""))[1],
        to=f"{message['to']} {message['cc']}",
        answers=str(message["in-reply-to"]).strip(),
        texts=tuple(texts(raw)),
        orders=frozenset(_orders_in(lines)),
        lines=frozenset(flat(line) for line in lines if not _QUOTED.match(line)),
    )


def _learn(mail: Mail, story: Story) -> None:
    """Whose words a mail that came in are, and what commands stand at its top where it is an agent's."""
    read = _read(mail.raw)
    if story.desk.policy.agent_of(read.sender) is None:
        key = address_key(read.sender or mail.envelope_from)
        story.came[key] = "\n".join([story.came.get(key, ""), *read.texts])
        return
    story.orders |= {line for _, line in read.orders}
    note = "note" in {word for word, _ in read.orders} or _to_notes(mail, read, story)
    story.written.append(Written(note, read.lines))


def _orders_in(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The commands at the top, each with its line."""
    for line in filter(None, map(str.strip, lines)):
        found = _COMMAND.fullmatch(line)
        if found is None:
            return
        if found[1].casefold() in COMMANDS:
            yield found[1].casefold(), flat(line)


def _to_notes(mail: Mail, read: Read, story: Story) -> bool:
    """Does it go to a note address, or answer a note's mail?"""
    return bool(NOTE_ADDRESS.search(" ".join([*mail.to, read.to]))) or read.answers in story.notes
