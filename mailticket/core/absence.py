"""Who is away, and who is back: what #away and #back do. Whoever is away gets no new tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from . import absence_letters as letters
from . import until as dates
from .absence_letters import News
from .asked import Listed
from .case import Case
from .command import Mistake, Order
from .keys import address_key
from .known import Absence
from .plan import Letter, Plan
from .policy import Agent

ABSENCE = ("away", "back")
NOTHING_OPEN = Listed((), 0)


def acted(case: Case, agent: Agent, orders: Sequence[Order]) -> tuple[Plan, tuple[Mistake, ...]]:
    """What those of one mail's orders do that are about this, all of them; or why they cannot be."""
    plan, said = Plan(state="done", kind=case.sort.kind), set[str]()
    mistakes: list[Mistake] = []
    for order in (one for one in orders if one.name in ABSENCE):
        whom = agent if order.myself or order.agent is None else order.agent
        until = _until(case, whom, order)
        if reason := _unfit(case, agent, whom, until, said):
            mistakes.append(Mistake(order.line, reason, ""))
            continue
        said.add(whom.address)
        behind = (*case.mail.references, case.mail.message_id) if case.mail.message_id else case.mail.references
        news = News(whom, agent, case.now, tuple(dict.fromkeys(behind)))
        plan = goes(case, plan, news, until) if until else _back(case, plan, news)
    return plan, tuple(mistakes)


def away_after(case: Case, plan: Plan) -> dict[str, datetime]:
    """Who is away when the plan is done, and until when, by the agent's (main) address."""
    away: dict[str, datetime | None] = {**case.context.away}
    for one in plan.absences:
        if agent := case.policy.agent_of(one.agent):
            away[agent.address] = one.until
    return {address: until for address, until in away.items() if until}


def going(orders: Sequence[Order], agent: Agent) -> tuple[Agent, ...]:
    """Who goes away by these orders of that agent's."""
    return tuple(dict.fromkeys(order.agent or agent for order in orders if order.name == "away"))


def _until(case: Case, whom: Agent, order: Order) -> datetime | None:
    when = dates.read(order.text) if order.name == "away" else None
    return dates.end(when, case.now, case.policy.home_of(whom)) if when else None


def _unfit(case: Case, agent: Agent, whom: Agent, until: datetime | None, said: set[str]) -> str:
    """Why it cannot be so, "" where it can."""
    if whom is not agent and agent not in case.policy.managers:
        return "that is for them to say, or for a manager"
    if whom.address in said:
        return "a line above says of the same agent whether they are there, and only one of them can be so"
    if until is not None and until <= case.now:
        return "that is past"
    if until is not None and until - case.now > dates.AT_MOST:
        return "it is more than a year ahead"
    return ""


def goes(case: Case, plan: Plan, news: News, until: datetime) -> Plan:
    left = case.context.leaves.get(news.whom.address, NOTHING_OPEN)
    written = letters.away(case.policy, news, until, left)
    return _with(plan, _said(news, until), told=written, reason="an agent is away from now on")


def _back(case: Case, plan: Plan, news: News) -> Plan:
    written = letters.back(case.policy, news, case.context.away.get(news.whom.address))
    return _with(plan, _said(news, None), told=written, reason="an agent is back")


def _said(news: News, until: datetime | None) -> Absence:
    key = address_key(news.whom.address)
    by = address_key(news.by.address) if news.by else key
    return Absence(key, until, by, news.now, machine=news.by is None)


def _with(plan: Plan, absence: Absence, *, told: tuple[Letter, ...], reason: str) -> Plan:
    return replace(plan, absences=(*plan.absences, absence), letters=(*plan.letters, *told), reason=reason)
