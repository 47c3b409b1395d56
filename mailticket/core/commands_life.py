"""Commands that say how a ticket goes on: each is a happening of the lifecycle's table."""

from __future__ import annotations

from .command import Order, command
from .policy import Policy

STATUS = ("status",)


@command("resolve", scope="ticket", says=STATUS)
def resolve(_argument: str, _policy: Policy) -> Order:
    """The request is dealt with: the ticket is resolved. The customer's next mail opens it again."""
    return Order("resolve", happening="resolve")


@command("reopen", scope="ticket", says=STATUS)
def reopen(_argument: str, _policy: Policy) -> Order:
    """The request is not dealt with after all: the ticket is open again."""
    return Order("reopen", happening="reopen")


@command("close", scope="ticket", says=STATUS)
def close(_argument: str, _policy: Policy) -> Order:
    """The request is over for good: the customer's next mail opens another ticket."""
    return Order("close", happening="close")


@command("pending", scope="ticket", says=STATUS)
def pending(_argument: str, _policy: Policy) -> Order:
    """It is the customer's turn: the ticket waits for their next mail."""
    return Order("pending", happening="pending")


@command("spam", scope="ticket", says=STATUS)
def spam(_argument: str, _policy: Policy) -> Order:
    """Nobody wants it: it is put away, and machines that write into it again trouble nobody."""
    return Order("spam", happening="spam")
