"""What a calendar object (RFC 5545, RFC 5546) says to a person: what, when, where, and who asks."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

MAX_READ = 200_000  # characters of a calendar object that are read
MAX_EVENTS = 5  # that are read and shown
MAX_VALUE = 500  # characters of a value that are shown
MAX_STORY = 10_000  # and of a description

_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(
    r"([A-Za-z0-9-]{1,60})((?:;[^\s=;:\"]{1,60}=(?:\"[^\"]*+\"|[^\";:]*+)(?:,(?:\"[^\"]*+\"|[^\";:,]*+))*+)*+):"
)
_PARAMETER = re.compile(r";([^\s=;:\"]{1,60})=(?:\"([^\"]*+)\"|([^\";:]*+))")
_ESCAPE = re.compile(r"\\([nN,;\\:\"])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:\d\d)?(Z?))?")
_DURATION = re.compile(r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:\d{1,8}S)?)?")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# What the sender does with it (METHOD) → the word for it
_METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Event",
    "ADD": "Invitation",
    "CANCEL": "Cancelled",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The other time is refused",
    "REFRESH": "The newest version is asked for",
    "": "Event",
}
_ANSWERS = {
    "ACCEPTED": "Accepted",
    "DECLINED": "Declined",
    "TENTATIVE": "Accepted for now",
    "DELEGATED": "Passed on to somebody else",
    "NEEDS-ACTION": "Not answered yet",
}
_RHYTHMS = {"DAILY": "every day", "WEEKLY": "every week", "MONTHLY": "every month", "YEARLY": "every year"}
_KINDS = {"VEVENT", "VTODO"}


class Property(NamedTuple):
    parameters: dict[str, str]  # names in upper case
    value: str


def told(calendar: str) -> str:
    """What it says, as lines of text; "" where there is no event in it."""
    method, events = _read(_FOLD.sub("", calendar[:MAX_READ]))
    shown = [_event(method, event) for event in events[:MAX_EVENTS]]
    if len(events) > MAX_EVENTS:
        shown.append("… and more in the attached calendar")
    return "\n\n".join(shown)


def story_of(calendar: str) -> str:
    """The first event's description, for a mail that has no other words."""
    _, events = _read(_FOLD.sub("", calendar[:MAX_READ]))
    found = next((event["DESCRIPTION"] for event in events if "DESCRIPTION" in event), None)
    return _unescaped(found.value[:MAX_STORY]).strip() if found else ""


def _read(text: str) -> tuple[str, list[dict[str, Property]]]:
    """The method and the events' properties, each by its first one; alarms within them are passed over."""
    method = ""
    events: list[dict[str, Property]] = []
    inside: list[str] = []
    for line in text.splitlines():
        if len(events) > MAX_EVENTS:
            break
        match = _NAME.match(line)
        if match is None:
            continue
        name, value = match[1].upper(), line[match.end() :]
        if name == "BEGIN":
            inside.append(value.strip().upper())
            if inside[-1] in _KINDS:
                events.append({"": Property({}, inside[-1])})
        elif name == "END":
            inside = inside[:-1]
        elif name == "METHOD" and not method:
            method = value.strip().upper()
        elif events and inside and inside[-1] in _KINDS:
            found = {m[1].upper(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(match[2])}
            events[-1].setdefault(name, Property(found, value.strip()))
    return method, events


def _event(method: str, event: dict[str, Property]) -> str:
    organiser, attendee = event.get("ORGANIZER"), event.get("ATTENDEE")
    word = _METHODS.get(method, "Event")
    if method == "REPLY" and attendee:
        word = _ANSWERS.get(attendee.parameters.get("PARTSTAT", "").upper(), "Answered")
    elif event[""].value == "VTODO":
        word = "Task"
    who = _person(attendee) if method in {"REPLY", "COUNTER", "REFRESH"} else _person(organiser)
    lines = [
        f"{word}: {_text(event, 'SUMMARY') or '(no title)'}",
        _line("When", _when(event)),
        _line("Repeated", _RHYTHMS.get(_rule(event), "")),
        _line("Where", _text(event, "LOCATION")),
        _line("Answer by" if method in {"REPLY", "COUNTER", "REFRESH"} else "Organised by", who),
        _line("Comment", _text(event, "COMMENT")),
    ]
    return "\n".join(line for line in lines if line)


def _line(label: str, words: str) -> str:
    return f"{label}: {words}" if words else ""


def _text(event: dict[str, Property], name: str) -> str:
    found = event.get(name)
    return " ".join(_unescaped(found.value[:MAX_VALUE]).split()) if found else ""


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)


def _person(found: Property | None) -> str:
    if found is None:
        return ""
    name = " ".join(found.parameters.get("CN", "").split())[:MAX_VALUE]
    address = found.value[:MAX_VALUE]
    address = address[7:] if address[:7].lower() == "mailto:" else address if "@" in address else ""
    return f"{name} <{address}>" if name and address and name != address else name or address


def _rule(event: dict[str, Property]) -> str:
    rule = event.get("RRULE")
    pieces = dict(piece.partition("=")[::2] for piece in rule.value.upper()[:MAX_VALUE].split(";")) if rule else {}
    return pieces.get("FREQ", "")


def _when(event: dict[str, Property]) -> str:
    begin = event.get("DTSTART") or event.get("DUE")
    start = _moment(begin)
    if begin is None or start is None:
        return begin.value[:MAX_VALUE] if begin else ""
    end = _moment(event.get("DTEND")) or _after(start, event.get("DURATION"))
    if end is not None and isinstance(end, datetime) is not isinstance(start, datetime):
        end = None  # a day and a moment: nobody knows
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end and end > start else None  # the day after the last one is written
        return _day(start) + (f" to {_day(last)}" if last and last > start else "")
    zone = "UTC" if begin.value.strip().endswith("Z") else begin.parameters.get("TZID", "").strip("/")[:100]
    until = ""
    if isinstance(end, datetime) and end > start:
        until = f" to {end:%H:%M}" if end.date() == start.date() else f" to {_day(end)}, {end:%H:%M}"
    return f"{_day(start)}, {start:%H:%M}{until}" + (f" ({zone})" if zone else "")


def _moment(found: Property | None) -> date | None:
    """A datetime, or a date for a whole day. As written: whose clock it is stands beside it."""
    match = _TIME.match(found.value.strip()) if found else None
    if match is None:
        return None
    numbers = [int(number) for number in match.groups()[:5] if number is not None]
    try:
        return datetime(*numbers) if len(numbers) > 3 else date(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001, PLR2004
    except ValueError:
        return None


def _after(start: date, found: Property | None) -> date | None:
    match = _DURATION.fullmatch(found.value.strip().upper()) if found else None
    if match is None:
        return None
    weeks, days, hours, minutes = (int(number or 0) for number in match.groups())
    try:
        return start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    except OverflowError:
        return None


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
