"""Budgets of automatic answers: what is used up, what is counted, and who is taken for a machine."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import POLICY, TEMPLATES, mail
from stored import DAY, HOUR, NOW, SECOND

from mailticket.core.budgets import HELD_AFTER, MIN_WORDS, exhausted, holds, windows, words_key
from mailticket.core.compose import compose
from mailticket.core.held import freed, held_notice
from mailticket.core.known import Used
from mailticket.core.plan import Answered
from mailticket.core.policy import Agent, Budgets, Limit
from mailticket.store import budgets
from mailticket.store.db import at, open_or_create
from mailticket.store.schema_answers import Answer

OFF = Budgets((), (), (), ())
HOURLY, DAILY = Limit(2, HOUR), Limit(3, DAY)
WORDS = "d" * 32


# --- what is used up ------------------------------------------------------------------------------------------

EXHAUSTED = [
    # what is so; the budgets; what was counted → which is used up
    ("no budget", OFF, [("per_address", HOUR, 99)], ""),
    ("nothing was counted", Budgets(), [], ""),
    ("one less than the limit", Budgets(per_address=(HOURLY,)), [("per_address", HOUR, 1)], ""),
    ("the limit", Budgets(per_address=(HOURLY,)), [("per_address", HOUR, 2)], "per_address"),
    ("more than the limit", Budgets(per_address=(HOURLY,)), [("per_address", HOUR, 9)], "per_address"),
    ("the day's, not the hour's", Budgets(per_address=(HOURLY, DAILY)),
     [("per_address", HOUR, 0), ("per_address", DAY, 3)], "per_address"),
    ("another window's count", Budgets(per_address=(HOURLY,)), [("per_address", DAY, 9)], ""),
    ("another budget's count", Budgets(per_address=(HOURLY,)), [("total", HOUR, 9)], ""),
    ("two are: the address' own is named", Budgets(per_address=(HOURLY,), total=(HOURLY,)),
     [("total", HOUR, 2), ("per_address", HOUR, 2)], "per_address"),
    ("a domain's", Budgets(), [("per_domain", HOUR, 200)], "per_domain"),
    ("none at all may be given", Budgets(total=(Limit(0, HOUR),)), [("total", HOUR, 0)], "total"),
]  # fmt: skip


@pytest.mark.parametrize(("all_of", "used", "name"), [c[1:] for c in EXHAUSTED], ids=[c[0] for c in EXHAUSTED])
def test_a_budget_is_used_up_when_one_of_its_windows_is_full(all_of, used, name):
    counted = [Used(budget, int(window.total_seconds()), count) for budget, window, count in used]
    assert exhausted(all_of, counted) == name


def test_only_the_budget_of_an_address_speaks_against_it():
    """At a large provider a neighbour may use up the domain's."""
    assert [name for name in dict(windows(Budgets(total=(HOURLY,)))) if holds(name)] == ["per_address"]


# --- the same words -------------------------------------------------------------------------------------------

LONG = "The printer on the second floor is on fire again."
SAME = [
    ("the same", ("Help", LONG), ("Help", LONG), True),
    ("case and white space", ("Help", LONG), ("HELP ", LONG.upper().replace(" ", "\n  ")), True),
    ("a reply mark", ("Help", LONG), ("Re: Help", LONG), True),
    ("other words", ("Help", LONG), ("Help", LONG + "!"), False),
    ("another number", ("Order 17", LONG), ("Order 18", LONG), False),
    ("another subject", ("Help", LONG), ("Help me", LONG), False),
]


@pytest.mark.parametrize(("one", "other", "same"), [c[1:] for c in SAME], ids=[c[0] for c in SAME])
def test_identical_words_have_one_key(one, other, same):
    keys = [words_key(mail(subject=subject, text=text)) for subject, text in (one, other)]
    assert all(keys)
    assert (keys[0] == keys[1]) is same


def test_short_mails_are_the_same_as_no_other():
    """Forty characters in subject and words together are enough to be the same."""
    assert words_key(mail(subject="Thanks", text="Great!")) == ""
    assert words_key(mail(subject="", text="x" * (MIN_WORDS - 1))) == ""
    assert words_key(mail(subject="", text=" " + "x" * MIN_WORDS)) != ""
    assert words_key(mail(subject="x" * 20, text="y" * 19)) != ""


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_have_a_key_that_can_be_stored(subject, text):
    key = words_key(mail(subject=subject, text=text))
    assert key == "" or (len(key) == 32 and key.isascii())


# --- counted in the database ----------------------------------------------------------------------------------


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        yield one


def record(db, address="maria@customer.example", *, ago=SECOND, words=WORDS, given=True, times=1):
    with db.write():
        for _ in range(times):
            budgets.record(db, Answered(address, words, given=given), NOW - ago)


def counted(db, all_of, address="maria@customer.example", words=WORDS):
    return {(u.budget, u.seconds): u.count for u in budgets.used(db, all_of, address, words, NOW)}


