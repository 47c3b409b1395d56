"""What follows from a mail that waits for a person, and from what that person says: release it, discard it, or neither.

A list of quarantined mails is read by `#release` and `#discard` with its numbers; a question is about one mail, and
`yes` and `no` are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import agent_letters, commands, desk_acts, holding, named, notes, receipts, showing
from .case import Case
from .command import COMMANDS, DESK
from .commands import Mistake, Order
from .commands_desk import too_much
from .commands_show import ASKING, excess
from .crossing import agent_answer
from .known import SentMail
from .plan import Mark, NewEvent, Plan
from .policy import Agent
from .shown import words_of
from .types import Address
from .whose import MINE

QUESTIONS_A_DAY = 5  # to one agent; what comes beyond them is in the daily list
_DONE = {"release": "released", "discard": "discarded"}
_FOLLOWS = {"release": "it is released", "discard": "it is discarded, and nothing follows from it"}
_LISTS = ("quarantine", "morning")  # templates of mails that name what waits
_NEITHER = "neither yes nor no: the mail stays in quarantine"
_NOT_READ = Mistake("", "a reply to this mail goes to nobody, and nothing was done", "")
NO_LIST = "your mail answers no list of mails that wait: write what is to be done to tickets in a mail of its own"
_COLLEAGUES = Mistake("", "it answers a mail that was sent to somebody else, and nothing was done", "")


def hold(case: Case, reason: str, agent: Agent | None) -> Plan:
    """It waits. The agent whom it concerns is asked, where a person wrote it and they were not asked too often."""
    plan = Plan(state="quarantined", reason=reason, kind=case.sort.kind, concerns=agent.address if agent else "")
    if agent is None or not case.is_person or case.quiet or case.context.asked >= QUESTIONS_A_DAY:
        return plan
    return replace(plan, asked=True, letters=(holding.question(case, reason, agent),))


def as_note(case: Case) -> Plan:
    """Somebody else answered a mail that was made for an agent, and a person let it in: a note, never an answer."""
    marks = (s for s in case.context.signed if s.audience == "agent" and s.purpose != "bounce")
    sent = case.match.foreign or next(marks, None)
    ticket = case.context.tickets.get(sent.ticket or 0) if sent else None
    if ticket is None:
        return Plan(state="done", reason="it answers a mail of ours that is about no ticket", kind=case.sort.kind)
    told, text = notes.hearers(case.policy, ticket, ticket), words_of(case.mail)
    return Plan(
        state="done",
        kind=case.sort.kind,
        ticket=ticket.id,
        messages=(case.message(ticket.id, "note"),),
        events=(case.event("noted", ticket.id),),
        letters=tuple(notes.letter(case, one, ticket, text, case.sender) for one in told),
    )


def orders(case: Case) -> Plan:
    """A proved agent's reply to a mail of ours that is about no ticket."""
    sent = case.proof.sent if case.proof else None
    if sent is None or case.agent is None:
        return returned(case, (_COLLEAGUES,))
    lines, rest = commands.split(agent_answer(case.mail))
    understood, mistakes = commands.understand(lines, case.policy, "list", DESK)
    mistakes += (*excess(understood), *too_much(understood, case.agent, case.policy, case.now))
    if mistakes:
        return returned(case, mistakes)
    if understood and not rest.strip() and all(COMMANDS[order.name].scope != "list" for order in understood):
        plan, mistakes = desk_acts.acted(case, case.agent, understood)
    else:
        ordered = tuple(order for order in understood if order.name not in ASKING)
        plan = _carries(case, sent, ordered, rest)
    return returned(case, mistakes) if mistakes else showing.answered(case, plan, understood)


def _carries(case: Case, sent: SentMail, understood: Sequence[Order], rest: str) -> Plan:
    """By what the mail is that it answers."""
    if sent.template == "question":
        return _to_question(case, understood, rest)
    if sent.template == "whose":
        return _to_whose(case, understood, rest)
    if sent.template in _LISTS:
        return _to_list(case, understood)
    if sent.template == "notice-held":
        return _to_held(case, sent.person, understood)
    return returned(case, (_NOT_READ,))


def _to_question(case: Case, understood: Sequence[Order], rest: str) -> Plan:
    """`yes`, `no`, or the command that means the same."""
    if understood:
        return _carried_out(case, _all_of(understood))
    if word := holding.decision(rest):
        return _carried_out(case, [Order(word, everything=True)])
    said = f"The first line of your mail is {_NEITHER}. Write yes or no there, and nothing else."
    return _told(case, Plan(state="done", reason=_NEITHER, kind=case.sort.kind), [said], always=True)


def _to_whose(case: Case, understood: Sequence[Order], rest: str) -> Plan:
    """An address, or that there is none; or a command, as to a question."""
    said = named.read(rest, case)
    if said.mistake and not understood:
        return _told(case, Plan(state="done", reason=named.UNSAID, kind=case.sort.kind), [said.mistake], always=True)
    plan = _carried_out(case, _all_of(understood or [Order(said.word)]), whose=said.whose)
    return plan if plan.named in {"", MINE} else replace(plan, letters=())  # the assignment says it


def _all_of(orders: Sequence[Order]) -> list[Order]:
    """What names no mails is about the one that was asked about."""
    return [order if order.ids else replace(order, everything=True) for order in orders]


def _to_list(case: Case, understood: Sequence[Order]) -> Plan:
    if not understood:
        return returned(case, (replace(_NOT_READ, nearest="#release 3 5"),))
    return _carried_out(case, understood)


