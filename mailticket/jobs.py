"""What happens by the calendar: a job is one function and one row. Each makes Plans for the same `apply`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from .core.lifecycle import next_status
from .core.types import NewEvent, Plan, TicketChange
from .errors import TemporaryError
from .store import tickets
from .store.db import at
from .store.desk import Desk

log = logging.getLogger(__name__)


def close_resolved(desk: Desk, now: datetime) -> int:
    """Resolved tickets close by themselves after their department's `reopen_days`. Returns how many did."""
    closed = 0
    with desk.db.write():
        for number in tickets.due_to_close(desk.db, desk.policy, now):
            try:
                with desk.db.savepoint():
                    closed += _close(desk, number, now)
            except TemporaryError:
                raise
            except Exception as error:  # noqa: BLE001 - one ticket must not keep the others from closing; logged
                log.error("ticket %d cannot be closed: %s: %s", number, type(error).__name__, error)  # noqa: TRY400 - one line
    return closed


def _close(desk: Desk, number: int, now: datetime) -> int:
    ticket = tickets.view(desk.db, number)
    after = next_status(ticket.status, "close")
    if after is None:
        return 0
    change = TicketChange(number, set={"status": after})
    event = NewEvent("status", "desk", number, {"before": ticket.status, "after": after})
    desk.carry_out(Plan(changes=(change,), events=(event,)), cause=f"close:{number}:{at(now)}", now=now)
    return 1


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    run: Callable[[Desk, datetime], int]
    every: timedelta


JOBS: tuple[Job, ...] = (Job("close resolved tickets", close_resolved, timedelta(minutes=10)),)


class Calendar:
    """Runs the jobs. Due times are in the tables, so nothing is lost with this process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
        troubles = EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        self._scheduler.add_listener(_tell, troubles)
        for job in JOBS:
            seconds = job.every.total_seconds()
            self._scheduler.add_job(partial(self._run, job), "interval", seconds=seconds, id=job.name, name=job.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self, until: float) -> None:
        """No job begins any more; one that runs may end, until `until` (monotonic)."""
        ending = threading.Thread(target=self._scheduler.shutdown, name="calendar's end", daemon=True)
        ending.start()
        ending.join(max(0.0, until - time.monotonic()))

    def _run(self, job: Job) -> None:
        try:
            done = job.run(self._desk, self._desk.clock())
        except TemporaryError as error:
            log.error("%s: %s", job.name, error)  # noqa: TRY400 - one line; it comes again
        else:
            if done:
                log.info("%s: %d", job.name, done)
        finally:
            self._desk.db.close()


def _tell(event: JobEvent) -> None:
    log.error("%s did not run as it should: %s", event.job_id, getattr(event, "exception", None) or "it is late")
