"""The one mail that notices come in which an agent had too many of; and what becomes of them where nobody is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .agent_letters import notice
from .notices import MOST
from .plan import KeptNotice, Letter, NewEvent, Plan
from .policy import Agent, Policy
from .said import Room
from .subject import tag
from .types import Address
from .wording import count

ROWS = 300  # notices of one mail
WORDS = 200_000  # characters of their words
LINES = 10_000
TAGS = 50  # tickets that are named of those that one mail has no room for

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Pile:
    """What is kept for one agent: the first of it in its order, never none, and of the rest how many there are about
    each ticket."""

    agent: str  # the key of an address
    notices: tuple[KeptNotice, ...]
    rest: tuple[tuple[int | None, int], ...] = ()

    @property
    def more(self) -> int:
        return sum(number for _, number in self.rest)


@dataclass(slots=True)
class _Group:
    tag: str
    subject: str
    notices: list[Facts] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        return {"tag": self.tag, "subject": self.subject, "notices": self.notices}


def sent(policy: Policy, pile: Pile, now: datetime) -> Plan:
    """The mail; or, where the agent has left meanwhile, its record in each ticket."""
    agent = policy.agent_of(pile.agent)
    if agent is None:
        return Plan(events=_dropped(pile), gathered=(pile.agent,))
    return Plan(letters=(letter(policy, agent, pile, now),), gathered=(pile.agent,))


def letter(policy: Policy, agent: Agent, pile: Pile, now: datetime) -> Letter:
    """In a thread of its own: it is about many tickets."""
    since = pile.notices[0].at
    number = len(pile.notices) + pile.more
    names = [tag(ticket, policy) for ticket, _ in pile.rest if ticket is not None]
    facts: Facts = {
        "count": number,
        "since": since,
        "most": MOST,
        "groups": [group.facts for group in _groups(policy, pile.notices)],
        "more": pile.more,
        "about": ", ".join(names[:TAGS]) + (", …" if len(names) > TAGS else ""),
    }
    zone = policy.department("").zone
    subject = f"{count(number, 'notice')} since {since.astimezone(zone):%H:%M}"
    return notice(policy, agent, "notice-gathered", facts, now, subject=subject)


def _groups(policy: Policy, notices: Sequence[KeptNotice]) -> list[_Group]:
    """By ticket, in the order of each one's first; what belongs to none is under its own subject."""
    shown = _cut(notices)
    groups: dict[tuple[int | None, str], _Group] = {}
    for one, words in zip(notices, shown, strict=True):
        key = (one.ticket, one.subject if one.ticket is None else "")
        name = "" if one.ticket is None else tag(one.ticket, policy)
        group = groups.setdefault(key, _Group(name, one.subject))
        left_out = one.left_out + len(one.text) - len(words)
        group.notices.append({"at": one.at, "text": words.strip("\n"), "left_out": left_out})
    return list(groups.values())


def _cut(notices: Sequence[KeptNotice]) -> list[str]:
    """What there is room for of each: the longest are cut, not the last."""
    room = Room(WORDS, LINES)
    words = [""] * len(notices)
    for place in sorted(range(len(notices)), key=lambda place: len(notices[place].text)):
        words[place] = room.cut(notices[place].text)
    return words


def _dropped(pile: Pile) -> tuple[NewEvent, ...]:
    """An event in each ticket that they are about."""
    numbers: dict[int | None, int] = dict(pile.rest)
    for one in pile.notices:
        numbers[one.ticket] = numbers.get(one.ticket, 0) + 1
    who = Address(pile.agent)
    return tuple(
        NewEvent("notices dropped", "desk", ticket, {"agent": who, "count": n}) for ticket, n in numbers.items()
    )
