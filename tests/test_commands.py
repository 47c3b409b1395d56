"""Orders at the top of an agent's mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, desk

from mailticket.core.agent_names import candidates
from mailticket.core.choosing import plain
from mailticket.core.commands import COMMANDS, CommandLine, Order, split, understand
from mailticket.core.lifecycle import HAPPENINGS
from mailticket.core.policy import Agent

AGENTS = (
    Agent(ANNA.name, ANNA.address, ("anna.d@acme.example",), departments=("Acme Support",)),
    Agent("Andrej Łukasz", "andrej@acme.example", departments=("Acme Support",)),
    Agent("Boris Novák", "boris@acme.example", departments=("Acme Support",)),
    Agent("Bob", "bob@acme.example", departments=("Acme Support",)),
    Agent("Bob Novotný", "novotny@acme.example", departments=("Acme Support",)),
)
POLICY = desk(agents=AGENTS)


def words(text):
    return [line.word for line in split(text)[0]]


def orders(text, scope="ticket"):
    return understand(split(text)[0], POLICY, scope)[0]


def happenings(text):
    return [one.happening for one in orders(text)]


def mistakes(text, scope="ticket"):
    return understand(split(text)[0], POLICY, scope)[1]


@pytest.mark.parametrize(
    ("text", "commands", "rest"),
    [
        ("#resolve\nThank you.", ["resolve"], "Thank you."),
        ("\n \n#resolve\n\n#reopen\n\nHello,\n\nAnna", ["resolve", "reopen"], "Hello,\n\nAnna"),
        ("#resolve", ["resolve"], ""),
        ("#Resolve\r\nHello\r\n", ["resolve"], "Hello\r\n"),
        ("\u00a0#resolve\u00a0\u2014\nHello", ["resolve"], "Hello"),
        ("\ufeff#\u200bresolve\u200b", ["resolve"], ""),
        ("Hello\n#resolve", [], "Hello\n#resolve"),
        ("> #resolve", [], "> #resolve"),
        ("#1 is broken", [], "#1 is broken"),
        ("# heading", [], "# heading"),
        ("#", [], "#"),
        ("##resolve", [], "#resolve"),
        ("#resolve\n##tag\ntext\n###x\n a ##", ["resolve"], "#tag\ntext\n##x\n a ##"),
        ("- #resolve", [], "- #resolve"),
        ("#resolve\n-- \nAnna", ["resolve"], "-- \nAnna"),
        ("", [], ""),
        ("\n\n", [], ""),
    ],
)
def test_command_lines_stand_at_the_very_top_and_the_rest_is_the_answer(text, commands, rest):
    assert words(text) == commands
    assert split(text)[1] == rest


def test_the_commands_are_happenings_of_the_lifecycle_and_their_docstrings_their_help():
    assert happenings("#resolve\n#REOPEN") == ["resolve", "reopen"]
    plain = [c for c in COMMANDS.values() if not c.argument]
    assert {c.run("", POLICY).happening for c in plain} - {""} <= set(HAPPENINGS)
    assert all(c.help and c.name == name == name.casefold() for name, c in COMMANDS.items())


@pytest.mark.parametrize(
    ("line", "reason", "nearest"),
    [
        ("#resovle", "no such command", "#resolve"),
        ("#re-open", "no such command", "#reopen"),
        ("#re\u2011open", "no such command", "#reopen"),
        ("#hashtag here", "there are #resolve, #reopen, ", ""),
        ("#take it", "stands alone", "#take"),
        ("#discard 3", "belongs in a reply to a list", ""),
        ("#resolve now please", "stands alone", "#resolve"),
        ("#řešeno", "no such command", ""),
        ("#" + "x" * 100_000, "no such command", ""),
    ],
)
def test_what_looks_like_a_command_and_is_none_is_a_mistake_with_the_nearest_right_one(line, reason, nearest):
    (mistake,) = mistakes(line)
    assert mistake.line == line
    assert reason in mistake.reason
    assert mistake.nearest == nearest


def test_right_ones_and_wrong_ones_are_told_apart():
    text = "#resolve\n#foo\nHello"
    assert [one.name for one in orders(text)] == ["resolve"]
    assert [one.line for one in mistakes(text)] == ["#foo"]


def test_a_command_line_keeps_what_was_typed():
    assert split("#Resolve\u00a0 at  Once ")[0] == (CommandLine("resolve", "at Once", "#Resolve at Once"),)


# --- whose the ticket shall be -------------------------------------------------------------------------------

WHO = [
    # what is typed → whom it means
    ("anna@acme.example", ["Anna Dvořák"]),
    ("<Anna.D@ACME.example>", ["Anna Dvořák"]),
    ("Anna Dvořák <anna@acme.example>", ["Anna Dvořák"]),
    ("anna@acme.example<mailto:anna@acme.example>", ["Anna Dvořák"]),
    ("ANNA DVOŘÁK", ["Anna Dvořák"]),
    ("anna dvorak", ["Anna Dvořák"]),
    ("dvor", ["Anna Dvořák"]),
    ("@anna", ["Anna Dvořák"]),
    ("dvořák anna", ["Anna Dvořák"]),
    ("lukasz", ["Andrej Łukasz"]),
    ("anna.d", ["Anna Dvořák"]),
    ("novotny@", ["Bob Novotný"]),
    ("an", ["Anna Dvořák", "Andrej Łukasz"]),
    ("nov", ["Boris Novák", "Bob Novotný"]),
    ("bob", ["Bob"]),
    ("bob nov", ["Bob Novotný"]),
    ("b n", ["Boris Novák", "Bob Novotný"]),
    ("nna", []),
    ("anna@", ["Anna Dvořák"]),
    ("anna@elsewhere.example", []),
    ("annaa", []),
    ("", []),
    ("<>", []),
    ("a" * 100_000, []),
]


@pytest.mark.parametrize(("typed", "meant"), WHO, ids=[w[0][:40] for w in WHO])
def test_a_few_letters_name_an_agent(typed, meant):
    assert [agent.name for agent in candidates(typed, AGENTS)] == meant


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("#take", Order("take", myself=True)),
        ("#assign boris", Order("assign", agent=AGENTS[2])),
        ("#Assign  Boris  Novák \u2014", Order("assign", agent=AGENTS[2])),
        ("#assign me", Order("assign", myself=True)),
        ("#assign None", Order("assign", nobody=True)),
        ("#assign nobody", Order("assign", nobody=True)),
    ],
)
def test_who_gets_a_ticket_is_an_order(text, order):
    assert orders(text) == (order,)
    assert mistakes(text) == ()


@pytest.mark.parametrize(
    ("line", "reason", "nearest"),
    [
        ("#assign", "needs to know whom", ""),
        ("#assign an", "may be Anna Dvořák <anna@acme.example>, Andrej Łukasz <andrej@acme.example>: say which", ""),
        ("#assign Bosri", "no agent of that name", "#assign Boris Novák"),
        ("#assign anna@acme.exmple", "no agent of that name", "#assign Anna Dvořák"),
        ("#assign Zdeněk", "no agent of that name", ""),
    ],
)
def test_who_is_nobody_or_several_is_a_mistake_that_says_whom_one_may_have_meant(line, reason, nearest):
    (mistake,) = mistakes(line)
    assert mistake.line == line
    assert reason in mistake.reason
    assert mistake.nearest == nearest


# --- lists of quarantined mails ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("#release 3 5", Order("release", ids=(3, 5))),
        ("#release 3, 5,3", Order("release", ids=(3, 5))),
        ("#discard #3", Order("discard", ids=(3,))),
        ("#release ALL", Order("release", everything=True)),
        ("#release", Order("release")),
        ("#person", Order("person")),
    ],
)
def test_a_reply_to_a_list_names_its_rows(text, order):
    assert orders(text, "list") == (order,)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("#release three", "wants numbers of the list, or all"),
        ("#release 3-5", "wants numbers of the list, or all"),
        ("#release 3 all", "wants numbers of the list, or all"),
        ("#discard -1", "wants numbers of the list, or all"),
        ("#discard " + "9" * 30, "wants numbers of the list, or all"),
        ("#person 3", "stands alone"),
        ("#resolve", "belongs in a mail about a ticket"),
        ("#relase 3", "there are #release, #discard, #person"),
    ],
)
def test_what_is_wrong_in_a_reply_to_a_list_is_a_mistake(line, reason):
    (mistake,) = mistakes(line, "list")
    assert reason in mistake.reason


@given(st.text(max_size=60))
def test_no_name_that_is_typed_breaks_the_search_for_an_agent(typed):
    found = candidates(typed, AGENTS)
    assert set(found) <= set(AGENTS)
    assert plain(plain(typed)) == plain(typed)
