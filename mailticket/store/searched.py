"""What an agent looks for by mail: the best tickets that they may read all of, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.asked import COUNTED, FOUND, Listed
from ..core.command import Mistake, Order
from ..core.commands_desk import SEARCHED_AT_MOST, query_of
from ..core.search import Query
from . import index, lists
from .db import Db
from .lists import Reader
from .search import find, said


def searched(db: Db, orders: Iterable[Order], reader: Reader) -> dict[Order, Listed]:
    """By what orders it. What cannot be looked for is the rules' to tell."""
    wanted = [order for order in dict.fromkeys(orders) if order.name == "search"][:SEARCHED_AT_MOST]
    queries = {order: query_of(order, reader.agent, reader.policy, reader.now) for order in wanted}
    return {order: _found(db, query, reader) for order, query in queries.items() if not isinstance(query, Mistake)}


def _found(db: Db, query: Query, reader: Reader) -> Listed:
    among = lists.readable(db, reader)
    found = find(db, query, limit=COUNTED + 1, among=among)
    best = found[:FOUND]
    rows = lists.these(db, [one.ticket for one in best], among)  # each is looked at again: nothing else is shown
    shown = (replace(rows[one.ticket], said=said(db, one, query)) for one in best if one.ticket in rows)
    return Listed(tuple(shown), len(found), unread=index.waiting(db) > 0)
