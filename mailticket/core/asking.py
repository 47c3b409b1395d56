"""What follows from a proved agent's mail of commands alone to a department's address, about no ticket: what it asks
for, and what it orders about tickets by their numbers (`bulk`).

They stand in the subject of a mail that answers nothing, or in the first lines of any mail that belongs nowhere. Such a
mail never becomes a ticket: with a wrong line in it, or other words, it comes back. Words below a subject that only
asks are no reason: most are what a client puts there, and the answer says that they go no further, as do files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import bulk, bulk_undo, commands, desk_acts, listing, showing
from .asked import subject_lines
from .bulk_lines import apart
from .case import Case
from .command import DESK, Mistake
from .commands import CommandLine
from .commands_desk import too_much
from .commands_show import ASKING, excess
from .crossing import agent_answer
from .plan import Plan
from .quarantine import beside, returned
from .signed_off import is_signature
from .whose import begins_for_another, names_nobody

_SHOWN = 200  # characters of the words that go no further, and of the names of files
_WORDS = Mistake(
    "",
    "a mail to the desk that begins with commands has nothing else in it; the desk sent the words below them to nobody "
    "(a signature that begins with a line of -- is none of these)",
    "",
)


def asks(case: Case) -> bool:
    """Is it about no ticket, with commands in its subject, or above all else?"""
    if case.agent is None or case.proof is None or case.match.barred or case.stays_inside:
        return False
    if begins_for_another(case) or names_nobody(case):
        return False
    signed = case.context.signed
    if subject_lines(case.mail) and all(one.ticket is None for one in signed):  # our lists have links that begin one
        return True
    if case.match.ticket is not None:
        return False
    if any(one.ticket is None for one in signed):  # what else such a reply may say is for `quarantine.orders`
        return bulk.in_reply(case, read(case)[0])
    return bool(read(case)[0])


def answered(case: Case) -> Plan:
    """All that it asks for or orders; or, where one line is wrong, nothing."""
    agent, proof = case.agent, case.proof
    if agent is None or proof is None:
        raise AssertionError("this rule holds only for a proved agent's mail")
    case = replace(case, match=replace(case.match, ticket=None))  # a tag in the subject is what a command is about
    lines, rest = read(case)
    if bulk_undo.asks(case, agent, lines):
        return bulk_undo.undone(case, agent, alone=len(lines) == 1 and not rest.strip())
    about_tickets, others = apart(lines)
    orders, mistakes = commands.understand(others, case.policy, DESK, *(("list",) if about_tickets else ()))
    taking = next((order for order in orders if order.name == "next"), None)
    plan, wrong = bulk.ordered(case, agent, proof, about_tickets, taking)
    plan, refused = beside(case, plan, [order for order in orders if commands.COMMANDS[order.name].scope == "list"])
    mistakes += (*wrong, *refused, *bulk.beside(orders, about_tickets), *commands.unproved(orders, proof, case.policy))
    mistakes += (*excess(orders), *too_much(orders, agent, case.policy, case.now))
    if rest.strip() and not _only_asks(case, lines):
        mistakes += (_WORDS,)
    unheard = _unheard(case, rest)
    plan, unfit = (plan, ()) if mistakes or about_tickets else desk_acts.acted(case, agent, orders, unheard)
    if mistakes or unfit:
        return returned(case, mistakes or unfit)
    return showing.answered(case, plan, orders, unheard)


def _only_asks(case: Case, lines: Sequence[CommandLine]) -> bool:
    """Is its subject a command, and each one of it such that nobody but the agent is told anything?"""
    return bool(subject_lines(case.mail)) and all(line.word in (*ASKING, "next") for line in lines)


def _unheard(case: Case, rest: str) -> str:
    """What of the mail the desk sends to nobody: its words and files; a logo alone is none."""
    files = ", ".join(file.filename for file in case.mail.attachments if not file.inline)
    attached = f"attached: {listing.cut(files, _SHOWN)}" if files else ""
    return "; ".join(filter(None, (listing.cut(rest, _SHOWN), attached)))


def read(case: Case) -> tuple[tuple[CommandLine, ...], str]:
    """Its command lines, from the subject and from the top, and the words below them but for a signature."""
    above, rest = commands.split(agent_answer(case.mail))
    if case.agent is not None and is_signature(rest, case.mail, case.agent, case.policy):
        rest = ""
    return (*subject_lines(case.mail), *above), rest
