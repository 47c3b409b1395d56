"""Agents and customers with clients that they have: neomutt and s-nail in a terminal, a real Dovecot between."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from client_house import AGENTS, ANNA, CYRIL, MARIA, NORA, PETR, House
from daemon import ADDRESS, Daemon, until
from dovecot_imap import ImapDovecot
from glass_reading import hay
from tmux import PATIENCE

from mailticket.store import queues


@pytest.fixture(scope="module")
def house(need, tmp_path_factory) -> Iterator[House]:
    need("root", "dovecot", "imap", "lmtp", "tmux", "neomutt", "s-nail")
    folder = tmp_path_factory.mktemp("clients")
    with ImapDovecot((ANNA, CYRIL, MARIA, NORA, PETR)) as dovecot, Daemon(folder, 1, agents=AGENTS) as daemon:
        text = daemon.config.read_text().replace("smtp://127.0.0.1:1", f"lmtp://{dovecot.lmtp}")
        daemon.config.write_text(text)
        daemon.start()
        yield House(folder, dovecot, daemon)


def asks(house: House, who: str, subject: str) -> tuple[str, int]:
    """A customer's first mail, with a copy for their own mailbox; its Message-ID, and the ticket that Anna has got."""
    before = house.dovecot.count(ANNA)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = who, ADDRESS, subject
    mail["Message-ID"] = f"<{subject.partition(' ')[0]}@customer.example>"
    mail.set_content("It burns, and nobody knows why.\n")
    with smtplib.SMTP("127.0.0.1", house.daemon.port) as client:
        client.send_message(mail)
    house.dovecot.deliver(mail.as_bytes(policy=policy.SMTP), who)
    house.mails(ANNA, before + 1)
    with house.database() as db:
        return str(mail["message-id"]), max(row["ticket"] or 0 for row in queues.outbox(db))


def is_one_answer(house: House, mails: list[EmailMessage], words: str, asked: str) -> None:
    """The agent's mail to a customer: from the department, with these words alone, in the thread of all before."""
    (answer,) = (mail for mail in mails if "Anna" in mail["from"])
    assert answer.get_body(("plain",)).get_content().strip().splitlines() == words.split("\n")
    assert answer["from"] == "Anna Novak <support@acme.example>"
    assert answer["subject"].startswith("Re: [ACME-")
    assert {str(mail["references"] or mail["message-id"]).split()[0] for mail in mails} == {asked}
    assert str(answer["in-reply-to"]) in str(answer["references"]).split()
    marks = (parseaddr(str(m[name]))[1] for m in house.mails(ANNA, 1) for name in ("message-id", "reply-to"))
    seen = hay(answer.as_bytes())
    assert not any(secret in seen for secret in (ANNA, "write your answer", "it burns", "#resolve", *marks))


def note_address(house: House, who: str) -> str:
    """As the last mail there shows it."""
    text = house.mails(who, 1)[-1].get_body(("plain",)).get_content()
    return next(word for word in text.split() if word.startswith("support+n"))


def is_one_thread(mails: list[EmailMessage]) -> None:
    """Of the desk's, as they came in: each but the first answers one of them, and names the first."""
    ours = [mail for mail in mails if "support@acme.example" in mail["from"]]
    (first,) = (str(mail["message-id"]) for mail in ours if mail["in-reply-to"] is None)
    assert {str(mail["in-reply-to"]) for mail in ours} <= {"None", *(str(mail["message-id"]) for mail in ours)}
    assert {str(mail["references"]).split()[0] for mail in ours} == {first}


def said(house: House, number: int) -> list[tuple[str, str, str]]:
    """The ticket's messages: which way, whose, their first line."""
    lines = [(m["direction"], m["from"], m["text"].strip().split("\n")[0]) for m in house.messages(number)]
    return [(way, who["address"] if who else "", line) for way, who, line in lines]


def test_in_neomutt_an_agent_notes_answers_passes_on_and_resolves_and_each_side_sees_one_thread(house):
    asked, number = asks(house, MARIA, "Printer on fire")
    with house.neomutt(ANNA, "Anna Novak") as anna:
        anna.shows("Printer on fire")
        anna.keys("Enter")
        anna.shows("Reply to this mail and your words go to maria@customer.example", note_address(house, ANNA))
        house.replies(anna, ANNA, "#watch cyril\n")  # a new mail to the note address proves notes alone
        house.mails(CYRIL, 1)
        house.sends(anna, note_address(house, ANNA), "her", "Her father is the mayor.\n")
        house.mails(CYRIL, 2)
        house.replies(anna, ANNA, "Dear Maria,\n\npull the plug.\n")
        is_one_answer(house, house.mails(MARIA, 3), "Dear Maria,\n\npull the plug.", asked)
        house.becomes(number, "pending")
    had = house.dovecot.count(ANNA)
    with house.neomutt(MARIA, "Maria") as maria:
        maria.shows("|->", "`->")
        maria.keys("Enter")
        house.replies(maria, MARIA, "It is out.\n")
    house.becomes(number, "open")
    house.mails(ANNA, had + 1)
    has_passed_on(house, number)
    colleague_reads(house, number)
    assert house.written_to(MARIA) == 2
    theirs = house.mails(MARIA, 3)
    assert len(theirs) == 3
    seen = " ".join(hay(mail.as_bytes()) for mail in theirs)
    assert not any(word in seen for word in ("mayor", "#watch", "cyril", "who is she", "the fuse"))


