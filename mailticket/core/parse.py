"""From the bytes of a mail to a `ParsedMail`. Never raises: what cannot be read is left out and noted as a defect.

mail-parser is the second reader of the head's addresses and dates: it says what is wrong with them, and where the
two readers disagree about the sender. The tree, the bytes and the charsets are our own (`structure`, `charset`).
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import mailparser

from .addresses import MAX_ADDRESSES, addr_spec, read_addresses, said
from .bodies import Bodies
from .charset import clean, one_line
from .charset_guess import guess
from .crossing import written
from .excess import MAX_SUBJECT, not_text, note_excess, within_bounds
from .fields import Field, Head, message_ids, raw_letters, read_date, read_head, reread, value_of
from .keys import address_key
from .lines import unmarked
from .reports import read_bounce
from .structure import read_tree
from .types import Address, ParsedMail, RawMail

MAX_DEFECTS = 100
SECOND_READER = frozenset({"from", "to", "cc", "reply-to", "date"})  # Received lines cost it more than all the rest
MAX_SECOND_FIELDS = 10
MAX_SECOND = 4096  # characters of a field that the second reader is given

# It logs the headers of mails that it finds odd: personal data, and no use to an admin.
logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)

# One recipient, written as it cannot be misread: a second reader would only take its time.
_PLAIN = re.compile(
    r'(?:"[\w .\'-]{0,80}" ?|[\w .\'-]{0,80})<[\w.+-]{1,64}@[\w.-]{1,100}>|[\w.+-]{1,64}@[\w.-]{1,100}', re.ASCII
)
_NO_BLANK = re.compile(rb"[^ \t\r\n]")
_PIECE = 1 << 18


def parse(raw: bytes, languages: tuple[str, ...] = ()) -> ParsedMail:
    """Read a mail, however broken. In time linear in its size. `languages` are the desk's ("cs", "en"): what declares
    no charset that fits is read in one of theirs."""
    size = len(raw)
    raw = _line_ends_mended(raw)
    head = read_head(raw)
    defects = list(head.defects)
    tree = read_tree(raw, head, defects)
    not_text(raw, tree, defects)
    note_excess(head, defects)
    declared = next(filter(None, (part.parameters.get("charset", "") for part in tree.leaves())), "")
    if head.foreign and not declared:  # a few words tell less than all of them
        declared = guess(raw_letters(raw, head), languages)
    head = reread(head, declared, languages)
    bodies = Bodies(raw, defects, languages)
    marked, html = bodies.read(tree)
    text = unmarked(marked)
    files = within_bounds(bodies.attachments(), defects)
    senders, from_count = _senders(head)
    second_date = _second_reader(head, senders[0] if senders else None, defects)
    if not senders or not from_count:
        defects.append("no readable From")
    date = next(filter(None, map(read_date, head.all("date"))), None) or second_date
    return ParsedMail(
        message_id=next(iter(message_ids(head.all("message-id"))), ""),
        from_=senders[0] if senders else None,
        from_said=None if senders else next(filter(None, map(said, head.all("from"))), None),
        from_count=from_count,
        reply_to=_addresses(head, "reply-to", defects),
        to=_addresses(head, "to", defects),
        cc=_addresses(head, "cc", defects),
        subject=next(filter(None, map(value_of, head.all("subject"))), "")[:MAX_SUBJECT].rstrip(),
        date=date,
        in_reply_to=message_ids(head.all("in-reply-to")),
        references=message_ids(head.all("references")),
        headers=tuple((f.name, _read(f)) for f in head.fields),
        content_type=tree.content_type,
        text=_with(written(marked), bodies.notes),
        full_text=text,
        html=html,
        attachments=files,
        defects=tuple(clean(d) for d in dict.fromkeys(defects))[:MAX_DEFECTS],
        size=size,
        body_hash=body_hash(raw, head.end),
        signature=bodies.signature,
        below=bodies.below,
        bounce=read_bounce(raw, head, tree, text),
    )


def _line_ends_mended(raw: bytes) -> bytes:
    """With line ends that are some: of old Macs' mail, and of mail that a relay gave CR LF where CR LF was."""
    if b"\n" not in raw and b"\r" in raw:
        return raw.replace(b"\r", b"\n")
    return raw.replace(b"\r\r\n", b"\r\n") if b"\r\r\n" in raw[:MAX_SECOND] else raw


