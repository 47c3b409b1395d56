"""The block of header lines that clients put above what they quote without `>`: those of the table by their labels,
any other by what it says again of the mail that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from .keys import address_key
from .subject import base
from .text import MAX_LINE, is_quote
from .types import Address, ParsedMail

# The labels of the block: (language, from, the others).
HEADER_BLOCKS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("en", "from", frozenset({"sent", "date", "to", "cc", "subject"})),
    ("de", "von", frozenset({"gesendet", "datum", "an", "cc", "betreff"})),
    ("fr", "de", frozenset({"envoyé", "date", "à", "cc", "objet"})),
    ("cs", "od", frozenset({"odesláno", "datum", "komu", "kopie", "předmět"})),
    ("sk", "od", frozenset({"odoslané", "dátum", "komu", "kópia", "predmet"})),
    ("es", "de", frozenset({"enviado", "fecha", "para", "cc", "asunto"})),
    ("it", "da", frozenset({"inviato", "data", "a", "cc", "oggetto"})),
    ("pl", "od", frozenset({"wysłano", "data", "do", "dw", "temat"})),
    ("nl", "van", frozenset({"verzonden", "datum", "aan", "cc", "onderwerp"})),
    ("pt", "de", frozenset({"enviado", "enviada em", "data", "para", "cc", "assunto"})),
    ("sv", "från", frozenset({"skickat", "datum", "till", "kopia", "ämne"})),
    ("da", "fra", frozenset({"sendt", "dato", "til", "cc", "emne"})),
    ("nb", "fra", frozenset({"sendt", "dato", "til", "kopi", "emne"})),
    ("fi", "lähettäjä", frozenset({"lähetetty", "päivämäärä", "päiväys", "vastaanottaja", "kopio", "aihe"})),
    ("hu", "feladó", frozenset({"elküldve", "dátum", "címzett", "másolatot kap", "tárgy"})),
    ("ro", "de la", frozenset({"trimis", "data", "către", "cc", "subiect"})),
    ("sl", "od", frozenset({"poslano", "datum", "za", "kp", "zadeva"})),
    ("tr", "kimden", frozenset({"gönderildi", "tarih", "kime", "bilgi", "konu"})),
    ("tr", "gönderen", frozenset({"gönderildi", "tarih", "kime", "bilgi", "konu"})),
)
ORIGINALS = (
    "original message",
    "ursprüngliche nachricht",
    "message d'origine",
    "původní zpráva",
    "pôvodná správa",
    "mensaje original",
    "messaggio originale",
    "wiadomość oryginalna",
    "oorspronkelijk bericht",
    "mensagem original",
    "ursprungligt meddelande",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "alkuperäinen viesti",
    "eredeti üzenet",
    "mesaj original",
    "izvirno sporočilo",
    "orijinal ileti",
)
_LABELS = frozenset(label for _, sender, others in HEADER_BLOCKS for label in (sender, *others))
_LONGEST_LABEL, _LABEL_WORDS = 24, 3
_LINES = 8  # of a block, with what is wrapped in it
_FEWEST = 3
_MOST_KNOWN = 50  # addresses and names
_NOT_IN_LABELS = re.compile(r"[\d@/\\,;!?<>\"=#|]")
_COLON = re.compile("[:\uff1a]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d\d(?!\d)", re.ASCII)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)", re.ASCII)
_MARK = re.compile(r"\+[rb][a-z2-7]{29}@", re.IGNORECASE)  # of a signed address of ours
_NAME_END = re.compile(r"[<;(\[]")

_Says = Literal["", "anything", "party", "date", "subject", "mark"]


def core(line: str) -> str:
    """A line's words, without what quotes it or makes it bold."""
    return line.lstrip("> \t|*").rstrip(" \t*")


class Known(NamedTuple):
    """What a mail says of itself, which the block above what it quotes says again in any language."""

    addresses: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    subject: str = ""


def known_of(mail: ParsedMail) -> Known:
    parties = [*([mail.from_] if mail.from_ else []), *mail.to, *mail.cc][:_MOST_KNOWN]
    names = frozenset(_words(one.name) for one in parties) - {""}
    return Known(frozenset(_spellings(parties)), names, _words(mail.subject))


def _spellings(parties: Iterable[Address]) -> Iterable[str]:
    """As they are, and ours as the block has it: without the mark that replies to us bear."""
    for one in parties:
        key = address_key(one.address)
        local, _, domain = key.rpartition("@")
        yield from (key, f"{local.partition('+')[0]}@{domain}")


