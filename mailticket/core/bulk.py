"""What follows from bulk lines: to each of their tickets what one mail about it would do, all of it or nothing.

One mail, one plan: each ticket has one change in it, and an act of its own, by which it can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from . import agent_acts, commands, receipts, watching
from .bulk_lines import AT_MOST, BulkLine, apart, understood, with_numbers
from .case import Case
from .command import COMMANDS, DESK, Acting, CommandLine, Effect, Mistake, Order
from .commands_show import ASKING
from .desk_acts import waiting
from .effects import carried_out
from .keys import address_key
from .known import AgentLoad, TicketView
from .lifecycle import is_open
from .match import serves
from .plan import Plan, TicketChange
from .policy import Agent, Policy
from .proof import Proof
from .receipts import Came
from .subject import tag

MERGE = "merge"
BEFORE = "it would be answered as it was before the lines about tickets are obeyed: send it in a mail of its own"
ALONE = "lines about tickets stand beside none of these: send it in a mail of its own"
NOTHING_NEXT = "no other ticket waits for somebody to take it"
UNTOLD = "its customer is sent nothing of it"
Orders = dict[int, list[Order]]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one ticket, or of the one that it is a part of now: `effects` begin with that as it was."""

    ticket: TicketView
    effects: tuple[Effect, ...]

    @property
    def into(self) -> TicketView:
        return self.effects[0].ticket

    @property
    def merged(self) -> bool:
        return self.into.id != self.ticket.id

    @property
    def columns(self) -> Mapping[str, object]:
        return {name: value for effect in self.effects for name, value in effect.set.items()}

    @property
    def changes(self) -> bool:
        return bool(self.columns) or any(effect.events for effect in self.effects)


def ordered(
    case: Case, agent: Agent, proof: Proof, lines: Sequence[CommandLine], taking: Order | None = None
) -> tuple[Plan, tuple[Mistake, ...]]:
    """What follows from a mail's bulk lines, and what is wrong with them: then nothing follows. `taking` is the #next
    that stands beside them: what it takes is one ticket more, and the last."""
    plan = Plan(state="done", kind=case.sort.kind)
    bulk, mistakes = understood(lines, case.policy)
    mistakes += (*_too_many(bulk), *commands.unproved((one.order for one in bulk), proof, case.policy))
    if not bulk or _too_many(bulk):  # … which nobody has looked up
        return plan, mistakes
    orders, unseen = _by_ticket(case, agent, bulk)
    mistakes += (*unseen, *_contradictions(case, orders))
    if mistakes:
        return plan, mistakes
    if taking:
        case, orders = _with_next(case, orders, taking)
    work = _Work(case, agent)
    for number in sorted(orders, key=lambda one: not _merges(orders[one])):  # what comes in is there for the rest
        work.do(number, orders[number])
    nothing = [NOTHING_NEXT] if taking and waiting(case).ticket is None else []
    return (plan, tuple(work.mistakes)) if work.mistakes else (_plan(case, agent, plan, work.done, nothing), ())


def _with_next(case: Case, orders: Orders, taking: Order) -> tuple[Case, Orders]:
    """With the ticket that #next takes, as if its number stood there; it is none that a line is about."""
    found, context = waiting(case), case.context
    if found.ticket is None:
        return case, orders
    number = found.ticket.id
    tickets, requests = {**context.tickets, number: found.ticket}, {**context.requests, number: found.request}
    return replace(case, context=replace(context, tickets=tickets, requests=requests)), {**orders, number: [taking]}


def in_reply(case: Case, lines: Iterable[CommandLine]) -> bool:
    """Does a reply to a mail of ours that is about no ticket order something of tickets?"""
    to_them = case.proof is not None and case.proof.sent is not None
    return to_them and bool(apart(lines)[0])


