"""Which mails of agents are notes, what becomes of them, and who hears of it: nothing of them goes outside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from answering import HEAD
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, attachment
from orders import CYRIL, DESK, FREE, HERS, HIS, TO_ANNA, assigned, boss, kinds, receipt, returned, says, written
from proving import SIGNED
from worlds import BORIS, EVE, NOW, PETR, SUPPORT, context, parsed, sent, ticket

from mailticket.core.completed import completed
from mailticket.core.decide import decide, decided, examine
from mailticket.core.explanation import facts
from mailticket.core.known import HeldMail
from mailticket.core.notes import hearers
from mailticket.core.parse import parse
from mailticket.core.plan import NOTE
from mailticket.core.types import Address, RawMail

SECOND = ticket(2, EVE)
BY_ADDRESS = replace(TO_ANNA, purpose="note")
SHOWN = assigned(ANNA, kind="notice")
SHOWN = replace(SHOWN, template=NOTE, outbox_id=7)  # the mail of a note
KEPT = "your words are kept as a note in [ACME-1]; nobody outside sees it"


def is_note(plan):
    """Kept inside, and told of to agents alone."""
    assert [message.direction for message in plan.messages] == ["note"]
    assert all(letter.audience == "agent" for letter in plan.letters)
    assert kinds(plan) == ["noted"]
    assert [dict(change.set) for change in plan.changes] == [{}]
    assert plan.changes[0].add_participants == ()
    return True


# --- what is one ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "marks",
    [
        (BY_ADDRESS,),
        (TO_ANNA, BY_ADDRESS),
        (replace(BY_ADDRESS, spent=True), TO_ANNA),
        (TO_ANNA, replace(assigned(BORIS), purpose="note")),
        (SHOWN,),
        (replace(SHOWN, spent=True), TO_ANNA),
        (sent(1, "customer", MARIA.address), SHOWN, TO_ANNA),
    ],
    ids=[
        *("its address", "its address in a reply", "a spent one", "a colleague's"),
        *("a reply to a note", "a reply to a spent one", "behind a mail to the customer"),
    ],
)
@pytest.mark.parametrize("to", [(), (MARIA,), (EVE, PETR)], ids=["the desk", "the customer", "others"])
def test_a_mail_with_a_note_address_or_in_reply_to_a_note_is_one_whomever_it_goes_to(marks, to):
    plan = says(ANNA, "Words", HERS, *marks, mail={"cc": to}, login=True)
    assert is_note(plan)
    assert written(plan) == [("notice-done", "anna")]


@pytest.mark.parametrize("marks", [(), (TO_ANNA,), (replace(TO_ANNA, kind="notice", template="notice-done"),)])
def test_the_command_makes_one_of_a_mail_that_would_be_an_answer_or_nothing(marks):
    plan = says(ANNA, "#note\n\nWords\n#resolve", HERS, *marks, mail={"to": (Address(SUPPORT), MARIA)})
    assert is_note(plan)
    assert plan.messages[0].text == "Words\n#resolve"


@pytest.mark.parametrize("words", ["#note\nyes", "yes"])
def test_a_note_in_reply_to_an_answer_that_came_back_decides_nothing(words):
    given_back = replace(assigned(ANNA, kind="notice"), template="collision", about=(7,))
    marks = (given_back,) if words.startswith("#") else (given_back, BY_ADDRESS)
    plan = says(ANNA, words, HERS, *marks, rows=(HeldMail(7, "quarantined", "it crosses"),))
    assert is_note(plan)
    assert (plan.release, plan.discard) == ((), ())


def test_an_older_note_in_the_thread_makes_none_of_an_answer():
    plan = says(ANNA, "Words", HERS, replace(TO_ANNA, kind="relay", template="relay"), SHOWN)
    assert written(plan) == [("answer", "maria", "petr"), ("notice-done", "anna")]


@pytest.mark.parametrize("marks", [(replace(BY_ADDRESS, spent=True),), (replace(SHOWN, spent=True),)])
def test_what_is_left_of_a_signed_mail_does_not_make_an_answer_of_a_note(marks):
    """Its signature leaves out what says that it is one: that is read all the same, since it only holds words back."""
    mail = parsed(ANNA, "Words", ("in-reply-to", "x"), ("references", "x"), subject="Re: [ACME-1] Printer")
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW)
    plan = decide(mail, raw, context(HERS, signed=marks, dkim=(SIGNED,), tagged=(1,)), DESK, NOW)
    assert is_note(plan)


def test_a_note_address_says_which_ticket_is_meant_whatever_the_mail_answers():
    known = context(HERS, SECOND, signed=(replace(TO_ANNA, ticket=2), BY_ADDRESS))
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW)
    plan = decide(parsed(ANNA, "Words"), raw, known, DESK, NOW)
    assert is_note(plan)
    assert plan.ticket == 1


marks = st.sampled_from([
    TO_ANNA, replace(TO_ANNA, kind="relay"), replace(TO_ANNA, purpose="reply"), assigned(BORIS), SHOWN,
    sent(1, "customer", MARIA.address), replace(sent(1, "customer", MARIA.address), purpose="reply"),
    replace(TO_ANNA, ticket=2), replace(TO_ANNA, ticket=None, template="question", kind="notice"),
])  # fmt: skip
bearing = st.lists(st.builds(lambda one, spent: replace(one, spent=spent), marks, st.booleans()), max_size=4)
WORDS = ["Words", "#note\nWords", "#resolve\nWords", "#note\n#resolve", "#resolve", "#cc eve@elsewhere.example", ""]


@given(
    bearing,
    bearing,
    st.booleans(),
    st.sampled_from(WORDS),
    st.lists(st.sampled_from([MARIA, PETR, EVE, Address(BORIS.address)]), max_size=2),
)
def test_whatever_else_it_bears_nothing_of_it_goes_outside(above, below, spent, words, cc):
    """Nor does anybody join by it, but by a command; and no other status comes of it than by one."""
    signed = (*above, replace(BY_ADDRESS, spent=spent), *below)
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    plan = decide(parsed(ANNA, words, cc=tuple(cc)), raw, context(HERS, SECOND, signed=signed), DESK, NOW)
    assert all(letter.audience == "agent" for letter in plan.letters)
    assert all(message.direction == "note" for message in plan.messages)
    for change in plan.changes:
        assert not change.new
        assert set(change.set) <= ({"status", "resolved_at"} if "#resolve" in words else set())
        assert not change.add_participants or "#cc" in words


OF_OLD = "support+nabcdefghijklmnopqrstuvwxyz234@acme.example"


@given(
    bearing,
    st.sampled_from(["to", "cc", "envelope"]),
    st.sampled_from([OF_OLD, OF_OLD.replace("z23", "8"), OF_OLD.replace("xyz234", ""), OF_OLD.upper()]),
    st.sampled_from(WORDS),
    st.booleans(),
)
def test_an_address_with_the_form_of_a_note_address_holds_words_back_whatever_the_mail_bears(
    signed, where, address, words, tagged
):
    """Be its mark unknown, mistyped or cut short: it is a note, or comes back, and never a request."""
    raw = RawMail(b"", ANNA.address, (address if where == "envelope" else SUPPORT,), "smtp", NOW, auth=ANNA.address)
    mail = parsed(ANNA, words, **({} if where == "envelope" else {where: (Address(address),)}))
    known = context(HERS, SECOND, signed=tuple(signed), tagged=(1,) if tagged else ())
    plan = decide(mail, raw, known, DESK, NOW)
    assert all(letter.audience == "agent" for letter in plan.letters)
    assert all(message.direction == "note" for message in plan.messages)
    assert not any(change.new for change in plan.changes)
    assert plan.letters  # its writer hears of it


OTHERS = ["support+news@acme.example", "support+r2@acme.example", OF_OLD.replace("acme", "x")]


@pytest.mark.parametrize("address", OTHERS)
def test_no_other_address_makes_a_note_of_an_answer(address):
    plan = says(ANNA, "Words", HERS, TO_ANNA, mail={"to": (Address(SUPPORT), Address(address))})
    assert ("answer", "maria", "petr") in [row[:3] for row in written(plan)]


# --- what comes back -----------------------------------------------------------------------------------------


def test_a_mail_to_both_addresses_comes_back_and_one_with_the_command_or_without_words_does_not():
    both = (BY_ADDRESS, replace(TO_ANNA, purpose="reply"))
    (mistake,) = returned(says(ANNA, "Words", HERS, *both))
    assert "nobody can know which of them you meant" in mistake[1]
    assert is_note(says(ANNA, "#note\nWords", HERS, *both))
    assert says(ANNA, "#resolve", HERS, *both).changes[0].set["status"] == "resolved"
    receipts = replace(TO_ANNA, purpose="reply", kind="notice", template="notice-done")
    assert is_note(says(ANNA, "Words", HERS, BY_ADDRESS, receipts))  # a reply to it would go to nobody


@pytest.mark.parametrize("by", [(TO_ANNA,), (BY_ADDRESS,), ()])
def test_the_command_with_nothing_below_it_is_a_mistake(by):
    reason = "there is nothing below it that could be kept as a note"
    assert returned(says(ANNA, "#note\n\n", HERS, *by)) == [("#note", reason, "")]
    assert returned(says(ANNA, "#resolve\n#note\n-- \nAnna", HERS, *by, login=True)) == [("#note", reason, "")]
    file = {"attachments": (attachment("bill.pdf"),)}
    assert is_note(says(ANNA, "#note", HERS, *by, mail=file))


def test_an_empty_mail_to_the_note_address_comes_back():
    assert written(says(ANNA, "", HERS, BY_ADDRESS)) == [("notice-empty", "anna")]


def test_the_command_stands_alone_and_once():
    ((line, _, nearest),) = returned(says(ANNA, "#note he is rude", HERS, TO_ANNA))
    assert (line, nearest) == ("#note he is rude", "#note")
    assert [line for line, *_ in returned(says(ANNA, "#note\n#note\nWords", HERS, TO_ANNA))] == ["#note"]


def test_spam_may_have_a_note():
    assert says(ANNA, "#note\n#spam\nI know him.", HERS, TO_ANNA).changes[0].set["status"] == "spam"


# --- who hears of it -----------------------------------------------------------------------------------------

HEARS = [
    # whose it is before, and after the mail's orders; who hears of it
    ("its agent's own", HERS, HERS, ANNA, ()),
    ("another's", HERS, HERS, BORIS, ("anna",)),
    ("given away with it", HERS, HIS, ANNA, ("boris",)),
    ("taken with it", HERS, HIS, BORIS, ("anna",)),
    ("given to a third one", HERS, replace(HERS, agent=CYRIL.address), BORIS, ("anna", "cyril")),
    ("offered", FREE, FREE, ANNA, ("boris",)),
    ("offered, by a third one", FREE, FREE, CYRIL, ("anna", "boris")),
    ("watched", replace(HERS, watchers=(BORIS.address,)), replace(HERS, watchers=(BORIS.address,)), ANNA, ("boris",)),
    ("nobody's", replace(FREE, offered=()), replace(FREE, offered=()), ANNA, ()),
]


@pytest.mark.parametrize(
    ("before", "after", "writer", "hear"), [row[1:] for row in HEARS], ids=[row[0] for row in HEARS]
)
def test_who_hears_of_a_note(before, after, writer, hear):
    by = DESK.agent_of(writer.address)
    assert tuple(one.address.partition("@")[0] for one in hearers(DESK, before, after, by)) == hear


def test_the_agent_gets_the_note_with_its_files_in_their_own_thread():
    threads = {ANNA.address: ("<first@desk.example>",)}
    file = attachment("bill.pdf")
    plan = says(BORIS, "#note\nPay him.", replace(HERS, agent_threads=threads), mail={"attachments": (file,)})
    (letter, told) = plan.letters
    assert (letter.template, letter.to, letter.attachments, letter.thread) == (
        NOTE,
        (ANNA,),
        (file,),
        threads[ANNA.address],
    )
    assert (letter.from_name, letter.facts["text"]) == ("Boris (note) via Acme Support", "Pay him.")
    assert told.template == "notice-done"
    assert receipt(plan) == [KEPT, f"told of it: {ANNA.name}"]


def test_the_receipt_says_who_has_it_from_the_writer():
    plan = says(ANNA, "Words", HERS, BY_ADDRESS, mail={"cc": (MARIA, EVE, Address(BORIS.address))})
    seen = "but maria@customer.example, eve@elsewhere.example, whom you sent it to yourself"
    assert receipt(plan) == [f"{KEPT} {seen}", "told of it: nobody else"]


def test_who_wants_to_hear_of_errors_alone_hears_of_no_note_of_theirs():
    policy = boss()
    policy = replace(policy, agents=tuple(replace(one, receipts="errors") for one in policy.agents))
    assert written(says(ANNA, "#note\nWords", HERS, TO_ANNA, policy=policy)) == []


# --- its words -----------------------------------------------------------------------------------------------


PASSED_ON = """---------- Forwarded message ---------
From: Bob <bob@partner.example>
Date: Mon, 23 Nov 2026 at 08:00
Subject: bill
To: <anna@acme.example>

