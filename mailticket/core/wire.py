"""A `ParsedMail` as bytes and back: JSON, then the files' bytes. The reader's answer to the desk.

Layout: 4 bytes big-endian length of the JSON, the JSON, the contents one after the other. No pickle: the other side has
read a stranger's mail, so `unpack` believes nothing about the shape.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from .language import LANGUAGES
from .types import Address, Attachment, Bounce, BouncedRecipient, Forwarded, ParsedMail

FRAME = struct.Struct(">Q")  # what goes before each message on the reader's pipes: its length
MAX_FRAME = 1 << 30
FAILED = 1 << 63  # in an answer's length: it is no mail, but the words why there is none

_T = TypeVar("_T")
_LENGTH = struct.Struct(">I")
_STRINGS = (
    "message_id",
    "subject",
    "content_type",
    "text",
    "full_text",
    "html",
    "body_hash",
    "signature",
    "below",
    "language",
)
_ADDRESS_LISTS = ("reply_to", "to", "cc")
_STRING_LISTS = ("in_reply_to", "references", "defects")
_FORWARDED_STRINGS = ("how", "subject", "text", "above", "below", "message_id")
_FILE_STRINGS = ("filename", "content_type", "sha256", "content_id")


def pack(mail: ParsedMail) -> bytes:
    return b"".join(pieces(mail))


def pieces(mail: ParsedMail) -> tuple[bytes, ...]:
    """What `pack` joins: a large mail is in memory once less."""
    facts: dict[str, Any] = {name: getattr(mail, name) for name in (*_STRINGS, *_STRING_LISTS)}
    facts |= {name: [_address_out(a) for a in getattr(mail, name)] for name in _ADDRESS_LISTS}
    facts |= {
        "from_": None if mail.from_ is None else _address_out(mail.from_),
        "from_said": None if mail.from_said is None else _address_out(mail.from_said),
        "from_count": mail.from_count,
        "date": None if mail.date is None else mail.date.isoformat(),
        "headers": mail.headers,
        "size": mail.size,
        "bounce": None if mail.bounce is None else _bounce_out(mail.bounce),
        "forwarded": None if mail.forwarded is None else _forwarded_out(mail.forwarded),
        "attachments": [_file_out(a) for a in mail.attachments],
    }
    head = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    within = mail.forwarded.attachments if mail.forwarded and mail.forwarded.how == "attached" else ()
    return (_LENGTH.pack(len(head)), head, *(a.content for a in (*mail.attachments, *within)))


def unpack(data: bytes | bytearray) -> ParsedMail:
    """Raises ValueError for anything that `pack` does not make."""
    if len(data) < _LENGTH.size:
        raise ValueError("shorter than its own length")
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if end > len(data):
        raise ValueError("shorter than its own length")
    facts = _typed(json.loads(data[_LENGTH.size : end]), dict)
    known = {
        *_STRINGS,
        *_STRING_LISTS,
        *_ADDRESS_LISTS,
        "from_",
        "from_said",
        "from_count",
        "date",
        "headers",
        "size",
        "bounce",
        "forwarded",
        "attachments",
    }
    if set(facts) != known:
        raise ValueError("other fields than a mail has")
    contents = _Contents(memoryview(data), end)
    files = _each(facts["attachments"], contents.file)
    forwarded = None if facts["forwarded"] is None else _forwarded_in(facts["forwarded"], files, contents)
    if contents.place != len(data):
        raise ValueError("bytes behind the last attachment")
    values: dict[str, Any] = {name: _typed(facts[name], str) for name in _STRINGS}
    if values["language"] not in {"", *LANGUAGES}:
        raise ValueError("a language that is not one of ours")
    values |= {name: _strings(facts[name]) for name in _STRING_LISTS}
    values |= {name: _each(facts[name], _address_in) for name in _ADDRESS_LISTS}
    return ParsedMail(
        **values,
        from_=None if facts["from_"] is None else _address_in(facts["from_"]),
        from_said=None if facts["from_said"] is None else _address_in(facts["from_said"]),
        from_count=_count(facts["from_count"]),
        date=None if facts["date"] is None else _aware(facts["date"]),
        headers=_each(facts["headers"], _pair),
        size=_count(facts["size"]),
        bounce=None if facts["bounce"] is None else _bounce_in(facts["bounce"]),
        forwarded=forwarded,
        attachments=files,
    )


class _Contents:
    """The bytes of the files, one after the other from `place` on."""

    def __init__(self, data: memoryview, place: int) -> None:
        self.data = data
        self.place = place

    def file(self, entry: Any) -> Attachment:
        start, self.place = self.place, self.place + _count(_typed(entry, dict).get("size"))
        if self.place > len(self.data):
            raise ValueError("an attachment is cut off")
        texts = {name: _typed(entry.get(name), str) for name in _FILE_STRINGS}
        inline = _typed(entry.get("inline"), bool)
        return Attachment(**texts, inline=inline, content=bytes(self.data[start : self.place]))


def _file_out(file: Attachment) -> dict[str, Any]:
    return {**{name: getattr(file, name) for name in _FILE_STRINGS}, "inline": file.inline, "size": file.size}


def _forwarded_out(mail: Forwarded) -> dict[str, Any]:
    """One that stands in the mail has the mail's files, which are not said again."""
    return {
        **{name: getattr(mail, name) for name in _FORWARDED_STRINGS},
        "from_": None if mail.from_ is None else _address_out(mail.from_),
        "date": None if mail.date is None else mail.date.isoformat(),
        "attachments": [_file_out(a) for a in mail.attachments] if mail.how == "attached" else [],
    }


