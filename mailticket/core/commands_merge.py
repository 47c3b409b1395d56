"""Commands that make one ticket of two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from .case import PARTICIPANTS_AT_MOST
from .command import TICKET, Acting, CommandError, Effect, Order, command
from .commands_ticket import LABELS_AT_MOST
from .commands_watch import WATCHERS_AT_MOST
from .effects import happened
from .handover import losers_of, may_take, owner_of
from .known import TicketView
from .lifecycle import is_open
from .match import serves
from .merge_letters import came_in, went
from .plan import Letter, Move, TicketChange
from .policy import Agent, Policy
from .subject import numbered, tag
from .types import Address
from .watching import watchers_of

OWED = ("new", "open")  # statuses in which it is our turn


def _merged(order: Order, acting: Acting) -> Effect:
    """The mail's ticket closes, and all that belongs to it is in the other one, where the mail goes on."""
    case, ticket = acting.case, acting.ticket
    target = _target(order, acting)
    name, into = tag(ticket.id, case.policy), tag(target.id, case.policy)
    joined = tuple(one for one in ticket.participants if one.key not in {p.key for p in target.participants})
    labels = tuple(dict.fromkeys((*target.labels, *ticket.labels)))
    _apart(into, (*target.participants, *joined), case.policy)
    _room(into, len(target.participants) + len(joined), len(labels))
    closed = happened(acting, "close")
    follows = goes_on(acting, target)
    promised, watchers = _promised(ticket, follows.ticket), _watchers(acting, target)
    after = replace(
        follows.ticket,
        participants=(*target.participants, *joined),
        labels=labels,
        watchers=(*target.watchers, *(one.address for one in watchers)),
        customer_thread=(*target.customer_thread, *ticket.customer_thread),
        **promised,
    )
    events = [case.event("merged", ticket.id, ticket=target.id), *closed.events]
    events.append(case.event("merged from", target.id, ticket=ticket.id))
    events += [case.event("participant added", target.id, person=one) for one in joined]
    lines = [f"{name} is merged into {into}: it is closed, and what belongs to it is there"]
    if joined:
        listed = ", ".join(one.address for one in joined)
        takes, gets = ("takes", "gets") if len(joined) == 1 else ("take", "get")
        lines.append(f"{listed} {takes} part in {into} now, and {gets} the answers from now on")
    if labels != target.labels:
        events.append(case.event("labels", target.id, added=len(labels) - len(target.labels), removed=0))
        lines.append(f"{into} has the labels {', '.join(labels)} now")
    if after.status != target.status:
        lines.append(f"{into} is {after.status} now")
    change = TicketChange(ticket.id, set={**closed.set, "merged_into": target.id}, link=(target.id,))
    return Effect(
        ticket=after,
        set={**follows.set, **promised, **({"labels": labels} if labels != target.labels else {})},
        join=joined,
        also=(change, *((TicketChange(target.id, add_watchers=watchers),) if watchers else ())),
        moves=(Move(ticket.id, target.id),),
        events=(*events, *follows.events),
        letters=tuple(told(acting, target, after, joined)),
        lines=tuple(lines),
    )


@command("merge", scope="ticket", argument="NUMBER", act=_merged, says=TICKET)
def merge(argument: str, policy: Policy) -> Order:
    """This ticket becomes a part of that one: its messages, labels and people; an answer below goes out from there."""
    number = numbered(argument, policy)
    if number is None:
        raise CommandError("#merge needs the number of the ticket that this one becomes a part of, like #merge 1042")
    return Order("merge", ids=(number,))


def _target(order: Order, acting: Acting) -> TicketView:
    """Of a ticket that the agent may not see no more is said than of one that there is not."""
    (number,) = order.ids
    policy, ticket = acting.case.policy, acting.ticket
    target = acting.case.context.tickets.get(number)
    if target is None or not serves(acting.agent, target, policy):
        raise CommandError(f"{tag(number, policy)} is not there, or you may not see it")
    if target.id == ticket.id:
        is_it = "is this ticket itself" if number == ticket.id else f"is part of {tag(ticket.id, policy)} already"
        raise CommandError(f"{tag(number, policy)} {is_it}: #merge needs the number of another one")
    return target


def _watchers(acting: Acting, target: TicketView) -> tuple[Address, ...]:
    """Who watched the one watches the other, where they may see it and it is not theirs; as many as may."""
    policy = acting.case.policy
    owner = owner_of(target, policy)
    found = [one for one in watchers_of(acting.ticket, policy) if one is not owner and serves(one, target, policy)]
    here = watchers_of(target, policy)
    new = [one.as_address for one in found if one not in here]
    return tuple(new[: max(0, WATCHERS_AT_MOST - len(here))])


def _apart(into: str, people: tuple[Address, ...], policy: Policy) -> None:
    """An agent's own request is nobody else's: an answer to all would show them the agent's address."""
    agents = [found.name for one in people if (found := policy.agent_of(one.address))]
    if agents and len(people) > 1:
        raise CommandError(f"{agents[0]}, an agent, asks in one of them, and others would take part in {into}, too")


def _room(into: str, people: int, labels: int) -> None:
    if people > PARTICIPANTS_AT_MOST:
        reason = f"at most {PARTICIPANTS_AT_MOST} take part in a ticket, and in {into} it would be {people}"
        raise CommandError(f"{reason}; #uncc takes one out")
    if labels > LABELS_AT_MOST:
        raise CommandError(f"a ticket has at most {LABELS_AT_MOST} labels, and {into} would have {labels}")


def goes_on(acting: Acting, target: TicketView) -> Effect:
    """Where the merged ticket is open the other one is, too; where an answer is owed there, it is owed here."""
    there = replace(acting, ticket=target)
    if is_open(acting.ticket.status) and not is_open(target.status):
        return happened(there, "reopen")
    if acting.ticket.status in OWED:
        return happened(there, "customer_mail")
    return Effect(target)


def _promised(ticket: TicketView, target: TicketView) -> dict[str, Any]:
    """The earlier of two promises that are still to be kept, as columns of the one that both are then."""
    if not (is_open(ticket.status) and is_open(target.status)) or ticket.first_response_at or target.first_response_at:
        return {}
    kept: dict[str, Any] = {}
    if _is_earlier(ticket.first_response_due, target.first_response_due):
        kept["first_response_due"] = ticket.first_response_due
    if _is_earlier(ticket.estimate_answer_by, target.estimate_answer_by):
        kept |= {"estimate_answer_by": ticket.estimate_answer_by, "estimate_basis": ticket.estimate_basis}
    return kept


def _is_earlier(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one < other)


def told(acting: Acting, target: TicketView, after: TicketView, joined: tuple[Address, ...]) -> list[Letter]:
    """Who answers the ticket gets what came into it; whose the merged one was, or to whom it was offered, hears where
    it is. The managers look after what is nobody's."""
    case, agent, ticket = acting.case, acting.agent, acting.ticket
    owner = owner_of(target, case.policy)
    heirs: tuple[Agent, ...] = (owner,) if owner else may_take(target, case.policy) or case.policy.managers
    written = [came_in(case, one, after, ticket, joined, by=agent) for one in heirs if one is not agent]
    losers = losers_of(ticket, case.policy, nobody=False)
    written += [went(case, one, ticket, target, owner=owner, by=agent) for one in losers if one not in (agent, *heirs)]
    return written
