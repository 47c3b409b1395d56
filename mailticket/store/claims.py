"""Claims of another daemon's, found while this one is at work: only one holds a database, so that one is dead."""

from __future__ import annotations

from .db import Db
from .schema import Inbox, Outbox


def release_strangers(db: Db, owner: str) -> int:
    """What others than `owner` have in work waits again, as at a daemon's start. How many mails that were."""
    mails = (Inbox.state == "queued") & Inbox.owner.not_in(["", owner])
    letters = (Outbox.state == "queued") & Outbox.owner.not_in(["", owner])
    if not db.first(Inbox.select(Inbox.id).where(mails)) and not db.first(Outbox.select(Outbox.id).where(letters)):
        return 0
    with db.write():
        db.run(Inbox.update(tries=Inbox.tries - 1).where(mails & (Inbox.alone == False)))  # noqa: E712  # SQL
        released = db.run(Inbox.update(owner="", suspect=True).where(mails))
        return released + db.run(Outbox.update(owner="").where(letters))
