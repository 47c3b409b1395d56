"""What follows from a customer's mail: a new ticket, a follow-up, or a message in the ticket it belongs to."""

from __future__ import annotations

from dataclasses import replace

from . import agent_letters, unattended, watching
from .answers import acknowledge
from .assign import Picked, pick
from .case import Case
from .estimate import Estimate, due_dates, estimate_now
from .known import TicketView
from .language import learned
from .lifecycle import next_status
from .plan import Letter, Mark, NewEvent, Plan, TicketChange
from .policy import Department
from .third_party import mentioned
from .types import Address

_STAYS = Picked(None)  # whose the ticket is
PRIORITY = "medium"  # until somebody says otherwise


def new_ticket(case: Case) -> Plan:
    return _open(case, link=case.match.mentions)


def follow_up(case: Case) -> Plan:
    """A mail to a closed ticket opens another, linked."""
    closed = case.match.ticket
    return _open(case, link=(closed.id,) if closed else (), follow_up_of=closed.id if closed else None)


def spam(case: Case) -> Plan:
    """What a trusted relay calls spam is kept as a ticket that nobody is troubled with."""
    number = case.context.number
    change, _ = opened(case, Picked(None, ()), status="spam", link=())
    return Plan(
        state="done",
        reason=case.spam,
        kind="spam",
        ticket=number,
        changes=(change,),
        messages=(case.message(number, "inbound"),),
        events=(case.event("opened", number), NewEvent("marked as spam", "desk", number)),
    )


def _open(case: Case, *, link: tuple[int, ...] = (), follow_up_of: int | None = None) -> Plan:
    number, department = case.context.number, case.department
    picked = pick(case, department, exclude=_colleague(case, department))
    change, promise = opened(case, picked, status="new", link=link)
    events = [case.event("opened", number)]
    if case.match.answers:
        events.append(NewEvent("answers", "desk", number, {"ticket": case.match.answers.ticket}))
    events += [NewEvent("mentions", "desk", number, {"ticket": other}) for other in mentioned(case)]
    events += [NewEvent("also for", "desk", number, {"department": name}) for name in case.also]
    if follow_up_of:
        events.append(NewEvent("follow-up", "desk", number, {"ticket": follow_up_of}))
    answer = acknowledge(case, number, case.subject, promise, follow_up_of=follow_up_of)
    written = [*answer.letters]
    events += answer.events
    for agent in (picked.agent,) if picked.agent else picked.offered:
        letter = agent_letters.assignment(
            case,
            agent,
            department,
            number,
            case.subject,
            promise,
            reaches=case.reached_by_answer(),
            follow_up_of=follow_up_of,
            offered=picked.offered,
        )
        written.append(letter)
        kind = "assigned" if picked.agent else "offered"
        events.append(NewEvent(kind, "desk", number, {"agent": agent.as_address} | picked.chosen))
    waits = unattended.of_new(case, picked)
    return Plan(
        state="done",
        kind=case.sort.kind,
        ticket=number,
        changes=(change,),
        messages=(case.message(number, "inbound"),),
        events=(*events, *waits.events),
        letters=(*written, *waits.letters),
        marks=(*_known_now(case), *answer.marks),
        answered=answer.answered,
    )


def opened(case: Case, picked: Picked, *, status: str, link: tuple[int, ...]) -> tuple[TicketChange, Estimate]:
    department = case.department
    promise = estimate_now(department, PRIORITY, case.received_at, case.now)
    first_response, resolution = due_dates(department, PRIORITY, case.received_at)
    change = TicketChange(
        id=case.context.number,
        new=True,
        set={
            "subject": case.subject,
            "status": status,
            "priority": PRIORITY,
            "department": department.name,
            "agent": picked.agent.address if picked.agent else "",
            "customer": case.sender,
            "created_at": case.received_at,
            "first_response_due": first_response,
            "resolution_due": resolution,
            "estimate_answer_by": promise.answer_by,
            "estimate_basis": promise.basis,
        },
        add_participants=case.copied if case.is_person else (),
        link=link,
    )
    return change, promise


