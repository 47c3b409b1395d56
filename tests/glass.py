"""What has crossed the glass in a story: everything in the mails to the customers' side that was not meant for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from functools import cached_property
from itertools import chain
from typing import Any

from glass_reading import content, decoded, flat, hay, stands_in, texts
from scenario_desk import Mail, StoryDesk

from mailticket.core.commands import COMMANDS
from mailticket.core.identity import refs_in_bytes
from mailticket.core.keys import address_key
from mailticket.core.policy import Agent
from mailticket.store import schema

FROM_SOMEBODY = 30  # characters of a line: a shorter one may be anybody's
FROM_A_NOTE = 10  # … or stand by chance in a mail
_MARKED = re.compile(r"\A(?:\w{2,3}: *|\[[\w-]+\] *)+")  # what stands before a subject's words
_NOTE_ADDRESS = re.compile(r"\+n[a-z2-7]{29}(?:@|%40)", re.IGNORECASE)
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


@dataclass(frozen=True)
class Seen:
    """A mail to the customers' side, as somebody reads it who looks for everything."""

    mail: Mail
    outside: tuple[str, ...]  # keys of its recipients there

    @cached_property
    def message(self) -> Message:
        return message_from_bytes(self.mail.raw)

    @cached_property
    def hay(self) -> str:
        return hay(self.mail.raw)

    @property
    def called(self) -> str:
        return f"the {self.mail.kind} to {', '.join(self.mail.to)}"


def crossings(desk: StoryDesk) -> list[str]:
    """A line for each thing in a mail that its readers must not have; none where the glass held."""
    story = _story(desk)
    found: dict[str, None] = {}
    for mail in desk.sent:
        addressed = (to for to in mail.to if not desk.policy.agent_of(to) and not desk.policy.department_of(to))
        seen = Seen(mail, tuple(map(address_key, addressed)))
        if seen.outside:
            for look in LOOKS:
                found |= dict.fromkeys(f"{what} is in {seen.called}" for what in look(seen, story))
    return list(found)


# --- what must not be there ----------------------------------------------------------------------------------


def _agents(seen: Seen, story: Story) -> Iterator[str]:
    for key in (key for agent in story.agents for key in agent.keys):
        if stands_in(key, seen.hay):
            yield f"the agent's address {key}"


def _hidden_names(seen: Seen, story: Story) -> Iterator[str]:
    """Whole anywhere; in headers that tell of the sender each word of it."""
    department = story.desk.policy.department_of(parseaddr(str(seen.message["from"]))[1])
    if department is None or not department.hide_agents:
        return
    ours = " ".join(decoded(v) for k, v in seen.message.items() if k.lower() not in {"to", "cc", "subject"})
    for name in (flat(agent.name) for agent in story.agents):
        if name in seen.hay or any(stands_in(word, flat(ours)) for word in name.split()):
            yield f"the hidden name {name}"


def _marks(seen: Seen, story: Story) -> Iterator[str]:
    """The marks of a ticket's mails are for all who take part in it; but one for an agent is for nobody else."""
    in_bytes = (refs_in_bytes(data, story.desk.policy) for data in (seen.mail.raw, seen.hay.encode()))
    for purpose, ref in chain.from_iterable(in_bytes):
        recipients, ticket = story.outbox.get(ref, (set(), None))
        agents = {key for agent in story.agents for key in agent.keys}
        shared = ticket is not None and all(ticket in story.may_see(key) for key in seen.outside)
        if not recipients or recipients & agents or not (shared or recipients.issuperset(seen.outside)):
            yield f"a {purpose} mark made for {', '.join(recipients) or 'nobody'}"


def _notes(seen: Seen, story: Story) -> Iterator[str]:
    """What had been said to the customers' side before the note may be said again."""
    for note in (m for m in story.messages if m.direction == "note"):
        said = flat("\n".join(t for m in story.messages if m.id < note.id and m.direction != "note" for t in m.texts))
        for line in note.lines(FROM_A_NOTE):
            if line in seen.hay and line not in said:
                yield f"the note's {line!r}"


def _written_inside(seen: Seen, story: Story) -> Iterator[str]:
    """The lines of agents' mails that are notes, and of no other mail: told without asking the desk what is one."""
    openly = {line for mail in story.written if not mail.note for line in mail.lines}
    said = flat("\n".join(t for m in story.messages if m.direction == "inbound" for t in m.texts))
    for mail in story.written:
        for line in (mail.lines if mail.note else frozenset()) - openly:
            if len(line) >= FROM_A_NOTE and line in seen.hay and line not in said:
                yield f"what an agent wrote inside, {line!r},"


def _note_addresses(seen: Seen, _story: Story) -> Iterator[str]:
    if found := _NOTE_ADDRESS.search(seen.hay):
        yield f"a note address, {found[0]}…,"


