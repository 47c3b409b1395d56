"""Tickets of agents who have left, and what the mails that give a ticket to an agent say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, attachment, render
from worlds import BORIS, EVE, NOW, PETR, POLICY, SUPPORT, context, decided, parsed, sent, ticket

from mailticket.core import agent_letters
from mailticket.core.decide import decide, examine
from mailticket.core.handover import reassigned
from mailticket.core.known import AgentLoad, Person
from mailticket.core.sizes import fits, within
from mailticket.core.types import Address, RawMail

GONE = "gone@acme.example"
LEFT = ticket(1, MARIA, PETR, agent=GONE)
ANNAS_LOAD, BORIS_LOAD = AgentLoad(ANNA.address, 5, None), AgentLoad(BORIS.address, 1, None)


def chained(*chain, agents=POLICY.agents):
    department = replace(POLICY.departments[0], assign=chain)
    return replace(POLICY, departments=(department,), agents=agents)


def after(policy, loads=(ANNAS_LOAD, BORIS_LOAD)):
    return reassigned(policy, LEFT, loads, "It burns.", seed=7, now=NOW, away={})


def told(plan):
    return [(letter.template, letter.to[0].address) for letter in plan.letters]


# --- who has left --------------------------------------------------------------------------------------------


def test_a_ticket_of_somebody_who_has_left_goes_where_a_new_one_would():
    plan = after(chained("least-loaded"))
    assert plan.changes[0].set == {"agent": BORIS.address}
    assert told(plan) == [("handover", BORIS.address)]
    assert [(e.kind, e.actor, e.detail["agent"].address) for e in plan.events] == [
        ("agent left", "desk", GONE),
        ("assigned", "desk", BORIS.address),
    ]
    assert plan.letters[0].facts["by"] == ""
    assert plan.letters[0].kind == "assignment"


def test_a_manual_department_offers_it_to_all_of_its_agents():
    plan = after(chained("manual"))
    assert plan.changes[0].set == {"agent": ""}
    assert told(plan) == [("handover", ANNA.address), ("handover", BORIS.address)]
    assert [e.kind for e in plan.events] == ["agent left", "offered", "offered"]
    facts = plan.letters[0].facts
    assert facts["offered_to"] == ["Boris"]
    assert "#take, makes the ticket yours" in facts["reply_line"]


def test_where_the_department_has_nobody_the_managers_look_after_it():
    elsewhere = replace(BORIS, departments=("Sales",), role="manager")
    plan = after(chained("least-loaded", agents=(elsewhere,)))
    assert plan.changes[0].set == {"agent": ""}
    assert told(plan) == [("notice-moved", BORIS.address)]
    assert [e.kind for e in plan.events] == ["agent left", "unassigned"]


def test_the_same_work_gives_it_to_the_same_agent_again():
    assert after(chained("random")) == after(chained("random"))


# --- what the mails say --------------------------------------------------------------------------------------

HERS = ticket(1, MARIA, PETR)


def assignments(mail, policy=POLICY, raw=None, **known):
    raw = raw or RawMail(b"", "x@y.example", (SUPPORT,), "smtp", NOW)
    plan = decide(mail, raw, context(**known), policy, NOW, row=17)
    return [letter for letter in plan.letters if letter.kind == "assignment"]


def test_what_is_too_big_for_an_agents_mail_is_left_out_and_said():
    """The largest files stay in the desk, and no more of them than must."""
    files = [attachment(name, b"x" * size) for name, size in (("film", 900_000), ("log", 300), ("photo", 100_000))]
    (letter,) = assignments(parsed(attachments=tuple(files)), replace(POLICY, max_size=200_000))
    assert [file.filename for file in letter.attachments] == ["log", "photo"]
    assert letter.facts["left_out"] == [{"filename": "film", "size": 900_000}]
    text = render("assignment", **letter.facts).text
    assert "film (900 KB)" in text
    assert "mailticket inbox show 17 --raw" in text


@given(st.lists(st.integers(0, 2_000), max_size=8), st.integers(0, 30_000))
def test_what_goes_along_fits_and_what_is_left_out_is_larger(sizes, limit):
    files = tuple(attachment(f"{n}", b"x" * size) for n, size in enumerate(sizes))
    kept, left_out = within("Words", files, limit)
    assert sorted((*kept, *left_out), key=lambda f: f.filename) == list(files)
    assert not kept or fits("Words", kept, limit)
    assert all(big.size >= small.size for big in left_out for small in kept)
    for smallest in sorted(left_out, key=lambda f: f.size)[:1]:
        assert not fits("Words", (*kept, smallest), limit - len(files) - 1)


def test_a_relay_names_who_is_in_copy_and_not_in_the_ticket():
    known = context(HERS, tagged=(1,))
    (letter,) = decided(parsed(MARIA, cc=(EVE, PETR)), known).letters
    assert letter.facts["strangers"] == [{"name": "", "address": EVE.address}]
    assert "In copy, but not in the ticket\n  eve@elsewhere.example" in render("relay", **letter.facts).text


@pytest.mark.parametrize("agent", [ANNA.address, ""])
def test_a_relay_of_a_ticket_that_nobody_has_says_how_to_take_it(agent):
    raw = RawMail(b"", MARIA.address, (SUPPORT,), "smtp", NOW)
    case = examine(parsed(MARIA), raw, context(HERS, tagged=(1,)), POLICY, NOW)
    letter = agent_letters.relay_to_agent(case, POLICY.agents[0], replace(HERS, agent=agent))
    assert ("#take" in letter.facts["reply_line"]) is (agent == "")


def test_a_ticket_that_a_machine_opens_is_marked_as_its():
    (letter,) = assignments(parsed(MARIA, "Hello", ("auto-submitted", "auto-generated")))
    assert letter.facts["automatic"]
    assert "A machine wrote this request" in render("assignment", **letter.facts).text


def test_what_a_relay_calls_spam_is_marked_where_a_signed_reference_brings_it_in():
    raw = RawMail(b"", MARIA.address, (SUPPORT,), "smtp", NOW, peer="127.0.0.1")
    mail = parsed(MARIA, "Hello", ("x-spam-flag", "YES"))
    plan = decide(mail, raw, context(HERS, signed=(sent(1, "customer", MARIA.address),)), POLICY, NOW)
    (letter,) = plan.letters
    assert letter.facts["marked"]
    assert "took this for spam" in render("relay", **letter.facts).text


# --- what a stranger is told ---------------------------------------------------------------------------------

MALLORY = Address("victim@elsewhere.example", "Buy at evil.example")


def acknowledged(sender=None):
    mail = parsed(MALLORY, "Visit evil.example", subject="Visit evil.example", references=("<evil.example@x>",))
    raw = RawMail(b"", MALLORY.address, (SUPPORT,), "smtp", NOW)
    plan = decide(mail, raw, context(sender=sender), POLICY, NOW)
    return next(letter for letter in plan.letters if letter.kind == "acknowledgement")


def test_an_acknowledgement_to_somebody_new_and_unproved_repeats_none_of_their_words():
    letter = acknowledged()
    assert letter.to == (Address(MALLORY.address),)
    assert letter.subject == POLICY.name
    rendered = render("acknowledgement", **letter.facts)
    for shown in (str(letter), rendered.text, rendered.html):
        assert "evil" not in shown
    assert "Request" not in rendered.text


def test_an_acknowledgement_to_somebody_who_is_known_repeats_the_subject():
    letter = acknowledged(Person(5, MALLORY.address, proved=True))
    assert letter.subject == "Visit evil.example"
    assert letter.to == (MALLORY,)
    assert "Request:  " in render("acknowledgement", **letter.facts).text
