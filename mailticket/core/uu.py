"""Files that stand in the text itself: uuencode and yEnc, taken out of it."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from .transfer import uu_line

MAX_FILES = 100  # that are looked for: any more stay in the text
_BEGIN = re.compile(rb"^begin [0-7]{3,4}(?: ([^\r\n]{0,300}))?\r?\n", re.MULTILINE)
_YBEGIN = re.compile(rb"^=ybegin ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_YPART = re.compile(rb"=ypart [^\r\n]{0,300}\r?\n")
_FACT = re.compile(rb"(?<!\S)(line|size)=(\d{1,9})(?!\S)")
_YEND = b"\n=yend"
_LINE = re.compile(rb"[^\r\n]*\r?\n?")
_END = frozenset({b"end", b"`", b"``"})
_ESCAPED = re.compile(rb"=(.)", re.DOTALL)
_LONGEST = 63  # octets before a blank that is lost is a line of uuencode: 45 octets are 61 characters


class InText(NamedTuple):
    name: bytes  # as it stands there, in the text's charset
    content: bytes


def take_out(data: bytes) -> tuple[bytes, list[InText]]:
    """The text without the files that stand in it, and those. What is no whole file stays where it is."""
    files: list[InText] = []
    for beginning, read in ((_BEGIN, _uuencoded), (_YBEGIN, _yencoded)):
        if beginning.pattern[1:6] not in data:
            continue
        rest: list[bytes] = []
        position = 0
        for match in islice(beginning.finditer(data), MAX_FILES):
            if match.start() < position:
                continue
            found = read(data, match)
            if found is not None:
                files.append(found[0])
                rest.append(data[position : match.start()])
                position = found[1]
        data = b"".join((*rest, data[position:]))
    return data, files


def _uuencoded(data: bytes, beginning: re.Match[bytes]) -> tuple[InText, int] | None:
    """The file and where it ends; None where a line is none of uuencode's before it ends, or it is empty."""
    out: list[bytes] = []
    position = beginning.end()
    while position < len(data):
        line = _LINE.match(data, position)
        assert line is not None  # it matches nothing, too
        position = line.end()
        code = line[0].rstrip(b"\r\n")
        if code.strip() == b"end":
            break
        if code.strip() in _END or not code.strip():
            continue
        decoded = uu_line(code) if len(code) <= _LONGEST + 2 else None
        if not decoded:
            return None
        out.append(decoded)
    return (InText((beginning[1] or b"").strip(), b"".join(out)), position) if out else None


def _yencoded(data: bytes, beginning: re.Match[bytes]) -> tuple[InText, int] | None:
    facts, _, name = beginning[1].partition(b"name=")
    end = data.find(_YEND, beginning.end() - 1)
    if end < 0 or not name.strip() or b"part=" in facts:  # a piece of a file is no file
        return None
    start = beginning.end()
    if data.find(b"\n=ybegin ", start - 1, end) >= 0:  # no code has that; and none is read twice
        return None
    if part := _YPART.match(data, start):
        start = part.end()
    lines = data[start:end].replace(b"\r", b"").split(b"\n")
    code = _ESCAPED.sub(lambda m: bytes([(m[1][0] - 64) & 255]), b"".join(lines))
    wanted = {fact[1]: int(fact[2]) for fact in _FACT.finditer(facts)}
    even = all(0 <= len(line) - wanted.get(b"line", 0) <= 1 for line in lines[:-1])  # an escape is not cut
    if not even or wanted.get(b"size") != len(code):
        return None
    return InText(name.strip(), code.translate(_MINUS_42)), data.find(b"\n", end + 1) + 1 or len(data)


_MINUS_42 = bytes((b - 42) & 255 for b in range(256))
