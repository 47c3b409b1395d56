"""Group commit: who shares a write, who fails with whom, and how much may wait."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from mailticket.errors import TemporaryError
from mailticket.store.batcher import Batcher


class Table:
    """Stands for the database: `gate` holds the first write until a test has submitted more."""

    def __init__(self, *, held: bool = False) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.begun = threading.Event()
        if not held:
            self.gate.set()

    def write(self, items: list[str]) -> list[str]:
        self.begun.set()
        self.gate.wait(10)
        self.batches.append(items)
        if "bad" in items:
            raise ValueError("bad row")
        if "down" in items:
            raise TemporaryError("database is down")
        if "crash" in items:
            raise KeyboardInterrupt
        return [item.upper() for item in items]


def blocked(**settings) -> tuple[Table, Batcher[str, str], Future[str]]:
    table = Table(held=True)
    batcher = Batcher(table.write, name="table", **settings)
    first = batcher.submit("first")
    table.begun.wait(10)
    return table, batcher, first


def test_what_comes_while_a_write_runs_shares_the_next_one_in_order():
    table, batcher, first = blocked(limit=3)
    futures = [batcher.submit(c) for c in "abcd"]
    table.gate.set()
    batcher.close()
    assert first.result() == "FIRST"
    assert [f.result() for f in futures] == ["A", "B", "C", "D"]
    assert table.batches == [["first"], ["a", "b", "c"], ["d"]]


def test_a_bad_item_fails_alone(caplog):
    table, batcher, _ = blocked()
    futures = [batcher.submit(c) for c in ("a", "bad", "c")]
    table.gate.set()
    batcher.close()
    assert [futures[0].result(), futures[2].result()] == ["A", "C"]
    with pytest.raises(ValueError, match="bad row"):
        futures[1].result()
    assert table.batches[1:] == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]
    assert "one by one" in caplog.text


@pytest.mark.parametrize(("item", "error"), [("down", TemporaryError), ("crash", KeyboardInterrupt)])
def test_trouble_that_is_no_items_fault_fails_the_batch_at_once_and_the_next_one_goes_on(item, error):
    table, batcher, _ = blocked()
    futures = [batcher.submit(c) for c in ("a", item)]
    table.gate.set()
    for future in futures:
        with pytest.raises(error):
            future.result(10)
    assert batcher.submit("b").result(10) == "B"
    batcher.close()
    assert table.batches == [["first"], ["a", item], ["b"]]


def test_a_full_queue_refuses_and_takes_again_when_written():
    table, batcher, first = blocked(max_items=2)
    batcher.submit("a")
    batcher.submit("b")
    with pytest.raises(TemporaryError, match="table is full: 2 items"):
        batcher.submit("c")
    table.gate.set()
    first.result(10)
    batcher.close()


def test_bytes_are_bounded_and_given_back_but_one_item_always_fits():
    table, batcher, first = blocked(max_bytes=4, weigh=len)  # "first" alone is over it
    with pytest.raises(TemporaryError, match="5 bytes wait"):
        batcher.submit("a")
    table.gate.set()
    first.result(10)
    while batcher._bytes:
        threading.Event().wait(0.01)
    assert batcher.submit("a").result(10) == "A"
    batcher.close()


def test_a_closed_batcher_takes_nothing_and_closes_twice():
    batcher = Batcher(Table().write, name="table")
    last = batcher.submit("a")
    batcher.close()
    batcher.close()
    assert last.result() == "A"
    with pytest.raises(TemporaryError, match="stopping"):
        batcher.submit("b")


def test_a_write_with_too_few_results_is_told_to_everybody():
    batcher = Batcher(lambda _items: [], name="table")
    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        batcher.submit("a").result(10)
    batcher.close()
