"""Header fields from bytes: where a head ends, its fields, their parameters, ids and dates. All of it linear."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .addresses import read_addresses
from .charset import decode, decode_words, is_utf8, one_line
from .charset_names import codec

MAX_FIELDS = 1000
MAX_HEAD = 256 * 1024
MAX_PARAMETERS = 16 * 1024  # octets of a field that are searched for parameters
MAX_REFERENCES = 100
MAX_NAMES = 4096  # octets of addresses whose names are read in a charset of their own
_LETTERS = 4096  # octets of the body that may tell what the head is written in

_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\r?\n){0,20}")  # a byte order mark, empty lines: left by what saved it
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_KNOWN = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|return-path"
    rb"|in-reply-to|references|x-[a-z0-9-]+)[ \t]*:",
    re.IGNORECASE,
)
# Semicolons are forgotten, and names have quotation marks in them that nobody escaped.
_PARAMETER = re.compile(
    r"(?:;\s*+|(?<=\")\s++|\A\s*+[^\s;=\"]++\s++(?=[^\s;=\"]++\s*+=))"
    r"([^\s=;\"]++)\s*+=\s*+"
    r"(?:\"([^\"\\]*+(?:\\.[^\"\\]*+)*+)\"(?=\s*+(?:;|\Z|[^\s=;\"]++\s*+=))|([^;]*+))",
    re.DOTALL,
)
_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_ID = re.compile(r"<([^<>]{1,2000})>")
_OFFSET = re.compile(r"(?:(?:GMT|UTC?)\s*)?([+-])(\d\d):?(\d\d)\b")
_ADDRESSES = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_NOT_ASCII = ("utf-16", "utf-32", "utf-7", "hz", "iso2022")  # codecs whose ASCII octets may mean something else
_ZONES = {"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "BST": 1, "WEST": 1, "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5}
_ZONES |= {"JST": 9, "AEST": 10, "AEDT": 11}


class Field(NamedTuple):
    """`name` is lower-case; `value` still has its encoded words, and may hold line ends of its folding."""

    name: str
    value: str


class Head(NamedTuple):
    """`foreign` are the fields, by their place, that hold raw letters which are no UTF-8: as they came."""

    fields: list[Field]
    end: int  # where the body begins
    defects: list[str]
    foreign: Mapping[int, bytes] = MappingProxyType({})

    def first(self, name: str) -> str:
        return next((f.value for f in self.fields if f.name == name), "")

    def all(self, name: str) -> list[str]:
        return [f.value for f in self.fields if f.name == name]


def read_head(
    raw: bytes, start: int = 0, *, limit: int = MAX_HEAD, stops: Container[bytes] = (), only: str = ""
) -> Head:
    """The head that begins at `start`. A line in `stops` (boundaries) ends it, too; so does `limit`.

    With `only`, fields whose names do not begin so are left out.
    """
    defects: list[str] = []
    begins = _BEFORE.match(raw, start)
    if begins and _KNOWN.match(raw, begins.end()) and _begins_with(raw, begins.end(), only):
        start = begins.end()
    elif (ended := _line_end(raw, start)) > start:
        return Head([], ended, defects)
    empty = _EMPTY_LINE.search(raw, start, start + limit)
    stop, end = (empty.start(), empty.end()) if empty else (min(len(raw), start + limit),) * 2
    if empty is None and end < len(raw):
        defects.append(f"the head is longer than {limit} bytes")
    pairs, broken_off = _pairs(raw, start, stop, stops, defects)
    if len(pairs) > MAX_FIELDS:
        defects.append(f"more than {MAX_FIELDS} header fields")
        del pairs[MAX_FIELDS:]
    fields: list[Field] = []
    foreign: dict[int, bytes] = {}
    for raw_name, lines in pairs:
        name = raw_name.decode("ascii").lower()
        if name.startswith(only):
            value = b"".join(lines)
            if not value.isascii() and not is_utf8(value):
                foreign[len(fields)] = value
            fields.append(Field(name, _value(name, value)))
    return Head(fields, end if broken_off is None else broken_off, defects, foreign)


def reread(head: Head, charset: str, languages: tuple[str, ...] = ()) -> Head:
    """The head with its raw letters read as those of the body, which declares what it is written in, or of the desk's
    languages."""
    if not head.foreign or codec(charset).startswith(_NOT_ASCII):  # whoever could name it could make any words of any
        return head
    fields = [
        Field(one.name, _value(one.name, head.foreign[place], charset, languages)) if place in head.foreign else one
        for place, one in enumerate(head.fields)
    ]
    return head._replace(fields=fields)


def raw_letters(raw: bytes, head: Head) -> bytes:
    """The letters of a mail that declares no charset: of its head, and of its body's beginning where it is no UTF-8."""
    body = raw[head.end : head.end + _LETTERS].rpartition(b"\n")[0]
    return b"\n".join((*head.foreign.values(), b"" if is_utf8(body) else body))


