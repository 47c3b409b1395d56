"""Reading heads and trees: whatever comes in, something sound comes out."""

import base64
import hashlib
import time
from datetime import datetime, timedelta

import pytest
from mails import assert_sound, mail, multipart, part

from mailticket.core.addresses import MAX_ADDRESSES, read_addresses
from mailticket.core.parse import parse
from mailticket.core.types import Address


def test_a_plain_mail_is_read_whole():
    got = parse(mail("Date: Mon, 3 Jun 2024 10:00:00 +0200", "", "Hello", "there", "", ""))
    assert got.from_ == Address("anna@acme.example", "Anna")
    assert (got.subject, got.message_id, got.from_count) == ("Hi", "<1@acme.example>", 1)
    assert got.to == (Address("support@desk.example"),)
    assert got.full_text == got.text == "Hello\nthere"
    assert got.date == datetime.fromisoformat("2024-06-03T10:00:00+02:00")
    assert got.date.utcoffset() == timedelta(hours=2)
    assert (got.content_type, got.html, got.attachments, got.defects) == ("text/plain", "", (), ())
    assert got.header("SUBJECT") == "Hi"


def test_the_body_hash_is_the_same_whatever_the_line_ends():
    crlf = mail("", "a", "b", "")
    hashes = {parse(crlf).body_hash, parse(crlf.replace(b"\r\n", b"\n")).body_hash, parse(crlf + b"\r\n \n").body_hash}
    assert hashes == {hashlib.sha256(b"a\nb").hexdigest()}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"boss@acme.example" <x@evil.example>', [("x@evil.example", "boss@acme.example")]),
        ("boss@acme.example <x@evil.example>", [("x@evil.example", "boss@acme.example")]),
        ('"a, b" <a@b.example>, c@d.example', [("a@b.example", "a, b"), ("c@d.example", "")]),
        ("a@b.example (Anna (the boss))", [("a@b.example", "Anna (the boss)")]),
        ("Team: a@b.example, <c@d.example>;", [("a@b.example", ""), ("c@d.example", "")]),
        ("John <john@x.example", [("john@x.example", "John")]),
        ("=?utf-8?q?Anna=2C_evil=40x.example?= <a@b.example>", [("a@b.example", "Anna, evil@x.example")]),
        ("=?utf-8?q?evil=40x.example?=", []),
        ("<@relay.example:a@b.example>", [("a@b.example", "")]),
        ("mailto:a@b.example", [("a@b.example", "")]),
        ('"john doe"@x.example', [('"john doe"@x.example', "")]),
        ("<a@x.example> <b@y.example>", [("a@x.example", ""), ("b@y.example", "")]),
        ("alice@good.example)bob@evil.example", []),
        ("<a@good.example,b@evil.example>", []),
        ("undisclosed-recipients:;", []),
        ("MAILER-DAEMON <>", []),
        ("a@[192.0.2.1]", [("a@[192.0.2.1]", "")]),
        ("jörg@müller.example", [("jörg@müller.example", "")]),
    ],
)
def test_what_stands_in_angle_brackets_is_the_address_and_names_never_are(value, expected):
    assert [(a.address, a.name) for a in read_addresses(value)[0]] == expected


def test_two_senders_are_counted_however_they_are_written():
    assert parse(b"From: a@b.example, c@d.example\n\n").from_count == 2
    two = parse(b"From: nobody\nFrom: a@b.example\n\n")
    assert (two.from_count, two.from_) == (2, Address("a@b.example"))
    none = parse(b"From: nobody\n\n")
    assert (none.from_count, none.from_) == (0, None)
    assert parse(b"Subject: x\n\n").from_ is None


def test_addresses_are_bounded():
    assert len(read_addresses("a@b.example," * 5000)[0]) == MAX_ADDRESSES


def test_an_encoded_word_cannot_smuggle_a_line_or_a_nul():
    smuggled = base64.b64encode(b"a\x00b\r\nBcc: evil@x.example").decode()
    got = parse(f"From: a@b.example\nSubject: =?utf-8?b?{smuggled}?=\n\n".encode())
    assert got.subject == "a b Bcc: evil@x.example"
    assert_sound(got)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("Příliš".encode(), "Příliš"),
        ("Grüße".encode("cp1252"), "Grüße"),
        (b"=?iso-8859-1?q?=80_5?=", "€ 5"),
        (b"=?utf-8?b?xZk=?= =?utf-8?b?w60=?=", "ří"),
        (b"=?utf-8?q?=C5?= =?utf-8?q?=99?=", "ř"),
        (b"=?nonsense?q?abc?= x", "abc x"),
        (b"=?punycode?q?abc-?=", "abc-"),
        (b"a\r\n  b\r\n\tc", "a b c"),
    ],
)
def test_subjects_are_decoded_as_their_writers_meant_them(raw, subject):
    assert parse(b"Subject: " + raw + b"\r\n\r\n").subject == subject


