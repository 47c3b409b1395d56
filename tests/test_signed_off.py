"""What a client puts below commands is no reason to send them back, and what a person says is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_lists import FIRST, WIDE
from worlds import SUPPORT, parsed

from mailticket.core.signed_off import is_signature, unsigned
from mailticket.core.types import Address, Forwarded

LEGAL = (
    "This message is confidential and for the intended recipient alone. If you have got it in error, please notify "
    "the sender and delete it; its disclosure to others is prohibited.\n" * 8
)
SIGNATURES = (
    "Anna Dvořák\nAcme Ltd. | +420 123 456 789\nanna@acme.example",
    "Best regards,\nAnna",
    "Mit freundlichen Grüßen\n\nAnna Dvořák\nTel.: +420 123 456 789\nhttps://www.acme.example/",
    "Sent from my iPhone",
    "Anna <anna@acme.example>",
    "Anna\n\nOutlook f\u00fcr iOS<https://aka.ms/o0ukef> beziehen",
    f"Anna\n\n{LEGAL}",
    f"Anna\n_____\n\n{LEGAL}\n\nPlease consider the environment before printing this e-mail.",
)
WORDS = (
    "My chair is broken.",
    "Best regards to Maria, and tell her that it is done.",
    "Anna, please call Maria\n+420 123 456 789",
    "maria@customer.example",
    "Thanks, it works",
    "Thank you.",
    "https://evil.example/",
    "Anna\n\nIt burns.",
    "The file is confidential.",
)


def is_one(text, **fields):
    mail = parsed(Address(FIRST.address, FIRST.name), text, to=(Address(SUPPORT),), **fields)
    return is_signature(text, mail, FIRST, WIDE)


@pytest.mark.parametrize("text", SIGNATURES)
def test_a_greeting_and_who_the_agent_is_are_a_signature(text):
    assert is_one(text)


@pytest.mark.parametrize("text", WORDS)
def test_what_says_anything_else_is_none(text):
    assert not is_one(text)
    assert not is_one(f"{SIGNATURES[0]}\n\n{text}")


def test_what_the_html_marks_as_the_clients_is_one_and_so_is_the_configs():
    assert is_one("Head of Support\nRoom 7", signature="Head of Support Room 7")
    assert not is_one("Head of Support\nRoom 7")
    mail = parsed(Address(FIRST.address), "x")
    assert is_signature("Anna\nRoom 7", mail, replace(FIRST, signature="Anna\nRoom 7"), WIDE)


ABOVE = "It burns.\n\n-- \nMaria Nov\u00e1kov\u00e1\nCustomer Inc."
OWN = (
    "\u2014\nAnna Dvořák | Acme\n\nTel.: +420 123 456 789",
    "--\nBest regards,\nAnna Dvořák",
)
SAYS_MORE = (
    "-- \nAnna Dvořák\nAcme, private: +420 123 456",
    "--\nanna@acme.example\n4th floor",
    "-- \nRoom 7\nask for me",
    "-- \nAnna Dvořák\nsaid that I get my money back.",
)
THEIRS = (
    "-- \nMaria",
    "-- \nMaria Nov\u00e1kov\u00e1\nassistant of Anna Dvořák",
    "-- \nMaria Nov\u00e1kov\u00e1, office of Anna Dvořák",
    "-- \nassistant of\nAnna Dvořák",
    "-- \nAnna\nCustomer Inc.",  # there are others of that name
    "-- \nBest regards",
    "-- \nAnna Dvořák\nAcme\n\nThank you, Anna! It works.",  # answered below
    "-- \nMaria\n\nAnna Dvořák\nanna@acme.example",
    "--\nAnna Dvořák said that I get all of my money back,\nand that the printer may be thrown away.",
    "\u2014\nanna@acme.example please send the offer to me at\nonce, order 4711",
)
FIRST_SIGNS = replace(FIRST, signature="Room 7")


def passed_on(text, **fields):
    found = Forwarded("inline", Address("maria@customer.example", "Maria Nov\u00e1kov\u00e1"), None, "Fire", text, "")
    found = unsigned(found, parsed(Address(FIRST.address, FIRST.name), text, **fields), FIRST_SIGNS, WIDE)
    return found.text, found.below


def test_below_what_is_passed_on_it_is_cut_off_where_it_is_evidently_the_agents():
    for own in OWN:
        assert passed_on(f"{ABOVE}\n\n{own}") == (ABOVE, "")
    for theirs in ("", *THEIRS):
        assert passed_on(f"{ABOVE}\n\n{theirs}") == (f"{ABOVE}\n\n{theirs}", "")


def test_where_it_says_more_than_who_the_agent_is_nothing_of_it_is_lost():
    for more in SAYS_MORE:
        assert passed_on(f"{ABOVE}\n\n{more}") == (ABOVE, more.partition("\n")[2])
    marked = "Anna Dvořák, who leads us\n\nIt burns."
    assert passed_on(f"{ABOVE}\n\n-- \n{marked}", signature=marked) == (ABOVE, marked)
