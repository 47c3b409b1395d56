"""What strangers say, told as one short line without a part of our secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_plus

_READ = 2000  # characters
_ECHO = 12  # characters in a row that are no chance
_SPACE = re.compile(r"\s+")


def told_without(text: str, secrets: Sequence[str], most: int) -> str:
    """A stranger's words as one short line, without anything of ours that must not be told."""
    text = text[:_READ]
    for secret in secrets:
        for spelled in (secret, quote_plus(secret)):
            text = text.replace(spelled, "…") if spelled else text
    words = ("…" if _echoes(word, secrets) else word for word in _SPACE.split(text))
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(words)).strip()
    return line if len(line) <= most else line[: most - 1] + "…"


def _echoes(word: str, secrets: Sequence[str]) -> bool:
    """Is there a part of a secret in it?"""
    parts = [word[start : start + _ECHO] for start in range(len(word) - _ECHO + 1)]
    return any(part in secret for secret in secrets for part in parts)
