"""What the desk would do with a mail: read, looked at with what the desk knows, decided, and nothing of it done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .checking import dkim_of
from .core.decide import decided, examine
from .core.explanation import facts, unread
from .core.known import AgentLoad, Context
from .core.parse import addressed
from .core.policy import Policy
from .core.types import RawMail
from .dns import Resolver
from .reading import Reader, ReadError
from .store.context import load, question
from .store.db import Db

CAUSE = "explain"


class Explainer:
    """`db` is None where there is none yet: then no ticket and nobody is known."""

    def __init__(self, policy: Policy, reader: Reader, resolver: Resolver, db: Db | None = None) -> None:
        self._policy = policy
        self._reader = reader
        self._resolver = resolver
        self._db = db

    def explain(self, raw: RawMail, now: datetime) -> dict[str, Any]:
        """The facts of one mail. One that cannot be read is explained, too; TemporaryError where no mail can be."""
        try:
            mail = addressed(self._reader.read(raw.raw), raw)
        except ReadError as error:
            return unread(str(error), len(raw.raw), "quarantined")
        dkim = dkim_of(mail, raw, self._policy, self._resolver, self._reader)
        context = self._nothing_known()
        if self._db is not None:
            context = load(self._db, question(0, CAUSE, mail, raw, self._policy, dkim), self._policy, now)
        return facts(decided(examine(mail, raw, context, self._policy, now)))

    def _nothing_known(self) -> Context:
        loads = tuple(AgentLoad(agent.address, 0, None) for agent in self._policy.agents)
        return Context(number=1, cause=CAUSE, loads=loads)
