"""The automatic answers that were given or refused, counted as the budgets ask. Old rows go after eight days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from ..core.budgets import HELD_AFTER, windows
from ..core.keys import address_key
from ..core.known import Used
from ..core.plan import Answered
from ..core.policy import Budgets, Limit
from .db import Compiled, Db, Slot, at, insert
from .schema_answers import Answer

HOUR = timedelta(hours=1)
KEPT = timedelta(days=8)  # the longest window of a budget is a week

_insert = insert(Answer, leave_out=("id",))


def _counting(*same: Any) -> Compiled:
    """How many given answers there are since a moment; counted up to the limit, so that a flood costs no more."""
    given = (Answer.at > Slot("since")) & (Answer.given == SQL("1"))
    for one in same:
        given &= one

    def build() -> Any:
        found = Answer.select(SQL("1")).where(given).limit(Slot("most"))
        return Answer.select(fn.COUNT(SQL("*"))).from_(found)

    return Compiled(build)


_QUERIES = {
    "per_address": _counting(Answer.address == Slot("address")),
    "per_domain": _counting(Answer.domain == Slot("domain")),
    "identical": _counting(Answer.words == Slot("words"), Answer.domain == Slot("domain")),
    "total": _counting(),
}
_refused = Compiled(
    lambda: (
        Answer.select(Answer.id)
        .where(
            (Answer.address == Slot("address"))
            & (Answer.given == SQL("0"))
            & (Answer.at > Slot("after"))
            & (Answer.at <= Slot("until"))
        )
        .limit(1)
    )
)


def used(db: Db, budgets: Budgets, address: str, words: str, now: datetime) -> tuple[Used, ...]:
    """What an answer to this address would be counted with. Words that are "" are the same as no others."""
    places = {"address": address_key(address), "domain": _domain(address), "words": words}
    wanted = ((name, limit) for name, limit in windows(budgets) if words or name != "identical")
    return tuple(_used(db, name, limit, places, now) for name, limit in wanted)


def _used(db: Db, name: str, limit: Limit, places: dict[str, str], now: datetime) -> Used:
    row = _QUERIES[name](db, since=at(now - limit.window), most=limit.count, **places).fetchone()
    return Used(name, int(limit.window.total_seconds()), int(row[0]))


def refused_hours(db: Db, address: str, now: datetime) -> int:
    """Hours running, counted back from now, in which this address was refused an answer; the hour until now counts as
    one, since this is asked when an answer is about to be refused. Counted no further than anybody asks."""
    key = address_key(address)
    for hours in range(1, HELD_AFTER):
        until = now - hours * HOUR
        if not _refused(db, address=key, after=at(until - HOUR), until=at(until)).fetchone():
            return hours
    return HELD_AFTER


def record(db: Db, answered: Answered, now: datetime) -> None:
    _insert(
        db,
        at=at(now),
        address=address_key(answered.address),
        domain=_domain(answered.address),
        words=answered.words,
        given=answered.given,
    )


def forgive(db: Db, address: str) -> None:
    """Whoever is a person after all starts anew: else the next refusal would make a machine of them again."""
    db.run(Answer.delete().where((Answer.address == address_key(address)) & (Answer.given == SQL("0"))))


def forget(db: Db, before: datetime) -> int:
    """Delete what no budget counts any more; how many rows."""
    return db.run(Answer.delete().where(Answer.at < at(before)))


def _domain(address: str) -> str:
    return address_key(address).rpartition("@")[2]
