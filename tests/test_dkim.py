"""Our own check of DKIM signatures: which are good, and what they cover."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signing import HEADERS, MAIL, NAME, SHORT_RECORD, by_hand, record, signed

from mailticket.core.dkim_check import answer, pack_question, unpack_answer, verify, wanted
from mailticket.core.parse import parse
from mailticket.core.types import DkimPass

AT = datetime.now(UTC)  # dkimpy signs with the machine's clock
KEYS = {NAME: record(), "s1._domainkey.akme.example": record()}
GOOD = signed()
STAMP = int(AT.timestamp())


def passes(raw: bytes, keys: dict[str, bytes] | None = None, at: datetime = AT) -> tuple[DkimPass, ...]:
    return verify(raw, KEYS if keys is None else keys, at)


def test_a_good_signature_is_found_with_what_it_covers():
    """The names that it lists, be they there or not: nobody can add one of them."""
    (one,) = passes(GOOD)
    assert (one.domain, one.whole) == ("acme.example", True)
    assert one.signed == {name.decode() for name in HEADERS}


# The mail as it was signed, and what somebody made of it on the way.
CHANGED = {
    "nothing": (lambda m: m, True),
    "a Received line above": (lambda m: b"Received: by mx\r\n" + m, True),
    "line ends of unix": (lambda m: m.replace(b"\r\n", b"\n"), True),
    "the line of an mbox": (lambda m: b"From anna Mon Nov 23\r\n" + m, True),
    "spaces at a line's end": (lambda m: m.replace(b"you.", b"you.  \t"), True),
    "ten thousand empty lines at the end": (lambda m: m + b"\r\n" * 10_000, True),
    "a field of its own name in capitals": (lambda m: m.replace(b"Subject:", b"SUBJECT:"), True),
    "a word": (lambda m: m.replace(b"#resolve", b"#assign eve"), False),
    "a line below": (lambda m: m + b"more\r\n", False),
    "the subject": (lambda m: m.replace(b"Order", b"Other"), False),
    "a second From above": (lambda m: b"From: eve@evil.example\r\n" + m, False),
    "a Cc that the signature says is not there": (lambda m: m.replace(b"To:", b"Cc: eve@evil.example\r\nTo:"), False),
    "the Date away": (lambda m: re.sub(rb"\nDate: [^\n]+", b"", m), False),
    "a bare CR in a new field": (lambda m: b"X-Note: a\rSubject: Other\r\n" + m, False),
    "a bare CR at the head's end": (lambda m: m.replace(b"\r\n\r\n", b"\r\nX: a\rReferences: <x@y>\r\n\r\n", 1), False),
    "a line that is no field": (lambda m: b"Received: by mx\r\nhello\r\n" + m, False),
    "a name with a space": (lambda m: b"Subject : Other\r\n" + m, False),
    "a head of a megabyte": (lambda m: b"X-Long: " + b"a" * 1_000_000 + b"\r\n" + m, False),
    "two thousand fields": (lambda m: b"X: y\r\n" * 2000 + m, False),
    "a field of ten thousand lines": (lambda m: b"X: y\r\n" + b" z\r\n" * 10_000 + m, False),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_was_signed_cannot_be_changed(case):
    """And where two readers could take the head for two things, nothing is proved."""
    change, good = CHANGED[case]
    assert bool(passes(change(GOOD))) is good


@pytest.mark.parametrize("name", ["Subject", "Date", "To", "Message-ID"])
def test_a_second_field_above_the_signed_one_is_not_covered(name):
    """The signature holds, since it takes the lowest; a reader would see the first."""
    (one,) = passes(f"{name}: something else\r\n".encode() + GOOD)
    assert name.lower() not in one.signed
    assert one.signed >= {n.decode() for n in HEADERS} - {name.lower()}


def test_a_field_that_is_named_twice_is_covered_twice():
    """So mailers say that there is no second one."""
    names = (*HEADERS, b"subject")
    (one,) = passes(signed(headers=names))
    assert "subject" in one.signed
    assert passes(b"Subject: something else\r\n" + signed(headers=names)) == ()


def test_a_signature_of_a_part_of_the_body_is_said_to_be_so():
    """Whatever stands below that part would be taken for the agent's words."""
    for raw in (signed(length=True), signed(length=True) + b"more\r\n"):
        (one,) = passes(raw)
        assert one.whole is False


