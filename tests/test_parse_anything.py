"""Any bytes at all, damaged mails, damaged answers, and a collection of real mail."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mails import HEAD, PNG, assert_sound, mail, multipart, part

from mailticket.core.completed import completed
from mailticket.core.parse import parse
from mailticket.core.types import ParsedMail
from mailticket.core.wire import pack, unpack

SAMPLES = [
    multipart(part("text/plain", "words"), part("image/png", PNG, 'Content-Disposition: inline; filename="a.png"')),
    mail(
        "Content-Type: text/html; charset=iso-8859-2", "Content-Transfer-Encoding: quoted-printable", "", "<p>=E8</p>"
    ),
    multipart(part("multipart/alternative; boundary=c", "--c\r\n\r\nhi\r\n--c--"), part("message/rfc822", HEAD)),
    multipart(
        part("text/plain", "fyi"), part("message/rfc822", HEAD + b"\r\nwords", "Content-Disposition: attachment")
    ),
    mail(
        "", "---------- Forwarded message ---------", "From: Jana <j@b.example>", "Subject: x", "", "Where is my order?"
    ),
    mail("Content-Type: text/plain; format=flowed", "Date: Mon, 3 Jun 2024 10:00:00 +0200", "", "> q ", "> r", "a"),
]
FRAGMENTS = [
    b"\r\n",
    b"\n\n",
    b"\r",
    b"\0",
    b"=?utf-8?b?DQo=?=",
    b"--b",
    b"--b--",
    b"From: ",
    b"\xff\xfe",
    b'"',
    b"<",
    b"(",
    b":",
]


@settings(deadline=None)  # the first mail of a process makes the tables
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_as_something_sound(raw):
    got = completed(parse(raw))
    assert_sound(got)
    assert got.size == len(raw)


@settings(max_examples=300)
@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(FRAGMENTS) | st.binary(max_size=8)), max_size=6
    ),
)
def test_any_damage_to_a_mail_is_survived(raw, damages):
    for where, gone, put in damages:
        place = int(where * len(raw))
        raw = raw[:place] + put + raw[place + gone :]
    assert_sound(completed(parse(raw)))


@settings(max_examples=100)
@given(st.sampled_from(SAMPLES) | st.binary(max_size=500))
def test_what_crosses_the_pipe_arrives_unchanged(raw):
    got = completed(parse(raw))
    assert unpack(pack(got)) == got


@given(st.floats(0, 1), st.binary(max_size=6))
def test_a_damaged_answer_is_refused_or_still_a_mail(where, put):
    packed = pack(parse(SAMPLES[0]))
    place = int(where * len(packed))
    with suppress(ValueError):
        assert isinstance(unpack(packed[:place] + put + packed[place + len(put) :]), ParsedMail)


@pytest.mark.parametrize(
    "change", [{"subject": 1}, {"from_": ["a"]}, {"size": -1}, {"extra": 1}, {"date": "2024-01-01"}]
)
def test_an_answer_of_another_shape_is_refused(change):
    packed = pack(parse(HEAD + b"\r\nx"))
    facts = json.dumps(json.loads(packed[4:]) | change).encode()
    with pytest.raises(ValueError):
        unpack(len(facts).to_bytes(4) + facts)


def test_every_mail_of_the_collection_is_read_in_two_seconds():
    """Some 2 300 real and broken mails; the variable names the folder."""
    folder = os.environ.get("MAILTICKET_CORPORA")
    if not folder:
        if os.environ.get("CI") == "true":
            pytest.fail("MAILTICKET_CORPORA is not set: CI reads the collection")
        pytest.skip("MAILTICKET_CORPORA names no collection of mails")
    root = Path(folder)
    for line in (root / "expected.jsonl").read_text().splitlines():
        name = json.loads(line)["file"]
        begun = time.process_time()
        got = completed(parse((root / name).read_bytes()))
        assert time.process_time() - begun < 2, name
        assert_sound(got)
