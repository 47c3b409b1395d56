"""Lists of tickets by mail: who may ask for which, what is in them and in which order, and that each is one mail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote

import pytest
from letters import ANNA, MARIA, TEMPLATES, attachment
from worlds import BORIS, NOW, PETR, POLICY, SUPPORT, context, parsed, sent, ticket

from mailticket.core.asked import LISTED, Listed, ListedTicket, Pages, asked_by
from mailticket.core.command import DESK, Order
from mailticket.core.commands import split, understand
from mailticket.core.compose import compose
from mailticket.core.decide import decide, decided, examine
from mailticket.core.identity import find_refs
from mailticket.core.plan import Plan, TicketChange
from mailticket.core.policy import Agent
from mailticket.core.types import Address, RawMail
from mailticket.store import lists
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create

HOUR = timedelta(hours=1)
SALES = replace(POLICY.departments[0], name="Sales", addresses=("sales@acme.example",))
CYRIL = Agent("Cyril", "cyril@acme.example", departments=("Sales",))
BOSS = Agent("Dana", "dana@acme.example", role="manager", departments=("Sales",))
WIDE = replace(POLICY, departments=(*POLICY.departments, SALES), agents=(*POLICY.agents, CYRIL, BOSS))
FIRST, SECOND = WIDE.agents[:2]  # Anna and Boris

# --- the lines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "which"),
    [
        ("#list", "mine"), ("#list mine", "mine"), ("#LIST Overdue", "overdue"), ("#list un", "unassigned"),
        ("#list\u00a0postponed \u2014", "postponed"), ("#list op", "open"),
        ("#list department sales", "department Sales"),
        ("#list dep acme", "department Acme Support"), ("#list department ACME SUPPORT", "department Acme Support"),
    ],
)  # fmt: skip
def test_a_list_is_named_by_a_word_or_its_beginning(line, which):
    ((order,), mistakes) = understand(split(line)[0], WIDE, DESK)
    assert " ".join((order.text, *order.more)) == which
    assert mistakes == ()


@pytest.mark.parametrize(
    ("line", "scope", "reason", "nearest"),
    [
        ("#list everything", DESK, "there are the lists mine, open, overdue,", ""),
        ("#list mien", DESK, "there are the lists", "#list mine"),
        ("#list o", DESK, "there are the lists", "#list open"),
        ("#list mine please", DESK, "nothing may follow #list mine", "#list mine"),
        ("#list department", DESK, "there are the departments Acme Support, Sales", ""),
        ("#list department salse", DESK, "there are the departments", "#list department Sales"),
        ("#lits", DESK, "there are #away, #back, #list, #next, #search, #status, #help,", "#list"),
        ("#list", "ticket", "belongs in a mail to a department's address that is about no ticket", ""),
        ("#next 7", DESK, "#next stands alone on its line: nothing may follow it", "#next"),
        ("#nxet", DESK, "there is no such command", "#next"),
        ("#next", "ticket", "belongs in a mail to a department's address that is about no ticket", ""),
        ("#take", DESK, "belongs in a mail about a ticket", ""),
        ("#release 3", DESK, "belongs in a reply to a list of quarantined mails", ""),
    ],
)
def test_a_list_that_is_asked_for_wrongly_is_a_mistake(line, scope, reason, nearest):
    orders, (mistake,) = understand(split(line)[0], WIDE, scope)
    assert orders == ()
    assert reason in mistake.reason
    assert mistake.nearest == nearest


# --- what follows --------------------------------------------------------------------------------------------

LIST = replace(sent(1, "agent", ANNA.address), kind="notice", template="notice-list", ticket=None)
COLLEAGUES = replace(sent(1, "agent", BORIS.address), kind="notice", template="notice-list", ticket=None)
ROW = ListedTicket(7, "Printer\r\non fire " + "x" * 90, "open", MARIA, ANNA.address, NOW, due=NOW - 2 * HOUR)


def asks(who, subject, text="", *, auth=True, rows=(ROW,), count=1, **known):
    """What follows from the mail, with the lists that it asks for."""
    mail = parsed(Address(who.address, who.name), text, subject=subject, **known.pop("fields", {}))
    found = {order: Listed(rows, count) for order in asked_by(mail, "", WIDE).orders if order.name == "list"}
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address if auth else "")
    known = context(ticket(1, MARIA), pages=Pages(lists=found), **known)
    return decided(examine(mail, raw, known, WIDE, NOW))


@pytest.mark.parametrize(
    ("subject", "text", "mails"),
    [
        ("#list", "", ["notice-list"]),
        ("#list open", "#list open\n#list mine", ["notice-list", "notice-list"]),
        ("Hello", "\n\n#list overdue\n", ["notice-list"]),
        ("#help", "#show 9", ["notice-help", "notice-no-ticket"]),
        ("#list", "Please.", ["notice-list"]),
        ("Hello", "#list\n\nPlease.", ["notice-commands"]),
        ("#help", "#back\n\nPlease.", ["notice-commands"]),
        ("#back", "Please.", ["notice-commands"]),
        ("#list", "#list\n#lsit", ["notice-commands"]),
        ("#list department sales", "", ["notice-commands"]),
        ("#resolve", "", ["notice-commands"]),
        ("Hello", "#list mine\n#list open\n#list overdue\n#list un\n#list post\n#list dep acme", ["notice-commands"]),
        ("#list", "-- \nAnna\nAcme Support", ["notice-list"]),
    ],
)
def test_a_mail_of_commands_alone_is_answered_and_any_other_comes_back(subject, text, mails):
    decision = asks(FIRST, subject, text)
    assert decision.rule == "agent asks the desk"
    assert [letter.template for letter in decision.plan.letters] == mails
    assert {(letter.to, letter.cc, letter.audience) for letter in decision.plan.letters} == {((ANNA,), (), "agent")}
    assert (decision.plan.changes, decision.plan.messages, decision.plan.ticket) == ((), (), None)


def test_words_below_a_subject_that_asks_are_named_once_as_nobodys():
    first, other = asks(FIRST, "#list", "#help\n\nAnna\nCare Lead\n" + "x" * 300).plan.letters
    assert first.facts["unheard"] == "Anna Care Lead " + "x" * 184 + "…"
    assert "unheard" not in other.facts
    made = compose(first, cause="c", n=0, policy=WIDE, templates=TEMPLATES, now=NOW)
    said = "to nobody: Anna Care Lead xxx"
    assert all(said in " ".join(part(message_from_bytes(made.raw, policy=policy.default), kind).split())
               for kind in ("plain", "html"))  # fmt: skip
    logo = {"attachments": (replace(attachment("logo.png"), inline=True),)}
    assert asks(FIRST, "#list", "Anna", fields=logo).plan.letters[0].facts["unheard"] == ""


@pytest.mark.parametrize(
    ("who", "subject", "text", "more", "rule"),
    [
        (MARIA, "#list", "#list", {}, "new"),
        (FIRST, "#list", "#list", {"auth": False}, "agent unproved"),
        (FIRST, "Hello", "Hello\n#list", {}, "new"),
        (FIRST, "#1 printer", "It burns", {}, "new"),
        (FIRST, "Re: #list", "Hello", {}, "new"),
        (FIRST, "#list", "Hello", {"fields": {"in_reply_to": ("<a@b>",)}}, "new"),
        (FIRST, "[ACME-1]", "#list", {"tagged": (1,)}, "agent"),
        (FIRST, "#list", "", {"signed": (LIST,), "auth": False}, "agent asks the desk"),
        (FIRST, "Re: x", "#list", {"signed": (LIST,), "auth": False}, "agent's orders"),
        (FIRST, "Re: x", "#list", {"signed": (COLLEAGUES,)}, "agent's orders"),
        (FIRST, "#list", "", {"signed": (sent(1, "agent", ANNA.address),), "auth": False}, "agent"),
    ],
)
def test_only_a_proved_agent_asks_the_desk_and_only_about_no_ticket(who, subject, text, more, rule):
    assert asks(who, subject, text, **more).rule == rule


def test_a_manager_may_ask_for_any_department():
    (letter,) = asks(BOSS, "#list department acme").plan.letters
    assert (letter.template, letter.subject) == ("notice-list", "Open tickets of Acme Support: 1")


def written(*found) -> EmailMessage:
    """The mail with that list, as it leaves."""
    (letter,) = asks(FIRST, "#list", rows=found, count=len(found)).plan.letters
    made = compose(letter, cause="c", n=0, policy=WIDE, templates=TEMPLATES, now=NOW)
    return message_from_bytes(made.raw, policy=policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    return found.get_content() if found else ""


def test_a_list_says_the_same_as_text_and_as_html():
    mail = written(ROW, replace(ROW, number=8, agent="", due=None, wakes_at=NOW + 50 * HOUR), replace(ROW, due=None))
    rows = ("[ACME-7]", "2 h late", "Printer on fire xxx", "xx…", f"{MARIA.name}, open, Anna Dvořák", "[ACME-8]",
            "open, nobody's", "wakes in 2 d", "0 s old", "Your open tickets: 3", "#list overdue")  # fmt: skip
    text, html = part(mail, "plain"), part(mail, "html").replace("&#39;", "'")
    assert [words for words in rows if words not in text] == []
    assert [words for words in rows if words not in html] == []


def test_each_number_begins_a_mail_to_an_address_that_proves_less_than_where_a_reply_goes():
    mail = written(ROW)
    (to,) = re.findall(r'href="mailto:([^"?]+)\?subject=%23show%207"', part(mail, "html"))
    ((asks, of),) = find_refs(parsed(), (unquote(to),), WIDE)
    assert (asks, find_refs(parsed(), (parseaddr(mail["Reply-To"])[1],), WIDE)) == ("ask", (("reply", of),))


def test_what_others_wrote_makes_no_line_and_no_link_of_its_own():
    mail = written(
        replace(ROW, subject="x\r\n[ACME-9] <a href='http://evil.example'>y</a>", customer=Address("a@b", "\n#z"))
    )
    assert "\n[ACME-9]" not in part(mail, "plain")
    assert "\n#z" not in part(mail, "plain")
    assert part(mail, "html").count("<a ") == 1


# --- what is in them -----------------------------------------------------------------------------------------


def opened(number, department="Acme Support", **fields):
    values = {"subject": f"No {number}", "status": "open", "priority": "medium", "department": department,
              "agent": "", "customer": MARIA, "estimate_answer_by": NOW, "estimate_basis": "soon"}  # fmt: skip
    return TicketChange(number, new=True, set=values | fields)


TICKETS = (
    opened(1, agent=ANNA.address, first_response_due=NOW + HOUR),
    opened(2, agent=ANNA.address, status="pending", resolution_due=NOW - HOUR),
    opened(3, agent=ANNA.address, status="postponed", wakes_at=NOW + HOUR),
    opened(4, agent=ANNA.address, status="closed", first_response_due=NOW - HOUR),
    opened(5, agent=BORIS.address, status="new", first_response_due=NOW - HOUR),
    opened(6, first_response_due=NOW - HOUR, first_response_at=NOW - HOUR, resolution_due=NOW - 2 * HOUR),
    opened(7, agent="gone@acme.example"),
    opened(8, "Sales", agent=CYRIL.address, first_response_due=NOW - 3 * HOUR),
    opened(9, "Sales", customer=PETR, status="resolved"),
    opened(10, "Sales", status="postponed", wakes_at=NOW - HOUR),
    opened(11, "A department of before", agent=BORIS.address),
    opened(12, status="spam", first_response_due=NOW - HOUR),
)


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as one:
        with one.write():
            apply(one, Plan(changes=TICKETS), NOW - 5 * HOUR)
        yield one


def listed(db, who, line) -> list[int]:
    orders, _ = understand(split(f"#list {line}")[0], WIDE, DESK)
    (found,) = lists.listed(db, orders, lists.Reader(who, WIDE, NOW)).values()
    assert found.count == len(found.tickets)
    return [one.number for one in found.tickets]


@pytest.mark.parametrize(
    ("who", "line", "numbers"),
    [
        (FIRST, "mine", [1, 2, 3]),
        (SECOND, "mine", [5, 11]),
        (FIRST, "open", [6, 5, 1, 7, 11, 2, 3]),
        (FIRST, "overdue", [6, 5]),
        (FIRST, "unassigned", [6, 7]),
        (FIRST, "postponed", [3]),
        (FIRST, "department acme", [6, 5, 1, 7, 11, 2, 3]),
        (FIRST, "department sales", []),
        (CYRIL, "open", [8, 10]),
        (CYRIL, "overdue", [8]),
        (CYRIL, "mine", [8]),
        (BOSS, "open", [8, 6, 5, 1, 7, 11, 2, 3, 10]),
        (BOSS, "postponed", [10, 3]),
        (BOSS, "unassigned", [6, 7, 10]),
        (BOSS, "department sales", [8, 10]),
        (BOSS, "mine", []),
    ],
)
def test_a_list_has_what_its_reader_may_see_the_most_urgent_first(db, who, line, numbers):
    assert listed(db, who, line) == numbers


def test_ten_thousand_open_tickets_are_one_mail_of_a_hundred_rows(db):
    with db.write():
        apply(db, Plan(changes=tuple(opened(number, agent=ANNA.address) for number in range(13, 10_013))), NOW)
    orders = (Order("list", text="open"),)
    found = lists.listed(db, orders, lists.Reader(FIRST, WIDE, NOW))
    assert (len(found[orders[0]].tickets), found[orders[0]].count) == (LISTED, 10_007)
    mail = parsed(ANNA, "", subject="#list open")
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    (letter,) = decide(mail, raw, context(pages=Pages(lists=found)), WIDE, NOW).letters
    made = compose(letter, cause="c", n=0, policy=WIDE, templates=TEMPLATES, now=NOW)
    assert made.subject == "Open tickets: 10007"
    assert len(made.raw) < 150_000
    assert "and 9,907 others" not in made.raw.decode()
    assert "and 9907 others, less urgent" in made.raw.decode()
