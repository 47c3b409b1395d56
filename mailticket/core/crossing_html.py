"""The look of an agent's answer: so much of the mail's HTML as says the words that cross as text, and no other.

Where quotes, signatures and commands are is decided in the text alone. The HTML is then read letter by letter along
that text: what says anything else, says it elsewhere or in another order is not taken, and the text goes alone.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from typing import NamedTuple
from unicodedata import category
from urllib.parse import unquote

import nh3

Clean = Callable[[str], str]

MAX_TOKENS = 50_000
MAX_TARGET = 2000  # characters of a link's target
_UNQUOTED = 3  # times that a target is read as one within another

_INLINE = frozenset({"a", "b", "strong", "i", "em", "u", "s", "strike", "del", "ins", "sub", "sup", "code", "kbd"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = frozenset({"p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "pre", "blockquote", "table", "thead"})
_BLOCKS |= {"tbody", "tfoot", "tr", "caption", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS = _INLINE | _CELLS | _BLOCKS
_BREAKS = _BLOCKS | {"center", "address", "article", "section", "header", "footer", "main", "aside", "details"}
_EMPTY = frozenset({"br", "hr"})
_KEPT = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
# The lines that the agent saw around cells are in styles, which do not cross.
_TABLE = '<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse">'

_PLACEHOLDER = re.compile(r"\[(?:cid:|image: ?)[^\[\]\n]{0,300}\]|<cid:[^<>\s]{1,300}>", re.IGNORECASE)
_TARGET = re.compile(r"<([^<>\s]{1,%d})>" % MAX_TARGET)  # noqa: UP031 - braces
_BULLET = re.compile(r"(?m)^[ \t]*(?:\d{1,3}[.)]|o)[ \t]+")


class OtherWordsError(Exception):
    """The HTML does not say what the text says."""


class _Token(NamedTuple):
    """`kind` is "start", "end" or "text"; `name` the tag's, or the text."""

    kind: str
    name: str
    attributes: tuple[tuple[str, str], ...] = ()


def look(html: str, above: str, words: str, clean: Clean) -> str:
    """The HTML of `words`, which stand in `html` below the lines `above`; "" where that cannot be said for sure.

    `clean` takes from a text what must not cross.
    """
    tokens = _tokens(html)
    last = words.rstrip().rpartition("\n")[2]
    if not tokens or not _letters(last):  # where nothing but dots follows, nobody knows what belongs to it
        return ""
    targets = {_bare(value) for token in tokens for name, value in token.attributes if name == "href"}
    for spelt in dict.fromkeys(_spellings(words, targets)):
        try:
            found = _Walk(_letters(above), _letters(spelt), clean).all(tokens)
        except OtherWordsError:
            continue
        return found if _says(found, clean(words), targets, clean) else ""
    return ""


def _spellings(text: str, targets: set[str]) -> Iterator[str]:
    """The text as it is, and without what clients write into it for what is to be seen in HTML."""
    yield text
    text = _PLACEHOLDER.sub("", text)
    yield text
    text = _TARGET.sub(lambda found: "" if _bare(found[1]) in targets else found[0], text)
    yield text
    yield _BULLET.sub("", text)


def _says(html: str, words: str, targets: set[str], clean: Clean) -> bool:
    """Are these its words, once nothing in either must not cross? An address may be in pieces that no one sees."""
    said = "".join(
        token.name if token.kind == "text" else "\n" if token.name in _BREAKS | _CELLS else ""
        for token in _tokens(html)
    )
    targets = {_bare(clean(one)) for one in targets}
    return clean(said) == said and any(_letters(said) == _letters(one) for one in _spellings(words, targets))


def _letters(text: str) -> str:
    """What two spellings of the same words have in common: no blanks, no marks of bold type, no bullets."""
    return "".join(c for c in text if c in "#@" or c.isalnum() or _is_picture(c))


def _is_picture(letter: str) -> bool:
    return letter > "\x7f" and not "\u2500" <= letter <= "\u25ff" and category(letter) in {"So", "Sc"}


