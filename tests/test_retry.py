"""Pauses between tries, and what one attempt means for a mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.retry import (
    GIVE_UP_AFTER,
    MAX_TRIES,
    RecipientState,
    Reply,
    classify,
    delay,
    newly_failed,
    read_pause,
    settle,
)

DUE = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANNA, BOB, EVA = "anna@acme.example", "bob@acme.example", "eva@acme.example"
LINES = {"accepted": "250 2.0.0 queued", "refused": "550 5.1.1 no such user", "later": "451 4.3.0 try later"}


def said(**verdicts):
    return [Reply(f"{name}@acme.example", verdict, LINES[verdict]) for name, verdict in verdicts.items()]


def fresh(*addresses):
    return tuple(RecipientState(address) for address in addresses)


def states(settled):
    return [r.state for r in settled.recipients]


def test_the_pauses_grow_from_a_minute_to_four_hours():
    assert [delay(n) // MINUTE for n in range(1, 12)] == [1, 2, 5, 10, 20, 30, 60, 120, 240, 240, 240]
    assert delay(0) == MINUTE
    assert timedelta(days=5) == GIVE_UP_AFTER


def test_reading_pauses_grow_and_stay_under_five_seconds():
    assert [read_pause(n).total_seconds() for n in range(1, 5)] == [1, 4, 5, 5]
    assert MAX_TRIES == 3


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (250, "accepted"),
        (251, "accepted"),
        (550, "refused"),
        (554, "refused"),
        (421, "later"),
        (451, "later"),
        (354, "later"),
        (0, "later"),
        (-1, "later"),
        (600, "later"),
    ],
)
def test_a_code_is_a_yes_a_no_or_worth_another_try(code, verdict):
    assert classify(code) == verdict


@pytest.mark.parametrize(
    ("anna", "bob", "state", "line"),
    [
        ("accepted", "accepted", "sent", "accepted"),
        ("accepted", "refused", "failed", "refused"),
        ("accepted", "later", "queued", "later"),
        ("refused", "later", "queued", "later"),
        ("refused", "refused", "failed", "refused"),
        ("later", "later", "queued", "later"),
    ],
)
def test_a_mail_is_queued_while_anybody_waits_else_failed_if_anybody_failed(anna, bob, state, line):
    settled = settle(fresh(ANNA, BOB), said(anna=anna, bob=bob), 1, DUE, DUE)
    assert (settled.state, settled.last_reply) == (state, LINES[line])
    assert settled.next_at == (DUE + MINUTE if state == "queued" else None)


def test_who_has_accepted_or_refused_is_never_asked_again():
    first = settle(fresh(ANNA, BOB, EVA), said(anna="accepted", bob="refused", eva="later"), 1, DUE, DUE)
    assert states(first) == ["sent", "failed", "queued"]
    second = settle(first.recipients, said(anna="refused", bob="accepted", eva="accepted"), 2, DUE, DUE + MINUTE)
    assert second.state == "failed"
    assert second.recipients[:2] == first.recipients[:2]
    assert states(second) == ["sent", "failed", "sent"]


def test_a_recipient_without_a_reply_waits_with_the_reply_it_had():
    first = settle(fresh(ANNA), said(anna="later"), 1, DUE, DUE)
    assert settle(first.recipients, [], 2, DUE, DUE + MINUTE).recipients == first.recipients
    assert settle(fresh(ANNA), [], 1, DUE, DUE).last_reply == ""
    assert fresh(ANNA)[0].last_reply is None


def test_after_five_days_who_still_waits_has_failed_with_the_last_words():
    end = DUE + GIVE_UP_AFTER
    waiting = settle(fresh(ANNA, BOB), said(anna="later", bob="accepted"), 30, DUE, end - timedelta(seconds=1))
    assert (waiting.state, waiting.next_at) == ("queued", end)
    over = settle(waiting.recipients, said(anna="later"), 31, DUE, end)
    assert (over.state, over.next_at, over.last_reply) == ("failed", None, LINES["later"])
    assert states(over) == ["failed", "sent"]
    assert settle(waiting.recipients, said(anna="accepted"), 31, DUE, end).state == "sent"


def test_only_who_failed_in_this_attempt_is_newly_failed():
    before = (RecipientState(ANNA, "failed", "550"), RecipientState(BOB), RecipientState(EVA))
    after = settle(before, said(bob="refused", eva="later"), 2, DUE, DUE).recipients
    assert newly_failed(before, after) == (RecipientState(BOB, "failed", LINES["refused"]),)


names = st.sampled_from(["anna", "bob", "eva"])
attempts = st.lists(st.dictionaries(names, st.sampled_from(sorted(LINES))), min_size=40, max_size=40)


@given(attempts)
def test_every_mail_comes_to_an_end_in_five_days_and_is_told_of_once(attempts):
    """Each recipient ends sent or failed, keeps that, and is in exactly one notice if failed."""
    recipients, now, told = fresh(ANNA, BOB, EVA), DUE, []
    for tries, verdicts in enumerate(attempts, start=1):
        settled = settle(recipients, said(**verdicts), tries, DUE, now)
        for old, new in zip(recipients, settled.recipients, strict=True):
            assert old.address == new.address
            assert old.state == "queued" or old == new
        told += newly_failed(recipients, settled.recipients)
        recipients = settled.recipients
        if settled.next_at is None:
            break
        assert now < settled.next_at <= DUE + GIVE_UP_AFTER
        now = settled.next_at
    assert settled.state != "queued"
    assert sorted(r.address for r in told) == sorted(r.address for r in recipients if r.state == "failed")
