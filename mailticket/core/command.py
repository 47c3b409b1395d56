"""What an agent command is: its registry, what it makes of its argument, what that changes, and what proof it needs.

A command is one decorated function in a `commands_*.py`: its docstring is its help, its scope is where it may stand
("ticket": in a mail about one; "list": in a reply to a list of quarantined mails; "desk": in a mail to a department's
address that is about no ticket). It reads the argument into an Order. What the order changes in a ticket is its row's
`act`, or the happening of the lifecycle that it names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .case import Case
from .known import TicketView
from .plan import Letter, Move, NewEvent, TicketChange
from .policy import Agent, Policy
from .types import Address

TICKET = ("ticket",)  # what says which ticket the rest of the mail is about
DESK = "desk"  # the scope of what is asked about no ticket
ANYWHERE = "any"  # … and of what may stand in all mails
ANY = "any"  # whatever proves the agent, a reference of ours that they answer by, too
MISTAKES = 20  # of one mail that are told, the first
THIS_MAIL = "this mail"  # that this very mail is theirs: who has read along in a mailbox can make a reply


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line that looks like a command. `word` is in lower case, without its `#`; `line` is the whole as typed."""

    word: str
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `happening` is one of the ticket's life; `agent`, `myself` or `nobody` say whose the ticket
    shall be, or who is meant; `text` (a priority, a subject, a department, a time), `address`, `more` and `less` are
    what the command is about; `ids` or `everything` which rows of a list are meant. `says` is what it decides beside
    what its command always does. `line` is how it was typed."""

    name: str
    happening: str = ""
    agent: Agent | None = None
    myself: bool = False
    nobody: bool = False
    ids: tuple[int, ...] = ()
    everything: bool = False
    text: str = ""
    address: Address | None = None
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    line: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Mistake:
    """`reason` is one sentence for the agent; `nearest` is the right line that is nearest, or ""."""

    line: str
    reason: str
    nearest: str


class CommandError(Exception):
    """The argument is wrong, or the ticket cannot be so changed: why, and the right line that is nearest."""

    def __init__(self, reason: str, nearest: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Acting:
    """Who orders it by which mail; `ticket` is as the orders above this one have made it. `gives` says that one of the
    mail's orders names whose the ticket shall be, `answered` that it has words for the customer's side."""

    case: Case
    agent: Agent
    ticket: TicketView
    gives: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What follows from one order. `ticket` is what the ticket is then; `set`, `join` and `leave` are the parts of its
    TicketChange. `also` are the changes before them of others, `moves` the messages that go from one to another: the
    ticket may be another one then, which the rest of the mail is about. `lines` say to the orderer what has changed,
    `tells` what has without an order, `idle` what was so already."""

    ticket: TicketView
    set: Mapping[str, object] = field(default_factory=dict)
    join: tuple[Address, ...] = ()
    leave: tuple[Address, ...] = ()
    also: tuple[TicketChange, ...] = ()
    moves: tuple[Move, ...] = ()
    events: tuple[NewEvent, ...] = ()
    letters: tuple[Letter, ...] = ()
    lines: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    def then(self, after: Effect) -> Effect:
        """Both, one after the other."""
        return Effect(
            ticket=after.ticket,
            set={**self.set, **after.set},
            join=(*self.join, *after.join),
            leave=(*self.leave, *after.leave),
            also=(*self.also, *after.also),
            moves=(*self.moves, *after.moves),
            events=(*self.events, *after.events),
            letters=(*self.letters, *after.letters),
            lines=(*self.lines, *after.lines),
            tells=(*self.tells, *after.tells),
            idle=(*self.idle, *after.idle),
        )


Run = Callable[[str, Policy], Order]
Act = Callable[[Order, Acting], Effect]


@dataclass(frozen=True, slots=True)
class Command:
    """`argument` is what may follow it, as the help writes it; "" for nothing. `proof` is ANY or THIS_MAIL. Of all
    commands that say the same thing, one of `says`, a mail may have one."""

    name: str
    scope: str
    argument: str
    help: str
    run: Run
    act: Act | None = None
    proof: str = ANY
    says: tuple[str, ...] = ()


COMMANDS: dict[str, Command] = {}


def command(
    name: str, *, scope: str, argument: str = "", act: Act | None = None, proof: str = ANY, says: tuple[str, ...] = ()
) -> Callable[[Run], Run]:
    """Makes a function an agent command of that name (lower case)."""

    def register(function: Run) -> Run:
        COMMANDS[name] = Command(name, scope, argument, inspect.getdoc(function) or "", function, act, proof, says)
        return function

    return register
