"""The table of rules against the suite's own mails: each row decides one, and without it that one is something else."""

from __future__ import annotations

import pytest
from letters import ANNA, MARIA, POLICY, attachment
from letters import mail as read
from own_mails import own_mails

from mailticket.core.classify import ASKS_NOTHING, RULES, Sort, classify
from mailticket.core.parse import parse
from mailticket.core.types import Address

MAILS = [(own, parse(own.path.read_bytes())) for own in own_mails() if own.path.parent.name == "machines"]
SENDER = "maria@customer.example"
ANSWERS = {"in_reply_to": ("<1042@desk.acme.example>",), "subject": "Re: [ACME-1042] Your printer"}
LEAVES = "I am out of the office until Monday."
CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:%s\r\nBEGIN:VEVENT\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n"


def sorts(rules=RULES):
    """What each of the own mails is found to be; None where no rule holds."""
    found = []
    for own, mail in MAILS:
        try:
            found.append(classify(mail, own.envelope_from, POLICY, rules))
        except StopIteration:
            found.append(None)
    return found


def is_what(sort: Sort | None):
    return sort and (sort.kind, sort.detail, sort.answerable)


def kind_of(envelope_from=SENDER, **fields):
    mail = read(**{"from_": MARIA, "subject": "Hello", "message_id": "<a@b>"} | fields)
    return classify(mail, envelope_from, POLICY)


