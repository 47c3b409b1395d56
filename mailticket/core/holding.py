"""The mails about quarantined mails: the question to the agent whom one concerns, and the daily list.

Both show what strangers wrote, as text that no client makes a link of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from . import agent_letters
from .case import Case
from .plan import Letter
from .policy import Agent, Policy, plain
from .subject import tag
from .types import Address

SHOWN = 200  # characters of a held mail's words
LINE = 100  # of a subject, a name, a reason
ROWS = 50  # of one list
_READ = 20  # characters for each that is shown: white space takes room
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}:/{2,}|\b(?:mailto|tel|sms|javascript|data|callto|skype):", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}")
_WORDS = {"yes": "release", "no": "discard"}
_DOT = re.compile(r"(?<=[^\W_])[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A quarantined mail, as a list shows it."""

    id: int
    received_at: datetime
    from_: Address | None
    to: tuple[str, ...]
    subject: str
    reason: str
    size: int


@dataclass(frozen=True, slots=True)
class News:
    """What somebody has not heard of yet: the first of it, how many more there are, and how many wait that they have
    heard of before."""

    mails: tuple[Waiting, ...]
    more: int = 0
    older: int = 0


def unlinked(text: str) -> str:
    """A stranger's words without what a client would make a link of: no scheme, and a gap at the dots of a name.

    Read until nothing changes: what one pass leaves may be a scheme again.
    """
    before = None
    while before != text:
        before, text = text, _SCHEME.sub("", text)
    return _DOT.sub(" . ", text)


def shown(text: str, room: int) -> str:
    """So much of a stranger's words, on one line, in which no client finds an address."""
    return unlinked(cut(text, room))


def cut(text: str, room: int) -> str:
    """So much of it, on one line."""
    words = " ".join(text[: room * _READ].split())
    return words if len(words) <= room else words[: room - 1].rstrip() + "…"


def decision(text: str) -> str:
    """What the first line of a reply says of a mail that waits: "release", "discard", or "" where it says neither."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    word = "".join(c for c in first.casefold() if c.isalnum() or c.isspace()).strip()
    return _WORDS.get(word, "")


def question(case: Case, reason: str, agent: Agent) -> Letter:
    """To the agent in whose name, or in answer to whose mail, somebody wrote: is it to be let in?"""
    mail, sent = case.mail, case.match.foreign
    foreign = sent is not None and (case.agent is None or case.agent.address != agent.address)
    facts = {
        "foreign": foreign,
        "about": tag(sent.ticket, case.policy) if sent and sent.ticket else "",
        "from_": who(mail.from_),
        "to": _delivered(case.envelope_to),
        "received": case.received_at,
        "quoted_subject": shown(mail.subject, LINE) or "(no subject)",
        "words": shown(mail.text or mail.full_text, SHOWN),
        "reason": shown(reason, SHOWN),
    }
    subject = "Somebody answered a mail that was sent to you" if foreign else "Did you write this?"
    letter = agent_letters.notice(case.policy, agent, "question", facts, case.now, subject=subject)
    return replace(letter, department=case.department.name, about=(case.row,), person=agent.address)


def list_letter(policy: Policy, agent: Agent, news: News, now: datetime) -> Letter:
    """What waits and was not told of before, to one agent, or to a manager, who gets all others in the morning."""
    facts = {
        "manager": agent in policy.managers,
        "mails": [row_facts(row) for row in news.mails],
        "more": news.more,
        "older": news.older,
        "numbers": " ".join(str(row.id) for row in news.mails[:2]),
    }
    count = len(news.mails) + news.more
    subject = f"{count} mail{'s' * (count != 1)} in quarantine"
    letter = agent_letters.notice(policy, agent, "quarantine", facts, now, subject=subject)
    return replace(letter, about=tuple(row.id for row in news.mails))


def row_facts(row: Waiting) -> dict[str, object]:
    """What a table shows of one."""
    return {
        "id": row.id,
        "received": row.received_at,
        "from_": who(row.from_),
        "to": _delivered(row.to),
        "subject": shown(row.subject, LINE) or "(no subject)",
        "reason": shown(row.reason, SHOWN),
        "size": row.size,
    }


def who(one: Address | None) -> dict[str, str]:
    if one is None:
        return {"name": "", "address": "nobody"}
    address = one.address if _ADDRESS.fullmatch(one.address) else shown(one.address, LINE)
    return {"name": shown(one.name, LINE), "address": address}


def _delivered(addresses: Sequence[str]) -> str:
    """The desk's addresses that it came to, without the signed part."""
    return ", ".join(dict.fromkeys(plain(address) for address in addresses[:5]))
