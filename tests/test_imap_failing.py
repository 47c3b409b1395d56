"""One mail that cannot be taken is tried three times, is left where it is, and stops none of the others."""

from __future__ import annotations

import re

import pytest
from daemon import until
from fakes.imapdialogue import DROP, OK
from mailboxes import Hurry, Reading, letter, told


@pytest.fixture
def reading(server, tmp_path):
    """It hurries, so that three tries are made at once."""
    return Reading(tmp_path, server.port, limits=Hurry.limits, clock=Hurry())


def arrive(server, bad: str = "bad") -> int:
    """The bad one is between two others; its UID."""
    server.arrive(letter("one"))
    uid = server.arrive(letter(bad))
    server.arrive(letter("two"))
    return uid


def is_given_up(reading, uid: int) -> None:
    until(lambda: (uid, "given up") in reading.mails(), 20, lambda: f"{reading.mails()} {reading.status()}", pause=0.01)


def tries(caplog) -> list[str]:
    return [line for line in told(caplog) if "cannot be taken" in line]


NOT_WHOLE = {
    "it says no": (r"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", (b"{tag} NO [SERVERBUG] cannot read it\r\n",)),
    "it says bad": (r"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", (b"{tag} BAD internal error\r\n",)),
    "it drops the connection": (r"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", (DROP,)),
    "it hands out nothing": (r"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", (OK,)),
    "it hands out NIL": (r"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", (b"* 2 FETCH (UID {uid} BODY[] NIL)\r\n" + OK,)),
    "it hands out what nobody understands": (
        r"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]",
        (b'* 2 FETCH (UID {uid} BODY[] "half\r\n' + OK,),
    ),
}
NOT_EVEN_ITS_SIZE = {
    "it says no to what is asked first": (r"UID FETCH (?=\S*\b{uid}\b).*SIZE", (b"{tag} NO [SERVERBUG] sorry\r\n",)),
    "it drops the connection at what is asked first": (r"UID FETCH (?=\S*\b{uid}\b).*SIZE", (DROP,)),
    "it says nothing to what is asked first": (r"UID FETCH {uid} .*SIZE", (OK,)),
}


@pytest.mark.parametrize("how", [*NOT_WHOLE, *NOT_EVEN_ITS_SIZE])
def test_one_that_cannot_be_fetched_is_given_up_after_three_tries_and_the_others_are_taken(
    server, reading, caplog, how
):
    caplog.set_level("INFO")
    uid = 2
    pattern, steps = (NOT_WHOLE | NOT_EVEN_ITS_SIZE)[how]
    steps = [s.replace(b"{uid}", b"2") if isinstance(s, bytes) else s for s in steps]
    server.say(pattern.format(uid=uid), *steps, always=True)
    if how == "it says nothing to what is asked first":
        others = b"".join(server_info(n) for n in (1, 3))
        server.say(r"UID FETCH 1:3 .*SIZE|UID FETCH 1,2,3 .*SIZE", others + OK, always=True)
    assert arrive(server) == uid
    with reading:
        is_given_up(reading, uid)
        reading.has(2)
        server.arrive(letter("three"))
        reading.has(3)
        reading.is_in("watching")
        assert set(server.inbox.messages) == {uid}, "it is left where it is"
        assert server.inbox.messages[uid].flags == set()
        at_once, again, last = tries(caplog)
        assert re.search(rf"mailbox main: UID {uid} cannot be taken \(try 1 of 3\): \S", at_once)
        assert "(try 2 of 3)" in again
        assert "(stays there, and is tried no more)" in last
        asked = len(server.commands)
        server.arrive(letter("four"))
        reading.has(4)
        assert not [c for c in server.commands[asked:] if c.startswith(f"UID FETCH {uid} ")]
    assert len(server.folders["Archive"].messages) == 4


def server_info(number: int) -> bytes:
    head = b"Message-ID: <%d@x>\r\n\r\n" % number
    items = b'UID %d RFC822.SIZE 300 INTERNALDATE "26-Nov-2026 10:00:00 +0000"' % number
    fields = b"BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]<0>"
    return b"* %d FETCH (%s %s {%d}\r\n%s)\r\n" % (number, items, fields, len(head), head)


