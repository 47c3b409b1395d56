"""Single lines of a mail's text: which one quotes, which is a rule, and what of it are words."""

from __future__ import annotations

import re

MAX_LINE = 400  # a longer one introduces nothing
WIDE = "\u2e80"  # from here on letters are words
INTRODUCES, SIGNS, SIGNED, QUOTED = "\ue002", "\ue003", "\ue004", "\ue005"
"""Stand before a line that introduces a quote, begins a signature, or follows one of these, as only the HTML told."""
RULED = "---------- "  # begins the line that Gmail puts above what it passes on; others have other rules
_SIGNS = ("|", ")", "]", "}", ":", "%")
_MARK = re.compile(r" {0,2}([|)\]}:%]|[A-Z]{1,4}>)(?:\s|$)")
MARKS = frozenset({INTRODUCES, SIGNS, SIGNED, QUOTED})
_NO_MARKS = {ord(mark): None for mark in MARKS}


def is_quote(line: str) -> bool:
    return line[:4].lstrip(" ").startswith(">")


def mark(line: str) -> str:
    """What may quote a line: `>`, or what a few clients have instead, a sign or the writer's initials; "" for none."""
    if is_quote(line):
        return ">"
    head = line[:8].lstrip(" ")
    found = _MARK.match(line) if head[:1] in _SIGNS or ">" in head else None  # every line is asked
    return found[1] if found else ""


def is_rule(line: str) -> bool:
    words = line.strip()
    return len(words) >= 5 and not words.strip("_-")  # noqa: PLR2004 - shorter ones are a person's


def skip_up(lines: list[str], place: int, *, rule: bool = False) -> int:
    """Over blank lines (and, with `rule`, lines of underscores or dashes) directly above `place`."""
    while place > 0 and (not lines[place - 1].strip() or (rule and is_rule(lines[place - 1]))):
        place -= 1
    return place


def fold(text: str) -> str:
    """In lower case, as the tables have it: also the letter \u0130, of which Python makes two."""
    return text.casefold().replace("i\u0307", "i")


def core(line: str) -> str:
    """A line's words, without what quotes it or makes it bold."""
    return line.lstrip("> \t|*").rstrip(" \t*")


def unmarked(text: str) -> str:
    """The text of HTML without the marks that its reader left for whoever trims it."""
    return text.translate(_NO_MARKS) if is_marked(text) else text


def is_marked(text: str) -> bool:
    return INTRODUCES in text or SIGNS in text or SIGNED in text or QUOTED in text
