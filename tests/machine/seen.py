"""All that there is in the desk's database after a step, and the step before, as plain rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mailticket.store import inbox, schema
from mailticket.store.db import Db

from .mails import Mail
from .server import Taken
from .world import World

Row = dict[str, Any]


def _rows(db: Db, table: Any, *but: str) -> list[Row]:
    # Not through the query builder: it is looked at after every step.
    names = [name for name in table._meta.sorted_field_names if name not in but]
    columns = ", ".join(f'"{table._meta.fields[name].column_name}"' for name in names)
    found = db.execute(f'SELECT {columns} FROM "{table._meta.table_name}" ORDER BY id').fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


@dataclass
class Seen:
    """What there is now, and what was there one step before."""

    world: World
    inbox: list[Row]
    outbox: list[Row]
    tickets: list[Row]
    messages: list[Row]
    events: list[Row]
    people: list[Row]
    mail_of: dict[int, Mail]  # by inbox row
    before: Seen | None

    def done(self) -> Iterator[tuple[Row, Mail]]:
        return ((row, self.mail_of[row["id"]]) for row in self.inbox if row["state"] == "done")

    def events_of(self, row: Row) -> list[Row]:
        return self.by_cause.get(row["id"], [])

    def effects(self) -> list[Row]:
        """The events but for those that say that an answer is held, which has no effect yet."""
        return [event for event in self.events if event["kind"] != "collided"]

    @cached_property
    def by_cause(self) -> dict[int, list[Row]]:
        """The events that an inbox row has caused."""
        found: dict[int, list[Row]] = {}
        for event in self.events:
            found.setdefault(event["inbox"], []).append(event)
        return found

    @cached_property
    def sent_as(self) -> dict[str, Row]:
        """The outbox rows by their Message-ID."""
        return {row["message_id"]: row for row in self.outbox}

    @cached_property
    def about(self) -> dict[str, list[Row]]:
        """The people's words on quarantined mails, by what they were: events "released" and "discarded"."""
        return {kind: [e for e in self.events if e["kind"] == kind] for kind in ("released", "discarded")}

    def ordered(self, what: str, row: int) -> int:
        """How often a person has said so of this inbox row."""
        return sum(json.loads(e["detail"])["inbox"] == row for e in self.about[what])

    def proved(self, row: Row) -> bool:
        """Does the mail of this row bear what proves its sender? A mark that somebody outside has shown does not."""
        mail = self.mail_of[row["id"]]
        if row["auth"]:
            return True
        if not (mail.trusted and mail.by_agent):
            return mail.trusted
        marks = (self.sent_as[one] for one in mail.answers if one in self.sent_as)
        return any(not mark["spent"] and recipients(mark) == [mail.sender] for mark in marks)

    @cached_property
    def new_for_customers(self) -> list[Taken]:
        """What customers got in the last steps: earlier ones were looked at then."""
        is_agent = self.world.is_agent
        return [t for t in self.world.server.taken[-40:] if not all(is_agent(a) for a in t.recipients)]


def recipients(row: Row) -> list[str]:
    return [one["address"] for one in json.loads(row["recipients"])]


def look(world: World, before: Seen | None) -> Seen:
    db, tables = world.db, schema
    rows = _rows(db, tables.Inbox)
    known = before.mail_of if before else {}
    return Seen(
        world=world,
        inbox=rows,
        outbox=_rows(db, tables.Outbox),
        tickets=_rows(db, tables.Ticket),
        messages=_rows(db, tables.Message, "html", "full_text"),
        events=_rows(db, tables.Event),
        people=_rows(db, tables.Person),
        mail_of={r["id"]: known.get(r["id"]) or world.mails[inbox.raw(db, r["id"]) or b""] for r in rows},
        before=before,
    )
