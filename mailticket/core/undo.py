"""#undo: what a mail of the agent's did is taken back, but for what has left and what somebody changed since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from . import agent_letters as letters
from . import undo_words as words
from .acts import Act, Changed, receipt_of
from .case import Case
from .command import Acting
from .commands_merge import OWED
from .effects import happened
from .estimate import due_dates
from .handover import moved, offered_to, owner_of
from .keys import address_key
from .known import Person, TicketView
from .lifecycle import is_open, next_status
from .plan import Letter, Move, NewEvent, Plan, TicketChange
from .policy import Agent
from .receipts import NOWHERE, receipt
from .types import Address
from .undo_split import Back, rejoined
from .watching import watchers_of

# A column whose value follows from others: what becomes of those becomes of it.
_FOLLOWS = {
    "resolved_at": ("status",),
    "wakes_at": ("status",),
    "first_response_due": ("priority", "department"),
    "resolution_due": ("priority", "department"),
}
NOTHING = "#undo: nothing was taken back"
_ANSWERED = "first_response_at"
_DUES = ("first_response_due", "resolution_due")
_VIEWED = frozenset({"subject", "status", "priority", "department", "labels", "resolved_at", "wakes_at", _ANSWERED})


@dataclass(frozen=True, slots=True)
class Undone:
    """What is taken back of one ticket, and what `stays`, a line each; `ticket` is what it is then."""

    ticket: TicketView
    change: TicketChange
    events: tuple[NewEvent, ...] = ()
    letters: tuple[Letter, ...] = ()
    lines: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return self.change != TicketChange(self.ticket.id)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an #undo does of one act: `plan` is without a receipt, which says the `lines` and what `stays`; `ticket` is
    what the act's is then."""

    ticket: TicketView
    plan: Plan | None = None
    lines: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()


def undone(case: Case, agent: Agent, ticket: TicketView) -> Plan:
    """Of the act that the mail means."""
    act = next(iter(case.context.acts), None)
    if act is None or (act.into or act.ticket) != ticket.id:
        named = receipt_of(agent, case.context.signed) is not None
        found = Taken(ticket, stays=(words.nothing(case, ticket, named=named),))
    else:
        found = taken_back(case, agent, ticket, act)
    plan = found.plan or Plan(state="done", reason=NOTHING, kind="person", ticket=ticket.id)
    told = receipt(case, agent, found.ticket, NOWHERE, found.lines, found.stays, undone=True)
    return replace(plan, letters=(*plan.letters, *told))


def taken_back(case: Case, agent: Agent, ticket: TicketView, act: Act) -> Taken:
    """Of one act, whose ticket that is."""
    if refused := words.refused(case, act, ticket):
        return Taken(ticket, stays=(refused,))
    kept = tuple(mail for mail in act.mails if mail.waits)
    stands = words.stands(case, act)
    if stands and not (kept or act.notes):
        return Taken(ticket, stays=(stands,))
    part = rejoined(case, agent, act) if act.is_split and not stands else _parts(case, agent, ticket, act, stands)
    lines = [*(words.kept(mail) for mail in kept), *(words.withdrawn(ticket, case.policy) for _ in act.notes)]
    part = _owed(case, agent, ticket, act, part)
    lines += part.lines
    stays = [words.left(case, mail, ticket) for mail in act.mails if not mail.waits]
    stays += [words.REACHED] if act.reached else []
    stays += [*part.stays, stands] if stands else part.stays
    withdrawn = (*act.notes, *(mail.message for mail in kept if mail.message is not None))
    if not (withdrawn or kept or part.changes):
        return Taken(ticket, stays=tuple(stays) or (words.nothing(case, ticket, named=True),))
    event = case.event("undone", ticket.id, inbox=act.row, **({"but": len(stays)} if stays else {}))
    plan = Plan(
        state="done",
        kind="person",
        ticket=part.ticket.id,
        changes=part.changes or (TicketChange(ticket.id),),
        moves=part.moves,
        events=(*part.events, event),
        letters=(*part.letters, *_colleagues(case, agent, act, part, lines)),
        undoes=(act.id,),
        undone=tuple(mail.outbox for mail in kept),
        withdrawn=withdrawn,
    )
    return Taken(part.ticket, plan, tuple(lines), tuple(stays))


