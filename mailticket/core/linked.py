"""What follows from a mail that nothing but the address of a link in our mails proves: one ticket or list is shown to
its agent, and that so often within an hour.

A link is passed on with the list that it stands in, so that anybody may write such mails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import asking, commands
from .agent_letters import notice
from .case import Case
from .command import DESK, Mistake
from .commands import CommandLine
from .commands_show import LINKED, opens
from .notices import MOST, TOLD
from .plan import Plan
from .policy import Policy
from .proof import ASKS
from .quarantine import returned

LINK_OPENS = (
    "the address of a link shows one ticket, without its files, or one list, and nothing else: write it in a reply"
    " to the mail that has the link"
)
TOO_OFTEN = f"the address of a link is all that proves it, and {MOST} such mails within an hour were answered"


def is_by_link(case: Case) -> bool:
    """Does nothing but the address of a link prove it?"""
    return case.proof is not None and case.proof.alone == ASKS


def by_link(case: Case) -> Plan:
    """What it asks for; or, where it is any more than that, nothing. Each of these mails to the agent is counted."""
    lines = asking.read(case)[0]
    if case.context.linked.answers >= MOST:
        plan = _too_often(case, lines)
    elif beyond := _beyond(lines, case.policy):
        plan = returned(case, beyond)
    else:
        plan = asking.answered(case)
    return replace(plan, letters=tuple(replace(letter, linked=True) for letter in plan.letters))


def _too_often(case: Case, lines: Sequence[CommandLine]) -> Plan:
    """Not answered, of which the agent is told once an hour."""
    plan = Plan(state="done", reason=TOO_OFTEN, kind=case.sort.kind)
    if case.agent is None or case.context.linked.told:
        return plan
    facts = {"most": MOST, "line": lines[0].line if lines else ""}
    letter = notice(case.policy, case.agent, TOLD, facts, case.now, subject="Too many mails by links")
    return replace(plan, letters=(letter,))


def _beyond(lines: Sequence[CommandLine], policy: Policy) -> tuple[Mistake, ...]:
    """The first line that a link does not open; or the words, where nothing is asked."""
    wrong = [line.line for line in lines if not _opened(line, policy)] or [line.line for line in lines[1:]]
    return tuple(Mistake(line, LINK_OPENS, "") for line in wrong[:1] or ([] if lines else [""]))


def _opened(line: CommandLine, policy: Policy) -> bool:
    """Is it a line of a link's? One that nobody can understand comes back with what is wrong with it."""
    known = commands.COMMANDS.get(line.word)
    if known is not None and known.name not in LINKED:
        return False
    return all(opens(order) for order in commands.understand((line,), policy, DESK)[0])
