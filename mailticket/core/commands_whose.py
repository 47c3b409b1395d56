"""Commands that say whose a ticket is."""

from __future__ import annotations

from . import handover
from .agent_names import candidates, nearest_name
from .command import CommandError, Order, command
from .policy import Policy

OWNER = ("owner",)
_MOST_NAMED = 5  # agents that the answer to an ambiguous name lists


@command("take", scope="ticket", act=handover.given, says=OWNER)
def take(_argument: str, _policy: Policy) -> Order:
    """The ticket is yours: you answer it, and get what the customer writes."""
    return Order("take", myself=True)


@command("assign", scope="ticket", argument="NAME", act=handover.given, says=OWNER)
def assign(argument: str, policy: Policy) -> Order:
    """The ticket is that agent's: a name, the beginning of one, an address, `me`, or `none` for nobody's."""
    wanted = argument.casefold()
    if not wanted:
        raise CommandError("#assign needs to know whom: an agent's name or address, me, or none")
    if wanted in {"none", "nobody"}:
        return Order("assign", nobody=True)
    if wanted in {"me", "myself"}:
        return Order("assign", myself=True)
    found = candidates(argument, policy.agents)
    if len(found) == 1:
        return Order("assign", agent=found[0])
    if found:
        named = ", ".join(f"{a.name} <{a.address}>" for a in found[:_MOST_NAMED])
        raise CommandError(f"that may be {named}{' and others' if len(found) > _MOST_NAMED else ''}: say which")
    near = nearest_name(argument, policy.agents)
    raise CommandError("there is no agent of that name or address", f"#assign {near}" if near else "")
