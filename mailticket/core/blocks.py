"""The block of header lines that clients put above what they quote without `>`: those of the table by their labels,
any other by what it says again of the mail that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache, partial
from typing import Literal, NamedTuple

from .keys import address_key
from .lines import MAX_LINE, core, fold, is_quote, is_rule
from .quoting import BEGINNINGS, HEADER_BLOCKS, ORIGINALS, Labels
from .subject import base
from .types import Address, ParsedMail

_LONGEST_LABEL, _LABEL_WORDS = 24, 3
_LINES = 8  # of a block, with what is wrapped in it
_FEWEST = 3
_MOST_KNOWN = 50  # addresses and names
_NOT_IN_LABELS = re.compile(r"[\d@/\\,;!?<>\"=#|]")
# What other desks write above theirs: `##- Please type your reply above this line -##`.
_ABOVE = re.compile(r"^[#=-]{2,}[^#=-]{0,60}above this line[^#=-]{0,40}[#=-]{2,}$", re.IGNORECASE)
_GROUPWISE = re.compile(r">>> (?=.*\d)[^>]{1,100}(?:<[^<>]{1,100}>[^>]{1,60})? ?>>>")  # its quote has no `>` at all
_TITLE = re.compile(r"[-=\u2010-\u2015]{3,} ?[^-=]{3,60}? ?[-=\u2010-\u2015]{3,}")
_COLONS = (":", "\uff1a")
_COLON = re.compile("[:\uff1a]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d\d(?!\d)", re.ASCII)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)", re.ASCII)
_MARK = re.compile(r"\+[rb][a-z2-7]{29}@", re.IGNORECASE)  # of a signed address of ours
_NAME_END = re.compile(r"[<;(\[]")

_Role = Literal["sender", "date", "to", "cc", "subject"]
_ROLES: tuple[_Role, ...] = ("sender", "date", "to", "cc", "subject")
_AROUND = " \t*_>\xa0"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015="
_ENDS = (*_DASHES, "#")
_Says = Literal["", "anything", "party", "date", "subject", "mark"]


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
    """Finds the blocks in what one mail says. Each line is judged once, however often it is looked at.

    `wary` asks more of a block that is known by its labels alone: a subject, or an address, or the time. A customer's
    `From: Prague`, `To: Brno`, `Date: Monday` is no quote; with an agent's mail it is safer to take it for one.
    """

    def __init__(self, known: Known = Known(), *, wary: bool = False) -> None:  # noqa: B008 - nothing in it changes
        self._says = cache(lambda line: _says(line, known))
        self._label = cache(partial(_label, _roles(HEADER_BLOCKS)))
        self._wary = wary

    def first(self, lines: list[str]) -> int:
        """Where the first one begins that no `>` stands before; the end where there is none."""
        for number, line in enumerate(lines):
            if _may_begin(line) and not is_quote(line) and self.begins(lines, number):
                return self.top(lines, number)
            if line.startswith(">>>") and _GROUPWISE.fullmatch(line[:MAX_LINE].rstrip()):
                return number
        return len(lines)

    def begins(self, lines: list[str], start: int, *, leads: bool = False) -> bool:
        """Whether a block begins here. `leads` says that our own words follow, so that less must be known of it."""
        if start >= len(lines):
            return False
        return self._by_label(lines, start) or (not self._wary and self._by_words(lines, start, leads=leads))

    def top(self, lines: list[str], start: int) -> int:
        """The first line of the block that `start` is in."""
        is_part = self._label if self._by_label(lines, start) else self._says
        while start > 0 and (is_part(lines[start - 1]) or is_original(lines[start - 1])):
            start -= 1
        return start

    def _by_label(self, lines: list[str], start: int) -> bool:
        """ "Original Message", or the labels of one language: who, and two of what else there is to say."""
        first = self._label(lines[start])
        if not first:
            return is_original(lines[start])
        labelled = [(one, line) for line in lines[start : start + _LINES] if (one := self._label(line))]
        for language, role in first.items() if len(labelled) >= _FEWEST else ():
            told = {one[language]: line for one, line in labelled if language in one}
            fewest = _FEWEST if role == "sender" else _FEWEST + 1  # some begin with the date or the subject
            if "sender" in told and len(told) >= fewest and (not self._wary or _is_evident(told)):
                return True
        return False

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


def _may_begin(line: str) -> bool:
    """Cheap, since every line is asked: one of a block has a colon, or a sign at its end."""
    return ":" in line or "\uff1a" in line or line[-12:].rstrip(_AROUND).endswith(_ENDS)


def _is_evident(told: dict[_Role, str]) -> bool:
    """Whether header lines say what those of a mail do."""
    return "subject" in told or any("@" in line or _TIME.search(line) for line in told.values())


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


@lru_cache(maxsize=4)
def _roles(table: tuple[Labels, ...]) -> dict[str, dict[str, _Role]]:
    """Each label of the table with what it tells in the languages that have it."""
    found: dict[str, dict[str, _Role]] = {}
    for row in table:
        for role in _ROLES:
            for label in getattr(row, role):
                found.setdefault(label, {})[row.language] = role
    return found


@lru_cache(maxsize=8)
def _texts(table: tuple[tuple[str, str], ...]) -> frozenset[str]:
    return frozenset(text for _, text in table)


def above(lines: list[str], place: int) -> int:
    """Where what leads to a block at `place` begins: rules, blank lines, a title such as `--- Mail original ---`."""
    while place > 0:
        title = lines[place - 1][:MAX_LINE].strip(_AROUND)
        is_title = _TITLE.fullmatch(title) or fold(title) in _texts(ORIGINALS)
        if not is_title and title and not is_rule(lines[place - 1]):
            break
        place -= 1
    return place


def _label(roles: dict[str, dict[str, _Role]], line: str) -> dict[str, _Role]:
    """What the label of `From: …` tells, by language; nothing when it is no such line."""
    words = core(line[:MAX_LINE])[: _LONGEST_LABEL + 4]
    colon = _COLON.search(words)
    return roles.get(fold(words[: colon.start()].rstrip(" *\xa0")), {}) if colon else {}


def is_original(line: str) -> bool:
    """ "----- Original Message -----", or what Apple Mail has instead."""
    words = line[:MAX_LINE].strip(_AROUND)
    if words[-1:] in _COLONS:
        return fold(words[:-1].rstrip()) in _texts(BEGINNINGS)
    if _ABOVE.search(words):
        return True
    if words[-1:] not in _DASHES or words[:2].strip(_DASHES) or words[-2:].strip(_DASHES):
        return False
    return fold(words.strip(_DASHES + " \xa0")) in _texts(ORIGINALS)
