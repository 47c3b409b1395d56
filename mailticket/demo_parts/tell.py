"""How the story is told: plain lines, colours on a terminal only, the headers that matter, the first words."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from email.message import EmailMessage
from typing import Any, TextIO

from ..cli import show
from ..core.wording import count

_WIDTH = 79
_INDENT = "   "
_FIRST_LINES = 10
_SHOWN = (
    *("From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "Attachment"),
)
_NAME_WIDTH = max(map(len, _SHOWN)) + 1
_ID = re.compile(r"<([^<>@\s]+)@([^<>\s]+)>")
_LONG_LOCAL_PART = re.compile(r"([A-Za-z0-9._+-]{12})[A-Za-z0-9._+-]{9,}(?=@)")
_BOLD, _DIM, _BLUE, _GREEN = "1", "2", "36", "32"


class Teller:
    """Writes to `out`. It remembers the mails it told of, so that references can be named."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        plain = ("NO_COLOR" in os.environ and os.environ["NO_COLOR"] != "") or os.environ.get("TERM") == "dumb"
        self._coloured = self._out.isatty() and not plain
        self._names: dict[str, str] = {}

    def line(self, text: str = "") -> None:
        self._out.write(text + "\n")
        self._out.flush()

    def say(self, text: str) -> None:
        """A paragraph of our own words."""
        for line in textwrap.wrap(" ".join(text.split()), _WIDTH):
            self.line(line)
        self.line()

    def head(self, text: str) -> None:
        self.line(self._paint(_BOLD, text))
        self.line()

    def desk(self, text: str) -> None:
        """What the desk did, and why."""
        first, *rest = textwrap.wrap(" ".join(text.split()), _WIDTH - len(_INDENT) - 3)
        self.line(f"{_INDENT}{self._paint(_GREEN, '=>')} {first}")
        for line in rest:
            self.line(f"{_INDENT}   {line}")
        self.line()

    def mail(
        self, mail: EmailMessage, name: str, words: str, *, leave_out: Iterable[str] = (), most: int = _FIRST_LINES
    ) -> None:
        """A mail's headers that matter and its first lines. `name` is what later references call it."""
        self.know(mail, "itself")
        for header in _SHOWN:
            if header not in leave_out:
                self._header(header, mail)
        self.line()
        self._words(words, most)
        self.line()
        self.know(mail, name)

    def know(self, mail: EmailMessage, name: str) -> None:
        """A mail that is not told of, but that later ones refer to."""
        self._names[str(mail["Message-ID"])] = name

    def _header(self, name: str, mail: EmailMessage) -> None:
        if name == "Attachment":
            values = [_file(part) for part in mail.iter_attachments()]
        elif name in ("In-Reply-To", "References"):
            values = [self._named(found) for found in _ID.findall(str(mail[name] or ""))]
        else:
            values = (
                [show.cut(short(str(mail[name])), _WIDTH - _NAME_WIDTH - len(_INDENT) - 1)]
                if mail[name] is not None
                else []
            )
        for place, value in enumerate(values):
            label = f"{name}:" if place == 0 else ""
            self.line(f"{_INDENT}{self._paint(_BLUE, f'{label:{_NAME_WIDTH}}')} {value}")

    def _named(self, found: tuple[str, str]) -> str:
        whole = f"<{found[0]}@{found[1]}>"
        name = self._names.get(whole)
        return f"{short(whole)} = {name}" if name else short(whole)

    def _words(self, words: str, most: int) -> None:
        lines = [part for line in _folded(words) for part in textwrap.wrap(line, _WIDTH - 6) or [""]]
        more = len(lines) - most
        if more > 0:
            lines = "\n".join(lines[:most]).rstrip().splitlines()
        for line in lines:
            self.line(f"{_INDENT}{self._paint(_DIM, '|')} {line}".rstrip())
        if more > 0:
            told = f"| ... and {count(more, 'more line')}"
            self.line(f"{_INDENT}{self._paint(_DIM, told)}")

    def ticket(self, ticket: Mapping[str, Any], zone: tzinfo) -> None:
        """A ticket, shorter than `tickets show` has it."""
        self.line(f"{_INDENT}{self._paint(_BOLD, ticket['tag'])} {ticket['subject']}")
        estimate = ticket["estimate"]
        for name, value in (
            ("Status", f"{ticket['status']}, {ticket['priority']} priority, {ticket['department']}"),
            ("Customer", show.person(ticket["customer"])),
            ("Agent", show.person(ticket["agent"])),
            ("Answer by", f"{show.when(estimate['answer_by'], zone)} ({estimate['basis']})"),
        ):
            self.line(f"{_INDENT}{self._paint(_BLUE, f'{name}:'.ljust(_NAME_WIDTH))} {value}")
        self.line()
        for message in ticket["messages"]:
            kind = "automatic" if message["automatic"] else message["direction"]
            who = message["from"]["name"] or message["from"]["address"]
            words = " ".join(message["text"].split())
            self.line(show.cut(f"{_INDENT}{kind:9}  {who:15}  {words}", _WIDTH))
        self.line()
        happened = ", ".join(_happening(event) for event in ticket["events"])
        for line in textwrap.wrap(f"Events: {happened}", _WIDTH - len(_INDENT)):
            self.line(f"{_INDENT}{line}")
        self.line()

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text


def short(text: str) -> str:
    """Ids and signed addresses are long: their beginning is enough to know them again."""
    return _LONG_LOCAL_PART.sub(lambda found: f"{found[1].rstrip('.')}..", text)


def _folded(words: str) -> list[str]:
    """Its lines, with what is quoted at its end as one."""
    lines = words.strip().splitlines()
    own = list(lines)
    while own and own[-1].startswith(">"):
        own.pop()
    quoted = len(lines) - len(own)
    return [*own, f"> ({quoted} lines of the mail that this answers)"] if quoted else own


def _happening(event: Mapping[str, Any]) -> str:
    return f"{event['kind']} {event['detail'].get('after', '')}".rstrip()


def _file(part: EmailMessage) -> str:
    return f"{part.get_filename()} ({show.octets(len(part.get_payload(decode=True) or b''))})"
