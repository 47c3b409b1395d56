"""Small writes that share the transaction of whoever is writing anyway."""

from __future__ import annotations

import threading

import pytest
from daemon import until

from mailticket.errors import TemporaryError
from mailticket.store.db import RIDERS_WAIT, open_or_create
from mailticket.store.schema import Meta


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "mailticket.db") as db:
        yield db


def write(db, key):
    return lambda: db.run(Meta.insert(key=key, value=""))


def keys(db):
    return {row[0] for row in db.rows(Meta.select(Meta.key))} - {"schema", "search"}


class Thread(threading.Thread):
    """Keeps what its work raised."""

    def __init__(self, db, work) -> None:
        super().__init__()
        self.error = None
        self._db, self._work = db, work
        self.start()

    def run(self):
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        self._db.close()

    def end(self):
        self.join(10)
        assert not self.is_alive()
        return self.error


def test_where_nobody_writes_a_rider_writes_for_itself(db):
    db.ride(write(db, "alone"))
    assert keys(db) == {"alone"}


def test_riders_share_the_commit_of_the_transaction_that_is_open(db):
    ridden_by = []
    with db.write():
        threads = [
            Thread(
                db, lambda n=n: db.ride(lambda: (ridden_by.append(threading.current_thread()), write(db, f"r{n}")()))
            )
            for n in range(3)
        ]
        until(lambda: len(db._riders._waiting) == 3, 10)
        assert db.should_commit(RIDERS_WAIT)
        assert not db.should_commit(0)
        write(db, "driver")()
    assert [thread.end() for thread in threads] == [None] * 3
    assert keys(db) == {"driver", "r0", "r1", "r2"}
    assert set(ridden_by) == {threading.current_thread()}


def test_a_rider_that_fails_fails_alone_and_leaves_nothing(db):
    def bad():
        write(db, "half")()
        raise ValueError("bad")

    with db.write():
        thread = Thread(db, lambda: db.ride(bad))
        until(db._riders.wait, 10)
        write(db, "driver")()
    assert str(thread.end()) == "bad"
    assert keys(db) == {"driver"}


def test_trouble_of_the_database_under_a_rider_ends_the_whole_transaction_for_all(db):
    def broken():
        raise TemporaryError("disk full")

    driver = db.write()
    driver.__enter__()
    thread = Thread(db, lambda: db.ride(broken))
    until(db._riders.wait, 10)
    write(db, "driver")()
    with pytest.raises(TemporaryError, match="disk full"):
        driver.__exit__(None, None, None)
    assert isinstance(thread.end(), TemporaryError)
    assert keys(db) == set()


def test_a_rider_whose_driver_fails_before_the_commit_is_written_all_the_same(db):
    fault = ValueError("driver")
    driver = db.write()
    driver.__enter__()
    thread = Thread(db, lambda: db.ride(write(db, "rider")))
    until(db._riders.wait, 10)
    assert not driver.__exit__(ValueError, fault, None), "it is not swallowed"
    assert thread.end() is None
    assert keys(db) == {"rider"}


def test_nobody_is_left_behind_when_many_ride_and_write_at_once(db):
    def many(name):
        for n in range(30):
            if n % 3:
                db.ride(write(db, f"{name}-{n}"))
            else:
                with db.write():
                    write(db, f"{name}-{n}")()

    threads = [Thread(db, lambda name=name: many(name)) for name in "abcd"]
    assert [thread.end() for thread in threads] == [None] * 4
    assert len(keys(db)) == 120
    assert db._riders._drivers == 0
