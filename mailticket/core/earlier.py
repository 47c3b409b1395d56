"""The customer's other tickets, as the agent who gets a new one of theirs may see them."""

from __future__ import annotations

from .case import Case
from .known import Earlier
from .lifecycle import is_open
from .match import handles
from .policy import Agent, Policy
from .subject import tag

SHOWN = 5  # of those that are open, and of the others

Facts = dict[str, object]


def earlier(case: Case, agent: Agent, number: int) -> Facts:
    """What is said of them in the assignment of ticket `number`. They are the same person's by the address alone, which
    anybody can write into a From: `proved` says that it is theirs. `first` that there are none in the whole desk."""
    policy = case.policy
    others = [one for one in case.context.earlier if one.id != number]
    seen = [one for one in others if handles(agent, one.department, one.agent, policy)]
    waiting = [one for one in seen if is_open(one.status)]
    over = [one for one in seen if not is_open(one.status)]
    return {
        "open": [_row(one, policy) | _joins(one, policy) for one in waiting[:SHOWN]],
        "open_count": len(waiting),
        "proved": _is_theirs(case),
        "earlier": [_row(one, policy) for one in over[:SHOWN]],
        "earlier_count": len(over),
        "first": not seen and all(handles(agent, one.name, "", policy) for one in policy.departments),
    }


def _row(one: Earlier, policy: Policy) -> Facts:
    return {"tag": tag(one.id, policy), "subject": one.subject, "status": one.status, "created": one.created_at}


def _joins(one: Earlier, policy: Policy) -> Facts:
    owner = policy.agent_of(one.agent) if one.agent else None
    return {"owner": owner.name if owner else "", "merge": f"#merge {one.id}"}


def _is_theirs(case: Case) -> bool:
    """Is it shown that the mail is from whose the ticket is?"""
    writes = case.mail.from_ is not None and case.mail.from_.key == case.sender.key
    return writes and (case.sender_proved or case.proof is not None)
