"""No ticket is empty: whatever came is a ticket, and where nothing could be read of it, the mail itself is attached."""

from __future__ import annotations

import random
from base64 import encodebytes
from datetime import UTC, datetime, timedelta
from email import policy as reading
from email.parser import BytesParser

import pytest
from letters import desk as policy
from mails import PNG, mail, multipart, part

from mailticket.core import excess
from mailticket.core.completed import completed
from mailticket.core.excess import MORE_FILES, MORE_OCTETS, NOT_TEXT
from mailticket.core.original import NOTHING, word
from mailticket.core.parse import parse
from mailticket.core.render import Templates
from mailticket.core.types import RawMail
from mailticket.errors import MailticketError
from mailticket.store import face, inbox, queues
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.templates_files import load_templates
from mailticket.worker import Worker

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SENDER = "maria@customer.example"
FROM = b"From: Maria <maria@customer.example>\r\nMessage-ID: <1@customer.example>\r\n"
NOISE = random.Random(4).randbytes(3000)


@pytest.fixture
def shop(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Shop(db)


class Shop:
    """A desk on a database of its own, whose reading a test can bend."""

    def __init__(self, db) -> None:
        self.db, self.now, self.parse = db, NOW, parse
        desk = Desk(db, policy(), Templates(load_templates()), lambda: self.now, "one")
        self.worker = Worker(desk, self._read)

    def _read(self, raw: bytes):
        return self.parse(raw)

    def receive(self, raw: bytes, envelope_from: str = SENDER) -> None:
        inbox.accept(self.db, [RawMail(raw, envelope_from, ("support@acme.example",), "smtp", NOW)])
        self.worker.step()

    def ticket(self):
        return face.ticket(self.db, 1, "ACME")

    def letter(self, kind: str):
        """The first mail of ours of that kind."""
        row = next(row for row in queues.outbox(self.db) if row["kind"] == kind)
        return BytesParser(policy=reading.default).parsebytes(queues.outbox_raw(self.db, row["id"]))


UNREADABLE = {
    "a mail without a word": FROM + b"\r\n",
    "only a head": FROM + b"X-Mailer: y\r\n",
    "blank lines": FROM + b"\r\n\r\n  \r\n\t\r\n",
    "a file that came without its bytes": FROM
    + b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n",
    "HTML that shows nothing": FROM + b'Content-Type: text/html\r\n\r\n<p><img src="https://x.example/1.gif"></p>',
    "no head, and noise": NOISE,
    "a head, and noise in place of text": FROM + b"\r\n" + NOISE,
    "a multipart of no parts": FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
    "one NUL": b"\0",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_mail_of_which_nothing_can_be_read_is_a_ticket_with_the_original_and_a_word(shop, name):
    raw = UNREADABLE[name]
    shop.receive(raw)
    ticket = shop.ticket()
    assert ticket["customer"]["address"] == SENDER
    (message,) = [m for m in ticket["messages"] if m["direction"] == "inbound"]
    assert message["text"] == message["full_text"] == f"({NOTHING})"
    original = message["attachments"][-1]
    assert (original["filename"], original["size"]) == ("message.eml", len(raw))
    letter = shop.letter("assignment")
    assert NOTHING in letter.get_body(("plain",)).get_content()
    assert NOTHING in letter.get_body(("html",)).get_content()
    sent = queues.outbox_raw(shop.db, 2)
    assert raw in sent or encodebytes(raw).replace(b"\n", b"\r\n") in sent
    assert SENDER in shop.letter("acknowledgement")["To"]


READABLE = {
    "a subject is enough": FROM + b"Subject: Please call me\r\n\r\n",
    "one letter": b"x",
    "a picture without a word": FROM + b"Content-Type: image/png\r\n\r\n" + PNG,
    "words": FROM + b"\r\nHello\r\n",
    "some stray NULs": FROM + b"\r\nHello\0 there\0, how are you\r\n",
    "UTF-16, as declared": FROM + b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + "Hello there".encode("utf-16"),
    "ISO-2022-JP": FROM + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + "日本語".encode("iso-2022-jp"),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_mail_that_says_anything_needs_no_word(shop, name):
    shop.receive(READABLE[name])
    (message,) = [m for m in shop.ticket()["messages"] if m["direction"] == "inbound"]
    assert "original" not in message["text"]
    assert "message.eml" not in [one["filename"] for one in message["attachments"]]


def test_a_mail_without_any_address_is_a_ticket_that_nobody_is_answered_for(shop):
    shop.receive(NOISE, "")
    assert shop.ticket()["customer"]["address"] == ""
    assert [row["kind"] for row in queues.outbox(shop.db)] == ["assignment"]


def test_what_is_called_text_and_is_none_is_a_file_with_its_own_bytes():
    got = parse(multipart(part("text/plain", "see"), part("text/plain", NOISE)))
    assert (got.full_text, [a.content for a in got.attachments]) == ("see", [NOISE])
    assert NOT_TEXT in got.defects
    assert word(got) == ""


def test_an_agent_s_empty_answer_is_no_mail_that_cannot_be_read(shop):
    """It comes back as it always did, and goes to no customer."""
    shop.receive(FROM + b"Subject: Help\r\n\r\nHello\r\n")
    asked = shop.letter("assignment")
    reply = (
        f"From: anna@acme.example\r\nTo: {asked['From']}\r\nMessage-ID: <2@acme.example>\r\n"
        f"In-Reply-To: {asked['Message-ID']}\r\n\r\n"
    )
    shop.receive(reply.encode(), "anna@acme.example")
    assert [m["direction"] for m in shop.ticket()["messages"]] == ["inbound", "outbound"]
    assert "an empty answer" in queues.inbox_show(shop.db, 2)["reason"]


# --- what is over a bound ---------------------------------------------------------------------------------------------


def test_a_mail_of_which_parts_are_left_out_goes_along_whole(shop, monkeypatch):
    monkeypatch.setattr(excess, "MAX_FILES", 3)
    parts = [b"--b\r\n" + part("image/png", b"x") + b"\r\n"] * 4
    raw = b"".join(
        (FROM, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n", *parts, b"--b--\r\n")
    )
    shop.receive(raw)
    (message,) = [m for m in shop.ticket()["messages"] if m["direction"] == "inbound"]
    assert message["text"].startswith("words\n\n(Not all of this mail could be read")
    assert [one["filename"] for one in message["attachments"]][3:] == ["message.eml"]


@pytest.mark.parametrize(
    ("bound", "most", "defect"), [("MAX_FILES", 4, MORE_FILES), ("MAX_FILE_OCTETS", 40, MORE_OCTETS)]
)
def test_files_are_bounded_in_number_and_size(monkeypatch, bound, most, defect):
    monkeypatch.setattr(excess, bound, most)
    at, over = (parse(multipart(part("text/plain", "hi"), *[part("image/png", "x" * 10)] * n)) for n in (4, 5))
    assert (len(at.attachments), defect in at.defects) == (4, False)
    assert (len(over.attachments), defect in over.defects) == (4, True)


def test_what_was_over_a_bound_is_read_again_after_an_upgrade_as_of_when_it_came(shop):
    """`inbox retry`: the bytes are kept whatever happened, and the effect is that of the mail's own time."""

    def too_much(_raw):
        raise MailticketError("the reader needed over 512 MB for it")

    shop.parse = too_much
    shop.receive(FROM + b"\r\nHello\r\n")
    for _ in range(2):
        shop.now += timedelta(seconds=5)
        shop.worker.step()
    row = queues.inbox_show(shop.db, 1)
    assert (row["state"], row["reason"]) == ("quarantined", "the reader needed over 512 MB for it")
    shop.parse, shop.now = parse, NOW + timedelta(days=3)
    assert inbox.retry(shop.db, [1], shop.now) == [(1, "queued")]
    shop.worker.step()
    ticket = shop.ticket()
    assert ticket["created_at"] == "2026-11-23T08:00:00.000Z"
    assert [m["text"] for m in ticket["messages"] if m["direction"] == "inbound"] == ["Hello"]


def test_a_mail_within_all_bounds_stays_as_it_is():
    assert word(parse(mail("", "words"))) == ""


def test_what_somebody_passes_on_is_shown_to_the_agent(shop):
    """It is the request: without it "FYI" would be all that the agent ever sees. Our words stay below it."""
    shop.parse = lambda raw: completed(parse(raw))
    head = ("---------- Forwarded message ---------", "From: Karl <karl@b.example>", "Subject: Pump")
    words = "\r\n".join(("FYI", "", *head, "", "The pump is broken."))
    calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Repair\nDTSTART:20261201T100000Z\nEND:VEVENT\nEND:VCALENDAR"
    shop.receive(FROM + multipart(part("text/plain", words), part("text/calendar", calendar)).partition(b"\r\n")[2])
    shown = shop.letter("assignment").get_body(("plain",)).get_content()
    told = [shown.index(one) for one in ("FYI", "From: Karl", "The pump is broken.", "Event: Repair")]
    assert told == sorted(told)
    assert "The pump is broken." in shop.ticket()["messages"][0]["text"]
