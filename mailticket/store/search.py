"""Finds the tickets that a query of `core.search` describes, by the index and the tickets' own columns.

Each of the query's texts is looked for by itself, and what they have in common are the tickets: the one may stand in
the customer's mail, the other in the answer. The rarest goes first. Where all are in very many messages, the newest
that have all of them do, since there no text says more than another, and only as many are wanted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
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
_EVER = (-(1 << 62), 1 << 62)

_COLUMNS = {"": "", "from": "{sender} : ", "to": "{receiver} : ", "subject": "{subject} : ", "file": "{file} : "}
_COLUMNS |= {"label": "{label} : "}
# Weights of subject, label, text, sender, receiver, file, people.
_SCORE = 'bm25("search", 6, 6, 1, 3, 1, 3, 3)'
_INDEXED = '"search" CROSS JOIN "searched" AS e ON e."id" = "search".rowid WHERE "search" MATCH ? AND e."at" >= ? AND e."at" < ?'  # noqa: E501 - read as one
_COUNT = 'SELECT count(*) FROM (SELECT 1 FROM "search" WHERE "search" MATCH ? LIMIT ?)'
_TICKETS = f'SELECT group_concat(e."ticket") FROM {_INDEXED}'  # noqa: S608 - constants, as below
_SCORES = f'SELECT e."ticket", e."id", {_SCORE} FROM {_INDEXED} AND e."ticket" IN (SELECT value FROM json_each(?))'  # noqa: S608
_NEWEST = f'SELECT e."ticket", e."id", {_SCORE} FROM {_INDEXED} ORDER BY "search".rowid DESC LIMIT ?'  # noqa: S608
_WRITTEN = 'SELECT DISTINCT "ticket" FROM "searched" WHERE "at" >= ? AND "at" < ?'


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket; `message` is the one that fits best, None where no words were asked for or the ticket itself has
    them."""

    ticket: int
    message: int | None = None


Scores = dict[int, tuple[float, int]]  # by ticket: the best message's score, the lower the better, and which it is


def find(db: Db, query: Query, *, limit: int | None = None, newest: bool = False) -> list[Found]:
    """Best first, of equals the newest; or by age alone. It finds what is indexed: see `index`."""
    return _Search(db, query).found(limit, newest=newest)


class _Search:
    def __init__(self, db: Db, query: Query) -> None:
        self._db = db
        self._query = query
        after, before = query.after, query.before
        self._when = (_EVER[0] if after is None else at(after), _EVER[1] if before is None else at(before))
        self._allowed = self._chosen()

    def found(self, limit: int | None, *, newest: bool) -> list[Found]:
        counted = sorted((self._count(text), place) for place, text in enumerate(self._query.texts))
        texts = [self._query.texts[place] for _, place in counted]
        rare = [text for text, (count, _) in zip(texts, counted, strict=True) if count <= COMMON]
        if texts and limit is not None and not rare and not any(text.number for text in texts):
            scores = self._newest(texts)
            if len(scores) >= limit:
                return self._ordered(scores, scores, limit, newest=newest)
        tickets = self._tickets(texts)
        scores = self._scores(rare, tickets) if rare and tickets else {}
        return self._ordered(tickets, scores, limit, newest=newest)

    def _count(self, text: Text) -> int:
        """How many messages have it; of a common one only that they are many."""
        return int(self._db.execute(_COUNT, (_matching(text), COMMON + 1)).fetchone()[0])

    def _chosen(self) -> set[int] | None:
        """The tickets that are what the query says of a ticket itself; None where it says nothing."""
        if not self._query.choices:
            return None
        query = Ticket.select(Ticket.id)
        for choice in self._query.choices:
            which = _column(self._db, choice)
            query = query.where(~which if choice.without else which)
        return {row[0] for row in self._db.rows(query)}

    def _tickets(self, texts: Iterable[Text]) -> set[int]:
        """All that fit."""
        found = self._allowed
        for text in texts:
            these = self._having(text, found)
            found = these if found is None else found & these
            if not found:
                return set()
        if not self._query.texts and self._when != _EVER:
            these = {row[0] for row in self._db.execute(_WRITTEN, self._when).fetchall()}
            found = these if found is None else found & these
        if found is None:
            found = {row[0] for row in self._db.rows(Ticket.select(Ticket.id))}
        return self._without(found)

    def _having(self, text: Text, within: Collection[int] | None) -> set[int]:
        found = self._db.execute(_TICKETS, (_matching(text), *self._when)).fetchone()[0]
        these = {int(number) for number in found.split(",")} if found else set()
        if text.number is not None and self._db.first(Ticket.select(Ticket.id).where(Ticket.id == text.number)):
            these.add(text.number)
        return these if within is None else these.intersection(within)

    def _without(self, found: set[int]) -> set[int]:
        """Nowhere in them, whenever it was said."""
        for text in self._query.without:
            said = self._db.execute(_TICKETS, (_matching(text), *_EVER)).fetchone()[0]
            found = found.difference(int(number) for number in said.split(",")) if said else found
            found -= {text.number}
        return found

    def _newest(self, texts: list[Text]) -> Scores:
        """Those of the newest messages that have all texts, and of the newest that have one in the subject."""
        wanted = " AND ".join(_matching(text) for text in texts)
        subjects = " OR ".join(_matching(text, kind="subject") for text in texts if not text.kind)
        rows = self._db.execute(_NEWEST, (wanted, *self._when, NEWEST)).fetchall()
        if subjects:
            rows += self._db.execute(_NEWEST, (f"{wanted} AND ({subjects})", *self._when, NEWEST)).fetchall()
        scores = _best(rows)
        kept = self._without({ticket for ticket in scores if self._allowed is None or ticket in self._allowed})
        return {ticket: scores[ticket] for ticket in kept}

    def _scores(self, texts: list[Text], tickets: Collection[int]) -> Scores:
        words = " OR ".join(_matching(text) for text in texts)
        return _best(self._db.execute(_SCORES, (words, *self._when, json.dumps(list(tickets)))).fetchall())

    def _ordered(self, tickets: Iterable[int], scores: Scores, limit: int | None, *, newest: bool) -> list[Found]:
        meant = {text.number for text in self._query.texts}

        def place(ticket: int) -> tuple[bool, float, int]:
            score = scores[ticket][0] if ticket in scores and not newest else 0.0
            return ticket not in meant, score, -ticket

        first = sorted(tickets, key=place)[:limit]
        return [Found(number, scores[number][1] if number in scores else None) for number in first]


def _best(rows: Iterable[tuple[int, int, float]]) -> Scores:
    scores: Scores = {}
    for ticket, message, score in rows:
        if ticket not in scores or score < scores[ticket][0]:
            scores[ticket] = (score, message)
    return scores


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
