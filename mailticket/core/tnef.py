"""TNEF (winmail.dat, MS-OXTNEF): what Outlook packs into one file, unpacked into words and files.

Our own reader: tnefparse 1.4.0, the only library, takes any bytes for TNEF, raises struct.error on an empty one, knows
no bounds and is of 2021; what a mail needs of the format are these two rooms (`mapi` is the other).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import mapi
from .charset import decode
from .rtf import MAX_RTF, decompress

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ATTRIBUTES = 20_000
MAX_FILES = 200
MAX_NESTING = 4  # of messages within messages

_HEAD = struct.Struct("<BII")  # level, attribute, length; behind the data stands a checksum of two octets
_CHECKSUM = 2
_BODY, _MAPI, _CODEPAGE = 0x0002800C, 0x00069003, 0x00069007
_CLASS = 0x00078008
_NOTES = (b"ipm.note", b"ipm.microsoft mail.note", b"report.")
_RENDERED, _TITLE, _DATA, _ATTACHMENT = 0x00069002, 0x00018010, 0x0006800F, 0x00069005

_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _ENDING = 0x3707, 0x3704, 0x3001, 0x3703
_MIME, _CONTENT_ID, _OBJECT, _TEXT, _HTML, _RTF, _CPID = 0x370E, 0x3712, 0x3701, 0x1000, 0x1013, 0x1009, 0x3FDE
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage: what follows is TNEF again


@dataclass(slots=True)
class File:
    """`within` is a message that was attached, unpacked; its `content` is the TNEF that it came in."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""
    within: Unpacked | None = None


@dataclass(slots=True)
class Unpacked:
    """`html` are bytes in `charset`; `rtf` is decompressed. `whole` is False where something was cut off or wrong."""

    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    charset: str = ""
    files: list[File] = field(default_factory=list)
    whole: bool = True


class _Room:
    """How many octets of RTF there is still room for, in all that one TNEF holds."""

    def __init__(self) -> None:
        self.left = MAX_RTF

    def decompressed(self, data: bytes) -> bytes:
        rtf = decompress(data, self.left)
        self.left -= len(rtf)
        return rtf


def unpack(data: bytes) -> Unpacked | None:
    """What is in it, as far as it can be read; None when it is no TNEF, or has nothing that we read."""
    return _unpack(data, 0, _Room())


def _unpack(data: bytes, depth: int, room: _Room) -> Unpacked | None:
    if not data.startswith(SIGNATURE) or depth > MAX_NESTING:
        return None
    found = Unpacked()
    properties: dict[int, mapi.Value] = {}
    body, note = b"", False
    for attribute, value in _attributes(data, found):
        if attribute == _CODEPAGE and len(value) >= 4:  # noqa: PLR2004 - a number of 32 bits
            found.charset = found.charset or f"cp{int.from_bytes(value[:4], 'little')}"
        elif attribute == _CLASS:
            note = value.lower().startswith(_NOTES)  # which may have nothing to say; a meeting has
        elif attribute == _BODY:
            body = value
        elif attribute == _MAPI:
            properties = mapi.read(value)
        elif attribute == _RENDERED:
            if len(found.files) >= MAX_FILES:
                found.whole = False
                break
            found.files.append(File())
        elif found.files:
            _describe(found, attribute, value, depth, room)
    _say(found, properties, body, room)
    found.files = [file for file in found.files if file.content or file.name]
    return found if found.files or found.text or found.html or found.rtf or (note and found.whole) else None


def _attributes(data: bytes, found: Unpacked) -> Iterator[tuple[int, bytes]]:
    position = len(SIGNATURE) + 2  # a key that nobody needs
    for _ in range(MAX_ATTRIBUTES):
        if position + _HEAD.size > len(data):
            break
        level, attribute, length = _HEAD.unpack_from(data, position)
        start, position = position + _HEAD.size, position + _HEAD.size + length + _CHECKSUM
        if level not in {1, 2}:
            break
        yield attribute, data[start : start + length]
    found.whole = position == len(data)


def _describe(found: Unpacked, attribute: int, value: bytes, depth: int, room: _Room) -> None:
    """One attribute of the file that was begun last."""
    file = found.files[-1]
    if attribute == _DATA:
        file.content = value
    elif attribute == _TITLE:
        file.name = file.name or _words(value, found.charset)
    elif attribute == _ATTACHMENT:
        properties = mapi.read(value)
        texts = {key: _words(properties.get(key), found.charset) for key in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME)}
        file.content_type = _words(properties.get(_MIME), found.charset).lower()
        file.content_id = _words(properties.get(_CONTENT_ID), found.charset).strip("<> ")
        packed = properties.get(_OBJECT)
        if isinstance(packed, bytes):
            inner = packed.removeprefix(_MESSAGE)
            file.within = _unpack(inner, depth + 1, room)
            file.content = inner if file.within else file.content or packed
        named = texts[_DISPLAY_NAME] if file.within else file.name  # which says that it is no mail's to show
        file.name = texts[_LONG_NAME] or named or texts[_SHORT_NAME] or texts[_DISPLAY_NAME] or file.name


def _say(found: Unpacked, properties: dict[int, mapi.Value], body: bytes, room: _Room) -> None:
    """The words, in each form that there is."""
    text = properties.get(_TEXT)
    found.text = _words(text or body, found.charset)
    html, rtf, page = properties.get(_HTML), properties.get(_RTF), properties.get(_CPID)
    if isinstance(html, str):
        found.html, found.charset = html.encode("utf-8", "replace"), "utf-8"
    elif isinstance(html, bytes):
        found.html = html
        found.charset = f"cp{page}" if isinstance(page, int) else found.charset
    if isinstance(rtf, bytes):
        found.rtf = room.decompressed(rtf)


def _words(value: mapi.Value | None, charset: str) -> str:
    if isinstance(value, bytes):
        value = decode(value, charset)
    return value.rstrip("\0") if isinstance(value, str) else ""