def has_passed_on(house: House, number: int) -> None:
    """The customer's last mail to a colleague, within hers and attached to it."""
    with house.neomutt(ANNA, "Anna Novak") as anna:
        anna.shows("Printer on fire", "`->")
        anna.keys("*", "Enter")
        anna.shows("It is out.")
        noted, had = note_address(house, ANNA), house.dovecot.count(CYRIL)
        house.forwards(anna, CYRIL, noted, "Who is she?\n")
        house.mails(CYRIL, had + 2)  # hers, and the note
        anna.types(":set mime_forward=yes")
        anna.keys("Enter")
        anna.shows("It is out.")
        house.forwards(anna, CYRIL, noted, "Is it the fuse?\n")
        mails = house.mails(CYRIL, had + 4)[had:]
        inline, attached = (mail for mail in mails if ANNA in mail["from"])
        assert "It is out." in inline.get_body(("plain",)).get_content()
        assert [part.get_content_type() for part in attached.iter_attachments()] == ["message/rfc822"]
        anna.keys("Enter")
        anna.shows("It is out.")
        house.replies(anna, ANNA, "#resolve\n\n")
        house.becomes(number, "resolved")
    assert said(house, number)[-2:] == [("note", ANNA, "Who is she?"), ("note", ANNA, "Is it the fuse?")]
    assert "It is out." in house.messages(number)[-2]["text"]


def colleague_reads(house: House, number: int) -> None:
    """All of it in one thread, and what he answers to the note is one, too."""
    is_one_thread(house.mails(CYRIL, 1))
    had = house.dovecot.count(ANNA)
    with house.neomutt(CYRIL, "Cyril Dvorak") as cyril:
        cyril.shows("Anna Novak (note)", "`->")
        cyril.keys("l")
        cyril.types("~b mayor")
        cyril.keys("Enter")
        cyril.shows("Her father is the mayor.")
        house.replies(cyril, CYRIL, "I play chess with him.\n")
    house.mails(ANNA, had + 1)
    is_one_thread(house.mails(ANNA, 1))
    assert said(house, number)[-1] == ("note", CYRIL, "I play chess with him.")


def test_in_neomutt_an_agent_asks_for_a_list_reads_it_and_goes_on_by_a_reply(house):
    """Nothing proves the new mail but the answer to the question that comes of it."""
    _, first = asks(house, PETR, "Lamp is dark")
    _, second = asks(house, PETR, "Where is the key to the room with the large printer, and who had it last? I need it")
    had = house.dovecot.count(ANNA)
    with house.neomutt(ANNA, "Anna Novak") as anna:
        anna.shows("Lamp is dark")
        house.sends(anna, ADDRESS, "#list", "")
        house.mails(ANNA, had + 1)
    with house.neomutt(ANNA, "Anna Novak") as anna:
        house.opens(anna, "~s 'Did you write this'", "#list", "yes")
        house.replies(anna, ANNA, "yes\n")
        house.mails(ANNA, had + 2)
    with house.neomutt(ANNA, "Anna Novak") as anna:
        screen = house.opens(anna, "~s 'open tickets'", "Your open tickets: ", f"[ACME-{second}]")
        rows = {
            tag: line for line in screen.splitlines() for tag in (f"[ACME-{first}]", f"[ACME-{second}]") if tag in line
        }
        assert [line.index(words) for line, words in zip(rows.values(), ("Lamp", "Where"), strict=True)] == [28, 28]
        assert f"    {PETR}, new, Anna Novak" in screen
        assert "Answer with #show 12, #list overdue" in screen
        house.replies(anna, ANNA, f"#show {second}\n")
        house.mails(ANNA, had + 3)
    with house.neomutt(ANNA, "Anna Novak") as anna:
        house.opens(
            anna,
            "~b 'last changed'",
            f"[ACME-{second}] Where is the key",
            f"from {PETR}",
            "> It burns, and nobody knows why.",
        )
    assert (house.status(first), house.status(second)) == ("new", "new")


def test_in_s_nail_an_agent_notes_answers_resolves_and_takes_back(house):
    asked, number = asks(house, NORA, "Window does not close")
    with house.s_nail(ANNA, "Anna Novak") as anna:
        anna.shows("Window does not close")
        anna.types("type $")
        anna.shows(note_address(house, ANNA))
        house.mails_from_s_nail(anna, note_address(house, ANNA), "her", "She never pays.")
        until(lambda: said(house, number)[-1] == ("note", ANNA, "She never pays."), PATIENCE)
        house.writes(anna, "Dear Nora,", "", "push.")
        is_one_answer(house, house.mails(NORA, 3), "Dear Nora,\n\npush.", asked)
        house.becomes(number, "pending")
    with house.s_nail(ANNA, "Anna Novak", quotes=False) as anna:
        anna.shows("Window does not close")
        house.writes(anna, "#resolve")
        house.becomes(number, "resolved")
    text = (
        house.daemon.config.read_text().replace('send_delay = "0s"', 'send_delay = "1h"').replace('"errors"', '"all"')
    )
    assert house.daemon.stop() == 0
    house.daemon.config.write_text(text)
    house.daemon.start()
    had = house.dovecot.count(ANNA)
    with house.s_nail(ANNA, "Anna Novak", quotes=False) as anna:
        anna.shows("Window does not close")
        house.writes(anna, "Pull, I mean.")
        house.mails(ANNA, had + 1)
    with house.s_nail(ANNA, "Anna Novak", quotes=False) as anna:
        anna.shows("Window does not close")
        house.writes(anna, "#undo")
        house.mails(ANNA, had + 2)
    with house.database() as db:
        assert [row["state"] for row in queues.outbox(db) if NORA in row["to"]] == ["sent", "sent", "undone"]
    assert len(house.mails(NORA, 3)) == 3
    assert "never pays" not in " ".join(hay(mail.as_bytes()) for mail in house.mails(NORA, 3))
