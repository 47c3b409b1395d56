"""Dates as mail clients write them: the moment that is meant, or none."""
# ruff: noqa: RUF001 - letters of many alphabets

from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.date_words import MONTHS
from mailticket.core.written_dates import read_written_date

CET = timezone(timedelta(hours=1))
SENT = datetime(2021, 11, 1, 10, 0, tzinfo=CET)  # the mail that the date stands in
MEANT = datetime(2021, 10, 26, 14, 25, tzinfo=CET)

# Beside those that the forms of the clients have (test_forwarded).
ALIKE = (
    "Tue, Oct 26, 2021 at 2:25\u202fPM",
    "On Tuesday, October 26th, 2021 at 2:25 PM",
    "July 26, 2021 2:25 PM",
    "10/26/2021 2:25 PM",
    "26/10/2021 14:25",
    "26/10/2021 2:25 p. m.",
    "26/10/2021, 02:25 p.m.",
    "26.10.21, 14:25",
    "26. 10. 2021 14:25",
    "26-10-2021 14:25",
    "2021-10-26 14:25",
    "2021/10/26 (火) 14:25",
    "2021. 10. 26. 오후 2:25",
    "2021년 10월 26일 화요일 14시 25분",
    "2021年10月26日 星期二 下午2:25",
    "2021年10月26日（火） 14時25分",
    "26 oct. 2021 à 14 h 25",
    "26 octobre 2021 à 14h25",
    "2021. okt. 26., K, 14:25",
    "mar., 26 oct. 2021 la 14:25",
    "mar. 26/10/2021 14:25",
    "1er octobre 2021 14:25",
)


@pytest.mark.parametrize("text", ALIKE)
def test_all_these_mean_the_same_time(text):
    meant = MEANT.replace(month=7) if "July" in text else MEANT.replace(day=1) if "1er" in text else MEANT
    assert read_written_date(text, SENT) == meant


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("Tue, 26 Oct 2021 14:25:00 +0530", 5.5),
        ("26 October 2021 at 14:25:00 GMT-3", -3),
        ("2021年10月26日 GMT+8 14:25:00", 8),
        ("26 Oct 2021 14:25 (UTC+02:00) Prague", 2),
        ("26. Oktober 2021 um 14:25:00 MESZ", 2),
        ("10/26/2021 2:25 PM EST", -5),
        ("Tue, 26 Oct 2021 14:25:00 GMT", 0),
        ("26 Oct 2021 14:25 CST", 1),  # of three countries: as if none was written
        ("26 Oct 2021 14:25", 1),
    ],
)
def test_a_zone_that_is_written_counts_and_else_that_of_the_mail_around(text, offset):
    got = read_written_date(text, SENT)
    zone = timezone(timedelta(hours=offset))
    assert (got, got.utcoffset()) == (MEANT.replace(tzinfo=zone), zone.utcoffset(None))


def test_without_a_mail_around_it_is_utc_and_without_a_time_the_day_begins():
    assert read_written_date("26 Oct 2021 14:25", None) == datetime(2021, 10, 26, 14, 25, tzinfo=UTC)
    assert read_written_date("2021-10-26", SENT) == datetime(2021, 10, 26, tzinfo=CET)


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [
        ("9/10/2021 2:25 PM", 9, 10),  # American
        ("09/10/2021 14:25", 10, 9),
        ("9.10.2021 2:25 PM", 10, 9),
        ("3/02/2021 9:15 AM", 2, 3),  # Australian: the zero
        ("11/12/2021 14:25", 12, 11),
        ("10/12/2021 14:25", 10, 12),  # 10 December is after it
        ("13/10/2021 2:25 PM", 10, 13),
    ],
)
def test_day_or_month_first(text, month, day):
    got = read_written_date(text, SENT)
    assert (
        (got.month, got.day) in {(month, day), (day, month)} if "p.m." in text else (got.month, got.day) == (month, day)
    )


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Tuesday", "14:25", "October", "31 February 2021 10:00", "99.99.9999"]
)
def test_what_names_no_day_is_none(text):
    assert read_written_date(text, SENT) is None


def test_no_word_names_two_months():
    words = sorted((word, number) for number, rows in enumerate(MONTHS) for row in rows for word in row.split())
    assert [w for w, group in groupby(words, lambda pair: pair[0]) if len({number for _, number in group}) > 1] == []


@given(
    st.text(max_size=200)
    | st.from_regex(r"[0-9]{0,4}[-/. ][0-9]{1,3}[-/. ][0-9]{0,5} [0-9]{0,3}:[0-9]{0,3} [+-][0-9]{0,5}")
)
def test_any_text_is_a_moment_or_none(text):
    got = read_written_date(text, SENT)
    assert got is None or got.astimezone(UTC).tzinfo is UTC
