"""How big a mail of ours will be, before it is made."""

from __future__ import annotations

from collections.abc import Sequence

from .types import Attachment

_AS_BASE64 = 1.37  # four letters for three octets, and line ends
_BESIDE = 20_000  # octets: headers, and what our templates say themselves


def estimated(text: str, files: Sequence[Attachment]) -> int:
    """In octets; a text goes twice, as it is and as HTML."""
    content = sum(file.size for file in files) + 2 * len(text.encode("utf-8", "replace"))
    return int(content * _AS_BASE64) + (_BESIDE if files else 0)


def fits(text: str, files: Sequence[Attachment], limit: int) -> bool:
    return estimated(text, files) <= limit


def in_order(text: str, sizes: Sequence[int], limit: int) -> frozenset[int]:
    """The places of the files of these sizes that go into one mail with that text: the first of them, and of those
    behind one that does not fit what still does."""
    kept: set[int] = set()
    total = estimated(text, ()) + _BESIDE
    for place, octets in enumerate(sizes):
        more = int(octets * _AS_BASE64) + 1
        if total + more <= limit:
            total += more
            kept.add(place)
    return frozenset(kept)


def within(text: str, files: Sequence[Attachment], limit: int) -> tuple[tuple[Attachment, ...], tuple[Attachment, ...]]:
    """The files that go into one mail with that text, and the largest ones, which do not."""
    kept: set[int] = set()
    total = estimated(text, ()) + _BESIDE
    for place in sorted(range(len(files)), key=lambda place: files[place].size):
        total += int(files[place].size * _AS_BASE64) + 1
        if total > limit:
            break
        kept.add(place)
    chosen = tuple(file for place, file in enumerate(files) if place in kept)
    return chosen, tuple(file for place, file in enumerate(files) if place not in kept)
