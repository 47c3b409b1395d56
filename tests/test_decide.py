"""What kind of mail it is, where it belongs, and that nobody without proof changes what is not theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, attachment
from worlds import (
    BORIS,
    EVE,
    FORGER,
    PETR,
    POLICY,
    attacks,
    context,
    decided,
    examined,
    follows,
    parsed,
    sent,
    ticket,
    touched,
    worlds,
)

from mailticket.core.bodies import TEXT_CUT
from mailticket.core.classify import classify
from mailticket.core.crypto import ENCRYPTED_DEFECT
from mailticket.core.known import Twin
from mailticket.core.lifecycle import STATUSES
from mailticket.core.match import match
from mailticket.core.plan import Plan
from mailticket.core.proof import proving
from mailticket.core.types import Address

# --- what kind of mail it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MAILER-DAEMON@mx.example", "Postmaster@mx.example"])
def test_the_null_sender_of_a_mail_system_is_a_bounce_and_its_other_mail_is_automatic(name):
    mail = parsed(Address(name))
    assert classify(mail, "", POLICY).kind == "bounce"
    assert classify(mail, name, POLICY).kind == "automatic"
    report = (("content-type", "multipart/report; report-type=delivery-status"),)
    assert classify(parsed(content_type="multipart/report", headers=report), name, POLICY).kind == "bounce"
    receipt = (("content-type", "multipart/report; report-type=disposition-notification"),)
    assert classify(parsed(content_type="multipart/report", headers=receipt), name, POLICY).kind == "automatic"


@pytest.mark.parametrize(
    ("headers", "envelope_from"),
    [
        ([("auto-submitted", "auto-forwarded")], "maria@customer.example"),
        ([("auto-submitted", "auto-generated")], "maria@customer.example"),
        ([("precedence", "bulk")], "maria@customer.example"),
        ([("list-id", "<a.b>")], "maria@customer.example"),
        ([("x-auto-response-suppress", "All")], "maria@customer.example"),
        ([("x-loop", "yes")], "maria@customer.example"),
        ([], ""),
    ],
)
def test_what_is_not_answerable_gets_no_mail_at_all(headers, envelope_from):
    plan = decided(parsed(MARIA, "Hello", *headers), context(), envelope_from)
    assert [letter for letter in plan.letters if letter.audience == "customer"] == []


# --- where it belongs ----------------------------------------------------------------------------------------

MINE, OTHERS = ticket(1, MARIA, PETR), ticket(2, EVE)
TO_MARIA, TO_ANNA = sent(1, "customer", MARIA.address), sent(1, "agent", ANNA.address)
SPENT = replace(TO_ANNA, spent=True)

PLACES = [
    # sender, what the mail bears → rule, ticket, mentions
    (MARIA, {"signed": (TO_MARIA,), "tagged": (2,)}, "signed", 1, ()),
    (Address("MARIA@Customer.Example"), {"signed": (TO_MARIA,)}, "signed", 1, ()),
    (PETR, {"signed": (TO_MARIA,)}, "reference", 1, ()),
    (PETR, {"signed": (TO_MARIA,), "referenced": (1,)}, "reference", 1, ()),
    (MARIA, {"referenced": (2, 1)}, "reference", 1, ()),
    (MARIA, {"referenced": (2,), "tagged": (1,)}, "tag", 1, ()),
    (MARIA, {"tagged": (2, 1)}, "tag", 1, ()),
    (MARIA, {"tagged": (2,)}, "new", None, (2,)),
    (EVE, {"signed": (TO_MARIA,), "tagged": (1,)}, "new", None, (1,)),
    (None, {"referenced": (1,), "tagged": (2,)}, "new", None, (1, 2)),
    (PETR, {"signed": (SPENT,), "tagged": (2,)}, "reference", 1, ()),
    (EVE, {"signed": (SPENT,)}, "new", None, (1,)),
    (PETR, {"signed": (replace(SPENT, purpose="bounce"),)}, "new", None, (1,)),
    (MARIA, {}, "new", None, ()),
]


@pytest.mark.parametrize(("sender", "bears", "rule", "number", "mentions"), PLACES)
def test_a_mail_belongs_where_the_first_rule_says(sender, bears, rule, number, mentions):
    found = match(sender, None, None, context(MINE, OTHERS, **bears), POLICY)
    assert (found.rule, found.ticket.id if found.ticket else None, found.mentions) == (rule, number, mentions)


@pytest.mark.parametrize(
    ("who", "bears", "proves"),
    [
        (ANNA.address, TO_ANNA, True),
        ("Anna@ACME.example", TO_ANNA, True),
        ("anna@acme.example", replace(TO_ANNA, purpose="reply"), True),
        ("anna@acme.example", replace(TO_ANNA, purpose="bounce"), False),
        ("anna@acme.example", TO_MARIA, False),
        ("anna@acme.example", replace(TO_ANNA, recipients=(ANNA.address, BORIS.address)), False),
        (BORIS.address, TO_ANNA, False),
        (ANNA.address, SPENT, False),
        ("ann\u0430@acme.example", TO_ANNA, False),
        (EVE.address, TO_ANNA, False),
    ],
)
def test_an_agent_is_proved_by_a_reference_that_was_sent_to_that_agent_alone(who, bears, proves):
    agent = POLICY.agent_of(who)
    assert (proving(agent, (bears,)) is not None) is proves


@pytest.mark.parametrize("status", STATUSES)
def test_a_customers_mail_makes_of_each_status_what_the_table_says(status):
    plan = decided(parsed(MARIA), context(ticket(1, MARIA, status=status), tagged=(1,)))
    if status == "closed":
        assert plan.changes[0].new
        assert plan.changes[0].link == (1,)
    else:
        wanted = "open" if status in {"pending", "postponed", "resolved", "spam"} else None
        assert plan.changes[0].set.get("status") == wanted
        assert not any(letter.kind == "acknowledgement" for letter in plan.letters)


def test_a_duplicate_changes_nothing_and_says_of_what():
    plan = decided(parsed(MARIA), context(MINE, duplicate_of=Twin(7, 1), tagged=(1,)))
    assert plan == Plan(state="done", reason="duplicate of 7", kind="person", ticket=1)


@pytest.mark.parametrize("kind", ["acknowledgement", "notice"])
def test_an_agents_words_go_to_the_customer_only_in_reply_to_an_assignment_or_a_relay(kind):
    plan = decided(parsed(ANNA, "Words"), context(MINE, signed=(replace(TO_ANNA, kind=kind),)))
    assert [letter.template for letter in plan.letters] == ["notice-commands"]
    assert plan.changes == ()


# --- an agent's mail and what it has attached -----------------------------------------------------------------

LOGO = replace(attachment("logo.png", b"PNG", "image/png"), inline=True)


def agents_mail(text, *files, **more):
    return decided(parsed(ANNA, text, attachments=files, **more), context(MINE, signed=(TO_ANNA,)))


def test_a_logo_alone_is_no_answer_and_goes_with_words():
    assert [letter.template for letter in agents_mail("#resolve", LOGO).letters] == ["notice-done"]
    assert [letter.template for letter in agents_mail("", LOGO).letters] == ["notice-empty"]
    (answer, _) = agents_mail("Words", LOGO).letters
    assert (answer.template, [file.content for file in answer.attachments]) == ("answer", [LOGO.content])
    (answer, _) = agents_mail("", attachment("manual.pdf"), LOGO).letters
    assert answer.template == "answer"


@pytest.mark.parametrize("more", [{"marker_attached": True}, {"attached": (SPENT,)}, {"attached": (TO_ANNA,)}])
def test_a_mail_of_ours_to_agents_does_not_cross_as_an_attachment(more):
    plan = decided(parsed(ANNA, "Words"), context(MINE, signed=(TO_ANNA,), **more))
    assert [letter.template for letter in plan.letters] == ["notice-commands"]
    assert "which the customer must not get" in str(plan.letters[0].facts["mistakes"])


def test_what_is_longer_than_a_mails_text_comes_back():
    (notice,) = agents_mail("Words", attachment("message.txt"), defects=(TEXT_CUT,)).letters
    assert notice.template == "notice-commands"


def test_what_nobody_here_can_read_comes_back():
    """An encrypted answer: the customer would get its armour."""
    (notice,) = agents_mail("", attachment("encrypted.asc"), defects=(ENCRYPTED_DEFECT,)).letters
    assert notice.template == "notice-commands"
    assert "this desk has no key" in str(notice.facts["mistakes"])


@pytest.mark.parametrize(
    ("cc", "spent"), [((), ()), ((Address(BORIS.address),), ()), ((PETR,), (1, 7, 8)), ((EVE,), (1, 7, 8))]
)
def test_what_somebody_outside_has_seen_is_spent(cc, spent):
    attached, quoted = (replace(sent(n, "agent", BORIS.address)) for n in (7, 8))
    customers = sent(9, "customer", MARIA.address)
    known = context(MINE, signed=(TO_ANNA, customers), attached=(attached,), quoted=(quoted, TO_ANNA))
    assert decided(parsed(ANNA, "Words", cc=cc), known).spent == spent


def test_only_the_customer_brings_others_into_a_ticket():
    for sender, joins in ((MARIA, True), (PETR, False)):
        signed = replace(TO_MARIA, recipients=(MARIA.address, PETR.address))
        plan = decided(parsed(sender, cc=(EVE,)), context(MINE, signed=(signed,)))
        assert (EVE in plan.changes[0].add_participants) is joins


# --- nobody without proof changes what is not theirs ---------------------------------------------------------


@given(st.data())
def test_without_the_key_only_participants_touch_a_ticket(data):
    world = data.draw(worlds())
    attack = data.draw(attacks(world, FORGER))
    plan, known = follows(world, attack)
    sender = attack[0].from_
    assert known.signed == ()
    for number in touched(plan):
        assert sender is not None
        assert sender.key in {p.key for p in known.tickets[number].participants}
    assert {event.ticket for event in plan.events} <= {99, *touched(plan)}


@given(st.data())
def test_with_stolen_references_nobody_speaks_for_an_agent_but_in_that_agents_name(data):
    """A copied reference of a customer's is worth nothing to a stranger; one of an agent's sends all to quarantine."""
    world = data.draw(worlds())
    mail, *envelope = data.draw(attacks(world, POLICY))
    plan, known = follows(world, (mail, *envelope))
    case = examined(mail, known, *envelope)
    for number in touched(plan):
        takes_part = mail.from_ is not None and mail.from_.key in {p.key for p in known.tickets[number].participants}
        named = case.proof is not None and case.proof.sent is not None and case.proof.sent.ticket == number
        assert takes_part or named or plan.kind == "bounce"
    for_agents = [s for s in known.signed if s.audience == "agent" and s.purpose != "bounce"]
    if for_agents and case.proof is None and plan.kind != "bounce":
        assert {letter.template for letter in plan.letters} <= {"question"}
        assert all(letter.audience == "agent" for letter in plan.letters)
        assert plan.changes == ()
        assert plan.messages == ()


@given(st.data())
def test_nothing_of_a_ticket_is_written_to_somebody_who_may_not_see_it(data):
    world = data.draw(worlds())
    attack = data.draw(attacks(world, data.draw(st.sampled_from([POLICY, FORGER]))))
    plan, known = follows(world, attack)
    for letter in plan.letters:
        if letter.audience != "customer":
            assert [a.key for a in (*letter.to, *letter.cc) if POLICY.agent_of(a.address) is None] == []
        elif letter.ticket == 99:
            told = f"{letter.subject} {letter.facts} {letter.text}"
            assert not any(t.subject in told for t in known.tickets.values())
        else:
            allowed = {p.key for p in known.tickets[letter.ticket].participants}
            assert {a.key for a in (*letter.to, *letter.cc)} <= allowed


@given(st.data())
def test_automatic_mail_gets_no_answer_and_changes_neither_status_nor_clocks(data):
    """A ticket that nobody had may find its agent by it; nothing else of a ticket changes."""
    world = data.draw(worlds())
    attack = data.draw(attacks(world, POLICY))
    plan, _ = follows(world, attack)
    if classify(attack[0], attack[1], POLICY).kind != "person":
        assert [letter for letter in plan.letters if letter.audience == "customer"] == []
        assert not any(change.set.keys() - {"agent"} for change in plan.changes if not change.new)


# --- references that somebody outside has --------------------------------------------------------------------

OWN_REQUEST = replace(TO_ANNA, outbox_id=8, audience="customer", kind="acknowledgement")


@pytest.mark.parametrize(
    ("words", "mail", "bears", "spent"),
    [
        ("an agent with an outsider in copy", parsed(ANNA, "Hi", cc=(EVE,)), TO_ANNA, True),
        ("an agent with an outsider in To", parsed(ANNA, "Hi", to=(EVE,)), TO_ANNA, True),
        ("an agent with a colleague in copy", parsed(ANNA, "Hi", cc=(Address(BORIS.address),)), TO_ANNA, False),
        ("an agent alone", parsed(ANNA, "Hi"), TO_ANNA, False),
        (
            "an agent about their own request, with an outsider in copy",
            parsed(ANNA, "Hi", cc=(EVE,)),
            OWN_REQUEST,
            True,
        ),
        ("a stranger who has an agent's", parsed(EVE, "Hi"), TO_ANNA, True),
        ("a customer with their own", parsed(MARIA, "Hi", cc=(EVE,)), TO_MARIA, False),
    ],
)
def test_a_reference_that_somebody_outside_has_proves_nothing_from_then_on(words, mail, bears, spent):
    plan = decided(mail, context(MINE, signed=(bears,)))
    assert (plan.spent == (bears.outbox_id,)) is spent, words


def test_a_released_mail_with_another_agents_reference_is_a_note_and_no_answer():
    mail = parsed(Address(BORIS.address), "Dear Maria, the code is 7")
    known = context(MINE, signed=(TO_ANNA,))
    held = decided(mail, known)
    assert (held.state, held.concerns) == ("quarantined", ANNA.address)
    plan = decided(mail, replace(known, signed=(SPENT,)), released=True, concerns=ANNA.address)
    assert [message.direction for message in plan.messages] == ["note"]
    assert all(letter.audience == "agent" for letter in plan.letters)


def test_a_released_mail_of_the_agents_is_their_answer():
    plan = decided(parsed(ANNA, "It is mended", subject="[ACME-1]"), context(MINE, tagged=(1,)), released=True)
    assert [letter.template for letter in plan.letters] == ["answer", "notice-done"]
