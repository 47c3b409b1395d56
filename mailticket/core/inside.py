"""What of our mails to agents stands in an agent's mail: marks and the marker, in its words and in its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import tnef
from .crypto import signed_content
from .fields import read_head
from .identity import refs_in_bytes
from .policy import Policy
from .structure import body_bytes, read_tree
from .types import Attachment, ParsedMail

MAX_MAILS = 50  # looked into, those within others among them

_MAILS = frozenset({"message/rfc822", "message/global"})
# Our marker as files hold it: wrapped, quoted, as HTML or quoted-printable.
_GAP = rb"(?:[\s>]|=20|=\r?\n|&nbsp;){1,20}"
_MARKER = re.compile(
    rb"-=(?:3D)?-=(?:3D)?-" + _GAP + _GAP.join(b"write your answer above this line".split()), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """`attached` and `quoted` are the verified (purpose, ref) in the files and in the words."""

    marker: bool = False
    attached: tuple[tuple[str, str], ...] = ()
    quoted: tuple[tuple[str, str], ...] = ()


def look_inside(mail: ParsedMail, policy: Policy) -> Found:
    marker = False
    attached: dict[tuple[str, str], None] = {}
    for data in _contents(mail.attachments):
        marker = marker or _MARKER.search(data.replace(b"\0", b"")) is not None  # without NULs UTF-16 is ASCII
        attached |= dict.fromkeys(refs_in_bytes(data, policy))
    words = f"{mail.full_text}\n{mail.html}"
    return Found(marker, tuple(attached), refs_in_bytes(words.encode("utf-8", "replace"), policy))


def _contents(files: Iterable[Attachment]) -> Iterator[bytes]:
    """The bytes of the files, of what is packed into them, and of the parts of those that are mails, decoded."""
    mails = []
    for file in files:
        yield file.content
        if packed := tnef.unpack(file.content):  # what is broken or too much stays a file
            yield from (packed.text.encode("utf-8", "replace"), packed.html, packed.rtf)
        if signed := signed_content(file.content):
            mails.append(signed)
        if file.content_type in _MAILS or file.filename.lower().endswith(".eml"):
            mails.append(file.content)
    looked = 0
    while mails and looked < MAX_MAILS:
        raw = mails.pop()
        looked += 1
        for part in read_tree(raw, read_head(raw), []).leaves():
            content = body_bytes(raw, part, [])
            if part.encoding in {"base64", "quoted-printable"}:  # any other stands in the whole as it is
                yield content
            if part.content_type in _MAILS or part.filename.lower().endswith(".eml"):
                mails.append(content)