def _forwarded_in(facts: Any, files: tuple[Attachment, ...], contents: _Contents) -> Forwarded:
    texts: dict[str, Any] = {name: _typed(_typed(facts, dict).get(name), str) for name in _FORWARDED_STRINGS}
    if set(facts) != {*_FORWARDED_STRINGS, "from_", "date", "attachments"}:
        raise ValueError("other fields than a forwarded mail has")
    if texts["how"] not in {"inline", "attached"}:
        raise ValueError("forwarded in a way that there is not")
    within = _each(facts["attachments"], contents.file)
    if within and texts["how"] == "inline":
        raise ValueError("files of their own in a mail that is part of another")
    return Forwarded(
        **texts,
        from_=None if facts["from_"] is None else _address_in(facts["from_"]),
        date=None if facts["date"] is None else _aware(facts["date"]),
        attachments=within if texts["how"] == "attached" else files,
    )


def _address_out(address: Address) -> list[str]:
    return [address.address, address.name]


def _address_in(value: Any) -> Address:
    return Address(*_pair(value))


def _bounce_out(bounce: Bounce) -> list[Any]:
    return [[[r.address, r.status, r.action, r.words] for r in bounce.recipients], bounce.returned, bounce.sure]


def _bounce_in(value: Any) -> Bounce:
    recipients, returned, sure = _typed(value, list)
    return Bounce(_each(recipients, _recipient_in), _strings(returned), sure=_typed(sure, bool))


def _recipient_in(value: Any) -> BouncedRecipient:
    address, status, action, words = _strings(value)
    return BouncedRecipient(address, status, action, words)


def _strings(value: Any) -> tuple[str, ...]:
    return _each(value, lambda x: _typed(x, str))


def _pair(value: Any) -> tuple[str, str]:
    one, two = _strings(value)
    return one, two


def _each(value: Any, read: Callable[[Any], _T]) -> tuple[_T, ...]:
    return tuple(read(x) for x in _typed(value, list))


def _typed(value: Any, kind: type[_T]) -> _T:
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} where {kind.__name__} belongs")
    return value


def _count(value: Any) -> int:
    number = _typed(value, int)
    if number < 0:
        raise ValueError("a negative count")
    return number


def _aware(value: Any) -> datetime:
    found = datetime.fromisoformat(_typed(value, str))
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found
