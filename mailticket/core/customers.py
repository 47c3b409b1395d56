"""What follows from a customer's mail: a new ticket, a follow-up, or a message in the ticket it belongs to."""

from __future__ import annotations

from dataclasses import replace

from . import letters
from .assign import choose
from .case import Case
from .estimate import due_dates, estimate
from .keys import address_key
from .lifecycle import next_status
from .policy import Agent, Department
from .types import Letter, NewEvent, Plan, TicketChange, TicketView

PRIORITY = "medium"  # until somebody says otherwise


def new_ticket(case: Case) -> Plan:
    return _open(case, link=case.match.mentions, mentions=case.match.mentions)


def follow_up(case: Case) -> Plan:
    """A mail to a closed ticket opens another, linked."""
    closed = case.match.ticket
    return _open(case, link=(closed.id,) if closed else (), follow_up_of=closed.id if closed else None)


def _open(
    case: Case, *, link: tuple[int, ...] = (), mentions: tuple[int, ...] = (), follow_up_of: int | None = None
) -> Plan:
    number, department = case.context.number, case.department
    subject = case.subject
    promise = estimate(department, PRIORITY, case.received_at)
    first_response, resolution = due_dates(department, PRIORITY, case.received_at)
    agent = pick(case, department)
    change = TicketChange(
        id=number,
        new=True,
        set={
            "subject": subject,
            "status": "new",
            "priority": PRIORITY,
            "department": department.name,
            "agent": agent.address if agent else "",
            "customer": case.sender,
            "first_response_due": first_response,
            "resolution_due": resolution,
            "estimate_answer_by": promise.answer_by,
            "estimate_basis": promise.basis,
        },
        add_participants=case.copied if case.is_person else (),
        link=link,
    )
    events = [case.event("opened", number)]
    events += [NewEvent("mentions", "desk", number, {"ticket": other}) for other in mentions]
    if follow_up_of:
        events.append(NewEvent("follow-up", "desk", number, {"ticket": follow_up_of}))
    written: list[Letter] = []
    if case.answerable:
        written.append(letters.acknowledgement(case, number, subject, promise, follow_up_of=follow_up_of))
        events.append(NewEvent("acknowledged", "desk", number))
    else:
        events.append(NewEvent("not acknowledged", "desk", number, {"kind": case.sort.kind}))
    if agent:
        written.append(
            letters.assignment(
                case,
                agent,
                department,
                number,
                subject,
                promise,
                reaches=case.reached_by_answer(),
                mentions=mentions,
                follow_up_of=follow_up_of,
            )
        )
        events.append(NewEvent("assigned", "desk", number, {"agent": agent.as_address}))
    return Plan(
        state="done",
        kind=case.sort.kind,
        ticket=number,
        changes=(change,),
        messages=(case.message(number, "inbound"),),
        events=tuple(events),
        letters=tuple(written),
    )


def into_ticket(case: Case) -> Plan:
    """A mail in an existing ticket is never acknowledged; a person's words put the ticket back on our side."""
    ticket = case.match.ticket
    if ticket is None:
        raise AssertionError("this rule holds only for a mail that matched a ticket")
    wanted: dict[str, object] = {}
    events = [case.event("received", ticket.id, by=case.match.rule)]
    status = next_status(ticket.status, "customer_mail") if case.is_person else ticket.status
    if status and status != ticket.status:
        wanted |= {"status": status, "resolved_at": None}
        events.append(case.event("status", ticket.id, before=ticket.status, after=status))
    by_customer = case.match.rule == "signed" and case.sender.key == address_key(ticket.customer.address)
    joins = case.copied if case.is_person and by_customer else ()
    known = {p.key for p in ticket.participants}
    newcomers = tuple(a for a in joins if a.key not in known)
    events += [case.event("participant added", ticket.id, person=a) for a in newcomers]
    letter, assigned = _tell_agent(case, replace(ticket, participants=(*ticket.participants, *newcomers)))
    if assigned:
        wanted["agent"] = assigned.address
        events.append(NewEvent("assigned", "desk", ticket.id, {"agent": assigned.as_address}))
    return Plan(
        state="done",
        kind=case.sort.kind,
        ticket=ticket.id,
        changes=(TicketChange(ticket.id, set=wanted, add_participants=newcomers),),
        messages=(case.message(ticket.id, "inbound"),),
        events=tuple(events),
        letters=(letter,) if letter else (),
    )


def _tell_agent(case: Case, ticket: TicketView) -> tuple[Letter | None, Agent | None]:
    """A relay to the ticket's agent, or an assignment where it has none."""
    agent = case.policy.agent_of(ticket.agent) if ticket.agent else None
    if agent:
        return letters.relay_to_agent(case, agent, ticket), None
    department = case.policy.department(ticket.department)
    agent = pick(case, department)
    if agent is None:
        return None, None
    promise = estimate(department, ticket.priority, case.received_at)
    reaches = case.reached_by_answer(ticket)
    letter = letters.assignment(case, agent, department, ticket.id, ticket.subject, promise, reaches=reaches)
    return letter, agent


def pick(case: Case, department: Department) -> Agent | None:
    """Who gets a ticket of this department, by its strategy; None where it has nobody."""
    candidates = {a.address for a in case.policy.agents_of(department.name)}
    loads = [load for load in case.context.loads if load.address in candidates]
    chosen = choose(department.assign, loads)
    return case.policy.agent_of(chosen) if chosen else None
