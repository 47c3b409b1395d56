"""Signed and encrypted mail: the words that a signature covers are shown; what is encrypted is named as that.

Nothing is checked here: a signature that nobody has verified proves nothing (see `proof`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

ENCRYPTED = "This mail is encrypted and cannot be read here; the original is attached."
ENCRYPTED_DEFECT = "encrypted"  # among a mail's defects: an agent's answer that nobody can read goes nowhere
MAX_PIECES = 100_000  # of a string that was written in pieces

SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_ENVELOPES = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d0109100117"))  # with a MAC, too
_DATA = bytes.fromhex("2a864886f70d010701")
_OID, _SEQUENCE, _SET, _INTEGER, _OCTETS = 0x06, 0x30, 0x31, 0x02, 0x04
_PIECES, _EXPLICIT = 0x24, 0xA0  # a string in pieces; [0]

_BEGIN_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_BEGIN_SIGNATURE, _END_SIGNATURE = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
_BEGIN_MESSAGE = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)
_END_MESSAGE = re.compile(r"^-----END PGP MESSAGE-----[ \t]*$", re.MULTILINE)


class Tlv(NamedTuple):
    """One value of DER or BER: its tag, where its content begins and ends, and where the next one should begin."""

    tag: int
    start: int
    end: int
    after: int


def signed_content(data: bytes) -> bytes | None:
    """The mail within an S/MIME message that is signed and not encrypted (RFC 5652 section 5); None for any other."""
    path = (_SEQUENCE, _OID)
    oid = _at(data, path)
    if oid is None or data[oid.start : oid.end] != _SIGNED_DATA:
        return None
    inner = _sequence(data, oid.after)  # [0] { SEQUENCE { version, digests, { type, [0] { content } } … } }
    for tag in (_INTEGER, _SET):
        one = _read(data, inner) if inner is not None else None
        inner = one.after if one and one.tag == tag else None
    capsule = _read(data, inner) if inner is not None else None
    kind = _read(data, capsule.start) if capsule and capsule.tag == _SEQUENCE else None
    if kind is None or data[kind.start : kind.end] != _DATA:
        return None
    explicit = _read(data, kind.after)
    content = _read(data, explicit.start) if explicit and explicit.tag == _EXPLICIT else None
    return _octets(data, content) if content else None


def is_cut(data: bytes) -> bool:
    """Is less there than it says? Of what does not say it nobody can tell."""
    whole = _read(data, 0)
    return whole is not None and whole.after > len(data)


def is_envelope(data: bytes) -> bool:
    """An S/MIME message that is encrypted."""
    oid = _at(data, (_SEQUENCE, _OID))
    return oid is not None and data[oid.start : oid.end] in _ENVELOPES


def _sequence(data: bytes, position: int) -> int | None:
    explicit = _read(data, position)
    inner = _read(data, explicit.start) if explicit and explicit.tag == _EXPLICIT else None
    return inner.start if inner and inner.tag == _SEQUENCE else None


def _at(data: bytes, path: tuple[int, ...]) -> Tlv | None:
    """The first value within the first value, and so on."""
    position, found = 0, None
    for tag in path:
        found = _read(data, position)
        if found is None or found.tag != tag:
            return None
        position = found.start
    return found


def _read(data: bytes, position: int) -> Tlv | None:
    """The value at a place. One that does not say how long it is goes on to the end of all, as far as we know."""
    if position + 2 > len(data):
        return None
    tag, length, start = data[position], data[position + 1], position + 2
    if length == 0x80:  # noqa: PLR2004 - BER: until two NULs
        return Tlv(tag, start, len(data), len(data))
    if length > 0x80:  # noqa: PLR2004 - so many octets have the length
        start += length & 0x7F
        if length > 0x84 or start > len(data):  # noqa: PLR2004
            return None
        length = int.from_bytes(data[position + 2 : start], "big")
    return Tlv(tag, start, min(start + length, len(data)), start + length)  # what is cut off is read as far as it goes


def _octets(data: bytes, string: Tlv) -> bytes | None:
    """A string's octets, be it in pieces."""
    if string.tag == _OCTETS:
        return data[string.start : string.end]
    if string.tag != _PIECES:
        return None
    out: list[bytes] = []
    position = string.start
    while position < string.end and len(out) < MAX_PIECES:
        piece = _read(data, position)
        if piece is None or piece.tag not in {_OCTETS, _PIECES}:
            break
        if piece.tag == _OCTETS:
            out.append(data[piece.start : piece.end])
            position = piece.after
        else:
            position = piece.start  # pieces of pieces follow each other all the same
    return b"".join(out) if len(out) < MAX_PIECES else None


def unarmoured(text: str) -> str:
    """The text without the armour of inline PGP signatures: the words, and none of the code."""
    if _BEGIN_SIGNED not in text:
        return text
    out: list[str] = []
    code: list[str] = []  # of a signature, that may turn out to have no end
    state = "outside"
    for line in text.split("\n"):
        mark = line.rstrip()
        if mark == _BEGIN_SIGNED:
            state = "head"
        elif state == "head":
            state = "head" if mark else "words"
        elif state == "words" and mark == _BEGIN_SIGNATURE:
            state, code = "signature", []
        elif state == "signature":
            state = "outside" if mark == _END_SIGNATURE else "signature"
            code.append(line)
        else:
            out.append(line.removeprefix("- ") if state == "words" else line)
    return "\n".join([*out, *code] if state == "signature" else out)


def encrypted_blocks(text: str) -> tuple[str, str]:
    """The text without the inline PGP messages in it, and those, with their armour."""
    words: list[str] = []
    blocks: list[str] = []
    place = 0
    while begin := _BEGIN_MESSAGE.search(text, place):
        end = _END_MESSAGE.search(text, begin.end())
        if end is None:
            break
        words.append(text[place : begin.start()])
        blocks.append(begin[0] + text[begin.end() : end.end()])
        place = end.end()
    return ("".join((*words, text[place:])), "\n".join(blocks)) if blocks else (text, "")
