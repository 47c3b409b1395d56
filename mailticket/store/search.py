"""Finds the tickets that a query of `core.search` describes, by the index and the tickets' own columns.

Each of the query's texts is looked for by itself, and what they have in common are the tickets: the one may stand in
the customer's mail, the other in the answer. The rare ones go first, and say how well a ticket fits. Where all are
common and only some tickets are wanted, the newest messages that have all of them are enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..core.keys import address_key
from ..core.search import Choice, Query, Text
from ..core.snippet import snippet
from .db import Db, at
from .schema import Message, Person, Ticket
from .schema_search import LABEL

COMMON = 2000  # a text that is in more messages weighs nothing beside a rarer one
NEWEST = 1000  # messages that are looked at where all texts are common
FEW = 5000  # tickets among which a common text is looked for without reading all that have it
_EVER = (-(1 << 62), 1 << 62)

_COLUMNS = {"": "", "from": "{sender} : ", "to": "{receiver} : ", "subject": "{subject} : ", "file": "{file} : "}
_COLUMNS |= {"label": "{label} : "}
_HAVING = 'FROM "search" CROSS JOIN "searched" AS e ON e."id" = "search".rowid'
_WHERE = 'WHERE "search" MATCH ? AND e."at" >= ? AND e."at" < ?'
# The columns are subject, label, text, sender, receiver, file, people.
_SCORES = f'SELECT e."ticket", e."id", bm25("search", 6, 6, 1, 3, 1, 3, 3) {_HAVING} {_WHERE}'
_COUNT = 'SELECT count(*) FROM (SELECT 1 FROM "search" WHERE "search" MATCH ? LIMIT ?)'
_NEWEST = f'SELECT e."ticket", e."id" {_HAVING} {_WHERE} ORDER BY "search".rowid DESC LIMIT ?'
# One value, since a row that comes out of the database costs more than a message that is found in it.
_TICKETS = f'SELECT group_concat(e."ticket") {_HAVING} {_WHERE}'
_WITHIN = """
SELECT group_concat(rowid) FROM "search" WHERE "search" MATCH ? AND +rowid IN (SELECT value FROM json_each(?))
"""
_MESSAGES = 'SELECT group_concat(rowid) FROM "search" WHERE "search" MATCH ?'
_THEIRS = """
SELECT "id", "ticket" FROM "searched"
WHERE "ticket" IN (SELECT value FROM json_each(?)) AND "at" >= ? AND "at" < ?
"""
_WRITTEN = 'SELECT DISTINCT "ticket" FROM "searched" WHERE "at" >= ? AND "at" < ?'


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket; `message` is the one that fits best, None where no words were asked for or the ticket itself has
    them."""

    ticket: int
    message: int | None = None


# By ticket: how well it fits, the lower the better, and the message that fits best.
Scores = dict[int, tuple[float, int]]


def find(db: Db, query: Query, *, limit: int | None = None, newest: bool = False, among: Any = None) -> list[Found]:
    """Best first, of equals the newest; or by age alone. It finds what is indexed: see `index`. `among` is a condition
    that no other ticket may be found without."""
    return _Search(db, query, among).found(limit, newest=newest)


