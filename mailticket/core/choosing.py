"""Which of a few names is meant by what somebody typed: a whole one, or the beginning of one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .folding import folded

_MAX_TYPED = 200  # characters that are looked at
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Clients make them of what is typed, and curly quotes; a name may have been written with them.
_MARKS = str.maketrans(dict.fromkeys(DASHES, "-") | dict.fromkeys("\u2018\u2019\u02bc", "'"))


def plain(words: str) -> str:
    """Folded, and without the marks that stand around a name."""
    marked = words[:_MAX_TYPED].translate(_MARKS)
    return " ".join(folded(marked).split()).strip("@<>.,;:\"' \u201c\u201d\u201e")


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
