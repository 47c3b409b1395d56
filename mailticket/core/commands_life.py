"""Commands that say how a ticket goes on: each is a happening of the lifecycle's table."""

from __future__ import annotations

from dataclasses import replace

from .command import Acting, CommandError, Effect, Order, command
from .effects import happened
from .policy import Policy
from .subject import tag
from .until import AT_MOST, FORMS, moment, nearest, read
from .wording import when

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


def _postponed(order: Order, acting: Acting) -> Effect:
    ticket, case = acting.ticket, acting.case
    department, wanted = case.policy.department(ticket.department), read(order.text)
    if wanted is None:
        raise AssertionError("what cannot be read was refused before")
    at = moment(wanted, case.now, department)
    if at <= case.now:
        raise CommandError(f"that is past: it is {when(case.now, department.zone)} now", "#postpone tomorrow")
    if at > case.now + AT_MOST:
        raise CommandError("a ticket is postponed by a year at most", "#postpone 365d")
    done, name = happened(acting, "postpone"), tag(ticket.id, case.policy)
    if ticket.wakes_at == at:
        return Effect(ticket, idle=(f"{name} is postponed until {when(at, department.zone)} already",))
    return Effect(
        ticket=replace(done.ticket, wakes_at=at),
        set={**done.set, "wakes_at": at},
        events=(*done.events, case.event("postponed", ticket.id, until=f"{at:%Y-%m-%dT%H:%M:%SZ}")),
        lines=(f"{name} is postponed until {when(at, department.zone)}",),
    )


@command("postpone", scope="ticket", argument="WHEN", act=_postponed, says=STATUS)
def postpone(argument: str, _policy: Policy) -> Order:
    """It sleeps until then (`2d`, `tuesday 9:00`, `2026-12-01`) or until the customer writes, and you are told."""
    if read(argument) is None:
        near = nearest(argument) if argument else "tomorrow"
        raise CommandError(f"#postpone needs a time, like {FORMS}", f"#postpone {near}" if near else "")
    return Order("postpone", text=argument)
