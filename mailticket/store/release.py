"""Out of quarantine: rows that a person lets in, or wants nothing of. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .db import Db, at
from .schema import Inbox


def release_rows(db: Db, ids: Sequence[int], now: datetime, *, named: str = "") -> None:
    """Worked on again from the start, one by one, with the effect that they would have had. Whom it `concerns` stays:
    that agent was asked, and so says what it may be; `named` is whose it is."""
    back: dict[str, Any] = {
        "state": "queued",
        "released": True,
        "round": Inbox.round + 1,
        "tries": 0,
        "next_at": at(now),
        "suspect": True,
        "reason": "",
        "ticket": None,
        "done_at": None,
        "soft_key": None,
        "told_at": None,  # held once more, it is told of once more
    }
    _change(db, ids, back | ({"whose": named} if named else {}))


def discard_rows(db: Db, ids: Sequence[int], now: datetime) -> None:
    """Kept like any other mail from which nothing follows."""
    _change(db, ids, {"state": "done", "reason": "discarded", "done_at": at(now)})


def _change(db: Db, ids: Sequence[int], fields: dict[str, Any]) -> None:
    """What is not in quarantine any more stays as it is: two people may answer at once."""
    if ids:
        db.run(Inbox.update(**fields).where(Inbox.id.in_(list(ids)) & (Inbox.state == "quarantined")))
