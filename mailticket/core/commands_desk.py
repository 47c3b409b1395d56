"""Commands in a mail to a department's address that is about no ticket: what an agent asks of the desk as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from . import handover, search
from .choosing import chosen, nearest
from .command import CommandError, Mistake, Order, command
from .policy import Agent, Policy

LISTS = ("mine", "open", "overdue", "unassigned", "postponed", "department")
LISTED_AT_MOST = 5  # lists by one mail
SEARCHED_AT_MOST = 3  # searches by one mail
_LINKED = re.compile(
    r"(?<=\S)<(?:mailto:|https?://)[^<>\s]*>"
)  # clients write it behind an address, or a name like one


@command("list", scope="desk", argument="WHICH")
def list_(argument: str, policy: Policy) -> Order:
    """A list of tickets: `mine`, `open`, `overdue`, `unassigned`, `postponed` or `department NAME`; yours alone if none
    is named."""
    word, _, name = argument.partition(" ")
    found = chosen(word, LISTS) if word else ("mine",)
    if len(found) != 1:
        near = found[0] if found else nearest(word, LISTS)
        reason = f"there are the lists {', '.join(LISTS[:-1])} and department NAME"
        raise CommandError(reason, f"#list {near}" if near in LISTS[:-1] else "")
    (which,) = found
    if which == "department":
        return Order("list", text=which, more=(_department(name, policy),))
    if name:
        raise CommandError(f"nothing may follow #list {which}", f"#list {which}")
    return Order("list", text=which)


@command("next", scope="desk", act=handover.next_given)
def next_(_argument: str, _policy: Policy) -> Order:
    """The most important ticket that is nobody's, by deadline, priority and age, is yours, and comes in a mail."""
    return Order("next", myself=True)


@command("search", scope="desk", argument="WORDS")
def search_(argument: str, _policy: Policy) -> Order:
    """The tickets that have these words: in subjects, messages, addresses, labels or names of files."""
    return Order("search", text=_LINKED.sub("", argument))


@command("status", scope="desk")
def status(_argument: str, _policy: Policy) -> Order:
    """How the desk is: your departments' tickets, who has how many, who is away; for managers also what waits."""
    return Order("status")


def query_of(order: Order, agent: Agent, policy: Policy, now: datetime) -> search.Query | Mistake:
    """What a `search` looks for, or why nothing can be."""
    try:
        return search.read(order.text, policy, now, agent)
    except search.SearchError as error:
        return Mistake(order.line, error.reason, f"#search {error.nearest}" if error.nearest else "")


def _department(typed: str, policy: Policy) -> str:
    names = tuple(one.name for one in policy.departments)
    found = chosen(typed, names)
    if len(found) == 1:
        return found[0]
    near = found[0] if found else nearest(typed, names)
    reason = f"that may be {', '.join(found)}: say which" if found else f"there are the departments {', '.join(names)}"
    raise CommandError(reason, f"#list department {near}" if near else "")


def sees(agent: Agent, policy: Policy) -> tuple[str, ...]:
    """The departments whose tickets this agent may see."""
    everything = agent in policy.managers
    return tuple(one.name for one in policy.departments if everything or one.name in agent.departments)


def too_much(orders: Sequence[Order], agent: Agent, policy: Policy, now: datetime) -> tuple[Mistake, ...]:
    """What of it is not for this agent, or cannot be looked for, and more than one mail may ask for."""
    lists = [order for order in dict.fromkeys(orders) if order.name == "list"]
    searches = [order for order in dict.fromkeys(orders) if order.name == "search"]
    seen = sees(agent, policy)
    reason = f"you see the tickets of {', '.join(seen)}"
    hidden = [order for order in lists if not set(order.more) <= set(seen)]
    mistakes = [Mistake(order.line, reason, f"#list department {seen[0]}" if seen else "") for order in hidden]
    if len(lists) > LISTED_AT_MOST:
        mistakes.append(Mistake("#list", f"a mail can ask for {LISTED_AT_MOST} lists at most", ""))
    if len(searches) > SEARCHED_AT_MOST:
        mistakes.append(Mistake("#search", f"a mail can ask for {SEARCHED_AT_MOST} searches at most", ""))
    else:
        queries = (query_of(order, agent, policy, now) for order in searches)
        mistakes += [one for one in queries if isinstance(one, Mistake)]
    if len(orders) > 1 and any(order.name == "next" for order in orders):
        mistakes.append(
            Mistake("#next", "it takes one ticket, and stands alone in its mail, but for lines about tickets", "")
        )
    return tuple(mistakes)
