"""The look of an agent's answer: so much of the mail's HTML as says the words that cross as text, and no other.

Where quotes, signatures and commands are is decided in the text alone. The HTML is then read letter by letter along
that text: what says anything else, says it elsewhere or in another order is not taken, and the text goes alone.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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
_PICTURE = "\ue010"  # stands for one among the letters of a text whose writer's client names it there
_SIGNS = f"#@{_PICTURE}"
_KEPT = {
    "a": {"href"},
    "img": {"src", "width", "height", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_ENDS = frozenset({"blockquote", "hr"})
# The lines that the agent saw around cells are in styles, which do not cross.
_TABLE = '<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse">'
_IMAGE = '<img style="max-width:100%;height:auto" '
_PLACEHOLDER = re.compile(r"\[([^\[\]]{1,300})\]")
_NAMES_IT = re.compile(r"cid:|image: ?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,4}")
_TARGET = re.compile(r"<([^<>\s]{1,%d})>" % MAX_TARGET)  # noqa: UP031 - braces
_BULLET = re.compile(r"(?m)^[ \t]*(?:\d{1,3}[.)]|o)[ \t]+")


class OtherWordsError(Exception):
    """The HTML does not say what the text says."""


class _Token(NamedTuple):
    """`kind` is "start", "end" or "text"; `name` the tag's, or the text."""

    kind: str
    name: str
    attributes: tuple[tuple[str, str], ...] = ()


class Look(NamedTuple):
    """`pictures` are the content ids, as they were, of those that it shows."""

    html: str = ""
    pictures: tuple[str, ...] = ()


def look(html: str, above: str, words: str, clean: Clean, pictures: Mapping[str, str]) -> Look:
    """The HTML of `words`, which stand in `html` below the lines `above`; nothing where that cannot be said for sure.

    `clean` takes from a text what must not cross; `pictures` is the new content id of each that came with the mail.
    """
    tokens = _tokens(html)
    last = words.rstrip().rpartition("\n")[2]
    if not tokens or not _letters(last):  # where nothing but dots follows, nobody knows what belongs to it
        return Look()
    targets = {_bare(value) for token in tokens for name, value in token.attributes if name == "href"}
    alts = {" ".join(value.split()) for token in tokens for name, value in token.attributes if name == "alt"}
    for spelt in dict.fromkeys(_spellings(words, targets, alts)):
        try:
            found = _Walk(_letters(above), _letters(spelt), clean, pictures).all(tokens)
        except OtherWordsError:
            continue
        cleaned = {_bare(clean(one)) for one in targets}
        says = any(_says(found.html, one, clean) for one in _spellings(clean(words), cleaned, alts))
        return found if says else Look()
    return Look()


def _spellings(text: str, targets: set[str], alts: set[str]) -> Iterator[str]:
    """The text as it is, and without what clients write into it for what is to be seen in HTML."""
    text = text.replace(_PICTURE, "")
    yield text
    text = _PLACEHOLDER.sub(lambda found: _PICTURE if _names_picture(found[1], alts) else found[0], text)
    yield text
    text = _TARGET.sub(lambda found: "" if _bare(found[1]) in targets else found[0], text)
    yield text
    yield _BULLET.sub("", text)


def _names_picture(words: str, alts: set[str]) -> bool:
    return bool(_NAMES_IT.match(words)) or " ".join(words.split()) in alts


def _says(html: str, spelt: str, clean: Clean) -> bool:
    """Are these its words, once nothing in either must not cross? An address may be in pieces that no one sees."""
    said = "".join(
        token.name if token.kind == "text" else "\n" if token.name in _BREAKS | _CELLS else ""
        for token in _tokens(html)
    )
    return clean(said) == said and _letters(said) == _letters(spelt).replace(_PICTURE, "")


def _letters(text: str) -> str:
    """What two spellings of the same words have in common: no blanks, no marks of bold type, no bullets."""
    return "".join(c for c in text if c in _SIGNS or c.isalnum() or _is_picture(c))


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
        self.tokens.append(_Token("text", data.replace(_PICTURE, "")))


