"""What the tests of the store share: mails, claims and rows, one line each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mailticket.core.plan import Outgoing
from mailticket.core.retry import RecipientState, Settled
from mailticket.core.types import Address, RawMail
from mailticket.store import inbox, outbox
from mailticket.store.schema import Inbox

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
MUCH = 1 << 30
DONE = {
    "state": "done",
    "kind": "person",
    "reason": "",
    "ticket": 1,
    "message_id": None,
    "subject": "",
    "soft_key": None,
    "concerns": "",
    "whose": "",
    "asked_at": None,
}
MARIA, ANNA, BOB = Address("maria@customer.example", "Maria"), Address("anna@acme.example"), Address("bob@acme.example")


def a_mail(number=1, *, at=NOW, head=b"Message-ID: <%d@x>\r\n", size=0, to=("support@acme.example",)) -> RawMail:
    head = head % number if b"%d" in head else head
    raw = b"Subject: %d\r\n%s\r\n" % (number, head) + b"x" * size
    return RawMail(raw, "maria@customer.example", to, "smtp", at)


def accept(db, *mails):
    return inbox.accept(db, list(mails))


def claim(db, owner="one", *, now=NOW, limit=32, max_bytes=MUCH):
    return inbox.claim(db, owner, now, limit, max_bytes)


def row(db, number=1) -> dict[str, Any]:
    """An inbox row."""
    names = list(Inbox._meta.sorted_field_names)
    values = db.first(Inbox.select(*(getattr(Inbox, n) for n in names)).where(Inbox.id == number))
    return dict(zip(names, values, strict=True))


def finish(db, claimed, owner="one"):
    with db.write():
        inbox.finish(db, claimed, owner, NOW, DONE)


def send(db, *refs, due=NOW, to=(MARIA,), raw=b"mail"):
    with db.write():
        for ref in refs:
            outbox.add(db, Outgoing(ref, "relay", "customer", None, f"<{ref}@x>", "", to, "Re: x", raw, due), NOW)


def take(db, owner="one", *, now=NOW, limit=32, max_bytes=MUCH):
    return outbox.claim(db, owner, now, limit, max_bytes)


def settle(db, one, state, *, owner="one", next_at=None, states=None, fault=False):
    recipients = states or (RecipientState(MARIA.address, state, "250 ok"),)
    with db.write():
        return outbox.settle(db, owner, one, Settled(state, next_at, recipients, "250 ok"), NOW, fault=fault)
