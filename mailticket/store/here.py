"""Whether a mail that an agent passes on is in a ticket already: the customer wrote to the desk and to the agent."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import fn

from ..core.keys import address_key
from ..core.subject import base
from ..core.types import Address, Forwarded
from .db import Db
from .schema import NEWEST_FIRST, Message

LOOKED_AT = 50  # messages
SHORTEST = 40  # letters of words that two mails do not share by chance


def ticket_of(db: Db, original: Forwarded, who: Address, tickets: Sequence[int]) -> int | None:
    """The ticket of the same mail: one with its Message-ID where it has one, else one in the newest of the customer's
    `tickets`; of this sender, with its subject and its words."""
    words = _letters(original.text)
    if not (original.message_id or len(words) >= SHORTEST):
        return None
    named = Message.message_id == original.message_id if original.message_id else Message.ticket.in_(list(tickets))
    full_text = fn.COALESCE(Message.full_text, Message.text)
    query = (
        Message.select(Message.ticket, Message.from_address, Message.subject, full_text)
        .where(named & (Message.direction == "inbound"))
        .order_by(*NEWEST_FIRST)
        .limit(LOOKED_AT)
    )
    for ticket, sender, subject, text in db.rows(query):
        same = address_key(sender or "") == who.key and base(subject) == base(original.subject)
        if same and _letters(text) == words:
            return int(ticket)
    return None


def _letters(text: str) -> str:
    """Without what clients put between them: white space, line ends, the marks of quotes."""
    return "".join(text.replace(">", " ").split())
