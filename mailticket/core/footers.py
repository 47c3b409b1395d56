"""Where a person's words end and what phones, programs, lists and companies write below them begins."""

from __future__ import annotations

import re
from functools import lru_cache

from .disclaimers import DISCLAIMERS, NOTICES, TITLES
from .footer_words import DEVICES, PROGRAMS, SENDINGS
from .lines import WIDE, fold, skip_up

FEWEST_TERMS = 3
FIRST_TERMS = 3  # of a language's words: one of these is in any of its disclaimers
MAX_FOOTER = 80  # characters of what a program adds
MAX_PARAGRAPH = 40  # lines
MAX_FOOTERS = 100
MAX_LEGAL = 10_000  # characters
SHORT = 120  # characters; a disclaimer is longer
MIN_NOTICE, MAX_NOTICE = 8, 300
DEVICE_WORDS = 4
MOST_NAMED, SOON = 3, 6  # words behind what such a line begins with
_LINK = re.compile(r"https?://[^\s)>\]]*|[<>()\[\]*_\"“”|]")
_RULE = re.compile(r"[-_=*~#+\u2010-\u2015\s]{3,}")
_LIST_RULE = "_" * 20
_LIST = re.compile(r"mailing list|https?://|unsubscribe|@", re.IGNORECASE)


def without_footers(lines: list[str], *, legal: bool = True) -> int:
    """Where what follows a person's own words begins; the end where nothing does; whole paragraphs
    only with `legal`."""
    found = len(lines)
    end = skip_up(lines, found)
    for _ in range(MAX_FOOTERS):
        if not end or (begin := _begins_above(lines, end, legal=legal)) == end:
            break
        found = end = _skip_rules(lines, begin)
    return found


def _begins_above(lines: list[str], end: int, *, legal: bool) -> int:
    """Where the footer that ends at `end` begins; `end` when there is none."""
    top = end
    while top > 0 and end - top < MAX_PARAGRAPH and lines[top - 1].strip():
        top -= 1
    paragraph = lines[top:end] if top == 0 or not lines[top - 1].strip() else []
    whole = legal and (end == len(lines) or not lines[end].strip())
    if whole and (_is_list(paragraph) or _is_legal(" ".join(paragraph)[:MAX_LEGAL])):
        return top
    if is_program(lines[end - 1], alone=top == end - 1, chained=end < len(lines)):
        return end - 1
    # A link that was wrapped off the line.
    linked = end - top > 1 and not _bare(lines[end - 1]) and _LINK.search(lines[end - 1])
    if linked and is_program(lines[end - 2], alone=top == end - 2):
        return end - 2
    return top if end < len(lines) and top == end - 1 and _bare(lines[top]) in TITLES else end


def is_program(line: str, *, alone: bool = False, chained: bool = False) -> bool:
    """Whether a phone or a program wrote this line. What a person may have written, too, has to stand `alone`, or be
    `chained` to others; then a name with a device is enough (`Anna from mobile`)."""
    words = _bare(line)
    if not words or len(words) >= MAX_FOOTER:
        return False
    if _rest(words, PROGRAMS, MOST_NAMED):
        return True
    if not (alone or chained) or not _devices(DEVICES).search(words):
        return False
    if _rest(words, SENDINGS, 0):
        return True
    return chained and len(words.split()) < DEVICE_WORDS and not line.rstrip().endswith((".", "?", "!", ","))


def _rest(words: str, table: tuple[tuple[str, str, str], ...], most: int) -> bool:
    """Whether the line is one of the table's: its rest names a device soon, or has at most so many words.

    `Sent from my desk, where I have neither mail nor a phone` is a person's."""
    begins, ends = _edges(table)
    if not (words.startswith(begins) or words.endswith(ends)):
        return False
    for _, begin, end in table:
        if words.startswith(begin) and words.endswith(end):
            rest = words[len(begin) :].split()
            if len(rest) <= most or _devices(DEVICES).search(" ".join(rest[:SOON])):
                return True
    return False


@lru_cache(maxsize=8)
def _edges(table: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the rows begin with, and what those end with that begin with anything."""
    return tuple(begin for _, begin, _ in table if begin), tuple(end for _, begin, end in table if not begin)


def _is_legal(paragraph: str) -> bool:
    words = fold(paragraph)
    if MIN_NOTICE < len(words) < MAX_NOTICE and any(text in words for _, text in NOTICES):
        return True
    wide = sum(letter >= WIDE for letter in words[:SHORT])  # letters that say as much as a word
    if len(words) + 2 * wide < SHORT:
        return False
    likely = (terms for _, terms in DISCLAIMERS if any(term in words for term in terms[:FIRST_TERMS]))
    return any(sum(term in words for term in terms) >= FEWEST_TERMS for terms in likely)


def _is_list(paragraph: list[str]) -> bool:
    """`____…`, and below it the list's name and address."""
    return len(paragraph) > 1 and paragraph[0].startswith(_LIST_RULE) and bool(_LIST.search(" ".join(paragraph[1:])))


def _skip_rules(lines: list[str], end: int) -> int:
    """Over blank lines and rules of any kind: those that stood above a footer."""
    while end > 0 and (not lines[end - 1].strip() or _RULE.fullmatch(lines[end - 1])):
        end -= 1
    return end


def _bare(line: str) -> str:
    """The words of a line without links and brackets, in lower case."""
    return " ".join(fold(_LINK.sub(" ", line[: 4 * MAX_FOOTER])).split()).strip(" .:;-–—")  # noqa: RUF001


@lru_cache(maxsize=4)
def _devices(table: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"(?<![a-z])(?:" + "|".join(map(re.escape, table)) + ")")
