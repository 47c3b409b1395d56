"""What must not be in any word that a customer reads."""

from __future__ import annotations

import re

from .identity import scrub
from .policy import Department, Policy

# Marks that nobody sees: copied with an address out of a page, they would hide it from us and not from its reader.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_WORD = re.compile(r"\S+")


def crossing(text: str, policy: Policy, department: Department) -> str:
    """An agent's words as a customer may read them."""
    seen = _WORD.sub(lambda word: word[0].translate(_UNSEEN) if "@" in word[0] else word[0], text)
    return _without_agents(scrub(seen, policy), policy, department)


def _without_agents(text: str, policy: Policy, department: Department) -> str:
    keys = sorted((key for agent in policy.agents for key in agent.keys), key=len, reverse=True)
    known = "|".join(re.escape(key).replace("@", "(?:@|%(?:25)*40)") for key in keys)  # as links have it, too
    alone = rf"(?<![\w.+-])(?:{known})(?![\w-]|\.\w)"
    return re.sub(alone, lambda _found: department.addresses[0], text, flags=re.IGNORECASE)
