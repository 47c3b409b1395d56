"""What of an agent's reply crosses to the customer: the agent's words, and no line that was not for the customer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .attributions import attribution_above
from .blocks import Blocks, known_of
from .html import safe_to_text
from .lines import MAX_LINE, core, is_quote, skip_up
from .text import new_words, trim
from .types import ParsedMail

MARKER = "-=-=- Write your answer above this line -=-=-"
"""Stands in our mails to agents; what an agent writes is above it."""

REACHES = "Reply to this mail and your words go to"
REACHES_NOBODY = "Nobody left an address: a reply reaches nobody."
"""What the line above the marker begins with: its reader is the agent."""

MAX_QUOTED = 1000  # quoted lines that may cross with an answer: each is looked up in what was seen
MAX_SEEN = 200_000  # characters
WRAPPED = 6  # lines that a client makes of one command at most
NARROW = 60  # columns: no client wraps at fewer
REPLY_LINES = 12  # how far above the marker our own first words may push what introduces them

_MARKER_WORDS = "write your answer above this line"
_BEGUN = (REACHES.casefold(), REACHES_NOBODY.casefold())
# What one of our lines is found by; the rest of it may be wrapped.
_HINT = re.compile(r"(?P<marker>-=-=-)|reply to this mail|nobody left an address", re.IGNORECASE)


# What clients write into a text for a picture or behind a link.
_SHOWN = re.compile(r"\[cid:[^\[\]\s]{1,300}\]|<[^<>\s]{1,2000}>")


class _Ours(NamedTuple):
    """The line where our words to the agent begin, the words before them on that line, and the marker's line."""

    place: int
    before: str
    end: int


def above_marker(text: str, *, unquoted: bool = False, blocks: Blocks | None = None) -> str:
    """Everything above our marker and the line that stands over it (with `unquoted`, those that no `>` stands
    before), without the lines that introduce them; unchanged when there is neither."""
    lines = text.split("\n")
    found = _find_ours(lines, unquoted=unquoted)
    if found is None:
        return text
    cut = _introduction(lines, found.place, blocks or Blocks())
    keeps = found.before and cut == found.place
    return "\n".join([*lines[: found.place], found.before] if keeps else lines[:cut]).rstrip()


def written(text: str) -> str:
    """The new words of any mail, an agent's too: those above our marker where the client quotes without `>`."""
    above = above_marker(text, unquoted=True)
    return new_words(above if above.strip() else text)


def agent_answer(mail: ParsedMail, seen: str = "") -> str:
    """What of an agent's reply crosses to the customer; "" when nothing is left, never the quoted text alone.

    Below a marker that is quoted with `>` the agent may have answered between the lines or under them. A quoted
    line crosses with its answer only if it is in `seen`, the words that the customer's side has already; what our
    mail to the agent says beside those does not.
    """
    lines = mail.full_text.split("\n")
    blocks = Blocks(known_of(mail))
    found = _find_ours(lines)
    whole = found is not None and is_quote(lines[found.place])
    if found is not None and whole:
        lines = [*lines[: skip_up(lines, _introduction(lines, found.place, blocks))], "", *lines[found.end + 1 :]]
    lines = above_marker("\n".join(lines), unquoted=True, blocks=blocks).split("\n")
    lines = lines[: skip_up(lines, blocks.first(lines), rule=True)]
    words = trim(lines, _known(folded(seen)), whole=whole, legal=False)
    return _unsigned(_unwrapped(words, mail.html), mail.signature)


def _unwrapped(text: str, html: str) -> str:
    """The commands at the top as they were typed: a client may wrap the text, and the HTML beside it shows that."""
    lines = text.split("\n")
    kept: list[str] = []
    typed: frozenset[str] = frozenset()
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith("#")):
        count = 1
        if html and _is_full(lines):
            typed = typed or frozenset(" ".join(line.split()) for line in safe_to_text(html).split("\n"))
            words = (" ".join(" ".join(lines[:end]).split()) for end in range(1, WRAPPED + 1))
            count = next((end for end, one in enumerate(words, 1) if one in typed), 1)
        kept.append(" ".join(lines[:count]))
        del lines[:count]
    return "\n".join([*kept, *lines])


def _is_full(lines: list[str]) -> bool:
    """Would the next line's first word not have gone on it?"""
    following = lines[1].split() if len(lines) > 1 else []
    return bool(following) and len(f"{lines[0]} {following[0]}") > NARROW


def _unsigned(text: str, signature: str) -> str:
    """Without the signature below it, which the HTML alone marks as one; all of it where nothing would be left."""
    lines = text.split("\n")
    return "\n".join(lines[: begins(lines, signature)]).rstrip() or text


def begins(lines: Sequence[str], last: str) -> int:
    """The line from which on they say nothing but these `last` words; their number where they end with others."""
    wanted = _letters(last)
    below = ""
    for number in range(len(lines) - 1, -1, -1):
        below = _letters(lines[number]) + below
        if len(below) > len(wanted):
            break
        if wanted and below == wanted:
            return number
    return len(lines)


def is_marked_signature(text: str, mail: ParsedMail) -> bool:
    """Is it nothing but what the HTML marks as the mail client's?"""
    return bool(mail.signature) and _letters(text) == _letters(mail.signature)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _SHOWN.sub("", text)))


def folded(text: str) -> str:
    """Words without their quote marks, on one line, as lines are looked up in it."""
    return " ".join(" ".join(line.lstrip("> \t") for line in text[:MAX_SEEN].split("\n")).split())


def _known(seen: str) -> Callable[[str], bool]:
    """Whether the other side has seen a quoted line. Bounded, since each is looked up in all that was seen."""
    left = MAX_QUOTED

    def is_known(line: str) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and " ".join(core(line).split()) in seen

    return is_known


def _find_ours(lines: list[str], *, unquoted: bool = False) -> _Ours | None:
    for number, line in enumerate(lines):
        hint = _HINT.search(line)
        if hint is None or (unquoted and is_quote(line)):
            continue
        place = hint.start()
        joined = " ".join(core(x) for x in (line[place : place + MAX_LINE], *lines[number + 1 : number + 4]))
        words = " ".join(joined[: 2 * MAX_LINE].split()).casefold()[:80]
        if _MARKER_WORDS in words if hint["marker"] else words.startswith(_BEGUN):
            before = line[:place].rstrip()
            before = "" if is_quote(line) or not core(before) else before
            return _Ours(number, before, number if hint["marker"] else _marker_below(lines, number))
    return None


def _marker_below(lines: list[str], place: int) -> int:
    """The line of the marker that follows the one that stands over it: a client may have wrapped what is between."""
    for number in range(place + 1, min(place + REPLY_LINES, len(lines))):
        if "-=-=-" in lines[number]:
            return number
    return place


def _introduction(lines: list[str], place: int, blocks: Blocks) -> int:
    """Where what leads to our words begins: quoted lines, an attribution, a block of header lines, a rule."""
    top = place
    while top > 0 and (is_quote(lines[top - 1]) or not lines[top - 1].strip()):
        top -= 1
    attribution = attribution_above(lines, top, 0)
    if attribution < top:
        return attribution
    head = lines[:top]
    # Clients that quote without `>` leave our own first lines between the block and the marker.
    for start in range(top, max(-1, top - REPLY_LINES), -1):
        if blocks.begins(head, start, leads=not is_quote(lines[place])):
            return skip_up(head, blocks.top(head, start), rule=True)
        if start < top and (begin := attribution_above(lines, start, 0)) < skip_up(lines, start):
            return begin
    return skip_up(lines, top, rule=True)
