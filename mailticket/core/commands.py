"""What an agent can order in a mail: lines at its very top, `#` and a word, one a line.

The first other line ends them; all from there on is the answer. Who writes the mail must be proved before any of
this is asked. An agent command is one decorated function at the foot of this file: its docstring is its help,
what it returns is the happening in the ticket's life.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# Mail clients turn "-" into dashes and blanks into no-break ones, and leave marks that nobody sees.
_TYPED = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"),
)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line that looks like a command. `word` is in lower case, without its `#`; `line` is the whole as typed."""

    word: str
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class Understood:
    name: str
    happening: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """`reason` is one sentence for the agent; `nearest` is the right line that is nearest, or ""."""

    line: str
    reason: str
    nearest: str


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    help: str
    run: Callable[[], str]


COMMANDS: dict[str, Command] = {}


def split(text: str) -> tuple[tuple[CommandLine, ...], str]:
    """The command lines at the top, and the rest: without blank lines above it, each `##` at a line's start one `#`."""
    found: list[CommandLine] = []
    lines = text.split("\n")
    start = 0
    for line in lines:
        typed = " ".join(line.translate(_TYPED).split())
        if typed:
            if not (typed[0] == "#" and typed[1:2].isalpha()):
                break
            word, _, argument = typed[1:].rstrip(" -").partition(" ")
            found.append(CommandLine(word.casefold(), argument, " ".join(line.split())))
        start += 1
    return tuple(found), re.sub(r"(?m)^##", "#", "\n".join(lines[start:]))


def understand(lines: Iterable[CommandLine]) -> tuple[tuple[Understood, ...], tuple[Mistake, ...]]:
    """What is to be done, in order, and what nobody could understand. It is for the caller to do all or nothing."""
    understood: list[Understood] = []
    mistakes: list[Mistake] = []
    for line in lines:
        command = COMMANDS.get(line.word)
        if command is None:
            mistakes.append(_unknown(line))
        elif line.argument:
            reason = f"#{command.name} stands alone on its line: nothing may follow it"
            mistakes.append(Mistake(line.line, reason, f"#{command.name}"))
        else:
            understood.append(Understood(command.name, command.run()))
    return tuple(understood), tuple(mistakes)


def _unknown(line: CommandLine) -> Mistake:
    near = difflib.get_close_matches(line.word, COMMANDS, n=1)
    known = ", ".join(f"#{name}" for name in COMMANDS)
    reason = f"there is no such command; there are {known} (a line that shall begin with # begins with ##)"
    return Mistake(line.line, reason, f"#{near[0]}" if near else "")


def command(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Makes a function an agent command of that name (lower case)."""

    def register(function: Callable[[], str]) -> Callable[[], str]:
        COMMANDS[name] = Command(name, inspect.getdoc(function) or "", function)
        return function

    return register


@command("resolve")
def resolve() -> str:
    """The request is dealt with: the ticket is resolved. The customer's next mail opens it again."""
    return "resolve"


@command("reopen")
def reopen() -> str:
    """The request is not dealt with after all: the ticket is open again."""
    return "reopen"
