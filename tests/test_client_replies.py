"""Replies formed as Outlook, Gmail, Apple Mail and Thunderbird form them: the right words go on, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime, getaddresses, parseaddr
from itertools import count
from typing import Any

import pytest
from client_forms import FORMS
from client_forwards import FORWARDS, subject
from clients import Form, Old, reply
from glass import crossings
from scenario import SHARED_CONFIG
from scenario_desk import Mail
from test_glass import played

STORY = """\
A customer and an agent.
at 2026-11-23 09:00 Europe/Prague
Maria <maria@customer.example> writes to support@acme.example (request)
    Subject: Printer on fire

    It burns, and it is not the "old" one -- it's the new one.
> acknowledgement to maria@customer.example
> assignment to anna@acme.example (hers)
"""
TWO_AGENTS = SHARED_CONFIG.parent / "note-to-a-colleague" / "config.toml"
APART = timedelta(minutes=4)  # more than 20 notices in an hour would become one
ANNA, BORIS, MARIA = "anna@acme.example", "boris@acme.example", "maria@customer.example"
SECRETS = ("Dvo", "Acme, Brno", "Reply to this mail", "above this line", "It burns", "Sent from", "Get Outlook")


class Writing:
    """Anna at one client, and what the desk sends of her replies."""

    def __init__(self, play) -> None:
        self.desk = play.desk
        self.request = str(play.names["request"].message["message-id"])
        self.old = old(play.names["hers"])
        self.numbers = count(1)

    def says(self, client: str, *lines: str, files: tuple[str, ...] = (), **more: str) -> list[Mail]:
        return self.sends(FORMS[client], self.old, *lines, files=files, **more)

    def sends(self, form: Form, old: Old, *lines: str, files: tuple[str, ...] = (), **more: str) -> list[Mail]:
        """What the desk sends of it; it gets those in `To` and `Cc` that are its own."""
        self.desk.turn_to(self.desk.now + APART)
        self.desk.sent = []
        more = {"Date": format_datetime(self.desk.now), "To": str(old.message["reply-to"])} | more
        raw = reply(form, old, lines, next(self.numbers), *files, **more)
        named = [address for _, address in getaddresses([more["To"], more.get("Cc", "")])]
        to = tuple(address for address in named if address.startswith("support"))
        sender = parseaddr(more.get("From", ANNA))[1]
        self.sent = Mail(raw, sender, to)
        self.desk.receive(self.sent, auth="" if sender == ANNA else sender)
        assert crossings(self.desk) == []
        return list(self.desk.sent)

    @property
    def note_address(self) -> str:
        """As the mail that is answered shows it."""
        return next(word for word in self.old.text.split() if word.startswith("support+n"))

    @property
    def last(self) -> dict[str, Any]:
        """What came into the ticket last."""
        return self.desk.ticket(1)["messages"][-1]


def old(mail: Mail) -> Old:
    page = mail.message.get_body(("html",))
    return Old(mail.message, mail.text.replace("\r\n", "\n"), page.get_content() if page else "")


@pytest.fixture(scope="module")
def writing(tmp_path_factory) -> Iterator[Writing]:
    with played(tmp_path_factory.mktemp("clients"), STORY, TWO_AGENTS) as play:
        yield Writing(play)


def answered(sent: list[Mail]) -> Mail:
    (answer,) = [mail for mail in sent if mail.kind == "answer"]
    assert answer.to == (MARIA,)
    for secret in SECRETS:
        assert secret not in answer.everything.replace("Anna Dvořák <support@acme.example>", "")
    return answer


def page(mail: Mail) -> str:
    return mail.message.get_body(("html",)).get_content()


@pytest.mark.parametrize("client", FORMS)
def test_an_answer_is_the_agents_words_alone_in_the_customers_thread(writing, client):
    answer = answered(writing.says(client, "Dear Maria,", "", "pull the plug.", "Anna"))
    assert " ".join(answer.text.split()) == "Dear Maria, pull the plug. Anna"
    assert answer.message["in-reply-to"] == writing.request
    assert writing.request in answer.message["references"]


@pytest.mark.parametrize("client", FORMS)
def test_a_command_above_the_answer_runs_and_does_not_cross(writing, client):
    """Telephones write it with a capital letter."""
    sent = writing.says(client, "#priority high", "#label fire", "", "Pull the plug.")
    answer = answered(sent)
    assert " ".join(answer.text.split()) == "Pull the plug."
    assert "riority" not in page(answer)
    ticket = writing.desk.ticket(1)
    assert (ticket["priority"], ticket["labels"]) == ("high", ["fire"])
    writing.says(client, "#priority medium", "#label -fire")
    assert writing.desk.ticket(1)["priority"] == "medium"


@pytest.mark.parametrize("client", FORMS)
def test_commands_alone_send_the_customer_nothing(writing, client):
    sent = writing.says(client, "#resolve")
    assert [mail for mail in sent if mail.to != (ANNA,)] == []
    assert writing.desk.ticket(1)["status"] == "resolved"
    writing.says(client, "", "#reopen")
    assert writing.desk.ticket(1)["status"] == "open"


@pytest.mark.parametrize("client", FORMS)
def test_a_wrong_command_comes_back_whole_and_nothing_else_happens(writing, client):
    (back,) = writing.says(client, "#priority high", "#resolv", "", "Pull the plug.")
    assert back.to == (ANNA,)
    assert "#resolve" in back.text
    assert "Pull the plug." in back.text
    assert (writing.desk.ticket(1)["priority"], writing.desk.ticket(1)["status"]) == ("medium", "open")


@pytest.mark.parametrize("client", FORMS)
def test_two_number_signs_are_one_and_no_command(writing, client):
    answer = answered(writing.says(client, "##1 is the red plug", "#2 is blue"))
    assert " ".join(answer.text.split()) == "#1 is the red plug #2 is blue"
    assert "#1 is the red plug" in page(answer)
    assert "##" not in page(answer)


@pytest.mark.parametrize("client", FORMS)
def test_what_is_attached_goes_along(writing, client):
    answer = answered(writing.says(client, "See the plan.", files=("plan.pdf",)))
    assert [part.get_filename() for part in answer.message.iter_attachments()] == ["plan.pdf"]


LONG = "Smoke in the third room on the left behind the kitchen, and in the corridor below the stairs"


@pytest.mark.parametrize("client", FORMS)
def test_a_command_that_a_client_has_wrapped_is_one_line_all_the_same(writing, client):
    answer = answered(writing.says(client, f"#subject {LONG}", "", "Which one?"))
    assert " ".join(answer.text.split()) == "Which one?"
    assert writing.desk.ticket(1)["subject"] == LONG


def kept(writing: Writing, sent: list[Mail], writer: str) -> str:
    """The words of a note: nobody but agents hears of it."""
    assert {mail.to for mail in sent} <= {(ANNA,), (BORIS,)}
    assert (writing.last["direction"], writing.last["from"]["address"]) == ("note", writer)
    return " ".join(writing.last["text"].split())


@pytest.mark.parametrize("client", FORMS)
def test_a_reply_to_all_with_the_note_address_is_a_note(writing, client):
    """In place of the address for answers, or with a colleague."""
    words = ("She never pays.", "", "Ask her father.")
    sent = writing.says(client, *words, To=writing.note_address)
    assert kept(writing, sent, ANNA) == "She never pays. Ask her father."
    sent = writing.says(client, *words, To=BORIS, Cc=f"Support <{writing.note_address}>")
    assert kept(writing, sent, ANNA) == "She never pays. Ask her father."


@pytest.mark.parametrize("client", FORMS)
def test_a_reply_to_all_with_both_addresses_comes_back(writing, client):
    count = len(writing.desk.ticket(1)["messages"])
    (back,) = writing.says(client, "She never pays.", Cc=writing.note_address)
    assert back.to == (ANNA,)
    assert "it goes to the address for answers and to the one for notes" in " ".join(back.text.split())
    assert len(writing.desk.ticket(1)["messages"]) == count


@pytest.mark.parametrize("client", FORMS)
def test_what_is_passed_on_to_a_colleague_with_the_note_address_in_copy_is_a_note_and_so_is_the_answer(writing, client):
    head = {"To": f"Boris Novák <{BORIS}>", "Cc": writing.note_address, "Subject": subject(client, writing.old)}
    sent = writing.sends(FORWARDS[client], writing.old, "Did we sell her that thing?", **head)
    words = kept(writing, sent, ANNA)
    assert words.startswith("Did we sell her that thing?")
    assert "It burns" in words
    hers = writing.sent
    head = {"From": f"Boris Novák <{BORIS}>", "To": ANNA, "Cc": writing.note_address}
    sent = writing.sends(FORMS[client], old(hers), "We did, in 2019.", **head)
    assert kept(writing, sent, BORIS) == "We did, in 2019."
    assert [mail.template for mail in sent if mail.to == (ANNA,)] == ["note"]


@pytest.mark.parametrize("client", FORMS)
def test_what_is_passed_on_to_a_colleague_with_the_address_for_answers_in_copy_comes_back(writing, client):
    count = len(writing.desk.ticket(1)["messages"])
    head = {"To": BORIS, "Cc": str(writing.old.message["reply-to"]), "Subject": subject(client, writing.old)}
    (back,) = writing.sends(FORWARDS[client], writing.old, "Does she ever pay?", **head)
    assert back.to == (ANNA,)
    assert "it may not be meant for the customer" in " ".join(back.text.split())
    assert len(writing.desk.ticket(1)["messages"]) == count
