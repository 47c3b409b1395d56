"""The command that keeps a mail inside: see notes.py for what becomes of it."""

from __future__ import annotations

from .command import Order, command
from .policy import Policy


@command("note", scope="ticket", says=("note",))
def note(_argument: str, _policy: Policy) -> Order:
    """All of this mail is internal: it is kept as a note, and nothing of it goes to the customer's side."""
    return Order("note")
