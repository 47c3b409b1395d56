"""TNEF is unpacked into words and files, whatever state it is in, and never into more than it should."""

import base64
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import PNG, assert_sound, mail, multipart, part
from tnefs import MESSAGE, attribute, file, message, packed, prop, properties, tnef, wide

from mailticket.core import mapi
from mailticket.core.parse import parse
from mailticket.core.rtf import MAX_RTF, decompress, to_words
from mailticket.core.tnef import MAX_FILES, MAX_NESTING, unpack

NOTE = attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0")
RTF = (
    rb"{\rtf1\ansi\ansicpg1250\deff0{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard D\'eckuji\par \uc1\u269?au\tab !\par}"
)
HTML_IN_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe"
    rb"{\*\htmltag84 &nbsp;}\htmlrtf }\htmlrtf0 {\*\mhtmltag84 <x>}{\*\htmltag72 </p>}}"
)


def winmail(data: bytes, text: str = "") -> bytes:
    packed_file = part(
        "application/ms-tnef; name=winmail.dat", base64.encodebytes(data), "Content-Transfer-Encoding: base64"
    )
    return multipart(part("text/plain", text), packed_file)


def names(raw: bytes) -> list[str]:
    return [a.filename for a in parse(raw).attachments]


def test_long_names_types_and_ids_are_those_of_the_properties():
    props = (prop(0x1E, 0x3704, b"SHORT~1.PNG\0"), prop(0x1F, 0x3707, wide("dlouhé jméno.png")),
             prop(0x1E, 0x370E, b"image/png\0"), prop(0x1F, 0x3712, wide("<pic@x>")))  # fmt: skip
    got = parse(winmail(tnef(NOTE, file("SHORT~1.PNG", PNG, *props)), "see"))
    (one,) = got.attachments
    assert (one.filename, one.content_type, one.content_id, one.content) == (
        "dlouhé jméno.png",
        "image/png",
        "pic@x",
        PNG,
    )
    assert (got.text, got.defects) == ("see", ())


def test_a_type_and_an_id_that_are_none_are_not_believed():
    """Found by a fuzzer: NULs within them, which no database takes."""
    props = (prop(0x1F, 0x370E, wide("appl\0 \r\nx")), prop(0x1F, 0x3712, wide("<a\0b\r\nc>")))
    got = parse(winmail(tnef(NOTE, file("a\0.png", PNG, *props)), "see"))
    assert_sound(got)
    assert [(one.filename, one.content_type) for one in got.attachments] == [("a.png", "image/png")]


def test_the_mails_own_words_are_better_than_those_in_it():
    data = tnef(NOTE, message(prop(0x1F, 0x1000, wide("within"))))
    assert parse(winmail(data, "own words")).full_text == "own words"
    assert parse(winmail(data)).full_text == "within"


def test_properties_with_names_and_with_many_values_are_stepped_over():
    by_number = struct.pack("<HH", 3, 0x8000) + bytes(16) + struct.pack("<III", 0, 7, 1)
    by_name = struct.pack("<HH", 3, 0x8001) + bytes(16) + struct.pack("<II", 1, 6) + wide("ab") + b"\0\0" + bytes(4)
    several = struct.pack("<HHI", 0x1003, 1, 2) + bytes(8)
    texts = struct.pack("<HHI", 0x101F, 2, 2) + (struct.pack("<I", 4) + wide("a")) * 2
    fixed = b"".join(prop(kind, 3 + kind, bytes(size)) for kind, size in mapi._FIXED.items())
    last = prop(0x1F, 0x1000, wide("words"))
    data = struct.pack("<I", 5 + len(mapi._FIXED)) + by_number + by_name + several + texts + fixed + last
    assert mapi.read(data)[0x1000] == "words\0"


def test_a_property_of_no_known_kind_ends_the_reading_there():
    data = properties(prop(0x1F, 0x1000, wide("a")), prop(0x7777, 1, b""), prop(0x1F, 0x3707, wide("b")))
    assert mapi.read(data) == {0x1000: "a\0"}
    assert mapi.read(struct.pack("<I", 0xFFFFFFFF)) == mapi.read(b"") == {}
    assert mapi.read(properties(struct.pack("<HHI", 0x1003, 1, 0xFFFFFFFF))) == {}


