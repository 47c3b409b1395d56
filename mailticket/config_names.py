"""Which names a config may have: keys that are acted on, those that come later, and the one that was perhaps meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from .config_keys import KEYS
from .config_tables import TABLES

# Known, checked and kept, so that a config may have them already; each that is written is warned about.
NOTED = {"agent": ("tier",)}
_FEW = 3


def keys_of(table: str) -> tuple[str, ...]:
    """Every key that may be written in a table; "" for the tables themselves."""
    if not table:
        return tuple(t.name for t in TABLES if "." not in t.name)
    inner = ("service_levels",) if table == "department" else ()
    return (*(key.name for key in KEYS if key.table == table), *NOTED.get(table, ()), *inner)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, whatever the case; None only where nothing is known."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.0)
    return by_fold[found[0]] if found else None


def listed(words: Sequence[str], last: str) -> str:
    """`a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def home_of(key: str) -> str | None:
    """The header of the table where a key of that name belongs; None where none or many have it."""
    heads = [table.head for table in TABLES if key in keys_of(table.name)]
    return listed(heads, "or") if 0 < len(heads) <= _FEW else None
