"""The new words of a mail: quotes, attribution lines and signatures trimmed. Line by line, so always linear.

Every table grows by a row. Lines end with "\\n" alone here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .types import ParsedMail

MARKER = "-=-=- Write your answer above this line -=-=-"
"""Stands in our mails to agents; what an agent writes is above it."""

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
# The labels of the block that Outlook and its like put above what they quote: (language, from, the others).
HEADER_BLOCKS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("en", "from", frozenset({"sent", "date", "to", "cc", "subject"})),
    ("de", "von", frozenset({"gesendet", "datum", "an", "cc", "betreff"})),
    ("fr", "de", frozenset({"envoyé", "date", "à", "cc", "objet"})),
    ("cs", "od", frozenset({"odesláno", "datum", "komu", "kopie", "předmět"})),
    ("es", "de", frozenset({"enviado", "fecha", "para", "cc", "asunto"})),
    ("it", "da", frozenset({"inviato", "data", "a", "cc", "oggetto"})),
    ("pl", "od", frozenset({"wysłano", "data", "do", "dw", "temat"})),
    ("nl", "van", frozenset({"verzonden", "datum", "aan", "cc", "onderwerp"})),
    ("pt", "de", frozenset({"enviado", "enviada em", "data", "para", "cc", "assunto"})),
)
ORIGINALS = (
    "original message",
    "ursprüngliche nachricht",
    "message d'origine",
    "původní zpráva",
    "mensaje original",
    "messaggio originale",
    "wiadomość oryginalna",
    "oorspronkelijk bericht",
    "mensagem original",
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
REPLY_LINES = 12  # how far above the marker our own first words may push what introduces them

_MARKER_WORDS = "write your answer above this line"
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,200}")
_DATE = re.compile(r"\b\d{1,2}[:.h]\d\d\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_SPACE = re.compile(r"\s+")


def is_quote(line: str) -> bool:
    return line[:4].lstrip(" ").startswith(">")


def new_words(full_text: str) -> str:
    """What its writer added. All of it when nothing would be left."""
    return _trim(full_text.split("\n")) or full_text.strip("\n")


def above_marker(text: str) -> str:
    """Everything above our marker, without the lines that introduce it; unchanged when there is no marker."""
    lines = text.split("\n")
    found = _find_marker(lines)
    if found is None:
        return text
    place, before = found
    cut = _introduction(lines, place)
    return "\n".join([*lines[:cut], before] if before and cut == place else lines[:cut]).rstrip()


def agent_answer(mail: ParsedMail) -> str:
    """What of an agent's reply crosses to the customer; "" when nothing is left, never the quoted text."""
    lines = above_marker(mail.full_text).split("\n")
    block = next((n for n in range(len(lines)) if _is_block(lines, n)), len(lines))
    return _trim(lines[: _skip_up(lines, block, rule=True)])


# --- quotes and signatures -----------------------------------------------------------------------------------


class _Block(NamedTuple):
    """A run of quoted lines, `start` at its attribution (`quote` at its first quoted line)."""

    start: int
    quote: int
    end: int


def _trim(lines: list[str]) -> str:
    blocks = _blocks(lines)
    lines = lines[: _signature(lines, blocks)]
    blocks = [b for b in blocks if b.quote < len(lines)]
    kept: list[str] = []
    position = 0
    for number, block in enumerate(blocks):
        kept += lines[position : block.start]
        following = blocks[number + 1].start if number + 1 < len(blocks) else len(lines)
        answered = any(line.strip() for line in lines[block.end : following])
        below_all = len(blocks) == 1 and block.start < block.quote and not "".join(kept).strip()
        if answered and not below_all:
            kept += lines[block.quote : block.end]
        position = block.end
    kept += lines[position:]
    return "\n".join(_without_footer(kept)).strip("\n").rstrip()


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
        blocks.append(_Block(_attribution(lines, start, blocks[-1].end if blocks else 0), start, end))
    return blocks


def _attribution(lines: list[str], place: int, floor: int) -> int:
    """Where the lines that introduce what stands at `place` begin; `place` itself when there are none."""
    last = _skip_up(lines, place)
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


def _skip_up(lines: list[str], place: int, *, rule: bool = False) -> int:
    """Over blank lines (and, with `rule`, lines of underscores or dashes) directly above `place`."""
    while place > 0 and (not lines[place - 1].strip() or (rule and _is_rule(lines[place - 1]))):
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
    end = _skip_up(lines, len(lines))
    if end and len(lines[end - 1]) < 80 and lines[end - 1].strip().casefold().startswith(FOOTERS):  # noqa: PLR2004
        return lines[: end - 1]
    return lines


# --- the marker and what introduces it -----------------------------------------------------------------------


def _core(line: str) -> str:
    return line.lstrip("> \t|*").rstrip(" \t*")


def _find_marker(lines: list[str]) -> tuple[int, str] | None:
    """The line where the marker begins, and the words before it on that line."""
    for number, line in enumerate(lines):
        place = line.find("-=-=-")
        if place < 0:
            continue
        joined = " ".join(_core(x) for x in (line[place : place + MAX_LINE], *lines[number + 1 : number + 4]))
        if _MARKER_WORDS in _SPACE.sub(" ", joined[: 2 * MAX_LINE]).casefold()[:80]:
            before = line[:place].rstrip()
            return number, "" if is_quote(line) or not _core(before) else before
    return None


def _introduction(lines: list[str], place: int) -> int:
    """Where what leads to the marker begins: quoted lines, an attribution, a block of header lines, a rule."""
    top = place
    while top > 0 and (is_quote(lines[top - 1]) or not lines[top - 1].strip()):
        top -= 1
    attribution = _attribution(lines, top, 0)
    if attribution < top:
        return attribution
    # Clients that quote without `>` leave our own first lines between the block and the marker.
    for start in range(top, max(-1, top - REPLY_LINES), -1):
        if _is_block(lines, start):
            return _skip_up(lines, _block_top(lines, start), rule=True)
        if start < top and (begin := _attribution(lines, start, 0)) < _skip_up(lines, start):
            return begin
    return _skip_up(lines, top, rule=True)


def _block_top(lines: list[str], start: int) -> int:
    """The first line of the header block that `start` is in."""
    while start > 0 and (_label(lines[start - 1]) or _is_original(lines[start - 1])):
        start -= 1
    return start


def _label(line: str) -> str:
    """What stands before the colon of `From: …`, "" when it is no such line."""
    label, colon, _ = _core(line)[:40].partition(":")
    label = label.rstrip(" *\xa0").casefold()
    return label if colon and any(label == f or label in rest for _, f, rest in HEADER_BLOCKS) else ""


def _is_block(lines: list[str], start: int) -> bool:
    """Whether a block begins here: `From:` with two of its companions below it, or "Original Message"."""
    if start >= len(lines):
        return False
    if _is_original(lines[start]):
        return True
    label = _label(lines[start])
    if not label:
        return False
    below = {_label(line) for line in lines[start + 1 : start + 7]}
    return any(label == sender and len(below & others) >= 2 for _, sender, others in HEADER_BLOCKS)  # noqa: PLR2004


def _is_original(line: str) -> bool:
    core = line.strip()
    return core.startswith("--") and core.endswith("--") and core.strip("- ").casefold() in ORIGINALS


def _is_rule(line: str) -> bool:
    core = line.strip()
    return len(core) >= 5 and not core.strip("_-")  # noqa: PLR2004 - shorter ones are a person's
