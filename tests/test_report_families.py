"""Delivery reports in plain words: each way of saying it that the table knows is found, and nobody waits for it.

Each family has a mail of its own in `mail/bounces` (`test_own_mails` sees to that).
"""

from __future__ import annotations

import time

import pytest
from dsns import TO, mail

from mailticket.core.parse import parse
from mailticket.core.report_families import _EXCHANGE, _TO_ONE, FAMILIES, MAX_RECIPIENTS, Read, family_of, flat
from mailticket.core.report_notify import MAX_JSON

PETR = "petr@customer.example"


def told(raw: bytes) -> list[tuple[str, str]]:
    bounce = parse(raw).bounce
    return [(one.address, one.action) for one in bounce.recipients] if bounce else []


def from_machine(words: str, *more: str, subject: str = "failure notice") -> bytes:
    return mail("MAILER-DAEMON@mx.example", subject, words, "Content-Type: text/plain; charset=utf-8", *more)


@pytest.mark.parametrize("heading", _EXCHANGE)
def test_exchange_names_them_under_a_heading_in_many_languages(heading):
    assert told(from_machine(f"{heading.capitalize()}:\n\n{TO}\n#550 5.1.1 not found ##\n")) == [(TO, "failed")]


@pytest.mark.parametrize("sentence", _TO_ONE, ids=str)
def test_a_sentence_names_the_one_address(sentence):
    words = f"{sentence[0].capitalize()} {TO} {sentence[1]}."
    assert told(from_machine(words)) == [(TO, "failed")]
    assert parse(from_machine(words)).bounce.sure


def test_families_have_names_of_their_own_and_tells_in_lower_case():
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    tells = [tell for family in FAMILIES for tell in family.tells]
    assert [tell for tell in tells if flat(tell) != tell] == []


def test_a_list_of_recipients_ends_where_the_mail_begins_that_came_back():
    words = (
        f"Delivery to the following recipients failed.\n\n    {TO}\n    {PETR}\n\n"
        "---------- original\nReturn-Path: <x@y.example>\n\n    eve@elsewhere.example\n"
    )
    assert told(from_machine(words)) == [(TO, "failed"), (PETR, "failed")]


def test_thousands_of_recipients_are_read_up_to_a_bound():
    words = "Hi. This is the qmail-send program at x.\n\n" + "".join(f"<a{n}@x.example>:\nno\n\n" for n in range(5000))
    _, found = family_of(Read(flat(words), words, words))
    assert len(found) == MAX_RECIPIENTS
    assert len(told(from_machine(words))) == MAX_RECIPIENTS


@pytest.mark.parametrize("subject", ["Re: failure notice", "AW: failure notice", "Fwd: failure notice"])
def test_who_answers_or_forwards_a_report_reports_nothing(subject):
    words = f"This is the qmail-send program at x.\n\n<{TO}>:\nSorry, no mailbox here by that name.\n"
    assert told(mail(PETR, "failure notice", words)) == [(TO, "failed")]
    assert told(mail(PETR, subject, words)) == []


SNS = "x-amz-sns-message-id: 1"
NOTIFICATIONS = [
    ('{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"%s"}]}}', []),
    ('{"eventType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"%s"}]}}', [(TO, "failed")]),
    ('{"notificationType":"Bounce","bounce":{"bouncedRecipients":["%s", {"emailAddress":1}]}}', []),
    ('{"notificationType":"Bounce","bounce":"%s"}', []),
    ('{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"%s"}', []),
    ("[" * 10_000 + "%s {" + '{"a":' * MAX_JSON, []),
]


@pytest.mark.parametrize(("words", "expected"), NOTIFICATIONS, ids=[n[0][:50] for n in NOTIFICATIONS])
def test_a_notification_in_json_names_bounced_recipients_or_nobody(words, expected):
    assert told(mail("no-reply@sns.example", "AWS Notification Message", words % TO, SNS)) == expected


@pytest.mark.parametrize(
    "words",
    ["\t\n", "<a@b.example>:\n", "   \n<", "-----\n", "To: a@b.example\n", "your message to ", "quota exceed ", "'\"<"],
)
def test_a_megabyte_of_anything_is_read_in_a_second(words):
    raw = from_machine(
        "----- The following addresses had permanent fatal errors -----\n" + words * (10**6 // len(words))
    )
    before = time.process_time()
    parse(raw)
    alone = time.process_time() - before
    parse(raw.replace(b"MAILER-DAEMON", b"maria").replace(b"failure notice", b"Printer"))
    as_a_persons = time.process_time() - before - alone
    assert alone < as_a_persons + 1
