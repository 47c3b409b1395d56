"""#search by mail: a search that takes long holds nobody up, and has an end."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from letters import MARIA, TEMPLATES
from searching import message
from test_lists import FIRST, WIDE, opened, part
from worlds import NOW, SUPPORT

from mailticket.core.parse import parse
from mailticket.core.plan import Plan, TicketChange
from mailticket.core.types import RawMail
from mailticket.errors import SlowError
from mailticket.store import inbox, index, lock, outbox, patience, queues, searched
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Meta
from mailticket.worker import Worker

ASKS = f"From: {FIRST.address}\r\nTo: {SUPPORT}\r\nSubject: #search printer\r\nMessage-ID: <1@acme.example>\r\n\r\n"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?)"


@pytest.fixture
def db(tmp_path):
    """Two tickets of Support's, in which a printer burns."""
    with open_or_create(tmp_path / "desk.db") as one:
        with one.write():
            for number in (1, 2):
                words = message(number, f"The printer burns in room {number}.", MARIA)
                apply(one, Plan(changes=(opened(number),), messages=(words,)), NOW)
        index.catch_up(one, 60)
        yield one


@pytest.fixture
def worker(db):
    """With the mail that asks for printers in its inbox."""
    raw = RawMail(ASKS.encode(), FIRST.address, (SUPPORT,), "smtp", NOW, auth=FIRST.address)
    inbox.accept(db, [raw])
    return Worker(Desk(db, WIDE, TEMPLATES, lambda: NOW, "one"), parse)


def answer(db) -> tuple[str, str]:
    """Subject and text of the only mail that goes out."""
    (row,) = queues.outbox(db)
    mail = message_from_bytes(outbox.raw(db, row["id"]) or b"", policy=policy.default)
    return mail["Subject"], part(mail, "plain")


def test_while_it_is_looked_for_others_may_write(db, worker, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    looked, wrote = [], []

    def write(statement: str) -> None:
        if "MATCH" in statement:
            looked.append(statement)
            with open_or_create(db.path) as another, another.write():
                another.run(Meta.insert(key=f"written {len(wrote)}", value=""))
            wrote.append(statement)

    db._database.connection().set_trace_callback(write)  # called in the midst of a statement
    worker.step()
    assert looked
    assert wrote == looked
    assert "2 found" in answer(db)[0]


def test_what_they_may_read_no_more_when_the_answer_is_written_is_not_in_it(db, worker):
    items = [worker.read(one) for one in worker.claim()]
    with db.write():
        apply(db, Plan(changes=(TicketChange(2, set={"department": "Sales"}),)), NOW)
    worker.work(items)
    subject, text = answer(db)
    assert "1 found" in subject
    assert "burns in room 1" in text
    assert not any(words in text for words in ("room 2", "[ACME-2]", "and 1 other"))


def test_a_search_that_takes_too_long_is_ended_and_its_answer_says_so(db, worker, monkeypatch):
    monkeypatch.setattr(searched, "PATIENCE", 0.0)
    monkeypatch.setattr(patience, "STEPS", 1)
    worker.step()
    subject, text = answer(db)
    assert subject == "Search: printer: too much to look for"
    assert "That takes too long: write fewer or rarer words." in text
    assert "ACME-1" not in text


@pytest.mark.parametrize("what", ["count(*)", "i"])
def test_the_database_ends_what_takes_too_long_and_nothing_that_it_is_asked_behind_that(db, what):
    """In the midst of the rows, too."""
    with pytest.raises(SlowError), db.within(0.05):
        db.execute(f"{NUMBERS} SELECT {what} FROM n", (-1,)).fetchall()
    assert db.execute(f"{NUMBERS} SELECT count(*) FROM n", (100_000,)).fetchone() == (100_000,)