20 crowns."""


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("No.\n\nOn Mon, 23 Nov 2026 at 09:00, Support wrote:\n> It burns.", "No."),
        ("No.\n\nFrom: Support <support@acme.example>\nSent: Monday\nTo: Anna\nSubject: x\n\nIt burns.", "No."),
        ("No.\n-- \nAnna", "No."),
        (f"See below.\n\n{PASSED_ON}", None),
    ],
    ids=["a quote", "Outlook", "a signature", "a forward"],
)
def test_the_notes_words_are_the_new_ones_and_all_of_it_is_kept(written, text):
    """A mail that is passed on is what they are about."""
    raw = f"{HEAD}Content-Type: text/plain\r\n\r\n{written}\r\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()
    mail = RawMail(raw, ANNA.address, (SUPPORT,), "smtp", NOW)
    (message,) = decide(completed(parse(raw)), mail, context(HERS, signed=(BY_ADDRESS,)), DESK, NOW).messages
    assert message.full_text.rstrip() == written
    assert message.text == (written if text is None else text)


def test_explain_says_that_it_would_be_a_note():
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW)
    for words, bears in (("Words", BY_ADDRESS), ("#note\nWords", TO_ANNA)):
        case = examine(parsed(ANNA, words), raw, context(HERS, signed=(bears,)), DESK, NOW)
        assert facts(decided(case))["decision"]["verdict"] == "note in ticket"