def _words_of_others(seen: Seen, story: Story) -> Iterator[str]:
    for key in seen.outside:
        own = flat(story.came.get(key, "")) + _said_in(story, story.may_see(key))
        for message in story.messages:
            if message.direction != "inbound" or message.ticket in story.may_see(key):
                continue
            for line in message.lines(FROM_SOMEBODY):
                if line in seen.hay and line not in own:
                    yield f"what ticket {message.ticket} says, {line!r},"


def _addresses_of_others(seen: Seen, story: Story) -> Iterator[str]:
    """Of people who have nothing to do with any ticket of its readers, and whom these have not named."""
    for key in seen.outside:
        tickets = story.may_see(key)
        known = {key}.union(*(story.desk.took_part[ticket] for ticket in tickets))
        own = flat(story.came.get(key, "")) + _said_in(story, tickets)
        for other in story.people - known:
            if stands_in(other, seen.hay) and not stands_in(other, own):
                yield f"the stranger's address {other}"


def _tags_of_others(seen: Seen, story: Story) -> Iterator[str]:
    for number in story.tickets:
        tag = f"[{story.desk.policy.tag_prefix}-{number}]".casefold()
        for key in seen.outside:
            if tag in seen.hay and number not in story.may_see(key) and tag not in story.came.get(key, "").casefold():
                yield f"the foreign tag {tag}"


def _orders(seen: Seen, story: Story) -> Iterator[str]:
    for order in story.orders:
        if re.search(rf"(?<![#&\w]){re.escape(order)}(?!\w)", seen.hay):
            yield f"the command {order}"


def _strangers(seen: Seen, story: Story) -> Iterator[str]:
    """Nobody gets a mail about a ticket in which they do not take part."""
    row = next((row for ref, row in story.outbox.items() if ref in str(seen.message["message-id"])), None)
    for key in seen.outside:
        if row is None or key not in row[0]:
            yield f"{key} is no recipient of any mail of ours, and"
        elif row[1] is not None and row[1] not in story.may_see(key):
            yield f"ticket {row[1]}, of which {key} is no participant,"


LOOKS = (
    _agents,
    _hidden_names,
    _marks,
    _notes,
    _written_inside,
    _note_addresses,
    _words_of_others,
    _addresses_of_others,
    _tags_of_others,
    _orders,
    _strangers,
)


# --- where it is read from -----------------------------------------------------------------------------------


def _story(desk: StoryDesk) -> Story:
    agents = desk.policy.agents
    outside = (row[0] for row in desk.db.rows(schema.Person.select(schema.Person.key)))
    outbox = desk.db.rows(schema.Outbox.select(schema.Outbox.ref, schema.Outbox.recipients, schema.Outbox.ticket))
    story = Story(
        desk=desk,
        agents=agents,
        messages=[_words(row) for row in desk.db.rows(_MESSAGES)],
        tickets={number for (number,) in desk.db.rows(schema.Ticket.select(schema.Ticket.id))},
        people={key for key in outside if not desk.policy.agent_of(key) and not desk.policy.department_of(key)},
        outbox={ref: ({address_key(r["address"]) for r in json.loads(to)}, ticket) for ref, to, ticket in outbox},
        orders=set(),
        notes={row[0] for row in desk.db.rows(_NOTE_MAILS)},
    )
    for mail in desk.came:
        _learn(mail, story)
    return story


_NOTE_MAILS: Any = schema.Outbox.select(schema.Outbox.message_id).where(schema.Outbox.template == "note")
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


def _said_in(story: Story, tickets: set[int]) -> str:
    """What the customers' side wrote there."""
    return flat(
        "\n".join(t for m in story.messages if m.ticket in tickets and m.direction == "inbound" for t in m.texts)
    )


def _learn(mail: Mail, story: Story) -> None:
    """Whose words a mail that came in are, and what commands stand at its top where it is an agent's."""
    message = message_from_bytes(mail.raw)
    sender = parseaddr(str(message["from"] or ""))[1]
    if story.desk.policy.agent_of(sender) is None:
        key = address_key(sender or mail.envelope_from)
        story.came[key] = "\n".join([story.came.get(key, ""), *texts(mail.raw)])
        return
    body = next((part for part in message.walk() if part.get_content_maintype() == "text"), None)
    lines = [] if body is None else re.sub(r"<[^<>]*>", "\n", content(body)).split("\n")
    orders = set(_orders_in(lines))
    story.orders |= {line for _, line in orders}
    note = "note" in {word for word, _ in orders} or _to_notes(mail, message, story)
    story.written.append(Written(note, frozenset(flat(line) for line in lines if not _QUOTED.match(line))))


def _orders_in(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The commands at the top, each with its line."""
    for line in filter(None, map(str.strip, lines)):
        found = _COMMAND.fullmatch(line)
        if found is None:
            return
        if found[1].casefold() in COMMANDS:
            yield found[1].casefold(), flat(line)


def _to_notes(mail: Mail, message: Message, story: Story) -> bool:
    """Does it go to a note address, or answer a note's mail?"""
    to = " ".join([*mail.to, str(message["to"]), str(message["cc"])])
    return bool(_NOTE_ADDRESS.search(to)) or str(message["in-reply-to"]).strip() in story.notes