TAGS = {
    "plain": ({}, True),
    "with an identity": ({"i": "anna@acme.example"}, True),
    "with an identity below": ({"i": "@mail.acme.example"}, True),
    "with another domain's identity": ({"i": "@evil.example"}, False),
    "with an identity that ends alike": ({"i": "@notacme.example"}, False),
    "asked elsewhere": ({"q": "http"}, False),
    "of another version": ({"v": "2"}, False),
    "by nothing known": ({"a": "rsa-md5"}, False),
    "without From": ({"h": "to:subject:date"}, False),
    "of a domain that is none": ({"d": "acme example"}, False),
    "of a domain beyond ASCII": ({"d": "a\u212ame.example"}, False),
    "signed now": ({"t": str(STAMP)}, True),
    "signed tomorrow": ({"t": str(STAMP + 86_400)}, False),
    "signed at no time": ({"t": "soon"}, False),
    "good for an hour": ({"t": str(STAMP - 60), "x": str(STAMP + 3600)}, True),
    "good until a minute ago": ({"t": str(STAMP - 3600), "x": str(STAMP - 60)}, False),
    "expired before it was signed": ({"t": str(STAMP), "x": str(STAMP)}, False),
    "with a tag twice": ({"c": "relaxed/relaxed; v=1"}, False),
    "with three hundred names": ({"h": "from:to:subject:date" + ":x" * 300}, False),
}


@pytest.mark.parametrize("case", TAGS)
def test_a_signature_is_good_as_its_tags_say(case):
    """Its times are compared with the mail's arrival, not with when we come to read it."""
    tags, good = TAGS[case]
    assert bool(passes(by_hand(tags))) is good


def test_a_mail_that_waited_is_as_good_as_when_it_came():
    """The desk may have been down for longer than a signature lasts."""
    raw = by_hand({"t": str(STAMP - 60), "x": str(STAMP + 60)})
    assert passes(raw, at=AT)
    assert passes(raw, at=AT + timedelta(days=2)) == ()


RECORDS = {
    "plain": (record(), True),
    "without a version": (record(more=""), True),
    "for mail": (record(more="v=DKIM1; s=email; "), True),
    "for SHA-256": (record(more="v=DKIM1; h=sha1:sha256; "), True),
    "strict": (record(more="v=DKIM1; t=s; "), True),
    "for something else": (record(more="v=DKIM1; s=tlsrpt; "), False),
    "for SHA-1 only": (record(more="v=DKIM1; h=sha1; "), False),
    "of another version": (record(more="v=DKIM2; "), False),
    "of another kind": (record(more="v=DKIM1; k=ed25519; "), False),
    "under test": (record(more="v=DKIM1; t=y:s; "), False),
    "taken back": (b"v=DKIM1; p=", False),
    "another key": (record(1024), False),
    "no key": (b"v=spf1 -all", False),
    "not base64": (b"v=DKIM1; p=%%%", False),
    "no key in base64": (b"v=DKIM1; p=aGVsbG8=", False),
    "empty": (b"", False),
    "a long one": (record() + b"; n=" + b"x" * 3000, False),
}


@pytest.mark.parametrize("case", RECORDS)
def test_a_key_serves_as_its_record_says(case):
    """A domain that tries DKIM out, or has taken a key back, says so there."""
    text, good = RECORDS[case]
    assert bool(passes(GOOD, {NAME: text})) is good


def test_a_strict_key_wants_the_domain_itself():
    """t=s: no identity below it."""
    raw = by_hand({"i": "@mail.acme.example"})
    assert passes(raw)
    assert passes(raw, {NAME: record(more="v=DKIM1; t=s; ")}) == ()


def test_short_keys_prove_nothing():
    """512 bits are factored in hours; 1024 are what old mail servers still sign with."""
    raw = signed(bits=512)
    assert dkim.DKIM(raw, minkey=512).verify(dnsfunc=lambda *_, **__: SHORT_RECORD)
    assert passes(raw, {NAME: SHORT_RECORD}) == ()
    assert passes(signed(bits=1024), {NAME: record(1024)})


