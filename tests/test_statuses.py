"""What the words of mail servers mean: each row of the table is shown by words as servers write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.statuses import MEANINGS, meant, status_of

SHOWN = [
    # row, words → status
    ("mailbox full", "552 Error: disk quota exceeded", "5.2.2"),
    ("mailbox full", "452 the mailbox of maria is over quota", "4.2.2"),
    ("mailbox full", "The user's mailfolder is full.", "5.2.2"),
    ("mailbox full", "User mailbox exceeds allowed size", "5.2.2"),
    ("mailbox full", "550 Postfach voll", "5.2.2"),
    ("mailbox full", "La boîte aux lettres de Maria est pleine", "5.2.2"),
    ("mailbox full", "送信先のメールボックスが一杯のため", "5.2.2"),
    ("message too big", "552 message size exceeds fixed limit", "5.3.4"),
    ("message too big", "Your message is too large", "5.3.4"),
    ("mailbox disabled", "554 delivery error: This account has been disabled or discontinued", "5.2.1"),
    ("mailbox disabled", "550 inactive user", "5.2.1"),
    ("moved", "551 User not local; please try <maria@new.example>", "5.1.6"),
    ("relaying denied", "550 relaying denied", "5.7.1"),
    ("relaying denied", "554 Relay access denied", "5.7.1"),
    ("relaying denied", "550 mx.example is not permitted to relay through this server", "5.7.1"),
    ("no reverse name", "571 No PTR Record found. Reverse DNS required", "5.7.25"),
    ("spam or virus", "554 This looks like spam", "5.7.1"),
    ("spam or virus", "550 192.0.2.1 is on our blacklist", "5.7.1"),
    ("spam or virus", "554 a virus was found", "5.7.1"),
    ("sender not authenticated", "550 rejected by DMARC", "5.7.1"),
    ("sender not authenticated", "550 Unauthenticated senders not allowed", "5.7.1"),
    ("unknown user", "550 <maria@customer.example>... User unknown", "5.1.1"),
    ("unknown user", "This user doesn't have a customer.example account", "5.1.1"),
    ("unknown user", "This user doesn\u2019t have a customer.example account", "5.1.1"),
    ("unknown user", "User maria not listed in Domino Directory", "5.1.1"),
    ("unknown user", "550 no such user here", "5.1.1"),
    ("unknown user", "450 Recipient address rejected: unverified", "4.1.1"),
    ("unknown user", "550 Empfänger unbekannt", "5.1.1"),
    ("unknown user", "Schránka neexistuje", "5.1.1"),
    ("unknown host", "550 Host unknown", "5.1.2"),
    ("unknown host", "No mx record found for domain=customer.example", "5.1.2"),
    ("mail loop", "554 too many hops", "5.4.6"),
    ("too many", "451 greylisted, try again later", "4.7.1"),
    ("too many", "You have reached your daily limit", "4.7.1"),
    ("no room on the server", "451 queue file write error", "4.3.1"),
    ("no answer", "connect to mx.customer.example: Connection timed out", "4.4.1"),
    ("no answer", "The recipient server did not accept our requests to connect", "4.4.1"),
    ("connection lost", "lost connection with mx.customer.example", "4.4.2"),
    ("given up after days", "retry timeout exceeded", "4.4.7"),
    ("given up after days", "Your message was not delivered within 3 days: not responding for 3 days", "4.4.7"),
    ("rules of the server", "550 Access denied", "5.7.1"),
    ("rules of the server", "550 rejected for policy reasons", "5.7.1"),
    ("rules of the server", "550 Zpráva odmítnuta", "5.7.1"),
    ("malformed", "501 syntax error in parameters", "5.5.2"),
]


@pytest.mark.parametrize(("row", "words", "status"), SHOWN)
def test_words_mean_what_is_wrong(row, words, status):
    straight = words.replace("\u2019", "'")
    assert next(one.name for one in MEANINGS if re.search(one.words, straight, re.IGNORECASE)) == row
    assert meant(words) == status


def test_every_row_is_shown():
    assert {one.name for one in MEANINGS} == {row for row, _, _ in SHOWN}


FOUND = [
    # what, field, words → status
    ("the field's", "5.1.1 (bad mailbox)", "no", "5.1.1"),
    ("of the server that refused, where our side knows less", "5.0.0", "550 5.1.1 no such user", "5.1.1"),
    ("of the server that refused, where our side guessed", "5.1.1", "550 5.7.1 blacklisted", "5.7.1"),
    ("what a server said before our side gave up", "4.4.7", "450 4.7.1 access denied", "4.7.1"),
    ("the last of several", "4.4.7", "554 4.4.7 expired <421 4.4.2 Connection timed out>", "4.4.2"),
    ("of the server that refused for good, where our side says for now", "4.5.0", "550 5.5.0 refused", "5.5.0"),
    ("of what was delivered, the field's", "2.0.0", "550 5.1.1 was said to somebody", "2.0.0"),
    ("qmail writes a number sign", "", "Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1"),
    ("a code beats words", "", "550 5.7.1 user unknown", "5.7.1"),
    ("words without a code", "", "550 user unknown", "5.1.1"),
    ("a reply alone", "", "550 no", "5.0.0"),
    ("a reply for now", "", "450 no", "4.0.0"),
    ("an address with digits is no reply", "", "<a550@x.example> said no", ""),
    ("an IP address is no status", "", "host 5.1.1.2 said no", ""),
    ("nothing", "", "", ""),
]


@pytest.mark.parametrize(("what", "field", "words", "status"), FOUND, ids=[one[0] for one in FOUND])
def test_the_status_is_the_most_exact_one_that_is_said(what, field, words, status):
    assert status_of(field, words) == status


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_have_a_status_or_none(field, words):
    assert status_of(field, words)[:1] in {"", "2", "4", "5"}
