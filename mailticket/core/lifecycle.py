"""A ticket's statuses as one table.

The rules of this file: a status is one line, a happening is one column, a cell is the status that follows. None
means that it cannot happen from there: mail to a closed ticket opens a follow-up instead, and who asked for the
rest is told. A ticket is open while somebody owes something: we (new, open), the customer (pending), or the
calendar (postponed).
"""

from __future__ import annotations

# expire is the timer after reopen_days, wake the one of what was postponed; the others are mails and commands.
HAPPENINGS = (
    *("customer_mail", "agent_answer", "resolve", "reopen", "close", "pending", "postpone", "spam"),
    *("expire", "wake"),
)

# A table is read in columns; `-` is None.
# fmt: off
_TABLE: dict[str, tuple[bool, str]] = {
    # status     open?   mail  answer   resolve  reopen  close  pending postpone  spam expire wake
    "new":       (True,  "new  pending  resolved new     closed pending postponed spam -      -"),
    "open":      (True,  "open pending  resolved open    closed pending postponed spam -      -"),
    "pending":   (True,  "open pending  resolved pending closed pending postponed spam -      -"),
    "postponed": (True,  "open pending  resolved open    closed pending postponed spam -      open"),
    "resolved":  (False, "open resolved resolved open    closed pending postponed spam closed -"),
    "closed":    (False, "-    closed   -        open    closed -       -         -    -      -"),
    "spam":      (False, "open open     -        open    -      -       -         spam -      -"),
}
# fmt: on

STATUSES = tuple(_TABLE)


def next_status(status: str, happening: str) -> str | None:
    """What the status becomes; None where that cannot happen. KeyError or ValueError for words not in the table."""
    after = _TABLE[status][1].split()[HAPPENINGS.index(happening)]
    return None if after == "-" else after


def is_open(status: str) -> bool:
    """Whether somebody still owes something: neither resolved, closed nor spam."""
    return _TABLE[status][0]
