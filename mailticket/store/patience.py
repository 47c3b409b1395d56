"""How long a database may work on what it is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection

from ..errors import SlowError, TemporaryError

STEPS = 1000  # of the database between two looks at the clock: some hundredths of a second, in the search's index, too


@contextmanager
def within(connection: Connection, seconds: float) -> Iterator[None]:
    """What the connection is asked in here has so long by the clock, all together; then it is a SlowError."""
    until = time.monotonic() + seconds
    cut = False

    def is_over() -> bool:
        nonlocal cut
        cut = time.monotonic() > until
        return cut

    connection.set_progress_handler(is_over, STEPS)
    try:
        yield
    except TemporaryError as error:
        if cut:
            raise SlowError(f"the database worked on it for over {seconds:g} s") from error
        if str(error.__cause__) == "interrupted":  # ^C in `is_over`: the driver keeps to itself what is raised there
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
