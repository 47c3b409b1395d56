"""People: everybody who wrote or was written to, and how busy the agents are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from ..core.keys import address_key
from ..core.known import AgentLoad, Person
from ..core.plan import Mark
from ..core.standing import UNMARKED, Standing, marked
from ..core.types import Address
from .db import Compiled, Db, Slot, at, moment_or_none
from .schema import Person as Table

STANDING = ("bounced", "full_at", "soft", "soft_days", "soft_since", "soft_at")
_TIMES = ("full_at", "soft_since", "soft_at", "unsure_at")
PERSON = ("id", "address", "name", "language", "proved", "held", "unsure_at", *STANDING)
_by_key = Compiled(lambda: Table.select(*(getattr(Table, name) for name in PERSON)).where(Table.key == Slot("key")))
_insert = Compiled(
    lambda: Table.insert(
        key=Slot("key"),
        address=Slot("address"),
        name=Slot("name"),
        language="",
        open_tickets=0,
        last_assigned_at=None,
        proved=False,
        bounced="",
        held=False,
        full_at=None,
        soft=0,
        soft_days=0,
        soft_since=None,
        soft_at=None,
        unsure_at=None,
    )
)
_rename = Compiled(lambda: Table.update(name=Slot("name")).where(Table.id == Slot("id")))
_load = Compiled(lambda: Table.update(open_tickets=Table.open_tickets + Slot("change")).where(Table.id == Slot("id")))
_assigned = Compiled(lambda: Table.update(last_assigned_at=Slot("at")).where(Table.id == Slot("id")))


@cache
def _loads(count: int) -> Compiled:
    """The query for so many agents; a desk has one number of them."""
    fields = (Table.key, Table.open_tickets, Table.last_assigned_at)
    return Compiled(lambda: Table.select(*fields).where(Table.key.in_([Slot(str(n)) for n in range(count)])))


def find(db: Db, address: str) -> Person | None:
    row = _by_key(db, key=address_key(address)).fetchone()
    return None if row is None else person(row)


def person(row: Sequence[Any]) -> Person:
    """A row of the columns PERSON."""
    values = dict(zip(PERSON, row, strict=True))
    values |= {name: moment_or_none(values[name]) for name in _TIMES}
    values |= {name: bool(values[name]) for name in ("proved", "held")}
    standing = Standing(**{name: values.pop(name) for name in STANDING})
    return Person(**values, standing=standing)


def mark(db: Db, mark: Mark, now: datetime) -> None:
    """Remember what a mail has shown of somebody."""
    number = meet(db, Address(mark.address))
    db.run(Table.update(_changed(db, mark, now)).where(Table.id == number))


def _changed(db: Db, mark: Mark, now: datetime) -> dict[str, Any]:
    if mark.kind == "unsure":
        return {"unsure_at": at(now)}
    if mark.kind in {"proved", "held"}:
        return {mark.kind: bool(mark.detail)}
    if mark.kind == "language":
        return {"language": mark.detail}
    known = find(db, mark.address)
    after = marked(known.standing if known else UNMARKED, mark.kind, mark.detail, now)
    values = {name: getattr(after, name) for name in STANDING}
    return {name: at(value) if isinstance(value, datetime) else value for name, value in values.items()}


def address_of(db: Db, number: int) -> str:
    """The address of the person with that id; "" for nobody."""
    row = db.first(Table.select(Table.address).where(Table.id == number))
    return "" if row is None else str(row[0])


def named(db: Db, ids: Iterable[int]) -> dict[int, Address]:
    """Who the people with these ids are."""
    rows = db.rows(Table.select(Table.id, Table.address, Table.name).where(Table.id.in_(sorted(ids))))
    return {row[0]: Address(row[1], row[2]) for row in rows}


def meet(db: Db, who: Address) -> int:
    """The id of a person, who is remembered from now on. Others may name only whom nobody has named."""
    row = _by_key(db, key=who.key).fetchone()
    if row is None:
        return int(_insert(db, key=who.key, address=who.address, name=who.name).lastrowid)
    if who.name and not row[2]:
        _rename(db, id=row[0], name=who.name)
    return int(row[0])


def called(db: Db, who: Address) -> None:
    """A mail of their own bears this name: the last one is a person's."""
    row = _by_key(db, key=who.key).fetchone()
    if row is not None and who.name and row[2] != who.name:
        _rename(db, id=row[0], name=who.name)


def loads(db: Db, agents: Sequence[str]) -> tuple[AgentLoad, ...]:
    """How busy each of these agents is, in their order."""
    keys = [address_key(a) for a in agents]
    places = {str(n): key for n, key in enumerate(keys)}
    found = {row[0]: row for row in _loads(len(keys))(db, **places).fetchall()} if keys else {}
    nobody = ("", 0, None)
    rows = [(address, found.get(key, nobody)) for address, key in zip(agents, keys, strict=True)]
    return tuple(AgentLoad(address, row[1], moment_or_none(row[2])) for address, row in rows)


def change_load(db: Db, person: int, change: int) -> None:
    _load(db, id=person, change=change)


def mark_assigned(db: Db, person: int, at: int) -> None:
    _assigned(db, id=person, at=at)
