"""Transfer encodings with the damage that is done on the way, and files in the text itself."""

import base64
import binascii
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailticket.core.transfer import encoding_of, from_base64, from_quoted_printable, from_uuencode
from mailticket.core.uu import MAX_FILES, take_out

LINE = b"The printer on the second floor is broken again."
CODE = base64.b64encode(LINE)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("base64", "base64"),
        ('"base64"', "base64"),
        ("base-64", "base64"),
        ("quoted-printible", "quoted-printable"),
        ("quoted/printable", "quoted-printable"),
        ("x-uue", "uuencode"),
        ("8bits", ""),
        ("", ""),
    ],
)
def test_an_encoding_is_known_however_it_is_spelt(name, meant):
    assert encoding_of(name) == meant


@pytest.mark.parametrize(
    ("code", "data", "behind"),
    [
        (CODE[:40] + b"\r\n" + CODE[40:], LINE, b""),
        (CODE.rstrip(b"="), LINE, b""),
        (b"YWI=\r\nY2Q=\r\n", b"abcd", b""),
        (CODE[:8] + b"!*" + CODE[8:20] + b"\r\n> " + CODE[20:], LINE, b""),
        (b"YWI= ignored", b"ab", b"ignored"),
        (b"YWI=\nSent by our list.\n", b"ab", b"Sent by our list."),
        (b"YWI=\n\nThis\n", b"ab", b"This"),
        (CODE[:64] + b"\n_________________\nThe list\nlist@x.example", base64.b64decode(CODE[:64]),
         b"_________________\nThe list\nlist@x.example"),
        (b"plain words here\nand more of them", b"plain words here\nand more of them", b""),
        (b"Dear Sir,\nplain words", b"Dear Sir,\nplain words", b""),
        (b"", b"", b""),
    ],
)  # fmt: skip
def test_base64_gives_what_was_encoded_and_what_stands_behind_it(code, data, behind):
    got = from_base64(code)
    assert (got.data, got.behind) == (data, behind)


def test_a_soft_line_break_may_have_blanks_behind_it():
    assert from_quoted_printable(b"a=  \r\nb=\t\nc= d=3D=e9=XY=") == b"abc= d=\xe9=XY"


@given(st.binary(max_size=500))
def test_whole_base64_comes_back(data):
    assert from_base64(base64.encodebytes(data)) == (data, True, b"")


@given(st.binary(max_size=300))
def test_nothing_that_is_no_encoding_raises(data):
    for undo in (from_base64, from_quoted_printable, from_uuencode, take_out):
        undo(data)


def uu(data: bytes, name: bytes = b"a.bin") -> bytes:
    lines = b"".join(binascii.b2a_uu(data[n : n + 45]) for n in range(0, len(data), 45))
    return b"begin 644 " + name + b"\n" + lines + b"`\nend\n"


@given(st.binary(min_size=1, max_size=300))
def test_a_uuencoded_file_is_taken_out_of_the_text(data):
    rest, files = take_out(b"See:\n" + uu(data) + b"Bye\n")
    assert rest == b"See:\nBye\n"
    assert files == [(b"a.bin", data)]


def test_words_that_only_begin_like_a_file_stay():
    for text in (b"begin 644 then\nwe went on\n", b"begin 644 a\n", b"> begin 644 a\n> #0V%T\n> end\n", b"=ybegin x\n"):
        assert take_out(text) == (text, [])


def test_a_piece_of_a_yenc_file_stays_in_the_text():
    text = b"=ybegin part=1 total=2 line=128 size=9 name=a\n=ypart begin=1 end=3\nabc\n=yend size=3 part=1\n"
    assert take_out(text) == (text, [])


def test_of_very_many_files_the_last_ones_stay_in_the_text():
    rest, files = take_out(uu(b"x") * (MAX_FILES + 5))
    assert len(files) == MAX_FILES
    assert rest.count(b"begin 644") == 5


@pytest.mark.parametrize(
    "piece",
    [
        b"=",
        b"= ",
        b"A= ",
        b"=\t\t\t",
        b"!",
        b"A\n",
        b"a b\n",
        b"begin 644 a\n",
        b"=ybegin size=1 name=x\n",
        b"begin ",
        b"begin 644 a\n" + b"#0V%T\n" * 50 + b"#c\n",
        b"_____\n",
        b"YWI=\n",
    ],
)
def test_a_megabyte_of_anything_is_undone_in_time(piece):
    data = piece * (1_000_000 // len(piece))
    began = time.process_time()
    for undo in (from_base64, from_quoted_printable, from_uuencode, take_out):
        undo(data)
    assert time.process_time() - began < 3


def test_words_between_two_lines_of_yenc_are_no_file():
    """Else what somebody wrote around an agent's lines makes a file of these, which goes where the mail goes."""
    words = b"\n".join([b"Notes that are for agents only.", b"Earlier: three tickets of others.", b"Thanks"])
    for facts in (b"line=128 name=x", b"line=128 size=%d name=x" % len(words.replace(b"\n", b""))):
        text = b"Hello\n=ybegin %s\n%s\n=yend size=9\n" % (facts, words)
        assert take_out(text) == (text, [])
