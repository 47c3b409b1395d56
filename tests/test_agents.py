"""What a proved agent's mail does: whom it reaches, whose the ticket becomes, and when it comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import ANNA, MARIA, attachment
from orders import CYRIL, DESK, FREE, HERS, HIS, TO_ANNA, assigned, boss, kinds, owner, receipt, returned, says, written
from worlds import BORIS, EVE, NOW, PETR, SUPPORT, context, parsed, sent

from mailticket.core.case import PARTICIPANTS_AT_MOST
from mailticket.core.decide import decide
from mailticket.core.types import Address, Forwarded, RawMail

# --- what is an answer ---------------------------------------------------------------------------------------

NOTICE = replace(assigned(ANNA, kind="notice"), template="notice-failed")
TO_BORIS = assigned(BORIS)
RECEIPT = ("notice-done", "anna")
ANSWERS = [
    # what the mail bears → is it an answer
    ("an assignment", (TO_ANNA,), True),
    ("a relay", (assigned(ANNA, kind="relay"),), True),
    ("a notice", (NOTICE,), False),
    ("the ticket's tag alone", (), True),
]


@pytest.mark.parametrize(("marks", "answers"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_the_words_of_a_reply_go_to_the_customer_where_that_is_what_a_reply_does(marks, answers):
    plan = says(ANNA, "Pull the plug.", HERS, *marks)
    assert written(plan) == ([("answer", "maria", "petr"), RECEIPT] if answers else [("notice-commands", "anna")])


@pytest.mark.parametrize(
    ("marks", "answers"),
    [
        ((replace(TO_ANNA, spent=True),), True),
        ((replace(NOTICE, spent=True),), False),
        ((replace(TO_BORIS, spent=True),), True),
        ((TO_BORIS,), False),
        ((replace(TO_BORIS, purpose="bounce"),), True),
        ((sent(1, "customer", MARIA.address),), True),
    ],
    ids=["spent assignment", "spent notice", "colleague's, spent", "colleague's", "bounce", "customer's"],
)
def test_who_is_proved_by_other_means_answers_where_no_other_mail_of_ours_to_agents_is_answered(marks, answers):
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    plan = decide(parsed(ANNA, "Words"), raw, context(HERS, signed=marks), DESK, NOW)
    assert written(plan) == ([("answer", "maria", "petr"), RECEIPT] if answers else [("notice-commands", "anna")])


# --- whom it reaches -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "cc", "reaches", "joins"),
    [
        ((), (), [("answer", "maria", "petr")], ()),
        ((), (PETR,), [("answer", "maria")], ()),
        ((MARIA,), (), [], ()),
        ((MARIA,), (PETR,), [], ()),
        ((), (EVE,), [("answer", "maria", "petr")], (EVE,)),
        ((EVE,), (Address("help@acme.example"), Address(BORIS.address)), [("answer", "maria", "petr")], (EVE,)),
        ((), (EVE, Address("EVE@elsewhere.example")), [("answer", "maria", "petr")], (EVE,)),
        ((), (Address("eve@[no host"),), [("answer", "maria", "petr")], ()),
    ],
    ids=["plain reply", "a participant in copy", "the customer", "reply to all", "somebody new", "desk and agents",
         "somebody new twice", "who cannot be written to"],
)  # fmt: skip
def test_who_has_the_agents_own_mail_gets_no_second_one_and_who_is_new_joins(to, cc, reaches, joins):
    plan = says(ANNA, "Words", HERS, TO_ANNA, mail={"to": (Address(SUPPORT), *to), "cc": cc})
    assert written(plan) == [*reaches, RECEIPT]
    assert plan.changes[0].add_participants == joins
    assert kinds(plan).count("participant added") == len(joins)
    assert [m.direction for m in plan.messages] == ([] if reaches else ["outbound"])


PASSED_ON = Forwarded("inline", MARIA, None, "Printer on fire", "It burns.", "Words")
DESKS = Address(SUPPORT)


@pytest.mark.parametrize(
    ("to", "cc", "passed_on", "asked"),
    [
        ((EVE,), (DESKS,), None, True),
        ((BORIS.as_address,), (DESKS,), None, True),
        ((EVE,), (DESKS, MARIA), None, False),
        ((PETR,), (DESKS,), None, False),
        ((ANNA,), (DESKS,), None, False),
        ((EVE, DESKS), (), None, False),
        ((), (DESKS,), None, False),
        ((EVE, DESKS), (), PASSED_ON, True),
        ((PETR,), (DESKS,), PASSED_ON, True),
        ((), (DESKS,), PASSED_ON, True),
        ((DESKS,), (EVE,), PASSED_ON, False),
        ((MARIA,), (DESKS,), PASSED_ON, False),
    ],
    ids=["stranger", "colleague", "customer in copy", "participant", "themselves", "desk, too", "nobody",
         "passed on to both", "passed on to a participant", "passed on to nobody", "passed on to the desk",
         "passed on to the customer"],
)  # fmt: skip
def test_what_is_written_to_others_with_the_desk_in_copy_comes_back(to, cc, passed_on, asked):
    plan = says(ANNA, "Words", HERS, TO_ANNA, mail={"to": to, "cc": cc, "forwarded": passed_on})
    assert returned(plan) if asked else ("notice-commands", "anna") not in written(plan)
    assert asked == (plan.changes == ())


def test_a_customer_without_an_address_has_participants_who_got_the_mail_already():
    nobody = replace(HERS, participants=(PETR,), customer=replace(HERS.customer, address=""))
    plan = says(ANNA, "Words", nobody, TO_ANNA, mail={"cc": (PETR,)})
    assert written(plan) == [RECEIPT]
    assert [m.direction for m in plan.messages] == ["outbound"]


def test_one_mail_does_not_fill_a_ticket_with_strangers():
    crowd = tuple(Address(f"p{n}@elsewhere.example") for n in range(80))
    plan = says(ANNA, "Words", HERS, TO_ANNA, mail={"cc": crowd})
    assert len(plan.changes[0].add_participants) == PARTICIPANTS_AT_MOST - 2


def test_a_mail_that_comes_back_takes_nobody_in():
    plan = says(ANNA, "#resolv\nWords", HERS, TO_ANNA, mail={"cc": (EVE,)})
    assert plan.changes == ()
    assert plan.spent == (1,)


@pytest.mark.parametrize(
    ("text", "files", "mail", "comes_back"),
    [
        ("Words", [700_000], {}, False),
        ("Words", [730_000], {}, True),
        ("Words", [400_000, 400_000], {}, True),
        ("x" * 400_000, [], {}, True),
        ("Words", [900_000], {"to": (MARIA,)}, False),
    ],
    ids=["fits", "too big", "too big together", "long words", "has reached the customer by itself"],
)
def test_an_answer_that_is_too_big_to_be_sent_comes_back_whole(text, files, mail, comes_back):
    attached = tuple(attachment(f"{n}.pdf", b"x" * size) for n, size in enumerate(files))
    plan = says(ANNA, text, HERS, TO_ANNA, mail={"attachments": attached} | mail)
    assert ([one[0] for one in written(plan)] == ["notice-commands"]) is comes_back
    assert (plan.changes == ()) is comes_back
    if comes_back:
        assert "this desk sends at most 1.0 MB; nothing was sent" in str(plan.letters[0].facts["mistakes"])


# --- whose the ticket becomes --------------------------------------------------------------------------------


def test_the_first_answer_takes_a_ticket_that_is_nobodys_and_the_others_hear_of_it():
    plan = says(ANNA, "Words", FREE, TO_ANNA)
    assert written(plan) == [("answer", "maria", "petr"), ("notice-taken", "boris"), RECEIPT]
    assert owner(plan) == "anna"
    assert kinds(plan) == ["answered", "status", "assigned"]
    assert plan.letters[1].facts["owner"] == ANNA.name
    assert plan.events[-1].detail == {"agent": Address(ANNA.address, ANNA.name)}


def test_a_notice_stands_in_the_thread_of_whom_it_tells():
    free = replace(FREE, agent_threads={BORIS.address: ("<to-boris@desk>",), ANNA.address: ("<to-anna@desk>",)})
    answer, notice, done = says(ANNA, "Words", free, TO_ANNA).letters
    assert notice.thread == ("<to-boris@desk>",)
    assert done.thread == ("<to-anna@desk>",)
    assert answer.thread == ()


TAKES = [
    # what is so; who says what, in which ticket, in reply to what → whose it becomes, who is written to
    ("nobody's", ANNA, "#take", FREE, (TO_ANNA,), "anna", [("notice-taken", "boris"), RECEIPT]),
    ("hers", ANNA, "#take", HERS, (TO_ANNA,), None, [RECEIPT]),
    ("taken meanwhile", ANNA, "#take", HIS, (TO_ANNA,), None, [("notice-commands", "anna")]),
    ("taken, and said so", ANNA, "#take", HIS, (NOTICE,), "anna", [("notice-taken", "boris"), RECEIPT]),
    ("by its tag", ANNA, "#take", HIS, (), "anna", [("notice-taken", "boris"), RECEIPT]),
    ("on purpose", ANNA, "#assign me", HIS, (TO_ANNA,), "anna", [("notice-taken", "boris"), RECEIPT]),
    (
        "never had it", ANNA, "#take", replace(HIS, offered=(BORIS.address,)), (), "anna",
        [("handover", "anna"), ("notice-taken", "boris"), RECEIPT],
    ),
    ("to another", ANNA, "#assign boris", HERS, (TO_ANNA,), "boris", [("handover", "boris"), RECEIPT]),
    (
        "offered to both", ANNA, "#assign boris", FREE, (TO_ANNA,), "boris",
        [("handover", "boris"), RECEIPT],
    ),
    ("to a third", ANNA, "#assign cyril", HIS, (), "cyril",
     [("handover", "cyril"), ("notice-moved", "boris"), RECEIPT]),
    ("his already", ANNA, "#assign boris", HIS, (), None, [RECEIPT]),
    ("to nobody", ANNA, "#assign none", HERS, (TO_ANNA,), "", [RECEIPT]),
    ("his to nobody", ANNA, "#assign none", HIS, (), "", [("notice-moved", "boris"), RECEIPT]),
    ("nobody's already", ANNA, "#assign none", FREE, (TO_ANNA,), None, [RECEIPT]),
    ("twice", ANNA, "#take\n#assign boris", FREE, (TO_ANNA,), None, [("notice-commands", "anna")]),
    ("not of the department", CYRIL, "#take", HIS, (assigned(CYRIL, kind="notice"),), None,
     [("notice-commands", "cyril")]),
    ("not of the department, me", CYRIL, "#assign me", HIS, (assigned(CYRIL, kind="notice"),), None,
     [("notice-commands", "cyril")]),
    ("unknown", ANNA, "#assign zdenek", HERS, (TO_ANNA,), None, [("notice-commands", "anna")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "text", "where", "marks", "becomes", "letters"), [r[1:] for r in TAKES], ids=[r[0] for r in TAKES]
)
def test_an_order_gives_a_ticket_and_tells_who_had_it_and_who_gets_it(who, text, where, marks, becomes, letters):
    plan = says(who, text, where, *marks)
    assert owner(plan) == becomes
    assert written(plan) == letters
    moved = {"assigned", "unassigned"} & set(kinds(plan))
    assert bool(moved) is (becomes is not None)


def test_words_under_an_order_are_answered_first_by_who_wrote_them():
    plan = says(ANNA, "#assign boris\nBoris will help you.", HERS, TO_ANNA)
    assert written(plan) == [("answer", "maria", "petr"), ("handover", "boris"), RECEIPT]
    assert plan.letters[0].from_name == ANNA.name
    assert owner(plan) == "boris"


def test_an_offer_that_was_taken_meanwhile_says_by_whom_and_how_to_take_it_all_the_same():
    (notice,) = says(ANNA, "#take\nWords", HIS, TO_ANNA).letters
    (mistake,) = notice.facts["mistakes"]
    assert (mistake["reason"], mistake["nearest"]) == ("[ACME-1] is Boris's by now", "#assign me")


def test_a_handover_has_the_request_the_promise_and_who_gave_it():
    (letter, _) = says(ANNA, "#assign boris", HERS, TO_ANNA).letters
    facts = letter.facts
    assert (letter.kind, letter.subject, letter.ticket) == ("assignment", HERS.subject, 1)
    assert (facts["text"], facts["by"], facts["waits"]) == ("It burns.", ANNA.name, True)
    assert "your words go to Maria Nováková <maria@customer.example>, with petr" in facts["reply_line"]


def test_an_agent_of_another_department_may_be_given_a_ticket_and_that_is_written_down():
    plan = says(ANNA, "#assign cyril", HERS, TO_ANNA)
    assert plan.events[-1].detail == {"agent": Address(CYRIL.address, "Cyril"), "outside": True}


def test_the_managers_look_after_what_is_made_nobodys_and_may_take_what_they_like():
    plan = says(ANNA, "#assign none", HERS, TO_ANNA, policy=boss())
    assert written(plan) == [("notice-moved", "cyril"), RECEIPT]
    plan = says(CYRIL, "#take", HIS, policy=boss())
    assert written(plan) == [("handover", "cyril"), ("notice-taken", "boris"), ("notice-done", "cyril")]
    assert owner(plan) == "cyril"


@pytest.mark.parametrize("wants", ["all", "errors"])
def test_an_answer_to_a_ticket_that_has_moved_on_is_sent_and_both_hear_of_it(wants):
    policy = replace(DESK, agents=(replace(DESK.agents[0], receipts=wants), *DESK.agents[1:]))
    plan = says(ANNA, "Words", HIS, TO_ANNA, policy=policy)
    assert written(plan) == [("answer", "maria", "petr"), ("notice-answered", "boris"), RECEIPT]
    assert owner(plan) is None
    _, his, writer = (one.facts for one in plan.letters)
    assert writer["unchanged"] == ["[ACME-1] stays Boris's, who was told what you wrote"]
    assert (his["writer"], his["answer"]) == (ANNA.name, "Words")


def test_a_ticket_of_an_agent_who_has_left_is_nobodys():
    plan = says(ANNA, "Words", replace(HERS, agent="gone@acme.example"), TO_ANNA)
    assert written(plan) == [("answer", "maria", "petr"), RECEIPT]
    assert owner(plan) == "anna"


def test_an_order_that_changes_nothing_says_so_and_touches_nothing():
    plan = says(ANNA, "#take", HERS, TO_ANNA)
    assert plan.changes == ()
    assert plan.events == ()
    assert plan.reason == "[ACME-1] is yours already"
    assert receipt(plan) == ["[ACME-1] is yours already"]


def test_an_order_and_a_command_that_is_not_possible_together_do_nothing():
    plan = says(ANNA, "#assign boris\n#resolve", replace(HERS, status="closed"), TO_ANNA)
    assert written(plan) == [("notice-commands", "anna")]
    assert plan.changes == ()
