"""The jobs: what happens by the calendar, and that one ticket's trouble is that one's alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from daemon import until
from letters import desk as policy
from stored import MARIA

from mailticket import jobs
from mailticket.core.plan import Plan, TicketChange
from mailticket.core.render import Templates
from mailticket.errors import TemporaryError
from mailticket.jobs import Calendar
from mailticket.store import due, index, tickets
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.templates_files import load_templates

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Desk(db, policy(), Templates(load_templates()), lambda: NOW, "one")


def resolved(desk, number, *, ago, department=""):
    fields = {
        "subject": "Printer",
        "status": "new",
        "priority": "medium",
        "department": department or desk.policy.departments[0].name,
        "agent": "",
        "customer": MARIA,
        "estimate_answer_by": NOW,
        "estimate_basis": "soon",
    }
    then = NOW - ago
    with desk.db.write():
        apply(desk.db, Plan(changes=(TicketChange(number, new=True, set=fields),)), then)
        apply(desk.db, Plan(changes=(TicketChange(number, set={"status": "resolved", "resolved_at": then}),)), then)


def statuses(desk):
    return dict(desk.db.execute("SELECT id, status FROM ticket").fetchall())


def over(desk):
    return desk.policy.departments[0].reopen_after + timedelta(days=1)


def test_a_resolved_ticket_closes_when_it_can_no_longer_be_reopened(desk):
    resolved(desk, 1, ago=over(desk))
    resolved(desk, 2, ago=timedelta(days=1))
    assert jobs.close_resolved(desk, NOW) == 1
    assert statuses(desk) == {1: "closed", 2: "resolved"}


def test_a_ticket_of_a_department_that_is_gone_from_the_config_closes_like_the_first_ones(desk):
    resolved(desk, 1, ago=over(desk), department="Gone")
    resolved(desk, 2, ago=timedelta(days=1), department="Gone")
    assert jobs.close_resolved(desk, NOW) == 1
    assert statuses(desk) == {1: "closed", 2: "resolved"}


def test_a_ticket_that_cannot_be_closed_does_not_stop_the_others_and_is_told_in_a_line(desk, monkeypatch, caplog):
    for number in (1, 2, 3):
        resolved(desk, number, ago=over(desk))
    carry_out = Desk.carry_out

    def failing(self, plan, **how):
        carry_out(self, plan, **how)
        if plan.changes[0].id == 2:
            raise RuntimeError("a bug of ours")

    monkeypatch.setattr(Desk, "carry_out", failing)
    assert jobs.close_resolved(desk, NOW) == 2
    assert statuses(desk) == {1: "closed", 2: "resolved", 3: "closed"}
    (record,) = caplog.records
    assert record.getMessage() == "ticket 2 cannot be closed: RuntimeError: a bug of ours"
    assert record.exc_info is None


def test_a_ticket_that_cannot_even_be_read_does_not_stop_the_others(desk):
    resolved(desk, 1, ago=over(desk))
    resolved(desk, 2, ago=over(desk))
    with desk.db.write():
        desk.db.execute("UPDATE ticket SET created_at = 'never' WHERE id = 1")
    assert jobs.close_resolved(desk, NOW) == 1


def test_trouble_of_the_database_stops_the_job_and_nothing_of_it_is_kept(desk, monkeypatch):
    resolved(desk, 1, ago=over(desk))
    resolved(desk, 2, ago=over(desk))
    carry_out = Desk.carry_out

    def failing(self, plan, **how):
        carry_out(self, plan, **how)
        if plan.changes[0].id == 2:
            raise TemporaryError("the disk is full")

    monkeypatch.setattr(Desk, "carry_out", failing)
    with pytest.raises(TemporaryError):
        jobs.close_resolved(desk, NOW)
    assert statuses(desk) == {1: "resolved", 2: "resolved"}
    assert tickets.due_to_close(desk.db, desk.policy, NOW) != []


# --- waking --------------------------------------------------------------------------------------------------


def asleep(desk, number, *, until):
    resolved(desk, number, ago=timedelta(0))
    with desk.db.write():
        apply(desk.db, Plan(changes=(TicketChange(number, set={"status": "postponed", "wakes_at": until}),)), NOW)


def test_a_postponed_ticket_wakes_at_its_time_and_not_before_and_once(desk):
    asleep(desk, 1, until=NOW + timedelta(minutes=1))
    asleep(desk, 2, until=NOW + timedelta(minutes=3))
    assert jobs.wake(desk, NOW) == 0
    assert jobs.wake(desk, NOW + timedelta(minutes=1)) == 1
    assert statuses(desk) == {1: "open", 2: "postponed"}
    assert jobs.wake(desk, NOW + timedelta(minutes=2)) == 0
    assert jobs.wake(desk, NOW + timedelta(days=2)) == 1
    assert desk.db.execute("SELECT count(*) FROM outbox WHERE template = 'notice-woken'").fetchone() == (2,)


def test_what_was_woken_by_anything_else_has_no_time_to_wake_any_more(desk):
    asleep(desk, 1, until=NOW)
    with desk.db.write():
        apply(desk.db, Plan(changes=(TicketChange(1, set={"status": "pending"}),)), NOW)
        apply(desk.db, Plan(changes=(TicketChange(1, set={"status": "postponed"}),)), NOW)
    assert jobs.wake(desk, NOW + timedelta(days=1)) == 0
    assert tickets.view(desk.db, 1).wakes_at is None


# --- others wait, the desk stops -------------------------------------------------------------------------------


class Between:
    """Something happens after the work on the first ticket, inside its transaction."""

    def __init__(self, monkeypatch, happens):
        self._happens = [happens]
        self._carry_out = Desk.carry_out
        monkeypatch.setattr(Desk, "carry_out", lambda desk, plan, **how: self._then(desk, plan, how))

    def _then(self, desk, plan, how):
        self._carry_out(desk, plan, **how)
        while plan.changes and self._happens:
            self._happens.pop()()


def test_a_job_lets_the_door_write_between_two_tickets_and_then_goes_on(desk, monkeypatch):
    for number in range(1, 13):
        resolved(desk, number, ago=over(desk))
    found = []

    def writes():
        with door.write():
            found.append(door.execute("SELECT count(*) FROM ticket WHERE status = 'closed'").fetchone()[0])
        door.close()

    thread = threading.Thread(target=writes)

    def comes():
        desk.db.commit_seconds = 0.0
        thread.start()
        until(desk.db.lock.contended, 5, pause=0.001)

    Between(monkeypatch, comes)
    with open_or_create(desk.db.path) as door:
        assert jobs.close_resolved(desk, NOW) == 12
        thread.join(5)
    assert len(found) == 1
    assert 0 < found[0] < 12
    assert set(statuses(desk).values()) == {"closed"}


def test_a_stop_ends_the_jobs_after_the_ticket_in_hand_and_the_next_start_goes_on(desk, monkeypatch):
    for number in (1, 2, 3):
        resolved(desk, number, ago=over(desk))
    calendar = Calendar(desk)
    Between(monkeypatch, calendar.tell_to_stop)
    calendar._tick()
    assert statuses(desk) == {1: "closed", 2: "resolved", 3: "resolved"}
    assert not due.due(desk.db, "wake postponed tickets", NOW), "it was before"
    assert due.due(desk.db, "purge old mail", NOW), "no other job is begun"
    Calendar(desk)._tick()
    assert set(statuses(desk).values()) == {"closed"}


def test_a_stop_ends_the_indexing_after_a_slice(desk):
    resolved(desk, 1, ago=over(desk))
    assert jobs.index_new(replace(desk, stopped=lambda: True), NOW) == index.waiting(desk.db) > 0
