"""People: everybody who wrote or was written to, and how busy the agents are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ..core.keys import address_key
from ..core.types import Address, AgentLoad, Person
from .db import Compiled, Db, Slot, moment_or_none
from .schema import Person as Table

_by_key = Compiled(
    lambda: Table.select(Table.id, Table.address, Table.name, Table.language).where(Table.key == Slot("key"))
)
_insert = Compiled(
    lambda: Table.insert(
        key=Slot("key"), address=Slot("address"), name=Slot("name"), language="", open_tickets=0, last_assigned_at=None
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
    return None if row is None else Person(*row)


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
