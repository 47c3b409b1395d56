"""What a person sees of the tree: one text, one HTML, and the files with names that are safe to keep."""

from __future__ import annotations

import hashlib
import html as entities
import re
from collections.abc import Callable
from urllib.parse import unquote

from .charset import clean, decode, decode_lines, is_utf8, one_line, to_utf8, unflow
from .charset_names import UTF_8, codec
from .crypto import SIGNATURES, encrypted_blocks, unarmoured
from .fields import read_head, value_of
from .file_names import Names, described_name, kind_of, name_in_id, name_in_location
from .html import below_quote_in, html_to_text, safe_to_text, sanitise_marked, signature_in, too_big
from .html_quotes import carried, without_marks
from .lines import unmarked
from .said import Body, Kept, Room, choose, from_enriched, join
from .structure import MAX_PART_HEAD, Part, body_bytes, decoded, read_tree
from .types import Attachment
from .unpacking import Found, encrypted, is_packed, unpacked
from .uu import take_out

MAX_TEXT, MAX_LINES = 1_000_000, 50_000  # characters and lines of all that is read as the mail's own words
MAX_OCTETS = 4 * MAX_TEXT  # of a part that are read as words
MAX_FILES = 250  # from here on nothing is unpacked any more: there is room for what a packed part may hold
MAX_UNPACKED = 20  # parts of a mail that are
MAX_WITHIN = 3  # times that a mail is unpacked from what was unpacked
TEXT_CUT = "the text is over the bounds: all of it is in an attachment"
HTML_CUT = "the HTML is over the bounds: it is in an attachment"

_CID = re.compile(r"cid:([^\"'\s<>)]{1,500})", re.IGNORECASE)
_META = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:+-]{1,60})", re.IGNORECASE)
_MAILS = frozenset({"message/rfc822", "message/global"})
_TEXTS = frozenset({"text/plain", "text/html"})
_ENRICHED = frozenset({"text/enriched", "text/richtext"})
# Among alternatives these say what another one has said.
_LOOKS = _ENRICHED | {"text/x-amp-html", "text/watch-html"}
# Texts that are files, even where they are the whole mail.
_FILE_TEXTS = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/rtf"})
# The container → those of its parts that only programs read
_UNSEEN = {"multipart/signed": SIGNATURES, "multipart/appledouble": frozenset({"application/applefile"})}


