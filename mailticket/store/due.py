"""When what happens by the calendar is to happen next: a name and a time, kept over restarts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .db import Db, at, moment
from .schema import Due


def due(db: Db, name: str, now: datetime) -> bool:
    """Is its time come? What nobody has put off is due at once."""
    comes = time_of(db, name)
    return comes is None or comes <= now


def time_of(db: Db, name: str) -> datetime | None:
    """When its time comes or came; None for what nobody has put off."""
    row = db.first(Due.select(Due.at).where(Due.job == name))
    return None if row is None else moment(row[0])


def put_off(db: Db, name: str, until: datetime) -> None:
    """Not before then. Inside the caller's transaction."""
    db.run(Due.insert(job=name, at=at(until)).on_conflict(conflict_target=[Due.job], update={"at": at(until)}))


def hurry(db: Db, names: Iterable[str]) -> None:
    """These are due at once."""
    with db.write():
        db.run(Due.delete().where(Due.job.in_(list(names))))