def into_ticket(case: Case) -> Plan:
    """A mail in an existing ticket is never acknowledged; a person's words put the ticket back on our side."""
    ticket = case.match.ticket
    if ticket is None:
        raise AssertionError("this rule holds only for a mail that matched a ticket")
    wanted: dict[str, object] = {}
    events = [case.event("received", ticket.id, by=case.match.rule)]
    speaks = case.is_person and not case.spam
    status = next_status(ticket.status, "customer_mail") if speaks else ticket.status
    if status and status != ticket.status:
        wanted |= {"status": status, "resolved_at": None}
        events.append(case.event("status", ticket.id, before=ticket.status, after=status))
    if case.spam:
        events.append(NewEvent("marked as spam", "desk", ticket.id))
    newcomers = case.newcomers
    events += [case.event("participant added", ticket.id, person=a) for a in newcomers]
    written, assigned = _tell_agents(case, replace(ticket, participants=(*ticket.participants, *newcomers)))
    if assigned.agent:
        wanted["agent"] = assigned.agent.address
        events.append(NewEvent("assigned", "desk", ticket.id, assigned.chosen))
    after = replace(ticket, agent=assigned.agent.address) if assigned.agent else ticket
    waits = unattended.of_mail(case, after, written)
    left = watching.gone(ticket, case.policy)
    events += watching.events_of(ticket, left)
    return Plan(
        state="done",
        kind=case.sort.kind,
        ticket=ticket.id,
        changes=(
            TicketChange(ticket.id, set=wanted, add_participants=newcomers, remove_watchers=tuple(map(Address, left))),
        ),
        messages=(case.message(ticket.id, "inbound"),),
        events=(*events, *waits.events),
        letters=(*written, *waits.letters),
        marks=_known_now(case),
    )


def _tell_agents(case: Case, ticket: TicketView) -> tuple[tuple[Letter, ...], Picked]:
    """Whose the ticket is, or who gets it now, and who watches it."""
    if ticket.status == "spam" and (case.spam or not case.is_person):
        return (), _STAYS
    written, picked = _tell_its_agent(case, ticket)
    after = replace(ticket, agent=picked.agent.address) if picked.agent else ticket
    told = {to.key for letter in written for to in letter.to}
    return (*written, *watching.relays(case, after, told)), picked


def _tell_its_agent(case: Case, ticket: TicketView) -> tuple[tuple[Letter, ...], Picked]:
    """A relay to the ticket's agent, or to all whom it was offered; an assignment where it has nobody."""
    agent = case.policy.agent_of(ticket.agent) if ticket.agent else None
    if agent:
        return (agent_letters.relay_to_agent(case, agent, ticket),), _STAYS
    department = case.policy.department(ticket.department)
    picked = pick(case, department, exclude=_colleague(case, department))
    if picked.agent is None:
        return tuple(agent_letters.relay_to_agent(case, offered, ticket) for offered in picked.offered), _STAYS
    promise = estimate_now(department, ticket.priority, case.received_at, case.now)
    reaches = case.reached_by_answer(ticket)
    letter = agent_letters.assignment(
        case, picked.agent, department, ticket.id, ticket.subject, promise, reaches=reaches
    )
    return (letter,), picked


def _colleague(case: Case, department: Department) -> tuple[str, ...]:
    """An agent's own request is somebody else's work, where there is somebody else."""
    if case.agent is None:
        return ()
    others = [a for a in case.policy.agents_of(department.name) if a is not case.agent]
    return (case.agent.address,) if others else ()


def _known_now(case: Case) -> tuple[Mark, ...]:
    """What a mail shows of who wrote it."""
    return (*_proved_now(case), *_language_now(case))


def _language_now(case: Case) -> tuple[Mark, ...]:
    language = learned(case.mail, case.context.sender) if case.is_person and case.sender.address else ""
    return (Mark("language", case.sender.address, language),) if language and not case.spam else ()


def _proved_now(case: Case) -> tuple[Mark, ...]:
    """Who answers a mail of ours to them has got it, and may be written to."""
    signed = case.match.rule == "signed" and case.match.signed is not None and case.match.signed.audience == "customer"
    if not case.is_person or not (signed or case.sender_proved):
        return ()
    who = case.context.sender
    marks = [] if who and who.proved else [Mark("proved", case.sender.address, "yes")]
    if signed and who and not who.standing.clean:
        marks.append(Mark("bounced", case.sender.address, ""))
    return tuple(marks)
