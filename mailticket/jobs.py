"""What happens by the calendar: a job is one function and one row. Each makes Plans for the same `apply`.

When a job is to run next stands in the database. One ticker asks every few seconds for what is due, so that after a
long pause each runs once, and a job that is due daily is so over restarts, too.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from .core.assign import seed_of
from .core.gathered import sent
from .core.handover import reassigned
from .core.lifecycle import next_status
from .core.notices import WITHIN
from .core.plan import NewEvent, Plan, TicketChange
from .core.waking import woken
from .errors import TemporaryError
from .mailbox_watch import send_probes, tell_of_left, watch
from .morning import brief, due_to
from .store import absences, acts, budgets, claims, due, index, mailboxes, notices, people, purge, tickets
from .store.db import at
from .store.desk import Desk
from .store.inbox import SAME_FOR
from .telling import tell

TICK = timedelta(seconds=10)
INDEXING = 5.0  # seconds at a time: other jobs wait

log = logging.getLogger(__name__)

One = TypeVar("One")


def close_resolved(desk: Desk, now: datetime) -> int:
    """Resolved tickets close by themselves after their department's `reopen_days`. Returns how many did."""
    return _each(
        desk, lambda: tickets.due_to_close(desk.db, desk.policy, now), _close, "ticket %s cannot be closed", now
    )


def reassign(desk: Desk, now: datetime) -> int:
    """Open tickets of agents who have left the config go to others. Returns how many did."""
    return _each(
        desk, lambda: tickets.orphans(desk.db, desk.policy), _reassign, "ticket %s cannot be assigned anew", now
    )


def wake(desk: Desk, now: datetime) -> int:
    """Postponed tickets whose time has come are open again, and their agents are told. Returns how many are."""
    return _each(desk, lambda: tickets.due_to_wake(desk.db, now), _wake, "ticket %s cannot be woken", now)


def brief_managers(desk: Desk, now: datetime) -> int:
    """The managers whose day begins are told what waits for a person. Returns how many there is anything to say to."""
    return _each(desk, lambda: due_to(desk, now), brief, "the morning mail to %s cannot be written", now)


def send_gathered(desk: Desk, now: datetime) -> int:
    """What was kept for agents who had too many notices is sent, when the hour since its first is over. Returns for how
    many agents."""
    before = now - WITHIN
    return _each(desk, lambda: notices.due(desk.db, before), _send_gathered, "what is kept for %s cannot be sent", now)


def _each(
    desk: Desk, found: Callable[[], list[One]], work: Callable[[Desk, One, datetime], int], cannot: str, now: datetime
) -> int:
    """Work on all that are found, each under its own savepoint; for how many it was done. They share commits; when
    somebody waits for the database the commit comes early, once the work has taken as long as looking for it. What is
    left when we are to stop is found at the next start.

    They are looked for without the lock first: mostly there are none.
    """
    done, left = 0, found()
    while left and not desk.stopped():
        with desk.db.write():
            began, still = time.monotonic(), set(found())
            looked = time.monotonic() - began
            while left:
                one = left.pop(0)
                done += _one(desk, one, work, cannot, now) if one in still else 0
                held = time.monotonic() - began
                if desk.stopped() or (held >= 2 * looked and desk.db.should_commit(held)):
                    break
    return done


def _one(desk: Desk, one: One, work: Callable[[Desk, One, datetime], int], cannot: str, now: datetime) -> int:
    try:
        with desk.db.savepoint():
            return work(desk, one, now)
    except TemporaryError:
        raise
    except Exception as error:  # noqa: BLE001 - one must not keep the others back; logged
        log.error("%s: %s: %s", cannot % one, type(error).__name__, error)  # noqa: TRY400 - one line
        return 0


def _close(desk: Desk, number: int, now: datetime) -> int:
    ticket = tickets.view(desk.db, number)
    after = next_status(ticket.status, "expire")
    if after is None:
        return 0
    change = TicketChange(number, set={"status": after})
    event = NewEvent("status", "desk", number, {"before": ticket.status, "after": after})
    desk.carry_out(Plan(changes=(change,), events=(event,)), cause=f"close:{number}:{at(now)}", now=now)
    return 1


def _reassign(desk: Desk, number: int, now: datetime) -> int:
    ticket, policy = tickets.view(desk.db, number), desk.policy
    if not ticket.agent or policy.agent_of(ticket.agent):
        return 0  # somebody has taken it since it was found
    cause = f"agent left:{number}:{at(now)}"
    loads = people.loads(desk.db, [agent.address for agent in policy.agents])
    request = tickets.request(desk.db, number)
    plan = reassigned(policy, ticket, loads, request, seed=seed_of(policy, cause), now=now, away=_away(desk, now))
    desk.carry_out(plan, cause=cause, now=now)
    return 1


def _away(desk: Desk, now: datetime) -> dict[str, datetime]:
    return {address: one.until for address, one in absences.away(desk.db, desk.policy, now).items()}


def _wake(desk: Desk, number: int, now: datetime) -> int:
    ticket, request = tickets.view(desk.db, number), tickets.request(desk.db, number)
    plan = woken(desk.policy, ticket, request, now, _away(desk, now))
    if plan is None:
        return 0
    desk.carry_out(plan, cause=f"wake:{number}:{at(now)}", now=now)
    return 1


