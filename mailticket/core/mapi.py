"""MAPI properties as TNEF packs them (MS-OXTNEF section 2.1.3.4): by their id, those that have one."""

from __future__ import annotations

import struct
from typing import TypeAlias

MAX_PROPERTIES = 2000
MAX_VALUES = 5000  # of one property

Value: TypeAlias = int | str | bytes

_LONG = struct.Struct("<I")
_HEAD = struct.Struct("<HH")  # type and id
_MANY = 0x1000  # in a type: there are several values
_NAMED = 0x8000  # ids from here on have a name that follows them
# type → how many octets a value of it takes; those that are not here say it themselves
_FIXED = {0x1: 0, 0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_WIDE = 0x1F  # UTF-16
_SIZED = {0xD, 0x1E, _WIDE, 0x102}


class _End(Exception):  # noqa: N818 - it is no error
    """There is no more to read, or no telling how to go on."""


def read(data: bytes) -> dict[int, Value]:
    """The first value of each property, as far as they can be read."""
    found: dict[int, Value] = {}
    try:
        count, position = _number(data, 0)
        for _ in range(min(count, MAX_PROPERTIES)):
            key, value, position = _property(data, position)
            if value is not None:
                found.setdefault(key, value)
    except _End:
        pass
    return found


def _property(data: bytes, position: int) -> tuple[int, Value | None, int]:
    if position + _HEAD.size > len(data):
        raise _End
    kind, key = _HEAD.unpack_from(data, position)
    position += _HEAD.size
    if key >= _NAMED:
        position = _behind_name(data, position)
    many, kind = bool(kind & _MANY), kind & ~_MANY
    count = 1
    if many or kind in _SIZED:
        count, position = _number(data, position)
    first: Value | None = None
    for number in range(min(count, MAX_VALUES)):
        value, position = _value(data, position, kind)
        first = value if number == 0 else first
    if count > MAX_VALUES:
        raise _End
    return key, first, position


def _value(data: bytes, position: int, kind: int) -> tuple[Value, int]:
    if kind in _SIZED:
        length, position = _number(data, position)
        content = data[position : position + length]
        after = position + length + -length % 4
        return (content.decode("utf-16-le", "replace") if kind == _WIDE else content), after
    if kind not in _FIXED:
        raise _End
    end = position + _FIXED[kind]
    return int.from_bytes(data[position:end], "little"), end


def _behind_name(data: bytes, position: int) -> int:
    """Where a property goes on behind its set's GUID and its number or name."""
    named, position = _number(data, position + 16)
    if not named:
        return position + _LONG.size
    length, position = _number(data, position)
    return position + length + -length % 4


def _number(data: bytes, position: int) -> tuple[int, int]:
    if position + _LONG.size > len(data):
        raise _End
    return _LONG.unpack_from(data, position)[0], position + _LONG.size