def beside(orders: Iterable[Order], lines: Sequence[CommandLine]) -> tuple[Mistake, ...]:
    """What is asked of the desk is looked up before anything is done, and what else it does is told by itself; but
    what #next may take is looked for among the tickets that no line is about."""
    found = (order for order in orders if COMMANDS[order.name].scope == DESK and order.name != "next")
    wrong = list(found) if lines else []
    return tuple(Mistake(order.line, BEFORE if order.name in ASKING else ALONE, "") for order in wrong)


def _too_many(bulk: Sequence[BulkLine]) -> tuple[Mistake, ...]:
    named = {number for one in bulk for number in (*one.numbers, *one.order.ids)}
    what = "tickets" if len(named) > AT_MOST else "lines about tickets" if len(bulk) > AT_MOST else ""
    return (Mistake(bulk[-1].order.line, f"a mail can have {AT_MOST} {what} at most", ""),) if what else ()


def _by_ticket(case: Case, agent: Agent, bulk: Sequence[BulkLine]) -> tuple[Orders, tuple[Mistake, ...]]:
    """The orders about each ticket; of one that was merged they are about what it is part of."""
    orders: Orders = {}
    mistakes: list[Mistake] = []
    for one in bulk:
        meant: dict[int, TicketView] = {}
        hidden: list[str] = []
        for number in one.numbers:
            ticket, name = case.context.tickets.get(number), tag(number, case.policy)
            if ticket is None or not serves(agent, ticket, case.policy):
                hidden.append(name)
            elif address_key(ticket.customer.address) in agent.keys:
                reason = f"{name} is your own request: what you write about it is a customer's words, in a reply"
                mistakes.append(Mistake(one.order.line, reason, ""))
            else:
                meant[ticket.id] = ticket
        if hidden:
            are, them = ("are", "them") if len(hidden) > 1 else ("is", "it")
            reason = f"{', '.join(hidden)} {are} not there, or you may not see {them}"
            mistakes.append(Mistake(one.order.line, reason, ""))
        for number in meant:
            orders.setdefault(number, []).append(one.order)
    return orders, tuple(mistakes)


def _contradictions(case: Case, orders: Orders) -> tuple[Mistake, ...]:
    """Two lines that say of one ticket what cannot both be so. What becomes a part of another has no orders of its own,
    and nothing comes into it."""
    mistakes: list[Mistake] = []
    going = {number for number, theirs in orders.items() if _merges(theirs)}
    for number, theirs in orders.items():
        name = tag(number, case.policy)
        merge = next((order for order in theirs if order.name == MERGE), None)
        if merge is None:
            found = commands.contradictions(theirs, answered=False)
            mistakes += (replace(one, reason=f"{name}: {one.reason}") for one in found)
            continue
        other = next((order for order in theirs if order is not merge), None)
        target = case.context.tickets.get(merge.ids[0])
        if other is not None:
            reason = f"{name} becomes a part of another ticket by {merge.line}: nothing else can become of it"
            mistakes.append(Mistake(other.line, reason, ""))
        elif target is not None and target.id in going - {number}:
            into = tag(merge.ids[0], case.policy)
            reason = f"{into} becomes a part of another ticket by the same mail: name that one for {name}, too"
            mistakes.append(Mistake(merge.line, reason, ""))
    return tuple(mistakes)


def _merges(orders: Iterable[Order]) -> bool:
    return any(order.name == MERGE for order in orders)


