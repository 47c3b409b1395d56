"""What a person sees of the tree: one text, one HTML, and the files with names that are safe to keep."""

from __future__ import annotations

import hashlib
import html as entities
import re
from collections import Counter
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote

from .charset import clean, decode_lines, one_line, to_utf8, unflow
from .html import html_to_text, safe_to_text, sanitise_marked, too_big
from .html_quotes import carried, without_marks
from .lines import unmarked
from .structure import Part, body_bytes
from .types import Attachment

MAX_NAME = 200  # octets of a file's name
MAX_TEXT, MAX_LINES = 1_000_000, 50_000  # characters and lines of all that is read as the mail's own words
MAX_OCTETS = 4 * MAX_TEXT  # of a part that are read as words
TEXT_CUT = "the text is over the bounds: all of it is in an attachment"
HTML_CUT = "the HTML is over the bounds: it is in an attachment"

_CID = re.compile(r"cid:([^\"'\s<>)]{1,500})", re.IGNORECASE)
# Path separators go first; then controls, and the marks that make "exe.txt" of "txt.exe" to the eye.
_NAME_JUNK = re.compile('[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff:*?"<>|]')
# content type (or its first half) → what a nameless file is called
_NAMES = {
    "image": "picture",
    "audio": "sound",
    "video": "video",
    "message": "message",
    "text/calendar": "invitation",
    "text/vcard": "contact",
    "text/x-vcard": "contact",
    "message/delivery-status": "delivery-status",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "signature",
    "application/x-pkcs7-signature": "signature",
}
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/x-icon": "ico",
    "audio/mpeg": "mp3",
    "video/quicktime": "mov",
    "message/rfc822": "eml",
    "message/global": "eml",
    "message": "txt",
    "text": "txt",
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/html": "html",
    "text/csv": "csv",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/json": "json",
    "application/xml": "xml",
    "application/rtf": "rtf",
    "application/msword": "doc",
    "application/ms-tnef": "dat",
    "application/pgp-signature": "asc",
    "application/pgp-encrypted": "asc",
    "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m",
}
_SIMPLE_ENDING = re.compile(r"[a-z0-9]{2,5}")


class Body(NamedTuple):
    """What a part says, as text and as raw HTML, "" where it has none."""

    plain: str
    html: str


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


class Bodies:
    """Reads one tree. `attachments` is asked after `read`, which learns what the HTML shows."""

    def __init__(self, raw: bytes, defects: list[str]) -> None:
        self.raw = raw
        self.defects = defects
        self.files: list[tuple[Part, bytes]] = []
        self.shown: frozenset[str] = frozenset()
        self.room = Room(MAX_TEXT, MAX_LINES)  # what is left for the words of further parts

    def read(self, root: Part) -> tuple[str, str]:
        """The text, with the marks that its HTML gave it (see `lines`), and the sanitised HTML."""
        body = self._body(root, top=True)
        if not body.html:
            return unmarked(body.plain).strip("\n"), ""
        self.shown = frozenset(unquote(entities.unescape(m)) for m in _CID.findall(body.html))
        if too_big(body.html):
            self.defects.append(HTML_CUT)
            if not any(file.content_type == "text/html" for file, _ in self.files):
                self._file(root, "text/html", body.html.encode("utf-8", "replace"))
        html = sanitise_marked(body.html)
        if body.plain.strip():
            plain = carried(unmarked(body.plain), html)
        else:
            plain = (safe_to_text(html) if html else "") or html_to_text(body.html)
        plain = clean(plain).strip("\n")
        kept = Room(MAX_TEXT, MAX_LINES).cut(plain)
        if len(kept) < len(plain):  # HTML may make more text than it is long
            self._keep(root, "text/plain", plain.encode("utf-8", "replace"))
        return kept, clean(without_marks(html))

    def _body(self, part: Part, *, top: bool = False) -> Body:
        if part.multipart:
            bodies = [self._body(child) for child in part.children]
            return _choose(bodies) if part.content_type == "multipart/alternative" else _join(bodies)
        if not _is_words(part, top=top):
            self.files.append((part, body_bytes(self.raw, part, self.defects)))
            return Body("", "")
        text = self._words(part)
        if part.content_type == "text/html":
            return Body("", text if text.strip() else "")
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
        return Body(text, "")

    def _words(self, part: Part) -> str:
        """The text of a part within the bounds. What they cut off is not lost: all of it becomes a file."""
        data, charset = body_bytes(self.raw, part, self.defects), part.parameters.get("charset", "")
        text = decode_lines(_head(data), charset)
        kept = text if part.content_type == "text/html" else self.room.cut(text)
        if len(kept) < len(text) or len(data) > MAX_OCTETS:
            kind = "text/html" if part.content_type == "text/html" else "text/plain"
            self._keep(part, kind, to_utf8(data, charset))
        return kept

    def _keep(self, part: Part, kind: str, content: bytes) -> None:
        self._file(part, kind, content)
        self.defects.append(TEXT_CUT)

    def _file(self, part: Part, kind: str, content: bytes) -> None:
        name = "message.html" if kind == "text/html" else "message.txt"
        file = replace(part, content_type=kind, filename=name, content_id="", disposition="attachment", children=[])
        self.files.append((file, content))

    def attachments(self) -> tuple[Attachment, ...]:
        """The files in their order, every one with a name of its own."""
        nameless: Counter[str] = Counter()
        taken: Counter[str] = Counter()
        return tuple(self._attachment(part, content, nameless, taken) for part, content in self.files)

    def _attachment(self, part: Part, content: bytes, nameless: Counter[str], taken: Counter[str]) -> Attachment:
        name = safe_name(part.filename)
        if not name:
            stem, ending = _made_up(part.content_type)
            nameless[stem] += 1
            name = f"{stem}-{nameless[stem]}.{ending}"
        inline = part.content_id in self.shown if part.content_id else False
        return Attachment(
            filename=_unused(name, taken),
            content_type=part.content_type,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            content_id=part.content_id,
            inline=inline or (part.disposition == "inline" and part.content_type.startswith("image/")),
        )


