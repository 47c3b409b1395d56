"""The command that takes back what a mail of the agent's has done: `undo` makes its plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from .command import Mistake, Order, command
from .policy import Policy

UNDO = "undo"
WITHIN = timedelta(days=1)
ALONE = "it takes back a whole mail of yours, and stands alone in its own: no other command, and no words below it"


@command(UNDO, scope="ticket")
def undo(_argument: str, _policy: Policy) -> Order:
    """What your last mail in this ticket did is taken back; in a reply to a receipt, what that mail did. For a day."""
    return Order(UNDO)


def in_company(orders: Sequence[Order], *, answered: bool) -> tuple[Mistake, ...]:
    """An #undo that does not stand alone."""
    found = [order for order in orders if order.name == UNDO]
    return (Mistake(found[0].line, ALONE, f"#{UNDO}"),) if found and (len(orders) > 1 or answered) else ()
