"""Tickets that begin with what a proved agent writes to a customer, with the desk in copy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .begun import Beginning, as_written_by, begin, obeyed, read
from .case import Case
from .command import Mistake, Order
from .plan import NewEvent, Plan
from .shown import words_of
from .types import Address
from .whose import customer_to
from .wording import person

_NO_NOTE = "the customer has got this mail, so it can be no note"
_SEEN = "the customer saw the commands at its top; in a reply to a mail of the desk's nobody else does"


def written_to(case: Case) -> Plan:
    """The ticket is the customer's, who has the mail already, and the agent's, who waits for their answer. What is
    wrong with its orders keeps it from nothing: it cannot be sent to them once more."""
    agent, customer, number = case.agent, customer_to(case.mail, case.policy), case.context.number
    if agent is None or customer is None:
        raise AssertionError("this rule holds only for a proved agent's mail to a customer")
    orders, words, mistakes = read(case, words_of(case.mail), answered=True)
    mistakes += tuple(Mistake(order.line, _NO_NOTE, "") for order in orders if order.name == "note")
    kept = replace(case.message(number, "outbound", text=words), from_=agent.as_address, automatic=False)
    begun = Beginning(
        _as_asked(customer, case),
        (kept,),
        (
            case.event("written to", number, person=customer),
            case.event("answered", number, relayed=False),
            NewEvent("not acknowledged", "desk", number, {"kind": "written to"}),
        ),
        f"wrote this mail to {person({'name': customer.name, 'address': customer.address})}, with the desk in copy.",
        ("It waits for their answer, which comes as a mail of the desk's.",),
        _warnings(orders, mistakes),
        answered_at=case.received_at,
    )
    effects, unfit = obeyed(case, agent, begun, () if mistakes else orders)
    if unfit:
        begun = replace(begun, warnings=_warnings(orders, unfit))
        effects, _ = obeyed(case, agent, begun, ())
    return begin(case, agent, begun, effects)


def _warnings(orders: Iterable[Order], mistakes: Iterable[Mistake]) -> tuple[str, ...]:
    """What is said of commands that the customer has read."""
    wrong = {one.line: one.reason for one in mistakes}
    told = [f"{line} was not obeyed: {reason}" for line, reason in wrong.items()]
    if wrong and any(order.line not in wrong for order in orders):
        told.append("no other command of it was obeyed, either")
    return (*told, _SEEN) if told or any(orders) else ()


def _as_asked(customer: Address, case: Case) -> Case:
    """As if the customer had written it to the desk, with the same people in copy."""
    others = tuple(one for one in (*case.mail.to, *case.mail.cc) if one.key != customer.key)
    mail = replace(case.mail, from_=customer, to=(), cc=others, reply_to=(), in_reply_to=(), references=())
    return as_written_by(customer, mail, case, request=words_of(case.mail))
