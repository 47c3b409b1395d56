"""Reading bodies: the words in their charset, harmless HTML, files with safe names and their own bytes."""

import base64
import hashlib
import tracemalloc

import pytest
from mails import PNG, mail, multipart, part
from pace import busy_under

from mailticket.core.bodies import MAX_LINES, MAX_TEXT, TEXT_CUT
from mailticket.core.html import html_to_text, sanitise
from mailticket.core.parse import parse


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("", "Děkuji".encode(), "Děkuji"),
        ("us-ascii", "Děkuji".encode(), "Děkuji"),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße"),
        ("iso-8859-1", b"\x80 5", "€ 5"),
        ("iso-8859-2", "Děkuji".encode("iso-8859-2"), "Děkuji"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("no-such-charset", "Děkuji".encode(), "Děkuji"),
        ("undefined", b"x", "x"),
        ("utf-8", b"a\x00b\x1b[31m", "ab[31m"),
        ("utf-8", "žlutý kůň".encode().replace(b"\xc5\xaf", b"\xc5\r\n \xaf"), "žlutý kůň"),  # cut by a relay
        ("utf-8", "žlutý kůň".encode() + b" \xff", "žlutý kůň \ufffd"),
        ("utf-8", "naïve Grüße, señor".encode("cp1252"), "naïve Grüße, señor"),
    ],
)
def test_bodies_are_read_in_the_charset_they_were_written_in(charset, raw, text):
    declared = f"; charset={charset}" if charset else ""
    assert parse(mail(f"Content-Type: text/plain{declared}", "", raw)).full_text == text


def test_flowed_paragraphs_become_one_line_each():
    flowed = mail(
        "Content-Type: text/plain; format=flowed", "", "one ", "two", " >not a quote", "> q ", "> r", "-- ", "A"
    )
    assert parse(flowed).full_text == "one two\n>not a quote\n> q r\n-- \nA"
    assert parse(mail("Content-Type: text/plain; format=flowed; delsp=yes", "", "日 ", "本")).full_text == "日本"


def test_broken_base64_gives_what_comes_before_the_break():
    got = parse(mail("Content-Transfer-Encoding: base64", "", base64.b64encode(b"Hello there").decode()[:-3]))
    assert got.full_text.startswith("Hello th")
    assert "broken base64" in got.defects


def test_of_two_alternatives_the_text_is_taken_and_the_html_kept():
    got = parse(multipart(part("text/plain", "words"), part("text/html", "<p>words</p>"), kind="alternative"))
    assert (got.full_text, got.html, got.attachments) == ("words", "<p>words</p>", ())


def test_an_empty_text_alternative_gives_way_to_the_html():
    got = parse(multipart(part("text/plain", " \r\n"), part("text/html", "<p>words</p>"), kind="alternative"))
    assert got.full_text == "words"


def test_texts_that_follow_each_other_are_joined():
    assert parse(multipart(part("text/plain", "one"), part("text/plain", "two"))).full_text == "one\n\ntwo"


def test_html_is_harmless_and_reads_well_as_text():
    page = (
        "<title>T</title><style>p{}</style><script>alert(1)</script><div>Hi <b>you</b></div><div>two</div>"
        '<a href="https://x.example/a?b=1&amp;c=2" onclick="x()">here</a><img src="https://track.example/1.gif">'
        '<img src="cid:pic@x"><a href="javascript:x()">bad</a><a href="https://y.example">https://y.example</a>'
    )
    got = parse(mail("Content-Type: text/html", "", page))
    assert got.full_text == "Hi you\ntwo\nhere <https://x.example/a?b=1&c=2>badhttps://y.example"
    for bad in ("alert", "onclick", "track.example", "javascript", "style", "<title"):
        assert bad not in got.html
    assert 'src="cid:pic@x"' in got.html


def test_html_quotes_become_quoted_lines():
    page = "<div>yes</div><div>On Mon, 3 Jun 2024 A wrote:</div><blockquote>q<blockquote>r</blockquote></blockquote>"
    got = parse(mail("Content-Type: text/html", "", page))
    assert got.full_text == "yes\nOn Mon, 3 Jun 2024 A wrote:\n> q\n>> r"
    assert got.text == "yes"


@pytest.mark.parametrize(
    "page", ["<div>x" * 15_000, "<p>word</p>" * 30_000, "<blockquote>x" * 15_000, "<" * 300_000, "<script>" * 30_000]
)
def test_html_over_the_bounds_costs_no_more_than_its_look(page):
    text = html_to_text(page)
    assert len(sanitise(page)) < 10_000_000
    assert len(text) < 2_000_000
    if "<p>" in page:
        assert text.count("word") == 30_000


# --- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (['Content-Disposition: attachment; filename="a b.pdf"'], "a b.pdf"),
        (["Content-Disposition: attachment; filename=a b.pdf"], "a b.pdf"),
        (["Content-Disposition: attachment; filename*=utf-8''%C5%99.pdf"], "ř.pdf"),
        (["Content-Disposition: attachment; filename*0*=utf-8''%C5; filename*1*=%99; filename*2=.pdf"], "ř.pdf"),
        (['Content-Disposition: attachment; filename="=?utf-8?q?=C5=99.pdf?="'], "ř.pdf"),
        (['Content-Disposition: attachment; filename="../../etc/passwd"'], "passwd"),
        (['Content-Disposition: attachment; filename="C:\\\\dir\\\\x.doc"'], "x.doc"),
        (['Content-Disposition: attachment; filename="a\u202efdp.exe"'], "afdp.exe"),
        (["Content-Disposition: attachment; filename=.."], "file-1.bin"),
        (['Content-Disposition: attachment; filename=""'], "file-1.bin"),
        ([f"Content-Disposition: attachment; filename={'x' * 900}.pdf"], "x" * 196 + ".pdf"),
    ],
)
def test_file_names_are_decoded_and_safe(headers, name):
    got = parse(multipart(part("text/plain", "see"), part("application/octet-stream", "x", *headers)))
    assert [a.filename for a in got.attachments] == [name]


