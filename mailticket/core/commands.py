"""What an agent can order in a mail: lines at its very top, `#` and a word, one a line.

The first other line ends them; all from there on is the answer. Who writes the mail must be proved before any of
this is asked. The commands themselves are in the modules that this one imports, by what they are about.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

from . import (
    commands_away,
    commands_desk,
    commands_life,
    commands_list,
    commands_merge,
    commands_note,
    commands_people,
    commands_show,
    commands_split,
    commands_ticket,
    commands_undo,
    commands_watch,
    commands_whose,
)
from .bulk_lines import is_bulk
from .choosing import DASHES
from .command import (
    ANYWHERE,
    COMMANDS,
    MISTAKES,
    THIS_MAIL,
    TICKET,
    Command,
    CommandError,
    CommandLine,
    Mistake,
    Order,
    command,
)
from .policy import Policy
from .proof import NOTES, Proof
from .subject import base

__all__ = [
    "COMMANDS",
    "Command",
    "CommandError",
    "CommandLine",
    "Mistake",
    "Order",
    "command",
    "split",
    "understand",
    "words_in",
]
FILES = (
    commands_note,
    commands_life,
    commands_whose,
    commands_ticket,
    commands_people,
    commands_merge,
    commands_split,
    commands_undo,
    commands_watch,
    commands_show,
    commands_desk,
    commands_away,
    commands_list,
)  # they fill COMMANDS

# Mail clients turn "-" into dashes and blanks into no-break ones, and leave marks that nobody sees
# (what turns a line round alone is not among them: who reads it does not see what it spells).
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
_TYPED = str.maketrans(dict.fromkeys(DASHES, "-") | dict.fromkeys(_UNSEEN))
_BEGINS = re.compile(rf"[\s{_UNSEEN}]*+#(\S+)")
_LITERAL = re.compile(r"(?m)^([^\S\n]*)##")  # hard spaces before it are a client's
_NO_SUCH = "there is no such command"
_NOTES_ALONE = "a note address proves a note and nothing else: write commands in a reply to a mail about the ticket"
_OTHERS = (
    "it names tickets, and your mail is about one already: write it in a mail about none, to the department's address"
)
_WHERE = {
    "ticket": "in a mail about a ticket",
    "list": "in a reply to a list of quarantined mails",
    "desk": "in a mail to a department's address that is about no ticket",
}


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
    return tuple(found), _LITERAL.sub(r"\1#", "\n".join(lines[start:]))


def written_over(subject: str, own: str) -> CommandLine | None:
    """The command in a mail's subject that somebody has written over `own`, that of what it answers or passes on."""
    lines = split(subject)[0]
    return lines[0] if lines and lines[0].word in COMMANDS and base(subject) != base(own) else None


def words_in(text: str) -> frozenset[str]:
    """The words of all lines that look like commands, wherever they stand, and of some that only nearly do: whatever
    `split` finds in any part of the text is among them."""
    begun = (_BEGINS.match(line) for line in text.split("\n") if "#" in line)
    words = "\n".join(found[1] for found in begun if found).translate(_TYPED).casefold()
    return frozenset(word.rstrip("-") for word in words.split("\n"))


def understand(
    lines: Iterable[CommandLine], policy: Policy, *scopes: str
) -> tuple[tuple[Order, ...], tuple[Mistake, ...]]:
    """What is to be done, in order, and what nobody could understand. `scopes` are those of the mail. It is for the
    caller to do all or nothing."""
    orders: list[Order] = []
    mistakes: list[Mistake] = []
    unknown = 0
    for line in lines:
        known = COMMANDS.get(line.word)
        if known is None:
            mistakes.append(_unknown(line, scopes, unknown))
            unknown += 1
        elif known.scope not in {*scopes, ANYWHERE}:
            reason = f"#{known.name} belongs {_WHERE[known.scope]}, and this is none"
            mistakes.append(Mistake(line.line, reason, ""))
        elif line.argument and not known.argument:
            reason = f"#{known.name} stands alone on its line: nothing may follow it"
            mistakes.append(_of_others(line, policy) or Mistake(line.line, reason, f"#{known.name}"))
        else:
            try:
                orders.append(replace(known.run(line.argument, policy), line=line.line))
            except CommandError as error:
                mistakes.append(_of_others(line, policy) or Mistake(line.line, error.reason, error.nearest))
    return tuple(orders), tuple(mistakes)


def needs_more(name: str, policy: Policy) -> bool:
    """Is a reply to a mail of ours too little proof for the command of that name?"""
    return COMMANDS[name].proof == THIS_MAIL and not policy.trust.reply_proves_all


def unproved(orders: Iterable[Order], proof: Proof, policy: Policy) -> tuple[Mistake, ...]:
    """Those that need more proof than there is."""
    if proof.alone == NOTES:
        return tuple(Mistake(order.line, _NOTES_ALONE, "") for order in orders if order.name != "note")
    if proof.this_mail:
        return ()
    reason = "this needs proof that the mail itself is yours, and a reply alone is none: {}"
    how = "send it through your own mail server, signed (DKIM), or with your login at this desk"
    needy = (order for order in orders if needs_more(order.name, policy))
    return tuple(Mistake(order.line, reason.format(how), "") for order in needy)


def contradictions(orders: Iterable[Order], *, answered: bool) -> tuple[Mistake, ...]:
    """Each line that says again, or otherwise, what one above it has said; and an answer to spam."""
    said: dict[str, Order] = {}
    mistakes: list[Mistake] = []
    for order in orders:
        before = [said[what] for what in _says(order) if what in said]
        if before:
            reason = f"{before[0].line} above says what becomes of the same thing, and only one of them can be so"
            mistakes.append(Mistake(order.line, reason, ""))
        if order.name == "spam" and answered:
            mistakes.append(Mistake(order.line, "spam is not answered, and there are words below it", ""))
        for what in _says(order):
            said.setdefault(what, order)
    return tuple(mistakes)


def _says(order: Order) -> tuple[str, ...]:
    """What a command decides: as its row has it, and of each label and each address. What says which ticket it is about
    stands beside nothing that decides something of one."""
    if COMMANDS[order.name].says == TICKET:
        return tuple(dict.fromkeys(what for known in COMMANDS.values() for what in known.says))
    address = (order.address.key,) if order.address else ()
    labels = (f"label {word}" for word in (*order.more, *order.less))
    return (*COMMANDS[order.name].says, *order.says, *labels, *address)


def _of_others(line: CommandLine, policy: Policy) -> Mistake | None:
    """What would be right in another mail, where it is about tickets by their numbers."""
    return Mistake(line.line, _OTHERS, "") if is_bulk(line, policy) else None


def _unknown(line: CommandLine, scopes: tuple[str, ...], before: int) -> Mistake:
    """What there is, is said once; what is like a line that nobody will be told of, is not looked for."""
    if before >= MISTAKES:
        return Mistake(line.line, _NO_SUCH, "")
    here = [name for name, known in COMMANDS.items() if known.scope in {*scopes, ANYWHERE}]
    near = difflib.get_close_matches(line.word, here, n=1)
    listed = ", ".join(f"#{name}" for name in here)
    more = "" if before else f"; there are {listed} (a line that shall begin with # begins with ##)"
    return Mistake(line.line, f"{_NO_SUCH}{more}", f"#{near[0]}" if near else "")
