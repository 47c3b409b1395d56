"""A ticket's statuses as one table.

The rules of this file: a status is one line, a happening is one column, a cell is the status that follows. None
means that it cannot happen from there: mail to a closed ticket opens a follow-up instead, and who asked for the
rest is told. A ticket is open while somebody owes something: we (new, open), the customer (pending), or the
calendar (postponed).
"""

from __future__ import annotations

HAPPENINGS = ("customer_mail", "agent_answer", "resolve", "reopen", "close")  # close: the timer after reopen_days

# A table is read in columns:
# fmt: off
_TABLE: dict[str, tuple[bool, tuple[str | None, ...]]] = {
    # status       open?  customer_mail  agent_answer  resolve     reopen       close
    "new":        (True,  ("new",        "pending",    "resolved", "new",       None)),
    "open":       (True,  ("open",       "pending",    "resolved", "open",      None)),
    "pending":    (True,  ("open",       "pending",    "resolved", "pending",   None)),
    "postponed":  (True,  ("open",       "pending",    "resolved", "postponed", None)),
    "resolved":   (False, ("open",       "resolved",   "resolved", "open",      "closed")),
    "closed":     (False, (None,         "closed",     None,       "open",      None)),
    "spam":       (False, ("open",       "open",       None,       "open",      None)),
}
# fmt: on

STATUSES = tuple(_TABLE)


def next_status(status: str, happening: str) -> str | None:
    """What the status becomes; None where that cannot happen. KeyError or ValueError for words not in the table."""
    return _TABLE[status][1][HAPPENINGS.index(happening)]


def is_open(status: str) -> bool:
    """Whether somebody still owes something: neither resolved, closed nor spam."""
    return _TABLE[status][0]
