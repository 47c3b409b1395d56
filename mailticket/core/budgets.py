"""How many automatic answers the desk gives to an address, to a domain, to the same words, and in all.

They stop the machines that declare nothing. The rows that are counted are the store's; here is what they mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .known import Used
from .policy import Budgets, Limit
from .subject import base
from .types import ParsedMail

HELD_AFTER = 3
"""Hours running in which an address is over its budget, until it is taken for a machine."""

MIN_WORDS = 40  # characters: fewer are the same by chance ("Thanks!")


def windows(budgets: Budgets) -> tuple[tuple[str, Limit], ...]:
    """Every limit with the name of its budget, as in the config. An address' own budget comes first, so that it is the
    one that is named when several are used up."""
    named = (
        ("per_address", budgets.per_address),
        ("identical", budgets.identical),
        ("per_domain", budgets.per_domain),
        ("total", budgets.total),
    )
    return tuple((name, limit) for name, limits in named for limit in limits)


def exhausted(budgets: Budgets, used: Sequence[Used]) -> str:
    """The name of the first budget that is used up, or "". A limit that nobody counted for is not used up."""
    counted = {(one.budget, one.seconds): one.count for one in used}
    return next((name for name, limit in windows(budgets) if counted.get(_key(name, limit), -1) >= limit.count), "")


def holds(budget: str) -> bool:
    """Does it speak against the address itself that this budget is used up? The others may be used up by somebody
    else: a person at a large provider is no machine because a neighbour is one."""
    return budget == "per_address"


def words_key(mail: ParsedMail) -> str:
    """The hash of subject and new words, the same for identical mails, with case and white space aside; "" for a mail
    too short to be the same as another."""
    words = " ".join(f"{base(mail.subject)}\n{mail.text}".casefold().split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32] if len(words) >= MIN_WORDS else ""


def _key(name: str, limit: Limit) -> tuple[str, int]:
    return name, int(limit.window.total_seconds())
