"""Commands that say whether an agent is there: new tickets go to those who are."""

from __future__ import annotations

import re

from . import until
from .agent_names import one_agent
from .command import DESK, CommandError, Order, command
from .policy import Policy

_UNTIL = re.compile(r"(?:(.*?) )?(?:until|till|til|through) (.+)", re.IGNORECASE)
_MYSELF = frozenset({"", "me", "myself"})


@command("away", scope=DESK, argument="until DATE")
def away(argument: str, policy: Policy) -> Order:
    """You get no new tickets through that day, `friday` or `2026-12-04`, or for `2d`; `#back` ends it. A manager may
    say so of a colleague: `#away NAME until DATE`."""
    found = _UNTIL.fullmatch(argument)
    who, when = (found[1] or "", found[2]) if found else ("", argument)
    if not when:
        raise CommandError(f"#away needs a time: {until.FORMS}", "#away until tomorrow")
    if until.read(when) is None:
        near = until.nearest(when)
        whom = f"{who} " if who else ""
        raise CommandError(
            f"it does not say until when: write {until.FORMS}", f"#away {whom}until {near}" if near else ""
        )
    if who.casefold() in _MYSELF:
        return Order("away", myself=True, text=when)
    try:
        return Order("away", agent=one_agent("away", who, policy), text=when)
    except CommandError as error:
        raise CommandError(error.reason, f"{error.nearest} until {when}" if error.nearest else "") from error


@command("back", scope=DESK, argument="NAME")
def back(argument: str, policy: Policy) -> Order:
    """You are there again, earlier than you said. A manager may say so of a colleague: `#back NAME`."""
    if argument.casefold() in _MYSELF:
        return Order("back", myself=True)
    return Order("back", agent=one_agent("back", argument, policy))
