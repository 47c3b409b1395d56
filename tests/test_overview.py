"""#status: what is counted for whom, and that its answer is one short mail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from letters import ANNA, TEMPLATES
from test_lists import BOSS, CYRIL, FIRST, HOUR, ROW, TICKETS, WIDE, opened, part
from worlds import NOW, SUPPORT, context, parsed

from mailticket.core.asked import Listed, Pages
from mailticket.core.compose import compose
from mailticket.core.decide import decide
from mailticket.core.overview import AGENTS, AWAY, Box, Counted, Inside, Overview, Queue
from mailticket.core.plan import Plan
from mailticket.core.policy import Agent
from mailticket.core.types import Address, RawMail
from mailticket.store import inbox, lists, mailboxes
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.overview import overview

MINUTE = timedelta(minutes=1)


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        with one.write():
            apply(one, Plan(changes=TICKETS), NOW - 5 * HOUR)
        yield one


SUPPORTS = Counted({"new": 1, "open": 4, "pending": 1, "postponed": 1}, overdue=2, nobodys=2)
SALES = Counted({"open": 1, "postponed": 1, "resolved": 1}, overdue=1, nobodys=1)


@pytest.mark.parametrize(
    ("who", "departments", "agents"),
    [
        (FIRST, {"Acme Support": SUPPORTS}, {"Anna Dvořák": 3, "Boris": 2}),
        (CYRIL, {"Sales": SALES}, {"Cyril": 1, "Dana": 0}),
        (BOSS, {"Acme Support": SUPPORTS, "Sales": SALES}, {"Anna Dvořák": 3, "Boris": 2, "Cyril": 1, "Dana": 0}),
    ],
    ids=["Support", "Sales", "manager"],
)
def test_an_agent_s_departments_are_counted_and_for_a_manager_all(db, who, departments, agents):
    found = overview(db, lists.Reader(who, WIDE, NOW))
    assert (found.departments, dict(found.agents)) == (departments, agents)
    assert (found.inside is not None) is (who is BOSS)


def test_what_is_counted_is_what_the_lists_have(db):
    for who in (FIRST, CYRIL, BOSS):
        reader = lists.Reader(who, WIDE, NOW)
        counted = overview(db, reader).departments.values()
        for which, count in (
            ("open", sum(one.open for one in counted)),
            ("overdue", sum(one.overdue for one in counted)),
            ("unassigned", sum(one.nobodys for one in counted)),
        ):
            order = lists.Order("list", text=which)
            assert lists.listed(db, [order], reader)[order].count == count


def test_two_agents_of_one_name_are_two(db):
    twin = replace(CYRIL, address="cyril2@acme.example")
    policy = replace(WIDE, agents=(*WIDE.agents, twin))
    found = overview(db, lists.Reader(BOSS, policy, NOW))
    assert [one for one in found.agents if one[0] == "Cyril"] == [("Cyril", 1), ("Cyril", 0)]


def test_the_ticket_that_waits_longest_is_named(db):
    with db.write():
        apply(db, Plan(changes=(opened(20, created_at=NOW - 9 * HOUR), opened(21, "Sales", status="pending"))), NOW)
    assert [one.number for one in lists.oldest(db, lists.Reader(FIRST, WIDE, NOW)).tickets] == [20]
    assert [one.number for one in lists.oldest(db, lists.Reader(CYRIL, WIDE, NOW)).tickets] == [8]


def test_managers_hear_of_mails_that_wait_but_not_of_their_own_and_of_the_mailboxes(db):
    raws = [RawMail(b"%d" % n, "a@b.example", (SUPPORT,), "smtp", NOW - n * MINUTE) for n in (1, 2, 3)]
    inbox.accept(db, raws)
    db.run(inbox.Inbox.update(state="quarantined").where(inbox.Inbox.id == 2))
    mailboxes.said(db, "main", "watching", None, NOW - HOUR, readable=True)
    inside = overview(db, lists.Reader(BOSS, WIDE, NOW, row=3, mailboxes=("main", "other"))).inside
    assert inside
    assert inside.inbox == Queue(1, 1, NOW - MINUTE)
    assert inside.outbox == Queue(0, 0)
    assert [(one.name, one.state) for one in inside.mailboxes] == [("main", "watching"), ("other", "off")]


LONGEST = Listed((ROW,), 1)


def written(found, oldest=LONGEST, policy=WIDE, **known):
    mail = parsed(ANNA, "", subject="#status")
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    (letter,) = decide(mail, raw, context(pages=Pages(overview=found, oldest=oldest), **known), policy, NOW).letters
    assert (letter.template, letter.to, letter.ticket) == ("notice-status", (ANNA,), None)
    made = compose(letter, cause="c", n=0, policy=policy, templates=TEMPLATES, now=NOW)
    return message_from_bytes(made.raw, policy=default)


def test_the_mail_says_the_same_as_text_and_as_html_and_its_numbers_are_links():
    inside = Inside(
        inbox=Queue(2, 1, NOW - 3 * MINUTE),
        outbox=Queue(1, 4, NOW + MINUTE),
        mailboxes=(Box("main", "down", NOW - 2 * HOUR, NOW - 3 * HOUR, "no\r\nroute <b>"),),
    )
    mail = written(Overview({"Acme Support": SUPPORTS, "Sales": Counted({})}, (("Anna", 3), ("Boris", 5)), inside))
    text, html = part(mail, "plain"), part(mail, "html").replace("&#39;", "'")
    assert mail["Subject"] == "How Acme is: 7 open, 2 overdue"
    assert "Acme Support: 7 open, 2 overdue, 2 nobody's" in text
    words = (
        "1 new, 4 open, 1 pending, 1 postponed", "[ACME-7]", "2 h late", "go out: 1 waiting, 4 failed",
        "came in: 2 waiting (the first one for 3 min)", "1 in quarantine", "main: down for 2 h, last mail 3 h ago",
    )  # fmt: skip
    assert [one for one in words if one not in text or one not in html] == []
    assert "no route <b>" in text
    assert "no route &lt;b&gt;" in html
    assert text.index("5     Boris") < text.index("3     Anna")
    for line in ("%23list%20overdue", "%23list%20unassigned", "%23list%20department%20Sales", "%23show%207"):
        assert f"?subject={line}" in html


def test_where_nothing_waits_the_mail_says_so():
    text = part(written(Overview({"Acme Support": Counted({})}), Listed((), 0)), "plain")
    assert "Acme Support: 0 open, 0 overdue, 0 nobody's" in text
    assert "Nobody waits for an answer." in text
    assert "away" not in text


def test_who_serves_these_departments_and_is_away_is_named_in_their_own_time_and_who_is_back_first_on_top():
    far = replace(WIDE.departments[1], zone=ZoneInfo("America/New_York"))
    policy = replace(WIDE, departments=(WIDE.departments[0], far))
    away = {FIRST.address: NOW + 9 * HOUR, CYRIL.address: datetime(2026, 12, 5, 5, tzinfo=UTC)}
    own = written(Overview({"Acme Support": Counted({})}), policy=policy, away=away)
    both = written(Overview({"Acme Support": Counted({}), "Sales": Counted({})}), policy=policy, away=away)
    hers, his = "Anna Dvořák until ", "Cyril through Friday 4 December 2026, EST"
    assert [one in part(own, "plain") for one in ("Who is away", hers, "Cyril")] == [True, True, False]
    for text in (part(both, "plain"), re.sub("<[^>]+>", "", part(both, "html"))):
        assert -1 < text.index(hers) < text.index(his)


def test_of_many_who_are_away_so_many_are_named_as_a_mail_can_show():
    agents = tuple(Agent(f"Agent {n}", f"a{n}@acme.example", departments=("Acme Support",)) for n in range(AWAY + 2))
    away = {one.address: NOW + (n + 1) * HOUR for n, one in enumerate(reversed(agents))}
    found = Overview({"Acme Support": Counted({})})
    text = part(written(found, policy=replace(WIDE, agents=(*WIDE.agents, *agents)), away=away), "plain")
    assert text.count("Agent ") == AWAY
    assert "Agent 2 until" in text
    assert "and 2 others for longer" in text


def test_with_ten_thousand_open_tickets_of_two_hundred_agents_it_is_one_short_mail(db):
    agents = tuple(Agent(f"Agent {n}", f"a{n}@acme.example", departments=("Acme Support",)) for n in range(200))
    policy = replace(WIDE, agents=(*WIDE.agents, *agents))
    more = tuple(opened(n, agent=f"a{n % 200}@acme.example") for n in range(20, 10_020))
    with db.write():
        apply(db, Plan(changes=more), NOW)
    reader = lists.Reader(FIRST, policy, NOW)
    found = overview(db, reader)
    mail = written(found, lists.oldest(db, reader))
    assert mail["Subject"] == "How Acme is: 10007 open, 2 overdue"
    assert len(bytes(mail)) < 30_000
    assert part(mail, "plain").count("Agent ") == AGENTS
    assert "and 152 others with fewer" in part(mail, "plain")


def test_only_a_proved_agent_hears_how_the_desk_is():
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW)
    for who, letters in ((ANNA, ["question"]), (Address("x@y.example"), ["acknowledgement", "assignment"])):
        plan = decide(parsed(who, "#status"), raw, context(), WIDE, NOW)
        assert [one.template for one in plan.letters] == letters
