"""Delivery reports: whom a mail did not reach, why, and which mail it was (RFC 3464, RFC 6533, or in plain words).

All of it is a stranger's claim: a report is about a mail of ours only by the signed ids that it returns (`bounces`).
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from flufl.bounce import all_failures

from .addresses import addr_spec, read_addresses
from .charset import one_line
from .fields import MAX_REFERENCES, Head, message_ids, read_head, value_of
from .keys import address_key
from .structure import Part, body_bytes
from .types import Bounce, BouncedRecipient

MAX_RECIPIENTS = 50
MAX_WORDS = 500
MAX_READ = 64 * 1024  # octets of a part that are read
MAX_TEXT = 100_000  # characters of a plain report
MAX_BLOCKS = 200
MAX_LINES, MAX_LINE = 2000, 1000  # of a plain report: the library tries a hundred expressions on each

_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_RETURNED_PARTS = frozenset(
    {"message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers"}
    | {"text/rfc822-headers", "text/rfc822"}
)
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_BY_CLASS = {"2": "delivered", "4": "delayed", "5": "failed"}
_WHO = ("final-recipient", "original-recipient")

_EMPTY_LINE = re.compile(rb"\n[ \t]*\r?\n")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_TYPED = re.compile(r"([\w-]+)\s*;\s*(.*)", re.DOTALL)
# RFC 3461 encodes "+", "=" and what no address has; any other +XX is part of the address.
_XTEXT = re.compile(r"\+(2B|3D|20)")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_MACHINE = re.compile(r"mailer[-_ ]?daemon|mail[-_ ]?daemon|postmaster|mail delivery|system admin", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|unzustellbar|returned mail|failure notice|delivery (?:status|fail|has|problem)|mail delivery"
    r"|non[- ]?delivery|delayed|not (?:be )?deliver",
    re.IGNORECASE,
)
_BOUNCE_ADDRESS = re.compile(r"\+b[a-z2-7]{29}@", re.IGNORECASE)  # the shape of ours; whether it is one, others see
_ID_LINE = re.compile(r"^[> \t]{0,40}message-id:[\s>]{0,40}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_RETURNED_HEAD = re.compile(r"^[> \t]{0,40}(?:received|return-path|message-id|subject):", re.IGNORECASE | re.MULTILINE)
_IN_WORDS = re.compile(r"(?<![^\s<>(\[\"':;,])([^\s<>()\[\]\"':;,@]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10})")
_STILL_TRIED = re.compile(
    r"delayed|will (?:be|keep|continue|retry|try)\b.{0,40}\btr[yi]|do(?:es)? not need to|still (?:being )?(?:try|retri)"
    r"|\bwarning\b|not yet been delivered",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCES = re.compile(
    r"^[> \t]{0,40}references:((?:[\s>]{0,80}<[^<>\s]{1,500}>){1,100})", re.IGNORECASE | re.MULTILINE
)

# It logs tracebacks with a stranger's words.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


def read_bounce(raw: bytes, head: Head, tree: Part, text: str) -> Bounce | None:
    """What a delivery report says, None for any other mail. `text` are the mail's words. Never raises.

    A mail that was forwarded has two addresses in its report: where it ended, and the one that was written to.
    """
    parts = list(_leaves(tree))
    blocks = [part for part in parts if part.content_type in _STATUS_PARTS]
    if not blocks and not _may_be_one(head, tree):
        return None
    text = text[:MAX_TEXT]
    found = [r for part in blocks for record in _records(_read(raw, part)) for r in _recipients(record, text)]
    found = found or list(_plain(raw, head, text))
    recipients: dict[str, BouncedRecipient] = {}
    for one in found:
        recipients.setdefault(address_key(one.address), one)
    if not recipients and not blocks and not _MACHINE.search(head.first("from")):
        return None  # an automatic reply, or whatever it is
    return Bounce(tuple(recipients.values())[:MAX_RECIPIENTS], _returned(raw, parts, text))


def _may_be_one(head: Head, tree: Part) -> bool:
    """A cheap guess: only what passes costs any more time."""
    if tree.content_type == "multipart/report":
        return "notification" not in tree.parameters.get("report-type", "").lower()  # "I have read it" (RFC 8098)
    return (
        bool(head.first("x-failed-recipients"))
        or _MACHINE.search(head.first("from")) is not None
        or head.first("return-path") == "<>"
        or head.first("auto-submitted").lower().startswith("auto-")
        or _SUBJECT.search(value_of(head.first("subject")[:1000])) is not None
        or _BOUNCE_ADDRESS.search(head.first("to")[:1000]) is not None
    )


def _leaves(part: Part) -> Iterator[Part]:
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if one.multipart:
            waiting += reversed(one.children)
        else:
            yield one


def _read(raw: bytes, part: Part) -> bytes:
    """The beginning of a part: no head, and no list of recipients that counts, is longer."""
    return body_bytes(raw, replace(part, end=min(part.end, part.start + MAX_READ)), [])


def _records(data: bytes) -> Iterator[dict[str, str]]:
    """The blocks of fields; where systems forget the empty line between two recipients, each its own."""
    for block in _EMPTY_LINE.split(data.strip(), MAX_BLOCKS)[:MAX_BLOCKS]:
        record: dict[str, str] = {}
        for field in read_head(block + b"\n\n").fields:
            if field.name in _WHO and field.name in record:
                yield record
                record = {}
            record.setdefault(field.name, value_of(field.value))
        yield record


def _recipients(record: dict[str, str], text: str) -> Iterator[BouncedRecipient]:
    named = (_address(record.get(name, ""), typed=name) for name in _WHO)
    for address in dict.fromkeys(a for a in named if a):
        _, diagnostic = _split(record.get("diagnostic-code", ""))
        words = one_line(diagnostic)[:MAX_WORDS] or _words_about(address, text)
        status = _status(record.get("status", ""), words)
        yield BouncedRecipient(address, status, _action(record.get("action", ""), status), words)


def _split(value: str) -> tuple[str, str]:
    """`rfc822; maria@x` as its type in lower case and the rest."""
    typed = _TYPED.match(value)
    return (typed[1].lower(), typed[2]) if typed else ("", value)


def _address(value: str, *, typed: str) -> str:
    kind, address = _split(value)
    if kind == "x400":
        return ""
    if kind == "utf-8":
        address = _UNICODE.sub(lambda m: chr(min(int(m[1], 16), 0xFFFD)), address)
    if typed == "original-recipient":
        address = _XTEXT.sub(lambda m: chr(int(m[1], 16)), address)
    return _spec(address)


def _spec(address: str) -> str:
    """The one address in some words, "" where there is none."""
    address = address.strip().removeprefix("mailto:")
    if spec := addr_spec(address):
        return one_line(spec)
    found, _ = read_addresses(address[:1000])
    return one_line(found[0].address) if found else ""


def _action(said: str, status: str) -> str:
    """What the report calls it; a status of 4 is a delay only where nothing says that it was given up."""
    said = said.strip().lower()
    known = next((action for action in _ACTIONS if said.startswith(action[:5])), "")
    return known or _BY_CLASS.get(status[:1], "failed")


def _status(field: str, words: str) -> str:
    """The field's, or a more exact one of the same class in the server's words ("5.0.0" says next to nothing)."""
    found = _STATUS.search(field)
    said = found[0] if found else ""
    if said and not said.endswith(".0.0"):
        return said
    return next((m[0] for m in _STATUS.finditer(words) if not said or m[0][0] == said[0]), said)


def _words_about(address: str, text: str) -> str:
    """What stands in a plain report from the line that names an address to the next empty one."""
    at = address_key(text).find(address_key(address))
    if at < 0:
        return ""
    start = text.rfind("\n", 0, at) + 1
    lines = text[start : start + 4 * MAX_WORDS].split("\n")
    end = next((n for n, line in enumerate(lines) if n and not line.strip()), len(lines))
    if end == 1:  # the address stands alone, and what was said follows
        rest = lines[2:]
        end = 2 + next((n for n, line in enumerate(rest) if not line.strip()), len(rest))
    return one_line(" ".join(lines[:end]))[:MAX_WORDS]


def _plain(raw: bytes, head: Head, text: str) -> Iterator[BouncedRecipient]:
    named = [a.address for value in head.all("x-failed-recipients") for a in read_addresses(value)[0]]
    temporary, permanent = ([], named) if named else _known_shapes(raw, head)
    if not temporary and not permanent and _MACHINE.search(head.first("from")):
        temporary, permanent = _named(head, text)
    alone = len(temporary) + len(permanent) == 1
    for action, addresses in (("failed", permanent), ("delayed", temporary)):
        for address in addresses[:MAX_RECIPIENTS]:
            words = _words_about(address, text)
            status = _status("", words) or (_status("", _notice(text)) if alone else "")
            yield BouncedRecipient(one_line(address), status, action, words)


def _known_shapes(raw: bytes, head: Head) -> tuple[list[str], list[str]]:
    """Addresses that failed for now and for good, where the library knows the system that wrote the report."""
    # It gives up on 8-bit header fields and on a missing From.
    fields = [(f.name, one_line(f.value).encode("ascii", "replace").decode()) for f in head.fields[:100]]
    lines = [f"{name}: {value[:2000]}\n" for name, value in (*fields, ("from", "mailer-daemon@localhost"))]
    body = raw[head.end : head.end + 2 * MAX_READ].replace(b"\r\n", b"\n").split(b"\n", MAX_LINES)[:MAX_LINES]
    foreign = "".join(lines).encode() + b"\n" + b"\n".join(line[:MAX_LINE] for line in body)
    try:
        temporary, permanent = all_failures(email.message_from_bytes(foreign))
        return _specs(temporary), _specs(permanent)
    # Whatever a foreign reader trips over in a stranger's mail, the report is read without it.
    except Exception:  # noqa: BLE001
        return [], []


def _specs(found: Iterable[bytes]) -> list[str]:
    return sorted({_spec(address.decode("utf-8", "replace")) for address in found} - {""})


def _named(head: Head, text: str) -> tuple[list[str], list[str]]:
    """The same for a system that nobody knows: whom its words name before the mail that it returns."""
    words = _notice(text)
    own = {a.key for name in ("from", "to") for value in head.all(name) for a in read_addresses(value)[0]}
    found = [m[1].strip(".") for m in islice(_IN_WORDS.finditer(words), MAX_RECIPIENTS)]
    named = list(dict.fromkeys(a for a in found if address_key(a) not in own and addr_spec(a)))
    return (named, []) if says_delayed(head.first("subject"), words) else ([], named)


def _notice(text: str) -> str:
    """The words before the mail that is returned below them."""
    returned = _RETURNED_HEAD.search(text)
    return text[: returned.start()] if returned else text[:4000]


def says_delayed(subject: str, text: str) -> bool:
    """Whether a report in plain words says that the mail is still being tried."""
    return _STILL_TRIED.search(f"{subject}\n{_notice(text[:MAX_TEXT])}") is not None


def _returned(raw: bytes, parts: list[Part], text: str) -> tuple[str, ...]:
    """The ids of the mail that came back: its own, then its References, the nearest first."""
    own: list[str] = []
    others: list[str] = []
    for part in [p for p in parts if p.content_type in _RETURNED_PARTS][:5]:
        back = read_head(_read(raw, part))
        own += message_ids(back.all("message-id")[:1])
        others += reversed(message_ids(back.all("references")))
    if not own and not others:
        own = list(message_ids(_ID_LINE.findall(text)))
        others = list(reversed(message_ids(_REFERENCES.findall(text))))
    return tuple(dict.fromkeys((*own, *others)))[:MAX_REFERENCES]
