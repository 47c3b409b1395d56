"""Commands that say who takes part and whose request it is: right and wrong, and what proof each command needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, MARIA
from orders import DESK, HERS, TO_ANNA, change, kinds, receipt, returned, says, written
from worlds import BORIS, EVE, PETR

from mailticket.core.case import PARTICIPANTS_AT_MOST
from mailticket.core.command import ANY, COMMANDS, THIS_MAIL
from mailticket.core.types import Address

CROWD = tuple(Address(f"p{n}@elsewhere.example") for n in range(PARTICIPANTS_AT_MOST - 1))
FULL = replace(HERS, participants=(MARIA, *CROWD))


def people(plan):
    """Who joins, who leaves."""
    (one,) = plan.changes
    return one.add_participants, one.remove_participants


@pytest.mark.parametrize(
    "typed",
    [
        "#cc eve@elsewhere.example",
        "#CC <eve@elsewhere.example>",
        "#cc eve@elsewhere.example<mailto:eve@elsewhere.example>",
        "#cc mailto:eve@elsewhere.example \u2014",
    ],
)
def test_somebody_takes_part_however_the_address_is_dressed(typed):
    plan = says(ANNA, typed, HERS, TO_ANNA)
    assert people(plan) == ((EVE,), ())
    assert kinds(plan) == ["participant added"]
    assert receipt(plan) == ["eve@elsewhere.example takes part in [ACME-1] now, and gets the answers from now on"]
    assert written(plan) == [("notice-done", "anna")]


def test_a_name_before_the_address_is_kept():
    assert people(says(ANNA, "#cc Eve Black <eve@elsewhere.example>", HERS, TO_ANNA))[0][0].name == "Eve Black"


def test_an_answer_below_goes_to_whom_the_commands_above_it_leave_in_the_ticket():
    plan = says(ANNA, f"#cc {EVE.address}\n#uncc {PETR.address}\nWords", HERS, TO_ANNA)
    assert written(plan) == [("answer", "maria", "eve"), ("notice-done", "anna")]
    assert people(plan) == ((EVE,), (PETR,))
    assert kinds(plan) == ["answered", "status", "participant added", "participant removed"]


@pytest.mark.parametrize(("delay", "waits"), [(20, True), (0, False)])
def test_the_receipt_says_that_an_answer_which_waits_still_goes_to_who_is_taken_out(delay, waits):
    policy = replace(DESK, send_delay=timedelta(seconds=delay))
    (line,) = receipt(says(ANNA, f"#uncc {PETR.address}", HERS, TO_ANNA, policy=policy))
    assert ("an answer that waits to leave still goes to them" in line) is waits


def test_who_is_taken_out_does_not_come_in_again_as_a_copy_of_the_same_mail():
    plan = says(ANNA, f"#uncc {PETR.address}\nWords", HERS, TO_ANNA, mail={"cc": (PETR,)})
    assert people(plan) == ((), (PETR,))


IDLE = [
    (f"#cc {PETR.address}", "takes part in [ACME-1] already"),
    (f"#cc {MARIA.address.upper()}", "takes part in [ACME-1] already"),
    (f"#customer {MARIA.address}", "is the request of maria@customer.example already"),
]


@pytest.mark.parametrize(("typed", "told"), IDLE, ids=[row[0] for row in IDLE])
def test_what_is_so_already_changes_nothing_and_says_so(typed, told):
    plan = says(ANNA, typed, HERS)
    assert plan.changes == plan.events == ()
    assert [told in line for line in receipt(plan)] == [True]


WRONG = [
    # what is typed, in which ticket → why not, and the nearest right one
    ("#cc", HERS, "#cc needs a mail address", ""),
    ("#cc eve", HERS, "#cc needs a mail address", ""),
    ("#cc eve@[no host", HERS, "#cc needs a mail address", ""),
    ("#cc a@x.example, b@x.example", HERS, "one address a line", "#cc a@x.example"),
    ("#cc support@acme.example", HERS, "is this desk's own address", ""),
    ("#cc support+tag@acme.example", HERS, "is this desk's own address", ""),
    (f"#cc {BORIS.address}", HERS, "is an agent's address", ""),
    (f"#cc {EVE.address}", FULL, "at most 50 take part", ""),
    (f"#customer {EVE.address}", FULL, "at most 50 take part", ""),
    (f"#customer {BORIS.address}", HERS, "is an agent's address", ""),
    ("#customer support@acme.example", HERS, "is this desk's own address", ""),
    ("#customer", HERS, "#customer needs a mail address", ""),
    (f"#uncc {MARIA.address}", HERS, "is the request of maria@customer.example", ""),
    (f"#uncc {EVE.address}", HERS, "takes no part in [ACME-1]: beside its customer petr@customer.example does",
     "#uncc petr@customer.example"),
    ("#uncc pter@customer.example", HERS, "takes no part", "#uncc petr@customer.example"),
    ("#uncc", HERS, "#uncc needs a mail address", ""),
    ("#unc petr@customer.example", HERS, "no such command", "#uncc"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "where", "reason", "nearest"), WRONG, ids=[row[0] or "-" for row in WRONG])
def test_a_wrong_command_does_nothing_and_comes_back(typed, where, reason, nearest):
    ((line, why, near),) = returned(says(ANNA, typed, where))
    assert line == typed
    assert reason in why
    assert near == nearest


@pytest.mark.parametrize(
    "text", [f"#cc {EVE.address}\n#uncc {EVE.address}", f"#customer {EVE.address}\n#customer {PETR.address}"]
)
def test_commands_about_people_that_contradict_one_another_do_nothing(text):
    assert [line for line, _, _ in returned(says(ANNA, text, HERS))] == [text.split("\n")[1]]


# --- whose request it is -------------------------------------------------------------------------------------


def test_a_ticket_becomes_somebody_elses_and_whose_it_was_still_takes_part():
    plan = says(ANNA, f"#customer {EVE.address}\nWords", HERS, TO_ANNA, login=True)
    assert change(plan)["customer"] == EVE
    assert people(plan) == ((EVE,), ())
    assert written(plan) == [("answer", "eve", "maria", "petr"), ("notice-done", "anna")]


def test_who_takes_part_already_becomes_the_customer_and_joins_no_second_time():
    plan = says(ANNA, f"#customer {PETR.address}\n#uncc {MARIA.address}", HERS)
    assert change(plan)["customer"] == PETR
    assert people(plan) == ((), (Address(MARIA.address),))


def test_a_reply_alone_makes_nobody_the_customer():
    """Who reads along in an agent's mailbox has the reference, and must not have the ticket."""
    ((line, why, _),) = returned(says(ANNA, f"#customer {EVE.address}", HERS, TO_ANNA))
    assert line == f"#customer {EVE.address}"
    assert "needs proof that the mail itself is yours" in why


def test_a_reply_is_enough_where_the_config_says_so():
    trusting = replace(DESK, trust=replace(DESK.trust, reply_proves_all=True))
    plan = says(ANNA, f"#customer {EVE.address}", HERS, TO_ANNA, policy=trusting)
    assert change(plan)["customer"] == EVE


PROOF = {  # what proof each command needs
    "note": ANY, "resolve": ANY, "reopen": ANY, "close": ANY, "pending": ANY, "spam": ANY, "priority": ANY,
    "label": ANY, "subject": ANY, "take": ANY, "assign": ANY, "next": ANY,
    "cc": ANY, "uncc": ANY, "customer": THIS_MAIL,
    "merge": ANY, "split": ANY,
    "watch": ANY, "unwatch": ANY,
    "department": ANY, "escalate": ANY, "postpone": ANY, "undo": ANY,
    "help": ANY, "history": ANY, "list": ANY, "search": ANY, "show": ANY, "why": ANY,
    "away": ANY, "back": ANY,
    "release": ANY, "discard": ANY, "person": ANY,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*COMMANDS, *PROOF}))
def test_each_command_needs_the_proof_of_its_row(name):
    assert COMMANDS[name].proof == PROOF[name]