def _bare(target: str) -> str:
    return target.strip().removeprefix("mailto:").removeprefix("tel:").rstrip("/")


def _tokens(html: str) -> Sequence[_Token]:
    """Nothing for more than anybody writes by hand."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.tokens if len(reader.tokens) <= MAX_TOKENS else []


class _Reader(HTMLParser):
    """Reads what the sanitiser has made: each tag is closed, there are no comments."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[_Token] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tokens.append(_Token("start", tag, tuple((name, value or "") for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tokens.append(_Token("end", tag))

    def handle_data(self, data: str) -> None:
        self.tokens.append(_Token("text", data))


class _Walk:
    """One along the HTML, beside the letters that are wanted: first those `above` the answer, then its own."""

    def __init__(self, above: str, words: str, clean: Clean) -> None:
        self.want = above + words
        self.begins = len(above)
        self.clean = clean
        self.place = 0
        self.above = bool(above)  # until the line of the last command has ended
        self.fresh = True  # a line begins
        self.said = self.done = False
        self.preformatted = 0
        self.out: list[str] = []

    def all(self, tokens: Sequence[_Token]) -> str:
        """Raises OtherWordsError."""
        for token in tokens:
            if token.kind == "text":
                self._text(token.name)
            elif token.kind == "start":
                self._start(token)
            else:
                self._end(token.name)
            if self.done:
                break
        if self.place < len(self.want):
            raise OtherWordsError
        made = "".join(self.out)
        made = nh3.clean(made, tags=set(_TAGS), attributes=_KEPT, url_schemes=_SCHEMES, link_rel=None)
        return made.replace("<table>", _TABLE).strip()

    def _text(self, text: str) -> None:
        for number, line in enumerate(text.split("\n") if self.preformatted else [text]):
            if number:
                self._break()
                if self.done:
                    return
                self._add("\n")
            self._line(line)

    def _line(self, text: str) -> None:
        if self.fresh and not self.above and text.lstrip().startswith("##"):
            text = text.replace("#", "", 1)
        self.fresh = self.fresh and not text.strip()
        found = _letters(text)
        end = self.place + len(found)
        if self.want[self.place : end] != found or (self.above and end > self.begins):
            raise OtherWordsError
        self.place = end
        self._add(entities.escape(self.clean(text)))
        self.said = self.said or (not self.above and bool(text.strip()))

    def _add(self, text: str) -> None:
        if not self.above:
            self.out.append(text)

    def _break(self) -> None:
        """A line ends: the last of the commands, or the answer's."""
        self.fresh = True
        if self.above:
            self.above = self.place < self.begins
        else:
            self.done = self.place == len(self.want)

    def _start(self, token: _Token) -> None:
        tag = token.name
        if tag in _BREAKS:
            self._break()
        self.preformatted += tag == "pre"
        if self.done or tag not in _TAGS or (tag in _EMPTY and not self.said):
            return
        kept = "".join(self._attribute(name, value) for name, value in token.attributes if name in _KEPT.get(tag, ()))
        self.out.append(f"<{tag}{kept}>")

    def _end(self, tag: str) -> None:
        if tag in _BREAKS:
            self._break()
        self.preformatted -= tag == "pre"
        if self.done or tag not in _TAGS or tag in _EMPTY:
            return
        if not self.said:  # what held a command holds nothing now
            while self.out and self.out[-1].isspace():
                self.out.pop()
            if self.out and re.fullmatch(rf"<{tag}\b[^<>]*>", self.out[-1]):
                self.out.pop()
                return
        self.out.append(f"</{tag}>")

    def _attribute(self, name: str, value: str) -> str:
        if name == "href":
            value = self._target(value)
        return f' {name}="{entities.escape(value)}"' if value else ""

    def _target(self, target: str) -> str:
        """A link's, unless it holds in some other spelling what must not cross."""
        plain = target
        for _ in range(_UNQUOTED):
            plain = unquote(plain)
        if len(target) > MAX_TARGET:
            return ""
        if self.clean(plain) == plain:
            return target
        return self.clean(target) if plain == target else ""
