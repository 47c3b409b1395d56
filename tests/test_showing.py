"""Commands that only ask: who is answered what, by one mail to the agent alone, and that nothing else follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, TEMPLATES
from worlds import BORIS, EVE, NOW, PETR, POLICY, SUPPORT, context, parsed, sent, ticket

from mailticket.core.asked import LINES, WORDS, Happened, Page, Pages, Past, Promise, Spoken
from mailticket.core.command import ANYWHERE, COMMANDS
from mailticket.core.commands import split, understand
from mailticket.core.decide import decide
from mailticket.core.policy import Agent, Department, ServiceLevel
from mailticket.core.types import Address, RawMail

SALES = replace(POLICY.departments[0], name="Sales", addresses=("sales@acme.example",))
CYRIL = Agent("Cyril", "cyril@acme.example", departments=("Sales",))
BOSS = Agent("Dana", "dana@acme.example", role="manager", departments=("Sales",))
DESK = replace(POLICY, departments=(*POLICY.departments, SALES), agents=(*POLICY.agents, CYRIL, BOSS))
HERS = ticket(1, MARIA)
THEIRS = replace(ticket(2, PETR, agent=CYRIL.address), department="Sales", subject="Hush hush")
TO_ANNA = replace(sent(1, "agent", ANNA.address), template="assignment")
QUESTION = replace(sent(1, "agent", ANNA.address), kind="notice", template="question", ticket=None, about=(7,))
PROMISE = Promise(NOW + timedelta(hours=4), "4 working hours", NOW + timedelta(hours=4), None)
PAST = Past((Happened(NOW, "opened", MARIA), Happened(NOW, "assigned", "desk", {"agent": ANNA})), PROMISE)
SAID = {
    1: Page(HERS, (Spoken("inbound", MARIA, NOW, "It burns."),)),
    2: Page(THEIRS, (Spoken("inbound", PETR, NOW, "A secret of Petr's"), Spoken("note", EVE, NOW, "Psst"))),
}
PAGES = Pages(SAID, PAST)


def asks(who, text, *marks, policy=DESK, pages=PAGES, about=HERS):
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address)
    bears = {"signed": marks} if marks else {"tagged": (about.id,)}
    known = context(HERS, THEIRS, pages=pages, request="It burns.", **bears)
    return decide(parsed(Address(who.address, who.name), text), raw, known, policy, NOW + timedelta(minutes=1))


def templates(plan):
    return [letter.template for letter in plan.letters]


def read(plan):
    """The texts of its mails, as they are before they are packed."""
    made = (TEMPLATES.render(one.template, "en", {**ADDED, **one.facts}) for one in plan.letters)
    return " ".join(" ".join(one.text.split()) + one.html for one in made)


ADDED = {"desk": "Acme", "department": "Acme Support", "tag": "[ACME-1]", "number": 1, "marker": "-", "zone": UTC}
ADDED |= {"subject": "Printer on fire", "note_address": "support+n@acme.example", "gathered": False, "unheard": ""}


# --- the lines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("#show", None), ("#SHOW 7", 7), ("#show #7", 7), ("#show [ACME-7]", 7), ("#show acme-7", 7),
        ("#show 007", 7), ("#s\u200bhow\u00a07 \u2014", 7),
    ],
)  # fmt: skip
def test_a_ticket_is_named_by_its_number_or_its_tag(line, number):
    orders, mistakes = understand(split(line)[0], DESK, "ticket")
    assert [(one.ids, one.text) for one in orders] == [(() if number is None else (number,), "")]
    assert mistakes == ()


@pytest.mark.parametrize(
    ("line", "ids"),
    [("#show attachments", ()), ("#show Att", ()), ("#show 7 attachments", (7,)), ("#show attachments [ACME-7]", (7,))],
)
def test_its_files_are_asked_for_by_a_word_beside_the_number(line, ids):
    ((order,), mistakes) = understand(split(line)[0], DESK, "ticket")
    assert (order.ids, order.text, mistakes) == (ids, "attachments", ())


@pytest.mark.parametrize(
    ("line", "scope", "reason", "nearest"),
    [
        ("#show me", "ticket", "the number of one ticket", "#show"),
        ("#show 7 8", "ticket", "the number of one ticket", "#show"),
        ("#show 7 8 attachments", "ticket", "attachments may stand behind it", "#show attachments"),
        ("#show -7", "ticket", "the number of one ticket", "#show"),
        ("#show [OTHER-7]", "ticket", "the number of one ticket", "#show"),
        ("#show 1234567890", "ticket", "the number of one ticket", "#show"),
        ("#help me", "ticket", "stands alone", "#help"),
        ("#history 7", "ticket", "stands alone", "#history"),
        ("#why not", "ticket", "stands alone", "#why"),
        ("#hlep", "list", "no such command", "#help"),
        ("#history", "list", "belongs in a mail about a ticket", ""),
        ("#why", "list", "belongs in a mail about a ticket", ""),
    ],
)
def test_what_is_asked_wrongly_is_a_mistake(line, scope, reason, nearest):
    orders, (mistake,) = understand(split(line)[0], DESK, scope)
    assert orders == ()
    assert reason in mistake.reason
    assert mistake.nearest == nearest


# --- what follows --------------------------------------------------------------------------------------------

ANSWERS = [
    # what the agent writes → the mails that follow, and whether the ticket changes
    ("#help", ["notice-help"], False),
    ("#history", ["notice-history"], False),
    ("#show", ["notice-show"], False),
    ("#show 1\n#show 1", ["notice-show"], False),
    ("#show 2", ["notice-no-ticket"], False),
    ("#show 3", ["notice-no-ticket"], False),
    ("#why\n#show 3", ["notice-why", "notice-no-ticket"], False),
    ("#help\n#histroy", ["notice-commands"], True),
    ("#show 1\n#show 2\n#show 3\n#show 4\n#show 5\n#show 6", ["notice-commands"], True),
    ("#history\n\nPull the plug.", ["answer", "notice-done", "notice-history"], True),
    ("#priority high\n#show", ["notice-done", "notice-show"], True),
]


@pytest.mark.parametrize(("text", "mails", "changes"), ANSWERS, ids=[row[0][:30] for row in ANSWERS])
def test_each_question_is_answered_once_by_a_mail_to_the_agent_alone(text, mails, changes):
    plan = asks(ANNA, text, TO_ANNA)
    assert templates(plan) == mails
    assert bool(plan.changes or plan.events) is changes
    told = [letter for letter in plan.letters if letter.template.startswith("notice")]
    assert all((one.to, one.cc, one.audience) == ((ANNA,), (), "agent") for one in told)
    assert all(one.ticket == HERS.id for one in told)
    assert plan.messages == ()


@pytest.mark.parametrize(
    ("text", "mails"),
    [("#help", ["notice-help"]), ("#show 1", ["notice-show"]), ("#show", ["notice-no-ticket"]),
     ("#why", ["notice-commands"]), ("#help\n\nyes", ["notice-done", "notice-help"])],
)  # fmt: skip
def test_in_reply_to_a_mail_without_a_ticket_only_what_needs_none_is_answered(text, mails):
    plan = asks(ANNA, text, QUESTION, pages=Pages(SAID))
    assert templates(plan) == mails
    assert all(letter.ticket is None for letter in plan.letters)


def test_what_is_true_after_the_mails_other_commands_is_shown():
    plan = asks(ANNA, "#show\n#history\n#why\n#priority high\n#assign boris\n\nPull the plug.", TO_ANNA)
    shown = next(letter.facts for letter in plan.letters if letter.template == "notice-show")
    assert shown["shown"]["priority"] == "high"
    assert shown["shown"]["owner"] == BORIS.name
    assert [one["text"] for one in shown["messages"]] == ["It burns.", "Pull the plug."]
    history = next(letter.facts for letter in plan.letters if letter.template == "notice-history")
    said = [f"{one['who']} {one['what']}" for one in history["entries"]]
    assert said[-1] == "Anna Dvořák gave the ticket to Boris"
    assert "Anna Dvořák changed the priority from medium to high" in said
    assert said[0] == f"{MARIA.name} <{MARIA.address}> wrote, and that opened the ticket"


def test_the_help_names_every_command_once_by_subject_and_what_needs_more_proof():
    (letter,) = asks(ANNA, "#help", TO_ANNA).letters
    rows = [row for group in letter.facts["groups"] for row in group["commands"]]
    assert sorted(row["line"].split()[0][1:] for row in rows) == sorted(COMMANDS)
    assert not [row["line"] for row in rows if not row["help"].endswith(".")], "in whole sentences"
    assert "More" not in [group["name"] for group in letter.facts["groups"]]
    assert {row["line"].split()[0] for row in rows if row["needs"]} == {
        f"#{name}" for name, one in COMMANDS.items() if one.proof == "this mail"
    }
    trusting = replace(DESK, trust=replace(DESK.trust, reply_proves_all=True))
    (letter,) = asks(ANNA, "#help", TO_ANNA, policy=trusting).letters
    assert not any(row["needs"] for group in letter.facts["groups"] for row in group["commands"])


def test_a_long_ticket_is_shown_by_its_end_and_long_words_by_their_beginning():
    long = Spoken("inbound", MARIA, NOW, "x" * (WORDS + 1))
    high = Spoken("inbound", MARIA, NOW, "y\n" * (LINES + 9))
    (letter,) = asks(ANNA, "#show", TO_ANNA, pages=Pages({1: Page(HERS, (long, high), earlier=4)})).letters
    first, second = letter.facts["messages"]
    assert (len(first["text"]), first["cut"], second["cut"]) == (WORDS, True, True)
    assert second["text"].count("\n") < LINES
    assert letter.facts["more"] == 4


def test_others_words_are_quoted_and_no_link_is_made_of_them():
    evil = "#resolve\nhttp://evil.example <a href='http://evil.example'>click</a>"
    (letter,) = asks(
        ANNA, "#show", TO_ANNA, pages=Pages({1: Page(HERS, (Spoken("inbound", MARIA, NOW, evil),))})
    ).letters
    made = TEMPLATES.render(letter.template, "en", {**ADDED, **letter.facts})
    assert "> #resolve\n> http://evil.example" in made.text
    assert made.html.count("<a") == 1  # to write a note
    assert "&lt;a href" in made.html


# --- the arithmetic ------------------------------------------------------------------------------------------


def why(promise, policy=DESK, about=HERS, past=PAST):
    pages = Pages({1: Page(about, ())}, replace(past, promise=promise))
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    known = context(about, pages=pages, signed=(TO_ANNA,))
    (letter,) = decide(parsed(ANNA, "#why"), raw, known, policy, NOW + timedelta(minutes=1)).letters
    return {one["name"]: one["lines"] for one in letter.facts["sections"]}


def promising(**levels) -> Department:
    return replace(DESK, departments=(replace(DESK.departments[0], service_levels={"medium": ServiceLevel(**levels)}),))


def test_a_due_date_is_counted_stretch_by_stretch_as_it_was_set():
    policy = promising(first_response=timedelta(hours=10))
    due = datetime(2026, 11, 24, 10, tzinfo=UTC)
    lines = why(replace(PROMISE, first_response_due=due), policy)["Its times"]
    assert lines[1] == (
        "Its first answer is due Tuesday 24 November 2026, 11:00 CET: 10 working hours of Mon-Fri 09:00-17:00,"
        " from 2026-11-23 09:00-17:00, 2026-11-24 09:00-11:00."
    )
    assert lines[2] == "No time was set for its solution."


def test_a_due_date_that_the_config_of_today_would_set_otherwise_is_not_explained_by_it():
    policy = promising(first_response=timedelta(hours=9))
    (line,) = [x for x in why(PROMISE, policy)["Its times"] if x.startswith("Its first answer")]
    assert line.endswith("as it was counted then; by its priority and the config of today it would be otherwise.")
    assert "09:00-17:00" not in line


def test_times_that_the_mail_itself_has_changed_are_told_as_they_are_then():
    level = {"medium": ServiceLevel(timedelta(hours=9)), "high": ServiceLevel(timedelta(hours=2))}
    policy = replace(DESK, departments=(replace(DESK.departments[0], service_levels=level),))
    plan = asks(ANNA, "#priority high\n#why", TO_ANNA, policy=policy)
    lines = plan.letters[-1].facts["sections"][-1]["lines"]
    assert lines[1].startswith("Its first answer is due Monday 23 November 2026, 11:00 CET: 2 working hours of")


def test_a_strategy_is_named_only_where_it_was_recorded():
    assert "chosen by" not in str(why(PROMISE))
    noted = replace(PAST, happened=(Happened(NOW, "assigned", "desk", {"agent": ANNA, "strategy": "sticky"}),))
    lines = why(PROMISE, past=noted)["Whose it is"]
    assert "The desk gave the ticket to Anna Dvořák (chosen by sticky)." in lines[0]
    assert any(line.startswith("sticky: Who answered this customer before") for line in lines)


@pytest.mark.parametrize(
    ("marks", "auth", "threaded", "proved"),
    [
        ((TO_ANNA,), "", "it answers the mail that gave or offered you the ticket", "signed reference"),
        ((TO_ANNA,), ANNA.address, "it answers the mail that gave or offered you", "your login"),
        ((), ANNA.address, "its subject says so", "your login"),
    ],
)
def test_how_the_mail_was_threaded_and_its_writer_proved_is_said(marks, auth, threaded, proved):
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=auth)
    known = context(HERS, pages=PAGES, signed=marks, tagged=() if marks else (1,))
    (letter,) = decide(parsed(ANNA, "#why"), raw, known, DESK, NOW).letters
    first, second, _ = letter.facts["sections"][0]["lines"]
    assert threaded in first
    assert proved in second


# --- nobody sees what is not theirs --------------------------------------------------------------------------

OTHERS = ("Hush hush", "petr@customer.example", "A secret of Petr's", "Psst", "eve@elsewhere.example", "Sales")


@given(st.lists(st.sampled_from(["#show 2", "#show", "#history", "#why", "#help", "#show 1", "#take"]), max_size=6))
def test_nothing_of_a_ticket_that_the_agent_may_not_see_is_in_any_mail(lines):
    agent = replace(DESK.agents[0], departments=("Acme Support",))
    told = read(asks(agent, "\n".join(lines) or "#help", TO_ANNA))
    assert not [words for words in OTHERS if words in told]


@pytest.mark.parametrize(("who", "sees"), [(ANNA, False), (BORIS, False), (CYRIL, True), (BOSS, True)])
def test_who_serves_a_ticket_or_manages_all_sees_it_and_for_others_it_is_as_if_there_were_none(who, sees):
    mine, none = (
        asks(who, "#show 2", about=THEIRS if sees else HERS),
        asks(who, "#show 9", about=THEIRS if sees else HERS),
    )
    assert templates(mine) == (["notice-show"] if sees else ["notice-no-ticket"])
    assert templates(none) == ["notice-no-ticket"]
    assert sees or read(mine).replace("ACME-2]", "ACME-9]") == read(none)


@pytest.mark.parametrize("line", ["#show", "#history", "#why", "#show 2"])
def test_who_answers_an_old_mail_about_what_is_not_theirs_any_more_sees_nothing_of_it(line):
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW)
    old = replace(TO_ANNA, ticket=2)
    known = context(THEIRS, pages=Pages(SAID, PAST), signed=(old,))
    plan = decide(parsed(ANNA, line), raw, known, DESK, NOW)
    assert templates(plan) == ["notice-no-ticket"]
    assert not [words for words in OTHERS if words in read(plan)]


def test_the_scopes_are_known():
    assert {one.scope for one in COMMANDS.values()} == {"ticket", "list", "desk", ANYWHERE}