def test_references_are_tokens_without_folding_and_bounded():
    ids = "".join(f"\r\n <{n}@x.example>" for n in range(300))
    got = parse(f"References: junk{ids}\r\nIn-Reply-To: <a\r\n b@x.example> (Anna)\r\n\r\n".encode())
    assert len(got.references) == 100
    assert (got.references[0], got.references[1], got.references[-1]) == (
        "<0@x.example>",
        "<201@x.example>",
        "<299@x.example>",
    )
    assert got.in_reply_to == ("<ab@x.example>",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 3 Jun 2024 10:00:00 GMT+01:00", "2024-06-03T10:00:00+01:00"),
        ("Mon, 3 Jun 2024 10:00:00+0100", "2024-06-03T10:00:00+01:00"),
        ("Mon, 3 Jun 2024 10:00:00 CEST", "2024-06-03T10:00:00+02:00"),
        ("Mon, 3 Jun 2024 10:00:00 +0200 (CEST)", "2024-06-03T10:00:00+02:00"),
        ("Mon, 3 Jun 2024 10:00:00", "2024-06-03T10:00:00+00:00"),
        ("2024-06-03T10:00:00Z", "2024-06-03T10:00:00+00:00"),
    ],
)
def test_dates_of_careless_programs_keep_their_offset(value, expected):
    assert parse(f"Date: {value}\n\n".encode()).date == datetime.fromisoformat(expected)


@pytest.mark.parametrize("value", ["yesterday", "Mon, 3 Jun 99999 10:00:00 +0000", "0001-01-01T00:00:00+09:00", ""])
def test_what_is_no_date_is_none(value):
    assert parse(f"Date: {value}\n\n".encode()).date is None


def test_a_line_of_prose_in_the_head_hides_nothing_behind_it():
    got = parse(b"From a@b Tue Oct 29\nnot a field at all\nFrom: a@b.example\nSubject: x\n\nbody")
    assert (got.from_, got.subject, got.full_text) == (Address("a@b.example"), "x", "body")
    assert "a line in the head is no field" in got.defects


def test_headers_are_bounded():
    got = parse(b"X-A: y\n" * 5000 + b"\nbody")
    assert len(got.headers) == 1000
    assert got.full_text == "body"


# --- trees ---------------------------------------------------------------------------------------------------


def test_a_missing_boundary_is_guessed_or_the_lines_are_kept():
    cut = b"\r\n--q\r\nContent-Type: text/plain\r\n\r\nwords\r\n--q--\r\n"
    assert parse(mail("Content-Type: multipart/mixed", "") + cut).full_text == "words"
    assert parse(mail("Content-Type: multipart/mixed; boundary=other", "") + cut).full_text == "words"
    assert "words" in parse(mail("Content-Type: multipart/mixed", "", "words")).full_text


def test_a_multipart_without_its_end_is_read_to_the_end():
    got = parse(mail("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "words"))
    assert got.full_text == "words"
    assert "a multipart without its end" in got.defects


def test_the_same_boundary_inside_itself_loses_no_words():
    inner = part("multipart/alternative; boundary=b", "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo")
    got = parse(multipart(inner))
    assert "one" in got.full_text
    assert "two" in got.full_text


@pytest.mark.parametrize("depth", [10, 49, 60, 3000])
def test_nesting_is_bounded(depth):
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    got = parse(b"From: a@b.example\n" + nested + b"\nwords")
    assert ("words" in got.full_text) == (depth < 50)
    assert ("nested too deeply" in got.defects) == (depth > 50)


def test_parts_are_bounded():
    got = parse(multipart(*[part("text/plain", "x")] * 1500))
    assert got.full_text.count("x") == 1000
    assert "more than 1000 parts" in got.defects


HOSTILE = {
    "quotes that never end": b"From: " + b'"a\\" ' * 40_000,
    "comments that never end": b"From: " + b"(" * 200_000,
    "angles": b"From: " + b"<" * 200_000,
    "half words": b"Subject: " + b"=?a?q?" * 40_000,
    "punycode": b"Content-Type: text/plain; charset=punycode\n\n" + b"ab-" * 300_000,
    "boundaries": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "dashes": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--\n" * 300_000,
    "flowed": b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 200_000,
    "deep html": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "attributions": b"\n" + b"On " * 300_000,
    "empty lines": b"\n" + b"\n" * 1_000_000,
    "quote marks": b"\n" + b">" * 1_000_000,
    "parameters": b"Content-Type: text/plain" + b'; a*0="' * 30_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_quadratic(raw):
    """Each takes minutes where one scan is repeated for each character, and a fraction of a second here."""
    begun = time.process_time()
    assert_sound(parse(b"To: a@b.example\n" + raw))
    assert time.process_time() - begun < 5
