"""Commands that say who takes part in a ticket, and whose request it is."""

from __future__ import annotations

import difflib
from dataclasses import replace

from .addresses import read_addresses
from .case import PARTICIPANTS_AT_MOST
from .command import THIS_MAIL, Acting, CommandError, Effect, Order, command
from .headers import can_be_written_to
from .keys import address_key
from .known import Person, TicketView
from .match import outsiders
from .policy import Policy
from .subject import tag
from .types import Address


def _joins(order: Order, acting: Acting) -> Effect:
    ticket, case, who = acting.ticket, acting.case, _named(order)
    name = tag(ticket.id, case.policy)
    if _takes_part(who, ticket):
        return Effect(ticket, idle=(f"{who.address} takes part in {name} already",))
    _room(ticket)
    return Effect(
        ticket=replace(ticket, participants=(*ticket.participants, who)),
        join=(who,),
        events=(case.event("participant added", ticket.id, person=who),),
        lines=(f"{who.address} takes part in {name} now, and gets the answers from now on",),
    )


@command("cc", scope="ticket", argument="ADDRESS", act=_joins)
def cc(argument: str, policy: Policy) -> Order:
    """Who has that address takes part: they get the answers, and may write into the ticket."""
    return Order("cc", address=_outside("cc", argument, policy))


def _leaves(order: Order, acting: Acting) -> Effect:
    ticket, case, who = acting.ticket, acting.case, _named(order)
    name = tag(ticket.id, case.policy)
    if who.key == address_key(ticket.customer.address):
        raise CommandError(f"{name} is the request of {who.address}; #customer makes it somebody else's first")
    if not _takes_part(who, ticket):
        others = [p.address for p in ticket.participants if p.key != address_key(ticket.customer.address)]
        near = difflib.get_close_matches(who.address, others, n=1)
        reason = f"{who.address} takes no part in {name}: beside its customer {', '.join(others) or 'nobody'} does"
        raise CommandError(reason, f"#uncc {near[0]}" if near else "")
    waits = "; an answer that waits to leave still goes to them" if case.policy.send_delay else ""
    return Effect(
        ticket=replace(ticket, participants=tuple(p for p in ticket.participants if p.key != who.key)),
        leave=(who,),
        events=(case.event("participant removed", ticket.id, person=who),),
        lines=(f"{who.address} takes no part in {name} any more{waits}",),
    )


@command("uncc", scope="ticket", argument="ADDRESS", act=_leaves)
def uncc(argument: str, _policy: Policy) -> Order:
    """Who has that address takes no part any more, and hears nothing of the ticket."""
    return Order("uncc", address=_one("uncc", argument))


def _changes_hands(order: Order, acting: Acting) -> Effect:
    """The customer stands first among those who take part: an answer is addressed to them."""
    ticket, case, who = acting.ticket, acting.case, _named(order)
    name = tag(ticket.id, case.policy)
    if who.key == address_key(ticket.customer.address):
        return Effect(ticket, idle=(f"{name} is the request of {who.address} already",))
    joins = () if _takes_part(who, ticket) else (who,)
    if joins:
        _room(ticket)
    known = next((p for p in ticket.participants if p.key == who.key), who)
    others = (p for p in ticket.participants if p.key != who.key)
    return Effect(
        ticket=replace(ticket, customer=Person(0, known.address, known.name), participants=(known, *others)),
        set={"customer": known},
        join=joins,
        events=(case.event("customer", ticket.id, person=known),),
        lines=(f"{name} is the request of {who.address} now; who wrote it still takes part",),
    )


@command("customer", scope="ticket", argument="ADDRESS", act=_changes_hands, proof=THIS_MAIL, says=("customer",))
def customer(argument: str, policy: Policy) -> Order:
    """The ticket is that address' request from now on; whose it was still takes part."""
    return Order("customer", address=_outside("customer", argument, policy))


def _named(order: Order) -> Address:
    if order.address is None:
        raise AssertionError("a command about somebody names an address")
    return order.address


def _takes_part(who: Address, ticket: TicketView) -> bool:
    return any(p.key == who.key for p in ticket.participants)


def _room(ticket: TicketView) -> None:
    if len(ticket.participants) >= PARTICIPANTS_AT_MOST:
        raise CommandError(f"at most {PARTICIPANTS_AT_MOST} take part in a ticket; #uncc takes one out")


def _one(name: str, argument: str) -> Address:
    found, whole = read_addresses(argument)
    if len(found) > 1:
        raise CommandError("one address a line, please", f"#{name} {found[0].address}")
    if not (found and whole and can_be_written_to(found[0].address)):
        raise CommandError(f"#{name} needs a mail address, like #{name} maria@example.org")
    who = found[0]
    return Address(who.address) if "@" in who.name else who  # clients write the link beside the address


def _outside(name: str, argument: str, policy: Policy) -> Address:
    who = _one(name, argument)
    if not outsiders((who,), policy):
        whose = "this desk's own" if policy.department_of(who.address) else "an agent's"
        raise CommandError(f"{who.address} is {whose} address; on the customer's side are others")
    return who
