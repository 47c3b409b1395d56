"""Deliberate faults in proof, quarantine and budgets: what forgers and machines would find, the machine has to find."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from peewee import fn

from mailticket import telling, worker
from mailticket.core import decide
from mailticket.core import proof as core_proof
from mailticket.core.budgets import HELD_AFTER
from mailticket.core.case import Case
from mailticket.core.proof import Proof
from mailticket.store import apply, budgets, context, held, inbox
from mailticket.store.db import at
from mailticket.store.release import _change, release_rows
from mailticket.store.schema import Inbox

# --- proof and quarantine -------------------------------------------------------------------------------------------


def from_is_proof(patch: pytest.MonkeyPatch) -> None:
    proof = decide.proof

    def credulous(mail, raw, agent, *others):
        return proof(mail, raw, agent, *others) or (Proof("login") if agent else None)

    patch.setattr(decide, "proof", credulous)


def any_agent_answers_for_any(patch: pytest.MonkeyPatch) -> None:
    """A mark that was made for one agent proves another one, too."""

    def proving(agent, signed):
        return next((s for s in signed if agent and s.audience == "agent" and s.purpose != "bounce"), None)

    for module in (core_proof, context):
        patch.setattr(module, "proving", proving)


def machines_are_obeyed(patch: pytest.MonkeyPatch) -> None:
    """Who is away and has a machine that quotes the question lets the mail in."""
    _without_rule(patch, "agent's machine")
    patch.setattr(core_proof, "PROVES_NOTHING", frozenset())


def outsiders_answers_are_requests(patch: pytest.MonkeyPatch) -> None:
    _without_rule(patch, "agent's reference, released")
    _without_rule(patch, "agent's reference, somebody else")


def let_in_and_not_known(patch: pytest.MonkeyPatch) -> None:
    """The rules do not hear that a person has let the mail in."""
    judge = decide.decide
    patch.setattr(
        worker, "decide", lambda mail, raw, *rest, **row: judge(mail, replace(raw, released=False), *rest, **row)
    )


def let_in_after_the_commit(patch: pytest.MonkeyPatch) -> None:
    """That it was let in is written in a transaction of its own, a moment later."""
    late = []
    work, release = worker.Worker.work, release_rows

    def worked_first(self, *args):
        late.clear()  # of a desk that is dead
        left = work(self, *args)
        with self._desk.db.write():
            for ids, now, named in late:
                release(self._desk.db, ids, now, named=named)
        return left

    patch.setattr(apply, "release_rows", lambda _db, ids, now, named: late.append((ids, now, named)))
    patch.setattr(worker.Worker, "work", worked_first)


def discarded_and_still_queued(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        apply, "discard_rows", lambda db, ids, _now: _change(db, ids, {"reason": "discarded", "state": "queued"})
    )


def a_restart_forgets_the_quarantine(patch: pytest.MonkeyPatch) -> None:
    release_all = inbox.release_all

    def careless(db):
        with db.write():
            db.run(Inbox.update(state="queued", tries=0).where(Inbox.state == "quarantined"))
        return release_all(db)

    patch.setattr(inbox, "release_all", careless)


def questions_counted_by_what_waits(patch: pytest.MonkeyPatch) -> None:
    """What was let in or discarded meanwhile makes room for another question."""

    def asked_since(db, agent, since):
        waits = (Inbox.state == "quarantined") & (Inbox.concerns == agent) & (Inbox.asked_at >= at(since))
        return db.rows(Inbox.select(fn.COUNT(Inbox.id)).where(waits))[0][0]

    patch.setattr(held, "asked_since", asked_since)


def told_before_it_is_written(patch: pytest.MonkeyPatch) -> None:
    """That the managers have heard of it is committed before the mail that tells them."""
    mark = held.mark_told

    def committed_first(db, now):
        mark(db, now)
        db._database.execute_sql("COMMIT")
        db._database.execute_sql("BEGIN IMMEDIATE")

    patch.setattr(telling, "held", SimpleNamespace(**vars(held) | {"mark_told": committed_first}))


# --- machines -------------------------------------------------------------------------------------------------------


def budgets_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    """With every full hour all is forgotten."""
    used = budgets._used

    def since_the_full_hour(db, name, limit, places, now):
        full = now.replace(minute=0, second=0, microsecond=0)
        found = used(db, name, replace(limit, window=now - full), places, now)
        return replace(found, seconds=int(limit.window.total_seconds()))

    patch.setattr(budgets, "_used", since_the_full_hour)


def refusals_count_as_answers(patch: pytest.MonkeyPatch) -> None:
    record = budgets.record
    patch.setattr(budgets, "record", lambda db, answered, now: record(db, replace(answered, given=True), now))


def one_busy_hour_makes_a_machine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(budgets, "refused_hours", lambda _db, _address, _now: HELD_AFTER)


def everybody_is_known(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Case, "known", property(lambda _case: True))


def reports_are_requests(patch: pytest.MonkeyPatch) -> None:
    _without_rule(patch, "bounce")


def _without_rule(patch: pytest.MonkeyPatch, name: str) -> None:
    left = tuple(rule for rule in decide.RULES if rule.name != name)
    assert len(left) < len(decide.RULES), name
    patch.setattr(decide, "RULES", left)


GUARDING = (
    from_is_proof,
    any_agent_answers_for_any,
    machines_are_obeyed,
    outsiders_answers_are_requests,
    let_in_and_not_known,
    let_in_after_the_commit,
    discarded_and_still_queued,
    a_restart_forgets_the_quarantine,
    questions_counted_by_what_waits,
    told_before_it_is_written,
    budgets_by_the_clock,
    refusals_count_as_answers,
    one_busy_hour_makes_a_machine,
    everybody_is_known,
    reports_are_requests,
)
