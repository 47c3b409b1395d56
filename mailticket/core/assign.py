"""Who gets a ticket. A strategy is one function over plain values; the config names it by its row here.

`assign` in the config is a chain: the next strategy is asked where one names nobody. "manual" names nobody at all:
the ticket is offered to all of the department, and is whose who answers first.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .keys import address_key
from .known import AgentLoad
from .policy import Agent, Department, Policy

if TYPE_CHECKING:  # the config reads the names in this file, and needs nothing of what reads mails
    from .case import Case


@dataclass(frozen=True, slots=True)
class Turn:
    """What a strategy may look at beside the agents: `seed` is any number, the same whenever the work is repeated;
    `sticky` the address of who answered this customer before, or ""."""

    seed: int = 0
    sticky: str = ""


Strategy = Callable[[Sequence[AgentLoad], Turn], str | None]

STRATEGIES: dict[str, Strategy] = {}
MANUAL = "manual"
LINKED = "linked"  # no strategy of a department's: see `_linked`

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picked:
    """Who gets a ticket, and by which strategy; or, where that is nobody, to whom it is `offered`. `away`: they are,
    and so are all who could have it."""

    agent: Agent | None
    offered: tuple[Agent, ...] = ()
    strategy: str = ""
    away: bool = False  # as nobody else is there

    @property
    def chosen(self) -> dict[str, object]:
        """What an event says of it."""
        said = (("agent", self.agent and self.agent.as_address), ("strategy", self.strategy), ("away", self.away))
        return {name: value for name, value in said if value}


def strategy(name: str) -> Callable[[Strategy], Strategy]:
    """Puts a function into the table, under the name that `assign = "…"` has in the config."""

    def register(function: Strategy) -> Strategy:
        STRATEGIES[name] = function
        return function

    return register


@strategy("least-loaded")
def least_loaded(loads: Sequence[AgentLoad], _turn: Turn) -> str | None:
    """Fewest open tickets; then the longest without a new one, never having had one first; then config order."""
    best = min(loads, key=lambda load: (load.open_tickets, load.last_assigned_at or _NEVER), default=None)
    return best.address if best else None


@strategy("round-robin")
def round_robin(loads: Sequence[AgentLoad], _turn: Turn) -> str | None:
    """The one who stands behind the last one to get a ticket, in config order; the first where none has had one."""
    if not loads:
        return None
    times = [load.last_assigned_at or _NEVER for load in loads]
    newest = max(times)
    if newest == _NEVER:
        return loads[0].address
    return loads[(times.index(newest) + 1) % len(loads)].address


@strategy("random")
def at_random(loads: Sequence[AgentLoad], turn: Turn) -> str | None:
    """Anybody, by lot."""
    return loads[turn.seed % len(loads)].address if loads else None


@strategy("sticky")
def sticky(loads: Sequence[AgentLoad], turn: Turn) -> str | None:
    """Who answered this customer before, if they are still here."""
    known = address_key(turn.sticky)
    return next((load.address for load in loads if address_key(load.address) == known), None)


@strategy(MANUAL)
def manual(_loads: Sequence[AgentLoad], _turn: Turn) -> str | None:
    """Nobody: whoever answers first, or writes #take."""
    return None


def is_manual(chain: Sequence[str]) -> bool:
    return MANUAL in chain


def choose(
    chain: Sequence[str],
    loads: Sequence[AgentLoad],
    *,
    exclude: Collection[str] = frozenset(),
    seed: int = 0,
    sticky: str = "",
) -> str | None:
    """The agent's address; None for nobody. `loads` are in config order, `exclude` are addresses."""
    return _choice(chain, loads, exclude, Turn(seed, sticky))[0]


def _choice(
    chain: Sequence[str], loads: Sequence[AgentLoad], exclude: Collection[str], turn: Turn
) -> tuple[str | None, str]:
    """The agent's address, and the strategy that named it."""
    left_out = {address_key(address) for address in exclude}
    left = [load for load in loads if address_key(load.address) not in left_out]
    upto = chain[: chain.index(MANUAL)] if is_manual(chain) else chain
    found = ((chosen, name) for name in upto if (chosen := STRATEGIES[name](left, turn)) is not None)
    return next(found, (None, ""))


def seed_of(policy: Policy, cause: str) -> int:
    """A number that nobody outside can guess, the same whenever the work is repeated."""
    return int.from_bytes(hmac.digest(policy.secrets[0], b"assign\0%s" % cause.encode(), "sha256")[:8])


def reason(name: str) -> str:
    """Why somebody was chosen so, as the strategy of that name says it; "" for a name of long ago."""
    says = _linked if name == LINKED else STRATEGIES.get(name)
    return " ".join((says.__doc__ or "").split()) if says else ""


def pick(case: Case, department: Department, *, exclude: Collection[str] = ()) -> Picked:
    """Who gets this mail's ticket: who knows what it is about, else by the department's strategies."""
    context = case.context
    if knows := _linked(case, department):
        return Picked(knows, strategy=LINKED)
    seed = seed_of(case.policy, context.cause)
    return picked(
        case.policy,
        department,
        context.loads,
        exclude=exclude,
        seed=seed,
        answered_by=context.answered_by,
        away=context.away,
    )


def _linked(case: Case, department: Department) -> Agent | None:
    """Who has the ticket whose mail the sender answers without taking part in it, if they are there and serve this
    department."""
    sent = case.match.answers
    ticket = case.context.tickets.get(sent.ticket or 0) if sent else None
    agent = case.policy.agent_of(ticket.agent) if ticket else None
    if agent is None or agent.address in case.context.away:
        return None
    return agent if department.name in agent.departments else None


def picked(
    policy: Policy,
    department: Department,
    loads: Sequence[AgentLoad],
    *,
    exclude: Collection[str] = (),
    seed: int,
    answered_by: str = "",
    away: Mapping[str, datetime],
) -> Picked:
    """`loads` may be those of all agents: the department's are looked at. Of those who are `away`, until when, nobody
    gets it as long as one of the others can; else it is given as if nobody were, and to who is back first."""
    left_out = {address_key(address) for address in exclude}
    theirs = tuple(a for a in policy.agents_of(department.name) if not left_out & a.keys)
    here = tuple(a for a in theirs if a.address not in away)
    # An alias may have answered: strategies know an agent by the main address alone.
    before = policy.agent_of(answered_by) if answered_by else None
    turn = Turn(seed, before.address if before else "")
    found = _among(here, policy, department, loads, turn)
    if found.agent or found.offered or here == theirs:
        return found
    first = theirs if here else _back_first(theirs, away)
    again = _among(first, policy, department, loads, turn)
    return replace(again, offered=theirs if again.offered else (), away=True)


def _back_first(agents: Sequence[Agent], away: Mapping[str, datetime]) -> tuple[Agent, ...]:
    soonest = min(away[agent.address] for agent in agents)
    return tuple(agent for agent in agents if away[agent.address] == soonest)


def _among(
    agents: tuple[Agent, ...], policy: Policy, department: Department, loads: Sequence[AgentLoad], turn: Turn
) -> Picked:
    keys = {key for agent in agents for key in agent.keys}
    busy = [load for load in loads if address_key(load.address) in keys]
    chosen, by = _choice(department.assign, busy, (), turn)
    if chosen is not None:
        return Picked(policy.agent_of(chosen), strategy=by)
    return Picked(None, agents if is_manual(department.assign) else ())