@dataclass
class _Work:
    """The tickets and the agents' loads as the orders so far have made them."""

    case: Case
    agent: Agent
    done: list[Done] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def do(self, number: int, orders: Sequence[Order]) -> None:
        ticket = self.case.context.tickets[number]
        acting = Acting(of_ticket(self.case, number), self.agent, ticket)
        effects, unfit = carried_out(acting, orders, answered=False)
        self.mistakes += (_about(number, one, self.case.policy) for one in unfit)
        if unfit:
            return
        done = Done(ticket, (*effects, watching.dropped(replace(acting, ticket=effects[-1].ticket))))
        self.done.append(done)
        self._go_on(done)

    def _go_on(self, done: Done) -> None:
        """What comes next sees what is so by now, and gives tickets to whom a mail after this one would."""
        context, after = self.case.context, done.effects[-1].ticket
        tickets = {number: after if one.id == after.id else one for number, one in context.tickets.items()}
        loads = [self._load(one, context.tickets[after.id], after) for one in context.loads]
        if done.merged:
            loads = [self._load(one, done.ticket, replace(done.ticket, status="closed")) for one in loads]
        self.case = replace(self.case, context=replace(context, tickets=tickets, loads=tuple(loads)))

    def _load(self, load: AgentLoad, before: TicketView, after: TicketView) -> AgentLoad:
        key = address_key(load.address)
        had, has = (address_key(one.agent) == key for one in (before, after))
        more = (has and is_open(after.status)) - (had and is_open(before.status))
        last = self.case.now + timedelta(microseconds=len(self.done)) if has and not had else load.last_assigned_at
        return replace(load, open_tickets=load.open_tickets + more, last_assigned_at=last)


def of_ticket(case: Case, number: int) -> Case:
    """As it would be in a mail about that ticket."""
    request = case.context.requests.get(number, "")
    return replace(case, context=replace(case.context, request=request))


def _about(number: int, mistake: Mistake, policy: Policy) -> Mistake:
    name = tag(number, policy)
    reason = mistake.reason if name in mistake.reason else f"{name}: {mistake.reason}"
    return replace(mistake, reason=reason, nearest=with_numbers(mistake.nearest, (number,)))


def _plan(case: Case, agent: Agent, plan: Plan, work: Sequence[Done], told: Sequence[str]) -> Plan:
    changing = [done for done in work if done.changes]
    letters = tuple(letter for done in work for effect in done.effects for letter in effect.letters)
    letters += receipts.of_tickets(case, agent, [_told(one) for one in work], told)
    if not changing:
        return replace(plan, reason="all of it was so already", letters=letters)
    return replace(
        plan,
        reason=f"orders about {', '.join(tag(done.ticket.id, case.policy) for done in changing)}",
        changes=folded(one for done in changing for one in agent_acts.changes(done.into, done.effects, done.columns)),
        moves=tuple(one for done in changing for effect in done.effects for one in effect.moves),
        events=tuple(one for done in changing for effect in done.effects for one in effect.events),
        letters=letters,
        act=agent.address,
        acts=_acts(changing),
    )


def _acts(work: Iterable[Done]) -> tuple[tuple[int, ...], ...]:
    """Each ticket with those that have become a part of it: they are taken back together."""
    found: dict[int, dict[int, None]] = {}
    for done in work:
        found.setdefault(done.into.id, {done.into.id: None})[done.ticket.id] = None
    return tuple(map(tuple, found.values()))


def _told(done: Done) -> Came:
    """What the receipt says of it."""
    tells = [line for effect in done.effects for line in effect.tells]
    return Came(
        done.ticket,
        lines=tuple(line for effect in done.effects for line in effect.lines),
        unchanged=tuple(line for effect in done.effects for line in effect.idle),
        tells=(*tells, *([UNTOLD] if done.merged else [])),
    )


def folded(changes: Iterable[TicketChange]) -> tuple[TicketChange, ...]:
    """One for each ticket: an act knows what was so before it, and what after it."""
    found: dict[int, TicketChange] = {}
    for one in changes:
        found[one.id] = _both(found[one.id], one) if one.id in found else one
    return tuple(found.values())


def _both(first: TicketChange, then: TicketChange) -> TicketChange:
    out = {one.key for one in then.remove_participants}
    away = {one.key for one in then.remove_watchers}
    return TicketChange(
        first.id,
        set={**first.set, **then.set},
        add_participants=(*(one for one in first.add_participants if one.key not in out), *then.add_participants),
        remove_participants=(*first.remove_participants, *then.remove_participants),
        add_watchers=(*(one for one in first.add_watchers if one.key not in away), *then.add_watchers),
        remove_watchers=(*first.remove_watchers, *then.remove_watchers),
        link=tuple(dict.fromkeys((*first.link, *then.link))),
    )
