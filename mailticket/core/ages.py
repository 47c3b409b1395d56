"""How long something takes or took, in a word or two."""

from __future__ import annotations

from datetime import timedelta

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def age(span: timedelta) -> str:
    """To one unit: `12 min`."""
    seconds = max(int(span.total_seconds()), 0)
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), "0 s")
