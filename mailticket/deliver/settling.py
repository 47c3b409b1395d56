"""The outbox as the sender sees it: mails to try, and what became of each try, written with what follows."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from ..core import retry
from ..core.failures import Failure, undelivered
from ..errors import TemporaryError
from ..store import outbox, tickets
from ..store.db import at
from ..store.desk import Desk
from ..store.outbox import Row
from .queue import CLAIM_BYTES, Due, Outcome

log = logging.getLogger(__name__)


class StoredOutbox:
    """`queue.Queue` on the store. Rows in work are remembered here until they are settled or given back."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows: dict[int, Row] = {}

    def claim(self, limit: int) -> list[Due]:
        desk = self._desk
        rows = outbox.claim(desk.db, desk.owner, desk.clock(), limit, CLAIM_BYTES)
        self._rows |= {row.id: row for row in rows}
        return [
            Due(row.id, row.envelope_from, tuple(r.address for r in row.recipients if r.state == "queued"), row.raw)
            for row in rows
        ]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """All in one commit."""
        desk = self._desk
        now = desk.clock()
        failures: list[str] = []

        def write() -> None:
            failures[:] = [line for outcome in outcomes if (line := self._settle(outcome, now))]

        desk.db.ride(write)  # with the worker's next commit, when it is at work
        for outcome in outcomes:
            self._rows.pop(outcome.id, None)
        for line in failures:
            log.error("%s", line)

    def _settle(self, outcome: Outcome, now: datetime) -> str:
        """One result; a line for the log where somebody will never get the mail."""
        desk, row = self._desk, self._rows[outcome.id]
        waiting = [r.address for r in row.recipients if r.state == "queued"]
        replies = outcome.replies or tuple(retry.Reply(a, "later", outcome.fault) for a in waiting)
        result = retry.settle(row.recipients, replies, row.tries, row.due_at, now)
        if not outbox.settle(desk.db, desk.owner, row, result, now, fault=bool(outcome.fault)):
            log.warning("outbox message %d was taken by another sender", row.id)
            return ""
        failed = retry.newly_failed(row.recipients, result.recipients)
        if not failed:
            return ""
        try:
            with desk.db.savepoint():
                self._tell(row, failed, now)
        except TemporaryError:
            raise
        except Exception as error:  # noqa: BLE001 - the result of the try must be kept whatever the notice does
            log.error("no notice could be written: %s: %s", type(error).__name__, error)  # noqa: TRY400 - one line
        words = "; ".join(r.last_reply or "" for r in failed)
        return f"outbox message {row.id} ({row.kind}, ticket {row.ticket}) could not be delivered: {words}"

    def _tell(self, row: Row, failed: tuple[retry.RecipientState, ...], now: datetime) -> None:
        desk = self._desk
        (sent,) = outbox.named(desk.db, [("message", row.ref)])
        failure = Failure(row.id, row.kind, row.audience, sent.template, row.subject, failed, row.due_at)
        ticket = None if row.ticket is None else tickets.view(desk.db, row.ticket)
        plan = undelivered(desk.policy, ticket, failure, now)
        desk.carry_out(plan, cause=f"undelivered:{row.ref}:{at(now)}", now=now)

    def release(self, ids: Iterable[int]) -> None:
        wanted = list(ids)
        outbox.give_back(self._desk.db, self._desk.owner, wanted)
        for number in wanted:
            self._rows.pop(number, None)

    def recovered(self) -> None:
        outbox.recovered(self._desk.db, self._desk.clock())

    def next_due(self) -> float | None:
        due = outbox.next_due(self._desk.db, self._desk.clock())
        return None if due is None else due.total_seconds()
