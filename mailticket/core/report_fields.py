"""The fields of a delivery report (RFC 3464, RFC 6533), as each recipient's block has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .addresses import addr_spec, read_addresses
from .charset import one_line
from .fields import read_head, value_of
from .keys import address_key
from .statuses import MAX_WORDS, status_of
from .types import BouncedRecipient

MAX_BLOCKS = 200

_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_BY_CLASS = {"2": "delivered", "4": "delayed", "5": "failed"}
_WHO = ("final-recipient", "original-recipient")
_NO_MAILBOX = ("|", '"|', "/", '"/', ":include:")  # a program or a file that an alias led to

_EMPTY_LINE = re.compile(rb"\n[ \t]*\r?\n")
_TYPED = re.compile(r"([\w-]+)\s*;\s*(.*)", re.DOTALL)
# RFC 3461 encodes "+", "=" and what no address has; any other +XX is part of the address.
_XTEXT = re.compile(r"\+(2B|3D|20)")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_LOOSE = re.compile(rb"^(?:final|original)-recipient:[ \t]*[\w-]{1,20}[ \t]*;", re.IGNORECASE | re.MULTILINE)


def records(data: bytes) -> Iterator[dict[str, str]]:
    """The blocks of fields; where systems forget the empty line between two recipients, each its own."""
    for block in _EMPTY_LINE.split(data.strip(), MAX_BLOCKS)[:MAX_BLOCKS]:
        record: dict[str, str] = {}
        for field in read_head(block + b"\n\n").fields:
            if field.name in _WHO and field.name in record:
                yield record
                record = {}
            record.setdefault(field.name, value_of(field.value))
        yield record


def loose_records(body: bytes) -> Iterator[dict[str, str]]:
    """The same in a body whose parts cannot be told apart: the blocks that name a recipient, and no others."""
    if _LOOSE.search(body):
        blocks = _EMPTY_LINE.split(body, MAX_BLOCKS)[:MAX_BLOCKS]
        for block in blocks:
            if _LOOSE.search(block):
                yield from (one for one in records(block) if one.get("action") or one.get("status"))


def recipients(record: dict[str, str], text: str) -> Iterator[BouncedRecipient]:
    """A mail that was forwarded has two addresses: where it ended, and the one that was written to."""
    named = (_address(record.get(name, ""), typed=name) for name in _WHO)
    for address in dict.fromkeys(a for a in named if a):
        _, diagnostic = _split(record.get("diagnostic-code", ""))
        words = one_line(diagnostic)[:MAX_WORDS] or words_about(address, text)
        status = status_of(record.get("status", ""), words)
        yield BouncedRecipient(address, status, _action(record.get("action", ""), status), words)


def _split(value: str) -> tuple[str, str]:
    """`rfc822; maria@x` as its type in lower case and the rest."""
    typed = _TYPED.match(value)
    return (typed[1].lower(), typed[2]) if typed else ("", value)


def _address(value: str, *, typed: str) -> str:
    kind, address = _split(value)
    if kind == "x400" or address.strip().startswith(_NO_MAILBOX):
        return ""
    if kind == "utf-8":
        address = _UNICODE.sub(lambda m: chr(min(int(m[1], 16), 0xFFFD)), address)
    if typed == "original-recipient":
        address = _XTEXT.sub(lambda m: chr(int(m[1], 16)), address)
    return spec(address)


def spec(address: str) -> str:
    """The one address in some words, "" where there is none."""
    address = address.strip().removeprefix("mailto:")
    if found := addr_spec(address):
        return one_line(found)
    others, _ = read_addresses(address[:1000])
    return one_line(others[0].address) if others else ""


def _action(said: str, status: str) -> str:
    """What the report calls it; a status of 4 is a delay only where nothing says that it was given up."""
    said = said.strip().lower()
    known = next((action for action in _ACTIONS if said.startswith(action[:5])), "")
    return known or _BY_CLASS.get(status[:1], "failed")


def words_about(address: str, text: str) -> str:
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
