"""What is new is indexed soon after, some at a time; an old database, too."""

from __future__ import annotations

import sqlite3

import pytest
from letters import desk as policy
from searching import NOW, say, search
from test_migrations import VERSION_1

from mailticket import jobs
from mailticket.core.render import Templates
from mailticket.store import index, schema_search
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.templates_files import load_templates


@pytest.fixture
def desk(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Desk(db, policy(), Templates(load_templates()), lambda: NOW, "one")


def indexed(db) -> int:
    return db.execute("SELECT count(*) FROM searched").fetchone()[0]


def test_the_job_indexes_what_is_new(desk):
    for number in range(1, 4):
        say(desk.db, number, "giraffe")
    assert (index.waiting(desk.db), indexed(desk.db)) == (6, 0)
    assert jobs.index_new(desk, NOW) == 0
    assert (index.waiting(desk.db), indexed(desk.db)) == (0, 6)
    assert jobs.index_new(desk, NOW) == 0
    assert "index what is new" in [job.name for job in jobs.JOBS]


@pytest.mark.parametrize(("bound", "value"), [("AT_ONCE", 5), ("MUCH", 30), ("HELD", 0.0)])
def test_one_transaction_takes_some_of_it_and_the_newest_first(desk, monkeypatch, bound, value):
    monkeypatch.setattr(index, bound, value)
    if bound != "AT_ONCE":
        monkeypatch.setattr(index, "AT_ONCE", 8)
    for number in range(1, 11):
        say(desk.db, number, "giraffe eats")
    with desk.db.write():
        done = index.index_some(desk.db)
    assert 0 < done < 8
    assert index.waiting(desk.db) == 20 - done
    assert min(row[0] for row in desk.db.execute("SELECT id FROM searched").fetchall()) >= 3
    index.catch_up(desk.db, 60)
    assert indexed(desk.db) == 20


def test_what_a_failed_transaction_indexed_waits_again(desk):
    say(desk.db, 1, "giraffe")

    def fail():
        with desk.db.write():
            index.index_some(desk.db)
            raise RuntimeError("the plug is pulled")

    with pytest.raises(RuntimeError):
        fail()
    assert (index.waiting(desk.db), indexed(desk.db)) == (2, 0)
    assert search(desk.db, "giraffe") == [1]


def test_all_that_an_old_database_has_waits_to_be_indexed(tmp_path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(VERSION_1)
    with open_or_create(path) as db:
        assert index.waiting(db) == 1
        assert search(db, "printer") == [7]


def test_an_index_of_another_version_is_made_anew(desk, monkeypatch):
    say(desk.db, 1, "giraffe")
    assert search(desk.db, "giraffe") == [1]
    desk.db.create()
    assert index.waiting(desk.db) == 0
    monkeypatch.setattr(schema_search, "VERSION", 2)
    for _ in range(2):
        desk.db.create()
        assert (index.waiting(desk.db), indexed(desk.db)) == (2, 0)
    assert search(desk.db, "giraffe") == [1]


def test_a_copy_of_the_database_can_be_searched(desk, tmp_path):
    say(desk.db, 1, "giraffe")
    index.catch_up(desk.db, 60)
    with sqlite3.connect(desk.db.path) as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    with open_or_create(tmp_path / "copy.db") as db:
        assert index.waiting(db) == 0
        assert search(db, "giraffe") == [1]