def _send_gathered(desk: Desk, agent: str, now: datetime) -> int:
    pile = notices.pile(desk.db, agent)
    if pile is None:
        return 0
    plan = sent(desk.policy, pile, now)
    if not plan.letters:
        number = len(pile.notices) + pile.more
        log.warning("%d notices to %s are dropped: no agent has that address any more", number, agent)
    desk.carry_out(plan, cause=f"gathered:{pile.notices[0].ref}", now=now)
    return 1


def forget(desk: Desk, now: datetime) -> int:
    """Raw mail that is older than `keep_raw`, answers that no budget counts any more, what nobody can undo, mails that
    have left their mailbox long ago, and where agents are who are none any more. Returns how many raw mails went.

    None goes before the door would take it for new if it came again.
    """
    with desk.db.write():
        budgets.forget(desk.db, now - budgets.KEPT)
        acts.forget(desk.db, now - acts.KEPT)
        mailboxes.forget(desk.db, now - mailboxes.KEPT)
        absences.forget(desk.db, desk.policy)
    if desk.policy.keep_raw is None:
        return 0
    return purge.purge(desk.db, now - max(desk.policy.keep_raw, SAME_FOR + timedelta(days=1)))


def take_back(desk: Desk, _now: datetime) -> int:
    """Mails that a daemon which is no more has in work wait again. Returns how many did."""
    return claims.release_strangers(desk.db, desk.owner)


def index_new(desk: Desk, _now: datetime) -> int:
    """What is new in tickets can be searched for; of a database that was never indexed some at a time. Returns how
    much is left for the next time."""
    index.catch_up(desk.db, INDEXING, desk.stopped)
    return index.waiting(desk.db)


@dataclass(frozen=True, slots=True)
class Job:
    """`at_start`: a new daemon, which may have a new config, does it at once."""

    name: str
    run: Callable[[Desk, datetime], int]
    every: timedelta
    at_start: bool = False


MINUTE = timedelta(minutes=1)
JOBS: tuple[Job, ...] = (
    Job("tell of the quarantine", tell, MINUTE),
    Job("take back claims", take_back, MINUTE),
    Job("watch the mailboxes", watch, MINUTE),
    Job("tell of mails that were given up", tell_of_left, MINUTE),
    Job("send mails to ourselves", send_probes, MINUTE),
    Job("wake postponed tickets", wake, MINUTE),
    Job("tell managers in the morning", brief_managers, MINUTE),
    Job("send gathered notices", send_gathered, MINUTE),
    Job("close resolved tickets", close_resolved, 10 * MINUTE),
    Job("reassign tickets of agents who left", reassign, 10 * MINUTE, at_start=True),
    Job("purge old mail", forget, 10 * MINUTE),
    Job("index what is new", index_new, TICK),
)


def run_due(desk: Desk, now: datetime, jobs: tuple[Job, ...] = JOBS) -> int:
    """Run each job whose time has come, once; how many ran. One that fails is told and put off like the others; one
    that may not be through, since we are to stop, is due still."""
    ran = 0
    for job in jobs:
        if not desk.stopped() and due.due(desk.db, job.name, now):
            ran += 1
            _run(desk, job, now)
            if not desk.stopped():
                with desk.db.write():
                    due.put_off(desk.db, job.name, now + job.every)
    return ran


def _run(desk: Desk, job: Job, now: datetime) -> None:
    try:
        done = job.run(desk, now)
    except TemporaryError as error:
        log.error("%s: %s", job.name, error)  # noqa: TRY400 - one line; it comes again
    except Exception as error:  # noqa: BLE001 - the other jobs must run; logged
        log.error("%s failed: %s: %s", job.name, type(error).__name__, error)  # noqa: TRY400 - one line
    else:
        if done:
            log.info("%s: %d", job.name, done)


class Calendar:
    """The ticker."""

    def __init__(self, desk: Desk) -> None:
        self._stopping = threading.Event()
        self._desk = replace(desk, stopped=self._stopping.is_set)
        self._begun = False
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
        # That a tick is left out while one still runs is no trouble: what is due stays due.
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._scheduler.add_job(self._tick, "interval", seconds=TICK.total_seconds(), id="jobs", name="jobs")

    def start(self) -> None:
        self._scheduler.start()

    def tell_to_stop(self) -> None:
        """No job begins any more; one that runs ends after what it has in hand."""
        self._stopping.set()

    def stop(self, until: float) -> None:
        """`until` is monotonic."""
        self.tell_to_stop()
        ending = threading.Thread(target=self._scheduler.shutdown, name="calendar's end", daemon=True)
        ending.start()
        ending.join(max(0.0, until - time.monotonic()))

    def _tick(self) -> None:
        try:
            if not self._begun:
                due.hurry(self._desk.db, [job.name for job in JOBS if job.at_start])
                self._begun = True
            run_due(self._desk, self._desk.clock())
        except TemporaryError as error:
            log.error("what is due cannot be looked up: %s", error)  # noqa: TRY400 - one line; it comes again
        finally:
            self._desk.db.close()


def _tell(event: JobEvent) -> None:
    log.error("the jobs did not run as they should: %s", getattr(event, "exception", None) or "they are late")
