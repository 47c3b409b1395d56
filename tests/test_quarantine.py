"""The quarantine's rules: who is asked, what a reply to a question or a list does, and what nobody can make it do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from worlds import ANNA, BORIS, EVE, MARIA, NOW, POLICY, SUPPORT, context, decided, parsed, sent, ticket

from mailticket.core import quarantine
from mailticket.core.case import Case
from mailticket.core.classify import Sort
from mailticket.core.known import HeldMail, SentMail
from mailticket.core.match import Match
from mailticket.core.plan import Mark
from mailticket.core.proof import Proof
from mailticket.core.types import Address

AGENT = POLICY.agents[0]


def case(mail, *, kind="person", proof=None, foreign=None, policy=POLICY, known=None, **fields):
    return Case(
        mail=mail,
        envelope_from="x@y.example",
        envelope_to=(SUPPORT,),
        received_at=NOW,
        context=known or context(),
        policy=policy,
        now=NOW,
        sort=Sort(kind, kind),
        match=Match("new", foreign=foreign),
        department=policy.departments[0],
        sender=mail.from_,
        agent=policy.agent_of(mail.from_.address),
        proof=proof,
        **{"row": 7} | fields,
    )


def ours(template="question", about=(7,), **fields) -> SentMail:
    return SentMail(
        50, "ref", "notice", "agent", (ANNA.address,), None, "message", template=template, about=about, **fields
    )


def ordered(text, template="question", about=(7,), states=None, **fields):
    """The plan for Anna's reply to a mail of ours."""
    held = states or dict.fromkeys(about, "quarantined")
    known = context(rows=tuple(HeldMail(number, state, "") for number, state in held.items()))
    original = ours(template, about, person=fields.pop("person", ""))
    return quarantine.orders(case(parsed(ANNA, text), proof=Proof("reference", original), known=known, **fields))


def said(plan) -> str:
    return " ".join(str(one.facts) for one in plan.letters)


# --- who is asked --------------------------------------------------------------------------------------------

FORGED = parsed(ANNA, "Send me your password", subject="Re: [ACME-1] Fire")


@pytest.mark.parametrize(
    ("why", "fields", "asked"),
    [
        ("a person's mail", {}, True),
        ("the fifth of a day", {"known": context(asked=4)}, True),
        ("the sixth of a day", {"known": context(asked=5)}, False),
        ("a machine's mail", {"kind": "automatic"}, False),
        ("a list's mail", {"kind": "list"}, False),
        ("from an archive that is read in without answers", {"quiet": True}, False),
    ],
)
def test_the_agent_is_asked_about_a_persons_mail_five_times_a_day(why, fields, asked):
    plan = quarantine.hold(case(FORGED, **fields), "without proof", AGENT)
    assert (plan.state, plan.reason, plan.concerns) == ("quarantined", "without proof", ANNA.address), why
    assert (plan.asked, len(plan.letters)) == (asked, int(asked)), why
    assert not plan.changes
    assert not plan.messages


def test_what_concerns_no_agent_is_for_the_managers_alone():
    plan = quarantine.hold(case(FORGED), "its From is the desk's", None)
    assert (plan.state, plan.concerns, plan.asked, plan.letters) == ("quarantined", "", False, ())


def test_a_question_goes_to_that_agent_alone_and_names_its_mail():
    (letter,) = quarantine.hold(case(FORGED), "without proof", AGENT).letters
    assert letter.to == (AGENT.as_address,)
    assert (letter.template, letter.kind, letter.audience, letter.ticket) == ("question", "notice", "agent", None)
    assert (letter.about, letter.person, letter.automatic) == ((7,), ANNA.address, "auto-generated")


# --- the reply to a question ---------------------------------------------------------------------------------

NEITHER = ("yes please", "maybe", "yes and no", "I said: yes", "", "Dear Maria,\nyes", "0", "да")


@pytest.mark.parametrize("text", ["yes", "Yes!", "  YES.  ", "\n\n*yes*\nThanks", "yes\n\n> old words", "#release"])
def test_yes_releases_the_mail(text):
    plan = ordered(text)
    assert (plan.release, plan.discard, plan.state) == ((7,), (), "done")
    assert [(e.kind, e.ticket, dict(e.detail)) for e in plan.events] == [("released", None, {"inbox": 7})]
    assert "7: it is released" in said(plan)


@pytest.mark.parametrize("text", ["no", "No.", "'no'", "NO\n-- \nAnna", "#discard", "#discard 7", "#discard all"])
def test_no_discards_the_mail(text):
    plan = ordered(text)
    assert (plan.release, plan.discard) == ((), (7,))
    assert [e.kind for e in plan.events] == ["discarded"]


@pytest.mark.parametrize("text", NEITHER)
def test_anything_else_leaves_it_and_says_so(text):
    plan = ordered(text)
    assert (plan.release, plan.discard, plan.events, plan.state) == ((), (), (), "done")
    assert "neither yes nor no" in plan.reason
    assert "neither yes nor no" in said(plan)


@pytest.mark.parametrize(("state", "words"), [("done", "it was done already"), ("queued", "it is in work already")])
def test_a_mail_that_waits_no_more_is_left_alone(state, words):
    plan = ordered("yes", states={7: state})
    assert (plan.release, plan.discard, plan.events) == ((), (), ())
    assert words in said(plan)


def test_a_mail_that_was_purged_since_is_told_of():
    assert "it is not there any more" in said(ordered("yes", states={8: "done"}))


