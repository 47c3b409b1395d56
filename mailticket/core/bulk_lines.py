"""Bulk lines, `#take 12 15`: a ticket's command behind which stand the numbers of the tickets that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .command import COMMANDS, Command, CommandError, CommandLine, Mistake, Order
from .policy import Policy
from .subject import numbered, numbers_first

AT_MOST = 50  # tickets of one mail, and lines that are about them

# Commands of one ticket that are for no others, with the reason.
SINGLE: Mapping[str, str] = {
    "note": "a note is written to the note address that each mail about its ticket has, or in a reply to one",
    "subject": "each ticket is called by a subject of its own: write it in a reply to a mail about that ticket",
    "split": "it is about the one mail that a reply answers",
    "undo": "it takes back what a mail of yours did: write it in a reply to the receipt of that mail",
    "history": "it is answered about one ticket, in a reply to a mail about it; #show and a number is answered here",
    "why": "it is answered about one ticket, in a reply to a mail about it; #show and a number is answered here",
}
_DUPLICATE = re.compile(r"(?:as )?(?:an? |the )?(?:duplicates?|dupe?s?)(?: of)? (.+)", re.IGNORECASE)
_INTO = re.compile(r"into (.+)", re.IGNORECASE)
_MERGES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "merge": (_INTO, "into NUMBER"),
    "close": (_DUPLICATE, "as duplicate of NUMBER"),
    "resolve": (_DUPLICATE, "as duplicate of NUMBER"),
}


@dataclass(frozen=True, slots=True)
class BulkLine:
    """`order` is what is done to each ticket of those numbers."""

    numbers: tuple[int, ...]
    order: Order


def apart(lines: Iterable[CommandLine]) -> tuple[tuple[CommandLine, ...], tuple[CommandLine, ...]]:
    """The lines that order something of tickets, and all others."""
    both = tuple(lines)
    return tuple(line for line in both if _of_ticket(line)), tuple(line for line in both if not _of_ticket(line))


def understood(lines: Iterable[CommandLine], policy: Policy) -> tuple[tuple[BulkLine, ...], tuple[Mistake, ...]]:
    """What is to be done to which tickets, of lines that `apart` has found, and what nobody could understand."""
    found: list[BulkLine] = []
    mistakes: list[Mistake] = []
    for line in lines:
        try:
            found.append(_read(line, policy))
        except CommandError as error:
            mistakes.append(Mistake(line.line, error.reason, error.nearest))
    return tuple(found), tuple(mistakes)


def is_bulk(line: CommandLine, policy: Policy) -> bool:
    return _of_ticket(line) and bool(understood((line,), policy)[0])


def with_numbers(line: str, numbers: Iterable[int]) -> str:
    """A command line of one ticket's mail as it is written about those: `#priority 12 high`."""
    word, _, rest = line.partition(" ")
    return " ".join([word, *map(str, numbers), rest]).rstrip() if line else ""


def _of_ticket(line: CommandLine) -> bool:
    known = COMMANDS.get(line.word)
    return known is not None and known.scope == "ticket"


def _read(line: CommandLine, policy: Policy) -> BulkLine:
    known = COMMANDS[line.word]
    if known.name in SINGLE:
        raise CommandError(f"#{known.name} belongs in a mail about a ticket, and this is none: {SINGLE[known.name]}")
    numbers, rest = numbers_first(line.argument, policy)
    if not numbers:
        like = with_numbers(f"#{known.name} {_argument(known)}", (12, 15))
        reason = (
            f"#{known.name} belongs in a mail about a ticket, and this is none: here tickets' numbers stand behind it"
        )
        raise CommandError(f"{reason}, like {like}")
    try:
        order = _order(known, rest, policy)
    except CommandError as error:
        raise CommandError(error.reason, with_numbers(error.nearest, numbers)) from error
    return BulkLine(numbers, replace(order, line=line.line))


def _argument(known: Command) -> str:
    return _MERGES["merge"][1] if known.name == "merge" else known.argument


def _order(known: Command, rest: str, policy: Policy) -> Order:
    pattern, behind = _MERGES.get(known.name, (None, ""))
    if pattern is not None and (rest or known.name == "merge"):
        found = pattern.fullmatch(rest)
        if not found or numbered(found[1], policy) is None:
            raise CommandError(f"behind its tickets' numbers #{known.name} has {behind}, and nothing else")
        return COMMANDS["merge"].run(found[1], policy)
    if rest and not known.argument:
        raise CommandError("nothing may follow the tickets' numbers", f"#{known.name}")
    return known.run(rest, policy)
