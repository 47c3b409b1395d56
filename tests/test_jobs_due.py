"""The table of jobs: each runs when it is due, over pauses and restarts, and one's trouble is that one's alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA, TEMPLATES
from letters import desk as policy
from stored import NOW, a_mail, accept, claim, row, send, take

from mailticket import jobs
from mailticket.core.known import Absence
from mailticket.core.plan import NewEvent, NewMessage, Plan, TicketChange
from mailticket.core.policy import Agent
from mailticket.errors import TemporaryError
from mailticket.jobs import JOBS, Job, run_due
from mailticket.store import due, tickets
from mailticket.store.apply import apply
from mailticket.store.db import at, open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Inbox, Outbox

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
BORIS = Agent("Boris", "boris@acme.example", departments=("Acme Support",))
KEPT = 30 * DAY


@pytest.fixture
def desk(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Desk(db, policy(keep_raw=KEPT), TEMPLATES, lambda: NOW, "one")


class Counting:
    """A job that counts, and fails where it is told to."""

    def __init__(self, *faults):
        self.faults = list(faults)
        self.runs = []

    def __call__(self, _desk, now):
        self.runs.append(now)
        if self.faults:
            raise self.faults.pop(0)
        return 1


def test_each_job_runs_when_its_time_has_come_and_not_before(desk):
    often, seldom = Counting(), Counting()
    table = (Job("often", often, MINUTE), Job("seldom", seldom, DAY))
    assert run_due(desk, NOW, table) == 2
    assert run_due(desk, NOW + MINUTE - SECOND, table) == 0
    assert run_due(desk, NOW + MINUTE, table) == 1
    assert (len(often.runs), len(seldom.runs)) == (2, 1)


def test_after_a_long_pause_a_job_runs_once(desk):
    often = Counting()
    table = (Job("often", often, MINUTE),)
    run_due(desk, NOW, table)
    assert run_due(desk, NOW + 9 * DAY, table) == 1
    assert run_due(desk, NOW + 9 * DAY + SECOND, table) == 0
    assert len(often.runs) == 2


@pytest.mark.parametrize("fault", [RuntimeError("a bug of ours"), TemporaryError("the disk is full")])
def test_a_job_that_fails_is_told_in_a_line_and_put_off_and_the_others_run(desk, fault, caplog):
    bad, good = Counting(fault), Counting()
    table = (Job("bad", bad, MINUTE), Job("good", good, MINUTE))
    assert run_due(desk, NOW, table) == 2
    assert len(good.runs) == 1
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert "bad" in record.getMessage()
    assert str(fault) in record.getMessage()
    assert record.exc_info is None
    assert run_due(desk, NOW + SECOND, table) == 0
    assert run_due(desk, NOW + MINUTE, table) == 2


def test_every_job_has_a_name_of_its_own_and_runs_on_an_empty_desk(desk, caplog):
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert run_due(desk, NOW) == len(JOBS)
    assert caplog.records == []
    assert run_due(desk, NOW + SECOND) == 0


def test_what_a_start_asks_for_is_due_at_once(desk):
    run_due(desk, NOW)
    names = [job.name for job in JOBS if job.at_start]
    due.hurry(desk.db, names)
    assert run_due(desk, NOW + SECOND) == len(names) == 1


# --- claims --------------------------------------------------------------------------------------------------


def test_what_a_dead_daemon_has_in_work_waits_again_and_our_own_stays_with_us(desk):
    accept(desk.db, a_mail(1), a_mail(2), a_mail(3))
    send(desk.db, "a", "b")
    claim(desk.db, "dead", limit=2)
    claim(desk.db, "one", limit=1)
    take(desk.db, "dead", limit=1)
    take(desk.db, "one", limit=1)
    assert jobs.take_back(desk, NOW) == 3
    found = [(row(desk.db, n)["owner"], row(desk.db, n)["tries"], row(desk.db, n)["suspect"]) for n in (1, 2, 3)]
    assert found == [("", 0, 1), ("", 0, 1), ("one", 1, 0)]
    assert [tuple(r) for r in desk.db.execute("SELECT owner FROM outbox ORDER BY id")] == [("",), ("one",)]
    assert jobs.take_back(desk, NOW) == 0


# --- old mail ------------------------------------------------------------------------------------------------


def ticket(desk, number, status, agent=""):
    fields = {
        "subject": "Printer", "status": "new", "priority": "medium", "department": "Acme Support", "agent": agent,
        "customer": MARIA, "estimate_answer_by": NOW, "estimate_basis": "soon",
    }  # fmt: skip
    plan = Plan(changes=(TicketChange(number, new=True, set=fields), TicketChange(number, set={"status": status})))
    with desk.db.write():
        apply(desk.db, plan, NOW)


def done(desk, number, *, ticket=None, state="done", ago=KEPT + DAY):
    accept(desk.db, a_mail(number))
    with desk.db.write():
        fields = {"state": state, "ticket": ticket, "done_at": at(NOW - ago)}
        desk.db.run(Inbox.update(**fields).where(Inbox.id == number))


def out(desk, number, *, ticket=None, state="sent", ago=KEPT + DAY):
    send(desk.db, f"mail {number}")
    then = at(NOW - ago)
    with desk.db.write():
        fields = {"state": state, "ticket": ticket, "created_at": then, "next_at": then}
        desk.db.run(Outbox.update(**fields).where(Outbox.id == number))


def left(desk, table):
    return [r[0] for r in desk.db.execute(f"SELECT id FROM {table} ORDER BY id")]


CASES = [
    # what it is, state, status of its ticket, is it old, does it go
    ("of no ticket", "done", None, True, True),
    ("of a closed ticket", "done", "closed", True, True),
    ("spam", "done", "spam", True, True),
    ("of no ticket, but young", "done", None, False, False),
    ("of a ticket that is open", "done", "open", True, False),
    ("of a ticket that can be reopened", "done", "resolved", True, False),
    ("in quarantine", "quarantined", None, True, False),
    ("not worked on", "queued", None, True, False),
]


@pytest.mark.parametrize(("what", "state", "status", "old", "goes"), CASES)
def test_old_mail_goes_when_nothing_can_follow_from_it_any_more(desk, what, state, status, old, goes):
    if status:
        ticket(desk, 1, status)
    ago = KEPT + DAY if old else KEPT - DAY
    done(desk, 1, ticket=1 if status else None, state=state, ago=ago)
    done(desk, 2, ago=timedelta(0))
    out(desk, 1, ticket=1 if status else None, state={"done": "sent"}.get(state, "queued"), ago=ago)
    out(desk, 2, ago=timedelta(0))
    assert jobs.forget(desk, NOW) == 2 * goes, what
    wanted = [2] if goes else [1, 2]
    assert left(desk, "inbox") == left(desk, "outbox") == wanted, what
    for table, column in (("inboxraw", "inbox"), ("outboxraw", "outbox")):
        name = next(n for n in desk.db.execute("SELECT name FROM sqlite_master") if n[0].replace("_", "") == table)[0]
        assert [r[0] for r in desk.db.execute(f"SELECT {column} FROM {name}")] == wanted, what


def test_a_ticket_keeps_its_messages_and_events_when_their_raw_mail_goes(desk):
    ticket(desk, 1, "closed")
    done(desk, 1, ticket=1)
    done(desk, 2, ago=timedelta(0))
    message = NewMessage(1, "<1@x>", "inbound", MARIA, (), "Fire", "It burns", "It burns", "", (), NOW)
    with desk.db.write():
        apply(desk.db, Plan(messages=(message,), events=(NewEvent("opened", "desk", 1),)), NOW, inbox_id=1)
    assert jobs.forget(desk, NOW) == 1
    assert [tuple(r) for r in desk.db.execute("SELECT inbox, text FROM message")] == [(None, "It burns")]
    assert [tuple(r) for r in desk.db.execute("SELECT kind, inbox FROM event")] == [("opened", 1)]


def test_the_newest_mail_stays_so_that_no_number_is_given_twice(desk):
    """A `yes` to an old question must never release another mail."""
    done(desk, 1)
    done(desk, 2)
    assert jobs.forget(desk, NOW) == 1
    accept(desk.db, a_mail(9))
    assert left(desk, "inbox") == [2, 3]


def test_mail_is_kept_as_long_as_the_door_must_know_it_again(desk):
    short = replace(desk, policy=policy(keep_raw=DAY))
    done(desk, 1, ago=7 * DAY)
    done(desk, 2, ago=timedelta(0))
    assert jobs.forget(short, NOW) == 0
    assert jobs.forget(short, NOW + 2 * DAY) == 1


def test_nothing_is_purged_where_the_config_does_not_ask_for_it(desk):
    done(desk, 1)
    done(desk, 2)
    assert jobs.forget(replace(desk, policy=policy(keep_raw=None)), NOW) == 0


# --- agents who left -----------------------------------------------------------------------------------------


def agents(desk):
    return {number: tickets.view(desk.db, number).agent for number in left(desk, "ticket")}


def test_open_tickets_of_an_agent_who_left_go_to_another_who_gets_the_request(desk):
    ticket(desk, 1, "open", agent="gone@acme.example")
    ticket(desk, 2, "open", agent=ANNA.address)
    ticket(desk, 3, "closed", agent="gone@acme.example")
    assert jobs.reassign(desk, NOW) == 1
    assert agents(desk) == {1: ANNA.address, 2: ANNA.address, 3: "gone@acme.example"}
    sent = desk.db.execute("SELECT ticket, kind, recipients FROM outbox").fetchall()
    assert [(r[0], r[1]) for r in sent] == [(1, "assignment")]
    assert ANNA.address in sent[0][2]
    assert jobs.reassign(desk, NOW + MINUTE) == 0


def test_tickets_that_are_many_are_spread_over_those_who_are_left(desk):
    two = replace(desk, policy=policy(agents=(*policy().agents, BORIS)))
    for number in (1, 2, 3, 4):
        ticket(desk, number, "open", agent="gone@acme.example")
    assert jobs.reassign(two, NOW) == 4
    assert sorted(agents(desk).values()) == [ANNA.address, ANNA.address, BORIS.address, BORIS.address]


def test_they_go_to_none_who_is_away_as_long_as_another_is_there(desk):
    two = replace(desk, policy=policy(agents=(*policy().agents, BORIS)))
    with desk.db.write():
        apply(desk.db, Plan(absences=(Absence(ANNA.address, NOW + MINUTE, ANNA.address, NOW),)), NOW)
    for number in (1, 2):
        ticket(desk, number, "open", agent="gone@acme.example")
    assert jobs.reassign(two, NOW) == 2
    assert set(agents(desk).values()) == {BORIS.address}