def test_one_that_the_server_hands_over_at_the_third_try_is_taken(server, reading, caplog):
    for _ in range(3):  # with the others, alone, and once more
        server.say(r"UID FETCH (?=\S*\b2\b).*BODY.PEEK\[\]", b"{tag} NO [INUSE] not now\r\n")
    arrive(server)
    with reading:
        reading.has(3)
    assert [kind for _, kind in reading.mails()] == ["gone"] * 3
    assert len(tries(caplog)) == 2


@pytest.mark.parametrize("what", [r"UID FETCH .*SIZE", r"UID FETCH .*BODY.PEEK\[\]"])
def test_a_connection_that_ends_once_while_a_mail_is_fetched_is_no_failure_of_that_mail(server, tmp_path, caplog, what):
    """It is taken at once, and not after the pause that a bad one gets."""
    server.say(what, DROP)
    server.arrive(letter("one"))
    with Reading(tmp_path, server.port) as reading:
        reading.has(1, 5)
    assert not tries(caplog)


def test_one_that_failed_and_was_taken_away_by_somebody_is_gone_and_no_trouble(server, reading, caplog):
    server.say(r"UID FETCH (?=\S*\b2\b).*BODY.PEEK\[\]", b"{tag} NO [INUSE] not now\r\n", always=True)
    arrive(server)
    with reading:
        until(lambda: (2, "failing") in reading.mails(), 5, pause=0.001)
        with server.lock:
            server.inbox.expunge([uid for uid in (2,) if uid in server.inbox.messages])
        reading.has(2)
        reading.is_in("watching")
    assert dict(reading.mails()).get(2) == "gone"


def test_one_that_the_database_refuses_for_good_is_given_up_and_the_others_are_taken(server, reading, caplog):
    reading.refuse("bad", for_now=False)
    uid = arrive(server)
    with reading:
        is_given_up(reading, uid)
        reading.has(2)
        assert set(server.inbox.messages) == {uid}
    assert len(tries(caplog)) == 3
    assert "cannot be stored: IntegrityError: it is cursed" in tries(caplog)[-1]


def test_one_that_the_database_has_trouble_with_is_given_up_when_it_takes_the_others(server, reading, caplog):
    """Nobody can tell from such an error whether a mail is to blame, but by the others: no try counts without them,
    and while they are taken the mailbox is not down."""
    reading.refuse("bad", for_now=True)
    uid = arrive(server)
    with reading:
        reading.is_in("watching")
        until(lambda: tries(caplog), 5, pause=0.01)
        for number in range(2):
            asked = len(server.commands)
            again = rf"UID FETCH {uid} .*BODY.PEEK\[\]"
            until(lambda n=asked, what=again: any(re.match(what, c) for c in server.commands[n:]), 5, pause=0.01)
            assert len(tries(caplog)) == 1 + number
            reading.is_in("watching")
            server.arrive(letter(number))
            until(lambda n=number: len(tries(caplog)) == 2 + n, 5, pause=0.01)
        is_given_up(reading, uid)
        reading.has(4)
        assert set(server.inbox.messages) == {uid}


def test_while_nothing_can_be_stored_nothing_is_given_up_or_touched_and_then_all_is_taken(server, reading, caplog):
    caplog.set_level("INFO")
    reading.refuse("%", for_now=True)
    for number in range(10):
        server.arrive(letter(number))
    with reading:
        reading.is_in("down", error="malformed JSON")
        seen = server.connections
        until(lambda: server.connections > seen + 3, 10, pause=0.01)
        assert reading.stored() == 0
        assert reading.mails() == []
        assert len(server.inbox.messages) == 10
        assert not [c for c in server.commands if "MOVE" in c or "STORE" in c]
        reading.take_all()
        reading.has(10)
        reading.is_in("watching")
        assert reading.status()["last_error"] is None
    assert server.inbox.messages == {}
    lines = [line for line in told(caplog) if "what is in it cannot be stored" in line]
    assert len(lines) == 1, "once, however often it is tried"
    assert not tries(caplog)


def test_many_bad_ones_at_the_front_do_not_keep_the_others_waiting(server, reading):
    bad = [server.arrive(letter(f"bad{n}")) for n in range(3)]
    good = [server.arrive(letter(n)) for n in range(5)]
    for uid in bad:
        server.say(rf"UID FETCH (?=\S*\b{uid}\b).*BODY.PEEK\[\]", DROP, always=True)
    with reading:
        until(lambda: reading.stored() == len(good), 10, lambda: str(reading.status()), pause=0.01)
        for uid in bad:
            is_given_up(reading, uid)
