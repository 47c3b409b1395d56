"""The outbox without a disk, for tests of the sender: it keeps the same promises, and a diary."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from mailticket.deliver.queue import CLAIM_BYTES, Due


@dataclass
class MemoryQueue:
    """What has to come later waits `pause` seconds; `fail` scripts trouble with the database."""

    pause: float = 60
    raw: dict[int, bytes] = field(default_factory=dict)
    to: dict[int, tuple] = field(default_factory=dict)
    due_at: dict[int, float] = field(default_factory=dict)
    claimed: set[int] = field(default_factory=set)
    tries: dict[int, int] = field(default_factory=dict)
    faulted: set[int] = field(default_factory=set)
    outcomes: list = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    recoveries: int = 0
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    settling_takes: float = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, *numbers, raw=None):
        with self.lock:
            for number in numbers:
                self.raw[number] = raw or b"Message-ID: <%d@desk.example>\r\n\r\nwords\r\n" % number
                self.due_at[number] = 0
                self.tries[number] = 0

    def fail(self, what, *errors):
        self.trouble[what] = list(errors)

    def _may_fail(self, what):
        if self.trouble.get(what):
            raise self.trouble[what].pop(0)

    def _waiting(self):
        return sorted(set(self.due_at) - self.claimed)

    def claim(self, limit):
        with self.lock:
            self._may_fail("claim")
            self.limits.append(limit)
            due = [n for n in self._waiting() if self.due_at[n] <= time.monotonic()][:limit]
            while len(due) > 1 and sum(len(self.raw[n]) for n in due) > CLAIM_BYTES:
                due.pop()
            self.claimed.update(due)
            for number in due:
                self.tries[number] += 1
            return [Due(n, "", self.to.get(n, (f"{n}@x.example",)), self.raw[n]) for n in due]

    def settle(self, outcomes):
        time.sleep(self.settling_takes)
        with self.lock:
            self._may_fail("settle")
            self.commits.append(len(outcomes))
            for outcome in outcomes:
                self.outcomes.append(outcome)
                self.claimed.remove(outcome.id)
                if outcome.fault or any(reply.verdict == "later" for reply in outcome.replies):
                    self.due_at[outcome.id] = time.monotonic() + self.pause
                    if outcome.fault:
                        self.faulted.add(outcome.id)
                else:
                    del self.due_at[outcome.id]

    def release(self, ids):
        with self.lock:
            self._may_fail("release")
            self.claimed -= set(ids)
            self.released += ids
            for number in ids:
                self.tries[number] -= 1

    def release_all(self):
        self.claimed.clear()

    def next_due(self):
        with self.lock:
            self._may_fail("next_due")
            waiting = [self.due_at[n] for n in self._waiting()]
            return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def recovered(self):
        with self.lock:
            self._may_fail("recovered")
            self.recoveries += 1
            for number in self.faulted & set(self.due_at):
                self.due_at[number] = 0
            self.faulted.clear()

    def held(self):
        with self.lock:
            return sum(len(self.raw[n]) for n in self.claimed)
