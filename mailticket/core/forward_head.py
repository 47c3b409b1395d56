"""The head that a client writes above a mail that is passed on or quoted: `From:`, `Sent:`, `Subject:` in any language.

Line by line and bounded, so linear. Lines end with "\\n" alone here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .addresses import addr_spec, read_addresses
from .charset import one_line
from .forward_words import LONGEST_LABEL, ON_BEHALF, ROLES, SENDER_LANGUAGES, fold_label
from .types import Address

MAX_LINES = 60  # of a head, with what is wrapped in it
MAX_VALUE = 4000  # characters of one field
MAX_NAME = 500
NEAR = 3  # lines in which the next label of a wrapped value stands

_NAME_EDGES = " \t\xa0*<([\"'“”„«»‘’,;:"  # noqa: RUF001 - quotes of many languages
_JUNK = " \t\xa0*|_\ufeff\u200b\u200e\u200f"
_COLON = re.compile("[:\uff1a]")
_FIELD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+")
_QUOTES = re.compile(r"[> ]*>")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[^\s<>()\[\]\"',;:@]{1,200}")
_SAME_AGAIN = re.compile(r"(?<=[^\s<\[(])<mailto:[^\s<>]{1,300}>", re.IGNORECASE)  # a@b<mailto:a@b>
_MAILTO = re.compile(r"[\[(<] ?(?:mailto|smtp): ?([^\s<>\[\]()]{1,300}) ?[\])>]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[([^\s<>\[\]()@]{1,64}@[^\s<>\[\]()@]{1,200})\]")
_BEHALF = re.compile(rf"\s(?:{'|'.join(map(re.escape, ON_BEHALF))})\s", re.IGNORECASE)


class Label(NamedTuple):
    """`role` is from, date, to, cc, subject or other; `languages` are those of a "from"."""

    role: str
    value: str
    languages: frozenset[str]


class Head(NamedTuple):
    """`values` by role. `end` is the line behind it, `depth` how often it is quoted."""

    values: dict[str, str]
    end: int
    depth: int
    languages: frozenset[str]

    def tells(self) -> int:
        return len(self.values.keys() - {"other"})


def depth_of(line: str) -> int:
    """How often a line is quoted."""
    found = _QUOTES.match(line[:200]) if ">" in line[:4] else None
    return found[0].count(">") if found else 0


def unquoted(line: str, depth: int) -> str:
    """A line without so many of its quote marks."""
    for _ in range(depth):
        line = line.lstrip(" ").removeprefix(">")
    return line.removeprefix(" ") if depth else line


def bare(line: str) -> str:
    """A line's words, without what quotes it, makes it bold or draws a table."""
    if ">" in line[:4] and (found := _QUOTES.match(line)):
        line = line[found.end() :]
    return line.strip(_JUNK)


def may_be_label(words: str) -> bool:
    return _COLON.search(words, 1, LONGEST_LABEL + 2) is not None


def label_of(words: str) -> Label | None:
    """What a bare line `Label: value` tells; None for one of another shape."""
    colon = _COLON.search(words, 1, LONGEST_LABEL + 2)
    if colon is None:
        return None
    written = words[: colon.start()].strip(_JUNK)
    label = fold_label(written)
    role = ROLES.get(label) or ("other" if _FIELD.fullmatch(written) else "")
    if not role:
        return None
    value = one_line(words[colon.end() :][:MAX_VALUE]).strip(_JUNK)
    return Label(role, value, SENDER_LANGUAGES.get(label, frozenset()) if role == "from" else frozenset())


def read_head_at(lines: Sequence[str], start: int) -> Head:
    """What can be read as a head from this line on; the caller judges whether it tells enough."""
    reader = _Reader(lines, start)
    reader.run()
    return Head(reader.values, reader.end, reader.depth, reader.languages)


class _Reader:
    def __init__(self, lines: Sequence[str], start: int) -> None:
        self.lines = lines
        self.start = self.end = start
        self.depth = depth_of(lines[start])
        self.values: dict[str, str] = {}
        self.languages: frozenset[str] = frozenset()
        self.last = ""
        self.spaced = False  # there are empty lines between its lines

    def run(self) -> None:
        for number in range(self.start, min(len(self.lines), self.start + MAX_LINES)):
            words = bare(self.lines[number])
            if not words:
                if not self._goes_on(number):
                    return
            elif depth_of(self.lines[number]) != self.depth or not self._take(number, words):
                return

    def _take(self, number: int, words: str) -> bool:
        label = label_of(words)
        if label is not None and (label.role == "other" or label.role not in self.values):
            self.values.setdefault(label.role, label.value)
            self.languages |= label.languages
            self.last = label.role
        elif label is None and self.last and self._continues(number):
            value = f"{self.values[self.last]} {one_line(words)}".strip()
            self.values[self.last] = value[:MAX_VALUE]
        else:
            return False
        self.end = number + 1
        return True

    def _goes_on(self, number: int) -> bool:
        """Whether the head goes on below an empty line: HTML has paragraphs."""
        below = next((n for n in range(number + 1, min(number + 3, len(self.lines))) if bare(self.lines[n])), None)
        whole = {"from", "date", "subject"} <= self.values.keys()
        if below is None or not self.last or (whole and not self.spaced):
            return False
        self.spaced = self._is_new(below)
        return self.spaced

    def _continues(self, number: int) -> bool:
        """Whether a line without a label belongs to the value above it."""
        for below in range(number + 1, min(number + 1 + NEAR, len(self.lines))):
            if not bare(self.lines[below]):
                break
            if self._is_new(below):
                return True
        if self.last in {"to", "cc"} and self.values[self.last].endswith((",", ";")):
            return True
        folded = unquoted(self.lines[number], self.depth).startswith((" ", "\t"))
        return folded and self.last not in {"from", "date"} and number == self.end

    def _is_new(self, number: int) -> bool:
        label = label_of(bare(self.lines[number]))
        return label is not None and label.role not in self.values


def read_sender(value: str) -> Address | None:
    """Who a `From:` line names: None without an address, and where it names two."""
    value = _BRACKETS.sub(r"<\1>", _MAILTO.sub(r"<\1>", _SAME_AGAIN.sub("", value[:MAX_VALUE])))
    if behalf := _BEHALF.search(value):
        before, after = read_sender(value[: behalf.start()]), value[behalf.end() :]
        return read_sender(after) or (before and Address(before.address, _name(after)))
    found = {address.casefold(): address for address in _ADDRESS.findall(value)}
    if len(found) == 1:
        address = addr_spec(next(iter(found.values())))
        name = _name(value[: value.find(next(iter(found.values())))])
        return Address(address, name) if address else None
    named = {one.key: one for one in reversed(read_addresses(value)[0])}
    return next(iter(named.values())) if len(named) == 1 else None


def _name(words: str) -> str:
    return one_line(words).strip(_NAME_EDGES)[:MAX_NAME]
