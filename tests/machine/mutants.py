"""Deliberate faults in the store, each of them one that a busy day may bring in: the machine has to find them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from itertools import count

import pytest
from peewee import fn

from mailticket import worker
from mailticket.deliver.sender import Sender
from mailticket.deliver.settling import StoredOutbox
from mailticket.store import apply, context, inbox, outbox, tickets
from mailticket.store.db import Compiled, Db, Slot
from mailticket.store.schema import Inbox, Ticket

from .mutants_guarding import GUARDING

Mutant = Callable[[pytest.MonkeyPatch], None]


def state_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    """The row is marked done in a commit of its own, before the work is written."""
    finish = inbox.finish

    def committed_first(db, *args):
        finish(db, *args)
        db._database.execute_sql("COMMIT")
        db._database.execute_sql("BEGIN IMMEDIATE")

    patch.setattr(inbox, "finish", committed_first)
    patch.setattr(Db, "savepoint", lambda _db: contextlib.nullcontext())  # a commit ends savepoints


def work_without_a_state(patch: pytest.MonkeyPatch) -> None:
    """The other way round: the work is committed, and the row is marked done only after that."""
    work = worker.Worker._apply

    def applied_first(self, claimed, mail):
        late = []
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(inbox, "finish", lambda *args: late.append(args))
            work(self, claimed, mail)
        self._desk.db._database.execute_sql("COMMIT")
        self._desk.db._database.execute_sql("BEGIN IMMEDIATE")
        inbox.finish(*late[0])

    patch.setattr(worker.Worker, "_apply", applied_first)
    patch.setattr(Db, "savepoint", lambda _db: contextlib.nullcontext())


def no_dedupe(patch: pytest.MonkeyPatch) -> None:
    no_dedupe_at_the_door(patch)
    no_dedupe_in_the_worker(patch)


def no_dedupe_at_the_door(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inbox, "_latest", Compiled(lambda: Inbox.select(Inbox.id).where((Inbox.key == Slot("key")) & False)))


def no_dedupe_in_the_worker(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(context, "soft_key", lambda _mail, _dkim: None)


def claim_without_owner_check(patch: pytest.MonkeyPatch) -> None:
    """Whoever once had a row may finish it, whoever has it now."""
    names = (
        "state",
        "kind",
        "reason",
        "ticket",
        "message_id",
        "subject",
        "soft_key",
        "done_at",
        "concerns",
        "asked_at",
    )
    slots = {name: Slot(name) for name in names}
    careless = Compiled(lambda: Inbox.update(owner="", **slots).where(Inbox.id == Slot("id")))
    patch.setattr(inbox, "_finish", careless)


def next_before_settled(patch: pytest.MonkeyPatch) -> None:
    """A result is committed together with the next one."""
    settle, claim, step = StoredOutbox.settle, StoredOutbox.claim, Sender.step
    late: dict[StoredOutbox, list] = {}

    def settle_later(self, outcomes):
        waiting = late.setdefault(self, [])
        waiting += outcomes
        if len(waiting) > 1:
            flush(self)

    def flush(self):
        waiting = late.pop(self, [])
        if waiting:
            settle(self, waiting)

    def settle_and_claim(self, limit):
        flush(self)
        return claim(self, limit)

    def step_to_the_end(self):
        tried = step(self)
        flush(self._queue)
        return tried

    patch.setattr(Sender, "step", step_to_the_end)
    patch.setattr(StoredOutbox, "settle", settle_later)
    patch.setattr(StoredOutbox, "claim", settle_and_claim)


def number_reused(patch: pytest.MonkeyPatch) -> None:
    """The next number is one more than there are tickets that wait for us; what bears it has to give way."""

    def next_number(db):
        return db.rows(Ticket.select(fn.COUNT(Ticket.id)).where(Ticket.status.in_(["new", "open"])))[0][0] + 1

    patch.setattr(tickets, "next_number", next_number)
    fields = {field: Slot(name) for name, field in Ticket._meta.fields.items()}
    patch.setattr(apply, "_insert_ticket", Compiled(lambda: Ticket.insert(fields).on_conflict_replace()))


def random_message_ids(patch: pytest.MonkeyPatch) -> None:
    """A retry writes a mail anew."""
    made = count()
    raw = outbox._raw

    def other_each_time(db, **values):
        (found,) = raw(db, **values).fetchone()
        changed = bytes(found).replace(b"Date: ", b"X-Try: %d\r\nDate: " % next(made), 1)
        return db.execute("SELECT ?", (changed,))

    patch.setattr(outbox, "_raw", other_each_time)


MUTANTS: dict[str, Mutant] = {
    mutant.__name__: mutant
    for mutant in (
        state_outside_the_transaction,
        work_without_a_state,
        no_dedupe,
        no_dedupe_at_the_door,
        no_dedupe_in_the_worker,
        claim_without_owner_check,
        next_before_settled,
        number_reused,
        random_message_ids,
        *GUARDING,
    )
}
