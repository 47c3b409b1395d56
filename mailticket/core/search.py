"""What is typed to find tickets, read: words, "phrases", wor*, -word, and words of one kind, like from:maria.

All of it must hold of a ticket, in any of its messages; what is said of days must hold of the message that has the
words. A Query has only words that can be looked for: nothing that was typed is ever taken for the database's language.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from . import choosing, search_dates
from .agent_names import candidates, nearest_name
from .folding import has_word, searchable
from .lifecycle import STATUSES
from .policy import Agent, Policy

MAX_TYPED = 1000  # characters
MAX_PARTS = 20
SHORTEST_BEGINNING = 3  # letters before a *

Kind = str
_TEXTS = ("from", "to", "subject", "label", "file")
_CHOICES = ("status", "department", "agent")
_DAYS = ("before", "after")
KINDS: tuple[Kind, ...] = (*_TEXTS, *_CHOICES, *_DAYS)
# What other desks and mailers call them.
_ALSO = {"since": "after", "until": "before", "sender": "from", "cc": "to", "attachment": "file", "filename": "file"}
_NEAR = 0.74
_KIND = re.compile(r"([^\W\d_]{2,12}):")
_VALUE = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')
_MINUS = f"-{choosing.DASHES}"  # phones make dashes of it
_QUOTES = str.maketrans("\u201c\u201d\u201e\u201f\u00ab\u00bb", '""""""')  # and these of quotes
_NUMBER = re.compile(r"#?([0-9]{1,12})")


class SearchError(Exception):
    """What was typed cannot be looked for: why, in one sentence, and the right query that is nearest, or ""."""

    def __init__(self, reason: str, nearest: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Text:
    """Words that stand behind one another, as `folding.searchable` makes them. `kind` is "" for anywhere; `beginning`
    says that the last word may go on; `number` is the ticket that may be meant as well."""

    words: str
    kind: Kind = ""
    beginning: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A ticket's `kind` (status, department, agent) is one of `values`, or none of them. An agent's are the keys of
    their addresses; without any it is nobody's."""

    kind: Kind
    values: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`after` counts in, `before` does not; both in UTC."""

    texts: tuple[Text, ...] = ()
    without: tuple[Text, ...] = ()
    choices: tuple[Choice, ...] = ()
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """`value` is as typed, between `start` and `end` of the whole."""

    kind: Kind
    value: str
    without: bool
    phrase: bool
    star: bool
    start: int
    end: int


@dataclass(slots=True)
class _Reading:
    typed: str
    policy: Policy
    now: datetime
    myself: Agent | None
    query: Query = field(default_factory=Query)

    def wrong(self, reason: str, part: _Part, instead: str = "") -> SearchError:
        """`instead` stands where the part stood."""
        return SearchError(reason, f"{self.typed[: part.start]}{instead}{self.typed[part.end :]}" if instead else "")


def read(typed: str, policy: Policy, now: datetime, myself: Agent | None = None) -> Query:
    """`myself` is who asks, where that is an agent. Raises SearchError."""
    words = " ".join(typed[: MAX_TYPED + 1].translate(_QUOTES).split())
    if len(words) > MAX_TYPED:
        raise SearchError(f"that is longer than {MAX_TYPED:,} characters")
    reading = _Reading(words, policy, now, myself)
    parts = _parts(words)
    if not parts:
        raise SearchError("say what to look for: words that are in the ticket", "printer from:maria")
    if len(parts) > MAX_PARTS:
        raise SearchError(f"that is more than {MAX_PARTS} words")
    for part in parts:
        _READERS.get(part.kind, _text)(part, reading)
    query = reading.query
    if query.after is not None and query.before is not None and query.after >= query.before:
        raise SearchError("no mail is both after the one day and before the other")
    return query


def _parts(words: str) -> list[_Part]:
    found, at = [], 0
    while at < len(words):
        if words[at] == " ":
            at += 1
            continue
        part = _part(words, at)
        at = part.end
        if part.value or part.kind:
            found.append(part)
    return found


def _part(words: str, start: int) -> _Part:
    at = start
    without = words[at] in _MINUS
    at += without
    kind = _kind(words, start, at)
    at += len(kind) + 1 if kind else 0
    value = _VALUE.match(words, at)
    if value is None and words[at : at + 1] == '"':
        raise SearchError("a quoted phrase has no end", f'{words}"')
    if value is None:
        if kind:
            raise SearchError(f"{kind}: needs a word right behind it", _joined(words, at))
        return _Part("", "", without, phrase=False, star=False, start=start, end=at)
    phrase = value[1] is not None
    text = value[1] if phrase else value[3]
    star = bool(value[2]) if phrase else text.endswith("*")
    return _Part(kind, text if phrase else text.rstrip("*") or text, without, phrase, star, start, value.end())


def _kind(words: str, start: int, at: int) -> Kind:
    """The kind that is named there, "" for none: many words have a colon in them."""
    named = _KIND.match(words, at)
    if named is None:
        return ""
    name = named[1].casefold()
    if name in KINDS:
        return name
    near = difflib.get_close_matches(name, KINDS, n=1, cutoff=_NEAR)
    meant = _ALSO.get(name) or (near[0] if near else "")
    if meant:
        raise SearchError(
            f'there is no {name}: here (in quotes, "{name}:", it is a word)',
            f"{words[:start]}{words[start:at]}{meant}:{words[named.end() :]}",
        )
    return ""


def _joined(words: str, at: int) -> str:
    """`from: maria` without its blank."""
    rest = words[at:].lstrip()
    return f"{words[:at]}{rest}" if rest else ""


def _text(part: _Part, reading: _Reading) -> None:
    if "*" in part.value and not part.phrase:
        before = part.value.partition("*")[0]
        made = _typed(part, f"{before}*") if len(searchable(before)) >= SHORTEST_BEGINNING else ""
        raise reading.wrong("a * stands at the end of a word alone", part, made)
    words = " ".join(searchable(part.value).replace('"', " ").split())
    if not has_word(words):
        shown = part.value or '""'
        raise reading.wrong(f"{shown[:40]} has no letter and no digit in it that could be looked for", part)
    last = words.rpartition(" ")[2]
    if part.star and last.isascii() and len(last) < SHORTEST_BEGINNING:
        raise reading.wrong(f"at least {SHORTEST_BEGINNING} letters must stand before a *", part, _typed(part, last))
    text = Text(words, part.kind, part.star, None if part.kind or part.phrase else _number(part.value, reading.policy))
    query = reading.query
    if part.without:
        reading.query = replace(query, without=(*query.without, text))
    else:
        reading.query = replace(query, texts=(*query.texts, text))


def _typed(part: _Part, value: str) -> str:
    kind = f"{part.kind}:" if part.kind else ""
    value = f'"{value}"' if " " in value else value
    return f"{'-' if part.without else ''}{kind}{value}"


def _number(value: str, policy: Policy) -> int | None:
    """`12`, `#12`, `ACME-12` and `[ACME-12]` are a ticket's."""
    word = value.strip("[](),.;:")
    prefix = f"{policy.tag_prefix}-"
    if word.casefold().startswith(prefix.casefold()):
        word = word[len(prefix) :]
    found = _NUMBER.fullmatch(word)
    return int(found[1]) if found else None


