"""The desk at work: a database with the rules, the templates and the clock that its work goes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ..core.compose import compose
from ..core.plan import Plan
from ..core.policy import Policy
from ..core.render import Templates
from ..settings import Imap
from .apply import apply
from .db import Db


def _nowhere(_point: str) -> None:
    """What happens at a checkpoint outside of the crash tests."""


@dataclass(frozen=True)
class Desk:
    """What worker, sender and jobs share. `owner` names this run of the daemon on the rows it has claimed.

    `checkpoint` is called with a name between the steps that a crash may come between.
    """

    db: Db
    policy: Policy
    templates: Templates
    clock: Callable[[], datetime]
    owner: str
    checkpoint: Callable[[str], None] = _nowhere
    mailboxes: tuple[Imap, ...] = ()  # that are read by IMAP

    def carry_out(self, plan: Plan, *, cause: str, now: datetime, inbox_id: int | None = None) -> None:
        """Compose a plan's letters and write it, inside the caller's transaction.

        `cause` names this piece of work for ever: the ids of its mails come from it, so a replay makes the same.
        """
        composed = tuple(
            compose(letter, cause=cause, n=n, policy=self.policy, templates=self.templates, now=now)
            for n, letter in enumerate(plan.letters)
        )
        whole = replace(plan, letters=(), outbox=(*plan.outbox, *composed))
        apply(self.db, whole, now, inbox_id=inbox_id)