class _Search:
    def __init__(self, db: Db, query: Query, among: Any) -> None:
        self._db = db
        self._query = query
        self._among = among
        after, before = query.after, query.before
        self._when = (_EVER[0] if after is None else at(after), _EVER[1] if before is None else at(before))
        # A message with what shall be nowhere in its ticket need not be looked at: where that is common it is most.
        without = " OR ".join(map(_matching, query.without))
        self._not = f" NOT ({without})" if without else ""
        self._read: dict[str, set[int]] = {}
        self._allowed = self._chosen()

    def found(self, limit: int | None, *, newest: bool) -> list[Found]:
        common = [text for text in self._query.texts if self._is_common(text)]
        rare = [text for text in self._query.texts if text not in common]
        if common and not rare and limit is not None and not any(text.number for text in common):
            scores = self._newest(common)
            if len(scores) >= limit:
                return self._ordered(scores, scores, limit, newest=newest)
        scores, tickets = {}, self._allowed
        for text in rare:
            these = self._scores(text)
            scores = _sum(scores, these)
            tickets = (
                self._numbered(text, set(these)) if tickets is None else tickets & self._numbered(text, set(these))
            )
        for text in common:
            have = self._numbered(text, self._having(_matching(text) + self._not, tickets, self._when))
            tickets = have if tickets is None else tickets & have
        return self._ordered(self._without(self._permitted(self._any(tickets))), scores, limit, newest=newest)

    def _is_common(self, text: Text) -> bool:
        return int(self._db.execute(_COUNT, (_matching(text), COMMON + 1)).fetchone()[0]) > COMMON

    def _chosen(self) -> set[int] | None:
        """The tickets that are what the query says of a ticket itself; None where it says nothing."""
        if not self._query.choices:
            return None
        query = Ticket.select(Ticket.id)
        for choice in self._query.choices:
            which = _column(self._db, choice)
            query = query.where(~which if choice.without else which)
        return {row[0] for row in self._db.rows(query)}

    def _scores(self, text: Text) -> Scores:
        scores: Scores = {}
        for ticket, message, score in self._db.execute(_SCORES, (_matching(text), *self._when)).fetchall():
            if ticket not in scores or score < scores[ticket][0]:
                scores[ticket] = (score, message)
        return scores

    def _having(self, words: str, within: set[int] | None, when: tuple[int, int], *, again: bool = False) -> set[int]:
        """Which of these tickets have a message with these words, or of all tickets. `again`: others will be asked
        about."""
        if within is None or len(within) > FEW:
            these = _numbers(self._db.execute(_TICKETS, (words, *when)).fetchone())
            return these if within is None else these & within
        theirs = dict(self._db.execute(_THEIRS, (json.dumps(list(within)), *when)).fetchall())
        if again:
            found = self._messages(words)
        else:
            found = _numbers(self._db.execute(_WITHIN, (words, json.dumps(list(theirs)))).fetchone())
        return {theirs[number] for number in found & theirs.keys()}

    def _messages(self, words: str) -> set[int]:
        """All that have these words, read once."""
        if words not in self._read:
            self._read[words] = _numbers(self._db.execute(_MESSAGES, (words,)).fetchone())
        return self._read[words]

    def _numbered(self, text: Text, tickets: set[int]) -> set[int]:
        """Those, and the one that is named by its number."""
        known = text.number is not None and self._db.first(Ticket.select(Ticket.id).where(Ticket.id == text.number))
        return tickets | {text.number} if known and text.number else tickets

    def _any(self, tickets: set[int] | None) -> set[int]:
        """All there are where nothing was asked for, or those of that time."""
        if not self._query.texts and self._when != _EVER:
            these = {row[0] for row in self._db.execute(_WRITTEN, self._when).fetchall()}
            return these if tickets is None else tickets & these
        return {row[0] for row in self._db.rows(Ticket.select(Ticket.id))} if tickets is None else tickets

    def _permitted(self, tickets: set[int]) -> set[int]:
        """Those that may be found at all."""
        if self._among is None or not tickets:
            return tickets
        query = Ticket.select(Ticket.id).where(self._among)
        if len(tickets) <= FEW:
            query = query.where(Ticket.id.in_(list(tickets)))
        return tickets & {row[0] for row in self._db.rows(query)}

    def _without(self, tickets: set[int]) -> set[int]:
        """Nowhere in them, whenever it was said."""
        for text in self._query.without:
            tickets = tickets - self._having(_matching(text), tickets, _EVER, again=True) - {text.number}
        return tickets

    def _newest(self, texts: list[Text]) -> Scores:
        """Those of the newest messages that have all texts, and before them of the newest that have one in the
        subject."""
        wanted = " AND ".join(_matching(text) for text in texts)
        subjects = " OR ".join(_matching(text, kind="subject") for text in texts if not text.kind)
        scores: Scores = {}
        for words, score in ((f"{wanted} AND ({subjects})", -1.0), (wanted, 0.0)) if subjects else ((wanted, 0.0),):
            wholly = f"({words}){self._not}"
            for ticket, message in self._db.execute(_NEWEST, (wholly, *self._when, NEWEST)).fetchall():
                scores.setdefault(ticket, (score, message))
        chosen = {ticket for ticket in scores if self._allowed is None or ticket in self._allowed}
        kept = self._without(self._permitted(chosen))
        return {ticket: scores[ticket] for ticket in kept}

    def _ordered(self, tickets: Iterable[int], scores: Scores, limit: int | None, *, newest: bool) -> list[Found]:
        meant = {text.number for text in self._query.texts}

        def place(ticket: int) -> tuple[bool, float, int]:
            score = scores[ticket][0] if ticket in scores and not newest else 0.0
            return ticket not in meant, score, -ticket

        first = sorted(tickets, key=place)[:limit]
        return [Found(number, scores[number][1] if number in scores else None) for number in first]


def _sum(scores: Scores, more: Scores) -> Scores:
    """The more of the texts a ticket has, and the rarer they are, the better it fits."""
    summed = dict(scores)
    for ticket, (score, message) in more.items():
        before, best = summed.get(ticket, (0.0, message))
        summed[ticket] = (before + score, best)
    return summed


def _numbers(row: tuple[str | None]) -> set[int]:
    return {int(number) for number in row[0].split(",")} if row[0] else set()


def _matching(text: Text, kind: str = "") -> str:
    """A text in the index' language, where all within quotes is words."""
    words = f"{LABEL}{text.words}{'' if text.beginning else LABEL}" if text.kind == "label" else text.words
    return f'{_COLUMNS[kind or text.kind]}"{words}"{" *" if text.beginning else ""}'


def _column(db: Db, choice: Choice) -> Any:
    if choice.kind == "status":
        return Ticket.status.in_(choice.values)
    if choice.kind == "department":
        return Ticket.department.in_(choice.values)
    keys = [address_key(address) for address in choice.values]
    people = [row[0] for row in db.rows(Person.select(Person.id).where(Person.key.in_(keys)))]
    return (Ticket.agent.is_null(False) & Ticket.agent.in_(people)) if choice.values else Ticket.agent.is_null()


def said(db: Db, found: Found, query: Query) -> str:
    """The words around what was found in a ticket, on one line."""
    theirs = Message.select(Message.text, Message.full_text).where(Message.ticket == found.ticket)
    best = theirs.where(Message.id == found.message) if found.message and found.message > 0 else theirs
    row = db.first(best.order_by(Message.id)) or ("", None)
    return snippet((str(row[0]), str(row[1] or "")), [text for text in query.texts if not text.kind])