def test_a_mail_within_gives_its_words_and_files():
    inner = tnef(NOTE, message(prop(0x102, 0x1013, b"<p>old</p>")), file("a.png", PNG))
    data = tnef(NOTE, file("Untitled", b"no", prop(0x1F, 0x3001, wide("Old mail")), prop(0xD, 0x3701, MESSAGE + inner)))
    assert names(winmail(data, "see")) == ["Old mail.html", "a.png"]


def test_mails_within_mails_end_at_a_bound():
    data = tnef(NOTE, file("a.png", PNG))
    for _ in range(MAX_NESTING + 3):
        data = tnef(NOTE, file("mail", b"", prop(0xD, 0x3701, MESSAGE + data)))
    assert names(winmail(data, "see")) == ["mail"]  # as TNEF, which some other program may read


def test_what_is_no_tnef_or_says_nothing_that_is_read_stays_a_file():
    meeting = tnef(attribute(1, 0x00078008, b"IPM.Microsoft Schedule.MtgReq\0"))
    for data in (b"words", tnef(), tnef()[:5], meeting, tnef(NOTE)[:-1]):
        assert names(winmail(data, "see")) == ["winmail.dat"]
    assert names(winmail(tnef(NOTE), "see")) == []  # a mail that is whole, and has nothing else in it


def test_of_very_many_files_the_first_are_unpacked_and_the_whole_is_kept():
    got = names(winmail(tnef(NOTE, *[file("a.txt", b"x")] * (MAX_FILES + 5)), "see"))
    assert len(got) == MAX_FILES + 1
    assert "winmail.dat" in got


@given(st.binary(max_size=100), st.integers(0, 200))
def test_no_tnef_is_too_broken(data, at):
    whole = tnef(NOTE, message(prop(0x102, 0x1009, packed(RTF))), file("a.png", b"x", prop(0x1F, 0x3707, wide("b"))))
    for broken in (data, whole[:at] + data, whole[:at] + data + whole[at + len(data) :]):
        unpack(broken)


def test_rtf_gives_its_words_in_their_charset():
    assert to_words(RTF) == ("Děkuji\nčau\t!\n", False)
    assert to_words(HTML_IN_RTF) == ("<p>Grüße&nbsp;</p>", True)
    got = parse(winmail(tnef(NOTE, message(prop(0x102, 0x1009, packed(HTML_IN_RTF))))))
    assert (got.full_text, got.html) == ("Grüße", "<p>Grüße&nbsp;</p>")
    assert got.attachments == ()


def test_compressed_rtf_repeats_what_was_before():
    known = b"{\\rtf1\\ansi"  # stands at the beginning of the window
    reference = struct.pack(">H", 0 << 4 | len(known) - 2)
    data = struct.pack("<II4sI", 0, len(known) + 1, b"LZFu", 0) + b"\1" + reference + b"}"
    assert decompress(data) == known + b"}"
    assert decompress(struct.pack("<II4sI", 0, 3, b"MELA", 0) + b"abc") == b"abc"
    assert decompress(b"x" * 15) == decompress(struct.pack("<II4sI", 0, 3, b"what", 0) + b"abc") == b""


def test_rtf_is_unpacked_up_to_a_bound():
    bomb = struct.pack("<II4sI", 0, 0xFFFFFFFF, b"LZFu", 0) + (b"\xff" + b"\x00\x0f" * 8) * 100_000
    assert len(decompress(bomb)) <= MAX_RTF


@given(st.binary(max_size=200))
def test_no_rtf_is_too_broken(data):
    decompress(packed(RTF)[:30] + data)
    to_words(RTF[:40] + data)
    to_words(b"{\\rtf1\\fromhtml1" + data)


@pytest.mark.parametrize(
    "piece", [b"{", b"}", b"\\", b"\\u1", b"\\'", b"\\'e4", b"{\\*\\x ", b"\\par", b"\\uc9\\u1", b"x\n"]
)
def test_rtf_of_the_largest_size_is_read_in_time(piece):
    began = time.process_time()
    to_words(piece * (MAX_RTF // len(piece)))
    assert time.process_time() - began < 2


def test_a_tnef_whose_lengths_lie_is_read_as_far_as_it_goes():
    data = struct.pack("<IHBII", 0x223E9F78, 1, 1, 0x0002800C, 0xFFFFFFFF) + b"words"
    assert parse(mail("Content-Type: application/ms-tnef", "", data)).full_text == "words"
