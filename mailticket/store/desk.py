"""The desk at work: a database with the rules, the templates and the clock that its work goes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ..core.compose import compose, in_one_thread, keep
from ..core.notices import WITHIN, counted, kept_back
from ..core.plan import Plan
from ..core.policy import Policy
from ..core.render import Templates
from ..settings import Imap
from . import notices
from .apply import apply
from .db import Db


def _nowhere(_point: str) -> None:
    """What happens at a checkpoint outside of the crash tests."""


def _never() -> bool:
    """Whether a desk that nobody stops is to stop."""
    return False


@dataclass(frozen=True)
class Desk:
    """What worker, sender and jobs share. `owner` names this run of the daemon on the rows it has claimed.

    `checkpoint` is called with a name between the steps that a crash may come between. `stopped` says whether nothing
    more is to be begun.
    """

    db: Db
    policy: Policy
    templates: Templates
    clock: Callable[[], datetime]
    owner: str
    checkpoint: Callable[[str], None] = _nowhere
    mailboxes: tuple[Imap, ...] = ()  # that are read by IMAP
    stopped: Callable[[], bool] = _never

    def carry_out(self, plan: Plan, *, cause: str, now: datetime, inbox_id: int | None = None) -> None:
        """Compose a plan's letters and write it, inside the caller's transaction: every mail of the desk's goes this
        way, so it is here that notices are kept back which an agent has had too many of.

        `cause` names this piece of work for ever: the ids of its mails come from it, so a replay makes the same.
        """
        agents = {agent for letter in plan.letters if (agent := counted(letter))}
        back = kept_back(plan.letters, {agent: notices.had(self.db, agent, now - WITHIN) for agent in agents})
        made = partial(compose, cause=cause, policy=self.policy, templates=self.templates, now=now)
        kept = partial(keep, cause=cause, policy=self.policy, templates=self.templates, now=now)
        numbered = tuple(enumerate(plan.letters))
        at_once = in_one_thread((one for one in numbered if one[0] not in back), cause=cause, policy=self.policy)
        whole = replace(
            plan,
            letters=(),
            outbox=(*plan.outbox, *(made(letter, n=n) for n, letter in at_once)),
            kept=(*plan.kept, *(kept(letter, n=n) for n, letter in numbered if n in back)),
        )
        apply(self.db, whole, now, inbox_id=inbox_id)
