"""Outlook's RTF: decompressed (MS-OXRTFCP), and its words (and the HTML that it may hide, MS-OXRTFEX) taken out."""

from __future__ import annotations

import re
import struct
from itertools import islice

MAX_RTF = 1_000_000  # octets of RTF that are made of the compressed ones of a mail
MAX_TOKENS = 200_000  # of RTF that are read
MAX_GROUPS = 200  # within each other

_HEAD = struct.Struct("<II4sI")  # size, size unpacked, how, checksum
_PACKED, _PLAIN = b"LZFu", b"MELA"
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
# What is no word of the text: the group that one of these begins is passed over.
_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore listtable listoverridetable generator "
    b"xmlnstbl latentstyles header footer fldinst bkmkstart bkmkend rsidtbl mmathPr revtbl filetbl".split()
)
_MARKS = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"cell": "\t",
    b"tab": "\t",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
}
_MARKS |= {b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "\u2013", b"emdash": "—", b"page": "\n"}
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\", b"\n": "\n", b"\r": "\n"}


def decompress(data: bytes, most: int = MAX_RTF) -> bytes:
    """The RTF in Outlook's wrapping, as far as it goes; b"" when it is none."""
    if len(data) < _HEAD.size:
        return b""
    _, size, how, _ = _HEAD.unpack_from(data)
    size = min(size, most)
    if how == _PLAIN:
        return data[_HEAD.size : _HEAD.size + size]
    return _unpacked(data, size) if how == _PACKED else b""


def _unpacked(data: bytes, size: int) -> bytes:
    """A window of 4096 octets goes round; a run of eight flags says which of the next are a place in it."""
    out = bytearray(_DICTIONARY)
    base = len(_DICTIONARY)  # what is in the window before anything was read
    position, wanted = _HEAD.size, base + size
    while position < len(data) and len(out) < wanted:
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            if position + 2 > len(data):
                return bytes(out[base:wanted])
            place = int.from_bytes(data[position : position + 2], "big")
            position += 2
            offset, length = place >> 4, (place & 15) + 2
            back = (len(out) - offset) % _WINDOW
            if back == 0:
                return bytes(out[base:wanted])  # it points at itself: the end
            if back > len(out):
                return bytes(out[base:wanted])
            for _ in range(length):
                out.append(out[-back])
    return bytes(out[base:wanted])


class _State:
    """What holds in a group: is it passed over; is it what only RTF shows; how many characters stand for a `\\u`."""

    __slots__ = ("dead", "hidden", "skip")

    def __init__(self, outer: _State | None = None) -> None:
        self.hidden: bool = outer.hidden if outer else False
        self.dead: bool = outer.dead if outer else False
        self.skip: int = outer.skip if outer else 1


def to_words(rtf: bytes) -> tuple[str, bool]:
    """The text, and whether it is HTML that Outlook has wrapped into RTF."""
    html = b"\\fromhtml1" in rtf[:_WINDOW]
    reader = _Reader(html=html)
    for match in islice(_TOKEN.finditer(rtf), MAX_TOKENS):
        reader.take(match)
    return reader.words(), html


class _Reader:
    def __init__(self, *, html: bool) -> None:
        self.html = html
        self.codec = "cp1252"
        self._out: list[str] = []
        self._octets = bytearray()
        self._groups = [_State()]
        self._too_deep = 0
        self._unseen = 0  # characters that stand for a \u's, for readers that know no Unicode
        self._starred = False

    def words(self) -> str:
        self._flush()
        return "".join(self._out)

    def take(self, match: re.Match[bytes]) -> None:
        word, number, octet, symbol, brace, text = match.groups()
        if brace:
            self._brace(brace)
        elif word:
            self._word(word.lower(), number)
        elif octet:
            self._put_octets(bytes([int(octet, 16)]))
        elif symbol:
            self._starred = symbol == b"*"
            if not self._starred and symbol in _SYMBOLS:
                self._put(_SYMBOLS[symbol])
        elif text:
            self._put_octets(text)

    def _brace(self, brace: bytes) -> None:
        self._starred, self._unseen = False, 0
        if brace == b"{":
            if len(self._groups) >= MAX_GROUPS:
                self._too_deep += 1
            else:
                self._groups.append(_State(self._groups[-1]))
        elif self._too_deep:
            self._too_deep -= 1
        elif len(self._groups) > 1:
            self._groups.pop()

    def _word(self, word: bytes, number: bytes | None) -> None:
        state = self._groups[-1]
        starred, self._starred = self._starred, False
        if word == b"htmltag":
            state.hidden = not self.html
        elif word == b"htmlrtf":
            state.dead = number != b"0"
        elif word in _HIDDEN or starred:
            state.hidden = True
        elif word == b"u" and number:
            self._put(chr(int(number) & 0xFFFF))
            self._unseen = state.skip
        elif word == b"uc" and number:
            state.skip = min(int(number), 10) if number.isdigit() else 1
        elif word == b"ansicpg" and number:
            self.codec = f"cp{int(number)}"
        elif word in _MARKS:
            self._put(_MARKS[word])

    def _shows(self) -> bool:
        return not (self._groups[-1].hidden or self._groups[-1].dead)

    def _put(self, text: str) -> None:
        if self._unseen:
            self._unseen -= 1
        elif self._shows():
            self._flush()
            self._out.append(text)

    def _put_octets(self, octets: bytes) -> None:
        unseen, self._unseen = min(self._unseen, len(octets)), max(self._unseen - len(octets), 0)
        if self._shows():
            self._octets += octets[unseen:]

    def _flush(self) -> None:
        if self._octets:
            try:
                self._out.append(self._octets.decode(self.codec, "replace"))
            except LookupError:
                self._out.append(self._octets.decode("cp1252", "replace"))
            self._octets.clear()
