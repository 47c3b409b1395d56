"""Somebody who is taken for a machine: the managers are told, and one word from them takes it back."""

from __future__ import annotations

from datetime import datetime

from .budgets import HELD_AFTER
from .plan import Letter, Mark
from .policy import Agent, Policy

TEMPLATE = "notice-held"


def held_notice(policy: Policy, manager: Agent, address: str, now: datetime) -> Letter:
    """To a manager: this address gets no automatic answers any more, and `#person` as the reply brings them back."""
    return Letter(
        template=TEMPLATE,
        kind="notice",
        audience="agent",
        department=policy.departments[0].name,  # it is about all of them; one must be the sender
        ticket=None,
        to=(manager.as_address,),
        subject=f"{address} is taken for a machine",
        due_at=now,
        facts={"agent_name": manager.name, "address": address, "hours": HELD_AFTER},
        automatic="auto-generated",
        person=address,
    )


def freed(address: str) -> Mark:
    """A person says that it is one."""
    return Mark("held", address, "")
