"""The slow lane: a thread with a reader of its own for mails that take long, or that a reader died of.

The quick lane gives a mail one second, and reads the next. What it gave up is read here with the full deadline, and so
is a mail's every try after one that failed: three tries at growing pauses, of which nobody notices anything. So a
machine that was only busy costs no mail its ticket, and one that is over the bounds each time goes to quarantine.
Mails keep their order as far as they are quick.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from queue import PriorityQueue

from .core.retry import MAX_TRIES
from .deliver.outage import Trouble
from .errors import TemporaryError
from .store import inbox
from .store.desk import Desk
from .store.inbox import Claimed
from .worker import Item


class SlowLane:
    """`read` reads a claimed mail, `give_up` makes that end at once with a TemporaryError, `close` ends the reader;
    `done` takes what was read."""

    def __init__(
        self,
        desk: Desk,
        read: Callable[[Claimed], Item],
        done: Callable[[Item], None],
        give_up: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._read = read
        self._done = done
        self._give_up = give_up
        self._close = close
        self._numbers = count()
        self._waiting: PriorityQueue[tuple[int, int, Claimed | None]] = PriorityQueue()
        self._known: set[int] = set()  # inbox rows whose reading took too long or failed, and that are tried again
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading slowly", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell_to_stop(self) -> None:
        self._stopping.set()
        self._give_up()
        self._waiting.put((0, -1, None))

    def join(self, until: float) -> bool:
        """Whether it has ended. `until` is monotonic."""
        self._thread.join(max(0.0, until - time.monotonic()))
        return not self._thread.is_alive()

    def knows(self, claimed: Claimed) -> bool:
        """Was it slow, or fatal to a reader, when it was read before?"""
        return claimed.id in self._known

    def put(self, claimed: Claimed) -> None:
        """A mail's first try goes before another one's second: what failed once is the likelier to take long. The bytes
        are read again when it is its turn, so that any number may wait."""
        self._known.add(claimed.id)
        bare = replace(claimed, mail=replace(claimed.mail, raw=b""))
        self._waiting.put((claimed.tries, next(self._numbers), bare))

    def note(self, item: Item) -> None:
        """What became of reading a mail, in either lane."""
        if item.mail is None and item.claimed.tries < MAX_TRIES:
            self._known.add(item.claimed.id)
        else:
            self._known.discard(item.claimed.id)

    def _run(self) -> None:
        trouble = Trouble("slow mails that came in cannot be read")
        while not self._stopping.is_set():
            _, _, claimed = self._waiting.get()
            if claimed is not None:
                self._read_on(claimed, trouble)
        self._close()
        self._desk.db.close()

    def _read_on(self, bare: Claimed, trouble: Trouble) -> None:
        while not self._stopping.is_set():
            try:
                with self._desk.db.trouble_told():
                    raw = inbox.raw(self._desk.db, bare.id)
                if raw is None:  # purged: then it is not ours any more, either
                    return
                item = self._read(replace(bare, mail=replace(bare.mail, raw=raw)))
            except TemporaryError as error:
                if self._stopping.is_set():
                    return
                pause = trouble.seen(error)
                self._desk.db.close()
                self._stopping.wait(pause)
                continue
            trouble.over()
            self.note(item)
            self._done(item)
            return
