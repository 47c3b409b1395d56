"""What commands print: JSON lines, aligned tables, times and numbers that one can read at 3 am."""

from __future__ import annotations

import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import chain, islice, repeat
from typing import Any

import click

from .frame import printable

_CONTROLS = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_GAP = "  "
_BELOW = "    "
_NARROWEST = 12
PAGE = 500  # rows of a table that are aligned together: a long one begins before its end is known


def json_line(value: Any) -> None:
    """One object on one line, in UTF-8 whatever the terminal speaks."""
    text = json.dumps(value, ensure_ascii=False, default=_rfc3339)
    text = _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    click.echo(text.encode("utf-8", "backslashreplace"))  # a lone surrogate becomes the JSON escape that it is


def _rfc3339(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} is not JSON")


def line(text: str = "") -> None:
    click.echo(printable(text))


def words(text: str) -> None:
    """Text of several lines, as somebody wrote it."""
    for one in text.splitlines():
        line(one.replace("\t", "    "))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], below: Iterable[str] = ()) -> None:
    """Columns side by side; on a terminal the last one is cut so that each row stays one line. Each row's words of
    `below` stand in a line under it. Of a long table no column gets narrower, and each page is aligned in itself."""
    left = zip(rows, chain(below, repeat("")), strict=False)
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    widths, page = [0] * (len(heads) - 1), [(list(heads), "")]
    while more := list(islice(left, PAGE)):
        page += [([printable(cell.replace("\n", " ")) for cell in row], note) for row, note in more]
        widths = [max(wide, *(width(row[column]) for row, _ in page)) for column, wide in enumerate(widths)]
        for row, note in page:
            _row(row, note, widths, terminal)
        page = []


def _row(row: Sequence[str], note: str, widths: Sequence[int], terminal: int | None) -> None:
    padded = [cell + " " * (wide - width(cell)) for cell, wide in zip(row[:-1], widths, strict=True)]
    taken = sum(widths) + len(_GAP) * len(widths)
    click.echo(_GAP.join([*padded, _fitting(row[-1], terminal, taken)]).rstrip())
    if note:
        click.echo(_BELOW + _fitting(printable(note), terminal, len(_BELOW)))


def _fitting(text: str, terminal: int | None, taken: int) -> str:
    """What fits into the rest of a line; all of it where there is no terminal."""
    return text if terminal is None else cut(text, max(terminal - taken, _NARROWEST))


def fields(pairs: Iterable[tuple[str, str]]) -> None:
    """`Name: value` lines with the values below each other; empty ones are left out."""
    told = [(name, value) for name, value in pairs if value]
    wide = max((len(name) for name, _ in told), default=0) + 1
    for name, value in told:
        line(f"{name + ':':{wide}} {value}")


def width(text: str) -> int:
    """Terminal cells: wide letters of East Asia take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    kept = text[: room - 1]
    while width(kept) > room - 1:
        kept = kept[:-1]
    return kept + "…"


def moment(value: Any) -> datetime | None:
    """A time as the store's face gives it: RFC 3339 text, or already a datetime."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else value or None


def when(value: Any, zone: tzinfo) -> str:
    """A time in the desk's zone, to the minute; "" for none."""
    then = moment(value)
    return f"{then.astimezone(zone):%Y-%m-%d %H:%M}" if then else ""


def person(value: Mapping[str, Any] | None) -> str:
    """`Anna <anna@acme.example>`, or "-" for nobody."""
    if not value:
        return "-"
    return f"{value['name']} <{value['address']}>" if value.get("name") else str(value["address"])


def octets(count: int) -> str:
    """A size as people write it, in decimal units."""
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if count >= size:
            return f"{count / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"