def test_sha1_proves_nothing():
    """Two mails with one SHA-1 can be made."""
    raw = signed(signature_algorithm=b"rsa-sha1")
    assert dkim.DKIM(raw).verify(dnsfunc=lambda *_, **__: record())
    assert passes(raw) == ()


def test_a_signature_whose_key_was_not_handed_in_is_not_checked():
    """Who asks DNS has chosen."""
    assert passes(GOOD, {}) == ()
    assert passes(GOOD, {"s2._domainkey.acme.example": record()}) == ()


def test_the_same_mail_has_one_name_whoever_signed_it():
    """Else one of two signatures could be taken away, and the mail be brought again."""
    other = signed(headers=(b"from", b"to", b"subject", b"date"))
    both = other[: other.index(b"From:")] + GOOD
    first, second = passes(both)
    assert first.signed != second.signed
    assert first.digest == second.digest == passes(GOOD)[0].digest
    assert passes(signed(MAIL.replace(b"09:00:00", b"09:00:01")))[0].digest != first.digest


def test_only_keys_of_signatures_that_could_speak_for_from_are_wanted():
    """At most two, so that a stranger's mail does not send us through all DNS."""
    bulk = signed(domain=b"mailer.example")
    above = b"".join(by_hand({"s": f"k{n}"}).partition(b"From:")[0] for n in range(9))
    assert wanted(parse(GOOD)) == (NAME,)
    assert wanted(parse(bulk)) == ()
    assert wanted(parse(bulk[: bulk.index(b"From:")] + GOOD)) == (NAME,)
    assert wanted(parse(above + MAIL)) == tuple(f"k{n}._domainkey.acme.example" for n in range(2))
    assert wanted(parse(MAIL)) == ()
    assert wanted(replace(parse(GOOD), from_=None)) == ()


ODD = [
    b"",
    b"\r\n",
    b" folded\r\n",
    b"DKIM-Signature: \r\n\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256; b=; bh=; d=a; h=from; s=b",
]


@pytest.mark.parametrize("raw", ODD)
def test_what_is_no_mail_passes_nothing(raw):
    """And raises nothing."""
    assert passes(raw, KEYS | {"b._domainkey.a": record()}) == ()


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.binary(max_size=3), st.integers(0, 3)), max_size=3))
def test_no_change_makes_another_mail_pass(edits):
    """Whatever still passes says what was signed, where it is covered."""
    raw = GOOD
    for place, data, gone in edits:
        raw = raw[:place] + data + raw[place + gone :]
    for one in passes(raw):
        mail, original = parse(raw), parse(GOOD)
        if one.whole and {"from", "to", "subject", "date"} <= one.signed:
            assert (mail.from_, mail.to, mail.subject, mail.date) == (
                original.from_, original.to, original.subject, original.date,
            )  # fmt: skip
            assert mail.full_text.split() == original.full_text.split()


LONG = {
    "spaces that end no line": b" " * 4_000_000 + b"x\r\n",
    "empty lines": b"\r\n" * 900_000,
    "empty lines and something": b"\r\n" * 900_000 + b"x",
    "bare carriage returns": b"\r" * 4_000_000,
    "more lines than any mail has": b"\r\n" * 20_000_000,
}


@pytest.mark.parametrize("case", LONG)
def test_bodies_are_checked_in_one_pass(case):
    """dkimpy alone needs the square of their length for some (the test's own limit stands for the clock)."""
    passes(signed() + LONG[case])


def test_a_question_and_its_answer_go_through_a_pipe():
    """The reader checks; what it answers is believed no further than its shape."""
    assert unpack_answer(answer(pack_question(KEYS, AT) + GOOD)) == passes(GOOD)
    bad = (b"", b"{}", b"[1]", b'[["a", [1], true, "b"]]', b'[["a", ["from"], 1, "b"]]', b"[[]]", b"[[],[],[],[]]")
    for data in bad:
        with pytest.raises(ValueError):
            unpack_answer(data)
