"""The command that makes a ticket of one of the mails in another."""

from __future__ import annotations

from dataclasses import replace

from .agent_letters import handover
from .case import NOBODY
from .command import TICKET, Acting, CommandError, Effect, Order, command
from .estimate import due_dates, estimate_now
from .handover import ANSWERED_BY_REPLY, owner_of
from .keys import address_key
from .known import Shown, TicketView
from .plan import Move, TicketChange
from .policy import Agent, Policy
from .subject import plain, tag
from .types import Address


def _split(_order: Order, acting: Acting) -> Effect:
    """The mail that ours shows goes into a new ticket, with the times that it would have had; who has the old one gets
    an assignment of it, by which it is answered."""
    case, old, shown = acting.case, acting.ticket, _shown(acting)
    policy, number = case.policy, case.context.number
    to = owner_of(old, policy) or acting.agent
    new = _opened(acting, shown, to)
    promise = estimate_now(policy.department(old.department), old.priority, shown.at, case.now)
    first_response, resolution = due_dates(policy.department(old.department), old.priority, shown.at)
    customer = Address(new.customer.address, new.customer.name)
    change = TicketChange(
        number,
        new=True,
        set={
            "subject": new.subject,
            "status": new.status,
            "priority": new.priority,
            "department": new.department,
            "agent": new.agent,
            "customer": customer,
            "created_at": new.created_at,
            "first_response_due": first_response,
            "resolution_due": resolution,
            "estimate_answer_by": promise.answer_by,
            "estimate_basis": promise.basis,
        },
        add_participants=tuple(one for one in new.participants if one.key != customer.key),
        link=(old.id,),
    )
    assigned = replace(new, status="pending", first_response_at=case.received_at) if acting.answered else new
    letter = handover(policy, assigned, to, shown.text, case.now, by=acting.agent.name, split_from=old.id)
    whose = "yours" if to is acting.agent else f"{to.name}'s"
    name, wrote = tag(number, policy), customer.address or customer.name
    return Effect(
        ticket=new,
        also=(change, TicketChange(old.id)),
        moves=(Move(old.id, number, (shown.id,)),),
        events=(
            case.event("split", old.id, ticket=number),
            case.event("split from", number, ticket=old.id),
            case.event("assigned", number, agent=to.as_address),
        ),
        letters=(letter,),
        lines=(f"{name} is what {wrote} wrote, which was in {tag(old.id, policy)}: it is {whose}",),
    )


@command("split", scope="ticket", act=_split, says=TICKET)
def split(_argument: str, _policy: Policy) -> Order:
    """The customer's mail that you reply to becomes a ticket of its own; an answer below goes out from there."""
    return Order("split")


def _shown(acting: Acting) -> Shown:
    case, name = acting.case, tag(acting.ticket.id, acting.case.policy)
    sent, shown = case.proof.sent if case.proof else None, case.context.shown
    if sent is None or sent.kind not in ANSWERED_BY_REPLY or shown is None:
        raise CommandError(
            f"this is no reply to a mail of ours that shows one of the customer's side in {name}: reply to that one"
        )
    if shown.only:
        raise CommandError(f"{name} has no other mail of the customer's side: this one has a ticket of its own already")
    return shown


def _opened(acting: Acting, shown: Shown, to: Agent) -> TicketView:
    """Who wrote the mail asks; of those in its To and Cc who takes part in the old ticket takes part in this one."""
    case, old, writer = acting.case, acting.ticket, shown.writer
    asks = (Address(writer.address, writer.name),) if writer.address else ()
    named = {one.key for one in shown.named} - {address_key(writer.address)}
    return TicketView(
        id=case.context.number,
        subject=plain(shown.subject, case.policy),
        status="new",
        priority=old.priority,
        department=old.department,
        agent=to.address,
        customer=writer if writer.address else replace(writer, name=writer.name or NOBODY.name),
        participants=(*asks, *(one for one in old.participants if one.key in named)),
        created_at=shown.at,
        updated_at=case.now,
        customer_thread=(shown.message_id,) if shown.message_id else (),
    )
