"""Notices that are kept for one mail, in the store: counted, sent once their hour is over, in no case lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letters import ANNA, FACTS, NOW, POLICY, TEMPLATES, body, letter

from mailticket import jobs
from mailticket.core.notices import MOST, WITHIN
from mailticket.core.plan import Plan
from mailticket.core.policy import Agent
from mailticket.core.types import Address
from mailticket.store import notices, purge, queues
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk

BORIS = Agent("Boris", "boris@acme.example", departments=("Acme Support",))
TWO = replace(POLICY, agents=(*POLICY.agents, BORIS))
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
HALF = timedelta(minutes=30)


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened:
        yield opened


@pytest.fixture
def desk(db):
    return Desk(db, TWO, TEMPLATES, lambda: NOW, "one")


def tell(desk, *words: str, at: datetime = NOW, who: Address = ANNA, ticket: int | None = 1, cause: str = "") -> None:
    """A receipt for each of the words."""
    for word in words:
        one = letter("notice-done", to=(who,), ticket=ticket, facts=FACTS["notice-done"] | {"lines": [word]})
        with desk.db.write():
            desk.carry_out(Plan(letters=(one,)), cause=cause or f"{who.address} {word}", now=at)


def words(n: int, begin: int = 1) -> list[str]:
    return [f"w{number}w" for number in range(begin, begin + n)]


def told(db, who: str = ANNA.address) -> list[str]:
    """The texts of the mails to an agent, in their order."""
    rows = [row for row in queues.outbox(db) if row["to"] == [who]]
    assert {row["kind"] for row in rows} <= {"notice"}
    return [body(queues.outbox_raw(db, row["id"]), "plain") for row in rows]


def kept(db) -> list[tuple]:
    return db.execute("SELECT agent, ticket, text FROM kept_notice ORDER BY id").fetchall()


# --- what is kept --------------------------------------------------------------------------------------------


def test_twenty_come_singly_and_the_others_are_kept(desk, db):
    tell(desk, *words(MOST + 3))
    assert len(told(db)) == MOST
    assert [word for word in words(MOST + 3) if any(word in text for _, _, text in kept(db))] == words(3, MOST + 1)
    assert {(agent, ticket) for agent, ticket, _ in kept(db)} == {(ANNA.address, 1)}


def test_another_agent_is_not_affected(desk, db):
    tell(desk, *words(MOST + 1))
    tell(desk, *words(MOST), who=BORIS.as_address)
    assert len(told(db, BORIS.address)) == MOST


def test_the_hour_slides(desk, db):
    tell(desk, *words(MOST))
    tell(desk, "early", at=NOW + WITHIN - SECOND)
    assert len(kept(db)) == 1
    db.run(notices.KeptNotice.delete())
    tell(desk, "late", at=NOW + WITHIN)
    assert kept(db) == []


def test_the_same_piece_of_work_makes_the_same_ids(desk, db):
    tell(desk, *words(MOST))

    def refs() -> list[tuple]:
        with db.write(), db.savepoint():
            one = letter("notice-done")
            desk.carry_out(Plan(letters=(one,)), cause="inbox 7", now=NOW)
            found = db.execute("SELECT ref FROM kept_notice").fetchall()
            db.run(notices.KeptNotice.delete())
        return found

    assert refs() == refs() != []


# --- the one mail --------------------------------------------------------------------------------------------


def test_they_are_sent_in_one_mail_when_the_hour_since_the_first_is_over(desk, db):
    tell(desk, *words(MOST))
    tell(desk, *words(2, MOST + 1), at=NOW + HALF)
    tell(desk, *words(1, MOST + 3), at=NOW + WITHIN + MINUTE)  # there is room by now, but these come first
    assert jobs.send_gathered(desk, NOW + HALF + WITHIN - SECOND) == 0
    assert jobs.send_gathered(desk, NOW + HALF + WITHIN) == 1
    assert jobs.send_gathered(desk, NOW + HALF + WITHIN) == 0
    *singly, last = told(db)
    assert len(singly) == MOST
    assert "3 notices since Sunday 22 November 2026, 14:33 CET" in last
    assert [word for word in words(MOST + 3) if word in last] == words(3, MOST + 1)
    assert kept(db) == []


def test_it_is_a_notice_of_its_own_and_begins_a_new_hour(desk, db):
    tell(desk, *words(MOST + 1))
    jobs.send_gathered(desk, NOW + WITHIN)
    row = list(queues.outbox(db))[-1]
    assert (row["kind"], row["ticket"], row["subject"]) == ("notice", None, "1 notice since 14:03")
    mail = message_from_bytes(queues.outbox_raw(db, row["id"]))
    assert (mail["in-reply-to"], mail["auto-submitted"]) == (None, "auto-generated")
    tell(desk, *words(MOST, 100), at=NOW + WITHIN)
    assert (len(told(db)), kept(db)) == (MOST + 1 + MOST, [])
    tell(desk, "one more", at=NOW + WITHIN)
    assert len(kept(db)) == 1


def test_who_has_left_the_config_gets_nothing_and_it_is_recorded(desk, db, caplog):
    tell(desk, *words(MOST + 2))
    gone = replace(desk, policy=replace(TWO, agents=(BORIS,)))
    assert jobs.send_gathered(gone, NOW + WITHIN) == 1
    assert (len(told(db)), kept(db)) == (MOST, [])
    (event,) = db.execute("SELECT kind, ticket, detail FROM event").fetchall()
    assert event[:2] == ("notices dropped", 1)
    assert ANNA.address not in event[2]
    assert '"count":2' in event[2]
    assert [record.getMessage() for record in caplog.records] == [
        "2 notices to anna@acme.example are dropped: no agent has that address any more"
    ]


def test_whose_address_has_changed_gets_them_at_the_new_one(desk, db):
    tell(desk, *words(MOST + 1))
    moved = replace(POLICY.agents[0], address="anna.novak@acme.example", aliases=(ANNA.address,))
    jobs.send_gathered(replace(desk, policy=replace(TWO, agents=(moved, BORIS))), NOW + WITHIN)
    assert len(told(db, "anna.novak@acme.example")) == 1


def test_one_that_cannot_be_made_keeps_nobody_elses_back_and_is_not_lost(desk, db, monkeypatch, caplog):
    tell(desk, *words(MOST + 1))
    tell(desk, *words(MOST + 1), who=BORIS.as_address)
    make = jobs.sent

    def failing(policy, pile, now):
        if pile.agent == ANNA.address:
            raise RuntimeError("a bug of ours")
        return make(policy, pile, now)

    monkeypatch.setattr(jobs, "sent", failing)
    assert jobs.send_gathered(desk, NOW + WITHIN) == 1
    assert len(told(db, BORIS.address)) == MOST + 1
    (record,) = caplog.records
    assert record.getMessage() == "what is kept for anna@acme.example cannot be sent: RuntimeError: a bug of ours"
    monkeypatch.undo()
    assert jobs.send_gathered(desk, NOW + WITHIN) == 1
    assert len(told(db)) == MOST + 1


def test_it_is_a_job_of_every_minute(desk, db):
    tell(desk, *words(MOST + 1))
    jobs.run_due(desk, NOW)
    jobs.run_due(desk, NOW + WITHIN)
    assert len(told(db)) == MOST + 1


def test_a_purge_takes_the_mail_with_the_words_and_nothing_that_waits(desk, db):
    tell(desk, *words(MOST + 1))
    jobs.send_gathered(desk, NOW + WITHIN)
    tell(desk, *words(MOST + 1, 100), at=NOW + WITHIN)
    with db.write():
        db.execute("UPDATE outbox SET state = 'sent', ticket = NULL")
        last = db.execute("SELECT max(id) FROM outbox").fetchone()[0]
    purge.purge(db, NOW + timedelta(days=30))
    assert db.execute("SELECT id FROM outbox").fetchall() == [(last,)]
    assert db.execute("SELECT outbox FROM outbox_raw").fetchall() == [(last,)]
    assert len(kept(db)) == 1


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(pauses=st.lists(st.sampled_from([0, 0, 0, 0, 1, 1, 7, 20, 61]), min_size=40, max_size=70))
def test_whatever_the_pauses_each_comes_once_in_its_order_and_never_more_than_twenty_in_an_hour(
    tmp_path_factory, pauses
):
    with open_or_create(tmp_path_factory.mktemp("any") / "desk.db") as db:
        db.execute("PRAGMA synchronous = off")  # a commit a notice, and nobody pulls the plug
        desk, now = Desk(db, TWO, TEMPLATES, lambda: NOW, "one"), NOW
        for word, pause in zip(words(len(pauses)), pauses, strict=True):
            for _ in range(pause):
                now += MINUTE
                jobs.send_gathered(desk, now)
            tell(desk, word, at=now)
        jobs.send_gathered(desk, now + WITHIN)
        texts = told(db)
        came = [word for text in texts for word in words(len(pauses)) if word in text]
        assert came == words(len(pauses))
        times = sorted(at for (at,) in db.execute("SELECT created_at FROM outbox WHERE counted != ''").fetchall())
        hour = WITHIN // timedelta(microseconds=1)
        assert all(later - at >= hour for at, later in zip(times, times[MOST:], strict=False))
