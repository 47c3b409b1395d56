"""Where a mail cannot be read, or not all of it: its original goes to the agent, and a word says so. No ticket is
empty, and nothing that came is out of sight."""

from __future__ import annotations

import hashlib

from .excess import MORE_FILES, MORE_OCTETS, NOT_TEXT
from .structure import MORE_PARTS
from .types import Attachment, ParsedMail

NOTHING = "Nothing could be read of this mail; the original is attached."
NOT_ALL = "Not all of this mail could be read ({why}); the original is attached."

# What is left out for a bound, and is in no attachment either.
_LEFT_OUT = (MORE_PARTS, MORE_FILES, MORE_OCTETS)
_NAME = "message.eml"
_NO_LETTERS = " \n\t\xa0\ufffd"


def word(mail: ParsedMail) -> str:
    """What the agent is told of it; "" for a mail that is all there."""
    if _nothing(mail):
        return NOTHING
    why = ", ".join(defect for defect in mail.defects if defect in _LEFT_OUT)
    return NOT_ALL.format(why=why) if why else ""


def with_word(text: str, told: str) -> str:
    """Some words of the mail's, with what the agent is told below them."""
    if not told:
        return text
    return f"{text.rstrip()}\n\n({told})" if text.strip(_NO_LETTERS) else f"({told})"


def original(mail: ParsedMail, raw: bytes) -> Attachment | None:
    """The bytes as they came, where there is more in them than was read."""
    if not raw or not word(mail):
        return None
    taken = {one.filename.casefold() for one in mail.attachments}
    name = _NAME if _NAME not in taken else f"original {_NAME}"
    return Attachment(name, "message/rfc822", raw, hashlib.sha256(raw).hexdigest())


def _nothing(mail: ParsedMail) -> bool:
    """No letter in it, no subject, and no file that came whole."""
    if mail.full_text.strip(_NO_LETTERS) or mail.subject:
        return False
    damaged = any(defect == NOT_TEXT or defect.startswith("broken ") for defect in mail.defects)
    return damaged or not any(one.content for one in mail.attachments)
