"""What the mail with a list of tickets says: a row for each, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .ages import age
from .asked import COUNTED, Listed, ListedTicket
from .command import Order
from .policy import Policy
from .subject import tag
from .wording import one_line

_SUBJECT, _NAME = 44, 24  # characters that are shown of each
_CALLED: Mapping[str, str] = {
    "mine": "Your open tickets",
    "open": "Open tickets",
    "overdue": "Overdue tickets",
    "unassigned": "Open tickets that are nobody's",
    "postponed": "Postponed tickets",
    "department": "Open tickets of",
}

Facts = dict[str, object]


def called(order: Order) -> str:
    """What the list is called."""
    return " ".join((_CALLED[order.text], *order.more))


def found(order: Order, listed: Listed, policy: Policy, now: datetime) -> Facts:
    """Of a search."""
    count, over = min(listed.count, COUNTED), listed.count > COUNTED
    shown = beginning(listed, policy, now) | {"count": count, "over": over, "more": count - len(listed.tickets)}
    return {"words": one_line(order.text), "unread": listed.unread, "given_up": listed.given_up, **shown}


def facts(order: Order, listed: Listed, policy: Policy, now: datetime) -> Facts:
    more = listed.count - len(listed.tickets)
    return {"called": called(order), "more": more, **beginning(listed, policy, now)}


def beginning(listed: Listed, policy: Policy, now: datetime) -> Facts:
    return {"count": listed.count, "rows": [_row(one, policy, now) for one in listed.tickets]}


def _row(one: ListedTicket, policy: Policy, now: datetime) -> Facts:
    owner = policy.agent_of(one.agent) if one.agent else None
    return {
        "number": one.number,
        "tag": tag(one.number, policy),
        "subject": cut(one.subject, _SUBJECT),
        "status": one.status,
        "when": _when(one, now),
        "late": one.due is not None and one.due < now,
        "customer": cut(one.customer.shown, _NAME),
        "owner": cut(owner.name, _NAME) if owner else "",
        "said": one_line(one.said),
    }


def _when(one: ListedTicket, now: datetime) -> str:
    """When it is due, or wakes; of another how old it is."""
    if one.wakes_at is not None:
        return f"wakes in {age(one.wakes_at - now)}"
    if one.due is None:
        return f"{age(now - one.created_at)} old"
    return f"{age(now - one.due)} late" if one.due < now else f"due in {age(one.due - now)}"


def cut(words: str, most: int) -> str:
    words = one_line(words)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