def test_every_file_gets_a_name_of_its_own():
    named = part("application/pdf", "x", 'Content-Disposition: attachment; filename="A.pdf"')
    picture = part("image/png", "x")
    got = parse(
        multipart(named, named.replace(b"A.pdf", b"a.pdf"), picture, picture, part("text/calendar", "x"), named)
    )
    names = [a.filename for a in got.attachments]
    assert names == ["A.pdf", "a-2.pdf", "picture-1.png", "picture-2.png", "invitation-1.ics", "A-3.pdf"]


def test_files_keep_their_bytes():
    encoded = base64.encodebytes(PNG)
    got = parse(multipart(part("image/png", encoded, "Content-Transfer-Encoding: base64")))
    (file,) = got.attachments
    assert file.content == PNG
    assert file.sha256 == hashlib.sha256(PNG).hexdigest()


def test_a_picture_that_the_html_shows_is_inline():
    got = parse(
        multipart(
            part("text/html", '<img src="cid:a@x">'),
            part("image/png", "x", "Content-ID: <a@x>"),
            part("image/png", "x", "Content-ID: <b@x>"),
            kind="related",
        )
    )
    assert [(a.content_id, a.inline) for a in got.attachments] == [("a@x", True), ("b@x", False)]


def test_a_forwarded_message_is_one_file_with_its_own_bytes():
    inner = b"From: x@y.example\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ninner words\r\n--i--\r\n"
    got = parse(multipart(part("text/plain", "outer"), part("message/rfc822", inner)))
    assert got.full_text == "outer"
    assert [(a.filename, a.content) for a in got.attachments] == [("message-1.eml", inner)]


def test_a_text_with_a_name_is_a_file_unless_it_is_the_whole_mail():
    got = parse(multipart(part("text/plain", "hi"), part("text/plain; name=log.txt", "log")))
    assert (got.full_text, [a.filename for a in got.attachments]) == ("hi", ["log.txt"])
    assert parse(mail("Content-Type: text/plain; name=x.txt", "", "hi")).full_text == "hi"


# --- more text than anybody reads -------------------------------------------------------------------------------

LONG = {
    "lines": ("text/plain", b"a\r\n" * 2_000_000),
    "quotes": ("text/plain", b">a\r\nb\r\n" * 1_000_000),
    "one line": ("text/plain; charset=iso-8859-1", b"\xe9" * 6_000_000),
    "emoji": ("text/plain", "😀 ab\n".encode() * 700_000),
    "flowed": ("text/plain; format=flowed", b"a \r\n" * 2_000_000),
}


@pytest.mark.parametrize("name", LONG)
@busy_under(10)
def test_text_over_the_bounds_is_cut_and_kept_whole_as_a_file(name):
    kind, body = LONG[name]
    tracemalloc.start()
    got = parse(mail(f"Content-Type: {kind}", "", body))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert TEXT_CUT in got.defects
    assert 90_000 < len(got.full_text) <= MAX_TEXT
    assert got.full_text.count("\n") <= MAX_LINES
    (file,) = got.attachments
    assert (file.filename, file.content_type) == ("message.txt", "text/plain")
    whole, wanted = file.content.decode(), body.decode("latin-1" if "8859" in kind else "utf-8")
    assert whole == wanted + "\r\n"
    assert peak < 8 * len(body)


def test_the_bounds_hold_for_all_parts_together():
    got = parse(multipart(*(part("text/plain", f"part {n}\n" + "x" * 400_000) for n in range(4))))
    assert len(got.full_text) <= MAX_TEXT + 10
    assert [a.filename for a in got.attachments] == ["message.txt", "message-2.txt"]
    assert [a.content[:6] for a in got.attachments] == [b"part 2", b"part 3"]


def test_a_text_within_the_bounds_stays_whole():
    text = ("x" * 39 + "\n") * (MAX_TEXT // 40 - 1) + "x" * 38
    got = parse(mail("", text))
    assert (got.full_text, got.attachments, got.defects) == (text, (), ())


@busy_under(10)
def test_a_table_of_one_wide_cell_and_many_rows_is_no_bomb():
    wide = "<table><tr><td>" + "x" * 400_000 + "</td></tr>" + "<tr><td>a</td><td>b</td></tr>" * 1500 + "</table>"
    assert len(parse(mail("Content-Type: text/html", "", wide)).full_text) < 500_000
    small = "<table><tr><td>one</td><td>two</td></tr><tr><td>longer</td><td>x</td></tr></table>"
    assert "one     two" in parse(mail("Content-Type: text/html", "", small)).full_text


def test_html_over_what_is_read_is_kept_as_a_file():
    got = parse(mail("Content-Type: text/html", "", "<p>word</p>" * 500_000))
    assert got.full_text.startswith("word")
    assert ("message.html", 5_500_002) in [(a.filename, a.size) for a in got.attachments]
