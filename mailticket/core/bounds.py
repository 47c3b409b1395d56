"""The bounds of one mail, as an admin sees them: how much of anything is read, and what becomes of what is over.

Each number lives beside the code that keeps it. Whatever is over, the mail's own bytes are kept in the inbox.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import invitations, tnef, uu
from .addresses import MAX_ADDRESSES
from .attached_mail import MAX_MAILS as MAX_PASSED_ON
from .bodies import MAX_LINES, MAX_TEXT, MAX_UNPACKED, MAX_WITHIN
from .excess import MAX_FILE_OCTETS, MAX_FILES, MAX_SUBJECT
from .fields import MAX_FIELDS, MAX_HEAD, MAX_PARAMETERS, MAX_REFERENCES
from .forwarded import MAX_TRIES
from .html import MAX_ENTITIES, MAX_HTML, MAX_NESTING, MAX_TAGS
from .inside import MAX_MAILS
from .language import MAX_WORDS
from .limits import MAX_CPU, MAX_MEMORY, MAX_OPEN_FILES, MAX_SECONDS, MB, QUICK_SECONDS
from .parse import MAX_DEFECTS
from .report_families import MAX_RECIPIENTS
from .rtf import MAX_RTF
from .structure import MAX_DEPTH, MAX_PART_HEAD, MAX_PARTS


@dataclass(frozen=True, slots=True)
class Bound:
    """`over` says what becomes of a mail that has more of `what` than `most`."""

    what: str
    most: float
    over: str


_LEFT_OUT = "the rest is left out; the agent gets the mail itself, too, and is told so"
_TEXT = "the rest is cut off; all of the text is in an attachment"
_HTML = "its text is shown without its layout, and it is in an attachment"
_PACKED = "any other one stays a file"
_AGAIN = "it is tried again after 1 and 4 seconds; the third time it goes to quarantine with the reason"

BOUNDS: tuple[Bound, ...] = (
    Bound("octets of a head", MAX_HEAD, "what follows is read as text"),
    Bound("header fields", MAX_FIELDS, "the rest is not read"),
    Bound("octets of a field with parameters", MAX_PARAMETERS, "the rest is not read"),
    Bound("octets of a part's head", MAX_PART_HEAD, "what follows is read as its content"),
    Bound("characters of a subject", MAX_SUBJECT, "the rest is cut off"),
    Bound("addresses in To, in Cc, in Reply-To", MAX_ADDRESSES, "the rest is not read"),
    Bound("ids in References", MAX_REFERENCES, "the first one and the last ones are read"),
    Bound("parts", MAX_PARTS, _LEFT_OUT),
    Bound("parts within parts", MAX_DEPTH, "what is deeper is one file"),
    Bound("characters of text", MAX_TEXT, _TEXT),
    Bound("lines of text", MAX_LINES, _TEXT),
    Bound("characters of HTML", MAX_HTML, _HTML),
    Bound("tags of HTML", MAX_TAGS, _HTML),
    Bound("entities of HTML", MAX_ENTITIES, _HTML),
    Bound("blocks within blocks of HTML", MAX_NESTING, _HTML),
    Bound("files", MAX_FILES, _LEFT_OUT),
    Bound("octets of all files", MAX_FILE_OCTETS, _LEFT_OUT),
    Bound("signed, TNEF, calendar and other packed parts that are unpacked", MAX_UNPACKED, _PACKED),
    Bound("times that a mail is unpacked from what was unpacked", MAX_WITHIN, _PACKED),
    Bound("files in one TNEF", tnef.MAX_FILES, "the rest is left in it, and it is a file, too"),
    Bound("octets of RTF in one TNEF", MAX_RTF, "the rest is cut off"),
    Bound("uuencoded files in one text", uu.MAX_FILES, "the rest stays in the text"),
    Bound("events of a calendar", invitations.MAX_EVENTS, "the rest is in the attached calendar"),
    Bound("attached mails that are searched for references of ours", MAX_MAILS, "the others are not searched"),
    Bound("recipients of a delivery report", MAX_RECIPIENTS, "the rest is not read"),
    Bound("lines that might begin a forwarded mail", MAX_TRIES, "below them none is looked for"),
    Bound("attached mails of which one is forwarded", MAX_PASSED_ON, "none of them is taken for it"),
    Bound("characters of words that show the language", MAX_WORDS, "the rest is not looked at"),
    Bound("defects that are noted", MAX_DEFECTS, "the rest is not noted"),
    Bound("second in the quick lane", QUICK_SECONDS, "it is read aside, and the others do not wait for it"),
    Bound("seconds", MAX_SECONDS, _AGAIN),
    Bound("seconds of the processor", MAX_CPU, _AGAIN),
    Bound("MB of memory", MAX_MEMORY / MB, _AGAIN),
    Bound(
        "files that the reader may have open", MAX_OPEN_FILES, "it cannot open another, write one or start a program"
    ),
)
