"""The sender: takes due mails from the outbox in batches and hands them to the mail server over kept connections.

A claim is committed before its mails are tried, and a connection takes its next mail only when its last result is
committed: a crash sends at most one mail a connection twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from ..errors import ClaimLostError
from ..store.batcher import Batcher
from .outage import Outage, Pauses, Trouble
from .queue import CLAIM_BYTES, Due, Outcome, Queue, later
from .transports import Carrier, Way
from .wire import DeliveryFault

__all__ = ["Due", "Outcome", "Pauses", "Queue", "Sender"]

log = logging.getLogger(__name__)

BATCH_PER_CONNECTION = 16
GLANCE = 1.0  # seconds: the longest sleep before the queue is looked at again
SHORTEST_GLANCE = 0.05


def no_checkpoint(_name: str) -> None:
    """Crash tests hand in one that raises."""


class Sender:
    """`wait(seconds)` sleeps, and returns early when the queue may have changed."""

    def __init__(
        self,
        queue: Queue,
        server: Way,
        *,
        wait: Callable[[float], None],
        connections: int = 2,
        pauses: Pauses | None = None,
        checkpoint: Callable[[str], None] = no_checkpoint,
    ) -> None:
        self._queue = queue
        self._server = server
        self._wait = wait
        self._checkpoint = checkpoint
        self._batch = connections * BATCH_PER_CONNECTION
        self._stopping = threading.Event()
        self._abandoned = threading.Event()  # the time to stop is over: what cannot be committed stays claimed
        self._changed = threading.Condition()  # guards all below
        self._outage = Outage(str(server), pauses or Pauses())
        self._ready: deque[Due] = deque()
        self._claims = 0  # ready or in a connection's hands
        self._claimed_bytes = 0
        self._unwanted: list[int] = []  # to be released
        self._pull_forward = False
        self._own = server.connection()  # step's
        self._batcher: Batcher[Outcome, None] | None = None
        names = ("claims", *(f"connection {n + 1}" for n in range(connections)))
        works = (self._claim_on, *[self._deliver_on] * connections)
        self._threads = [
            threading.Thread(target=work, name=f"sender: {name}", daemon=True)
            for name, work in zip(names, works, strict=True)
        ]

    def start(self) -> None:
        self._pull_forward = True  # whatever the server was like before, nothing waits for that now
        self._batcher = Batcher(self._settle, name="outbox results")
        for thread in self._threads:
            thread.start()

    def tell_to_stop(self) -> None:
        """No other mail is begun. Whoever sleeps in `wait` has to be woken, too."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()

    def stop(self, timeout: float) -> None:
        """Finishes the mails in hand, commits their results and gives the other claims back; within `timeout` s."""
        deadline = time.monotonic() + timeout
        self.tell_to_stop()
        started = [thread for thread in self._threads if thread.ident]
        for thread in started:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._abandoned.set()
        if any(thread.is_alive() for thread in started):
            log.warning(
                "the sender stops in the middle of a mail: it is sent again, with its Message-ID, after the start"
            )
        elif self._batcher:
            self._batcher.close()
        self._own.close()

    def step(self) -> int:
        """Everything that is due now, in the calling thread over one connection; how many mails were tried.

        An exception leaves its claims as a crash would: throw the sender away.
        """
        tried = 0
        try:
            if self._outage.down and not self._probe():
                return 0
            self._pull()
            while self._claim(1 if self._outage.trial else self._batch):
                while not self._outage.down and (due := self._take(0)):
                    self._settle([self._attempt(self._own, due)])
                    self._checkpoint("outbox:settled")
                    self._forget([due])
                    tried += 1
                self._give_back()
                self._pull()
                if self._outage.down:
                    break
        except BaseException:
            self._own.drop()
            raise
        return tried

    # --- the claiming thread ------------------------------------------------------------------------------------

    def _claim_on(self) -> None:
        trouble = Trouble("the outbox cannot be read")
        while not self._stopping.is_set():
            try:
                self._refill()
                trouble.over()
            except Exception as error:  # noqa: BLE001 - the queue goes on when the database is back; logged
                self._stopping.wait(trouble.seen(error))
        try:
            self._give_back(everything=True)
        except Exception as error:  # noqa: BLE001 - the next start takes all claims back; logged
            trouble.seen(error)

    def _refill(self) -> None:
        """One round: what keeps the connections in work, or a sleep."""
        self._give_back()
        if self._outage.down:
            if not self._stopping.wait(self._outage.remaining):
                self._probe()
            return
        self._pull()
        with self._changed:
            ready = self._changed.wait_for(lambda: self._interrupted() or self._room() > 0, GLANCE)
            room = 0 if self._interrupted() else self._room()
        if not ready or room == 0:
            return
        due_in = self._queue.next_due()
        if due_in is not None and due_in <= 0 and self._claim(room):
            return
        self._wait(min(GLANCE, GLANCE if due_in is None else max(SHORTEST_GLANCE, due_in)))

    def _interrupted(self) -> bool:
        return self._stopping.is_set() or self._outage.down

    def _room(self) -> int:
        """How many mails may be claimed now: none until the last batch is half gone; one at a time in a trial."""
        if self._outage.trial:
            return 0 if self._claims else 1
        if len(self._ready) > self._batch // 2 or self._claimed_bytes > CLAIM_BYTES:
            return 0
        return self._batch - len(self._ready)

    def _claim(self, limit: int) -> bool:
        rows = self._queue.claim(limit)
        self._checkpoint("outbox:claimed")
        with self._changed:
            self._ready.extend(rows)
            self._claims += len(rows)
            self._claimed_bytes += sum(len(row.raw) for row in rows)
            self._changed.notify_all()
        return bool(rows)

    def _give_back(self, *, everything: bool = False) -> None:
        """During an outage, and at the end, what was claimed and not tried goes back to the queue."""
        with self._changed:
            if self._outage.down or everything:
                self._unwanted += [due.id for due in self._ready]
                self._forget(self._ready)
                self._ready.clear()
        if self._unwanted:
            self._queue.release(self._unwanted)
            self._unwanted = []

    def _pull(self) -> None:
        if self._pull_forward:
            self._pull_forward = False
            try:
                self._queue.recovered()
            except BaseException:
                self._pull_forward = True
                raise

    def _probe(self) -> bool:
        """Asks a server that was down for its greeting, without a mail at stake."""
        probe = self._server.connection()
        try:
            probe.open()
        except DeliveryFault as fault:
            log.debug("outgoing mail server %s: still %s", self._server, fault.told)
            with self._changed:
                self._outage.failed_again()
            return False
        probe.close()
        with self._changed:
            self._outage.greeted()
            self._pull_forward = True
        return True

    # --- the connections' threads -------------------------------------------------------------------------------

    def _deliver_on(self) -> None:
        connection = self._server.connection()
        while not self._stopping.is_set():
            due = self._take(self._server.limits.idle)
            if due is None:
                connection.rest()
                continue
            self._commit(self._attempt(connection, due))
            self._forget([due])
        connection.close()

    def _take(self, timeout: float) -> Due | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping.is_set() or (self._ready and not self._outage.down), timeout)
            if self._stopping.is_set() or self._outage.down or not self._ready:
                return None
            due = self._ready.popleft()
            self._changed.notify_all()
            return due

    def _forget(self, done: Iterable[Due]) -> None:
        with self._changed:
            for due in done:
                self._claims -= 1
                self._claimed_bytes -= len(due.raw)
            self._changed.notify_all()

    def _attempt(self, connection: Carrier, due: Due) -> Outcome:
        try:
            replies = tuple(connection.send(due.envelope_from, due.recipients, due.raw))
        except DeliveryFault as fault:
            outcome = self._faulted(due, fault)
        except Exception as error:
            log.exception("outgoing mail %d cannot be handed over", due.id)
            outcome = later(due, f"{type(error).__name__} while handing it over")  # no mail stops the next one
        else:
            outcome = Outcome(due.id, replies)
            with self._changed:
                self._pull_forward |= self._outage.answered()
        self._checkpoint("outbox:sent")
        return outcome

    def _faulted(self, due: Due, fault: DeliveryFault) -> Outcome:
        with self._changed:
            self._outage.fault(fault.told)
        if fault.after_data:
            log.warning(
                "outgoing mail %d: %s after the whole mail was written. The server may have taken it; it is sent again "
                "with the same Message-ID",
                due.id,
                fault,
            )
        return later(due, str(fault)) if fault.begun else Outcome(due.id, (), str(fault))

    def _commit(self, outcome: Outcome) -> None:
        """Until it is on disk: a connection that went on would have two results to lose."""
        trouble = Trouble("the result of an outgoing mail cannot be stored")
        while self._batcher:
            try:
                self._batcher.submit(outcome).result()
            except ClaimLostError as error:
                log.warning("outgoing mail %d: %s", outcome.id, error)
                break
            except Exception as error:  # noqa: BLE001 - it is stored when the database is back; logged
                if self._abandoned.wait(trouble.seen(error)):
                    return
            else:
                trouble.over()
                break
        self._checkpoint("outbox:settled")

    def _settle(self, outcomes: list[Outcome]) -> list[None]:
        self._queue.settle(outcomes)
        return [None] * len(outcomes)