class _Walk:
    """One along the HTML, beside the letters that are wanted: first those `above` the answer, then its own."""

    def __init__(self, above: str, words: str, clean: Clean, pictures: Mapping[str, str]) -> None:
        self.want = above + words
        self.begins = len(above)
        self.clean = clean
        self.pictures = pictures
        self.shown: list[str] = []
        self.place = 0
        self.link = (0, 0, 0)  # where the open one stands in `out`, and how far all was there
        self.above = bool(above)  # until the line of the last command has ended
        self.fresh = True  # a line begins
        self.said = self.done = False
        self.end: int | None = None  # of what is kept, below the last line's letters
        self.preformatted = 0
        self.out: list[str] = []

    def all(self, tokens: Sequence[_Token]) -> Look:
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
        if self.place < len(self.want) or not self.said:
            raise OtherWordsError
        made = "".join(self.out[: self.end])
        made = nh3.clean(made, tags={*_TAGS, "img"}, attributes=_KEPT, url_schemes=_SCHEMES, link_rel=None)
        made = made.replace("<table>", _TABLE).replace("<img ", _IMAGE).strip()
        return Look(made, tuple(dict.fromkeys(self.shown)))

    def _text(self, text: str) -> None:
        for number, line in enumerate(text.split("\n") if self.preformatted else [text]):
            if number:
                self._break()
                if self.done:
                    return
                self._add("\n")
            self._line(line)

    def _line(self, text: str) -> None:
        if self.end is not None and text.strip():
            self.done = True
            return
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
        """A line ends: the last of the commands, or the answer's, and below that may be pictures."""
        self.fresh = True
        if self.above:
            self.above = self.place < self.begins
        elif self.end is None and self.place == len(self.want):
            self.end = len(self.out)

    def _start(self, token: _Token) -> None:
        tag = token.name
        if tag in _BREAKS:
            self._break()
        self.preformatted += tag == "pre"
        self.done = self.end is not None and tag in _ENDS
        if tag == "img":
            self._image(dict(token.attributes))
        if self.done or tag not in _TAGS or (tag in _EMPTY and not self.said):
            return
        if tag == "a":
            self.link = (len(self.out), self.place, len(self.shown))
        kept = "".join(self._attribute(name, value) for name, value in token.attributes if name in _KEPT.get(tag, ()))
        self.out.append(f"<{tag}{kept}>")

    def _end(self, tag: str) -> None:
        if tag in _BREAKS:
            self._break()
        self.preformatted -= tag == "pre"
        if tag not in _TAGS or tag in _EMPTY:
            return
        if tag == "a" and self.link[1:] == (self.place, len(self.shown)):  # nobody sees it
            self.out[self.link[0]] = ""
            return
        if not self.said:  # what held a command holds nothing now
            while self.out and self.out[-1].isspace():
                self.out.pop()
            if self.out and re.fullmatch(rf"<{tag}\b[^<>]*>", self.out[-1]):
                self.out.pop()
                return
        self.out.append(f"</{tag}>")

    def _image(self, attributes: Mapping[str, str]) -> None:
        """One that came with the mail. Any other is left out, and named in the text alone."""
        if self.want[self.place : self.place + 1] == _PICTURE:
            self.place += 1
        scheme, _, name = attributes.get("src", "").partition(":")
        name = unquote(name)
        if self.above or scheme.lower() != "cid" or name not in self.pictures:
            return
        sides = {side: attributes.get(side, "") for side in ("width", "height")}
        size = "".join(f' {side}="{value}"' for side, value in sides.items() if _NUMBER.fullmatch(value))
        self.out.append(f'<img src="cid:{self.pictures[name]}"{size} alt="">')
        self.shown.append(name)
        self.said = True
        if self.end is not None:
            self.end = len(self.out)

    def _attribute(self, name: str, value: str) -> str:
        if name == "href":
            value = self._target(value)
        elif not _NUMBER.fullmatch(value):
            return ""
        return f' {name}="{entities.escape(value)}"' if value else ""

    def _target(self, target: str) -> str:
        """A link's, unless it holds in some other spelling what must not cross."""
        plain = target
        for _ in range(_UNQUOTED):
            plain = "".join(c for c in unquote(plain) if category(c) != "Cf")  # which nobody sees
        if len(target) > MAX_TARGET:
            return ""
        if self.clean(plain) == plain:
            return target
        return self.clean(target) if plain == target else ""
