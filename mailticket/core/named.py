"""What an agent says who was asked whose mail it is that they passed on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .case import Case
from .folding import folded
from .forward_head import read_sender
from .headers import can_be_written_to
from .policy import Agent
from .types import Address
from .whose import MINE, in_words, may_ask

UNSAID = "no answer to whose it is: the mail stays in quarantine"
_AGAIN = "the mail waits on. Reply with the customer's address, or with mine, or with no."
_NAMED = re.compile(r"[<\[(]")  # before an address: what stands in front of it is a name
_DENIES = re.compile(r"no\b", re.IGNORECASE)  # and more words: is the mail thrown away, or is it not theirs?


@dataclass(frozen=True, slots=True)
class Said:
    """A `word` of quarantine's, "release" (and `whose` it is, as the mail keeps it) or "discard"; or what is wrong with
    what was said."""

    word: str = ""
    whose: str = ""
    mistake: str = ""


_WORDS = {"mine": Said("release", MINE), "no": Said("discard")}


def read(text: str, case: Case) -> Said:
    """The first line that has words, and no other: below them stands the agent's signature, or a quote in a form that
    nobody knows."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    word = "".join(c for c in line.casefold() if c.isalnum())
    if word in _WORDS:
        return _WORDS[word]
    if "@" not in line:
        return Said(mistake=f"There is no address on the first line of your mail, and {_AGAIN}")
    who = read_sender(line)
    if who is None or _DENIES.match(line):
        return Said(mistake=f"It is not clear which address in your mail is meant, and {_AGAIN}")
    if case.agent is not None and who.key in case.agent.keys and _is_all(who, line, case.agent):
        return _WORDS["mine"]
    if not can_be_written_to(who.address) or not may_ask(who, case.policy):
        return Said(mistake=f"{who.address} can be no customer here, and {_AGAIN}")
    return Said("release", in_words(Address(who.address, who.name if _is_name(who.name, line) else "")))


def _is_all(who: Address, line: str, agent: Agent) -> bool:
    """Does the line hold nothing but the agent's own address and name?"""
    rest = re.findall(r"\w+", folded(line.casefold().replace(who.address.casefold(), " ")))
    return set(rest) <= {"mailto", *re.findall(r"\w+", folded(agent.name))}


def _is_name(words: str, line: str) -> bool:
    """Not of "it is from maria@customer.example", nor of "it is from Maria <…>"."""
    return _NAMED.search(line) is not None and not any(word[0].islower() for word in words.split())
