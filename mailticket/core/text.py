"""The new words of a mail: quotes, attribution lines, footers and signatures trimmed. Line by line, so always linear.

Lines end with "\\n" alone here. What HTML alone can tell comes as marks in front of lines (see `html_quotes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .attributions import attribution_above, ends_alone, standing_alone
from .blocks import Blocks, above
from .footers import without_footers
from .lines import INTRODUCES, SIGNED, SIGNS, WIDE, fold, is_marked, is_quote, mark, skip_up, unmarked
from .quoting import BELOW

MAX_LINES = 60_000  # no mail that was read has more; what has is all new
MAX_SIGNATURE = 30  # lines below a lone "--"; more are a person's words under a line
MAX_SIGNS = 100  # runs of lines that begin with another sign than `>` where nothing says that it quotes
MAX_SAID = 500  # characters of words that say where others are
MAX_INTRODUCTION = 8  # lines of it between HTML's mark and a quote with `>`
MOST_WORDS = 3  # of those that are not blank; more are a block of header lines
_SURE = "-- "
DASHES = frozenset({"--", "\u2014"})  # above a signature


class _Block(NamedTuple):
    """A run of quoted lines, `start` at its attribution (`quote` at its first quoted line)."""

    start: int
    quote: int
    end: int


class _Quoted(NamedTuple):
    """Where what is quoted without `>` begins, and where the words below what introduces it do."""

    start: int
    end: int


def new_words(text: str) -> str:
    """What its writer added. All of it when nothing would be left."""
    lines, introduced = _read_marks(text)
    if len(lines) > MAX_LINES:
        return unmarked(text).strip("\n")
    quoted = _unmarked_quote(lines, introduced)
    words = trim(lines[: quoted.start], introduced=introduced)
    if quoted.start < len(lines) and _answers_below(words):
        words = ""
    elif not words and quoted.end < len(lines):
        # An attribution on top, and nothing says where below it the quote ends: all but the line itself.
        words = trim(lines[quoted.end :])
    return words or unmarked(text).strip("\n")


def _answers_below(words: str) -> bool:
    """Whether somebody says that there is more of theirs among the lines that they quote."""
    said = fold(words) if len(words) < MAX_SAID else ""
    return bool(_phrases(BELOW).search(said))


@lru_cache(maxsize=4)
def _phrases(table: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """Any of them, as whole words where their letters have words at all."""
    return re.compile("|".join(rf"\b{text}\b" if text < WIDE else text for _, text in table))


def trim(
    lines: list[str],
    crosses: Callable[[str], bool] = bool,
    *,
    whole: bool = False,
    legal: bool = True,
    introduced: frozenset[int] = frozenset(),
) -> str:
    """`crosses` says of a quoted line that is kept with its answer whether it may be. `whole` that the mail quotes
    another one from its first line on: then words below all of it answer all of it, and it goes. Without `legal` what
    looks like a company's disclaimer goes only from below a quote: it may be what somebody says."""
    lines = lines[: _end(lines, legal=legal)]
    blocks = _blocks(lines, introduced)
    ends = [*(block.start for block in blocks[1:]), len(lines)]
    kept = _own(lines[: blocks[0].start] if blocks else lines, legal=legal, last=not blocks)
    for block, end in zip(blocks, ends, strict=False):
        following = _own(lines[block.end : end], legal=legal, last=end == len(lines))
        answered = any(line.strip() for line in following)
        below_all = len(blocks) == 1 and (whole or block.start < block.quote) and not "".join(kept).strip()
        if answered and not below_all:
            if kept and kept[-1].strip() and not lines[block.start - 1].strip():
                kept.append("")  # that stood below the signature
            kept += _crossing(lines[block.quote : block.end], crosses)
        kept += following
    return "\n".join(kept).strip("\n").rstrip()


def _end(lines: list[str], *, legal: bool) -> int:
    end = without_footers(lines)
    if not legal and end < len(lines) and not mark(lines[end - 1] if end else ""):
        return without_footers(lines, legal=False)
    return end


def _own(segment: list[str], *, legal: bool, last: bool = False) -> list[str]:
    """What a person says between two quotes, without a signature and what programs add (below the last it is gone)."""
    for number, line in enumerate(segment):
        if line == _SURE or (line.strip() in DASHES and len(segment) - number <= MAX_SIGNATURE):
            segment, last = segment[:number], False
            break
    return segment[: without_footers(segment, legal=legal)] if any(segment) and not last else segment


def _crossing(quoted: list[str], crosses: Callable[[str], bool]) -> list[str]:
    """The quoted lines that may cross, without empty ones at either end."""
    kept = [x for x in quoted if not mark(x) or crosses(x)]
    full = [n for n, line in enumerate(kept) if line.strip(" >|")]
    return kept[full[0] : full[-1] + 1] if full else []


def _blocks(lines: list[str], introduced: frozenset[int]) -> list[_Block]:
    """The quoted runs; blank lines between two quoted ones belong to the run."""
    blocks: list[_Block] = []
    accepted = {">"}
    position = tried = 0
    while position < len(lines):
        sign = mark(lines[position])
        if not sign:
            position += 1
            continue
        start = end = position
        while position < len(lines) and (mark(lines[position]) == sign or not lines[position].strip()):
            position += 1
            if lines[position - 1].strip():
                end = position
        floor = blocks[-1].end if blocks else 0
        if sign not in accepted:
            # It may as well be a table's, or a person's: it needs an attribution that stands for itself.
            tried += 1
            if tried > MAX_SIGNS or not ends_alone(lines, skip_up(lines, start) - 1):
                continue
            accepted.add(sign)
        blocks.append(_Block(_introduction(lines, start, floor, introduced), start, end))
    return blocks


def _introduction(lines: list[str], start: int, floor: int, introduced: frozenset[int]) -> int:
    if introduced:
        marked = [n for n in range(max(floor, start - MAX_INTRODUCTION), start + 1) if n in introduced]
        if marked:
            return marked[0]
    return attribution_above(lines, start, floor)


def _unmarked_quote(lines: list[str], introduced: frozenset[int]) -> _Quoted:
    """The first block of header lines, attribution or mark of HTML's that no `>` follows."""
    block = Blocks(wary=True).first(lines)
    block = next((n for n in sorted(introduced) if n < block and not _leads_to_marks(lines, n)), block)
    attribution = standing_alone(lines[:block])
    if attribution is None:
        return _Quoted(above(lines, block), len(lines))
    first, end = attribution
    return _Quoted(skip_up(lines, first, rule=True), end)


def _leads_to_marks(lines: list[str], place: int) -> bool:
    """Whether `>` marks what is introduced here, not a quote within it."""
    said = 0
    for line in lines[place : place + MAX_INTRODUCTION]:
        if mark(line):
            return said <= MOST_WORDS
        said += bool(line.strip())
    return False


def _read_marks(text: str) -> tuple[list[str], frozenset[int]]:
    """The lines without marks and marked signatures, and those that introduce a quote."""
    if not is_marked(text):
        return text.split("\n"), frozenset()
    lines: list[str] = []
    introduced: set[int] = set()
    signs = False
    for line in text.split("\n"):
        signs = (signs or SIGNS in line) and not (INTRODUCES in line or SIGNED in line or is_quote(line))
        if INTRODUCES in line:
            introduced.add(len(lines))
        if not signs:
            lines.append(unmarked(line))
    return lines, frozenset(introduced)
