"""#watch and #unwatch: right and wrong, who is told, and who hears of what is written then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, attachment
from orders import CYRIL, DESK, FREE, HERS, HIS, TO_ANNA, assigned, boss, kinds, owner, receipt, returned, says, written
from worlds import BORIS, NOW, PETR, POLICY, SUPPORT, attacks, context, follows, parsed, sent, worlds

from mailticket.core.commands_watch import WATCHERS_AT_MOST
from mailticket.core.decide import decide
from mailticket.core.policy import Agent
from mailticket.core.types import Address, RawMail

WATCHED = replace(HERS, watchers=(BORIS.address,))
BY_TWO = replace(HERS, watchers=(BORIS.address, CYRIL.address))
CROWD = tuple(Agent(f"Agent {n}", f"a{n}@acme.example", departments=("Acme Support",)) for n in range(WATCHERS_AT_MOST))
CROWDED = replace(DESK, agents=(*DESK.agents, *CROWD))
FULL = replace(HERS, watchers=tuple(one.address for one in CROWD))


def watchers(plan):
    """Who watches from now on, who does not any more."""
    (one,) = plan.changes
    return [a.address for a in one.add_watchers], [a.address for a in one.remove_watchers]


def told(plan):
    """The letters but for the receipt."""
    return [one for one in written(plan) if one[0] != "notice-done"]


RIGHT = [
    # who types what, in which ticket → who begins, who ends, the letters, the receipt
    (ANNA, "#watch", HERS, [ANNA.address], [], [], "you watch [ACME-1] from now on"),
    (ANNA, "#Watch me", HERS, [ANNA.address], [], [], "you watch [ACME-1] from now on"),
    (ANNA, "#watch dvorak", HERS, [ANNA.address], [], [], "you watch [ACME-1] from now on"),
    (ANNA, "#watch BOR", HERS, [BORIS.address], [], ["boris"], "Boris watches [ACME-1] from now on"),
    (ANNA, f"#watch <{BORIS.address}>", HERS, [BORIS.address], [], ["boris"], "Boris watches [ACME-1] from now on"),
    (BORIS, "#unwatch", WATCHED, [], [BORIS.address], [], "you do not watch [ACME-1] any more"),
    (BORIS, "#unwatch myself", WATCHED, [], [BORIS.address], [], "you do not watch [ACME-1] any more"),
    (ANNA, "#unwatch boris", WATCHED, [], [BORIS.address], ["boris"], "Boris does not watch [ACME-1] any more"),
]


@pytest.mark.parametrize(("who", "typed", "where", "begin", "end", "others", "said"), RIGHT, ids=[r[1] for r in RIGHT])
def test_whoever_is_named_watches_or_does_not_any_more(who, typed, where, begin, end, others, said):
    plan = says(who, typed, where)
    assert watchers(plan) == (begin, end)
    assert kinds(plan) == ["watching" if begin else "not watching"]
    assert receipt(plan) == [said]
    mail = "handover" if begin else "notice-unwatched"
    assert told(plan) == [(mail, name) for name in others]


IDLE = [
    (BORIS, "#watch", WATCHED, "you watch [ACME-1] already"),
    (ANNA, "#watch boris", WATCHED, "Boris watches [ACME-1] already"),
    (ANNA, "#unwatch", HERS, "you do not watch [ACME-1]: nobody does"),
    (ANNA, "#unwatch cyril", WATCHED, "Cyril does not watch [ACME-1]: Boris does"),
    (ANNA, "#unwatch", BY_TWO, "you do not watch [ACME-1]: Boris, Cyril do"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "typed", "where", "said"), IDLE, ids=[row[3] for row in IDLE])
def test_what_is_so_already_changes_nothing_and_says_so(who, typed, where, said):
    plan = says(who, typed, where, policy=boss())
    assert plan.changes == plan.events == ()
    assert receipt(plan) == [said]


OWN = replace(HERS, customer=replace(HERS.customer, address=BORIS.address), participants=(Address(BORIS.address),))
WRONG = [
    (ANNA, "#watch zzz", HERS, "there is no agent of that name or address", ""),
    (ANNA, "#watch bors", HERS, "there is no agent of that name or address", "#watch Boris"),
    (ANNA, "#unwatch bors", HERS, "there is no agent of that name or address", "#unwatch Boris"),
    (ANNA, "#watch 12@34.q", HERS, "there is no agent of that name or address", ""),
    (ANNA, "#watch none", HERS, "there is no agent of that name or address", ""),
    (ANNA, "#watch a", HERS, "that may be Anna Dvořák <anna@acme.example>, Agent 0", ""),
    (ANNA, "#watch cyril", HERS, "Cyril does not work for Acme Support, and may not see [ACME-1]", ""),
    (CYRIL, "#watch", HERS, "you do not work for Acme Support; one who does can #assign it to you", ""),
    (ANNA, "#watch boris", FULL, "at most 20 watch a ticket; #unwatch with a name takes one off", ""),
    (ANNA, "#watch boris", OWN, "[ACME-1] is Boris's own request", ""),
    (ANNA, "#wach", HERS, "no such command", "#watch"),
    (ANNA, "#unwatsh", HERS, "no such command", "#unwatch"),
    (ANNA, "#watch boris\n#unwatch boris", HERS, "#watch boris above says what becomes of the same thing", ""),
    (ANNA, "#watch boris\n#watch <boris@acme.example>", HERS, "#watch boris above says", ""),
    (ANNA, "#watch\n#unwatch me", HERS, "#watch above says", ""),
]


@pytest.mark.parametrize(("who", "typed", "where", "reason", "nearest"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_command_does_nothing_and_comes_back(who, typed, where, reason, nearest):
    marks = (assigned(who),)
    ((line, why, near),) = returned(says(who, typed, where, *marks, policy=CROWDED))
    assert line == typed.split("\n")[-1]
    assert reason in why
    assert near == nearest


def test_several_may_be_made_to_watch_by_one_mail_and_a_ticket_may_go_to_who_watches():
    plan = says(ANNA, "#watch\n#watch boris\n#assign boris", HERS, TO_ANNA)
    assert watchers(plan) == ([ANNA.address, BORIS.address], [])
    assert owner(plan) == "boris"


def test_a_manager_may_watch_whatever_there_is():
    assert watchers(says(ANNA, "#watch cyril", HERS, policy=boss())) == ([CYRIL.address], [])


def test_a_reply_to_the_mail_that_makes_somebody_watch_is_an_answer_and_takes_the_ticket_from_nobody():
    (letter,) = (one for one in says(ANNA, "#watch boris", HERS).letters if one.template == "handover")
    assert letter.facts["reply_line"].startswith("Reply to this mail and your words go to Maria")
    assert (letter.facts["watched"], letter.facts["owner"], letter.facts["text"]) == (True, ANNA.name, "It burns.")
    mark = replace(sent(1, "agent", BORIS.address), kind=letter.kind, template=letter.template)
    plan = says(BORIS, "The red one.", WATCHED, mark)
    assert owner(plan) is None
    assert told(plan) == [("answer", "maria", "petr"), ("notice-answered", "anna")]
    assert receipt(plan) == ["[ACME-1] is pending now", f"{ANNA.name}, whose ticket it is, was told what you wrote"]
    assert says(BORIS, "#take", WATCHED, mark).changes == ()  # a slip, as with each mail that is answered by a reply


def test_a_ticket_that_is_nobodys_becomes_whose_who_answers_it_first_though_they_but_watch_it():
    free = replace(FREE, watchers=(BORIS.address,), offered=(ANNA.address,))
    plan = says(BORIS, "Words", free)
    assert owner(plan) == "boris"
    assert told(plan) == [("answer", "maria", "petr"), ("notice-taken", "anna")]
    both = replace(free, watchers=(ANNA.address, BORIS.address))
    assert told(says(BORIS, "Words", both)) == [("answer", "maria", "petr"), ("copy", "anna")]


# --- what is so of the answers ---------------------------------------------------------------------------------

ALL = replace(HERS, watchers=(ANNA.address, BORIS.address, CYRIL.address))


def copy(plan):
    """The facts of the copy that there is."""
    return next(one.facts for one in plan.letters if one.template == "copy")


def test_an_answer_is_copied_to_who_watches_but_to_its_writer_and_nobody_hears_twice():
    plan = says(ANNA, "Words", ALL, TO_ANNA, policy=boss())
    assert told(plan) == [("answer", "maria", "petr"), ("copy", "boris"), ("copy", "cyril")]
    plan = says(BORIS, "Words", ALL, policy=boss())
    assert told(plan) == [("answer", "maria", "petr"), ("notice-answered", "anna"), ("copy", "cyril")]


def test_a_copy_says_to_whom_an_answer_goes_and_when_it_leaves():
    files = {"attachments": (attachment("plug.pdf"),)}
    facts = copy(says(ANNA, "#uncc petr@customer.example\nWords", WATCHED, TO_ANNA, mail=files))
    assert (facts["sent_to"], facts["copies"]) == ([{"name": MARIA.name, "address": MARIA.address}], [])
    assert facts["leaves_at"] == NOW + DESK.send_delay
    assert [one["filename"] for one in facts["attachments"]] == ["plug.pdf"]
    assert (facts["writer"], facts["owner"], facts["answer"]) == (ANNA.name, ANNA.name, "Words")


def test_an_answer_that_has_reached_the_customer_by_itself_is_told_as_such():
    facts = copy(says(ANNA, "Words", WATCHED, TO_ANNA, mail={"to": (Address(SUPPORT), MARIA)}))
    assert (facts["sent_to"], [one["address"] for one in facts["had"]]) == ([], [MARIA.address])


def test_whoever_is_made_to_watch_by_an_answer_gets_that_answer_too():
    plan = says(ANNA, "#watch boris\nWords", HERS, TO_ANNA)
    assert written(plan)[0] == ("answer", "maria", "petr")
    assert [what for what, *to in written(plan) if to == ["boris"]] == ["handover", "copy"]


def test_a_mail_of_commands_alone_is_copied_to_nobody():
    assert told(says(ANNA, "#resolve", WATCHED, TO_ANNA)) == []


def test_a_mail_that_comes_back_is_copied_to_nobody():
    assert written(says(ANNA, "#resolv\nWords", WATCHED, TO_ANNA)) == [("notice-commands", "anna")]


def test_a_reply_to_a_copy_is_a_note_and_commands_in_it_are_obeyed():
    mark = replace(assigned(BORIS, kind="notice"), template="copy")
    plan = says(BORIS, "Words", replace(WATCHED, watchers=(BORIS.address, CYRIL.address)), mark, policy=boss())
    assert [one.direction for one in plan.messages] == ["note"]
    assert told(plan) == [("note", "anna"), ("note", "cyril")]
    assert owner(says(BORIS, "#take", WATCHED, mark)) == "boris"


# --- what is so of the customer's words ------------------------------------------------------------------------


def comes(ticket, policy=DESK, who=MARIA, *headers, **more):
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW)
    known = context(ticket, signed=(sent(1, "customer", MARIA.address),), **more)
    return decide(parsed(who, "It still burns.", *headers), raw, known, policy, NOW)


def test_each_who_watches_gets_what_the_customer_writes_once():
    assert written(comes(ALL, boss())) == [("relay", "anna"), ("relay", "boris"), ("relay", "cyril")]
    assert [one.facts["watched"] for one in comes(ALL, boss()).letters] == [False, True, True]
    his = replace(HIS, watchers=(ANNA.address,))
    assert [one.facts["owner"] for one in comes(his).letters] == ["Boris", "Boris"]


def test_each_mail_to_who_watches_is_theirs_alone():
    letters = (*comes(ALL, boss()).letters, *says(ANNA, "#watch boris", HERS).letters)
    assert [len((*one.to, *one.cc)) for one in letters] == [1] * 5


@pytest.mark.parametrize(
    "headers",
    [(("auto-submitted", "auto-replied"),), (("precedence", "bulk"),), (("x-spam-flag", "YES"),)],
    ids=["out of office", "bulk", "spam"],
)
@pytest.mark.parametrize(("status", "hear"), [("open", ["anna", "boris"]), ("spam", [])])
def test_of_a_machine_they_hear_what_its_agent_hears(status, hear, headers):
    plan = comes(replace(WATCHED, status=status), DESK, MARIA, *headers)
    assert [name for _, name in written(plan)] == hear


def test_who_gets_the_ticket_by_a_mail_gets_the_assignment_alone():
    free = replace(FREE, watchers=(ANNA.address, BORIS.address))
    assert sorted(written(comes(free))) == [("assignment", "anna"), ("relay", "boris")]
    assert [one.facts["owner"] for one in comes(free).letters if one.template == "relay"] == [ANNA.name]


# --- who does not watch any more -------------------------------------------------------------------------------

SHOW_WORDS = ("assignment", "relay", "copy", "notice-answered")
GONE = "gone@acme.example"
LEFT = replace(WATCHED, watchers=(GONE, BORIS.address, CYRIL.address))


def test_who_has_left_or_may_not_see_it_hears_nothing_and_is_dropped_when_it_is_looked_at():
    plan = comes(LEFT)
    assert written(plan) == [("relay", "anna"), ("relay", "boris")]
    assert watchers(plan) == ([], [GONE, CYRIL.address])
    assert [(e.kind, e.actor, e.detail["agent"].address) for e in plan.events[-2:]] == [
        ("not watching", "desk", GONE),
        ("not watching", "desk", CYRIL.address),
    ]


def test_the_receipt_of_what_looks_at_it_says_so():
    plan = says(ANNA, "#priority low", LEFT, TO_ANNA)
    assert watchers(plan) == ([], [GONE, CYRIL.address])
    assert receipt(plan)[1:] == [
        "gone@acme.example does not watch [ACME-1] any more: that address is not with the desk now",
        "Cyril does not watch [ACME-1] any more: only who may see a ticket can",
    ]


def test_whose_it_is_sees_it_and_whose_it_was_may_not():
    his = replace(HIS, agent=CYRIL.address, watchers=(CYRIL.address,))
    assert watchers(says(ANNA, "#priority low", his)) == ([], [])
    plan = says(ANNA, "#assign me", his)
    assert watchers(plan) == ([], [CYRIL.address])


def test_those_who_are_gone_take_no_room():
    crowd = replace(FULL, watchers=(*FULL.watchers[1:], GONE))
    assert watchers(says(ANNA, "#watch boris", crowd, policy=CROWDED)) == ([BORIS.address], [GONE])


@given(st.data())
def test_nobody_gets_the_same_words_twice_and_who_watches_not_their_own(data):
    world = data.draw(worlds())
    mail, *envelope = data.draw(attacks(world, POLICY))
    plan, known = follows(world, (mail, *envelope))
    shown = [one.to[0].key for one in plan.letters if one.template in SHOW_WORDS]
    assert len(shown) == len(set(shown))
    watching = {address for ticket in known.tickets.values() for address in ticket.watchers}
    if mail.from_ and (agent := POLICY.agent_of(mail.from_.address)) and agent.address in watching:
        assert agent.address not in shown


def test_nothing_of_who_watches_is_in_a_mail_to_the_customers_side():
    for plan in (says(ANNA, "Words", ALL, TO_ANNA, policy=boss()), comes(ALL, boss())):
        for one in plan.letters:
            if one.audience == "customer":
                assert not {"watched", "owner", "watchers"} & set(one.facts)
                assert {a.key for a in (*one.to, *one.cc)} <= {MARIA.key, PETR.key}
