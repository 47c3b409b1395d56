"""Which of a few names is meant by what somebody typed: a whole one, or the beginning of one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .folding import folded

_MAX_TYPED = 200  # characters that are looked at


def plain(words: str) -> str:
    """Folded, and without the marks that stand around a name."""
    return " ".join(folded(words[:_MAX_TYPED]).split()).strip("@<>.,;:\"' ")


def chosen(typed: str, names: Iterable[str]) -> tuple[str, ...]:
    """All that may be meant."""
    wanted, known = plain(typed), {name: plain(name) for name in names}
    whole = tuple(name for name, one in known.items() if one == wanted)
    return whole or tuple(name for name, one in known.items() if wanted and one.startswith(wanted))


def nearest(typed: str, names: Iterable[str]) -> str:
    """The name that was probably meant, "" where none is near."""
    known = {plain(name): name for name in names}
    near = difflib.get_close_matches(plain(typed), known, n=1)
    return known[near[0]] if near else ""
