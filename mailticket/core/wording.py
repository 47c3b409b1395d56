"""The filters of our templates: times, sizes, counts and other people's text, as a reader wants to see them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import quote as encoded

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

WIDTH = 72
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_KILO = 1000
_TWO_FIGURES = 10
_UNITS = ("KB", "MB", "GB")
_MAX_NAME = 60
_NOT_IN_NAMES = ("/", "@", ":", "www.", "<", ">")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
# Outlook has margins of its own, so each paragraph says its.
_PARAGRAPH = Markup('<p style="margin:0 0 14px">{}</p>')
_BREAK = Markup("<br>\n")


def when(at: datetime, zone: tzinfo, offset: timedelta | None = None) -> str:
    """`Sunday 22 November 2026, 14:03 CET`; beside it the same at the reader's own `offset`, where that differs."""
    local = at.astimezone(zone)
    text = f"{_day(local)} {local.year}, {local:%H:%M} {_zone_name(local)}"
    theirs = your_time(at, zone, offset)
    return f"{text} ({theirs})" if theirs else text


def your_time(at: datetime, zone: tzinfo, offset: timedelta | None) -> str:
    """`08:03 your time, UTC-05:00`, with the day where it is another one; "" where the offset is not another."""
    local = at.astimezone(zone)
    if offset is None or offset == local.utcoffset() or not -_DAY < offset < _DAY:
        return ""
    theirs = at.astimezone(timezone(offset))
    their_day = "" if theirs.date() == local.date() else f"{_day(theirs)}, "
    return f"{their_day}{theirs:%H:%M} your time, {_offset_name(offset)}"


def clock(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`14:03:20 CET`, with the day where that is another one than it is `now`."""
    local = at.astimezone(zone)
    time = f"{local:%H:%M:%S} {_zone_name(local)}"
    return time if local.date() == now.astimezone(zone).date() else f"{_day(local)}, {time}"


def weekday(at: datetime, zone: tzinfo) -> str:
    """`Tuesday 14:03 CET`, of the days to come."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local:%H:%M} {_zone_name(local)}"


def until(at: datetime, zone: tzinfo) -> str:
    """`until Friday 4 December 2026, 14:00 CET`; of a day's end `through Friday 4 December 2026, CET`."""
    if at.astimezone(zone).time() != time():
        return f"until {when(at, zone)}"
    last = (at - _MINUTE).astimezone(zone)
    return f"through {_day(last)} {last.year}, {_zone_name(last)}"


def day(at: datetime, zone: tzinfo) -> str:
    """`22 November 2026`."""
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def size(octets: int) -> str:
    """`3.2 KB`, in thousands, as mail clients count."""
    if octets < _KILO:
        return count(octets, "byte")
    amount, step = octets / _KILO, 0
    while round(amount) >= _KILO and step + 1 < len(_UNITS):
        amount, step = amount / _KILO, step + 1
    unit = _UNITS[step]
    return f"{amount:.1f} {unit}" if round(amount, 1) < _TWO_FIGURES else f"{amount:.0f} {unit}"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 attachment`, `2 attachments`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def paragraphs(text: str) -> Markup:
    """Somebody's text as HTML: escaped, an empty line between paragraphs, every line end kept."""
    return Markup("\n").join(_PARAGRAPH.format(_BREAK.join(_line(line) for line in block)) for block in _blocks(text))


def quote(text: str) -> str:
    """Each line behind `> `."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def one_line(text: str) -> str:
    """Without line ends, so that a name or a subject stays on its line; and nothing turns the words behind it round."""
    return " ".join(_TURNS.sub("", str(text)).split())


def called(name: str) -> str:
    """` Maria` behind a greeting; nothing for what is no name, so that nobody advertises through our mails."""
    name = one_line(name)
    is_name = 0 < len(name) <= _MAX_NAME and not any(mark in name.lower() for mark in _NOT_IN_NAMES)
    return f" {name}" if is_name else ""


def person(someone: Mapping[str, str]) -> str:
    """`Maria Nováková <maria@example.com>`."""
    name, address = one_line(someone["name"]), someone["address"]
    return f"{name} <{address}>" if name and name != address else address


def mailto(address: str, subject: str) -> str:
    """A link that begins a mail (RFC 6068), with nothing in it that ends a link. Some programs make a blank of `+`."""
    to, about = (encoded(one_line(text), safe="@", errors="replace") for text in (address, subject))
    return f"mailto:{to}?subject={about}"


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _line(line: str) -> Markup:
    # HTML would fold the spaces that hold a table or a piece of code together.
    return Markup(str(escape(line)).replace("\t", "    ").replace("  ", "&nbsp; "))  # noqa: S704 - escaped just here


def _day(at: datetime) -> str:
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"


def _zone_name(local: datetime) -> str:
    name = local.tzname() or ""
    return name if name[:1].isalpha() else _offset_name(local.utcoffset() or timedelta())


def _offset_name(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "UTC"


@pass_context
def _when(context: Context, at: datetime, offset: timedelta | None = None) -> str:
    return when(at, context["zone"], offset)


@pass_context
def _clock(context: Context, at: datetime, now: datetime) -> str:
    return clock(at, context["zone"], now)


@pass_context
def _weekday(context: Context, at: datetime) -> str:
    return weekday(at, context["zone"])


@pass_context
def _until(context: Context, at: datetime) -> str:
    return until(at, context["zone"])


@pass_context
def _your_time(context: Context, at: datetime, offset: timedelta | None) -> str:
    return your_time(at, context["zone"], offset)


@pass_context
def _day_filter(context: Context, at: datetime) -> str:
    return day(at, context["zone"])


def lines(value: str) -> str:
    """One line's words on lines that no client wraps again when it quotes them."""
    return textwrap.fill(one_line(value), WIDTH, break_long_words=False, break_on_hyphens=False)


def indented(value: str) -> str:
    """The same, four columns in."""
    return textwrap.indent(lines(value), "    ")


def set_in(value: str) -> str:
    """Another mail's words, each line four columns in and else as it is."""
    return textwrap.indent(value, "    ")


def column(words: str, width: int) -> str:
    """At least so wide, as the words of a table's column are."""
    return one_line(words).ljust(min(width, WIDTH))


FILTERS: dict[str, Callable[..., Any]] = {
    "when": _when,
    "clock": _clock,
    "weekday": _weekday,
    "until": _until,
    "your_time": _your_time,
    "day": _day_filter,
    "size": size,
    "count": count,
    "paragraphs": paragraphs,
    "quote": quote,
    "one_line": one_line,
    "lines": lines,
    "indented": indented,
    "set_in": set_in,
    "called": called,
    "column": column,
    "person": person,
    "mailto": mailto,
}