def _value(name: str, data: bytes, charset: str = "", languages: tuple[str, ...] = ()) -> str:
    """A field's text. A charset may make letters of ASCII octets: what machines read is read as any other reader of the
    mail does, who judged it by that, and in a name no letters may bring out an address."""
    text = decode(data, charset, languages).strip()
    if name == "subject" or name.startswith("content-") or (data.isascii() and text.isascii()):
        return text
    octets = data.decode("utf-8" if is_utf8(data) else "cp1252", "replace").strip()
    if name not in _ADDRESSES or text == octets or len(data) > MAX_NAMES:
        return octets
    said, meant = ([a.address for a in read_addresses(value)[0]] for value in (octets, text))
    return text if said == meant else octets


def _begins_with(raw: bytes, start: int, name: str) -> bool:
    return raw[start : start + len(name)].lower() == name.encode()


def _line_end(raw: bytes, start: int) -> int:
    """Where the line end that stands at `start` ends; `start` when there is none."""
    return start + (2 if raw.startswith(b"\r\n", start) else raw.startswith(b"\n", start))


def _pairs(
    raw: bytes, start: int, stop: int, stops: Container[bytes], defects: list[str]
) -> tuple[list[tuple[bytes, list[bytes]]], int | None]:
    """Names and lines of the fields, and where the body begins when that is before `stop`."""
    pairs: list[tuple[bytes, list[bytes]]] = []
    position = start
    for line in raw[start:stop].splitlines(keepends=True):
        if line[:1] in b" \t":
            if pairs:
                pairs[-1][1].append(line)
        elif match := _FIELD.match(line):
            pairs.append((match[1], [line[match.end() :]]))
        elif line[:2] == b"--" and line.strip() in stops:
            return pairs, position
        elif line[:5] in {b"From ", b">From"} and not pairs:
            pass  # the line that begins a message in an mbox
        elif _known_follows(raw, position + len(line), stop):
            defects.append("a line in the head is no field")
        else:
            defects.append("the head ends without an empty line")
            return pairs, position
        position += len(line)
    return pairs, None


def _known_follows(raw: bytes, start: int, stop: int) -> bool:
    """Whether one of the next three lines is a field that every reader knows."""
    return any(_KNOWN.match(line) for line in raw[start : min(stop, start + 4096)].splitlines()[:3])


def value_of(raw: str) -> str:
    """A field's value as a person reads it: one clean line."""
    return one_line(decode_words(raw))


def parameters(value: str, default: str = "") -> tuple[str, dict[str, str]]:
    """A Content-Type or -Disposition: its value in lower case and its decoded parameters (RFC 2231, RFC 2047)."""
    value = value[:MAX_PARAMETERS]
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value):
        name = match[1].lower()
        text = match[3].strip().strip('"') if match[2] is None else re.sub(r'\\(["\\])', r"\1", match[2])
        base, star, rest = name.partition("*")
        if not star:
            found.setdefault(base, value_of(text))
            continue
        number, _, mark = rest.partition("*")
        encoded = rest.endswith("*") or rest == ""
        if number.isdecimal() and len(number) < 4:  # noqa: PLR2004 - 999 pieces are more than any mailer makes
            pieces.setdefault(base, {}).setdefault(int(number), (text, encoded))
        elif not mark:
            pieces.setdefault(base, {}).setdefault(0, (text, encoded))
    for base, parts in pieces.items():
        found[base] = _join_pieces([parts[n] for n in sorted(parts)])
    head = value.partition(";")[0].lower().split(None, 1)
    return head[0] if head else default, found


def _join_pieces(parts: list[tuple[str, bool]]) -> str:
    charset = ""
    if parts[0][1] and parts[0][0].count("'") >= 2:  # noqa: PLR2004 - charset'language'text
        charset, _, text = parts[0][0].split("'", 2)
        parts = [(text, True), *parts[1:]]
    data = b"".join(unquote_to_bytes(t) if enc else t.encode("utf-8", "replace") for t, enc in parts)
    return value_of(decode(data, charset))


def content_type(value: str, default: str) -> tuple[str, dict[str, str]]:
    kind, found = parameters(value, default)
    match = _TYPE.match(kind)
    if match:
        return match[0], found
    return ("text/plain" if value else default), found


def message_ids(values: list[str]) -> tuple[str, ...]:
    """The `<…>` tokens of some fields; of very many the first and the last 99."""
    ids = [f"<{inner}>" for v in values for m in _ID.finditer(v) if (inner := "".join(one_line(m[1]).split()))]
    return tuple(ids if len(ids) <= MAX_REFERENCES else (ids[0], *ids[1 - MAX_REFERENCES :]))


def read_date(value: str) -> datetime | None:
    """A Date field, with the offset that the sender wrote; UTC where none was written."""
    value = one_line(value)[:200].partition("(")[0].strip()
    offset = _OFFSET.search(value)
    zone = value.rpartition(" ")[2].upper()
    try:
        found = parsedate_to_datetime(_OFFSET.sub(r" \1\2\3", value) if offset else value)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
    try:
        if zone in _ZONES:
            found = found.replace(tzinfo=timezone(timedelta(hours=_ZONES[zone])))
        elif found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        found.astimezone(UTC)  # year 1 with an offset has no moment in UTC
    except (ValueError, OverflowError):
        return None
    return found
