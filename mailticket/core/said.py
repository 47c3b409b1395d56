"""What the parts of a mail say and hold, as values: words to read, files to keep."""

from __future__ import annotations

import html as entities
import re
from typing import NamedTuple

from .html import html_to_text

MAX_ALIKE = 50_000  # characters of a text that is compared with a page
_NO_WORDS = re.compile(r"\W+")


class Body(NamedTuple):
    """What a part says, as text and as raw HTML, "" where it has none."""

    plain: str = ""
    html: str = ""

    @property
    def says(self) -> bool:
        return bool(self.html or self.plain.strip())


class Kept(NamedTuple):
    """A file, with the name that it came with ("" for none)."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False  # it says so itself
    described: str = ""  # what stands for the name where there is none


class Room:
    """How many characters and lines of text there is room for; what is cut takes from it."""

    def __init__(self, characters: int, lines: int) -> None:
        self.characters = characters
        self.lines = lines

    def cut(self, text: str) -> str:
        text = text[: self.characters]
        if text.count("\n") >= self.lines:
            text = "\n".join(text.split("\n", self.lines)[: self.lines])
        self.characters -= len(text)
        self.lines -= text.count("\n")
        return text


def choose(bodies: list[Body]) -> Body:
    """multipart/alternative: the same thing twice. The words of the first, the look of the last."""
    plain = next((b.plain for b in bodies if b.plain.strip()), "")
    return Body(plain, next((b.html for b in reversed(bodies) if b.html), ""))


def join(bodies: list[Body]) -> Body:
    """Parts that follow each other."""
    said = [b for b in bodies if b.says]
    if len(said) < 2:  # noqa: PLR2004 - nothing to join
        return said[0] if said else Body()
    if len(said) == 2 and said[0].plain and not said[0].html and not said[1].plain and _alike(*said):  # noqa: PLR2004
        return choose(said)  # alternatives that do not say so
    if not any(b.html for b in said):
        return Body("\n\n".join(b.plain.strip("\n") for b in said))
    html = "\n".join(b.html or preformatted(b.plain) for b in said)
    if not any(b.plain.strip() for b in said):
        return Body("", html)
    return Body("\n\n".join((b.plain if b.plain.strip() else html_to_text(b.html)).strip("\n") for b in said), html)


def _alike(text: Body, page: Body) -> bool:
    """The same words, whatever stands between them."""
    words = _NO_WORDS.sub("", text.plain)
    return len(text.plain) < MAX_ALIKE and words == _NO_WORDS.sub("", html_to_text(page.html))


def preformatted(text: str) -> str:
    return f"<pre>{entities.escape(text)}</pre>"


_ENRICHED = re.compile(r"<(<)|<param>[^<]*</param>|</?[a-z-]{1,60}>", re.IGNORECASE)
_NEWLINES = re.compile(r"\n(\n*)")


def from_enriched(text: str) -> str:
    """The words of text/enriched (RFC 1896): single line ends are blanks, of several one is taken away."""
    text = _NEWLINES.sub(lambda m: m[1] or " ", text)
    return _ENRICHED.sub(lambda m: m[1] or "", text)
