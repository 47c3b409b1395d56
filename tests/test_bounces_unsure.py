"""A bounce that fits a mail of ours by address and time alone: the ticket's agent sees it, and nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from dsns import block, report
from letters import ANNA, MARIA, TEMPLATES
from stored import NOW as THEN
from stored import send
from worlds import BORIS, NOW, POLICY, SUPPORT, context, sent, ticket

from mailticket.core.bounces import UNSURE_EVERY
from mailticket.core.compose import compose
from mailticket.core.decide import decide
from mailticket.core.failures import MAX_UNSURE
from mailticket.core.known import Handed, Person
from mailticket.core.parse import parse
from mailticket.core.plan import Mark
from mailticket.core.types import RawMail
from mailticket.store import outbox
from mailticket.store.db import open_or_create
from mailticket.store.schema import Outbox

TICKET = ticket(7, MARIA)
WORDS = "550 5.1.1 no such user"
SENT = replace(sent(7, "customer", MARIA.address), purpose="time", subject="Re: Printer", sent_at=NOW)
HANDED = Handed(SENT, Person(1, MARIA.address), "5.1.1", WORDS)
NAMES_NOTHING = report(block(words=WORDS), returned="Subject: Re: Printer\n\nHello\n")


def follows(handed=HANDED, policy=POLICY, view=TICKET, raw=NAMES_NOTHING):
    raw_mail = RawMail(raw, "", (SUPPORT,), "smtp", NOW)
    return decide(parse(raw), raw_mail, context(view, handed=handed), policy, NOW)


def test_the_agent_is_shown_it_and_no_mark_and_no_outbox_state_changes():
    plan = follows()
    (letter,) = plan.letters
    assert (letter.template, letter.to[0].address) == ("notice-unsure", ANNA.address)
    assert [mark.kind for mark in plan.marks] == ["unsure"], "that it was told, and nothing else"
    assert (plan.came_back, plan.changes, plan.ticket) == ((), (), None)
    assert plan.reason == "a bounce that may be about outbox message 7, and names no mail of ours"
    made = compose(letter, cause="c", n=0, policy=POLICY, templates=TEMPLATES, now=NOW)
    assert b"could not be matched for sure" in made.raw
    assert WORDS.encode() in made.raw


@pytest.mark.parametrize(("ago", "letters"), [(UNSURE_EVERY - timedelta(seconds=1), 0), (UNSURE_EVERY, 1)], ids=str)
def test_there_is_one_notice_a_day_for_an_address(ago, letters):
    plan = follows(replace(HANDED, person=Person(1, MARIA.address, unsure_at=NOW - ago)))
    assert len(plan.letters) == letters
    assert plan.marks == ((Mark("unsure", MARIA.address, "5.1.1"),) if letters else ())


def test_of_a_ticket_that_is_nobodys_the_managers_hear():
    policy = replace(POLICY, agents=(POLICY.agents[0], replace(BORIS, role="manager")))
    plan = follows(policy=policy, view=replace(TICKET, agent=""))
    assert [letter.to[0].address for letter in plan.letters] == [BORIS.address]


def test_a_strangers_words_are_cut():
    (letter,) = follows(replace(HANDED, words="buy " * 200)).letters
    assert len(letter.facts["reply"]) == MAX_UNSURE


def test_an_id_of_ours_is_told_by_the_other_rule():
    """Even one that counts for nothing: whoever has it knows the mail."""
    assert follows(handed=None).reason == "a bounce that names no mail of ours"


def test_the_store_finds_the_last_mail_that_was_handed_over_for_an_address(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        send(db, "first", "second", "waits")
        handed_over = Outbox.ref.in_(["first", "second"])
        with db.write():
            db.run(Outbox.update(state="sent").where(handed_over))
        found = outbox.handed(db, MARIA.address.upper(), THEN - timedelta(days=5))
        assert found is not None
        assert (found.ref, found.purpose) == ("second", "time")
        assert outbox.handed(db, "aria@customer.example", THEN - timedelta(days=5)) is None
        assert outbox.handed(db, MARIA.address, THEN + timedelta(seconds=1)) is None


def test_a_forgers_flood_walks_over_the_last_days_alone(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        sql, values = db.text(outbox.last_for(MARIA.address, THEN))
        first, *_ = (row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
    assert first.startswith("SEARCH")
    assert "(state=? AND next_at>?)" in first
