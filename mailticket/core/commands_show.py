"""Commands that only ask: what they are for is shown in a mail to the agent alone, and nothing changes."""

from __future__ import annotations

from collections.abc import Sequence

from .command import ANYWHERE, CommandError, Mistake, Order, command
from .policy import Policy
from .subject import numbered

ASKING = ("help", "history", "list", "search", "show", "why")
SHOWN_AT_MOST = 5  # tickets by one mail


@command("help", scope=ANYWHERE)
def help_(_argument: str, _policy: Policy) -> Order:
    """All commands, in a mail to you."""
    return Order("help")


@command("history", scope="ticket")
def history(_argument: str, _policy: Policy) -> Order:
    """What happened to the ticket, by whom and when, in a mail to you."""
    return Order("history")


@command("show", scope=ANYWHERE, argument="NUMBER")
def show(argument: str, policy: Policy) -> Order:
    """That ticket, with what was said in it, in a mail to you; without a number, this one."""
    if not argument:
        return Order("show")
    number = numbered(argument, policy)
    if number is None:
        raise CommandError("#show needs the number of one ticket, or stands alone for this one", "#show")
    return Order("show", ids=(number,))


@command("why", scope="ticket")
def why(_argument: str, _policy: Policy) -> Order:
    """How your mail and the ticket were understood, why it is whose it is, and how its times were counted."""
    return Order("why")


def excess(orders: Sequence[Order]) -> tuple[Mistake, ...]:
    """A mail that asks for more than one mail may."""
    shows = [order for order in dict.fromkeys(orders) if order.name == "show"]
    if len(shows) <= SHOWN_AT_MOST:
        return ()
    return (Mistake("#show", f"a mail can ask for {SHOWN_AT_MOST} tickets at most", ""),)
