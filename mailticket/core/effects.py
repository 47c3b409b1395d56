"""What the orders of one mail do to a ticket, one after the other, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .command import COMMANDS, Acting, CommandError, Effect, Mistake, Order
from .lifecycle import next_status
from .subject import tag


def carried_out(
    acting: Acting, orders: Sequence[Order], *, answered: bool
) -> tuple[tuple[Effect, ...], tuple[Mistake, ...]]:
    """Each order's effect, with that of the answer before all others; and what is not possible as the ticket is. The
    last effect's ticket is what becomes of it."""
    acting = replace(acting, gives=any(gives(order) for order in orders))
    decided = any("status" in COMMANDS[order.name].says for order in orders)
    effects: list[Effect] = [_answered(acting, decided=decided)] if answered else [Effect(acting.ticket)]
    mistakes: list[Mistake] = []
    for order in orders:
        now = replace(acting, ticket=effects[-1].ticket)
        try:
            effects.append(_effect(order, now))
        except CommandError as error:
            mistakes.append(Mistake(order.line or f"#{order.name}", error.reason, error.nearest))
    return tuple(effects), tuple(mistakes)


def gives(order: Order) -> bool:
    """Does it name whose the ticket shall be?"""
    return "owner" in COMMANDS[order.name].says


def _effect(order: Order, acting: Acting) -> Effect:
    act = COMMANDS[order.name].act
    done = act(order, acting) if act else Effect(acting.ticket)
    return done.then(_goes_on(order, replace(acting, ticket=done.ticket))) if order.happening else done


def _goes_on(order: Order, acting: Acting) -> Effect:
    done = happened(acting, order.happening)
    before, after = acting.ticket.status, done.ticket.status
    name = tag(acting.ticket.id, acting.case.policy)
    if after == before:
        return replace(done, idle=(f"{name} is {after} already",))
    return replace(done, lines=(f"{name} is {after} now",))


def happened(acting: Acting, happening: str) -> Effect:
    """The ticket goes on as the lifecycle says, which may be no change; a CommandError where that cannot be."""
    before = acting.ticket.status
    after = next_status(before, happening)
    if after is None:
        raise CommandError(f"the ticket is {before}", "#reopen" if before == "closed" else "")
    return Effect(acting.ticket) if after == before else _status(acting, after)


def _answered(acting: Acting, *, decided: bool) -> Effect:
    """`decided`: an order says how the ticket goes on, so what it is until then is not worth a line."""
    after = next_status(acting.ticket.status, "agent_answer")
    if after is None or after == acting.ticket.status:
        return Effect(acting.ticket)
    line = f"{tag(acting.ticket.id, acting.case.policy)} is {after} now"
    return replace(_status(acting, after), lines=() if decided else (line,))


def _status(acting: Acting, after: str) -> Effect:
    ticket, case = acting.ticket, acting.case
    resolved = (ticket.resolved_at or case.now) if after in {"resolved", "closed"} else None
    return Effect(
        ticket=replace(ticket, status=after, resolved_at=resolved),
        set={"status": after, "resolved_at": resolved},
        events=(case.event("status", ticket.id, before=ticket.status, after=after),),
    )
