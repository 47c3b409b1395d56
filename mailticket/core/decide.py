"""The help desk: an ordered table of rules says what follows from a mail. Nothing is done here; a Plan is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from . import agents, customers
from .case import NOBODY, Case, department_of
from .classify import classify
from .match import match, proof
from .policy import Policy
from .types import Context, ParsedMail, Plan, RawMail


@dataclass(frozen=True, slots=True)
class Rule:
    """The first rule that `holds` makes the plan."""

    name: str
    holds: Callable[[Case], bool]
    plan: Callable[[Case], Plan]


def _recorded(reason: str) -> Callable[[Case], Plan]:
    """Kept in the inbox with the reason, and nothing else."""
    return lambda case: Plan(state="done", reason=reason, kind=case.sort.kind)


def _quarantined(reason: str) -> Callable[[Case], Plan]:
    return lambda case: Plan(state="quarantined", reason=reason, kind=case.sort.kind)


def _duplicate(case: Case) -> Plan:
    row, ticket = case.context.duplicate_of or (0, None)
    return Plan(state="done", reason=f"duplicate of {row}", kind=case.sort.kind, ticket=ticket)


def _bounce(case: Case) -> Plan:
    """What came back is noted where it belongs. It changes no status."""
    sent = next((s for s in case.context.signed if s.ticket is not None), None)
    if sent is None:
        return Plan(state="done", reason="a bounce that names no mail of ours", kind="bounce")
    event = case.event("bounced", sent.ticket, outbox=sent.outbox_id)
    return Plan(
        state="done", reason=f"bounce of outbox message {sent.outbox_id}", kind="bounce", ticket=sent.ticket,
        events=(event,),
    )  # fmt: skip


def _came_back(case: Case) -> bool:
    """A bounce by its form, or whatever a machine without an address sent to a bounce address of ours."""
    to_bounce = any(s.purpose == "bounce" for s in case.context.signed)
    return case.sort.kind == "bounce" or (to_bounce and case.envelope_from == "" and case.sort.detail == "")


def _to_closed(case: Case) -> bool:
    """A holiday note asks for nothing: it stays in the closed ticket and opens none."""
    ticket = case.match.ticket
    return ticket is not None and ticket.status == "closed" and case.sort.detail != "out-of-office"


RULES: tuple[Rule, ...] = (
    Rule("duplicate", lambda c: c.context.duplicate_of is not None, _duplicate),
    Rule("own mail", lambda c: c.sort.kind == "own", _recorded("mail of this desk that came back to it")),
    Rule("bounce", _came_back, _bounce),
    Rule(
        "own address",
        lambda c: c.policy.department_of(c.sender.address) is not None,
        _quarantined("its From is one of the desk's own addresses"),
    ),
    Rule(
        "agent's machine",
        lambda c: c.agent is not None and c.sort.kind == "automatic",
        agents.automatic,
    ),
    Rule(
        "agent's reference, somebody else",
        lambda c: c.match.foreign is not None and c.proved is None,
        _quarantined("it answers a mail that was sent to an agent, and is not from that agent"),
    ),
    Rule(
        "agent unproved",
        lambda c: c.agent is not None and (c.proved is None or not c.is_person or c.mail.from_count != 1),
        _quarantined("from an agent's address, without proof that the agent sent it"),
    ),
    Rule("agent", lambda c: c.agent is not None, agents.mail),
    Rule(
        "out of office, no ticket",
        lambda c: c.sort.detail == "out-of-office" and c.match.ticket is None,
        _recorded("an automatic reply that belongs to no ticket"),
    ),
    Rule("follow-up", _to_closed, customers.follow_up),
    Rule("ticket", lambda c: c.match.ticket is not None, customers.into_ticket),
    Rule("new", lambda _c: True, customers.new_ticket),
)


def decide(mail: ParsedMail, raw: RawMail, context: Context, policy: Policy, now: datetime) -> Plan:
    """What follows from a mail: all of it, and none of it done."""
    case = examine(mail, raw, context, policy, now)
    rule = next(rule for rule in RULES if rule.holds(case))
    return rule.plan(case)


def examine(mail: ParsedMail, raw: RawMail, context: Context, policy: Policy, now: datetime) -> Case:
    sender = mail.from_
    agent = policy.agent_of(sender.address) if sender else None
    return Case(
        mail=mail,
        envelope_from=raw.envelope_from,
        envelope_to=raw.envelope_to,
        received_at=raw.received_at,
        context=context,
        policy=policy,
        now=now,
        sort=classify(mail, raw.envelope_from, policy),
        match=match(sender, agent, context),
        department=department_of(raw.envelope_to, policy),
        sender=sender or NOBODY,
        agent=agent,
        proved=proof(sender, agent, context),
    )
