"""Who gets a new ticket. A strategy is one function over plain values; the config names it by its row here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from .keys import address_key
from .types import AgentLoad

Strategy = Callable[[Sequence[AgentLoad]], str | None]

STRATEGIES: dict[str, Strategy] = {}

_NEVER = datetime.min.replace(tzinfo=UTC)


def strategy(name: str) -> Callable[[Strategy], Strategy]:
    """Puts a function into the table, under the name that `assign = "…"` has in the config."""

    def register(function: Strategy) -> Strategy:
        STRATEGIES[name] = function
        return function

    return register


@strategy("least-loaded")
def least_loaded(loads: Sequence[AgentLoad]) -> str | None:
    """Fewest open tickets; then the longest without a new one, never having had one first; then config order."""
    best = min(loads, key=lambda load: (load.open_tickets, load.last_assigned_at or _NEVER), default=None)
    return best.address if best else None


def choose(name: str, loads: Sequence[AgentLoad], exclude: Collection[str] = frozenset()) -> str | None:
    """The agent's address; None when nobody is left. `loads` are in config order, `exclude` are addresses."""
    left_out = {address_key(address) for address in exclude}
    return STRATEGIES[name]([load for load in loads if address_key(load.address) not in left_out])
