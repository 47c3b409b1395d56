"""The mails about who is away: to them, to whoever said so, and to the managers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from . import listing
from .agent_letters import notice
from .asked import Listed
from .plan import Letter
from .policy import Agent, Policy

SHOWN = 20  # open tickets of who goes

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class News:
    """That somebody (`whom`) is away or back. `by` is who said so, None for their own out-of-office mail; `thread` what
    that mail is behind."""

    whom: Agent
    by: Agent | None
    now: datetime
    thread: tuple[str, ...] = ()


def away(policy: Policy, news: News, until: datetime, left: Listed) -> tuple[Letter, ...]:
    """To all who have to know; `left` are the open tickets that they leave."""
    shown = replace(left, tickets=left.tickets[:SHOWN])
    facts: Facts = {
        "until": until,
        **listing.beginning(shown, policy, news.now),
        "more": left.count - len(shown.tickets),
        "numbers": " ".join(str(one.number) for one in shown.tickets),
    }
    return tuple(_letter(policy, news, to, "notice-away", facts, "away") for to in _hearers(policy, news))


def back(policy: Policy, news: News, until: datetime | None) -> tuple[Letter, ...]:
    """They were away `until` then; for None they were not, which only who said so hears."""
    told = _hearers(policy, news) if until else tuple(filter(None, [news.by]))
    facts: Facts = {"was_until": until}
    return tuple(_letter(policy, news, to, "notice-back", facts, "back") for to in told)


def _hearers(policy: Policy, news: News) -> tuple[Agent, ...]:
    """Whom it is about, who said so, and the managers."""
    return tuple(dict.fromkeys(filter(None, (news.whom, news.by, *policy.managers))))


def _letter(policy: Policy, news: News, to: Agent, template: str, facts: Mapping[str, object], word: str) -> Letter:
    own = to is news.whom
    said: Facts = {
        "agent_name": news.whom.name,
        "own": own,
        "by": news.by.name if news.by and news.by is not news.whom and news.by is not to else "",
        "machine": news.by is None,
    }
    subject = f"You are {word}" if own else f"{news.whom.name} is {word}"
    thread = news.thread if to is news.by else ()
    letter = notice(policy, to, template, {**said, **facts}, news.now, subject=subject, thread=thread)
    return replace(letter, department=policy.home_of(news.whom).name)
