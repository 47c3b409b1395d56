"""Commands that only ask: what they are for is shown in a mail to the agent alone, and nothing changes."""

from __future__ import annotations

from collections.abc import Sequence

from .choosing import chosen
from .command import ANYWHERE, CommandError, Mistake, Order, command
from .policy import Policy
from .subject import numbered

ASKING = ("help", "history", "list", "search", "show", "status", "why")
LINKED = ("list", "show")  # what the links in our mails ask for
SHOWN_AT_MOST = 5  # tickets by one mail
FILES = "attachments"


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
    """That ticket (or this one) with what was said in it, in a mail to you; `attachments` behind it: with its files."""
    words = argument.split()
    rest = [word for word in words if not chosen(word, (FILES,))]
    with_files = FILES if len(rest) < len(words) else ""
    if not rest:
        return Order("show", text=with_files)
    number = numbered(" ".join(rest), policy)
    if number is None:
        reason = "#show needs the number of one ticket, or stands alone for this one; attachments may stand behind it"
        raise CommandError(reason, f"#show {with_files}".rstrip())
    return Order("show", ids=(number,), text=with_files)


@command("why", scope="ticket")
def why(_argument: str, _policy: Policy) -> Order:
    """How your mail and the ticket were understood, why it is whose it is, and how its times were counted."""
    return Order("why")


def wants_files(order: Order) -> bool:
    """Does it ask for a ticket's files, which have to be read again then?"""
    return order.name == "show" and order.text == FILES


def opens(order: Order) -> bool:
    """Is it what a link of ours may ask for?"""
    return order.name in LINKED and not wants_files(order)


def excess(orders: Sequence[Order]) -> tuple[Mistake, ...]:
    """A mail that asks for more than one mail may."""
    shows = [order for order in dict.fromkeys(orders) if order.name == "show"]
    mistakes = []
    if len(shows) > SHOWN_AT_MOST:
        mistakes.append(Mistake("#show", f"a mail can ask for {SHOWN_AT_MOST} tickets at most", ""))
    if sum(map(wants_files, shows)) > 1:
        mistakes.append(Mistake(f"#show {FILES}", "a mail can ask for the attachments of one ticket", ""))
    return tuple(mistakes)
