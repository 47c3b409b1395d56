"""What is over the bounds of one mail, told in its defects; and bytes that are no words, whatever they are called."""

from __future__ import annotations

from collections.abc import Sequence

from .fields import MAX_PARAMETERS, MAX_REFERENCES, Head
from .structure import Part
from .types import Attachment

MAX_FILES = 500
MAX_FILE_OCTETS = 200 << 20  # of all files of a mail together
MAX_SUBJECT = 2000  # characters

MORE_FILES = f"more than {MAX_FILES} files"
MORE_OCTETS = f"files of more than {MAX_FILE_OCTETS >> 20} MB"
NOT_TEXT = "what is called text is none: it is kept as a file"

_LOOKED_AT = 64 * 1024  # octets of a text
_WIDE = ("utf-16", "utf-32", "utf16", "utf32", "ucs")  # charsets whose letters have octets of any kind
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})
# Octets that stand in no text of any other charset: ESC does, as ISO-2022 uses it, and so do line ends, TAB and FF.
_NEVER = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\x1a\x1b"})
_MOST_NEVER = 50  # of so many octets one may be of them, and a few of any: some creep into mails that read well
_FEW_NEVER = 4


def not_text(raw: bytes, tree: Part, defects: list[str]) -> None:
    """Make files of the parts that are called text and hold something else: a picture, a program, noise."""
    for part in tree.leaves():
        if part.content_type not in {"text/plain", "text/html"} or part.encoding not in _PLAIN_ENCODINGS:
            continue
        if part.parameters.get("charset", "").lower().startswith(_WIDE):
            continue
        data = raw[part.start : min(part.end, part.start + _LOOKED_AT)]
        never = len(data) - len(data.translate(None, _NEVER))
        if never >= _FEW_NEVER and never * _MOST_NEVER > len(data) and not data.startswith(_WIDE_MARKS):
            part.content_type = "application/octet-stream"
            defects.append(NOT_TEXT)


def note_excess(head: Head, defects: list[str]) -> None:
    """What of a head is read no further."""
    if len(head.first("subject")) > MAX_SUBJECT:
        defects.append(f"the subject is longer than {MAX_SUBJECT} characters")
    if max(len(head.first(name)) for name in ("content-type", "content-disposition")) > MAX_PARAMETERS:
        defects.append(f"parameters of more than {MAX_PARAMETERS} octets")
    if sum(value.count("<") for value in head.all("references")) > MAX_REFERENCES:
        defects.append(f"more than {MAX_REFERENCES} references")


def within_bounds(files: Sequence[Attachment], defects: list[str]) -> tuple[Attachment, ...]:
    """The first ones, as many and as large as one mail may have."""
    kept = tuple(files[:MAX_FILES])
    if len(files) > len(kept):
        defects.append(MORE_FILES)
    size = 0
    for number, one in enumerate(kept):
        size += one.size
        if size > MAX_FILE_OCTETS:
            defects.append(MORE_OCTETS)
            return kept[:number]
    return kept
