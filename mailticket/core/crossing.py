"""What of an agent's reply crosses to the customer: the agent's words, and no line that was not for the customer."""

from __future__ import annotations

from collections.abc import Callable

from .text import MAX_LINE, attribution_above, is_quote, skip_up, trim
from .types import ParsedMail

MARKER = "-=-=- Write your answer above this line -=-=-"
"""Stands in our mails to agents; what an agent writes is above it."""

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
MAX_QUOTED = 1000  # quoted lines that may cross with an answer: each is looked up in what was seen
MAX_SEEN = 200_000  # characters
REPLY_LINES = 12  # how far above the marker our own first words may push what introduces them

_MARKER_WORDS = "write your answer above this line"


def above_marker(text: str, *, unquoted: bool = False) -> str:
    """Everything above our marker (with `unquoted`, one that no `>` stands before), without the lines that
    introduce it; unchanged when there is no marker."""
    lines = text.split("\n")
    found = _find_marker(lines, unquoted=unquoted)
    if found is None:
        return text
    place, before = found
    cut = _introduction(lines, place)
    return "\n".join([*lines[:cut], before] if before and cut == place else lines[:cut]).rstrip()


def agent_answer(mail: ParsedMail, seen: str = "") -> str:
    """What of an agent's reply crosses to the customer; "" when nothing is left, never the quoted text alone.

    Below a marker that is quoted with `>` the agent may have answered between the lines or under them. A quoted
    line crosses with its answer only if it is in `seen`, the words that the customer's side has already; what our
    mail to the agent says beside those does not.
    """
    lines = mail.full_text.split("\n")
    found = _find_marker(lines)
    whole = found is not None and is_quote(lines[found[0]])
    if found is not None and whole:
        place = found[0]
        lines = [*lines[: skip_up(lines, _introduction(lines, place))], "", *lines[place + 1 :]]
    lines = above_marker("\n".join(lines), unquoted=True).split("\n")
    block = next((n for n in range(len(lines)) if not is_quote(lines[n]) and _is_block(lines, n)), len(lines))
    lines = lines[: skip_up(lines, block, rule=True)]
    return trim(lines, _known(folded(seen)), whole=whole)


def folded(text: str) -> str:
    """Words without their quote marks, on one line, as lines are looked up in it."""
    return " ".join(" ".join(line.lstrip("> \t") for line in text[:MAX_SEEN].split("\n")).split())


def _known(seen: str) -> Callable[[str], bool]:
    """Whether the other side has seen a quoted line. Bounded, since each is looked up in all that was seen."""
    left = MAX_QUOTED

    def is_known(line: str) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and " ".join(_core(line).split()) in seen

    return is_known


def _core(line: str) -> str:
    return line.lstrip("> \t|*").rstrip(" \t*")


def _find_marker(lines: list[str], *, unquoted: bool = False) -> tuple[int, str] | None:
    """The line where the marker begins, and the words before it on that line."""
    for number, line in enumerate(lines):
        place = line.find("-=-=-")
        if place < 0 or (unquoted and is_quote(line)):
            continue
        joined = " ".join(_core(x) for x in (line[place : place + MAX_LINE], *lines[number + 1 : number + 4]))
        if _MARKER_WORDS in " ".join(joined[: 2 * MAX_LINE].split()).casefold()[:80]:
            before = line[:place].rstrip()
            return number, "" if is_quote(line) or not _core(before) else before
    return None


def _introduction(lines: list[str], place: int) -> int:
    """Where what leads to the marker begins: quoted lines, an attribution, a block of header lines, a rule."""
    top = place
    while top > 0 and (is_quote(lines[top - 1]) or not lines[top - 1].strip()):
        top -= 1
    attribution = attribution_above(lines, top, 0)
    if attribution < top:
        return attribution
    # Clients that quote without `>` leave our own first lines between the block and the marker.
    for start in range(top, max(-1, top - REPLY_LINES), -1):
        if _is_block(lines, start):
            return skip_up(lines, _block_top(lines, start), rule=True)
        if start < top and (begin := attribution_above(lines, start, 0)) < skip_up(lines, start):
            return begin
    return skip_up(lines, top, rule=True)


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