def _is_words(part: Part, *, top: bool) -> bool:
    """Text that belongs to the mail itself. A whole mail that is one text stays so whatever it is called."""
    if part.content_type.startswith("multipart/"):
        return True  # it fell into no parts: its lines are all there is to read
    if part.content_type not in {"text/plain", "text/html"} or part.disposition == "attachment":
        return False
    return top or not part.filename


def _head(data: bytes) -> bytes:
    """As much of a part as is read, cut between two lines or words where there are any: not within a letter."""
    if len(data) <= MAX_OCTETS:
        return data
    ends = (data.rfind(mark, MAX_OCTETS // 2, MAX_OCTETS) + 1 for mark in (b"\n", b" "))
    return data[: next((end for end in ends if end), MAX_OCTETS)]


def _choose(bodies: list[Body]) -> Body:
    """multipart/alternative: the same thing twice. The words of the first, the look of the last."""
    plain = next((b.plain for b in bodies if b.plain.strip()), "")
    return Body(plain, next((b.html for b in reversed(bodies) if b.html), ""))


def _join(bodies: list[Body]) -> Body:
    """Parts that follow each other."""
    said = [b for b in bodies if b.html or b.plain.strip()]
    if len(said) < 2:  # noqa: PLR2004 - nothing to join
        return said[0] if said else Body("", "")
    if not any(b.html for b in said):
        return Body("\n\n".join(b.plain.strip("\n") for b in said), "")
    html = "\n".join(b.html or f"<pre>{entities.escape(b.plain)}</pre>" for b in said)
    if not any(b.plain.strip() for b in said):
        return Body("", html)
    return Body("\n\n".join((b.plain if b.plain.strip() else html_to_text(b.html)).strip("\n") for b in said), html)


def safe_name(name: str) -> str:
    """A file's name without folders, controls and tricks; "" when nothing is left."""
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = one_line(_NAME_JUNK.sub("", name)).strip(". ")
    if len(name.encode()) <= MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 20:  # noqa: PLR2004 - that long it is no ending
        stem, ending = name, ""
    room = MAX_NAME - len(ending.encode()) - len(dot)
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + (f".{ending}" if ending else "")


def _made_up(content_type: str) -> tuple[str, str]:
    kind, _, sub = content_type.partition("/")
    stem = _NAMES.get(content_type) or _NAMES.get(kind) or "file"
    sub = sub.removeprefix("x-")
    ending = _ENDINGS.get(content_type) or _ENDINGS.get(kind)
    if ending is None:
        ending = sub if kind != "application" and _SIMPLE_ENDING.fullmatch(sub) else "bin"
    return stem, ending


def _unused(name: str, taken: Counter[str]) -> str:
    """The name, or "name-2.txt" where an earlier file of this mail has it."""
    unique = name
    while taken[unique.casefold()]:
        taken[name.casefold()] += 1
        stem, dot, ending = name.rpartition(".")
        number = taken[name.casefold()]
        unique = f"{stem}-{number}.{ending}" if dot and stem else f"{name}-{number}"
    taken[unique.casefold()] += 1
    return unique
