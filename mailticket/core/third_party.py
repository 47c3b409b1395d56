"""A third party, who answers a mail of ours to the customer's side of a ticket in which they take no part."""

from __future__ import annotations

from .case import Case
from .headers import can_be_written_to
from .keys import address_key
from .match import serves
from .policy import Agent
from .subject import tag

Facts = dict[str, object]


def answers(case: Case, agent: Agent) -> Facts | None:
    """What that agent is told of it, None where the mail answers none such: which ticket it is, and how the sender,
    or this mail of theirs, gets into it, where the agent may see to that. `left` says that ours was once sent to
    them."""
    sent = case.match.answers
    ticket = case.context.tickets.get(sent.ticket or 0) if sent else None
    if sent is None or ticket is None:
        return None
    who = case.sender
    settles = serves(agent, ticket, case.policy)
    return {
        "tag": tag(ticket.id, case.policy),
        "left": who.key in {address_key(to) for to in sent.recipients},
        "command": f"#cc {who.address}" if settles and can_be_written_to(who.address) else "",
        "merge": f"#merge {ticket.id}" if settles else "",
    }


def mentioned(case: Case) -> tuple[int, ...]:
    """Those tickets that the mail points at in no better way."""
    sent = case.match.answers
    return tuple(number for number in case.match.mentions if sent is None or number != sent.ticket)
