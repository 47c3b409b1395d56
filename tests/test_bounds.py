"""Every bound of a mail, met and passed: what is over it is told, what was read stays, and nothing raises."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable

import pytest
from letters import POLICY, attachment, made
from letters import mail as letter
from mails import HEAD, mail, multipart, part
from pace import busy_under

from mailticket.core import parse as parsing
from mailticket.core.bodies import HTML_CUT, TEXT_CUT
from mailticket.core.bounds import BOUNDS
from mailticket.core.excess import MORE_FILES
from mailticket.core.inside import MAX_MAILS, look_inside
from mailticket.core.parse import parse
from mailticket.core.report_families import MAX_RECIPIENTS
from mailticket.core.structure import MORE_PARTS
from mailticket.core.types import ParsedMail

MOST = {bound.what: int(bound.most) for bound in BOUNDS}
Make = Callable[[int], bytes]
Kept = Callable[[ParsedMail], bool]


def long_head(size: int) -> bytes:
    head = b"Subject: Hi\r\nX-Long: "
    return head + b"x" * (size - len(head) - 4) + b"\r\n\r\nwords"


def many_fields(count: int) -> bytes:
    return b"Subject: Hi\r\n" + b"X-A: b\r\n" * (count - 1) + b"\r\nwords"


def long_parameters(size: int) -> bytes:
    value = b'text/plain; charset=utf-8; x="'
    return HEAD + b"Content-Type: " + value + b"x" * (size - len(value) - 1) + b'"\r\n\r\nwords'


def long_part_head(size: int) -> bytes:
    head = b"Content-Type: text/plain\r\nContent-Long: "
    return multipart(head + b"x" * (size - len(head) - 4) + b"\r\n\r\nwords")


def many_addresses(count: int) -> bytes:
    return b"To: " + b", ".join(b"a%d@b.example" % n for n in range(count)) + b"\r\n\r\nwords"


def many_ids(count: int) -> bytes:
    return HEAD + b"References: " + b"\r\n ".join(b"<%d@b.example>" % n for n in range(count)) + b"\r\n\r\nwords"


def nested(count: int) -> bytes:
    """So many multiparts within each other, and a word in the innermost."""
    body = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count))
    return HEAD + body + b"\r\nwords"


def many_files(count: int) -> bytes:
    return multipart(part("text/plain", "words"), *[part("image/png", "x")] * count)


def html(text: str) -> bytes:
    return HEAD + b"Content-Type: text/html\r\n\r\n" + text.encode()


def attached(got: ParsedMail, name: str) -> bool:
    return name in [one.filename for one in got.attachments]


# What there is much of → a mail with so much of it, what is told of one more, and what stays of that.
MADE: dict[str, tuple[Make, str, Kept]] = {
    "octets of a head": (long_head, "the head is longer than 262144 bytes", lambda m: m.subject == "Hi"),
    "header fields": (many_fields, "more than 1000 header fields", lambda m: m.text == "words"),
    "octets of a field with parameters": (
        long_parameters,
        "parameters of more than 16384 octets",
        lambda m: m.text == "words",
    ),
    "octets of a part's head": (
        long_part_head,
        "the head is longer than 16384 bytes",
        lambda m: m.text.endswith("words"),
    ),
    "characters of a subject": (
        lambda n: b"Subject: " + b"x" * n + b"\r\n\r\nwords",
        "the subject is longer than 2000 characters",
        lambda m: m.subject == "x" * 2000,
    ),
    "addresses in To, in Cc, in Reply-To": (
        many_addresses,
        "more than 1000 addresses in to",
        lambda m: len(m.to) == 1000,
    ),
    "ids in References": (
        many_ids,
        "more than 100 references",
        lambda m: [m.references[0], m.references[-1]] == ["<0@b.example>", "<100@b.example>"],
    ),
    "parts": (
        lambda n: multipart(*[part("text/plain", "x")] * n),
        MORE_PARTS,
        lambda m: m.text.split() == ["x"] * 1000,
    ),
    "parts within parts": (nested, "nested too deeply", lambda m: m.attachments[0].content.endswith(b"words")),
    "characters of text": (lambda n: HEAD + b"\r\n" + b"x" * n, TEXT_CUT, lambda m: attached(m, "message.txt")),
    "lines of text": (
        lambda n: HEAD + b"\r\n" + b"x\n" * (n - 1) + b"x",
        TEXT_CUT,
        lambda m: attached(m, "message.txt"),
    ),
    "characters of HTML": (lambda n: html("x" * n), HTML_CUT, lambda m: attached(m, "message.html")),
    "tags of HTML": (lambda n: html("<br>" * n + "x"), HTML_CUT, lambda m: attached(m, "message.html")),
    "entities of HTML": (lambda n: html("&lt;" * n), HTML_CUT, lambda m: attached(m, "message.html")),
    "blocks within blocks of HTML": (
        lambda n: html("<div>" * n + "words"),
        HTML_CUT,
        lambda m: m.text == "words" and attached(m, "message.html"),
    ),
    "files": (many_files, MORE_FILES, lambda m: len(m.attachments) == 500 and m.text == "words"),
}
# These are shown below, or beside what keeps them: in test_no_empty_ticket, test_reader, test_slow_lane, test_crypto,
# test_tnef, test_transfer, test_invitations, test_forwarded_whole and test_language.
ELSEWHERE = {
    "signed, TNEF, calendar and other packed parts that are unpacked",
    "times that a mail is unpacked from what was unpacked",
    "files in one TNEF",
    "octets of RTF in one TNEF",
    "uuencoded files in one text",
    "events of a calendar",
    "octets of all files",
    "attached mails that are searched for references of ours",
    "recipients of a delivery report",
    "lines that might begin a forwarded mail",
    "attached mails of which one is forwarded",
    "characters of words that show the language",
    "defects that are noted",
    "second in the quick lane",
    "seconds",
    "seconds of the processor",
    "MB of memory",
    "files that the reader may have open",
}


def test_every_bound_is_shown():
    assert {*MADE, *ELSEWHERE} == set(MOST)
    assert len(MOST) == len(BOUNDS)


@pytest.mark.parametrize("what", MADE)
@busy_under(20)
def test_a_mail_at_the_bound_is_read_whole_and_one_over_it_is_told_of(what):
    make, told, kept = MADE[what]
    at, over = parse(make(MOST[what])), parse(make(MOST[what] + 1))
    assert told not in at.defects
    assert told in over.defects
    assert kept(over)


def test_a_block_that_is_closed_is_not_nested_and_a_foreign_end_closes_nothing():
    assert HTML_CUT not in parse(html("<div>x</div>" * 3000)).defects
    assert HTML_CUT in parse(html("<div></section>" * 3000)).defects


def test_no_more_recipients_of_a_report_are_read():
    records = b"\r\n\r\n".join(
        b"Final-Recipient: rfc822; u%d@b.example\r\nAction: failed\r\nStatus: 5.1.1" % n
        for n in range(MAX_RECIPIENTS + 1)
    )
    status = part("message/delivery-status", b"Reporting-MTA: dns; mx.b.example\r\n\r\n" + records + b"\r\n")
    raw = multipart(part("text/plain", "It failed."), status, kind="report; report-type=delivery-status")
    bounce = parse(raw).bounce
    assert bounce is not None
    assert len(bounce.recipients) == MAX_RECIPIENTS


def test_no_more_defects_are_noted(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_DEFECTS", 1)
    assert len(parse(b"To: a@\r\nCc: b@\r\n\r\nwords").defects) == 1


@pytest.mark.parametrize(("count", "found"), [(MAX_MAILS, True), (MAX_MAILS + 1, False)])
def test_no_more_attached_mails_are_searched(count, found):
    """The last ones are searched first."""
    encoded = part("text/plain", encodebytes(made("assignment").raw), "Content-Transfer-Encoding: base64")
    files = [encoded, *[b"Subject: x\r\n\r\nwords"] * (count - 1)]
    mails = tuple(attachment(f"{n}.eml", content, "message/rfc822") for n, content in enumerate(files))
    assert bool(look_inside(letter(attachments=mails), POLICY).attached) is found


def test_a_mail_over_many_bounds_at_once_is_still_read():
    got = parse(mail(f"References: {'<a@b.example> ' * 500}", f"X-Long: {'x' * 10_000}", "", "words " * 300_000))
    assert (got.subject, got.from_.address) == ("Hi", "anna@acme.example")
    assert got.text.startswith("words words")
