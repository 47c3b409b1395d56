"""The outbox: who sends what and when, and what becomes of a try."""

from __future__ import annotations

import pytest
from stored import BOB, HOUR, MARIA, NOW, SECOND, send, settle, take

from mailticket.core.retry import RecipientState
from mailticket.store import outbox, queues
from mailticket.store.db import open_or_create
from mailticket.store.schema import Outbox


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        yield one


def test_mails_go_out_in_the_order_they_became_due(db):
    send(db, "late", due=NOW + SECOND)
    send(db, "a", "b", "c", raw=b"x" * 100)
    assert [r.ref for r in take(db, max_bytes=250)] == ["a", "b"]
    assert [r.ref for r in take(db, "two")] == ["c"]
    assert outbox.next_due(db, NOW) == SECOND
    assert [(r.ref, r.tries) for r in take(db, now=NOW + SECOND)] == [("late", 1)]


def test_only_the_owner_settles(db):
    send(db, "a")
    (one,) = take(db)
    assert not settle(db, one, "sent", owner="two")
    assert settle(db, one, "sent")
    assert not settle(db, one, "sent")
    (shown,) = queues.outbox(db)
    assert (shown["state"], shown["sent_at"], shown["last_reply"]) == ("sent", "2026-03-02T09:00:00.000Z", "250 ok")


def test_what_was_not_tried_goes_back_without_a_try(db):
    send(db, "a", "b")
    first, second = take(db)
    outbox.give_back(db, "one", [second.id])
    outbox.give_back(db, "two", [first.id])
    assert [(r.id, r.tries) for r in take(db, "two")] == [(second.id, 1)]


def test_after_a_crash_every_claimed_mail_is_tried_again_and_the_try_counts(db):
    send(db, "a", "b")
    take(db, "dead")
    assert outbox.release_all(db) == 2
    assert [(r.ref, r.tries) for r in take(db)] == [("a", 2), ("b", 2)]


def test_only_what_waits_for_the_server_is_due_when_it_is_back(db):
    send(db, "fault", "refused for now")
    fault, greylisted = take(db)
    settle(db, fault, "queued", next_at=NOW + HOUR, fault=True)
    settle(db, greylisted, "queued", next_at=NOW + HOUR)
    outbox.recovered(db, NOW)
    assert [r.ref for r in take(db)] == ["fault"]


def test_retry_of_the_outbox_says_what_it_did(db):
    """It goes to those alone who do not have it; a mail in its send_delay keeps its time."""
    send(db, "sent", "failed", "in work", "waits", to=(MARIA, BOB))
    send(db, "delayed", due=NOW + 20 * SECOND)
    sent, failed, _, waits = take(db)
    both = (RecipientState(MARIA.address, "sent", "250 ok"), RecipientState(BOB.address, "failed", "550 no"))
    settle(db, sent, "sent")
    settle(db, failed, "failed", states=both)
    settle(db, waits, "queued", next_at=NOW + HOUR)
    assert outbox.retry(db, [1, 2, 3, 4, 5, 9], NOW) == [
        (1, "already sent"),
        (2, "queued"),
        (3, "in work"),
        (4, "queued"),
        (5, "queued"),
        (9, "no such message"),
    ]
    again = {r.ref: r for r in take(db, "two")}
    assert again.keys() == {"failed", "waits"}
    assert [(r.address, r.state) for r in again["failed"].recipients] == [
        (MARIA.address, "sent"),
        (BOB.address, "queued"),
    ]
    assert again["failed"].tries == 1
    assert outbox.next_due(db, NOW) == 20 * SECOND


def test_retry_of_all_takes_what_has_failed(db):
    send(db, "a", "b")
    first, second = take(db)
    settle(db, first, "failed")
    settle(db, second, "queued", next_at=NOW + HOUR)
    assert outbox.retry(db, None, NOW) == [(1, "queued")]


def test_what_was_undone_stays_undone(db):
    send(db, "a")
    with db.write():
        db.run(Outbox.update(state="undone"))
    assert outbox.retry(db, [1], NOW) == [(1, "was undone")]
    assert take(db) == []