class Bodies:
    """Reads one tree. `attachments` is asked after `read`, which learns what the HTML shows; `notes` are words of ours
    about what is in no text: they belong below it."""

    def __init__(self, raw: bytes, defects: list[str], languages: tuple[str, ...] = ()) -> None:
        self.raw = raw
        self.defects = defects
        self.languages = languages
        self.files: list[Kept] = []
        self.notes: list[str] = []
        self.shown: frozenset[str] = frozenset()
        self.signature = self.below = ""
        self.room = Room(MAX_TEXT, MAX_LINES)  # what is left for the words of further parts
        self._spare: list[Callable[[], Body]] = []  # words of files, for a mail that has no other
        self._unpacked = self._within = 0
        self._begun = False  # were there words, if only empty ones, in this mail itself?

    def read(self, root: Part) -> tuple[str, str]:
        """The text, with the marks that its HTML gave it (see `lines`), and the sanitised HTML."""
        body = self._body(self.raw, root, top=True)
        if not body.says:
            body = next((said for spare in self._spare[:MAX_UNPACKED] if (said := spare()).says), body)
        self.notes = list(dict.fromkeys(self.notes))
        if not body.html:
            return unmarked(clean(body.plain)).strip("\n"), ""
        self.shown = frozenset(unquote(entities.unescape(m)) for m in _CID.findall(body.html))
        big = too_big(body.html)
        if big:
            self.defects.append(HTML_CUT)
            if not any(file.content_type == "text/html" for file in self.files):
                self.files.append(Kept("message.html", "text/html", body.html.encode("utf-8", "replace")))
        html = "" if big else sanitise_marked(body.html)
        self.signature = clean(signature_in(html))
        self.below = clean(below_quote_in(html))
        if body.plain.strip():
            plain = carried(unmarked(body.plain), html)
        else:
            plain = (safe_to_text(html) if html else "") or html_to_text(body.html)
        plain = clean(plain).strip("\n")
        kept = Room(MAX_TEXT, MAX_LINES).cut(plain)
        if len(kept) < len(plain):  # HTML may make more text than it is long
            self._keep_all("text/plain", plain.encode("utf-8", "replace"))
        return kept, clean(without_marks(html))

    def _body(self, raw: bytes, part: Part, *, top: bool = False, alternative: bool = False) -> Body:
        if part.multipart:
            return self._whole(raw, part)
        if part.content_type.startswith("multipart/"):
            return self._undivided(raw, part)
        if _is_words(part, top=top, alternative=alternative):
            self._begun = self._begun or not self._within
            return self._words(raw, part)
        content = body_bytes(raw, part, self.defects)
        if is_packed(part, content) and self._unpacked < MAX_UNPACKED and len(self.files) < MAX_FILES:
            self._unpacked += 1
            return self._unpack(unpacked(part, content), part, content)
        self._keep(part, content)
        if part.content_type.startswith("text/") and part.disposition != "attachment":
            self._spare.append(lambda: self._words(raw, part))
        return Body()

    def _whole(self, raw: bytes, part: Part) -> Body:
        alternative = part.content_type == "multipart/alternative"
        unseen = _UNSEEN.get(part.content_type, frozenset())
        bodies: list[Body] = []
        looks: list[Part] = []
        for child in part.children:
            if child.content_type in unseen and len(part.children) > 1:
                continue
            if alternative and child.content_type in _LOOKS and not child.filename:
                looks.append(child)
            else:
                bodies.append(self._body(raw, child, alternative=alternative))
        if looks and not any(body.says for body in bodies):
            bodies += [self._words(raw, child) for child in looks[:1]]
        return choose(bodies) if alternative else join(bodies)

    def _undivided(self, raw: bytes, part: Part) -> Body:
        """A container that fell into no parts. Some encode it as a whole; else its lines are all there is to read."""
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        content = body_bytes(raw, part, self.defects)
        if part.encoding and boundary and b"--" + boundary in content and self._within < MAX_WITHIN:
            return self._mail(b'Content-Type: multipart/mixed; boundary="%s"\n\n%s' % (boundary, content))
        return self._words(raw, part)

    def _mail(self, raw: bytes) -> Body:
        """What a mail says that was unpacked from this one."""
        self._within += 1
        try:
            return self._body(raw, read_tree(raw, read_head(raw), self.defects), top=True)
        finally:
            self._within -= 1

    def _unpack(self, found: Found, part: Part, content: bytes) -> Body:
        # Behind words a signed mail is a file: somebody else's words, which would be taken for the sender's.
        shown = bool(found.mail) and self._within < MAX_WITHIN and (self._within > 0 or not self._begun)
        if found.keep or (found.mail and not shown):
            self._keep(part, content)  # first: what is over the bounds is left out at the end
        self._add(found)
        self._spare.append(found.spare)
        return self._mail(found.mail) if shown else Body()

    def _add(self, found: Found) -> None:
        self.notes += found.notes
        self.defects += found.defects
        self.files += found.files

    def _words(self, raw: bytes, part: Part) -> Body:
        """The text of a part within the bounds, and what somebody appended behind its encoded bytes."""
        found = decoded(raw, part, self.defects)
        if kind_of(found.data):  # it is no text, whatever it says
            self._keep(part, found.data)
            return Body()
        html = part.content_type == "text/html"
        charset = part.parameters.get("charset", "")
        if html:
            charset = _html_charset(charset, found.data)
            text = self._cut(found.data, charset, "text/html")
            body = Body("", text if text.strip() else "")
        else:
            text = self._cut(self._without_files(found.data, charset), charset, "text/plain")
            if part.parameters.get("format", "").lower() == "flowed":
                text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
            elif part.content_type in _ENRICHED:
                text = from_enriched(text)
            body = Body(self._without_armour(text))
        behind = self.room.cut(decode_lines(found.behind, charset, self.languages)) if found.behind else ""
        return join([body, Body(behind)]) if behind else body

    def _cut(self, data: bytes, charset: str, kind: str) -> str:
        """Text within the bounds. What they cut off is not lost: all of it becomes a file."""
        text = decode_lines(_head(data), charset, self.languages)
        kept = text if kind == "text/html" else self.room.cut(text)
        if len(kept) < len(text) or len(data) > MAX_OCTETS:
            self._keep_all(kind, to_utf8(data, charset, self.languages))
        return kept

    def _without_files(self, data: bytes, charset: str) -> bytes:
        if len(self.files) >= MAX_FILES:
            return data
        data, files = take_out(data)
        for file in files:
            name = one_line(decode(file.name, charset, self.languages))
            self.files.append(Kept(name, kind_of(file.content) or "application/octet-stream", file.content))
        return data

    def _without_armour(self, text: str) -> str:
        """Without the code around words that are signed, and with what is encrypted put away as a file."""
        text, blocks = encrypted_blocks(unarmoured(text))
        if blocks:
            self._add(encrypted(blocks))
        return text

    def _keep_all(self, kind: str, content: bytes) -> None:
        name = "message.html" if kind == "text/html" else "message.txt"
        self.files.append(Kept(name, kind, content))
        self.defects.append(TEXT_CUT)

    def _keep(self, part: Part, content: bytes) -> None:
        kind = part.content_type
        if not part.filename and kind in {"application/octet-stream", "text/plain"}:
            kind = kind_of(content) or kind
        described = described_name(part.description, kind)
        described = described or name_in_location(part.location) or name_in_id(part.content_id)
        if kind in _MAILS and not described:
            head = read_head(content, limit=MAX_PART_HEAD, only="subject")
            described = described_name(value_of(head.first("subject")), kind)
        inline = part.disposition == "inline" and kind.startswith("image/")
        self.files.append(Kept(part.filename, kind, content, part.content_id, inline, described))

    def attachments(self) -> tuple[Attachment, ...]:
        """The files in their order, every one with a name of its own."""
        names = Names()
        return tuple(
            Attachment(
                filename=names.give(file.name, file.content_type, file.described),
                content_type=file.content_type,
                content=file.content,
                sha256=hashlib.sha256(file.content).hexdigest(),
                content_id=file.content_id,
                inline=file.inline or (bool(file.content_id) and file.content_id in self.shown),
            )
            for file in self.files
        )


def _is_words(part: Part, *, top: bool, alternative: bool) -> bool:
    """Text that belongs to the mail itself. A whole mail that is one text stays so whatever it is called."""
    if part.disposition == "attachment":
        return False
    if part.content_type in _TEXTS:
        return top or alternative or not part.filename
    return top and part.content_type.startswith("text/") and part.content_type not in _FILE_TEXTS


def _html_charset(declared: str, data: bytes) -> str:
    """What the HTML says of itself, where the mail says nothing of it, or UTF-8, which it is not."""
    if codec(declared) not in {"", UTF_8} or is_utf8(data):
        return declared
    match = _META.search(data, 0, MAX_PART_HEAD)
    return match[1].decode("ascii", "replace") if match else declared


def _head(data: bytes) -> bytes:
    """As much of a part as is read, cut between two lines or words where there are any: not within a letter."""
    if len(data) <= MAX_OCTETS:
        return data
    ends = (data.rfind(mark, MAX_OCTETS // 2, MAX_OCTETS) + 1 for mark in (b"\n", b" "))
    return data[: next((end for end in ends if end), MAX_OCTETS)]
