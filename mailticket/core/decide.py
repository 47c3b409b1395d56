"""The help desk: an ordered table of rules says what follows from a mail. Nothing is done here; a Plan is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from . import agents, asking, collisions, customers, here, linked, quarantine, unnamed, whose
from .bounces import plan_for_bounce
from .case import NOBODY, Case, departments_of, who_asks
from .classify import ASKS_NOTHING, Sort, classify, held
from .failures import PROBE
from .identity import is_like_note_address
from .keys import address_key
from .known import Context, SentMail
from .match import internal, match, outsiders
from .original import original
from .passed_on import passed_on
from .plan import Plan
from .policy import Policy
from .proof import proof, readable, refused_by_relay, sender_proved
from .spam import marked_spam
from .types import Address, ParsedMail, RawMail
from .written_to import written_to


@dataclass(frozen=True, slots=True)
class Rule:
    """The first rule that `holds` makes the plan. `waits` says that the mail then waits in quarantine."""

    name: str
    holds: Callable[[Case], bool]
    plan: Callable[[Case], Plan]
    waits: bool = False


def _recorded(reason: str) -> Callable[[Case], Plan]:
    """Kept in the inbox with the reason, and nothing else."""
    return lambda case: Plan(state="done", reason=reason, kind=case.sort.kind)


def _duplicate(case: Case) -> Plan:
    """The same mail by another road. That it came to another department, too, is noted in its ticket."""
    twin = case.context.duplicate_of
    if twin is None:
        raise AssertionError("this rule holds only for a mail that came before")
    ticket = case.context.tickets.get(twin.ticket or 0)
    other = ticket is not None and ticket.department != case.department.name
    events = (case.event("also for", ticket.id, department=case.department.name),) if ticket and other else ()
    return Plan(state="done", reason=f"duplicate of {twin.id}", kind=case.sort.kind, ticket=twin.ticket, events=events)


def _probe(case: Case) -> SentMail | None:
    """The mail to ourselves that this is: it bears that one's signed id as its own, and answers nothing. Whoever has
    seen one can name it, but under another address, or in a report or an answer, it is a mail like any other."""
    if case.sort.kind == "bounce" or case.mail.in_reply_to or case.policy.department_of(case.sender.address) is None:
        return None
    return next((s for s in case.context.signed if s.kind == PROBE and s.purpose == "message"), None)


def _probed(case: Case) -> Plan:
    sent = _probe(case)
    if sent is None:
        raise AssertionError("this rule holds only for a mail to ourselves")
    return Plan(state="done", reason="a mail that we sent to ourselves came back", kind="own", probe=sent.ref)


def _came_back(case: Case) -> bool:
    """A bounce by its form, or whatever a machine without an address sent to a bounce address of ours."""
    to_bounce = any(s.purpose == "bounce" for s in case.context.signed)
    return case.sort.kind == "bounce" or (to_bounce and case.envelope_from == "" and case.sort.detail == "")


def _to_closed(case: Case) -> bool:
    """A holiday note asks for nothing: it stays in the closed ticket and opens none."""
    ticket = case.match.ticket
    return ticket is not None and ticket.status == "closed" and case.sort.detail not in ASKS_NOTHING


def _held_foreign(case: Case) -> Plan:
    """Somebody else answers a mail that was made for an agent: that agent is asked."""
    sent = case.match.foreign
    agent = case.policy.agent_of(sent.recipients[0]) if sent else None
    if agent is not None and agent is case.agent:  # their own: two Froms, or a relay's word against it
        return _held_unproved(case)
    return quarantine.hold(case, "it answers a mail that was sent to an agent, and is not from that agent", agent)


def _held_unproved(case: Case) -> Plan:
    reason = "from an agent's address, without proof that the agent sent it"
    if case.refused:
        reason = f"{reason} ({case.refused})"
    return quarantine.hold(case, reason, case.agent)


def _held_own(case: Case) -> Plan:
    return quarantine.hold(case, "its From is one of the desk's own addresses", None)


def _as_customer(case: Case) -> bool:
    """An agent's mail about their own request: no order to the desk, but a customer's words."""
    ticket, sent = case.match.ticket, case.proof.sent if case.proof else None
    if case.agent is None or ticket is None or case.stays_inside or (sent is not None and sent.audience == "agent"):
        return False
    return address_key(ticket.customer.address) in case.agent.keys


def _ordered(case: Case) -> bool:
    """Does it answer a mail of ours to an agent that belongs to no ticket: a question, a list, a receipt?"""
    sent = case.proof.sent if case.proof else None
    if case.stays_inside:
        return False
    if sent is not None:
        return sent.audience == "agent" and sent.ticket is None
    colleagues = (s.audience == "agent" and s.ticket is None and s.purpose != "bounce" for s in case.context.signed)
    return case.match.ticket is None and any(colleagues)


def _is_foreign(case: Case) -> bool:
    return case.match.foreign is not None and case.proof is None


def _is_note(case: Case) -> bool:
    """Did an agent let in what somebody else answered to that agent's mail?"""
    if not (case.released and case.concerns):
        return False
    return case.agent is None or address_key(case.concerns) not in case.agent.keys