def _parts(case: Case, agent: Agent, ticket: TicketView, act: Act, stands: str) -> Back:
    """Ticket by ticket; `stands` says why a split or a merge stays as it is."""
    stay = [one for one in act.changed if one.into is not None and (stands or "merged_into" not in one.after)]
    parts = [_one(Acting(case, agent, one.ticket), act, _goes_on(act, one)) for one in act.changed if one not in stay]
    merged = () if stands else act.merged
    moves = () if stands else act.moves
    return Back(
        ticket=next((part.ticket for part in parts if part.ticket.id == ticket.id), ticket),
        changes=tuple(part.change for part in parts if part.changes),
        moves=tuple(
            Move(one.target, one.source, ids)
            for one in moves
            if (ids := (*one.messages, *act.came.get(one.source, ())))
        ),
        events=(
            *(event for part in parts for event in part.events),
            *(case.event("parted", one.ticket.id, ticket=ticket.id) for one in merged),
        ),
        letters=tuple(letter for part in parts for letter in part.letters),
        lines=(
            *(words.parted(case, one.ticket.id, len(act.came.get(one.ticket.id, ()))) for one in merged),
            *(line for part in parts for line in part.lines),
        ),
        stays=(
            *(line for part in parts for line in part.stays),
            *(line for one in stay if not stands and (line := words.elsewhere(case, one, act))),
        ),
    )


def _goes_on(act: Act, changed: Changed) -> Changed:
    """A merged ticket whose customer has written since is as their mail would have made it."""
    before = changed.before.get("status")
    if not act.came.get(changed.ticket.id) or "merged_into" not in changed.after or not isinstance(before, str):
        return changed
    return replace(changed, before={**changed.before, "status": next_status(before, "customer_mail") or before})


def _owed(case: Case, agent: Agent, ticket: TicketView, act: Act, back: Back) -> Back:
    """An answer that never leaves is owed in the ticket that its own has become a part of."""
    before = next((one.before.get("status") for one in act.changed if one.ticket.id == act.ticket), None)
    if act.into is None or act.answered_since or before not in OWED or not any(mail.waits for mail in act.mails):
        return back
    again = happened(Acting(case, agent, ticket), "customer_mail" if is_open(ticket.status) else "reopen")
    if not again.set:
        return back
    return replace(
        back,
        ticket=again.ticket,
        changes=(*back.changes, TicketChange(ticket.id, set=again.set)),
        events=(*back.events, *again.events),
        lines=(*back.lines, words.goes_on(case, again.ticket)),
        owes=owner_of(ticket, case.policy),
    )


def _one(acting: Acting, act: Act, changed: Changed) -> Undone:
    """One ticket's part: its columns, then who takes part in it, then whose it is."""
    back, stays = _columns(act, changed)
    ticket = _viewed(changed.ticket, back)
    if {"priority", "department"} & set(back) and not set(_DUES) <= set(back):
        department = acting.case.policy.department(ticket.department)
        back |= dict(zip(_DUES, due_dates(department, ticket.priority, ticket.created_at), strict=True))
    case, agent = acting.case, acting.agent
    part = Undone(
        ticket=ticket,
        change=TicketChange(ticket.id, set={name: value for name, value in back.items() if name != "agent"}),
        events=_events(case, changed, back),
        lines=words.columns(case, ticket, back),
        stays=tuple(line for name in stays if (line := words.stays(name, changed, case.policy, agent))),
    )
    part = _watchers(case, changed, _participants(case, changed, part))
    return _owner(replace(acting, ticket=part.ticket), changed, part) if "agent" in back else part


def _columns(act: Act, changed: Changed) -> tuple[dict[str, object], list[str]]:
    """What goes back, column → value, and the columns that somebody has changed since."""
    other = {name for name, after in changed.after.items() if changed.now[name] != after}
    other |= {name for name in changed.after if other & set(_FOLLOWS.get(name, ()))}
    back = {name: value for name, value in changed.before.items() if name not in other}
    if _ANSWERED in back:
        stands = act.reached or any(not mail.waits for mail in act.mails)
        back[_ANSWERED] = act.answered_since
        back = {name: value for name, value in back.items() if not (stands and name == _ANSWERED)}
    return back, sorted(other)


def _viewed(ticket: TicketView, back: dict[str, object]) -> TicketView:
    customer = back.get("customer")
    if isinstance(customer, Address):
        ticket = replace(ticket, customer=Person(0, customer.address, customer.name))
    columns: dict[str, object] = {name: value for name, value in back.items() if name in _VIEWED}
    return replace(ticket, **columns)  # type: ignore[arg-type]  # as the store has read them


