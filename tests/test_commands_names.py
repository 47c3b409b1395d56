"""Commands that take a name know it by a beginning that one alone has, without accents, capitals and clients' marks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import desk

from mailticket.core.command import COMMANDS
from mailticket.core.command import DESK as DESK_SCOPE
from mailticket.core.commands import split, understand
from mailticket.core.policy import Agent

DESK = desk()
SUPPORT = DESK.departments[0]
AGENTS = tuple(
    Agent(name, f"{key}@acme.example", departments=("Sales \u2013 Brno",))
    for name, key in (("Řehoř Černý", "rehor"), ("Rebeka O'Brien", "beka"), ("Zoë Smith-Łukasz", "zoe"))
)
WIDE = replace(
    DESK,
    agents=AGENTS,
    departments=tuple(replace(SUPPORT, name=name) for name in ("Sales \u2013 Brno", "Sales Praha", "Účtárna")),
)
RIGHT = [
    ("#assign Řehoř Černý", "rehor"),
    ("#ASSIGN REHOR", "rehor"),
    ("#assign cern", "rehor"),
    ("#assign reb", "beka"),
    ("#assign beka", "beka"),
    ("#assign Rebeka O\u2019Brien", "beka"),
    ("#assign \u201cO\u2019Brien\u201d", "beka"),
    ("#assign\u00a0zoe smith\u2011lukasz", "zoe"),
    ("#assign smith\u2014luk", "zoe"),
    ("#assign zoe@acme.example<mailto:zoe@acme.example>", "zoe"),
    ("#watch cern", "rehor"),
    ("#watch Rebeka O\u2019Brien", "beka"),
    ("#unwatch ZOE", "zoe"),
    ("#back cern", "rehor"),
    ("#away O\u2019Brien until friday", "beka"),
    ("#department Účtárna", "Účtárna"),
    ("#Department uct", "Účtárna"),
    ("#department sales - brno", "Sales \u2013 Brno"),
    ("#department Sales \u2013 Brno", "Sales \u2013 Brno"),
    ("#department SALES P", "Sales Praha"),
]
AMBIGUOUS = [
    ("#assign re", "that may be Řehoř Černý <rehor@acme.example>, Rebeka O'Brien <beka@acme.example>: say which", ""),
    ("#watch re", "that may be Řehoř Černý", ""),
    ("#unwatch re", "that may be Řehoř Černý", ""),
    ("#back re", "that may be Řehoř Černý", ""),
    ("#away re until friday", "that may be Řehoř Černý", ""),
    ("#department sales", "that may be Sales \u2013 Brno, Sales Praha: say which", "#department Sales \u2013 Brno"),
]
WRONG = [
    ("#assign", "needs to know whom", ""),
    ("#assign Hrehor", "no agent of that name", "#assign Řehoř Černý"),
    ("#assign ehor", "no agent of that name", "#assign Řehoř Černý"),
    ("#assign zoe@elsewhere.example", "no agent of that name", "#assign Zoë Smith-Łukasz"),
    ("#assign xyz", "no agent of that name", ""),
    ("#watch Hrehor", "no agent of that name", "#watch Řehoř Černý"),
    ("#unwatch xyz", "no agent of that name", ""),
    ("#department", "needs a name", ""),
    ("#department praha", "no such department", "#department Sales Praha"),
    ("#department ucktarna", "no such department", "#department Účtárna"),
]


@pytest.mark.parametrize(("typed", "who"), RIGHT, ids=[row[0] for row in RIGHT])
def test_a_name_is_known_however_a_client_spells_it(typed, who):
    (order,), mistakes = understand(split(typed)[0], WIDE, "ticket", DESK_SCOPE)
    assert mistakes == ()
    assert (order.agent.address.partition("@")[0] if order.agent else order.text) == who


@pytest.mark.parametrize(
    ("typed", "reason", "nearest"), [*AMBIGUOUS, *WRONG], ids=[row[0] for row in (*AMBIGUOUS, *WRONG)]
)
def test_a_name_that_several_or_nobody_have_is_a_mistake(typed, reason, nearest):
    orders, (mistake,) = understand(split(typed)[0], WIDE, "ticket", DESK_SCOPE)
    assert orders == ()
    assert reason in mistake.reason
    assert mistake.nearest == nearest


def test_each_command_that_takes_a_name_is_here():
    tried = {typed.split()[0].lower() for rows in (RIGHT, AMBIGUOUS, WRONG) for typed, *_ in rows}
    assert {f"#{name}" for name, one in COMMANDS.items() if "NAME" in one.argument} <= tried


@pytest.mark.parametrize("typed", ["\u200f#assign beka", "\u202b#assign beka\u202c", "\u2067#assign\u2069 beka\u200e"])
def test_marks_of_right_to_left_clients_are_not_seen(typed):
    (order,), _ = understand(split(typed)[0], WIDE, "ticket")
    assert order.agent is AGENTS[1]


def test_a_line_that_a_mark_turns_round_spells_no_command():
    assert split("\u202e#assign beka") == ((), "\u202e#assign beka")
    assert split("\u202dlla ot yas#") == ((), "\u202dlla ot yas#")
