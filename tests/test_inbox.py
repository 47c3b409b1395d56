"""The inbox: what is known again, who may work on what, and what a crash leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stored import DAY, HOUR, NOW, SECOND, a_mail, accept, claim, finish, row

from mailticket.core.retry import MAX_TRIES
from mailticket.core.types import RawMail
from mailticket.errors import ClaimLostError
from mailticket.store import held, inbox, queues
from mailticket.store.db import open_or_create
from mailticket.store.schema import Inbox


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        yield one


# --- accept -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "known_for"),
    [
        (b"Message-ID: <1@x>\r\n", 7 * DAY),
        (b"DATE: Mon, 2 Mar 2026 09:00:00 +0000\r\n", 7 * DAY),
        (b"", HOUR),
        (b"X-Message-ID: <1@x>\r\n", HOUR),
    ],
)
def test_the_same_mail_is_known_again_for_a_while(db, head, known_for):
    """Seven days; an hour where neither Message-ID nor Date tells it from the next. A hit is counted on the row."""
    (first,) = accept(db, a_mail(head=head))
    (again,) = accept(db, a_mail(head=head, at=NOW + known_for - SECOND))
    assert (first.duplicate, again.duplicate, again.id) == (False, True, first.id)
    (later,) = accept(db, a_mail(head=head, at=NOW + known_for))
    assert not later.duplicate
    assert later.id != first.id
    assert [row(db, n)["hits"] for n in (first.id, later.id)] == [1, 0]


def test_a_date_in_the_body_names_no_mail(db):
    mail = RawMail(b"Subject: x\r\n\r\nDate: today\r\n", "", ("support@acme.example",), "smtp", NOW)
    accept(db, mail)
    (again,) = accept(db, RawMail(mail.raw, "", mail.envelope_to, "smtp", NOW + HOUR))
    assert not again.duplicate


@pytest.mark.parametrize(
    "other",
    [
        a_mail(2),
        a_mail(to=("sales@acme.example",)),
        RawMail(a_mail().raw, "", a_mail().envelope_to, "smtp", NOW),
        a_mail(to=("support@acme.example", "sales@acme.example")),
    ],
)
def test_another_envelope_or_other_bytes_are_another_mail(db, other):
    assert [a.duplicate for a in accept(db, a_mail(), other)] == [False, False]


def test_the_same_twice_in_one_commit_is_one_mail(db):
    assert [a.duplicate for a in accept(db, a_mail(), a_mail())] == [False, True]


def test_the_bytes_are_kept_as_they_came(db):
    mail = RawMail(bytes(range(256)) * 3, "", ("support@acme.example",), "smtp", NOW)
    (accepted,) = accept(db, mail)
    assert inbox.raw(db, accepted.id) == mail.raw
    (claimed,) = claim(db)
    assert claimed.mail == mail


def test_an_envelope_that_is_no_text_is_kept_readable(db):
    accept(db, RawMail(b"x", "caf\udce9\0@x.example", ("a\udce9@acme.example",), "smtp", NOW))
    (shown,) = queues.inbox(db)
    assert (shown["envelope_from"], shown["envelope_to"]) == ("caf?@x.example", ["a?@acme.example"])


# --- claim and finish -------------------------------------------------------------------------------------------------


def test_the_oldest_is_claimed_first(db):
    accept(db, a_mail(1, at=NOW + SECOND), a_mail(2), a_mail(3))
    assert [c.id for c in claim(db, now=NOW + SECOND)] == [2, 3, 1]


def test_a_claim_takes_no_more_than_it_may(db):
    """In number and in bytes; one mail is taken however big it is."""
    accept(db, *(a_mail(n, size=1000) for n in range(1, 6)))
    assert [c.id for c in claim(db, limit=2)] == [1, 2]
    assert [c.id for c in claim(db, max_bytes=2500)] == [3, 4]
    assert [c.id for c in claim(db, max_bytes=10)] == [5]


def test_what_is_claimed_is_nobody_elses(db):
    accept(db, a_mail(1), a_mail(2))
    assert len(claim(db, "one", limit=1)) == 1
    assert [c.id for c in claim(db, "two")] == [2]
    assert claim(db, "three") == []


def test_only_the_owner_finishes_and_only_once(db):
    accept(db, a_mail())
    (claimed,) = claim(db, "one")
    with pytest.raises(ClaimLostError):
        finish(db, claimed, "two")
    finish(db, claimed, "one")
    with pytest.raises(ClaimLostError):
        finish(db, claimed, "one")
    assert row(db)["state"] == "done"


def test_who_lost_its_claim_leaves_no_trace(db):
    """A failure of an old owner changes nothing for the new one."""
    accept(db, a_mail())
    (claimed,) = claim(db, "one")
    inbox.release_all(db)
    claim(db, "two")
    inbox.failed(db, claimed, "one", "trouble", again_at=None, now=NOW)
    inbox.give_back(db, "one")
    assert {k: row(db)[k] for k in ("owner", "state", "tries", "reason")} == {
        "owner": "two",
        "state": "queued",
        "tries": 2,
        "reason": "",
    }


def test_given_back_is_as_if_never_claimed(db):
    accept(db, a_mail(1), a_mail(2))
    first, _ = claim(db)
    finish(db, first)
    before = row(db, 1)
    inbox.give_back(db, "one")
    assert row(db, 1) == before
    assert [(c.id, c.tries) for c in claim(db, "two")] == [(2, 1)]


def test_a_mail_that_failed_waits_and_then_goes_alone(db):
    accept(db, a_mail(1), a_mail(2))
    first, second = claim(db)
    inbox.failed(db, first, "one", "trouble", again_at=NOW + SECOND, now=NOW)
    inbox.failed(db, second, "one", "trouble", again_at=NOW + SECOND, now=NOW)
    assert claim(db) == []
    assert inbox.waiting(db, NOW) == SECOND
    assert [(c.id, c.tries, c.alone) for c in claim(db, now=NOW + SECOND)] == [(1, 2, True)]


def test_quarantine_has_its_reason_and_is_not_claimed(db):
    accept(db, a_mail())
    (claimed,) = claim(db)
    inbox.failed(db, claimed, "one", "too deep", again_at=None, now=NOW)
    (shown,) = queues.inbox(db, state="quarantined")
    assert shown["reason"] == "too deep"
    assert claim(db, now=NOW + DAY) == []
    assert inbox.waiting(db, NOW) is None


# --- after a crash ----------------------------------------------------------------------------------------------------


def test_after_a_crash_in_company_the_try_does_not_count(db):
    accept(db, a_mail(1), a_mail(2))
    claim(db, "dead")
    assert inbox.release_all(db) == 2
    assert [row(db, n)["tries"] for n in (1, 2)] == [0, 0]


def test_after_a_crash_alone_the_try_counts(db):
    accept(db, a_mail())
    claim(db, "dead")
    assert inbox.release_all(db) == 1
    assert row(db)["tries"] == 1


def test_suspects_are_taken_one_by_one(db):
    """Those that were in work when a desk died, so that the one that kills is found; the others share again."""
    accept(db, a_mail(1), a_mail(2))
    claim(db, "dead")
    inbox.release_all(db)
    accept(db, a_mail(3), a_mail(4))
    assert [[c.id for c in claim(db)] for _ in range(3)] == [[1], [2], [3, 4]]


def test_a_suspect_behind_others_waits_for_its_own_turn(db):
    accept(db, a_mail(1, at=NOW + SECOND))
    claim(db, "dead", now=NOW + SECOND)
    inbox.release_all(db)
    accept(db, a_mail(2), a_mail(3))
    assert [[c.id for c in claim(db, now=NOW + SECOND)] for _ in range(2)] == [[2, 3], [1]]


# --- retry ------------------------------------------------------------------------------------------------------------


def test_retry_of_the_inbox_says_what_it_did(db):
    accept(db, *(a_mail(n) for n in range(1, 5)))
    done, bad, _, _ = claim(db, limit=4)
    finish(db, done)
    inbox.failed(db, bad, "one", "trouble", again_at=None, now=NOW)
    assert inbox.retry(db, [1, 2, 3, 9], NOW + HOUR) == [
        (1, "already done"),
        (2, "queued"),
        (3, "in work"),
        (9, "no such message"),
    ]
    again = row(db, 2)
    assert (again["state"], again["tries"], again["reason"], again["done_at"]) == ("queued", 0, "", None)
    assert inbox.waiting(db, NOW + HOUR) == timedelta(0)


def test_retry_of_all_takes_what_is_quarantined(db):
    accept(db, a_mail(1), a_mail(2))
    for claimed in claim(db):
        inbox.failed(db, claimed, "one", "trouble", again_at=None, now=NOW)
    assert inbox.retry(db, None, NOW) == [(1, "queued"), (2, "queued")]
    assert inbox.retry(db, None, NOW) == []


@pytest.mark.parametrize(("let_in", "concerns"), [(True, "anna@acme.example"), (False, "")])
def test_what_was_let_in_as_anothers_note_is_no_order_after_a_retry(db, let_in, concerns):
    accept(db, a_mail())
    with db.write():
        db.run(Inbox.update(state="quarantined", concerns="anna@acme.example"))
    if let_in:
        assert held.release(db, [1], NOW) == [(1, "released")]
        (claimed,) = claim(db)
        inbox.failed(db, claimed, "one", "trouble", again_at=None, now=NOW)
    inbox.retry(db, [1], NOW)
    (again,) = claim(db)
    assert (again.mail.released, again.mail.concerns) == (let_in, concerns)


def test_after_a_retry_a_mail_has_all_its_tries_again(db):
    accept(db, a_mail())
    for _ in range(MAX_TRIES):
        (claimed,) = claim(db, now=NOW)
        inbox.failed(db, claimed, "one", "trouble", again_at=NOW, now=NOW)
    inbox.retry(db, [1], NOW)
    assert [c.tries for c in claim(db)] == [1]
