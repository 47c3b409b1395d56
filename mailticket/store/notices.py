"""Notices to agents: how many each had, and those that are kept for one mail. Those that were sent singly are counted
in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from ..core import plan
from ..core.gathered import ROWS, Pile
from ..core.known import Linked
from ..core.notices import MOST, TOLD, Had, by_link
from .db import Compiled, Db, Slot, at, insert, moment
from .schema import COUNTED, Outbox
from .schema_notices import KeptNotice

_COLUMNS = ("ref", "agent", "ticket", "subject", "text", "left_out", "at")
_insert = insert(KeptNotice, leave_out=("id",))


def _counted(column: Any, most: int) -> Compiled:
    """So many at most of the mails that are counted among what `agent` names."""
    whose = (Outbox.counted == Slot("agent")) & (Outbox.created_at > Slot("since"))
    return Compiled(lambda: Outbox.select(column).where(COUNTED & whose).limit(most))


_singly = _counted(Outbox.id, MOST)
_linked = _counted(Outbox.template, MOST + 1)  # with the one that says that there were too many
_any = Compiled(lambda: KeptNotice.select(KeptNotice.id).where(KeptNotice.agent == Slot("agent")).limit(1))
_due = Compiled(lambda: KeptNotice.select(KeptNotice.agent).where(KeptNotice.at <= Slot("before")))
_pile = Compiled(
    lambda: (
        KeptNotice.select(KeptNotice.id, *(getattr(KeptNotice, name) for name in _COLUMNS))
        .where(KeptNotice.agent == Slot("agent"))
        .order_by(KeptNotice.id)
        .limit(ROWS)
    )
)
_rest = Compiled(
    lambda: (
        KeptNotice.select(KeptNotice.ticket, fn.COUNT(SQL("*")))
        .where((KeptNotice.agent == Slot("agent")) & (KeptNotice.id > Slot("last")))
        .group_by(KeptNotice.ticket)
    )
)


def had(db: Db, agent: str, since: datetime) -> Had:
    """What an agent had singly since then, and whether any is kept."""
    singly = len(_singly(db, agent=agent, since=at(since)).fetchall())
    return Had(singly, _any(db, agent=agent).fetchone() is not None)


def linked(db: Db, agent: str, since: datetime) -> Linked:
    """What the agent of that address had since then because a link alone asked for it."""
    had_so = [row[0] for row in _linked(db, agent=by_link(agent), since=at(since)).fetchall()]
    return Linked(len(had_so) - had_so.count(TOLD), TOLD in had_so)


def keep(db: Db, notices: Sequence[plan.KeptNotice]) -> None:
    """Inside the caller's transaction."""
    for notice in notices:
        _insert(db, **{name: getattr(notice, name) for name in _COLUMNS} | {"at": at(notice.at)})


def due(db: Db, before: datetime) -> list[str]:
    """The agents for whom a notice is kept since then or longer, by the keys of their addresses."""
    return list(dict.fromkeys(row[0] for row in _due(db, before=at(before)).fetchall()))


def pile(db: Db, agent: str) -> Pile | None:
    """All that is kept for an agent; None for nothing."""
    rows = _pile(db, agent=agent).fetchall()
    if not rows:
        return None
    rest = _rest(db, agent=agent, last=rows[-1][0]).fetchall()
    return Pile(agent, tuple(_kept(row[1:]) for row in rows), tuple((row[0], row[1]) for row in rest))


def _kept(row: tuple[Any, ...]) -> plan.KeptNotice:
    values = dict(zip(_COLUMNS, row, strict=True))
    return plan.KeptNotice(**values | {"at": moment(values["at"])})


def forget(db: Db, agents: Sequence[str]) -> None:
    """What is kept for these agents goes, inside the transaction that writes the mail with its words."""
    if agents:
        db.run(KeptNotice.delete().where(KeptNotice.agent.in_(agents)))
