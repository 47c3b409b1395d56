"""A whole conversation with a real Postfix before and behind the desk, and what happens when it is down or refuses."""

from __future__ import annotations

import smtplib
from email.utils import getaddresses

import pytest
from daemon import ADDRESS, Daemon, until
from fakes.smtpserver import ScriptedServer
from postfix import Office, Postfix, about, newest, read, reply, swaks, words

MARIA = "maria@customer.example"
ANNA = "anna@acme.example"
STRANGER = "nobody@customer.example"  # Postfix knows no such user
ONLY_ANNA = f'[[agent]]\nname = "Anna Novak"\naddress = "{ANNA}"\n'


@pytest.fixture(scope="module")
def premises(need, tmp_path_factory):
    need("root", "postfix", "swaks")
    with ScriptedServer() as sink:
        folder = tmp_path_factory.mktemp("desk")
        daemon = Daemon(folder, delivery=0, agents=ONLY_ANNA)
        mta = Postfix(daemon.port, sink.port, (MARIA, ANNA))
        daemon = Daemon(folder, delivery=mta.port, port=daemon.port, agents=ONLY_ANNA)
        try:
            mta.start()
            with daemon:
                daemon.start()
                yield Office(daemon, mta, sink)
                assert daemon.stop() == 0
        finally:
            mta.remove()


@pytest.fixture
def office(premises):
    premises.sink.taken.clear()
    return premises


