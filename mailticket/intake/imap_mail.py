"""A mail out of a mailbox as the inbox takes it: whom it is for, since when it is there, and whether it is answered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from ..core.keys import address_key
from ..core.policy import Policy, plain
from ..core.types import RawMail
from ..settings import Imap
from .envelope import HEAD, Envelope, headers_of, sender_of
from .imap import Session
from .imap_answers import Info

_OF_THE_BODY = re.compile(rb"(?im)^(?:content-[!-9;-~]*|mime-version)[ \t]*:.*\r?\n(?:[ \t].*\r?\n)*")
_MB = 10**6


class Maker:
    """Makes RawMails of one mailbox's mails."""

    def __init__(self, box: Imap, policy: Policy) -> None:
        self._box = box
        self._envelope = Envelope(policy)
        found = next((d for d in policy.departments if d.name == box.department), None)
        self._own = tuple(address_key(a) for a in found.addresses) if found else ()
        self._usual = (found or policy.departments[0]).addresses[:1]

    def mail(self, info: Info, raw: bytes, first_at: datetime, now: datetime) -> RawMail:
        """`raw` may be the beginning alone. Of what was there at the first connection the old is not answered."""
        headers = headers_of(raw)
        received = min(info.at or now, now)
        return RawMail(
            raw=raw,
            envelope_from=sender_of(headers, None),
            envelope_to=self._recipients(self._envelope.recipients(headers)),
            via="imap",
            received_at=received,
            peer=self._box.name,
            quiet=received < first_at - self._box.answer_within,
        )

    def _recipients(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """`department` settles it; where nothing does it is the first department's."""
        if self._own:
            named = tuple(one for one in named if plain(one) in self._own)
        return named or self._usual

    def head_only(self, info: Info, session: Session, first_at: datetime, now: datetime) -> RawMail:
        """Of a mail that is too large: its head without what it says of its body, and a word for the agent."""
        head = session.head(info.uid, HEAD)
        lines = _OF_THE_BODY.sub(b"", head.rstrip(b"\r\n") + b"\r\n") + b"\r\n"
        return replace(self.mail(info, lines, first_at, now), note=self._told(info.size))

    def _told(self, size: int) -> str:
        box = self._box
        folder = box.after.folder if box.after.kind == "move" else box.folder
        sizes = f"{size / _MB:.0f} MB; the desk takes {box.max_message_size / _MB:.0f} MB"
        where = f"in the folder {folder} of {box.username}"
        return f"This mail is too large ({sizes}): only its head is here. All of it is {where}."
