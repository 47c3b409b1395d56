"""Group commit: what several threads want written at the same moment shares one write."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from ..errors import TemporaryError

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)


def _weightless(_item: object) -> int:
    return 0


class Batcher(Generic[T, R]):
    """Hands items to `write`, many at a time, in one thread of its own. There is no timer: while one write runs,
    the next batch fills.

    `write` takes a list and returns one result for each item, in the same order, once all are durable. When it
    raises for several, each is tried alone, so that a bad item fails alone; a TemporaryError is nobody's fault
    and fails them all at once.
    `limit` is the most items of a batch. Over `max_items` waiting, or `max_bytes` (as `weigh` counts them) waiting
    and being written, `submit` raises TemporaryError.
    """

    def __init__(
        self,
        write: Callable[[list[T]], list[R]],
        *,
        name: str,
        limit: int = 64,
        max_items: int = 10_000,
        max_bytes: int = 256 * 1024 * 1024,
        weigh: Callable[[T], int] = _weightless,
    ) -> None:
        self._write = write
        self._name = name
        self._limit = limit
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._weigh = weigh
        self._queue: deque[tuple[T, int, Future[R]]] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: T) -> Future[R]:
        """Cannot be cancelled: what was taken will be written. Raises TemporaryError when full or closed."""
        weight = self._weigh(item)
        future: Future[R] = Future()
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closed:
                raise TemporaryError(f"{self._name} is stopping: nothing more is taken")
            if len(self._queue) >= self._max_items or (self._bytes and self._bytes + weight > self._max_bytes):
                raise TemporaryError(
                    f"{self._name} is full: {len(self._queue)} items, {self._bytes} bytes wait to be written"
                )
            self._queue.append((item, weight, future))
            self._bytes += weight
            self._changed.notify()
        return future

    def close(self) -> None:
        """Write what waits, then stop. May be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            items = [item for item, _, _ in batch]
            futures = [future for _, _, future in batch]
            self._settle(items, futures)
            with self._changed:
                self._bytes -= sum(weight for _, weight, _ in batch)
            # An idle thread must not keep the last batch in memory.
            del batch, items, futures

    def _next(self) -> list[tuple[T, int, Future[R]]]:
        """What waits, at most `limit`; waits for something. Empty when closed and done."""
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            return [self._queue.popleft() for _ in range(min(self._limit, len(self._queue)))]

    def _settle(self, items: list[T], futures: list[Future[R]]) -> None:
        try:
            results = self._write(items)
        except BaseException as error:  # noqa: BLE001 - it belongs to those who wait; this thread must go on
            if len(items) == 1 or isinstance(error, TemporaryError) or not isinstance(error, Exception):
                for future in futures:
                    future.set_exception(error)
                return
            log.warning("%s: %d together failed (%s), trying one by one", self._name, len(items), error)
            for item, future in zip(items, futures, strict=True):
                self._settle([item], [future])
            return
        if len(results) != len(items):
            mismatch = RuntimeError(f"{self._name}: {len(results)} results for {len(items)} items")
            for future in futures:
                future.set_exception(mismatch)
            return
        for future, result in zip(futures, results, strict=True):
            future.set_result(result)