COUNTED = [
    # what is so; the budget; the answer that was given before → how many of one
    ("the same address", "per_address", {}, 1),
    ("in capitals", "per_address", {"address": "MARIA@Customer.Example"}, 1),
    ("another address", "per_address", {"address": "petr@customer.example"}, 0),
    ("refused, not given", "per_address", {"given": False}, 0),
    ("just inside the hour", "per_address", {"ago": HOUR - SECOND}, 1),
    ("an hour ago", "per_address", {"ago": HOUR}, 0),
    ("another address of the domain", "per_domain", {"address": "petr@CUSTOMER.example"}, 1),
    ("a subdomain", "per_domain", {"address": "maria@mail.customer.example"}, 0),
    ("the same words from the domain", "identical", {"address": "petr@customer.example"}, 1),
    ("the same words from elsewhere", "identical", {"address": "maria@elsewhere.example"}, 0),
    ("other words", "identical", {"words": "e" * 32}, 0),
    ("words too short to be the same", "identical", {"words": ""}, 0),
    ("anybody", "total", {"address": "x@y.example", "words": ""}, 1),
]


@pytest.mark.parametrize(("name", "before", "count"), [c[1:] for c in COUNTED], ids=[c[0] for c in COUNTED])
def test_what_is_counted_for_a_budget(db, name, before, count):
    record(db, **before)
    limits = {"per_address": (), "per_domain": (), "identical": (), "total": ()}
    assert counted(db, Budgets(**limits | {name: (HOURLY,)})) == {(name, 3600): count}


def test_each_window_of_a_budget_is_counted_by_itself_and_only_up_to_its_limit(db):
    record(db, ago=HOUR * 5, times=4)
    record(db, times=9)
    found = counted(db, Budgets(per_address=(Limit(5, HOUR), Limit(12, DAY)), per_domain=(), identical=()))
    assert found == {("per_address", 3600): 5, ("per_address", 86400): 12}


def test_a_desk_without_budgets_asks_the_database_nothing(db):
    db.close()
    db.execute = None  # any query would fail
    assert counted(db, OFF) == {}


def test_a_mail_too_short_to_be_the_same_has_no_budget_of_identical_words(db):
    """Else all short mails of a domain would share one."""
    record(db, words="", times=5)
    assert ("identical", 86400) not in counted(db, Budgets(), words="")
    assert (
        exhausted(Budgets(per_address=()), budgets.used(db, Budgets(per_address=()), "x@customer.example", "", NOW))
        == ""
    )


BY_INDEX = {
    "per_address": {"address", "at"},
    "per_domain": {"domain", "at"},
    "identical": {"words", "domain", "at"},
    "total": {"at"},
    "refused": {"address", "at"},
}


@pytest.mark.parametrize("name", sorted(BY_INDEX))
def test_the_questions_go_by_an_index(db, name):
    """A table of every answer of a week must not be walked for each mail."""
    sql, _ = db.text(({**budgets._QUERIES, "refused": budgets._refused})[name]._build())
    steps = [row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?")).fetchall()]
    search = next(step for step in steps if "t1" in step)
    assert search.startswith("SEARCH")
    assert set(re.findall(r"(\w+)[=<>]", search)) >= BY_INDEX[name]


HOURS = [
    ("never before", [], 1),
    ("in the hour until now", [0.5], 1),
    ("in the hour before it, too", [1.5], 2),
    ("on the edge of that hour", [1], 2),
    ("three hours running", [1.5, 2.5], HELD_AFTER),
    ("with an hour's pause between", [2.5], 1),
    ("for a day", [n + 0.5 for n in range(24)], HELD_AFTER),
]


@pytest.mark.parametrize(("ago", "hours"), [c[1:] for c in HOURS], ids=[c[0] for c in HOURS])
def test_refused_hours_are_counted_back_from_now_without_a_gap(db, ago, hours):
    for one in ago:
        record(db, ago=timedelta(hours=one), given=False)
        record(db, "petr@customer.example", ago=timedelta(hours=1.5), given=False)
        record(db, ago=timedelta(hours=1.5), given=True)
    assert budgets.refused_hours(db, "Maria@customer.example", NOW) == hours


def test_who_is_freed_starts_anew(db):
    """Their answers still count, or `#person` would double a budget."""
    record(db, ago=timedelta(hours=1.5), given=False)
    record(db, times=2)
    with db.write():
        budgets.forgive(db, "MARIA@customer.example")
    assert budgets.refused_hours(db, "maria@customer.example", NOW) == 1
    assert counted(db, Budgets(per_address=(HOURLY,), per_domain=(), identical=())) == {("per_address", 3600): 2}


def test_rows_that_no_budget_counts_any_more_are_forgotten(db):
    """A budget's window is a week at the most."""
    record(db, ago=budgets.KEPT + SECOND)
    record(db, ago=budgets.KEPT - SECOND)
    with db.write():
        assert budgets.forget(db, NOW - budgets.KEPT) == 1
    assert db.rows(Answer.select(Answer.at)) == [(at(NOW - budgets.KEPT + SECOND),)]
    assert timedelta(weeks=1) < budgets.KEPT


# --- held -----------------------------------------------------------------------------------------------------


def test_the_managers_notice_says_who_is_held_and_what_takes_it_back():
    manager = Agent("Ivana", "ivana@acme.example", departments=("Acme Support",), role="manager")
    letter = held_notice(POLICY, manager, "robot@machines.example", NOW)
    out = compose(letter, cause="c", n=0, policy=POLICY, templates=TEMPLATES, now=NOW)
    assert ([r.address for r in out.recipients], out.template, out.person, out.ticket) == (
        [manager.address], "notice-held", "robot@machines.example", None,
    )  # fmt: skip
    words = message_from_bytes(out.raw, policy=default).get_body(("plain",)).get_content()
    assert "robot@machines.example" in words
    assert "  #person\r\n" in words
    assert (freed("robot@machines.example").kind, freed("robot@machines.example").detail) == ("held", "")
