"""What must not be in any word that a customer reads."""

from __future__ import annotations

import re

from .identity import scrub
from .policy import Department, Policy


def crossing(text: str, policy: Policy, department: Department) -> str:
    """An agent's words as a customer may read them."""
    return _without_agents(scrub(text, policy), policy, department)


def _without_agents(text: str, policy: Policy, department: Department) -> str:
    known = "|".join(sorted((re.escape(key) for agent in policy.agents for key in agent.keys), key=len, reverse=True))
    alone = rf"(?<![\w.+-])(?:{known})(?![\w-]|\.\w)"
    return re.sub(alone, lambda _found: department.addresses[0], text, flags=re.IGNORECASE)