def addressed(mail: ParsedMail, raw: RawMail) -> ParsedMail:
    """With the envelope's sender where nothing in the mail says who wrote it: somebody to answer, and no proof."""
    spec = addr_spec(raw.envelope_from) if mail.from_ is None else None
    return replace(mail, from_=Address(spec, mail.from_said.name if mail.from_said else "")) if spec else mail


def _with(text: str, notes: list[str]) -> str:
    """Below the new words what we say of the parts that have none: an invitation, an encrypted file. They are no words
    of the sender's, so that they are not among all of those, of which an agent's answer is made."""
    return "\n\n".join(filter(None, (text, *notes)))


def body_hash(raw: bytes, start: int) -> str:
    """Hex SHA-256 of the body with "\\n" for every line end, one blank for white space within a line, none at an end: a
    signature may let these change (RFC 6376 section 3.4.4), and what differs in them alone is the same mail."""
    digest = hashlib.sha256()
    ends = b""  # white space that is the body's end, unless more than that follows
    while start < len(raw):
        found = _NO_BLANK.search(raw, start + _PIECE)  # before it, no line end and no run of blanks is cut
        stop = found.start() if found else len(raw)
        piece = raw[start:stop].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\t", b" ")
        while b"  " in piece:
            piece = piece.replace(b"  ", b" ")
        piece = ends + piece.replace(b" \n", b"\n")
        kept = piece.rstrip()
        ends = piece[len(kept) :]
        digest.update(kept)
        start = stop
    return digest.hexdigest()


def _read(field: Field) -> str:
    """A header as a person reads it; but what only machines write and read has no encoded words, whatever looks so."""
    return one_line(field.value) if field.name == "authentication-results" else value_of(field.value)


def _senders(head: Head) -> tuple[list[Address], int]:
    """All addresses of all From fields; a second field counts even when nothing can be read in it. Where there is none
    that can be read, who else the mail names as its writer: with a count of 0, which proves nothing."""
    fields = head.all("from")
    found = [a for value in fields for a in read_addresses(value)[0]]
    if found:
        return found, max(len(found), len(fields))
    others = (a for name in ("reply-to", "sender") for value in head.all(name) for a in read_addresses(value)[0])
    return list(islice(others, 1)), len(fields) if len(fields) > 1 else 0


def _addresses(head: Head, name: str, defects: list[str]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for value in head.all(name):
        addresses, whole = read_addresses(value)
        for address in addresses:
            found.setdefault(address.key, address)
        if len(found) > MAX_ADDRESSES or (len(addresses) == MAX_ADDRESSES and not whole):
            defects.append(f"more than {MAX_ADDRESSES} addresses in {name}")
            break
        if not whole:
            defects.append(f"an unreadable address in {name}")
    return tuple(islice(found.values(), MAX_ADDRESSES))


def _second_reader(head: Head, sender: Address | None, defects: list[str]) -> datetime | None:
    """The date as mail-parser reads it, where it can; its doubts go to `defects`."""
    lines = [
        f"{f.name}: {one_line(f.value)[:MAX_SECOND]}\n"
        for f in head.fields
        if f.name in SECOND_READER and not (f.name in {"to", "cc"} and _PLAIN.fullmatch(f.value))
    ]
    if not lines:
        return None
    try:
        second = mailparser.parse_from_bytes("".join(lines[:MAX_SECOND_FIELDS]).encode("utf-8", "replace"))
        date, others = second.date, second.from_
    # Whatever a foreign parser trips over in a stranger's head, the mail has been read without it; the defect tells.
    except Exception as error:  # noqa: BLE001
        defects.append(f"mail-parser: {type(error).__name__}")
        return None
    defects += [f"{d['header']}: {one_line(str(d['reason']))}" for d in second.address_header_defects]
    if sender and others and sender.key not in {address_key(one_line(a)) for _, a in others}:
        defects.append("From can be read in two ways")
    return date.replace(tzinfo=UTC) if isinstance(date, datetime) else None
