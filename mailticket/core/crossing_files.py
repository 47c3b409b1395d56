"""The files that go along with an agent's answer: attachments, and the pictures that stand in what crosses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from .crossing_html import Clean, Look
from .policy import Policy
from .types import Attachment, ParsedMail

_NAMED = re.compile(r"\[cid:([^\[\]\s]{1,300})\]", re.IGNORECASE)
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/heic", "image/tiff"})


def new_ids(mail: ParsedMail, policy: Policy) -> dict[str, str]:
    """Content ids of our own for the pictures of a mail: those of the agent's client say who and where it is."""
    found: dict[str, str] = {}
    for place, file in enumerate(mail.attachments):
        if file.content_id and file.content_type in _PICTURES:
            found.setdefault(file.content_id, f"picture-{place}-{file.sha256[:24]}@{policy.hostname}")
    return found


def crossing_files(mail: ParsedMail, found: Look, ids: Mapping[str, str], clean: Clean) -> tuple[Attachment, ...]:
    """Where the look does not cross, all are attachments; where it does, pictures of the quote or of the mail client's
    signature stay."""
    files = []
    shown: set[str] = set()
    for file in mail.attachments:
        name = file.content_id
        if name in found.pictures and name not in shown:
            shown.add(name)
            files.append(replace(file, content_id=ids[name], inline=True, filename=clean(file.filename)))
        elif not (found.html and file.inline and name in ids):
            files.append(replace(file, content_id="", inline=False, filename=clean(file.filename)))
    return tuple(files)


def named_pictures(text: str, mail: ParsedMail) -> str:
    """The text with a picture's file name where some clients write its content id."""
    names = {file.content_id: file.filename for file in mail.attachments if file.content_id}
    return _NAMED.sub(lambda found: f"[{names.get(found[1], 'picture')}]", text)
