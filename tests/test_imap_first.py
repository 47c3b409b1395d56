"""The first connection leaves alone what is there, or takes it as `since` says; nobody is answered after months, and an
outage later on changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from daemon import until
from dovecot_imap import ImapDovecot
from fakes.imapdialogue import DROP
from fakes.imapserver import ScriptedImap
from mailboxes import SEEN, Hurry, Reading, clock, letter

from mailticket.intake.mailbox import Pauses

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LEFT = "first connection to INBOX: {} mails that are there already are left alone"


@pytest.fixture(scope="module")
def server(need):
    need("root", "dovecot", "imap")
    with ImapDovecot() as dovecot:
        yield dovecot


@pytest.fixture
def dovecot(server):
    """With mails of the last minute, of ten hours, two days and a year ago."""
    for name, age in (("year", 365 * DAY), ("days", 2 * DAY), ("hours", 10 * HOUR), ("minute", HOUR / 60)):
        server.fill([letter(name)], at=clock() - age)
    yield server
    server.wipe()
    server.wipe(folder="Archive")


@pytest.fixture
def script():
    with ScriptedImap() as server:
        yield server


def names(reading) -> list[str]:
    return [row["envelope_from"].partition("@")[0] for row in reading.rows()]


def test_now_leaves_what_is_there_and_says_how_many_and_takes_what_comes(dovecot, tmp_path, caplog):
    caplog.set_level("INFO")
    reading = Reading(tmp_path, dovecot.port)
    reading.start(since=timedelta(0))
    reading.is_in("watching")
    assert LEFT.format(4) in caplog.text
    dovecot.fill([letter("new")])
    reading.has(1)
    reading.stop()
    assert names(reading) == ["new"]
    assert dovecot.count() == 4
    assert list(dovecot.flags().values()) == [set()] * 4


@pytest.mark.parametrize(("since", "taken"), [(7 * DAY, ["days", "hours", "minute"]), (11 * HOUR, ["hours", "minute"])])
def test_since_takes_what_is_younger_to_the_second_and_leaves_the_rest(dovecot, tmp_path, caplog, since, taken):
    caplog.set_level("INFO")
    reading = Reading(tmp_path, dovecot.port)
    reading.start(since=since)
    reading.has(len(taken))
    reading.is_in("watching")
    reading.stop()
    assert names(reading) == taken
    assert dovecot.count() == 4 - len(taken)
    left = [record.args for record in caplog.records if "left alone" in record.getMessage()]
    assert sum(next(n for n in args if isinstance(n, int)) for args in left) == 4 - len(taken)


def test_since_finds_a_young_mail_that_bears_an_old_number(script, tmp_path):
    """Numbers are of the order of arrival in this folder, dates are of the mail's way."""
    for name, age in (("young", HOUR), ("old", 30 * DAY), ("other", HOUR)):
        script.arrive(letter(name), clock() - age)
    reading = Reading(tmp_path, script.port)
    reading.start(since=7 * DAY)
    reading.has(2)
    reading.is_in("watching")
    reading.stop()
    assert names(reading) == ["young", "other"]
    assert list(script.inbox.messages) == [2]


def test_all_takes_everything_and_acknowledges_what_is_young(dovecot, tmp_path):
    reading = Reading(tmp_path, dovecot.port)
    reading.start(since=None)
    reading.has(4)
    reading.is_in("watching")
    dovecot.fill([letter("late")], at=clock() - 10 * DAY)
    reading.has(5)
    reading.stop()
    assert names(reading)[:4] == ["year", "days", "hours", "minute"]
    assert [bool(row["quiet"]) for row in reading.rows()] == [True, True, False, False, True]
    assert reading.tickets() == 5
    assert reading.acknowledged() == 2


def test_answer_within_says_what_is_young(dovecot, tmp_path):
    reading = Reading(tmp_path, dovecot.port)
    reading.start(answer_within=HOUR)
    reading.has(4)
    reading.stop()
    assert reading.tickets() == 4
    assert reading.acknowledged() == 1


@pytest.mark.parametrize("since", [timedelta(0), 7 * DAY, None], ids=["now", "7d", "all"])
@pytest.mark.parametrize("outage", ["desk", "server"])
def test_after_a_weekend_all_is_taken_and_acknowledged_as_ever(server, tmp_path, since, outage):
    times = [5 * DAY]  # ago, at the first connection
    reading = Reading(tmp_path, server.port, clock=lambda: clock() - sum(times, timedelta(0)))
    reading.start(since=since)
    reading.is_in("watching")
    if outage == "desk":
        reading.stop()
    else:
        server.stop()
        reading.is_in("down")
    server.fill([letter("saturday")], at=clock() - 2 * DAY)
    server.fill([letter("sunday")], at=clock() - DAY)
    times.clear()
    if outage == "desk":
        reading.start()
    else:
        server.start()
    reading.has(2)
    reading.stop()
    assert not any(row["quiet"] for row in reading.rows())
    assert reading.tickets() == 2
    assert reading.acknowledged() == 2
    assert server.count() == 0


@pytest.mark.parametrize("cut", ["SELECT", "UID SEARCH", r"UID FETCH .*SIZE", r"UID FETCH .*BODY.PEEK\[\]", "UID MOVE"])
def test_a_first_connection_that_is_cut_short_goes_on_where_it_was(script, tmp_path, cut):
    for number in range(120):
        script.arrive(letter(number), clock() - DAY)
    for _ in range(2):
        script.say(cut, DROP)
    with Reading(tmp_path, script.port, limits=Hurry.limits, clock=Hurry()) as reading:
        reading.has(120)
        reading.is_in("watching")
        assert script.inbox.messages == {}


def test_what_comes_while_the_first_connection_is_cut_short_was_not_there_before(script, tmp_path):
    script.arrive(letter("before"), clock())
    script.say(r"UID FETCH .*SIZE", DROP)
    reading = Reading(tmp_path, script.port, pauses=Pauses(first=0.5, longest=0.5))
    reading.start(since=timedelta(0), after=SEEN)
    reading.is_in("down", error="(UID FETCH)")
    script.arrive(letter("after"), clock())
    reading.has(1)
    reading.is_in("watching")
    reading.stop()
    assert names(reading) == ["after"]


def test_a_mail_that_is_left_alone_and_cannot_be_looked_at_does_not_stop_the_first_connection(script, tmp_path):
    for name in ("one", "two"):
        script.arrive(letter(name), clock())
    script.say(r"UID FETCH .*SIZE", b"{tag} NO [SERVERBUG] one of them is broken\r\n", always=True)
    reading = Reading(tmp_path, script.port)
    reading.start(since=timedelta(0))
    reading.is_in("watching")
    with script.lock:
        script._script.clear()
    script.arrive(letter("new"), clock())
    reading.has(1)
    reading.stop()
    assert names(reading) == ["new"]


def test_a_mailbox_without_a_mail_begins_with_none(script, tmp_path, caplog):
    caplog.set_level("INFO")
    script.inbox.uidnext = None
    reading = Reading(tmp_path, script.port)
    reading.start(since=timedelta(0))
    reading.is_in("watching")
    assert LEFT.format(0) in caplog.text
    script.arrive(letter("new"), clock())
    until(lambda: names(reading) == ["new"], 5, pause=0.01)
    reading.stop()