def _to_held(case: Case, address: str, understood: Sequence[Order]) -> Plan:
    """A manager says of whom the desk took for a machine that it is a person."""
    wrong = [o for o in understood if o.name != "person"]
    if wrong or not understood or not address:
        reason = "a reply to this mail is read for #person alone, and nothing was done"
        return returned(case, [Mistake(f"#{o.name}", reason, "#person") for o in wrong] or (Mistake("", reason, ""),))
    plan = Plan(
        state="done",
        reason="somebody is no machine",
        kind=case.sort.kind,
        marks=(Mark("held", address, ""),),
        events=(case.event("not a machine", None, person=Address(address)),),
    )
    return _told(case, plan, [f"{address} is a person, and is answered again."])


def beside(case: Case, plan: Plan, understood: Sequence[Order]) -> tuple[Plan, tuple[Mistake, ...]]:
    """What is ordered about tickets in a reply to a list, with what its other lines order of what waits there."""
    sent = case.proof.sent if case.proof else None
    if not understood:
        return plan, ()
    if sent is None or sent.template not in _LISTS:
        return plan, tuple(Mistake(_line(order), NO_LIST, "") for order in understood)
    waiting, mistakes = _ordered(case, understood)
    both = replace(
        plan,
        reason=f"{plan.reason}; {waiting.reason}",
        release=waiting.release,
        discard=waiting.discard,
        events=(*plan.events, *waiting.events),
        letters=(*plan.letters, *waiting.letters),
    )
    return both, mistakes


def _carried_out(case: Case, understood: Sequence[Order], *, whose: str = "") -> Plan:
    """All of what is ordered, or, where one line is wrong, nothing."""
    plan, mistakes = _ordered(case, understood, whose=whose)
    return returned(case, mistakes) if mistakes else plan


def _ordered(case: Case, understood: Sequence[Order], *, whose: str = "") -> tuple[Plan, tuple[Mistake, ...]]:
    """`whose` is what is said of whose mail it is that is let in."""
    sent = case.proof.sent if case.proof else None
    about = sent.about if sent else ()
    states = {row.id: row.state for row in case.context.rows}
    mistakes: list[Mistake] = []
    wanted: dict[int, str] = {}
    for order in understood:
        mistakes += _wrong(order, about)
        waiting = [number for number in about if states.get(number) == "quarantined"]
        for number in order.ids or (waiting if len(about) > 1 else about):
            if wanted.setdefault(number, order.name) != order.name:
                mistakes.append(Mistake(_line(order), f"{number} cannot be both released and discarded", ""))
    if mistakes:
        return Plan(), tuple(mistakes)
    acts = {number: name for number, name in wanted.items() if states.get(number) == "quarantined"}
    let_in = tuple(number for number, name in acts.items() if name == "release")
    plan = Plan(
        state="done",
        reason="; ".join(f"{number} {_DONE[name]}" for number, name in acts.items()) or "nothing was left to do",
        kind=case.sort.kind,
        release=let_in,
        named=whose if let_in else "",
        discard=tuple(number for number, name in acts.items() if name == "discard"),
        events=tuple(_event(case, name, number) for number, name in acts.items()),
    )
    asked = {} if whose else _asked(case, let_in)
    follows = {number: _follows(states.get(number, ""), name) for number, name in wanted.items()} | asked
    lines = [f"{number}: {what}" for number, what in follows.items()]
    always = len(acts) < max(1, len(wanted)) or bool(asked)
    return _told(case, plan, lines or ["No mail of that list waits any more."], always=always), ()


def _wrong(order: Order, about: Sequence[int]) -> list[Mistake]:
    line = _line(order)
    if order.name not in _DONE:
        return [Mistake(line, "this is no mail about somebody who was taken for a machine; nothing was done", "")]
    if not order.ids and not order.everything:
        return [
            Mistake(line, "it does not say which mails; nothing was done", f"{line} {about[0] if about else 'all'}")
        ]
    reason = "that mail is not named in the mail that you answered; nothing was done"
    return [Mistake(f"#{order.name} {number}", reason, "") for number in order.ids if number not in about]


def _line(order: Order) -> str:
    return f"#{order.name} {' '.join(map(str, order.ids))}".rstrip()


def _follows(state: str, name: str) -> str:
    return {
        "quarantined": _FOLLOWS[name],
        "queued": "it is in work already",
        "done": "it was done already",
    }.get(state, "it is not there any more")


def _asked(case: Case, let_in: Sequence[int]) -> dict[int, str]:
    """What follows for those of them of which their agent has not said whose they are."""
    asks = {row.id: case.policy.agent_of(row.asks) for row in case.context.rows if row.asks and row.id in let_in}
    return {
        number: f"{'you are' if agent is case.agent else f'{agent.name} is'} asked whose it is"
        for number, agent in asks.items()
        if agent is not None
    }


def _event(case: Case, name: str, number: int) -> NewEvent:
    return case.event(_DONE[name], None, inbox=number)


def _told(case: Case, plan: Plan, lines: Sequence[str], *, always: bool = False) -> Plan:
    """With a receipt, where the agent wants one, or something else came about than was ordered."""
    agent = case.agent
    if agent is None or not (always or agent.receipts == "all"):
        return plan
    return replace(plan, letters=(receipts.of_list(case, agent, lines),))


def returned(case: Case, mistakes: Sequence[Mistake]) -> Plan:
    """The mail did nothing, and comes back whole."""
    plan = Plan(state="done", reason="a mail with a wrong command: nothing was done", kind=case.sort.kind)
    if case.agent is None:
        return plan
    return replace(plan, letters=(agent_letters.returned_commands(case, case.agent, None, mistakes),))
