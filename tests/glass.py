"""What has crossed the glass in a story: everything in the mails to the customers' side that was not meant for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from functools import cached_property
from itertools import chain

from glass_reading import decoded, flat, hay, stands_in
from glass_story import NOTE_ADDRESS, Story, read_story_of
from scenario_desk import Mail, StoryDesk

from mailticket.core.identity import refs_in_bytes
from mailticket.core.keys import address_key

FROM_SOMEBODY = 30  # characters of a line: a shorter one may be anybody's
FROM_A_NOTE = 10  # … or stand by chance in a mail


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
    story = read_story_of(desk)
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
    if found := NOTE_ADDRESS.search(seen.hay):
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


def _said_in(story: Story, tickets: set[int]) -> str:
    """What the customers' side wrote there."""
    return flat(
        "\n".join(t for m in story.messages if m.ticket in tickets and m.direction == "inbound" for t in m.texts)
    )
