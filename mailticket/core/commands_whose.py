"""Commands that say whose a ticket is: which agent's, which department's, a manager's."""

from __future__ import annotations

from dataclasses import replace

from . import handover, unattended
from .agent_letters import handover as handed_over
from .agent_letters import moved as told
from .agent_names import one_agent
from .assign import Picked, Turn, least_loaded, picked, seed_of
from .choosing import chosen, nearest, plain
from .command import Acting, CommandError, Effect, Order, command
from .commands_ticket import prioritised
from .estimate import due_dates
from .policy import PRIORITIES, Agent, Department, Policy
from .subject import tag

OWNER = ("owner",)


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
    return Order("assign", agent=one_agent("assign", argument, policy))


def _goes_to_department(order: Order, acting: Acting) -> Effect:
    """Its agent stays where they serve the new department, too, or where the same mail says whose it is."""
    ticket, case = acting.ticket, acting.case
    policy, name = case.policy, tag(ticket.id, case.policy)
    before, to = policy.department(ticket.department), policy.department(order.text)
    if to.name == before.name:
        return Effect(ticket, idle=(f"{name} is in {to.name} already",))
    first_response, resolution = due_dates(to, ticket.priority, ticket.created_at)
    goes = Effect(
        ticket=replace(ticket, department=to.name),
        set={"department": to.name, "first_response_due": first_response, "resolution_due": resolution},
        events=(case.event("department", ticket.id, before=before.name, after=to.name),),
        lines=(f"{name} is in {to.name} now",),
    )
    owner = handover.owner_of(ticket, policy)
    if acting.gives or (owner is not None and to.name in owner.departments):
        return goes
    return goes.then(_given_out(replace(acting, ticket=goes.ticket), to))


def _given_out(acting: Acting, department: Department) -> Effect:
    """As a new one would be: nobody works on their own request where there is somebody else."""
    case, ticket = acting.case, acting.ticket
    asks = case.policy.agent_of(ticket.customer.address)
    others = any(one is not asks for one in case.policy.agents_of(department.name))
    choice = picked(
        case.policy,
        department,
        case.context.loads,
        exclude=(asks.address,) if asks and others else (),
        seed=seed_of(case.policy, case.context.cause),
        away=case.context.away,
    )
    if choice.agent is not None:
        given = handover.moved(acting, choice.agent, ordered=True)
    else:
        given = _offered(acting, choice.offered)
    return given.then(_unattended(acting, choice)) if choice.away else given


def _unattended(acting: Acting, choice: Picked) -> Effect:
    """All of the department are away."""
    case, ticket = acting.case, acting.ticket
    waiting = unattended.of_ticket(ticket, choice.agent, case.context.request, case.policy)
    told = unattended.told(case.policy, waiting, case.context.away, case.now, but=acting.agent.keys)
    after = replace(ticket, agent=choice.agent.address if choice.agent else "")
    return Effect(after, letters=told.letters, events=told.events)


def _offered(acting: Acting, to: tuple[Agent, ...]) -> Effect:
    """It is nobody's, and whose who answers first; where there is nobody, the managers look after it."""
    case, agent, ticket = acting.case, acting.agent, acting.ticket
    policy, request = case.policy, case.context.request
    losers = handover.losers_of(ticket, policy, nobody=not to)
    written = [handed_over(policy, ticket, one, request, case.now, by=agent.name, offered=to) for one in to]
    written += [
        told(policy, ticket, one, case.now, owner=None, by=agent)
        for one in losers
        if one is not agent and one not in to
    ]
    named = ", ".join(one.name for one in to)
    return Effect(
        ticket=replace(ticket, agent=""),
        set={"agent": ""},
        events=tuple(case.event("offered", ticket.id, agent=one.as_address) for one in to)
        or (case.event("unassigned", ticket.id),),
        letters=tuple(written),
        lines=(f"it is offered to {named}" if to else "it is nobody's, as that department has no agents",),
    )


@command("department", scope="ticket", argument="NAME", act=_goes_to_department, says=("department",))
def department(argument: str, policy: Policy) -> Order:
    """It belongs to that department: its agents, its address, its hours and its times from now on."""
    names = tuple(one.name for one in policy.departments)
    listed = ", ".join(names)
    if not plain(argument):
        raise CommandError(f"#department needs a name; there are {listed}")
    found = chosen(argument, names)
    if len(found) == 1:
        return Order("department", text=found[0])
    if found:
        raise CommandError(f"that may be {', '.join(found)}: say which", f"#department {found[0]}")
    near = nearest(argument, names)
    raise CommandError(f"there is no such department; there are {listed}", f"#department {near}" if near else "")


def _escalated(_order: Order, acting: Acting) -> Effect:
    """To who is there and serves the department, else to any; of several to who has the fewest open tickets."""
    case, agent, ticket = acting.case, acting.agent, acting.ticket
    policy = case.policy
    managers = tuple(one for one in policy.managers if one is not agent)
    if not managers:
        raise CommandError("there is no manager but you: #assign gives it to a colleague")
    urgent = PRIORITIES.index(ticket.priority) >= PRIORITIES.index("high")
    raised = Effect(ticket) if urgent else prioritised(acting, "high")
    owner = handover.owner_of(ticket, policy)
    if owner in managers:
        whose = f"{tag(ticket.id, policy)} is assigned to {owner.name if owner else ''} already"
        return raised.then(Effect(raised.ticket, idle=(whose,)))
    name = policy.department(ticket.department).name
    here = tuple(one for one in managers if one.address not in case.context.away) or managers
    serving = tuple(one for one in here if name in one.departments) or here
    loads = [load for load in case.context.loads if policy.agent_of(load.address) in serving]
    to = policy.agent_of(least_loaded(loads, Turn()) or "") or serving[0]
    given = handover.moved(replace(acting, ticket=raised.ticket), to, ordered=True, escalated=True)
    return raised.then(given).then(Effect(given.ticket, events=(case.event("escalated", ticket.id),)))


@command("escalate", scope="ticket", act=_escalated, says=("owner", "priority"))
def escalate(_argument: str, _policy: Policy) -> Order:
    """A manager takes it over, and its priority is high at least."""
    return Order("escalate")
