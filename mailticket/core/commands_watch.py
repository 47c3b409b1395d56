"""Commands that say who hears of a ticket that need not be theirs."""

from __future__ import annotations

from dataclasses import replace

from .agent_letters import handover, unwatched
from .agent_names import one_agent
from .command import Acting, CommandError, Effect, Order, command
from .keys import address_key
from .match import serves
from .policy import Agent, Policy
from .subject import tag
from .watching import watchers_of, watches

WATCHERS_AT_MOST = 20  # of one ticket


def _begins(order: Order, acting: Acting) -> Effect:
    """Whom a colleague makes to watch gets the customer's last words, in a mail that they can answer by."""
    case, ticket, agent = acting.case, acting.ticket, acting.agent
    who, name = _meant(order, acting), tag(ticket.id, case.policy)
    own = who is agent
    if watches(who, ticket):
        return Effect(ticket, idle=(f"{'you watch' if own else f'{who.name} watches'} {name} already",))
    _fit(who, acting)
    begun = replace(ticket, watchers=(*ticket.watchers, who.address))
    told = handover(case.policy, begun, who, case.context.request, case.now, by=agent.name, watched=True)
    return Effect(
        ticket=begun,
        events=(case.event("watching", ticket.id, agent=who.as_address, **({"own": True} if own else {})),),
        letters=() if own else (told,),
        lines=(f"{'you watch' if own else f'{who.name} watches'} {name} from now on",),
    )


@command("watch", scope="ticket", argument="NAME", act=_begins)
def watch(argument: str, policy: Policy) -> Order:
    """You get what is written in the ticket, too, and may answer, though it is a colleague's; with a name they do."""
    return _whose("watch", argument, policy)


def _ends(order: Order, acting: Acting) -> Effect:
    case, ticket, agent = acting.case, acting.ticket, acting.agent
    who, name = _meant(order, acting), tag(ticket.id, case.policy)
    own = who is agent
    if not watches(who, ticket):
        others = ", ".join(one.name for one in watchers_of(ticket, case.policy))
        said = f"{'you do' if own else f'{who.name} does'} not watch {name}"
        return Effect(ticket, idle=(f"{said}: {others or 'nobody'} {'do' if ',' in others else 'does'}",))
    ended = replace(ticket, watchers=tuple(one for one in ticket.watchers if address_key(one) not in who.keys))
    return Effect(
        ticket=ended,
        events=(case.event("not watching", ticket.id, agent=who.as_address, **({"own": True} if own else {})),),
        letters=() if own else (unwatched(case.policy, ended, who, case.now, by=agent),),
        lines=(f"{'you do' if own else f'{who.name} does'} not watch {name} any more",),
    )


@command("unwatch", scope="ticket", argument="NAME", act=_ends)
def unwatch(argument: str, policy: Policy) -> Order:
    """You get no copies of what is written in the ticket any more; with a name that colleague does not."""
    return _whose("unwatch", argument, policy)


def _whose(name: str, argument: str, policy: Policy) -> Order:
    if not argument or argument.casefold() in {"me", "myself"}:
        return Order(name, myself=True, says=("watching me",))
    agent = one_agent(name, argument, policy)
    return Order(name, agent=agent, says=(f"watching {agent.address}",))


def _meant(order: Order, acting: Acting) -> Agent:
    return order.agent or acting.agent


def _fit(who: Agent, acting: Acting) -> None:
    """May they watch it? Nobody is told what they may not see; and a customer hears of answers as the customer."""
    ticket, policy = acting.ticket, acting.case.policy
    own, name = who is acting.agent, tag(ticket.id, policy)
    if address_key(ticket.customer.address) in who.keys:
        raise CommandError(f"{name} is {'your' if own else f'''{who.name}'s'''} own request, and is answered to them")
    department = policy.department(ticket.department).name
    if not serves(who, ticket, policy):
        if own:
            raise CommandError(f"you do not work for {department}; one who does can #assign it to you")
        reason = f"{who.name} does not work for {department}, and may not see {name}; #assign gives it to them"
        raise CommandError(reason)
    if len(watchers_of(ticket, policy)) >= WATCHERS_AT_MOST:
        raise CommandError(f"at most {WATCHERS_AT_MOST} watch a ticket; #unwatch with a name takes one off")
