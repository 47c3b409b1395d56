"""What a delivery report changes: an event, a mark, a notice, for the mail of ours alone that its signed id names.

Whoever has got a mail of ours can forge a report about it: that touches the recipients of that one mail, nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from .case import Case
from .failures import Failure, letters_about, marks_for, unsure_letters
from .identity import refs_in_ids
from .keys import address_key
from .known import SentMail
from .plan import CameBack, Mark, NewEvent, Plan
from .report_words import says_delayed
from .retry import RecipientState
from .statuses import MAX_WORDS
from .types import BouncedRecipient

UNSURE_EVERY = timedelta(days=1)
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says of one recipient of ours. `address` is spelled as we wrote to it; `exact` says that the
    report names it, or gives a status."""

    address: str
    status: str
    action: str
    words: str
    exact: bool


def plan_for_bounce(case: Case) -> Plan:
    """What a report does; a machine's answer that reports nothing is recorded, too."""
    sent = _named(case)
    if sent is None:
        return _unsure(case) if case.context.handed else _recorded(case, "a bounce that names no mail of ours", None)
    said = _said(case, sent)
    if not said:
        reason = f"a report on outbox message {sent.outbox_id} that names none of its recipients"
        return _recorded(case, reason, sent, _event(sent, "reported", ""))
    known = {address_key(a) for a in sent.failed}
    new = [one for one in said if one.action == "failed" and address_key(one.address) not in known]
    told = [one for one in said if one.action not in _ARRIVED]
    events = [_event(sent, "bounced" if one.action == "failed" else "delayed", one.status) for one in told]
    plan = _recorded(case, _reason(sent, said), sent, *events)
    return _failed(case, plan, sent, new) if new else plan


def _unsure(case: Case) -> Plan:
    """It may be about the last mail to somebody, or forged: the ticket's agent hears of it, once a day for an
    address, and nothing else changes."""
    handed = case.context.handed
    if handed is None:
        raise AssertionError("this is for a bounce that may be about a mail of ours")
    sent, who = handed.sent, handed.person
    plan = _recorded(
        case, f"a bounce that may be about outbox message {sent.outbox_id}, and names no mail of ours", None
    )
    if who.unsure_at is not None and case.now - who.unsure_at < UNSURE_EVERY:
        return plan
    letters = unsure_letters(case.policy, case.context.tickets.get(sent.ticket or 0), handed, case.now)
    marks = (Mark("unsure", who.address, handed.status or "yes"),) if letters else ()
    return replace(plan, letters=letters, marks=marks, events=(_event(sent, "bounce unsure", handed.status),))


def _named(case: Case) -> SentMail | None:
    """The one mail that came back: by the address that it was sent from, else by the nearest id of ours that the
    report returns, else by one that the report answers. An address to reply to is no sign: anybody in copy has it."""
    # Somebody outside has seen what is spent, and no mail that an agent has answered comes back.
    signed = [s for s in case.context.signed if s.purpose == "bounce" or not (s.spent and s.audience == "agent")]
    by_id = {s.ref: s for s in signed if s.purpose == "message"}
    returned = refs_in_ids(case.mail.bounce.returned, case.policy) if case.mail.bounce else ()
    found = (
        *(s for s in signed if s.purpose == "bounce"),
        *(by_id[ref] for _, ref in returned if ref in by_id),
        *by_id.values(),
    )
    return next(iter(found), None)


def _said(case: Case, sent: SentMail) -> list[Said]:
    """What it says of those whom the mail was sent to, each once."""
    ours = {address_key(a): a for a in sent.recipients}
    report = case.mail.bounce.recipients if case.mail.bounce else ()
    named = {key: one for one in reversed(report) if (key := address_key(one.address)) in ours}
    if named:
        return [_as_said(ours[key], one, exact=True) for key, one in reversed(named.items())]
    if len(ours) != 1 or case.sort.kind != "bounce":
        return []
    # A forwarder reports the address that it knows, and a report in foreign words none at all.
    (address,) = ours.values()
    if report:
        return [_as_said(address, report[0], exact=bool(report[0].status))]
    words = " ".join(case.mail.full_text.split())[:MAX_WORDS]
    action = "delayed" if says_delayed(case.mail.subject, case.mail.full_text) else "failed"
    return [Said(address, "", action, words, exact=False)]


def _as_said(address: str, one: BouncedRecipient, *, exact: bool) -> Said:
    return Said(address, one.status, one.action, one.words, exact)


def _failed(case: Case, plan: Plan, sent: SentMail, new: Iterable[Said]) -> Plan:
    """Somebody will never get it: the outbox says so, and a person hears of it in the server's own words."""
    policy = case.policy
    states = tuple(RecipientState(s.address, "failed", s.words or s.status or "no reason was given") for s in new)
    failure = Failure(
        outbox_id=sent.outbox_id,
        kind=sent.kind,
        audience=sent.audience,
        template=sent.template,
        subject=sent.subject,
        failed=states,
        written_at=sent.sent_at or case.now,
        returned=True,
        marks=tuple(mark for one in new for mark in _marks(case, sent, one)),
    )
    ticket = case.context.tickets.get(sent.ticket or 0)
    letters = letters_about(policy, ticket, failure, case.now)
    back = tuple(CameBack(sent.outbox_id, r.address, r.last_reply or "") for r in states)
    reason = plan.reason if letters else f"{plan.reason}; nobody else is told"
    return replace(plan, reason=reason, letters=letters, marks=failure.marks, came_back=back)


def _marks(case: Case, sent: SentMail, one: Said) -> Iterable[Mark]:
    """Words that name no address and no status may be anything: no reason to be silent from now on."""
    return marks_for(case.policy, sent.audience, one.address, one.status or "5.0.0") if one.exact else ()


def _recorded(case: Case, reason: str, sent: SentMail | None, *events: NewEvent) -> Plan:
    return Plan(state="done", reason=reason, kind=case.sort.kind, ticket=sent.ticket if sent else None, events=events)


def _event(sent: SentMail, kind: str, status: str) -> NewEvent:
    return NewEvent(kind, "desk", sent.ticket, {"outbox": sent.outbox_id, "status": status})


def _reason(sent: SentMail, said: Iterable[Said]) -> str:
    whats = ", ".join(dict.fromkeys(f"{one.action} {one.status}".strip() for one in said))
    return f"a report on outbox message {sent.outbox_id}: {whats}"
