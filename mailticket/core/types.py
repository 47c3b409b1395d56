"""The values that move through the house: what came in, and what was read of it.

All are frozen. Every datetime is aware and in UTC unless its name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .keys import address_key

MAX_NOTES = 100  # paragraphs of ours below a mail's words


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address with the name somebody gave it. `name` is display only and never identity."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        return address_key(self.address)

    @property
    def shown(self) -> str:
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as it arrived, before anybody looked at it. `envelope_from` is "" for the null sender."""

    raw: bytes
    envelope_from: str
    envelope_to: tuple[str, ...]
    via: str  # "smtp", "lmtp", "imap", "ingest"
    received_at: datetime
    peer: str = ""  # the client's address, or the mailbox's name; "" where there is neither
    auth: str = ""  # the agent's address that logged in for it at our door
    quiet: bool = False  # it opens tickets and threads, and no automatic answer follows (`ingest --no-answers`)
    released: bool = False  # a person has taken it out of quarantine
    concerns: str = ""  # the agent's address who was asked about it there
    note: str = ""  # what its agent is told of it, such as that only its head is here
    whose: str = ""  # of one that passes on nobody's: "?" once its agent was asked; then their answer, as `whose` reads


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is a file to a person. `content` holds the decoded bytes."""

    filename: str
    content_type: str
    content: bytes
    sha256: str
    content_id: str = ""  # without angle brackets
    inline: bool = False

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One recipient of a delivery report (RFC 3464). `status` is "5.1.1" or ""; `action` failed, delayed, delivered,
    relayed or expanded; `words` are the server's own, on one line."""

    address: str
    status: str
    action: str
    words: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """`returned` are the Message-IDs that the returned mail or its header bears: its own first, then References.
    `sure` says that fields, a header or the words of a known mail system name the recipients, and no guess."""

    recipients: tuple[BouncedRecipient, ...]
    returned: tuple[str, ...]
    sure: bool = False


@dataclass(frozen=True, slots=True)
class DkimPass:
    """A DKIM signature (RFC 6376) that our own check found good. `signed` are the header names (lower case) that
    it covers in all their occurrences; `whole` that it covers the whole body (no `l=`); `digest` names it."""

    domain: str
    signed: frozenset[str]
    whole: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail that this one passes on: a claim by whoever passed it on.

    `how` is "inline" (its head and words stand in the text) or "attached". `text` is all of its words, `above` the
    forwarder's own, and `below` what seems to be theirs, too: nobody knows who wrote that, so no order is read in it.
    `date` is in the offset of the mail around it where none was written. `attachments` are the mail's own for "inline",
    and else those within the attached one. `message_id` is known of an attached one alone. `beside` are the forwarder's
    own files, where `whose.original_of` has told them apart.
    """

    how: str
    from_: Address | None
    date: datetime | None
    subject: str
    text: str
    above: str
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    beside: tuple[Attachment, ...] = ()
    below: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What could be read of a mail. Nothing here is proved; Message-IDs keep their angle brackets.

    `text` is the new words (quotes, attribution lines and the signature trimmed), and below them ours about what is no
    text (an invitation, something encrypted); `full_text` are all of the sender's,
    `html` the sanitised HTML of the whole, "" when the mail had none. `headers` are (lower-case name, decoded
    value) in their order. `body_hash` is a hash of the body with its line ends normalised. `date` keeps the
    sender's own offset.
    """

    message_id: str
    from_: Address | None
    from_count: int
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    content_type: str  # of the whole message, lower-case
    text: str
    full_text: str
    html: str
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]
    size: int  # octets as it came
    body_hash: str
    bounce: Bounce | None = None  # what it reports, for a report of a delivery
    from_said: Address | None = None  # where From bears no address: what it says instead, for display alone
    forwarded: Forwarded | None = None  # the mail that it passes on, as the reader finds it
    signature: str = ""  # what its HTML marks as the mail client's, as text
    below: str = ""  # what its HTML has behind the end of what it quotes or passes on, as text
    language: str = ""  # of the new words, as the reader finds it: ISO 639-1, "" where that is not sure

    @property
    def written(self) -> str:
        """`text` without our words below it: those paragraphs at its end that the sender has not written."""
        text = self.text
        for _ in range(MAX_NOTES):
            last = text.rpartition("\n\n")[2]
            if last in self.full_text:
                break
            text = text[: -len(last)].rstrip("\n")
        return text

    def header(self, name: str) -> str:
        """The first header of that name (any case), or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)
