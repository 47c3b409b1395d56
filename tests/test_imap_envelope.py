"""Whom a mail in a mailbox is for, and since when it is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fakes.imapdialogue import OK
from letters import desk
from mailboxes import SUPPORT, Reading, clock, letter

SALES = "sales@acme.example"
SECRET_LIST = "everybody@list.example"


@pytest.fixture
def reading(server, tmp_path):
    """A desk of two departments."""
    policy = desk(send_delay=timedelta(0))
    support = policy.departments[0]
    policy = replace(
        policy, departments=(support, replace(support, name="Sales", addresses=(SALES, "buy@acme.example")))
    )
    return Reading(tmp_path, server.port, policy)


def recipients(server, reading, raw: bytes, **changes) -> str:
    server.arrive(raw)
    reading.start(**changes)
    reading.has(1)
    reading.stop()
    return reading.rows()[0]["envelope_to"]


DELIVERED = {
    "To": ("", SUPPORT, SUPPORT),
    "Delivered-To before To": (f"Delivered-To: {SALES}\n", SUPPORT, SALES),
    "X-Original-To before To": (f"X-Original-To: {SALES}\n", SUPPORT, SALES),
    "Envelope-To before To": (f"Envelope-To: {SALES}\n", SUPPORT, SALES),
    "Delivered-To of the account": ("Delivered-To: acme.desk@provider.example\n", SALES, SALES),
    "Delivered-To without a domain": ("Delivered-To: support\n", SALES, SALES),
    "Cc": (f"Cc: Somebody <{SALES}>\n", SECRET_LIST, SALES),
    "Bcc only, and nothing names us": ("", SECRET_LIST, SUPPORT),
    "a detail": ("", "sales+x@acme.example", "sales+x@acme.example"),
    "capital letters": ("", "Sales@ACME.example", "Sales@ACME.example"),
    "garbage": ("Delivered-To: <>\nX-Original-To: \u0000,;<@>\n", "undisclosed-recipients:;", SUPPORT),
}


@pytest.mark.parametrize("how", DELIVERED)
def test_the_recipient_is_whom_it_was_delivered_to_and_then_whom_it_names(server, reading, how):
    more, to, expected = DELIVERED[how]
    assert recipients(server, reading, letter("one", more=more, to=to)) == f'["{expected}"]'
    assert reading.tickets() == 1


def test_all_departments_that_it_was_delivered_to_are_named(server, reading):
    assert recipients(server, reading, letter("one", to=f"{SUPPORT}, {SALES}")) == f'["{SUPPORT}","{SALES}"]'


SETTLED = {
    "another department is named": (SUPPORT, SALES),
    "both are": (f"{SUPPORT}, buy@acme.example", "buy@acme.example"),
    "nobody is": (SECRET_LIST, SALES),
    "its own with a detail": ("sales+12.abc@acme.example", "sales+12.abc@acme.example"),
}


@pytest.mark.parametrize("how", SETTLED)
def test_the_department_of_the_mailbox_settles_it(server, reading, how):
    to, expected = SETTLED[how]
    raw = letter("one", to=to, more=f"Delivered-To: {SUPPORT}\n" if how == "nobody is" else "")
    assert recipients(server, reading, raw, department="Sales") == f'["{expected}"]'


def test_an_answer_to_a_signed_address_finds_its_ticket_through_the_mailbox(server, reading):
    """As Dovecot and Google deliver it: into the account without the detail, which To and Delivered-To still have."""
    recipients(server, reading, letter("one"))
    assert reading.tickets() == 1
    signed = reply_address(reading)
    assert "+" in signed
    server.arrive(
        letter("one", to=signed, more="X: 2\n").replace(b"<one@", b"<two@", 1).replace(b"It does", b"Nothing")
    )
    reading.start()
    reading.has(2)
    reading.stop()
    assert reading.tickets() == 1


def reply_address(reading) -> str:
    raw = bytes(reading.db.execute("SELECT mail FROM outbox_raw").fetchone()[0])
    line = next(line for line in raw.split(b"\r\n") if line.lower().startswith(b"reply-to:"))
    return line.decode().partition("<")[2].partition(">")[0] or line.decode().partition(":")[2].strip()


HERE = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)


def received(server, reading, at: datetime) -> datetime:
    server.arrive(letter("one"), at)
    reading.start()
    reading.has(1)
    reading.stop()
    return datetime.fromtimestamp(reading.rows()[0]["received_at"] / 1e6, UTC)


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Kathmandu")])
def test_a_mail_was_received_when_the_server_had_it(server, reading, zone):
    assert received(server, reading, HERE.astimezone(zone)) == HERE


def test_a_mail_from_the_future_was_received_now(server, reading):
    began = clock()
    assert began <= received(server, reading, clock() + timedelta(days=400)) <= clock()
    assert reading.tickets() == 1, "it does not wait for its time"


@pytest.mark.parametrize(
    "said",
    [
        "",
        'INTERNALDATE "00-Jan-0000 00:00:00 +0000" ',
        "INTERNALDATE NIL ",
    ],
)
def test_a_mail_without_a_date_that_can_be_understood_was_received_now(server, reading, said):
    raw = letter("one")
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    fields = b"BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]<0> {%d}\r\n%s" % (len(head), head)
    items = b"UID 1 RFC822.SIZE %d %s%s" % (len(raw), said.encode(), fields)
    server.say(r"UID FETCH 1 .*INTERNALDATE", b"* 1 FETCH (%s)\r\n" % items + OK, always=True)
    began = clock()
    assert began <= received(server, reading, HERE) <= clock()