def test_a_whole_conversation_passes_through_postfix(office, tmp_path):
    """Question with an attachment, acknowledgement, assignment, the agent's answer, the customer's reply to it."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(bytes(range(256)) * 400)
    question = ["--header", "Subject: The printer burns", "--body", "It is on fire.\nWhat shall we do?"]
    swaks(
        office.mta.port,
        MARIA,
        *question,
        "--attach-name",
        photo.name,
        "--attach-type",
        "image/jpeg",
        "--attach",
        f"@{photo}",
    )
    acknowledged, assigned = office.got(MARIA), office.got(ANNA)
    assert acknowledged["Auto-Submitted"] == "auto-replied"
    assert acknowledged["Return-Path"] is None
    assert "It is on fire." in words(assigned)
    (attached,) = assigned.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == (photo.name, photo.read_bytes())

    office.send(ANNA, reply(assigned, f"Anna Novak <{ANNA}>", "Pull the plug, then call 112.", "answer"))
    answer = office.got(MARIA, lambda taken: b"Pull the plug" in taken.raw)
    assert words(answer).strip() == "Pull the plug, then call 112."
    assert getaddresses([answer["From"]]) == [("Anna Novak", ADDRESS)]
    assert str(acknowledged["References"]).split()[0] in str(answer["References"]).split(), "the customer's own thread"
    assert answer["Auto-Submitted"] is None

    reply_to = getaddresses([answer["Reply-To"]])[0][1]
    assert reply_to.startswith("support+"), "a signed address, which Postfix has to bring here"
    office.send(MARIA, reply(answer, f"Maria <{MARIA}>", "It is out. Thank you!", "thanks"))
    relayed = office.got(ANNA, lambda taken: b"It is out." in taken.raw)
    assert str(assigned["Message-ID"]) in str(relayed["References"]).split()
    ticket = office.ticket(newest(office))
    inbound = [message["text"].strip() for message in ticket["messages"] if message["direction"] == "inbound"]
    assert inbound == ["It is on fire.\nWhat shall we do?", "It is out. Thank you!"]
    assert ticket["status"] == "open"


def test_long_lines_and_foreign_letters_come_through_both_ways(office, tmp_path):
    """Postfix breaks lines after 998 octets; nothing is lost of what the customer wrote, nor of what the agent did."""
    line = " ".join(f"příliš žluťoučký kůň {number}" for number in range(400))
    raw = (
        f"From: Maria <{MARIA}>\nTo: {ADDRESS}\nSubject: Kone\nMessage-ID: <kone@customer.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    file = tmp_path / "mail"
    file.write_text(f"{raw}{line}\n.\nThe end\n", encoding="utf-8")
    said = swaks(office.mta.port, MARIA, "--data", f"@{file}")
    assert "250 2.0.0 Ok: queued" in said
    assigned = office.got(ANNA, about("Kone"))
    (message,) = [m for m in office.ticket(newest(office))["messages"] if m["direction"] == "inbound"]
    assert squeezed(message["text"]) == squeezed(f"{line}.The end")
    assert squeezed(f"{line}.The end") in squeezed(words(assigned).replace("> ", ""))

    office.send(ANNA, reply(assigned, f"Anna Novak <{ANNA}>", f"{line}\n.\nDěkujeme", "long"))
    answer = office.got(MARIA, lambda taken: "Re: " in str(read(taken.raw)["Subject"]), 2)
    assert squeezed(words(answer)) == squeezed(f"{line}.Děkujeme")
    assert max(map(len, answer.as_bytes().splitlines())) <= 998


def squeezed(text: str) -> str:
    """Without white space: where a relay broke a line, it has put some."""
    return "".join(text.split())


def test_what_is_answered_while_postfix_is_down_is_delivered_when_it_is_back(office):
    swaks(office.mta.port, MARIA, "--header", "Subject: Is anybody there", "--body", "Hello?")
    assigned = office.got(ANNA, about("anybody there"))
    office.got(MARIA, about("anybody there"))
    office.mta.stop()
    try:
        answer = reply(assigned, f"Anna Novak <{ANNA}>", "We are here.", "here")
        with smtplib.SMTP("127.0.0.1", office.daemon.port, timeout=20) as door:
            door.sendmail(ANNA, [getaddresses([str(read(answer)["To"])])[0][1]], answer)
        until(lambda: "does not answer" in office.daemon.logged(), 10, office.daemon.logged)
        waits = [row for row in office.outbox() if row["state"] == "queued"]
        assert sorted(row["to"] for row in waits) == [[ANNA], [MARIA]], "the answer and its receipt"
        (waiting,) = [row for row in waits if row["to"] == [MARIA]]
    finally:
        office.mta.start()
    came = office.got(MARIA, lambda taken: b"We are here." in taken.raw)
    assert came["Message-ID"] == waiting["message_id"]
    until(lambda: "answers again" in office.daemon.logged(), 10, office.daemon.logged)
    assert [mail for mail in office.sink.taken if b"We are here." in mail.raw][1:] == [], "once"


def test_while_the_desk_is_down_postfix_keeps_its_mail(office):
    assert office.daemon.stop() == 0
    swaks(office.mta.port, MARIA, "--header", "Subject: Early bird", "--body", "Too early?")
    until(lambda: "status=deferred" in office.mta.logged(), 10, office.mta.logged)
    office.daemon.start()
    office.got(MARIA, about("Early bird"))


def test_a_recipient_that_postfix_refuses_comes_to_the_agent_in_postfixs_words(office):
    swaks(office.mta.port, STRANGER, "--header", "Subject: Where am I", "--body", "Who am I?")
    assigned = office.got(ANNA, about("Where am I"))
    office.send(ANNA, reply(assigned, f"Anna Novak <{ANNA}>", "You are nobody.", "nobody"))
    refused = "Recipient address rejected"
    notices = [office.got(ANNA, lambda taken: refused in words(read(taken.raw)), count) for count in (1, 2)]
    for notice in notices:
        told = " ".join(words(notice).split())
        assert f"550 5.1.1 <{STRANGER}>: {refused}: User unknown in relay recipient table" in told
    failed = [row for row in office.outbox() if row["state"] == "failed"]
    assert [row["to"] for row in failed] == [[STRANGER], [STRANGER]], "the acknowledgement and the answer"
    kinds = [event["kind"] for event in office.ticket(newest(office))["events"]]
    assert kinds.count("undelivered") == 2, kinds
