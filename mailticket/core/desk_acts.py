"""What a proved agent's mail that is about no ticket does: the ticket that #next finds becomes theirs, and who is said
to be away gets none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import absence, listing
from .agent_acts import Said, done
from .agent_letters import about_mail
from .asked import Waiting
from .case import Case
from .command import Acting, Effect, Mistake, Order
from .effects import carried_out
from .plan import Plan
from .policy import Agent


def acted(case: Case, agent: Agent, orders: Sequence[Order], unheard: str = "") -> tuple[Plan, tuple[Mistake, ...]]:
    """Nothing, where it only asks; or what cannot be. `unheard` is what of the mail goes to nobody."""
    taking = next((order for order in orders if order.name == "next"), None)
    return _taken(case, agent, taking, unheard) if taking else absence.acted(case, agent, orders)


def waiting(case: Case) -> Waiting:
    """What #next takes."""
    found = case.context.pages.waiting if case.context.pages else None
    if found is None:
        raise AssertionError("what waits is looked up before")
    return found


def _taken(case: Case, agent: Agent, order: Order, unheard: str) -> tuple[Plan, tuple[Mistake, ...]]:
    """As by #take, with the ticket in a mail to be answered; or what the agent has to do, where nothing else waits."""
    found = waiting(case)
    ticket = found.ticket
    if ticket is None:
        facts = listing.beginning(found.own, case.policy, case.now) | {"unheard": unheard}
        letter = replace(about_mail(case, agent, None, "notice-next", facts), subject="Nothing is waiting")
        return Plan(state="done", reason="nothing waits that is nobody's", kind=case.sort.kind, letters=(letter,)), ()
    case = replace(case, context=replace(case.context, request=found.request))
    effects, unfit = carried_out(Acting(case, agent, ticket), (order,), answered=False)
    if unfit:
        return Plan(), unfit
    if unheard:
        effects += (Effect(effects[-1].ticket, idle=(f"the desk sent the rest of your mail to nobody: {unheard}",)),)
    return done(case, agent, ticket, Said((order,), None, effects, note=True)), ()
