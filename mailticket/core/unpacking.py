"""Parts that hold something else: S/MIME, PGP, TNEF, calendars, and files that are elsewhere or in pieces."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from . import tnef
from .charset import clean, decode, decode_lines, one_line
from .crypto import ENCRYPTED, ENCRYPTED_DEFECT, PKCS7, is_cut, is_envelope, signed_content
from .file_names import type_of
from .invitations import story_of, told
from .rtf import to_words
from .said import Body, Kept
from .structure import Part

MAX_FACT = 500  # characters of a parameter that are shown

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")
_TNEF_CUT = "broken TNEF"


class Found(NamedTuple):
    """What a part holds: files, words for a mail that has no other, a whole mail, notes for the reader.

    `keep`: the part itself stays a file, too.
    """

    keep: bool = True
    files: tuple[Kept, ...] = ()
    spare: Callable[[], Body] = Body
    mail: bytes = b""
    notes: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()


def is_packed(part: Part, content: bytes) -> bool:
    return _reader(part, content) is not None


def unpacked(part: Part, content: bytes) -> Found:
    read = _reader(part, content)
    return read(part, content) if read else Found()


def encrypted(block: str) -> Found:
    """A message that stands in the text in its armour."""
    file = Kept("encrypted.asc", "application/pgp-encrypted", block.encode("utf-8", "replace"))
    return Found(files=(file,), notes=(ENCRYPTED,), defects=(ENCRYPTED_DEFECT,))


_Read = Callable[[Part, bytes], Found]


def _reader(part: Part, content: bytes) -> _Read | None:
    if content.startswith(tnef.SIGNATURE):  # whatever it is called
        return _tnef
    if part.filename.lower().endswith(".p7m"):
        return _pkcs7
    return READERS.get(part.content_type)


def _pkcs7(_: Part, content: bytes) -> Found:
    mail = signed_content(content)
    if mail is not None:
        return Found(keep=not mail or is_cut(content), mail=mail)
    return _sealed() if is_envelope(content) else Found()


def _pgp(_: Part, __: bytes) -> Found:
    return _sealed()


def _sealed() -> Found:
    return Found(notes=(ENCRYPTED,), defects=(ENCRYPTED_DEFECT,))


def _calendar(part: Part, content: bytes) -> Found:
    calendar = decode_lines(content, part.parameters.get("charset", ""))
    words = told(calendar)
    return Found(notes=(words,) if words else (), spare=lambda: Body(story_of(calendar)))


def _elsewhere(part: Part, _: bytes) -> Found:
    """message/external-body (RFC 2046 section 5.2.3, RFC 2017): where the file is."""
    facts = {name: one_line(value)[:MAX_FACT] for name, value in part.parameters.items()}
    place = "".join(facts.get("url", "").split())
    if not place and facts.get("site"):
        path = "/".join(p.strip("/") for p in (facts["site"], facts.get("directory", ""), facts.get("name", "")) if p)
        place = f"ftp://{path}"
    named = " ".join(words for words in (facts.get("name", ""), f"<{place}>" if place else "") if words)
    return Found(notes=(f"A file of this mail is kept elsewhere: {named or 'nobody says where'}",))


def _piece(part: Part, content: bytes) -> Found:
    """message/partial (RFC 2046 section 5.2.2): the first piece begins with the head of the whole."""
    number, total = (part.parameters.get(name, "")[:9] for name in ("number", "total"))
    of = f" of {total}" if total else ""
    note = f"This is piece {number or '?'}{of} of a mail that was sent in several; it is attached."
    return Found(notes=(note,), mail=content if number == "1" else b"")


def _tnef(_: Part, content: bytes) -> Found:
    found = tnef.unpack(content)
    if found is None:
        return Found()
    files = tuple(_tnef_files(found))
    defects = () if found.whole else (_TNEF_CUT,)
    return Found(keep=not found.whole, files=files, spare=lambda: _tnef_body(found), defects=defects)


def _tnef_body(found: tnef.Unpacked) -> Body:
    body = Body(clean(found.text.replace("\r\n", "\n")), clean(decode(found.html, found.charset)))
    if body.says or not found.rtf:
        return body
    words, html = to_words(found.rtf)
    return Body("", clean(words)) if html else Body(clean(words))


def _tnef_files(found: tnef.Unpacked) -> list[Kept]:
    """The files, those of messages within it behind the message's own words."""
    kept: list[Kept] = []
    for file in found.files:
        if file.within is None:
            kind = file.content_type if _TYPE.fullmatch(file.content_type) else type_of(file.name, file.content)
            kept.append(Kept(file.name, kind, file.content, one_line(clean(file.content_id))))
            continue
        kept += _message(file.name or "message", file.within)
        kept += _tnef_files(file.within)
    return kept


def _message(name: str, within: tnef.Unpacked) -> list[Kept]:
    """A message within TNEF as the file that it can be: its words in the best form there is."""
    if within.html:
        return [Kept(f"{name}.html", "text/html", within.html)]
    if within.text:
        return [Kept(f"{name}.txt", "text/plain", clean(within.text).encode("utf-8", "replace"))]
    return [Kept(f"{name}.rtf", "application/rtf", within.rtf)] if within.rtf else []


# content type → what reads it
READERS: dict[str, _Read] = {
    **dict.fromkeys(PKCS7, _pkcs7),
    "application/pgp-encrypted": _pgp,
    "application/ms-tnef": _tnef,
    "application/vnd.ms-tnef": _tnef,
    "text/calendar": _calendar,
    "application/ics": _calendar,
    "message/external-body": _elsewhere,
    "message/partial": _piece,
}