class Blocks:
    """Finds the blocks in what one mail says. Each line is judged once, however often it is looked at."""

    def __init__(self, known: Known = Known()) -> None:  # noqa: B008 - nothing in it changes
        self._says = cache(lambda line: _says(line, known))

    def first(self, lines: list[str]) -> int:
        """Where the first one begins that no `>` stands before; the end where there is none."""
        for number, line in enumerate(lines):
            if not is_quote(line) and self.begins(lines, number):
                return self.top(lines, number)
        return len(lines)

    def begins(self, lines: list[str], start: int, *, leads: bool = False) -> bool:
        """Whether a block begins here. `leads` says that our own words follow, so that less must be known of it."""
        if start >= len(lines):
            return False
        return _by_label(lines, start) or self._by_words(lines, start, leads=leads)

    def top(self, lines: list[str], start: int) -> int:
        """The first line of the block that `start` is in."""
        is_part = _label if _by_label(lines, start) else self._says
        while start > 0 and (is_part(lines[start - 1]) or _is_original(lines[start - 1])):
            start -= 1
        return start

    def _by_words(self, lines: list[str], start: int, *, leads: bool) -> bool:
        """Three lines `Label: value`, with values of this mail's own that nobody's answer has by chance."""
        if self._says(lines[start]) in {"", "anything"}:
            return False
        above = self._says(lines[start - 1]) if start else ""
        said = [above, *(self._says(line) for line in lines[start : start + _LINES])]
        known = [what for what in said if what not in {"", "anything"}]
        if len([what for what in said if what]) < _FEWEST:
            return False
        if leads:
            return len(known) > 1
        if "mark" in known:
            return True
        # A mail's block begins with who wrote it; what begins with the subject is somebody's summary of the ticket.
        has_subject = "subject" in said[2:] or (said[1] == "subject" and above != "")
        return has_subject and ("date" in known or "party" in known)


def _says(line: str, known: Known) -> _Says:
    """What a line `Label: value` tells; "" for one of another shape."""
    words = core(line[:MAX_LINE])
    colon = _COLON.search(words, 1, _LONGEST_LABEL + 3)
    if colon is None or not _is_label(words[: colon.start()]):
        return ""
    value = words[colon.end() :].strip(" *\xa0")
    if not value:
        return ""
    if _MARK.search(value):
        return "mark"
    if _is_party(value, known):
        return "party"
    if _is_subject(value, known):
        return "subject"
    return "date" if _YEAR.search(value) and _TIME.search(value) else "anything"


def _is_label(words: str) -> bool:
    label = words.rstrip(" *\xa0")
    short = 0 < len(label) <= _LONGEST_LABEL and len(label.split()) <= _LABEL_WORDS
    return short and label[0].isalpha() and not _NOT_IN_LABELS.search(label)


def _is_party(value: str, known: Known) -> bool:
    if "@" in value and any(address in address_key(value) for address in known.addresses):
        return True
    return _words(_NAME_END.split(value, maxsplit=1)[0].strip("\"' ")) in known.names


def _is_subject(value: str, known: Known) -> bool:
    """The mail's own but for what an answer puts before it, in whatever language."""
    words = _words(base(value))
    if not words or not known.subject.endswith(words):
        return False
    before = known.subject.removesuffix(words).rstrip()
    return not before or before.endswith((":", "\uff1a"))


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _by_label(lines: list[str], start: int) -> bool:
    """ "Original Message", or `From:` with two of its companions below it."""
    if _is_original(lines[start]):
        return True
    label = _label(lines[start])
    if not label:
        return False
    below = {_label(line) for line in lines[start + 1 : start + 7]}
    return any(label == sender and len(below & others) >= 2 for _, sender, others in HEADER_BLOCKS)  # noqa: PLR2004


def _label(line: str) -> str:
    """What stands before the colon of `From: …`, "" when it is no such line."""
    label, colon, _ = core(line[:MAX_LINE])[:40].partition(":")
    label = label.rstrip(" *\xa0").casefold()
    return label if colon and label in _LABELS else ""


def _is_original(line: str) -> bool:
    words = line.strip()
    return words.startswith("--") and words.endswith("--") and words.strip("- ").casefold() in ORIGINALS
