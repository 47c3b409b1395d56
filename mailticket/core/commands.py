"""What an agent can order in a mail: lines at its very top, `#` and a word, one a line.

The first other line ends them; all from there on is the answer. Who writes the mail must be proved before any of
this is asked. An agent command is one decorated function at the foot of this file: its docstring is its help, its
scope is where it may stand ("ticket": in a mail about one; "list": in a reply to a list of quarantined mails).
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .agent_names import candidates, nearest_name
from .policy import Agent, Policy

# Mail clients turn "-" into dashes and blanks into no-break ones, and leave marks that nobody sees.
_TYPED = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"),
)
ANYWHERE = "any"  # the scope of a command that may stand in both
_WHERE = {"ticket": "in a mail about a ticket", "list": "in a reply to a list of quarantined mails"}
_IDS = re.compile(r"#?([0-9]{1,18})")
_MOST_NAMED = 5  # agents that the answer to an ambiguous name lists


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line that looks like a command. `word` is in lower case, without its `#`; `line` is the whole as typed."""

    word: str
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `happening` is one of the ticket's life; `agent`, `myself` or `nobody` say whose the ticket
    shall be; `ids` or `everything` which rows of a list are meant."""

    name: str
    happening: str = ""
    agent: Agent | None = None
    myself: bool = False
    nobody: bool = False
    ids: tuple[int, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """`reason` is one sentence for the agent; `nearest` is the right line that is nearest, or ""."""

    line: str
    reason: str
    nearest: str


class CommandError(Exception):
    """The argument is wrong: why, and the right line that is nearest."""

    def __init__(self, reason: str, nearest: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = nearest


Run = Callable[[str, Policy], Order]


@dataclass(frozen=True, slots=True)
class Command:
    """`argument` is what may follow it, as the help writes it; "" for nothing."""

    name: str
    scope: str
    argument: str
    help: str
    run: Run


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


def understand(
    lines: Iterable[CommandLine], policy: Policy, scope: str
) -> tuple[tuple[Order, ...], tuple[Mistake, ...]]:
    """What is to be done, in order, and what nobody could understand. It is for the caller to do all or nothing."""
    orders: list[Order] = []
    mistakes: list[Mistake] = []
    for line in lines:
        command = COMMANDS.get(line.word)
        if command is None:
            mistakes.append(_unknown(line, scope))
        elif command.scope not in {scope, ANYWHERE}:
            reason = f"#{command.name} belongs {_WHERE[command.scope]}, and this is none"
            mistakes.append(Mistake(line.line, reason, ""))
        elif line.argument and not command.argument:
            reason = f"#{command.name} stands alone on its line: nothing may follow it"
            mistakes.append(Mistake(line.line, reason, f"#{command.name}"))
        else:
            try:
                orders.append(command.run(line.argument, policy))
            except CommandError as error:
                mistakes.append(Mistake(line.line, error.reason, error.nearest))
    return tuple(orders), tuple(mistakes)


def _unknown(line: CommandLine, scope: str) -> Mistake:
    here = [name for name, command in COMMANDS.items() if command.scope in {scope, ANYWHERE}]
    near = difflib.get_close_matches(line.word, here, n=1)
    known = ", ".join(f"#{name}" for name in here)
    reason = f"there is no such command; there are {known} (a line that shall begin with # begins with ##)"
    return Mistake(line.line, reason, f"#{near[0]}" if near else "")


def command(name: str, *, scope: str, argument: str = "") -> Callable[[Run], Run]:
    """Makes a function an agent command of that name (lower case)."""

    def register(function: Run) -> Run:
        COMMANDS[name] = Command(name, scope, argument, inspect.getdoc(function) or "", function)
        return function

    return register


@command("resolve", scope="ticket")
def resolve(_argument: str, _policy: Policy) -> Order:
    """The request is dealt with: the ticket is resolved. The customer's next mail opens it again."""
    return Order("resolve", happening="resolve")


@command("reopen", scope="ticket")
def reopen(_argument: str, _policy: Policy) -> Order:
    """The request is not dealt with after all: the ticket is open again."""
    return Order("reopen", happening="reopen")


@command("take", scope="ticket")
def take(_argument: str, _policy: Policy) -> Order:
    """The ticket is yours: you answer it, and get what the customer writes."""
    return Order("take", myself=True)


@command("assign", scope="ticket", argument="NAME")
def assign(argument: str, policy: Policy) -> Order:
    """The ticket is that agent's: a name, the beginning of one, an address, `me`, or `none` for nobody's."""
    wanted = argument.casefold()
    if not wanted:
        raise CommandError("#assign needs to know whom: an agent's name or address, me, or none")
    if wanted in {"none", "nobody"}:
        return Order("assign", nobody=True)
    if wanted in {"me", "myself"}:
        return Order("assign", myself=True)
    found = candidates(argument, policy.agents)
    if len(found) == 1:
        return Order("assign", agent=found[0])
    if found:
        named = ", ".join(f"{a.name} <{a.address}>" for a in found[:_MOST_NAMED])
        raise CommandError(f"that may be {named}{' and others' if len(found) > _MOST_NAMED else ''}: say which")
    near = nearest_name(argument, policy.agents)
    raise CommandError("there is no agent of that name or address", f"#assign {near}" if near else "")


@command("release", scope="list", argument="NUMBERS")
def release(argument: str, _policy: Policy) -> Order:
    """These mails of the list (`3 5`, or `all`) leave quarantine, with the effect that they would have had."""
    return _rows("release", argument)


@command("discard", scope="list", argument="NUMBERS")
def discard(argument: str, _policy: Policy) -> Order:
    """These mails of the list (`3 5`, or `all`) are wanted by nobody: nothing follows from them."""
    return _rows("discard", argument)


@command("person", scope="list")
def person(_argument: str, _policy: Policy) -> Order:
    """Who was taken for a machine is a person, and is answered again."""
    return Order("person")


def _rows(name: str, argument: str) -> Order:
    """No numbers at all are for the caller to judge: a question is about one mail."""
    if argument.casefold() == "all":
        return Order(name, everything=True)
    found = [_IDS.fullmatch(word) for word in argument.replace(",", " ").split()]
    if not all(found):
        raise CommandError(f"#{name} wants numbers of the list, or all")
    return Order(name, ids=tuple(dict.fromkeys(int(one[1]) for one in found if one)))
