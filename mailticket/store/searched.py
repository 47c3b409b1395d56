"""What an agent looks for by mail: the best tickets that they may read all of, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.asked import COUNTED, FOUND, Listed
from ..core.command import Mistake, Order
from ..core.commands_desk import SEARCHED_AT_MOST, query_of
from ..core.search import Query
from ..errors import SlowError
from . import index, lists
from .db import Db
from .lists import Reader
from .search import find, said

PATIENCE = 2.0  # seconds by the clock for each: the mails behind this one wait for it


def searched(db: Db, orders: Iterable[Order], reader: Reader) -> dict[Order, Listed]:
    """By what orders it. What cannot be looked for is the rules' to tell."""
    wanted = [order for order in dict.fromkeys(orders) if order.name == "search"][:SEARCHED_AT_MOST]
    if reader.found is not None:
        return {order: _again(db, reader.found[order], reader) for order in wanted if order in reader.found}
    queries = {order: query_of(order, reader.agent, reader.policy, reader.now) for order in wanted}
    return {order: _found(db, query, reader) for order, query in queries.items() if not isinstance(query, Mistake)}


def _found(db: Db, query: Query, reader: Reader) -> Listed:
    among = lists.readable(db, reader)
    try:
        with db.within(PATIENCE):
            found = find(db, query, limit=COUNTED + 1, among=among)
            best = found[:FOUND]
            rows = lists.these(db, [one.ticket for one in best], among)  # looked at again: nothing else is shown
            shown = tuple(replace(rows[one.ticket], said=said(db, one, query)) for one in best if one.ticket in rows)
            return Listed(shown, len(found), unread=index.waiting(db) > 0)
    except SlowError:
        return Listed((), 0, given_up=True)


def _again(db: Db, before: Listed, reader: Reader) -> Listed:
    """What was found a moment ago, as it is now, and what they may still read."""
    rows = lists.these(db, [one.number for one in before.tickets], lists.readable(db, reader))
    shown = tuple(replace(rows[one.number], said=one.said) for one in before.tickets if one.number in rows)
    return replace(before, tickets=shown, count=before.count - len(before.tickets) + len(shown))
