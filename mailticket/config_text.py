"""Where things stand in the config's text: a small finder of line numbers, which tomllib does not keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .config_units import visible

Path = tuple[str | int, ...]

_PART = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*""")
_HEADER = re.compile(r"[ \t]*(\[\[?)")


def dotted(path: Path) -> str:
    """`("department", 0, "hours")` as people write it: `department[0].hours`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{visible(part)}" if text else visible(part)
    return text


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a path, else that of the nearest thing around it; None where nothing of it is written."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def line_numbers(text: str) -> dict[Path, int]:
    """The line (from 1) of each table header and key of a text that tomllib has accepted."""
    return _Finder(text).run()


@dataclass
class _Finder:
    text: str
    at: int = 0
    line: int = 1
    table: Path = ()
    lines: dict[Path, int] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)  # how many [[tables]] of a name there were

    def run(self) -> dict[Path, int]:
        while self.at < len(self.text):
            if header := _HEADER.match(self.text, self.at):
                self.at = header.end()
                self._header(double=header[1] == "[[")
            elif keys := self._keys():
                path = self._placed(self.table, keys)
                self._note(path)
                self._value(path)
            self._to_next_line()
        return self.lines

    def _header(self, *, double: bool) -> None:
        keys = self._keys()
        if double:
            path = (*self._placed((), keys[:-1]), *keys[-1:])
            number = self.counts.get(path, 0)
            self.counts[path] = number + 1
            self.table = (*path, number)
        else:
            self.table = self._placed((), keys)
        self._note(self.table)

    def _note(self, path: Path) -> None:
        """A path is where it first appears, and so is all that it is in: `[imap.main]` begins `imap`."""
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.line)

    def _placed(self, table: Path, keys: Path) -> Path:
        """Keys below a table; a name that is an array of tables means its last one so far."""
        path = table
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _keys(self) -> Path:
        keys: list[str] = []
        while part := _PART.match(self.text, self.at):
            self.at = part.end()
            keys.append(next(group for group in part.groups() if group is not None))
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return tuple(keys)

    def _value(self, path: Path) -> None:
        """Go to the end of a value, which may stretch over lines inside brackets or triple quotes.

        Where it is a list, the lines of its entries are noted on the way.
        """
        open_brackets, entry = 0, 0
        while self.at < len(self.text):
            letter = self.text[self.at]
            if open_brackets and letter not in " \t\n,]}#":
                self.lines.setdefault((*path, entry), self.line)
            if letter in "\"'":
                self._skip_string(letter)
                continue
            if letter == "#":
                self.at = self._line_end()
                continue
            if letter == "\n":
                if not open_brackets:
                    return
                self.line += 1
            entry += letter == "," and open_brackets == 1
            open_brackets += (letter in "[{") - (letter in "]}")
            self.at += 1

    def _skip_string(self, quote: str) -> None:
        end = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        begin = self.at
        self.at += len(end)
        while self.at < len(self.text) and not self.text.startswith(end, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(end)
        while len(end) > 1 and self.text.startswith(quote, self.at):  # """text with a quote at its end""""
            self.at += 1
        self.line += self.text.count("\n", begin, self.at)

    def _to_next_line(self) -> None:
        self.at = self._line_end() + 1
        self.line += 1

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end