def test_every_row_decides_the_mail_that_shows_it():
    """Not only is it covered: it is the row that its mail states, and that decides."""
    for (own, _), sort in zip(MAILS, sorts(), strict=True):
        assert own.stated["decision"]["sort"] == sort.rule, own.name
        assert own.covers in {(), (f"classify:{sort.rule}",)}, own.name
    shown = {entry for own, _ in MAILS for entry in own.covers}
    assert shown == {f"classify:{rule.name}" for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_without_a_row_a_mail_is_found_to_be_something_else(rule):
    """A row that no mail needs is not shown to be needed."""
    without = sorts([one for one in RULES if one is not rule])
    assert [is_what(a) for a in sorts()] != [is_what(b) for b in without]


def test_a_bounce_is_one_whatever_else_it_declares():
    """Many declare themselves automatic replies, and are tested before these."""
    names = [rule.name for rule in RULES]
    last = max(names.index(rule.name) for rule in RULES if rule.kind == "bounce")
    away = min(names.index(rule.name) for rule in RULES if rule.detail in ASKS_NOTHING - {"disposition"})
    assert last < away


def calendar(method, *, more=b"", name="invite.ics", kind="text/calendar"):
    return {"attachments": (attachment(name, CALENDAR % (method, more), kind),), "content_type": "multipart/mixed"}


@pytest.mark.parametrize(
    ("fields", "clicked"),
    [
        (calendar(b"REPLY"), True),
        (calendar(b"reply", kind="application/ics"), True),
        (calendar(b"REPLY", more=b"COMMENT:\r\n"), True),
        (calendar(b"REPLY", more=b"COMMENT:\\n \\n\r\n"), True),
        (calendar(b"REPLY", more=b"COMMENT:Wednesday\\, please\r\n"), False),
        (calendar(b"REPLY", more=b"COMMENT;LANGUAGE=en:\r\n Wednesday\r\n"), False),
        (calendar(b"REQUEST"), False),
        (calendar(b"CANCEL"), False),
        (calendar(b"COUNTER"), False),
        (calendar(b"REPLY", kind="text/plain"), False),
        (calendar(b"REPLY") | {"from_": ANNA}, False),
    ],
)
def test_an_answer_to_an_invitation_is_a_machines_unless_somebody_wrote_to_it(fields, clicked):
    """An agent's click is for the customer."""
    assert (kind_of(**fields).detail == "calendar-reply") is clicked


@pytest.mark.parametrize("first", [
    "[heart] Maria Nová reacted to your message:", "👍 Maria reacted to your message", "Maria reacted via Gmail",
    "Maria Nová hat auf Ihre Nachricht reagiert:", "Maria a réagi à votre message :",
])  # fmt: skip
def test_a_reaction_is_known_by_its_only_line(first):
    assert kind_of(text=first, **ANSWERS).detail == "reaction"
    assert kind_of(text=f"{first}\n________________\nFrom: Acme Support", **ANSWERS).detail == "reaction"
    assert kind_of(text=f"{first} please call me", **ANSWERS).kind == "person"
    assert kind_of(text=f"{first}\nPlease call me.", **ANSWERS).kind == "person"
    assert kind_of(text=first, subject="Re: x").kind == "person"  # it answers nothing that we sent


@pytest.mark.parametrize(("more", "kind"), [
    ({}, "automatic"),
    ({"text": f"{LEAVES} Who helps me?"}, "person"),
    ({"full_text": f"{LEAVES}\n\n> Where to?"}, "person"),
    ({"attachments": (attachment("form.pdf"),)}, "person"),
    ({"headers": (("auto-submitted", "no"),)}, "person"),
    ({"from_": ANNA}, "person"),
    ({"in_reply_to": (), "subject": "My absence"}, "person"),
    ({"in_reply_to": ()}, "automatic"),
    ({"in_reply_to": (), "references": ("<a@b>",), "subject": "My absence"}, "automatic"),
    ({"in_reply_to": (), "subject": "Xyz xyz: Printer", "headers": (("thread-topic", "Printer"),)}, "automatic"),
    ({"in_reply_to": (), "subject": "Printer", "headers": (("thread-topic", "Printer"),)}, "person"),
    ({"in_reply_to": (), "subject": "Xyz: Printer", "headers": (("thread-topic", ""),)}, "person"),
])  # fmt: skip
def test_a_first_line_counts_in_a_mail_that_answers_and_is_nothing_else(more, kind):
    """An agent who writes so has answered a customer: that is not swallowed."""
    fields = ANSWERS | {"text": LEAVES, "full_text": more.get("text", LEAVES)} | more
    assert kind_of(**fields).kind == kind


@pytest.mark.parametrize("declares", [("auto-submitted", "auto-generated"), ("precedence", "bulk"),
                                      ("x-autogenerated", "yes"), ("return-path", "<>")])  # fmt: skip
def test_who_declares_a_machine_needs_only_to_begin_so(declares):
    """… though it asks, quotes and answers nothing."""
    text = f"Hello,\n{LEAVES} Urgent?"
    sort = kind_of(headers=(declares,), text=text, full_text=text)
    assert (sort.detail, sort.rule) == ("out-of-office", "away words, declared")


def test_a_question_with_a_phrase_for_its_subject_is_a_persons():
    """It would only be recorded."""
    assert kind_of(subject="Out of office", text="How do I switch it on?").answerable
    assert kind_of(subject="Out of office", text="I am skiing.").kind == "automatic"
    assert kind_of(subject="Automatic reply: x", text="Urgent? Call 112.").kind == "automatic"


@pytest.mark.parametrize("marks", [
    {"headers": (("precedence", "spam"),)}, {"headers": (("x-bluebottle-request", "1"),)},
    {"message_id": "<20261123.1234.maria@customer.example-tmda-confirm>"},
    {"headers": (("precedence", "bulk"),), "text": "Your message has been held. Click here to confirm it."},
    {"from_": Address("x@challenge.example", "Boxbe"), "subject": "Your printer (Action Required)"},
    {"text": "Bitte bestätigen Sie, dass Sie ein Mensch sind.", **ANSWERS},
    {"text": "Merci de confirmer que vous êtes un humain.", **ANSWERS},
])  # fmt: skip
def test_a_challenge_is_known_by_a_mark_or_by_what_it_asks(marks):
    assert kind_of(**marks).detail == "challenge"


@pytest.mark.parametrize("words", [
    {"subject": "Please confirm your message", "text": "Is the price without VAT?"},
    {"subject": "Your email requires verification", "text": "I got this from you. What is it?"},
    {"text": "To prove that you are human, I had to read traffic lights. Your form is a horror."},
    {"text": "Your message has been held by our filter, please confirm that it was yours.", **ANSWERS},
])  # fmt: skip
def test_a_person_who_writes_of_one_is_a_person(words):
    assert kind_of(**words).kind == "person"


@pytest.mark.parametrize("header", ["mailing-list", "x-mailing-list", "x-beenthere"])
def test_lists_without_the_standards_headers_are_lists(header):
    assert kind_of(headers=((header, "printers@lists.example"),)).kind == "list"


@pytest.mark.parametrize(("value", "rule"), [
    ("Mirror", "auto-forwarded"), ("redirect", "auto-forwarded"), ("Forward", "auto-forwarded"),
    ("Letter", "x-autogenerated"), ("Reply", "x-autogenerated reply"),
])  # fmt: skip
def test_what_a_rule_passed_on_is_a_persons(value, rule):
    sort = kind_of(headers=(("x-autogenerated", value),))
    assert (sort.rule, sort.answerable) == (rule, False)


@pytest.mark.parametrize("header", [
    ("auto-submitted", "auto-reply"), ("auto-submitted", 'Auto-Replied; owner-email="a@b.example"'),
    ("precedence", "auto-reply"), ("x-apple-action", "VACATION/1"), ("x-autoresponse", "1"), ("x-vacation", "yes"),
])  # fmt: skip
def test_what_programs_write_for_auto_replied_is_one(header):
    assert kind_of(headers=(header,)).detail == "out-of-office"


@pytest.mark.parametrize(("subject", "text", "detail"), [
    ("Recall: Printer", "Nová, Maria would like to recall the message, “Printer”.", "recall"),
    ("Rappel : Imprimante", "Nová, Maria souhaite rappeler le message « Imprimante ».", "recall"),
    ("Message Recall Report for message [Printer]", "It was recalled.", "recall"),
    ("Re: Printer", "I would like to recall the message that I sent at five. Please delete it.", ""),
    ("Re: Printer", 'I would like to recall the message, "Printer".', ""),
    ("Recall: Printer", 'Maria would like to recall the message, "Printer". Can you delete it?', ""),
    ("Recall failure: model 7", "It still burns.", ""),
])  # fmt: skip
def test_a_recall_is_outlooks_and_not_a_persons_wish(subject, text, detail):
    """A wish that belongs to no ticket would only be recorded."""
    assert kind_of(subject=subject, text=text).detail == detail
