"""Which agent is meant by a few letters that a colleague typed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

from .command import CommandError
from .keys import address_key
from .policy import Agent, Policy

_MAX_TYPED = 200  # characters of a name that are looked at
# Clients write an address as it is, in <…>, or with a mailto: beside it.
_ADDRESS = re.compile(r"(?:mailto:)?([^\s<>\[\]()\"',;:]{1,64}@[^\s<>\[\]()\"',;:]{1,253})")
_MOST_NAMED = 5  # agents that the answer to an ambiguous name lists
_NEAR = 0.6
_LETTERS = str.maketrans("łøđıħ", "lodih")  # that are no letter with a mark on it
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Clients make them of what is typed, and curly quotes; a name may have been written with them.
_MARKS = str.maketrans(dict.fromkeys(DASHES, "-") | dict.fromkeys("\u2018\u2019\u02bc", "'"))


def one_agent(name: str, typed: str, policy: Policy) -> Agent:
    """Who is meant behind the command of that name; a CommandError where that is nobody, or one of several."""
    found = candidates(typed, policy.agents)
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(f"{a.name} <{a.address}>" for a in found[:_MOST_NAMED])
        raise CommandError(f"that may be {named}{' and others' if len(found) > _MOST_NAMED else ''}: say which")
    near = nearest_name(typed, policy.agents)
    raise CommandError("there is no agent of that name or address", f"#{name} {near}" if near else "")


def candidates(typed: str, agents: Sequence[Agent]) -> tuple[Agent, ...]:
    """Those who may be meant: by a whole address, else by a whole name, else by the beginnings of its words or of an
    address. Accents and capitals do not count."""
    if address := _ADDRESS.search(typed[:_MAX_TYPED]):
        key = address_key(address[1].rstrip("."))
        return tuple(agent for agent in agents if key in agent.keys)
    wanted = folded(typed)
    if not wanted:
        return ()
    named = tuple(agent for agent in agents if folded(agent.name) == wanted)
    return named or tuple(agent for agent in agents if _begins(wanted, agent))


def nearest_name(typed: str, agents: Sequence[Agent]) -> str:
    """How the agent is spelled who comes nearest, "" where none does."""
    spellings: dict[str, str] = {}
    for agent in agents:
        name = folded(agent.name)
        for one in (name, *name.split(), *agent.keys):
            spellings.setdefault(one, agent.name)
    near = difflib.get_close_matches(folded(typed), spellings, n=1, cutoff=_NEAR)
    return spellings[near[0]] if near else ""


def folded(words: str) -> str:
    """Without accents, capitals and marks around it."""
    marked = words[:_MAX_TYPED].translate(_MARKS)
    apart = unicodedata.normalize("NFKD", marked).casefold().translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(c))
    return " ".join(plain.split()).strip("@<>.,;:\"' \u201c\u201d\u201e")


def _begins(wanted: str, agent: Agent) -> bool:
    words = folded(agent.name).split()
    by_name = all(any(word.startswith(part) for word in words) for part in wanted.split())
    return by_name or any(key.startswith(wanted) for key in agent.keys)