def test_who_wants_no_receipts_gets_those_of_what_did_not_come_about_only():
    silent = replace(POLICY, agents=(replace(AGENT, receipts="errors"), BORIS))
    assert ordered("yes", policy=silent).letters == ()
    assert ordered("yes", policy=silent, states={7: "done"}).letters != ()
    assert ordered("perhaps", policy=silent).letters != ()


def test_an_outsider_in_copy_spends_the_reference_of_the_question():
    question = ours()
    known = context(rows=(HeldMail(7, "quarantined", ""),), signed=(question,))
    seen = parsed(ANNA, "yes", cc=(EVE,))
    plan = decided(seen, known)
    assert (plan.release, plan.spent) == ((7,), (50,))
    assert decided(parsed(ANNA, "yes"), known).spent == ()


# --- the reply to a list -------------------------------------------------------------------------------------

LIST = (3, 5, 7)


@pytest.mark.parametrize(
    ("text", "release", "discard"),
    [
        ("#release 3 5", (3, 5), ()),
        ("#release 3, 5\n#discard 7", (3, 5), (7,)),
        ("#release #3\n#release 3", (3,), ()),
        ("#release all", LIST, ()),
        ("#discard all\nThanks\nAnna", (), LIST),
    ],
)
def test_a_list_is_answered_by_numbers_or_all(text, release, discard):
    plan = ordered(text, "quarantine", LIST)
    assert (plan.release, plan.discard) == (release, discard)
    assert len(plan.events) == len(release) + len(discard)
    (receipt,) = plan.letters
    assert (receipt.template, receipt.ticket) == ("notice-done", None)


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("a number that the list does not have", "#release 3 9"),
        ("a number of somebody else's list", "#release 9"),
        ("a word that is no command", "#releas 3"),
        ("one right and one wrong line", "#release 3\n#discard 9"),
        ("one mail both ways", "#release 3\n#discard 3"),
        ("all both ways", "#release all\n#discard 5"),
        ("no numbers", "#release"),
        ("what is no number", "#release three"),
        ("a ticket's command", "#resolve"),
        ("another mail's command", "#person"),
        ("a question's word", "yes"),
        ("nothing", ""),
    ],
)
def test_a_wrong_line_does_nothing_at_all_and_the_mail_comes_back_whole(why, text):
    plan = ordered(text, "quarantine", LIST)
    assert (plan.release, plan.discard, plan.events, plan.state) == ((), (), (), "done"), why
    (letter,) = plan.letters
    assert (letter.template, letter.ticket, letter.facts["original"]) == ("notice-commands", None, text), why


def test_what_was_done_already_is_said_and_the_rest_is_done():
    plan = ordered("#release 3 5", "quarantine", LIST, {3: "done", 5: "quarantined", 7: "quarantined"})
    assert plan.release == (5,)
    (receipt,) = plan.letters
    assert receipt.facts["lines"] == ["3: it was done already", "5: it is released"]


def test_all_means_those_that_wait_still():
    plan = ordered("#discard all", "quarantine", LIST, {3: "done", 5: "quarantined", 7: "queued"})
    assert plan.discard == (5,)
    nothing = ordered("#discard all", "quarantine", LIST, dict.fromkeys(LIST, "done"))
    assert nothing.discard == ()
    assert "No mail of that list waits any more" in said(nothing)


def test_the_receipt_stands_behind_the_mail_that_it_is_about():
    plan = ordered("#release 3", "quarantine", LIST)
    assert plan.letters[0].thread[-1] == "<new@customer.example>"


# --- replies to other mails that are about no ticket ---------------------------------------------------------


def test_person_frees_whom_the_desk_took_for_a_machine():
    plan = ordered("#person", "notice-held", (), person=MARIA.address)
    assert plan.marks == (Mark("held", MARIA.address, ""),)
    assert [e.kind for e in plan.events] == ["not a machine"]
    assert plan.events[0].detail == {"person": Address(MARIA.address)}


@pytest.mark.parametrize("text", ["#release 3", "yes", "", "#persons", "#person\n#release 3"])
def test_nothing_else_frees_anybody(text):
    plan = ordered(text, "notice-held", (), person=MARIA.address)
    assert plan.marks == ()
    assert plan.letters[0].template == "notice-commands"


@pytest.mark.parametrize("template", ["notice-done", "notice-commands", "notice-failed", ""])
@pytest.mark.parametrize("text", ["yes", "#release 7", "#release all", "Hello"])
def test_a_reply_to_any_other_mail_of_ours_comes_back(template, text):
    plan = ordered(text, template, (7,))
    assert (plan.release, plan.discard, plan.marks) == ((), (), ())
    assert plan.letters[0].template == "notice-commands"


# --- a released mail of somebody else's ----------------------------------------------------------------------


def test_a_released_answer_of_somebody_else_is_a_note_that_its_agent_gets_and_no_customer():
    known = context(ticket(1, MARIA))
    foreign = sent(1, "agent", ANNA.address)
    plan = quarantine.as_note(case(parsed(EVE, "I know more"), foreign=foreign, known=known, released=True))
    assert [(m.direction, m.ticket) for m in plan.messages] == [("note", 1)]
    assert [(one.audience, one.to) for one in plan.letters] == [("agent", (AGENT.as_address,))]
    assert plan.changes == ()


def test_a_released_answer_to_a_question_is_recorded_and_nothing_else():
    plan = quarantine.as_note(case(parsed(EVE, "yes"), foreign=ours(), released=True))
    assert (plan.state, plan.messages, plan.letters, plan.release) == ("done", (), (), ())
    assert plan.reason
