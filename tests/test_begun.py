"""Tickets that agents begin: whose they are, what stands in them, and that nobody without proof begins one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from forwards import FORMS
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, attachment
from test_forwarded import JANA, LANGUAGES, NOTE, SENT, written
from worlds import BORIS, EVE, NOW, POLICY, SENDERS, SUPPORT, context, parsed, sent, ticket

from mailticket.core.decide import decide, decided, examine
from mailticket.core.forwarded import read_forwarded
from mailticket.core.known import Asking, Earlier, Person
from mailticket.core.passed_on import OLDEST
from mailticket.core.past import in_words
from mailticket.core.plan import Plan
from mailticket.core.types import Address, Forwarded, RawMail

GIVEN = "agent passes on a customer's mail"
LOGIN = {"auth": ANNA.address}
ORIGINAL = Forwarded("inline", JANA, NOW - timedelta(days=2), "Printer", "It burns.", NOTE)


def came(mail, known=None, at=NOW, **how):
    raw = RawMail(b"", "x@y.example", (SUPPORT,), "smtp", at, "203.0.113.9", **how)
    return mail, raw, known or context(), POLICY, at + timedelta(seconds=1)


def plan_for(mail, known=None, **how) -> Plan:
    return decide(*came(mail, known, **LOGIN | how))


def rule_for(mail, known=None, **how) -> str:
    return decided(examine(*came(mail, known, **LOGIN | how))).rule


def passing(found=ORIGINAL, words="", **fields):
    return parsed(Address(ANNA.address), words, **{"subject": "Fwd: Printer", "forwarded": found} | fields)


def customer(plan: Plan) -> Address | None:
    return next((change.set["customer"] for change in plan.changes if change.new), None)


def told(plan: Plan) -> str:
    return " ".join(str(letter.facts) for letter in plan.letters)


@pytest.mark.parametrize("form", FORMS, ids=[f"{f.client} {f.language}" for f in FORMS])
def test_every_clients_forward_begins_the_ticket_of_who_wrote_it(form):
    mail = passing(None, written(form), subject=form.subject, date=SENT)
    plan = plan_for(replace(mail, forwarded=read_forwarded(mail)), at=SENT)
    original, note = plan.messages
    assert customer(plan) == JANA
    assert plan.changes[0].set["subject"] == "Tiskárna"
    assert (original.direction, original.from_, note.direction, note.text) == ("inbound", JANA, "note", NOTE)
    assert "the printer prints blank pages." in original.text
    assert NOTE not in original.full_text + original.html
    assert timedelta(hours=18) < SENT - original.at < timedelta(hours=48)
    assert [(one.template, one.to[0].address) for one in plan.letters] == [("assignment", ANNA.address)]


def test_the_forms_are_of_all_languages():
    assert len(LANGUAGES) == 22


DATES = [
    (NOW - timedelta(days=2), NOW - timedelta(days=2)),
    ((NOW - timedelta(days=2)).astimezone(timezone(timedelta(hours=9))), NOW - timedelta(days=2)),
    (NOW - timedelta(days=9000), NOW - timedelta(days=9000)),
    (OLDEST, OLDEST),
    (OLDEST - timedelta(seconds=1), NOW),
    (NOW + timedelta(seconds=1), NOW),
    (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), NOW),
    (datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12))), NOW),
    (None, NOW),
]


@pytest.mark.parametrize(("claimed", "at"), DATES)
def test_the_original_has_its_own_date_where_that_can_be_so_and_all_times_count_from_now(claimed, at):
    plan = plan_for(passing(replace(ORIGINAL, date=claimed)))
    assert plan.messages[0].at == at
    assert plan.messages[0].at.utcoffset() == timedelta(0)
    assert plan.messages[1].at == NOW
    wanted = plan.changes[0].set
    assert wanted["created_at"] == NOW
    assert wanted["resolution_due"] is None or wanted["resolution_due"] > NOW


NOT_THEIRS = [
    ("a colleague's", replace(ORIGINAL, from_=Address(BORIS.address)), {}),
    ("their own", replace(ORIGINAL, from_=Address(ANNA.address.upper())), {}),
    ("the desk's", replace(ORIGINAL, from_=Address(SUPPORT)), {}),
    ("nobody's", replace(ORIGINAL, from_=None), {}),
    ("no address", replace(ORIGINAL, from_=Address("Jana Malá")), {}),
    ("nothing", None, {}),
    ("to somebody else", ORIGINAL, {"cc": (EVE,)}),
    ("in answer to ours", ORIGINAL, {"signed": True}),
]


@pytest.mark.parametrize(("found", "more"), [row[1:] for row in NOT_THEIRS], ids=[row[0] for row in NOT_THEIRS])
def test_no_other_mail_begins_the_ticket_of_somebody_in_it(found, more):
    more = dict(more)
    marks = (sent(1, "agent", ANNA.address),) if more.pop("signed", False) else ()
    mail, known = passing(found, **more), context(signed=marks)
    assert rule_for(mail, known) != GIVEN
    assert customer(plan_for(mail, known)) in {None, Address(ANNA.address)}


def test_a_machine_that_forwards_by_itself_begins_nothing():
    mail = passing(headers=(("auto-submitted", "auto-generated"),))
    assert plan_for(mail).changes == ()


def test_a_web_form_is_no_customer():
    forms = replace(POLICY, trust=replace(POLICY.trust, forms=frozenset({JANA.key})))
    mail, raw, known, _, now = came(passing(), **LOGIN)
    assert decided(examine(mail, raw, known, forms, now)).rule != GIVEN


def test_the_customer_is_told_nothing_and_their_tickets_of_before_are_shown():
    earlier = (Earlier(7, "Scanner", "open", NOW),)
    known = context(asking=Asking(Person(3, JANA.address, "Jana", "cs", proved=True), earlier))
    plan = plan_for(passing(), known)
    assert all(letter.audience == "agent" for letter in plan.letters)
    assert "[ACME-7]" in told(plan)
    silent = next(event for event in plan.events if event.kind == "not acknowledged")
    assert "the customer wrote to an agent" in in_words(silent.kind, silent.detail, POLICY)


@pytest.mark.parametrize(("above", "said"), [(NOTE, "The words and the files beside it"), ("", "The files")])
def test_what_is_attached_brings_its_own_files_and_what_was_added_is_the_notes(above, said):
    whole, second = (replace(attachment(name), content_type="message/rfc822") for name in ("one.eml", "two.eml"))
    within, beside = attachment("fire.png"), attachment("contract.pdf")
    found = replace(ORIGINAL, how="attached", attachments=(within,), message_id="<first@customer.example>", above=above)
    plan = plan_for(passing(found, attachments=(beside, whole, second)))
    original, note = plan.messages
    assert original.message_id == "<first@customer.example>"
    assert original.attachments == (within, second)
    assert (note.direction, note.text, note.attachments) == ("note", above, (beside,))
    assert [file.filename for file in plan.letters[0].attachments] == ["fire.png", "two.eml"]
    assert said in str(plan.letters[0].facts["begun"])


def test_without_words_there_is_no_note():
    plan = plan_for(passing(replace(ORIGINAL, above="")))
    assert [message.direction for message in plan.messages] == ["inbound"]
    assert "note" not in str(plan.letters[0].facts["begun"])
    whole = replace(attachment("one.eml"), content_type="message/rfc822")
    files = (whole, replace(attachment("logo.png"), inline=True))
    attached = plan_for(passing(replace(ORIGINAL, how="attached", above=""), attachments=files))
    assert [message.direction for message in attached.messages] == ["inbound"]


ORDERS = [
    ("#priority critical", {"priority": "critical"}),
    ("#label hardware, printers", {"labels": ("hardware", "printers")}),
    ("#subject Fire", {"subject": "Fire"}),
    ("#pending", {"status": "pending"}),
    ("#resolve", {"status": "resolved"}),
    ("#assign Boris", {"agent": BORIS.address}),
    ("#assign none", {"agent": ""}),
    ("#take", {"agent": ANNA.address}),
    ("#note", {"status": "new"}),
]


@pytest.mark.parametrize(("line", "wanted"), ORDERS, ids=[row[0] for row in ORDERS])
def test_the_orders_above_it_are_obeyed_and_told_of_once(line, wanted):
    plan = plan_for(passing(replace(ORIGINAL, above=f"{line}\n\n{NOTE}")))
    (change,) = plan.changes
    assert {key: change.set[key] for key in wanted} == wanted
    assert plan.messages[1].text == NOTE
    to = [letter.to[0].address for letter in plan.letters]
    assert len(to) == len(set(to))
    gets = change.set["agent"]
    assert [one.to[0].address for one in plan.letters if one.template == "assignment"] == ([gets] if gets else [])


def test_what_a_customer_writes_below_an_end_of_their_own_is_no_order():
    text = f"{written(FORMS[0], '').replace('> ', '')}\n----- End forwarded message -----\n#assign Boris\n\nNow!"
    mail = passing(None, text, subject=FORMS[0].subject, date=SENT)
    plan = plan_for(replace(mail, forwarded=read_forwarded(mail)), at=SENT)
    assert plan.changes[0].set["agent"] == ANNA.address
    assert [one.text for one in plan.messages][1:] == ["#assign Boris\n\nNow!"]


def test_who_is_taken_in_by_an_order_takes_part_and_who_is_made_to_watch_watches():
    (change,) = plan_for(passing(replace(ORIGINAL, above=f"#cc {MARIA.address}\n#watch Boris"))).changes
    assert [one.key for one in change.add_participants] == [MARIA.key]
    assert [one.key for one in change.add_watchers] == [BORIS.address]


@pytest.mark.parametrize(
    "line",
    ["#merge 1", "#split", "#undo", "#help", "#show", "#why", "#customer eve@elsewhere.example", "#prority high"],
)
def test_an_order_that_needs_a_ticket_brings_the_mail_back_and_nothing_is_done(line):
    plan = plan_for(passing(replace(ORIGINAL, above=f"{line}\n\n{NOTE}")))
    assert (plan.changes, plan.messages, plan.events) == ((), (), ())
    assert [letter.template for letter in plan.letters] == ["notice-commands"]


@pytest.mark.parametrize("subject", ["Fwd: [ACME-1] Printer", "FW: Re: [ACME-1] Printer"])
def test_a_forward_with_a_tickets_tag_is_no_answer_in_it_and_comes_back(subject):
    known = context(ticket(1, MARIA), tagged=(1,))
    plan = plan_for(passing(subject=subject, words="FYI, an odd one."), known)
    assert (plan.changes, plan.messages) == ((), ())
    assert [(one.template, one.audience) for one in plan.letters] == [("notice-commands", "agent")]
    assert "which is no answer" in told(plan)
    kept = plan_for(passing(subject=subject, words="#note\n\nFYI, an odd one."), known)
    assert [(one.direction, one.ticket) for one in kept.messages] == [("note", 1)]
    answer = plan_for(passing(None, subject=subject, words="Pull the plug."), known)
    assert [one.audience for one in answer.letters][:1] == ["customer"]


# --- without proof -------------------------------------------------------------------------------------------

forwards = st.builds(
    Forwarded,
    how=st.sampled_from(["inline", "attached"]),
    from_=st.sampled_from([MARIA, JANA, EVE, Address(ANNA.address), Address(SUPPORT), None]),
    date=st.sampled_from([NOW, NOW - timedelta(days=1), None]),
    subject=st.sampled_from(["Printer", "[ACME-1] Printer", ""]),
    text=st.sampled_from(["It burns.", ""]),
    above=st.sampled_from([NOTE, "#assign Boris", "#customer maria@customer.example", ""]),
)


@given(st.sampled_from([one for one in SENDERS if one is not None]), forwards, st.sampled_from([(), (MARIA,), (EVE,)]))
def test_whatever_an_unproved_mail_claims_to_pass_on_opens_nothing_in_anothers_name(sender, found, cc):
    mail = parsed(sender, NOTE, subject="Fwd: Printer", forwarded=found, cc=cc)
    plan = decide(*came(mail))
    assert customer(plan) in {None, sender}
    assert all(one.from_ in {None, sender} for one in plan.messages)
    assert all(change.set["agent"] == "" or customer(plan) == sender for change in plan.changes)
    if POLICY.agent_of(sender.address):
        assert (plan.changes, plan.messages) == ((), ())
