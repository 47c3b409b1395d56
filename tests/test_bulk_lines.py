"""Bulk lines as they are read: a ticket's command, the numbers of tickets, and what the command needs beside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import ANNA
from orders import DESK
from worlds import parsed

from mailticket.core.asked import asked_by
from mailticket.core.bulk_lines import AT_MOST, SINGLE, apart, understood
from mailticket.core.command import COMMANDS
from mailticket.core.commands import split, understand

SALES = replace(DESK.departments[0], name="Sales", addresses=("sales@acme.example",))
WIDE = replace(DESK, departments=(*DESK.departments, SALES))

READ = [
    # as typed → the tickets, the command, and what it has beside
    ("#take 12 15", (12, 15), "take", ""),
    ("#TAKE 12,15", (12, 15), "take", ""),
    ("#take #12, ACME-15 and [ACME-18] \u2014", (12, 15, 18), "take", ""),
    ("#take\u00a012 & 15 12", (12, 15), "take", ""),
    ("#resolve 12", (12,), "resolve", ""),
    ("#close 12, 15", (12, 15), "close", ""),
    ("#close 18 as duplicate of 12", (18,), "merge", "12"),
    ("#close 18 19 as a duplicate of [ACME-12]", (18, 19), "merge", "12"),
    ("#Resolve 18: Duplicate of #12", (18,), "merge", "12"),
    ("#close 18 dup 12", (18,), "merge", "12"),
    ("#merge 18 19 into 12", (18, 19), "merge", "12"),
    ("#reopen 12 15", (12, 15), "reopen", ""),
    ("#pending 12 15", (12, 15), "pending", ""),
    ("#postpone 12 15 until tomorrow", (12, 15), "postpone", "until tomorrow"),
    ("#postpone 12 15 2d", (12, 15), "postpone", "2d"),
    ("#postpone 12: 2026-12-01", (12,), "postpone", "2026-12-01"),
    ("#spam 30 31", (30, 31), "spam", ""),
    ("#priority 12 high", (12,), "priority", "high"),
    ("#label 12 15 printer, -old", (12, 15), "label", "printer -old"),
    ("#label 12: 2026", (12,), "label", "2026"),
    ("#assign 12 15 Bo", (12, 15), "assign", "Boris"),
    ("#assign 12 none", (12,), "assign", "none"),
    ("#department 12 Sales", (12,), "department", "Sales"),
    ("#escalate 12", (12,), "escalate", ""),
    ("#watch 12", (12,), "watch", "me"),
    ("#unwatch 12 15 Boris", (12, 15), "unwatch", "Boris"),
    ("#cc 12 eve@elsewhere.example", (12,), "cc", "eve@elsewhere.example"),
    ("#uncc 12 eve@elsewhere.example", (12,), "uncc", "eve@elsewhere.example"),
    ("#customer 12 eve@elsewhere.example", (12,), "customer", "eve@elsewhere.example"),
]


def beside(order):
    if order.agent or order.nobody or order.address:
        return order.agent.name if order.agent else order.address.address if order.address else "none"
    own = ["me"] if order.name == "watch" else []
    return " ".join([*own, *map(str, order.ids), order.text, *order.more, *(f"-{one}" for one in order.less)]).strip()


@pytest.mark.parametrize(("line", "numbers", "name", "more"), READ, ids=[row[0] for row in READ])
def test_numbers_of_tickets_stand_behind_the_command_however_they_are_written(line, numbers, name, more):
    ((found,), mistakes) = understood(split(line)[0], WIDE)
    assert (found.numbers, found.order.name, beside(found.order), mistakes) == (numbers, name, more, ())
    assert found.order.line == " ".join(line.split())


BADLY = [
    ("#take", "#take belongs in a mail about a ticket, and this is none: here tickets' numbers stand behind it", ""),
    ("#priority high", "like #priority 12 15 LEVEL", ""),
    ("#merge 12", "behind its tickets' numbers #merge has into NUMBER, and nothing else", ""),
    ("#close 18 as duplicate of", "behind its tickets' numbers #close has as duplicate of NUMBER", ""),
    ("#close 18 as duplicate of yours", "behind its tickets' numbers #close has as duplicate of NUMBER", ""),
    ("#close 18 now", "behind its tickets' numbers #close has as duplicate of NUMBER", ""),
    ("#take 12 15-18", "nothing may follow the tickets' numbers", "#take 12"),
    ("#spam 30 and away", "nothing may follow the tickets' numbers", "#spam 30"),
    ("#priority 12 15 hihg", "a priority is one of low, medium, high, critical", "#priority 12 15 high"),
    ("#postpone 12 tomorow", "#postpone needs a time", "#postpone 12 tomorrow"),
    ("#postpone 12", "#postpone needs a time", "#postpone 12 tomorrow"),
    ("#assign 12 xyz", "there is no agent of that name or address", ""),
    ("#label 12 2026", "#label needs words", ""),
    ("#cc 12 nobody", "#cc needs a mail address", ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "reason", "nearest"), BADLY, ids=[row[0] for row in BADLY])
def test_what_is_no_bulk_line_is_a_mistake_that_says_how_it_is_written(line, reason, nearest):
    found, (mistake,) = understood(split(line)[0], WIDE)
    assert found == ()
    assert reason in mistake.reason
    assert mistake.nearest == nearest


def test_each_command_of_a_ticket_is_for_several_or_has_a_reason_why_not():
    tried = {split(line)[0][0].word for line, *_ in READ}
    assert tried | set(SINGLE) == {name for name, one in COMMANDS.items() if one.scope == "ticket"}
    assert not tried & set(SINGLE)
    for name, reason in SINGLE.items():
        _, (mistake,) = understood(split(f"#{name} 12")[0], WIDE)
        assert mistake.reason.endswith(f"and this is none: {reason}")


@pytest.mark.parametrize("line", ["#list", "#help", "#show 12", "#release 3 5", "#nonsense 12"])
def test_what_is_no_tickets_command_is_no_bulk_line(line):
    assert apart(split(line)[0]) == ((), split(line)[0])


@pytest.mark.parametrize(
    "line", ["#take 15", "#close 15, 16", "#close 18 as duplicate of 12", "#priority 12 high", "#postpone 12 2d"]
)
def test_in_a_mail_about_a_ticket_it_is_a_mistake_that_says_where_it_belongs(line):
    orders, (mistake,) = understand(split(line)[0], WIDE, "ticket")
    assert orders == ()
    assert (mistake.line, mistake.nearest) == (line, "")
    assert "write it in a mail about none, to the department's address" in mistake.reason


@pytest.mark.parametrize("line", ["#label 12 15 printer", "#postpone 3d", "#merge 2"])
def test_what_is_right_in_a_mail_about_a_ticket_stays_so(line):
    assert understand(split(line)[0], WIDE, "ticket")[1] == ()


@pytest.mark.parametrize(
    ("subject", "text", "numbers"),
    [
        ("#take 12 15", "#close 18 as duplicate of 9\n#label 12 x", (12, 15, 18, 9)),
        ("Hello", "#resolve 1\n\nWords #close 2", (1,)),
        ("Hello", "#show 12\n#list", ()),
        ("Hello", "I would #take 12", ()),
        ("#take " + " ".join(map(str, range(1, AT_MOST + 1))), "", tuple(range(1, AT_MOST + 1))),
        ("#take " + " ".join(map(str, range(1, AT_MOST + 2))), "", ()),
    ],
)
def test_what_a_mail_may_order_about_is_looked_up(subject, text, numbers):
    assert asked_by(parsed(ANNA, text, subject=subject), "", WIDE).numbers == numbers