def _choose(part: _Part, reading: _Reading, values: tuple[str, ...]) -> None:
    choice = Choice(part.kind, values, part.without)
    reading.query = replace(reading.query, choices=(*reading.query.choices, choice))


def _named(part: _Part, reading: _Reading, names: tuple[str, ...]) -> None:
    found = choosing.chosen(part.value, names)
    if len(found) != 1:
        near = found[0] if found else choosing.nearest(part.value, names)
        reason = f"that may be {', '.join(found)}: say which" if found else f"there is no such {part.kind}"
        listed = "" if found else f"; there are {', '.join(names)}"
        raise reading.wrong(reason + listed, part, _typed(part, near) if near else "")
    _choose(part, reading, found)


def _status(part: _Part, reading: _Reading) -> None:
    _named(part, reading, tuple(STATUSES))


def _department(part: _Part, reading: _Reading) -> None:
    _named(part, reading, tuple(one.name for one in reading.policy.departments))


def _agent(part: _Part, reading: _Reading) -> None:
    wanted, agents = part.value.casefold(), reading.policy.agents
    if wanted in {"none", "nobody"}:
        return _choose(part, reading, ())
    if wanted in {"me", "myself"}:
        if reading.myself is None:
            raise SearchError("agent:me is who asks by mail; here, name the agent")
        return _choose(part, reading, tuple(sorted(reading.myself.keys)))
    found = candidates(part.value, agents)
    if len(found) == 1:
        return _choose(part, reading, tuple(sorted(found[0].keys)))
    near = found[0].name if found else nearest_name(part.value, agents)
    named = ", ".join(f"{one.name} <{one.address}>" for one in found[:5])
    reason = f"that may be {named}: say which" if found else "there is no agent of that name or address"
    raise reading.wrong(reason, part, _typed(part, near) if near else "")


def _day(part: _Part, reading: _Reading) -> None:
    if part.without:
        raise reading.wrong(
            f"{part.kind}: has no -", part, _typed(replace(part, without=False, kind=_other(part.kind)), part.value)
        )
    moment = search_dates.moment(part.value, reading.policy.zone, reading.now)
    if moment is None:
        near = search_dates.nearest(part.value)
        reason = f"{part.kind}: needs a day like {search_dates.FORMS}"
        raise reading.wrong(reason, part, _typed(part, near) if near else "")
    query = reading.query
    if part.kind == "before":
        reading.query = replace(query, before=min(moment, query.before or moment))
    else:
        reading.query = replace(query, after=max(moment, query.after or moment))


def _other(kind: Kind) -> Kind:
    return "after" if kind == "before" else "before"


_READERS: dict[Kind, Callable[[_Part, _Reading], None]] = {
    "status": _status,
    "department": _department,
    "agent": _agent,
    "before": _day,
    "after": _day,
}
