"""Calendar objects are told in words: what, when, where, and who asks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import multipart, part

from mailticket.core.invitations import MAX_EVENTS, story_of, told
from mailticket.core.parse import parse


def calendar(*lines: str, method: str = "REQUEST", kind: str = "VEVENT") -> str:
    event = (f"METHOD:{method}", f"BEGIN:{kind}", *lines, f"END:{kind}")
    return "\r\n".join(("BEGIN:VCALENDAR", *event, "END:VCALENDAR", ""))


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (["DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"], "Tuesday 1 December 2026, 09:00 to 10:00 (UTC)"),
        (['DTSTART;TZID="Europe/Prague":20261201T090000'], "Tuesday 1 December 2026, 09:00 (Europe/Prague)"),
        (["DTSTART:20261201T090000", "DURATION:PT1H30M"], "Tuesday 1 December 2026, 09:00 to 10:30"),
        (["DTSTART;TZID=W. Europe Standard Time:20261201T220000", "DTEND:20261202T010000"],
         "Tuesday 1 December 2026, 22:00 to Wednesday 2 December 2026, 01:00 (W. Europe Standard Time)"),
        (["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"], "Tuesday 1 December 2026"),
        (["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"],
         "Tuesday 1 December 2026 to Thursday 3 December 2026"),
        (["DTSTART:20261201", "DTEND:20261202T100000Z"], "Tuesday 1 December 2026"),
        (["DTSTART:20261201T090000Z", "DURATION:-PT1H"], "Tuesday 1 December 2026, 09:00 (UTC)"),
        (["DTSTART:99991231T090000Z", "DURATION:P9999W"], "Friday 31 December 9999, 09:00 (UTC)"),
        (["DTSTART:20269999T990000Z"], "20269999T990000Z"),
    ],
)  # fmt: skip
def test_the_time_is_told_on_the_clock_it_was_written_for(lines, when):
    assert told(calendar("SUMMARY:x", *lines)) == f"Invitation: x\nWhen: {when}"


@pytest.mark.parametrize(
    ("method", "more", "word"),
    [
        ("REQUEST", [], "Invitation: x"),
        ("CANCEL", [], "Cancelled: x"),
        ("PUBLISH", [], "Event: x"),
        ("REPLY", ["ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example"], "Accepted: x\nAnswer by: a@x.example"),
        ("reply", ["ATTENDEE;PARTSTAT=TENTATIVE;CN=A:MAILTO:a@x.example"],
         "Accepted for now: x\nAnswer by: A <a@x.example>"),
        ("REPLY", ["ATTENDEE:mailto:a@x.example"], "Answered: x\nAnswer by: a@x.example"),
        ("COUNTER", [], "Another time is proposed: x"),
        ("x-what", [], "Event: x"),
    ],
)  # fmt: skip
def test_what_the_sender_does_with_it_is_told(method, more, word):
    assert told(calendar("SUMMARY:x", *more, method=method)) == word


def test_lines_are_unfolded_and_unescaped_and_alarms_passed_over():
    text = calendar(
        "SUMMARY:Budget\\, sec", " ond", "\t; round", "LOCATION:A\\nB", "RRULE:FREQ=WEEKLY;COUNT=3",
        'ORGANIZER;CN="Nov;ák: M":mailto:m@x.example', "BEGIN:VALARM", "SUMMARY:beep", "LOCATION:here", "END:VALARM",
        "DESCRIPTION:One\\nTwo\\\\",
    )  # fmt: skip
    assert told(text) == (
        "Invitation: Budget, second; round\nRepeated: every week\nWhere: A B\nOrganised by: Nov;ák: M <m@x.example>"
    )
    assert story_of(text) == "One\nTwo\\"


def test_what_we_say_of_it_is_not_among_the_senders_words():
    """Else it would be in the language that we say it in, and an agent's answer would hold it."""
    invitation = part("text/calendar; charset=utf-8", calendar("SUMMARY:x", "DTSTART:20261201T090000Z"))
    got = parse(multipart(part("text/plain; charset=utf-8", "Prosím, přijďte.\r\n\r\n-- \r\nJan"), invitation))
    assert got.text == "Prosím, přijďte.\n\nInvitation: x\nWhen: Tuesday 1 December 2026, 09:00 (UTC)"
    assert (got.written, got.full_text) == ("Prosím, přijďte.", "Prosím, přijďte.\n\n-- \nJan")
    alone = parse(multipart(invitation))
    assert (alone.written, alone.full_text) == ("", "")
    assert alone.text.startswith("Invitation: x")


def test_of_many_events_the_first_are_told():
    events = "".join(f"BEGIN:VEVENT\nSUMMARY:{n}\nEND:VEVENT\n" for n in range(20))
    assert told(events).endswith(f"Event: {MAX_EVENTS - 1}\n\n… and more in the attached calendar")


def test_a_task_is_told_and_what_has_no_event_is_not():
    task = calendar("SUMMARY:Pay", "DUE;VALUE=DATE:20261201", kind="VTODO")
    assert told(task) == "Task: Pay\nWhen: Tuesday 1 December 2026"
    assert told("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nEND:VTIMEZONE\nEND:VCALENDAR") == told("") == story_of("x") == ""


@given(st.text(alphabet='BEGINVT:;=",\\\r\n DTSA0919Z-P', max_size=300))
def test_no_calendar_is_too_broken_to_be_read(text):
    told(text)
    told(calendar("SUMMARY:x", *text.split("\n")))


@pytest.mark.parametrize("piece", ["BEGIN:VEVENT\n", ";", 'A;b="c","d"', 'A;b="', "A;b=c,", "\r\n "])
def test_a_megabyte_of_anything_is_read_in_time(piece):
    began = time.process_time()
    told(piece * (1_000_000 // len(piece)))
    assert time.process_time() - began < 1