RULES: tuple[Rule, ...] = (
    Rule("own probe", lambda c: _probe(c) is not None, _probed),
    Rule("own mail", lambda c: c.sort.kind == "own", _recorded("mail of this desk that came back to it")),
    Rule("bounce", _came_back, plan_for_bounce),
    Rule(
        "own address",
        lambda c: c.policy.department_of(c.sender.address) is not None and not c.released,
        _held_own,
        waits=True,
    ),
    Rule("agent's machine", lambda c: c.agent is not None and c.sort.kind in {"automatic", "list"}, agents.automatic),
    Rule("agent's reference, released", _is_note, quarantine.as_note),
    Rule("agent's reference, somebody else", _is_foreign, _held_foreign, waits=True),
    Rule("agent unproved", lambda c: c.agent is not None and c.proof is None, _held_unproved, waits=True),
    Rule("agent asks by a link", linked.is_by_link, linked.by_link),
    Rule("agent asks the desk", asking.asks, asking.answered),
    Rule("agent's own request", lambda c: _as_customer(c) and not _to_closed(c), customers.into_ticket),
    Rule(
        "agent's word on a held answer", lambda c: c.agent is not None and collisions.is_decision(c), collisions.decided
    ),
    Rule(
        "agent, no ticket of theirs",
        lambda c: c.match.barred or (c.stays_inside and c.match.ticket is None),
        agents.placeless,
    ),
    Rule("agent's orders", lambda c: c.agent is not None and _ordered(c), quarantine.orders),
    Rule(
        "agent",
        lambda c: c.agent is not None and not _as_customer(c) and c.match.ticket is not None,
        agents.mail,
    ),
    Rule("agent passes on what is here", here.is_here, here.kept),
    Rule("agent passes on a customer's mail", whose.passes_on, passed_on),
    Rule("agent writes to a customer", whose.writes_to, written_to),
    Rule("agent passes on nobody's mail", whose.names_nobody, unnamed.asked, waits=True),
    Rule(
        "asks nothing, no ticket",
        lambda c: c.sort.detail in ASKS_NOTHING and c.match.ticket is None,
        _recorded("an automatic reply that belongs to no ticket"),
    ),
    Rule("spam", lambda c: bool(c.spam) and c.match.rule != "signed" and c.agent is None, customers.spam),
    Rule("follow-up", _to_closed, customers.follow_up),
    Rule("ticket", lambda c: c.match.ticket is not None, customers.into_ticket),
    Rule("new", lambda _c: True, customers.new_ticket),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules made of a mail, and the name of the one that did."""

    rule: str
    case: Case
    plan: Plan


def decide(mail: ParsedMail, raw: RawMail, context: Context, policy: Policy, now: datetime, *, row: int = 0) -> Plan:
    """What follows from a mail: all of it, and none of it done. `row` is its place in the inbox."""
    return decided(examine(mail, raw, context, policy, now, row=row)).plan


def decided(case: Case) -> Decision:
    rule = next(rule for rule in RULES if rule.holds(case))
    twin = case.context.duplicate_of
    # The same mail with a proof is worth more than the one without that waits for a person.
    if twin is not None and (rule.waits or not twin.waits):
        return Decision("duplicate", case, _duplicate(case))
    plan = rule.plan(case)
    spent = _spent(case) if rule.waits or case.proof is not None else ()
    return Decision(rule.name, case, replace(plan, spent=spent) if spent else plan)


def _spent(case: Case) -> tuple[int, ...]:
    """The marks that prove nothing from now on: somebody outside has them, as this mail shows. Of a proved agent's mail
    with outsiders in To or Cc all of its own; of somebody else's the agent's that it bears."""
    context, policy = case.context, case.policy
    if case.match.foreign is not None and case.proof is None:
        return (case.match.foreign.outbox_id,)
    if case.agent is None or case.proof is None or not outsiders((*case.mail.to, *case.mail.cc), policy):
        return ()
    ours = (*context.signed, *context.attached, *context.quoted)
    keys = case.agent.keys
    prove = (s.outbox_id for s in ours if s.audience == "agent" or {address_key(r) for r in s.recipients} <= keys)
    return tuple(dict.fromkeys(prove))


def examine(mail: ParsedMail, raw: RawMail, context: Context, policy: Policy, now: datetime, *, row: int = 0) -> Case:
    agent = policy.agent_of(mail.from_.address) if mail.from_ else None
    sort = classify(mail, raw.envelope_from, policy)
    proved = proof(mail, raw, agent, sort, context, policy)
    noted = internal(context.signed) if proved else ()
    to_notes = proved is not None and _names_notes(mail, raw, policy)
    mail, context = readable(mail, context, proved, policy)
    belongs = match(mail.from_, agent, proved, context, policy, noted)
    sender = (who_asks(mail, policy) if belongs.ticket is None else mail.from_) or _nobody(mail)
    theirs = sender == mail.from_ and sender_proved(mail, raw, policy)  # not whom a form names
    department, *others = departments_of(raw.envelope_to, policy)
    return Case(
        mail=mail,
        envelope_from=raw.envelope_from,
        envelope_to=raw.envelope_to,
        received_at=raw.received_at,
        context=context,
        policy=policy,
        now=now,
        sort=sort if theirs or agent or belongs.rule == "signed" else _unless_held(sort, context),
        match=belongs,
        department=department,
        sender=sender,
        agent=agent,
        proof=proved,
        noted=noted,
        to_notes=to_notes,
        row=row,
        spam=marked_spam(mail, raw, policy),
        also=tuple(d.name for d in others),
        quiet=raw.quiet,
        released=raw.released,
        concerns=raw.concerns if raw.released else "",
        whose=raw.whose if raw.released else "",
        refused=refused_by_relay(mail, raw, policy) if agent else "",
        original=original(mail, raw.raw) if not raw.note and (agent is None or belongs.ticket is None) else None,
        note=raw.note,
        sender_proved=theirs,
    )


def _names_notes(mail: ParsedMail, raw: RawMail, policy: Policy) -> bool:
    """Does it go to what looks like a note address of ours? That only holds words back, so it counts unsigned, too."""
    addresses = (*raw.envelope_to, *(a.address for a in (*mail.to, *mail.cc)))
    return any(is_like_note_address(address, policy) for address in addresses)


def _nobody(mail: ParsedMail) -> Address:
    """Who has no address, under the name that they give."""
    return Address("", mail.from_said.name) if mail.from_said and mail.from_said.name else NOBODY


def _unless_held(sort: Sort, context: Context) -> Sort:
    """Whom the desk took for a machine is one, unless it is shown to be theirs: others can use their address."""
    return held(sort) if context.sender is not None and context.sender.held and sort.kind == "person" else sort
