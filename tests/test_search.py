"""Tickets are found by what was said in them, whoever said it, in any language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from letters import ANNA
from searching import BOB, DAY, NOW, POLICY, file, message, opened, say, search, write

from mailticket.core.plan import TicketChange
from mailticket.core.search import read
from mailticket.core.types import Address
from mailticket.store import index
from mailticket.store import search as store_search
from mailticket.store.db import open_or_create
from mailticket.store.schema import Message
from mailticket.store.search import find, said

MARIA = Address("maria@customer.example", "Maria Nováková")
PETR = Address("petr@example.org", "Petr")
BOUGHT = "It is about the printer that I bought."


@pytest.fixture
def empty(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened_db:
        yield opened_db


@pytest.fixture
def db(empty):
    """Four tickets: a printer, an invoice, a door and spam."""
    write(
        empty,
        opened(1, "Printer on fire", MARIA, created_at=NOW - 30 * DAY),
        message(1, "The paper jam is back.", MARIA, at=NOW - 30 * DAY, attachments=(file("smoke photo.jpg"),)),
    )
    write(empty, message(1, "Pull the red lever.", ANNA, to=MARIA, at=NOW - 20 * DAY, direction="outbound"))
    write(
        empty,
        opened(2, "Invoice 4711", PETR, agent=ANNA.address, department="Acme Sales", status="open"),
        message(2, BOUGHT, PETR, full_text=f"{BOUGHT}\n> as my aunt Ludmila wrote"),
        message(2, "We have your mail. We like zebras.", ANNA, to=PETR, direction="outbound", automatic=True),
    )
    write(
        empty,
        opened(3, "Door", PETR, agent=BOB.address, add_participants=()),
        message(3, "The door, and a red sign. Ticket [ACME-1] is like it.", PETR, at=NOW - 2 * DAY),
    )
    write(empty, TicketChange(3, set={"labels": ("vip", "very-old"), "status": "pending"}))
    write(empty, TicketChange(3, add_participants=(Address("ludmila@customer.example", "Ludmila"),)))
    write(empty, opened(4, "Casino", Address("x@spam.example"), status="spam"))
    return empty


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("printer", {1, 2}),
        ("PRINTER fire", {1}),
        ("printer lever", {1}),  # in the customer's mail, and in the answer
        ("pap", set()),
        ("pap*", {1}),
        ('"paper jam"', {1}),
        ('"jam paper"', set()),
        ('"the pap"*', {1}),
        ("\u201cpaper jam\u201d", {1}),
        ("red", {1, 3}),
        ("red -lever", {3}),
        ("red \u2013lever", {3}),
        ('red -"red lever"', {3}),
        ("-printer", {3, 4}),
        ("printer - fire", {1}),
        ("maria", {1}),
        ("novakova", {1}),
        ("from:maria", {1}),
        ("from:maria@customer.example", {1}),
        ("from:petr", {2, 3}),
        ("to:maria", {1}),
        ("to:petr", set()),  # our acknowledgement is no answer
        ("zebras", set()),
        ("ludmila", {2, 3}),  # in what the first mail quotes; and who takes part
        ("from:ludmila", set()),
        ("subject:printer", {1}),
        ("subject:pri*", {1}),
        ("-subject:printer printer", {2}),
        ("FILE:photo", {1}),
        ('file:"smoke photo.jpg"', {1}),
        ("smoke", {1}),
        ("label:vip", {3}),
        ("label:VIP", {3}),
        ("label:very", set()),
        ("label:very-old", {3}),
        ("label:very*", {3}),
        ("vip", {3}),
        ("-label:vip red", {1}),
        ("status:open", {2}),
        ("status:pen", {3}),
        ("-status:spam", {1, 2, 3}),
        ('department:"acme su" -printer', {3, 4}),
        ('department:"acme sales" printer', {2}),
        ("agent:anna", {2}),
        ("agent:dvorak", {2}),
        ("agent:bob@private.example", {3}),
        ("-agent:anna red", {1, 3}),
        ("agent:none", {1, 4}),
        ("-agent:none", {2, 3}),
        ("4711", {2}),
        ("1", {1, 3}),
        ("ACME-1", {1, 3}),
        ("[acme-1]", {1, 3}),
        ("#2", {2}),
        ("99", set()),
        ("ACME-1 -door", {1}),
        ("-2 printer", {1}),
        ("after:7d", {2, 3, 4}),
        ("red after:7d", {3}),
        ("red before:7d", {1}),
        ("red after:monday", {3}),
        ("red after:wednesday", set()),
        ("red after:yesterday", set()),
        ("printer after:2026-11", {2}),
        ("printer before:november", {1}),
        ("paper after:2026-10-27", {1}),
        ("paper after:2026-10-28", set()),
        ("red after:2026-11-01 before:2026-11-10", {1}),
        ("after:2027", set()),
        ('paper before:"2026-10-27 14:00"', {1}),
        ('paper before:"2026-10-27 12:00"', set()),
        ("casino status:spam", {4}),
        ("re: printer", set()),
        ("AND OR NOT NEAR(", set()),
    ],
)
def test_a_query_finds_these_tickets(db, typed, found):
    assert set(search(db, typed)) == found
    assert set(search(db, typed, limit=10)) == found


def test_me_is_the_agent_who_asks(db):
    assert search(db, "agent:me", agent=POLICY.agents[0]) == [2]


def test_the_ticket_that_is_named_stands_first_then_subjects_then_the_newest(db):
    assert search(db, "1")[0] == 1
    assert search(db, "printer") == [1, 2]
    assert search(db, "printer", newest=True) == [2, 1]
    assert search(db, "red -lever OR", limit=1) == []
    assert search(db, "petr", limit=1) in ([2], [3])
    for number in (11, 12, 13):
        say(db, number, "the very same words")
    assert search(db, "very same") == [13, 12, 11]
    assert search(db, "very same", limit=2) == [13, 12]


def test_words_that_are_everywhere_are_found_in_the_newest_and_with_what_else_is_asked(db, monkeypatch):
    """Where only so many are wanted; with a rare word, and without a limit, all of them are."""
    monkeypatch.setattr(store_search, "COMMON", 5)
    monkeypatch.setattr(store_search, "NEWEST", 4)
    for number in range(10, 30):
        say(db, number, f"hello kind desk {'elephant' if number == 11 else ''}", "Hello" if number == 12 else "x")
    assert search(db, "hello desk", limit=3) == [12, 29, 28]
    assert search(db, "hello desk", limit=2, newest=True) == [29, 28]
    assert search(db, "hello desk elephant", limit=3) == [11]
    assert len(search(db, "hello desk", limit=15)) == 15
    assert set(search(db, "hello desk")) == set(range(10, 30))
    assert set(search(db, "hello desk -elephant", limit=19)) == set(range(10, 30)) - {11}
    assert search(db, "hello agent:anna", limit=3) == []
    monkeypatch.setattr(store_search, "COMMON", 0)
    assert search(db, "hello 12") == [12]
    assert search(db, "hello 1") == search(db, "12 agent:anna") == []


def test_what_changes_is_found_as_it_is_and_no_more_as_it_was(db):
    assert search(db, "subject:casino") == [4]
    write(db, TicketChange(4, set={"subject": "Roulette", "labels": ("games",)}))
    assert (search(db, "casino"), search(db, "roulette label:games")) == ([], [4])
    write(db, TicketChange(4, set={"labels": ()}))
    assert search(db, "label:games") == []
    write(db, TicketChange(3, remove_participants=(Address("ludmila@customer.example"),)))
    assert search(db, "ludmila") == [2]


def test_a_message_that_moves_is_found_in_its_new_ticket_and_one_that_is_deleted_nowhere(db):
    assert search(db, "lever") == [1]
    lever = Message.text.contains("lever")
    with db.write():
        db.run(Message.update(ticket=4).where(lever))
    assert index.waiting(db) == 0
    assert search(db, "lever") == [4]
    with db.write():
        db.run(Message.delete().where(lever))
    assert search(db, "lever") == []
    assert db.execute("SELECT count(*) FROM search WHERE search MATCH 'lever'").fetchone() == (0,)
    assert search(db, "lever red") == []


def test_a_new_message_under_a_deleted_one_s_number_is_another(db):
    say(db, 7, "giraffe")
    assert search(db, "giraffe") == [7]
    with db.write():
        db.run(Message.delete().where(Message.ticket == 7))
    write(db, message(1, "hippopotamus", MARIA))
    assert (search(db, "giraffe"), search(db, "hippopotamus")) == ([], [1])


def test_a_long_message_is_searched_up_to_a_bound(empty, monkeypatch):
    monkeypatch.setattr(index, "LONGEST", 1000)
    say(empty, 1, "early " + "x" * 1000 + " late")
    assert (search(empty, "early"), search(empty, "late")) == ([1], [])


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("The printer burns", "printer", "The printer burns"),
        (f"{'before ' * 30}the Printer burns{' after' * 60}", "printer burns", "… before before before"),
        (f"{'是' * 300}打印机着火了{'也' * 300}", "着火", "… "),
        ("Nothing", "subject:question", "Nothing"),
        ("Line one\nand  two", "two", "Line one and two"),
    ],
)
def test_the_words_around_what_was_found_are_shown(empty, text, typed, shown):
    say(empty, 1, text)
    index.catch_up(empty, 60)
    query = read(typed, POLICY, NOW)
    (found,) = find(empty, query)
    told = said(empty, found, query)
    assert told.startswith(shown)
    assert len(told) <= 164
    assert "\n" not in told
    assert all(one.words.replace(" ", "") in told.casefold() for one in query.texts if not one.kind)


def test_a_search_long_after_is_like_one_at_once(db):
    """7d is counted from the moment of asking."""
    index.catch_up(db, 60)
    query = read("red after:7d", POLICY, NOW + timedelta(days=7))
    assert find(db, query) == []
