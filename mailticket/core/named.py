"""What an agent says who was asked whose mail it is that they passed on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .case import Case
from .forward_head import read_sender
from .headers import can_be_written_to
from .types import Address
from .whose import may_ask

UNSAID = "no answer to whose it is: the mail stays in quarantine"
_AGAIN = "the mail waits on. Reply with the customer's address, or with mine, or with no."
_WORDS = {"mine": "release", "no": "discard"}
_NAMED = re.compile(r"[<\[(]")  # before an address: what stands in front of it is a name
_LINES = 5  # of a reply in which an address is looked for: below may be a quote in a form that nobody knows


@dataclass(frozen=True, slots=True)
class Said:
    """The customer; or a `word` of quarantine's, "release" or "discard"; or what is wrong with what was said."""

    customer: Address | None = None
    word: str = ""
    mistake: str = ""


def read(text: str, case: Case) -> Said:
    """The first line that says something of it."""
    lines = [line.strip() for line in text.split("\n") if line.strip()][:_LINES]
    word = "".join(c for c in lines[0].casefold() if c.isalnum()) if lines else ""
    if word in _WORDS:
        return Said(word=_WORDS[word])
    line = next((line for line in lines if "@" in line), None)
    if line is None:
        return Said(mistake=f"There is no address in your mail, and {_AGAIN}")
    who = read_sender(line)
    if who is None:
        return Said(mistake=f"It is not clear which address in your mail is meant, and {_AGAIN}")
    if case.agent is not None and who.key in case.agent.keys:
        return Said(word="release")
    if not can_be_written_to(who.address) or not may_ask(who, case.policy):
        return Said(mistake=f"{who.address} can be no customer here, and {_AGAIN}")
    return Said(Address(who.address, who.name if _is_name(who.name, line) else ""))


def _is_name(words: str, line: str) -> bool:
    """Not of "it is from maria@customer.example", nor of "it is from Maria <…>"."""
    return _NAMED.search(line) is not None and not any(word[0].islower() for word in words.split())
