"""Transfer encodings undone, damage and all: base64, quoted-printable and uuencode as relays and robots leave them."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(b for b in range(256) if b not in _BASE64)
_BLANKS = b" \t\r\n"

# How mailers spell the encodings, by how the name begins once quotes, blanks and "x-" are gone.
_SPELLINGS = (
    ("base64", "base64"),
    ("base-64", "base64"),
    ("quoted", "quoted-printable"),
    ("qp", "quoted-printable"),
    ("uu", "uuencode"),
)
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n|\r|\Z)")
# The rule that mailing lists, virus scanners and free mailers draw above what they append.
_FOOTER_RULE = re.compile(rb"[_=*-]{5,}|--[ \t]*")
_LINE = re.compile(rb"[^\r\n]+")
_WORDS = re.compile(rb"[^\s]+[ \t]+[^\s]+")
_PIECE = re.compile(rb"[^=]*={0,2}")
_LEADING = re.compile(rb"[A-Za-z0-9+/=\r\n]*")
_SAMPLE = 4096  # octets that tell whether something is base64 at all
_LONG = 40  # letters: no word is as long


class Decoded(NamedTuple):
    """`behind` is plain text that somebody appended; `whole` is False where bytes may be lost or wrong."""

    data: bytes
    whole: bool = True
    behind: bytes = b""


def encoding_of(name: str) -> str:
    """The encoding that a Content-Transfer-Encoding means, "" for bytes that stand as they are."""
    name = name.strip("\"' \t;").removeprefix("x-")
    return next((meant for spelling, meant in _SPELLINGS if name.startswith(spelling)), "")


def undo(encoding: str, data: bytes) -> Decoded:
    if encoding == "base64":
        return from_base64(data)
    if encoding == "quoted-printable":
        return Decoded(from_quoted_printable(data))
    if encoding == "uuencode":
        return from_uuencode(data)
    return Decoded(data)


def from_quoted_printable(data: bytes) -> bytes:
    """Blanks that a relay left behind a soft line break do not end it."""
    return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", data))


def from_base64(data: bytes) -> Decoded:
    """Pieces that follow each other are one; junk between the letters is passed over; words behind are kept apart.

    What has no base64 in it is what it is: mailers lie about that, too.
    """
    code = data.translate(None, _BLANKS)
    try:
        return Decoded(binascii.a2b_base64(code, strict_mode=True))
    except binascii.Error:
        pass
    if _is_plain(data):
        return Decoded(data, whole=False)
    end = _end_of_code(data)
    behind = data[end:].strip()
    return Decoded(*decode_pieces(data[:end]), behind)


def decode_pieces(data: bytes) -> tuple[bytes, bool]:
    """Base64 with junk in it, of one or more pieces that each have their padding; and whether it was whole."""
    code = data.translate(None, _NOT_BASE64)
    junk = len(code) != len(data) - sum(data.count(bytes([b])) for b in _BLANKS)
    out = []
    whole = not junk
    for match in _PIECE.finditer(code):
        piece = match[0].rstrip(b"=")
        if len(piece) % 4 == 1:
            piece, whole = piece[:-1], False
        whole = whole and not len(match[0]) % 4
        out.append(binascii.a2b_base64(piece + b"=" * (-len(piece) % 4)))
    return b"".join(out), whole


def _is_plain(data: bytes) -> bool:
    """Words, and no base64 before them: most lines have blanks within, or hardly a letter is one of base64's."""
    start = _LEADING.match(data, 0, _SAMPLE)
    code = start[0].translate(None, _BLANKS) if start else b""
    if code and len(code) % 4 == 0 and (len(code) >= _LONG or _is_utf8(decode_pieces(code)[0])):
        return False
    lines = _LINE.findall(data[:_SAMPLE])
    worded = sum(_WORDS.search(line) is not None for line in lines)
    sample = data[:_SAMPLE].translate(None, _BLANKS)
    return 2 * worded > len(lines) or 4 * len(sample.translate(None, _BASE64)) > len(sample)


def _is_utf8(data: bytes) -> bool:
    try:
        return data.decode().isprintable() or b"\n" in data
    except UnicodeDecodeError:
        return False


def _end_of_code(data: bytes) -> int:
    """Where the base64 ends and somebody's words begin."""
    padded = False
    for match in _LINE.finditer(data):
        line = match[0].strip()
        if not line:
            continue
        if _FOOTER_RULE.fullmatch(line) or (padded and not _is_piece(line)):
            return match.start()
        if (padding := match[0].rstrip().find(b"= ")) >= 0:
            return match.start() + padding + 1
        padded = line.endswith(b"=")
    return len(data)


def _is_piece(line: bytes) -> bool:
    """A line of base64, and no word that happens to have its letters."""
    return not line.translate(None, _BASE64) and (len(line) >= _LONG // 2 or line.endswith(b"="))


def from_uuencode(data: bytes) -> Decoded:
    """The lines from `begin` to `end`."""
    lines = iter(data.splitlines())
    if not any(line.startswith(b"begin ") for line in lines):
        return Decoded(data, whole=False)
    out: list[bytes] = []
    for line in lines:
        if line.strip() in {b"end", b"`", b""}:
            break
        decoded = uu_line(line)
        if decoded is None:
            return Decoded(b"".join(out), whole=False)
        out.append(decoded)
    return Decoded(b"".join(out))


def uu_line(line: bytes) -> bytes | None:
    """The bytes of one line, None when it is none. Blanks at its end may be lost, or be too many."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        if not line:
            return None
    # Some encoders pad a line too long: its first octet says how many it has.
    count = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:count])
    except binascii.Error:
        return None
