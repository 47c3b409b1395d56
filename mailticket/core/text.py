"""The new words of a mail: quotes, attribution lines and signatures trimmed. Line by line, so always linear.

Every table grows by a row. Lines end with "\\n" alone here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

# (what an attribution line begins with, the verb it ends with); "" where it may begin with anything, then it
# needs a date or an address. All in lower case.
ATTRIBUTIONS: tuple[tuple[str, str], ...] = (
    ("on ", "wrote"),
    ("am ", "schrieb"),
    ("le ", "a écrit"),
    ("dne ", "napsal"),
    ("dňa ", "napísal"),
    ("el ", "escribió"),
    ("il giorno ", "ha scritto"),
    ("il ", "ha scritto"),
    ("w dniu ", "napisał"),
    ("dnia ", "napisał"),
    ("op ", "schreef"),
    ("em ", "escreveu"),
    ("a ", "escreveu"),
    ("", "wrote"),
    ("", "schrieb"),
    ("", "napsal"),
    ("", "napisał"),
    ("", "schreef"),
)
# Lines that phones and programs write below the words.
FOOTERS = (
    "sent from my ",
    "get outlook for ",
    "von meinem ",
    "gesendet von ",
    "envoyé de mon ",
    "odesláno z ",
    "enviado desde ",
    "inviato da ",
    "wysłane z ",
    "verzonden vanaf ",
    "enviado do ",
)

MAX_ATTRIBUTION = 3  # lines
MAX_LINE = 400  # a longer one is no attribution
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,200}")
_DATE = re.compile(r"\b\d{1,2}[:.h]\d\d\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_SPACE = re.compile(r"\s+")


def is_quote(line: str) -> bool:
    return line[:4].lstrip(" ").startswith(">")


def new_words(full_text: str) -> str:
    """What its writer added. All of it when nothing would be left."""
    return trim(full_text.split("\n")) or full_text.strip("\n")


class _Block(NamedTuple):
    """A run of quoted lines, `start` at its attribution (`quote` at its first quoted line)."""

    start: int
    quote: int
    end: int


def trim(lines: list[str], crosses: Callable[[str], bool] = bool, *, whole: bool = False) -> str:
    """`crosses` says of a quoted line that is kept with its answer whether it may be. `whole` that the mail quotes
    another one from its first line on: then words below all of it answer all of it, and it goes."""
    blocks = _blocks(lines)
    lines = lines[: _signature(lines, blocks)]
    blocks = [b for b in blocks if b.quote < len(lines)]
    kept: list[str] = []
    position = 0
    for number, block in enumerate(blocks):
        kept += lines[position : block.start]
        following = blocks[number + 1].start if number + 1 < len(blocks) else len(lines)
        answered = any(line.strip() for line in lines[block.end : following])
        below_all = len(blocks) == 1 and (whole or block.start < block.quote) and not "".join(kept).strip()
        if answered and not below_all:
            kept += _crossing(lines[block.quote : block.end], crosses)
        position = block.end
    kept += lines[position:]
    return "\n".join(_without_footer(kept)).strip("\n").rstrip()


def _crossing(quoted: list[str], crosses: Callable[[str], bool]) -> list[str]:
    """The quoted lines that may cross, without empty ones at either end."""
    kept = [x for x in quoted if not is_quote(x) or crosses(x)]
    full = [n for n, line in enumerate(kept) if line.strip(" >")]
    return kept[full[0] : full[-1] + 1] if full else []


def _blocks(lines: list[str]) -> list[_Block]:
    """The quoted runs; blank lines between two quoted ones belong to the run."""
    blocks: list[_Block] = []
    position = 0
    while position < len(lines):
        if not is_quote(lines[position]):
            position += 1
            continue
        start = end = position
        while position < len(lines) and (is_quote(lines[position]) or not lines[position].strip()):
            position += 1
            if is_quote(lines[position - 1]):
                end = position
        blocks.append(_Block(attribution_above(lines, start, blocks[-1].end if blocks else 0), start, end))
    return blocks


def attribution_above(lines: list[str], place: int, floor: int) -> int:
    """Where the lines that introduce what stands at `place` begin; `place` itself when there are none."""
    last = skip_up(lines, place)
    candidate = ""
    generic = place
    for count in range(1, MAX_ATTRIBUTION + 1):
        first = last - count
        if first < floor or not lines[first].strip() or is_quote(lines[first]) or len(lines[first]) > MAX_LINE:
            break
        candidate = f"{lines[first].strip()} {candidate}".strip()
        kind = _introduces(candidate)
        if kind == "begun":
            return first
        if (kind and generic == place) or (generic < place and _goes_on(lines[first])):
            generic = first
    return generic


def _introduces(line: str) -> str:
    """ "begun" for a whole attribution of the table, "generic" for its end, "" for neither."""
    folded = _SPACE.sub(" ", line.casefold())
    tail = folded[-40:].rstrip(" :：")  # noqa: RUF001 - the colon of Chinese and Japanese mailers
    verbs = [(start, verb) for start, verb in ATTRIBUTIONS if verb in folded[-60:]]
    colon = folded.endswith((":", "："))  # noqa: RUF001
    if any(start and folded.startswith(start) and (colon or tail.endswith(verb)) for start, verb in verbs):
        return "begun"
    dated = bool(_ADDRESS.search(folded) or _DATE.search(folded))
    return "generic" if (colon and (dated or verbs)) or (verbs and dated) else ""


def _goes_on(line: str) -> bool:
    """Whether this line looks like the first half of a wrapped attribution."""
    if _ADDRESS.search(line):
        return True
    return not line.rstrip().endswith((".", "!", "?", ",")) and bool(_DATE.search(line))


def skip_up(lines: list[str], place: int, *, rule: bool = False) -> int:
    """Over blank lines (and, with `rule`, lines of underscores or dashes) directly above `place`."""
    while place > 0 and (not lines[place - 1].strip() or (rule and is_rule(lines[place - 1]))):
        place -= 1
    return place


def _signature(lines: list[str], blocks: list[_Block]) -> int:
    """Where the signature begins. One that stands above everything else is none."""
    first_answer = blocks[-1].end if blocks and not any(x.strip() for x in lines[: blocks[0].start]) else 0
    for number, line in enumerate(lines):
        if line in {"-- ", "--"} and number >= first_answer:
            return number
    return len(lines)


def _without_footer(lines: list[str]) -> list[str]:
    end = skip_up(lines, len(lines))
    if end and len(lines[end - 1]) < 80 and lines[end - 1].strip().casefold().startswith(FOOTERS):  # noqa: PLR2004
        return lines[: end - 1]
    return lines


def is_rule(line: str) -> bool:
    core = line.strip()
    return len(core) >= 5 and not core.strip("_-")  # noqa: PLR2004 - shorter ones are a person's
