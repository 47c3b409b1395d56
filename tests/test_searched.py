"""#search by mail: what is looked for, which tickets who may find, and that the answer is one short mail."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from letters import ANNA, MARIA, TEMPLATES
from searching import message
from test_lists import BOSS, CYRIL, FIRST, HOUR, ROW, SECOND, WIDE, opened, part
from worlds import BORIS, NOW, PETR, SUPPORT, context, parsed

from mailticket.core.asked import COUNTED, FOUND, Listed, Pages, asked_by
from mailticket.core.command import DESK, Mistake
from mailticket.core.commands import split, understand
from mailticket.core.commands_desk import query_of
from mailticket.core.compose import compose
from mailticket.core.decide import decide
from mailticket.core.match import reads_inside
from mailticket.core.plan import Plan, TicketChange
from mailticket.core.search import Query, Text
from mailticket.core.types import Address, RawMail
from mailticket.store import index, search, tickets
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.lists import Reader, readable
from mailticket.store.schema import Ticket
from mailticket.store.searched import searched

JAM = (Text("paper jam"),)


def order(line):
    ((one,), mistakes) = understand(split(line)[0], WIDE, DESK)
    assert mistakes == ()
    return one


# --- what is typed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ('#search "Paper Jam"', Query(JAM)),
        ("#search \u201cpaper jam\u201d", Query(JAM)),
        ("#search \u201epaper jam\u201f", Query(JAM)),
        ("#search\u00a0\u00ab\u00a0paper jam\u00a0\u00bb", Query(JAM)),
        ("#SEARCH  paper \u2013jam", Query((Text("paper"),), without=(Text("jam"),))),
        ("#search paper -from:maria", Query((Text("paper"),), without=(Text("maria", "from"),))),
        ("#search from:maria@x.example<mailto:maria@x.example>", Query((Text("maria@x.example", "from"),))),
        ("#search www.x.example<http://www.x.example/>", Query((Text("www.x.example"),))),
        ("#search from:<maria@x.example>", Query((Text("<maria@x.example>", "from"),))),
        ("#search 12:30", Query((Text("12:30"),))),
        ("#search print*", Query((Text("print", beginning=True),))),
        ("#search [ACME-12]", Query((Text("[acme-12]", number=12),))),
        ("#search a-b \u2014", Query((Text("a-b"),))),
    ],
)
def test_words_are_looked_for_as_they_are_typed_whatever_a_client_makes_of_the_marks(line, query):
    assert query_of(order(line), FIRST, WIDE, NOW) == query


@pytest.mark.parametrize(
    ("line", "reason", "nearest"),
    [
        ("#search", "say what to look for", "#search printer from:maria"),
        ("#search form:maria red", "there is no form: here", "#search from:maria red"),
        ('#search red "paper', "a quoted phrase has no end", '#search red "paper"'),
        ("#search -before:7d", "before: has no -", "#search after:7d"),
        ("#search !!!", "!!! has no letter and no digit", ""),
        ("#search status:oepn", "there is no such status", "#search status:open"),
    ],
)
def test_what_cannot_be_looked_for_comes_back_with_the_line_that_is_nearest(line, reason, nearest):
    wrong = query_of(order(line), FIRST, WIDE, NOW)
    assert isinstance(wrong, Mistake)
    assert reason in wrong.reason
    assert (wrong.line, wrong.nearest) == (line, nearest)
    plan = asks(FIRST, line)
    assert [one.template for one in plan.letters] == ["notice-commands"]


def test_a_search_stands_in_a_mail_about_no_ticket_alone():
    _, (mistake,) = understand(split("#search printer")[0], WIDE, "ticket")
    assert "belongs in a mail to a department's address that is about no ticket" in mistake.reason


# --- what is found -------------------------------------------------------------------------------------------


@pytest.fixture
def db(tmp_path):
    """Six tickets with "printer" in each: of Support and Sales, notes, requests of agents, one that was merged."""
    parts = (
        (opened(1), message(1, "The printer burns.", MARIA)),
        (opened(2, "Sales"), message(2, "A secret printer.", PETR)),
        (opened(3, "Sales", agent=ANNA.address), message(3, "A printer, and hers.", PETR)),
        (opened(4, customer=ANNA), message(4, "No printer for her.", Address(BORIS.address), direction="note")),
        (replace(opened(5), add_participants=(ANNA,)), message(5, "A printer for two.", MARIA)),
        (opened(6), message(6, "Printer", MARIA, direction="note")),
        (opened(7), message(7, "A printer of before", MARIA)),
    )  # fmt: skip
    with open_or_create(tmp_path / "desk.db") as one:
        with one.write():
            for ticket, words in parts:
                apply(one, Plan(changes=(ticket,), messages=(words,)), NOW - HOUR)
            apply(one, Plan(changes=(TicketChange(7, set={"merged_into": 2}),)), NOW - HOUR)
        index.catch_up(one, 60)
        yield one


def found(db, who, line):
    (one,) = searched(db, [order(line)], Reader(who, WIDE, NOW)).values()
    assert one.count == len(one.tickets)
    return sorted(ticket.number for ticket in one.tickets)


@pytest.mark.parametrize(
    ("who", "line", "numbers"),
    [
        (FIRST, "#search printer", [1, 3, 6]),
        (SECOND, "#search printer", [1, 4, 5, 6]),
        (CYRIL, "#search printer", [2, 3]),
        (BOSS, "#search printer", [1, 2, 3, 4, 5, 6]),
        (FIRST, "#search 2", []),
        (FIRST, "#search ACME-2 printer", []),
        (FIRST, "#search department:sales", [3]),
        (FIRST, "#search agent:me", [3]),
        (FIRST, "#search -status:closed", [1, 3, 6]),
        (FIRST, "#search to:support", [1, 3, 6]),
        (BOSS, "#search -wanted", [1, 2, 3, 4, 5, 6]),
    ],
)
@pytest.mark.parametrize("common", [False, True])
def test_who_searches_finds_what_they_may_read_all_of(db, monkeypatch, who, line, numbers, common):
    """However common a word is, and whatever is named by its number."""
    if common:
        monkeypatch.setattr(search, "COMMON", 0)
    assert found(db, who, line) == numbers


@pytest.mark.parametrize("who", [FIRST, SECOND, CYRIL, BOSS])
def test_the_database_knows_as_the_rules_do_what_an_agent_may_read(db, who):
    rows = db.rows(Ticket.select(Ticket.id).where(readable(db, Reader(who, WIDE, NOW))))
    views = {number: one for number, one in tickets.views(db, range(1, 8)).items() if one.id == number}
    assert {row[0] for row in rows} == {number for number, one in views.items() if reads_inside(who, one, WIDE)}


def test_the_words_around_are_shown_of_the_mail_that_has_them(db):
    (one,) = searched(db, [order("#search burns")], Reader(FIRST, WIDE, NOW)).values()
    assert [(ticket.number, ticket.said) for ticket in one.tickets] == [(1, "The printer burns.")]
    assert one.unread == 0


def test_a_mail_searches_three_times_at_most_and_nothing_is_looked_for_that_is_a_mistake(db):
    orders = [order(f"#search word{number}") for number in range(5)]
    assert len(searched(db, orders, Reader(FIRST, WIDE, NOW))) == 3
    assert searched(db, [order("#search form:x")], Reader(FIRST, WIDE, NOW)) == {}


def test_of_ten_thousand_tickets_the_best_are_shown_in_one_short_mail_which_says_that_there_are_more(db):
    with db.write():
        for number in range(10, 10_010):
            words = message(number, "A long word about the giraffe " + "x" * 100, MARIA)
            apply(db, Plan(changes=(opened(number),), messages=(words,)), NOW)
    index.catch_up(db, 60)
    one = order("#search giraffe")
    lists = searched(db, [one], Reader(FIRST, WIDE, NOW))
    assert (len(lists[one].tickets), lists[one].count) == (FOUND, COUNTED + 1)
    raw = letter_of(asks(FIRST, "#search giraffe", lists))
    assert len(raw) < 60_000
    text = part(message_from_bytes(raw, policy=policy.default), "plain")
    assert "Tickets with giraffe: over 500" in text
    assert "and over 480 others: more words" in text
    assert text.count("A long word about the giraffe") == FOUND


# --- the mail ------------------------------------------------------------------------------------------------


def asks(who, line, lists=None):
    mail = parsed(Address(who.address, who.name), "", subject=line)
    if lists is None:
        lists = {one: Listed((replace(ROW, said="… <b>jam</b> …"),), 1) for one in asked_by(mail, "", WIDE).orders}
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address)
    return decide(mail, raw, context(pages=Pages(lists=lists)), WIDE, NOW)


def letter_of(plan):
    (letter,) = plan.letters
    assert letter.to == (ANNA,)
    return compose(letter, cause="c", n=0, policy=WIDE, templates=TEMPLATES, now=NOW).raw


def test_what_was_found_is_said_the_same_as_text_and_as_html_and_each_number_is_a_link():
    mail = message_from_bytes(letter_of(asks(FIRST, "#search jam")), policy=policy.default)
    text, html = part(mail, "plain"), part(mail, "html")
    assert mail["Subject"] == "Search: jam: 1 found"
    assert "    … <b>jam</b> …" in text
    assert "… &lt;b&gt;jam&lt;/b&gt; …" in html
    assert "subject=%23show%207" in html
    assert all(words in text and words in html for words in ("[ACME-7]", "2 h late", "Tickets with jam: 1"))