def _events(case: Case, changed: Changed, back: dict[str, object]) -> tuple[NewEvent, ...]:
    """As for the change itself: whoever reads the audit trail need not know of #undo."""
    number = changed.ticket.id
    told = {"status", "priority", "department"} & set(back)  # not times that no change of the act's had touched
    pairs = {name: {"before": changed.now[name], "after": back[name]} for name in told}
    events = [case.event("status", number, **pairs["status"])] if "status" in back else []
    events += [case.event("priority", number, **pairs["priority"])] if "priority" in back else []
    events += [case.event("department", number, **pairs["department"])] if "department" in back else []
    events += [case.event("customer", number, person=back["customer"])] if "customer" in back else []
    return tuple(events)


def _participants(case: Case, changed: Changed, part: Undone) -> Undone:
    number, here = part.ticket.id, {one.key for one in part.ticket.participants}
    asks = address_key(part.ticket.customer.address)
    out = tuple(one for one in changed.joined if one.key in here and one.key != asks)
    again = [(one, place) for one, place in changed.left if one.key not in here]
    customer = part.change.set.get("customer")  # whom somebody may have taken out since, who was not the customer then
    if isinstance(customer, Address) and customer.key not in {*here, *(one.key for one, _ in again)}:
        again.insert(0, (customer, 0))
    gone = {one.key for one in out}
    events = [case.event("participant removed", number, person=one) for one in out]
    events += [case.event("participant added", number, person=one) for one, _ in again]
    stay = (one for one in part.ticket.participants if one.key not in gone)
    asking = tuple(one for one in changed.joined if one.key == asks)
    return replace(
        part,
        ticket=replace(part.ticket, participants=(*stay, *(one for one, _ in again))),
        change=replace(part.change, remove_participants=out, restore=tuple(again)),
        events=(*part.events, *events),
        lines=(*part.lines, *words.participants(case, number, out, [one for one, _ in again])),
        stays=(*part.stays, *(words.asks(case, number, one) for one in asking)),
    )


def _watchers(case: Case, changed: Changed, part: Undone) -> Undone:
    number, here = part.ticket.id, {address_key(one) for one in part.ticket.watchers}
    out = tuple(one for one in changed.watch if one.key in here)
    wanted = replace(part.ticket, watchers=tuple(one.address for one in changed.unwatched if one.key not in here))
    may = {key for one in watchers_of(wanted, case.policy) for key in one.keys}
    again = tuple(one for one in changed.unwatched if one.key not in here and one.key in may)
    gone = {one.key for one in out}
    watchers = (*(one for one in part.ticket.watchers if address_key(one) not in gone), *(one.address for one in again))
    own = case.agent.keys if case.agent else frozenset()
    events = [case.event("not watching", number, agent=one, **_own(one, own)) for one in out]
    events += [case.event("watching", number, agent=one, **_own(one, own)) for one in again]
    return replace(
        part,
        ticket=replace(part.ticket, watchers=watchers),
        change=replace(part.change, remove_watchers=out, add_watchers=again),
        events=(*part.events, *events),
        lines=(*part.lines, *words.watchers(case, number, out, again)),
    )


def _own(who: Address, own: frozenset[str]) -> dict[str, bool]:
    return {"own": True} if who.key in own else {}


def _owner(acting: Acting, changed: Changed, part: Undone) -> Undone:
    """Whose it was, it is again. Who had it by the act, and who lost it, are told."""
    case, agent, ticket = acting.case, acting.agent, part.ticket
    policy, before = case.policy, str(changed.before["agent"])
    to = policy.agent_of(before) if before else None
    if before and to is None:
        return replace(part, stays=(*part.stays, words.has_left(case, ticket.id, before)))
    done = moved(acting, to, ordered=True)
    told = list(done.letters)
    if to is None and (offered := offered_to(ticket, policy)):
        told = [
            letters.moved(policy, ticket, one, case.now, owner=None, by=agent) for one in offered if one is not agent
        ]
    return replace(
        part,
        ticket=done.ticket,
        change=replace(part.change, set={**part.change.set, **done.set}),
        events=(*part.events, *done.events),
        letters=(*part.letters, *told),
        lines=(*part.lines, words.owner(case, ticket.id, to)),
    )


def _colleagues(case: Case, agent: Agent, act: Act, back: Back, lines: Iterable[str]) -> list[Letter]:
    """Who heard of the act, or has to answer by it, and is not told already that it is undone."""
    known = {one.key for letter in back.letters for one in letter.to} | agent.keys
    heard = (case.policy.agent_of(key) for key in act.told if key not in known)
    found = dict.fromkeys(one for one in (*heard, back.owes) if one is not None and not one.keys & known)
    return [letters.undone(case.policy, back.ticket, one, lines, case.now, by=agent) for one in found]
