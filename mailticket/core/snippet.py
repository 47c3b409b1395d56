"""The words around what was looked for, on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .folding import searchable
from .search import Text

BEFORE, LONGEST = 40, 160  # characters that are shown: before what was found, and in all
_LOOKED_AT = 20_000  # characters of a text
_PIECE = re.compile(r"\S{1,20}")  # a word, or some of a sentence that has no blanks
_WORD = re.compile(r"\w+")


def snippet(texts: Iterable[str], wanted: Sequence[Text]) -> str:
    """Of the first text that has one of the wanted; else how the first one begins."""
    looked_at = [text[:_LOOKED_AT] for text in texts]
    phrases = [(text.words.split(), text.beginning) for text in wanted]
    for text in looked_at:
        for piece in _PIECE.finditer(text):
            if any(_has(text, piece, phrase, beginning) for phrase, beginning in phrases):
                return _cut(text, piece.start())
    return _cut(looked_at[0], 0) if looked_at else ""


def _has(text: str, piece: re.Match[str], phrase: list[str], beginning: bool) -> bool:
    """Does the phrase begin in that piece of the text?"""
    first = _WORD.findall(searchable(piece[0]))
    if phrase[0] not in first and not (beginning and any(word.startswith(phrase[0]) for word in first)):
        return False
    longest = sum(map(len, phrase)) + 10 * len(phrase) + len(piece[0])
    words = _WORD.findall(searchable(text[piece.start() : piece.start() + longest]))
    starts = range(min(len(first), len(words) - len(phrase) + 1))
    return any(_same(words[at : at + len(phrase)], phrase, beginning) for at in starts)


def _same(words: list[str], phrase: list[str], beginning: bool) -> bool:
    last = words[-1].startswith(phrase[-1]) if beginning else words[-1] == phrase[-1]
    return words[:-1] == phrase[:-1] and last


def _cut(text: str, at: int) -> str:
    start = max(0, at - BEFORE)
    while 0 < start < at and not text[start - 1].isspace():
        start += 1
    shown = " ".join(text[start : start + 2 * LONGEST].split())
    more = len(shown) > LONGEST or len(text) > start + 2 * LONGEST
    return f"{'… ' if start else ''}{shown[:LONGEST].rstrip()}{' …' if more else ''}"
