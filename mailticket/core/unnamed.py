"""What follows where a proved agent passes on a mail, and nobody can know whose request it is: the agent is asked."""

from __future__ import annotations

from dataclasses import replace

from . import agent_letters
from .begun import read
from .case import Case
from .holding import LINE, SHOWN, shown, who
from .plan import Letter, Plan
from .policy import Agent
from .quarantine import returned
from .types import Forwarded
from .whose import ASKED, original_of

_REASON = "it passes on a mail, and does not say whose"
_ASKED = "its agent was asked, and #release asks again"


def asked(case: Case) -> Plan:
    """It waits, as what concerns that agent, until they say whose it is; they are asked anew by whoever lets it in
    without that. A wrong command comes back at once."""
    agent, found, given = case.agent, original_of(case.mail, case.policy), case.mail.forwarded
    if agent is None or found is None or given is None:
        raise AssertionError("this rule holds only for a proved agent's mail that passes one on")
    _, _, mistakes = read(case, given.above)
    if mistakes:
        return returned(case, mistakes)
    plan = Plan(state="quarantined", reason=_REASON, kind=case.sort.kind, concerns=agent.address, whose=ASKED)
    if case.quiet and case.whose != ASKED:
        return plan
    return replace(plan, reason=f"{_REASON}: {_ASKED}", asked=True, letters=(_question(case, agent, found),))


def _question(case: Case, agent: Agent, found: Forwarded) -> Letter:
    """Strangers' words in it are shown as text that no client makes a link of."""
    subject = shown(found.subject or case.subject, LINE) or "(no subject)"
    facts = {
        "quoted_subject": subject,
        "written": found.date,
        "writer": who(found.from_) if found.from_ else None,
        "words": shown(found.text, SHOWN),
    }
    title = f"Whose mail is this? {subject}"
    letter = agent_letters.notice(case.policy, agent, "whose", facts, case.now, subject=title)
    return replace(letter, department=case.department.name, about=agent_letters.shows(case), person=agent.address)
