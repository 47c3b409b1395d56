"""Which tickets a mail orders about by their numbers: they are looked up before the rules see it."""

from __future__ import annotations

import re

from .asked import letters, subject_lines
from .bulk_lines import AT_MOST, SINGLE, apart, understood
from .commands import COMMANDS, split
from .crossing import agent_answer
from .policy import Policy
from .types import ParsedMail

_NAMES = "|".join(name for name, known in COMMANDS.items() if known.scope == "ticket" and name not in SINGLE)
_SPELLED = re.compile(rf"#(?:{_NAMES})")


def named_by(mail: ParsedMail, policy: Policy) -> tuple[int, ...]:
    """None of a mail that names more than one may: it comes back."""
    if not _SPELLED.search(letters(mail)):  # most mails: the rest takes longer
        return ()
    lines, _ = apart((*subject_lines(mail), *split(agent_answer(mail))[0]))
    found, _ = understood(lines, policy)
    numbers = dict.fromkeys(number for one in found for number in (*one.numbers, *one.order.ids))
    return tuple(numbers) if len(numbers) <= AT_MOST else ()
