"""Mails as they leave: read back with the standard library, they say what the letter said and nothing else."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import ANNA, FACTS, MARIA, NOW, attachment, desk, letter

from mailticket.core.compose import compose, own_loop
from mailticket.core.headers import address_header, ascii_address, filename_parameter, ids_header, text_header
from mailticket.core.identity import derive_ref, find_refs, message_id, reply_address
from mailticket.core.mime import serialise
from mailticket.core.render import Templates
from mailticket.core.types import Address, Outgoing
from mailticket.templates_files import load_templates

from test_identity import mail  # isort: skip - a neighbour, not a library

POLICY = desk()
TEMPLATES = Templates(load_templates())
AUTOMATIC = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Mailticket-Loop")
anything = st.text(max_size=80) | st.text(st.sampled_from('ab é=?\r\n\0\t"\\<>@,;:()[].\u202eπ😀'), max_size=80)


def made(template: str = "answer", policy=POLICY, n: int = 1, **changes) -> Outgoing:
    return compose(letter(template, **changes), cause="inbox 1", n=n, policy=policy, templates=TEMPLATES, now=NOW)


def read(raw: bytes) -> Message:
    message = email.message_from_bytes(raw)
    assert not message.defects
    return message


def decoded(value: str) -> str:
    return str(make_header(decode_header(value.replace("\r\n", ""))))


def body(raw: bytes, subtype: str) -> str:
    parts = [part for part in read(raw).walk() if part.get_content_type() == f"text/{subtype}"]
    return parts[0].get_payload(decode=True).decode().replace("\r\n", "\n")


def assert_travels(raw: bytes) -> None:
    """CRLF line ends only, no line over 998 octets, no NUL."""
    assert raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\0" not in raw


# --- what each mail bears ------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", FACTS)
def test_every_letter_becomes_the_same_bytes_again(template):
    """A replay after a crash makes the same mail to the last byte; the next one of the same cause is another."""
    first, again, other = made(template), made(template), made(template, n=2)
    assert first == again
    assert first.message_id != other.message_id
    assert_travels(first.raw)


@pytest.mark.parametrize("template", FACTS)
def test_every_mail_names_its_outbox_row(template):
    """Message-ID, the end of References and Reply-To name the ref, and so does the bounce address."""
    out = made(template)
    message = read(out.raw)
    assert message["Message-ID"] == out.message_id
    assert message["References"].split()[-1] == out.message_id
    back = mail(references=tuple(message["References"].split()), to=(Address(message["Reply-To"].split("<")[1][:-1]),))
    assert find_refs(back, (), POLICY) == (("message", out.ref), ("reply", out.ref))
    bounced = find_refs(mail(), (out.envelope_from,), POLICY)
    assert bounced == ((("bounce", out.ref),) if out.envelope_from else ())
    assert out.ref == derive_ref(POLICY.secrets[0], "inbox 1", 1)


def test_an_answer_bears_no_mark_of_a_machine():
    out = made("answer")
    message = read(out.raw)
    assert not any(message[name] for name in AUTOMATIC)
    assert decoded(message["From"]) == "Anna Dvořák <support@acme.example>"
    assert decoded(message["To"]) == "Maria Nováková <maria@customer.example>"
    assert message["Subject"] == "Re: [ACME-1042] Printer on fire"
    assert message["In-Reply-To"] == "<first@customer.example>"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert b"anna@acme" not in out.raw


@pytest.mark.parametrize(("template", "precedence"), [("acknowledgement", "auto_reply"), ("assignment", "bulk")])
def test_automatic_mail_says_so_in_four_ways(template, precedence):
    out = made(template)
    message = read(out.raw)
    expected = [letter(template).automatic, precedence, "All", POLICY.hostname]
    assert [message[name] for name in AUTOMATIC] == expected
    assert own_loop(mail(headers=(("x-mailticket-loop", " DESK.acme.example"),)), POLICY)
    assert not own_loop(mail(headers=(("x-mailticket-loop", "desk.other.example"),)), POLICY)


def test_only_acknowledgements_have_the_null_sender():
    senders = {template: made(template).envelope_from for template in FACTS}
    assert [template for template, sender in senders.items() if sender == ""] == ["acknowledgement"]
    assert senders["answer"].startswith("support+b")


def test_without_plus_addresses_everything_comes_back_to_the_department():
    out = made("answer", policy=desk(plus_addresses=False))
    assert out.envelope_from == "support@acme.example"
    assert read(out.raw)["Reply-To"] is None


def test_a_first_mail_is_no_reply_and_one_without_a_ticket_has_no_tag():
    first = read(made("assignment", thread=()).raw)
    assert first["Subject"] == "[ACME-1042] Printer on fire"
    assert first["In-Reply-To"] is None
    assert first["References"] == first["Message-ID"]
    assert made("notice-empty", ticket=None).subject == "Printer on fire"


def test_what_is_recorded_is_what_the_customer_got():
    recorded = made("answer").message
    assert recorded
    assert recorded.from_ == Address("support@acme.example", ANNA.name)
    assert (recorded.direction, recorded.text, recorded.automatic) == ("outbound", "Dear Maria, …", False)
    assert recorded.full_text == body(made("answer").raw, "plain")
    acknowledged = made("acknowledgement").message
    assert acknowledged
    assert acknowledged.automatic
    assert acknowledged.text == acknowledged.full_text
    assert made("assignment").message is None


def test_marks_made_for_an_agent_never_reach_a_customer():
    """An agent who pastes the assignment's own address or id gives nothing away."""
    ref = derive_ref(POLICY.secrets[0], "assignment", 1)
    marks = f"{reply_address('support@acme.example', ref, POLICY)} {message_id(ref, POLICY)}"
    facts = {"text": f"see {marks}", "signature": marks}
    out = made("answer", facts=facts, subject=f"about {marks}", text=marks)
    assert ref not in out.raw.decode().replace("=\r\n", "")
    assert ref not in repr(out)
    assert "see support@acme.example" in body(out.raw, "html")


# --- references ----------------------------------------------------------------------------------------------


def test_thirty_long_references_are_folded_one_a_line_and_never_encoded():
    """Outlook does not read encoded words here, and threading is lost."""
    ids = [f"<{n:02}.{'x' * 110}@{'mail.' * 10}customer.example>" for n in range(30)]
    out = made("answer", thread=tuple(ids))
    head = out.raw.partition(b"\r\n\r\n")[0].decode()
    block = head[head.index("References:") :].split("\r\nMIME-Version")[0]
    assert block.split("\r\n ") == [f"References: {ids[0]}", *ids[10:], out.message_id]
    assert read(out.raw)["In-Reply-To"] == ids[-1]
    modern = email.message_from_bytes(out.raw, policy=email.policy.default)
    assert modern["References"].split() == [ids[0], *ids[10:], out.message_id]


def test_ids_that_cannot_stand_in_a_header_are_left_out():
    thread = ("<ok@x>", "<ž@x>", "no brackets", "<a b@x>", "<a\r\nBcc: evil@x>", f"<{'a' * 1000}@x>", "<>")
    message = read(made("answer", thread=thread).raw)
    assert message["In-Reply-To"] == "<ok@x>"
    assert message["References"].split()[:-1] == ["<ok@x>"]
    assert message["Bcc"] is None
    assert ids_header("References", []) == ""


# --- any value in any header ---------------------------------------------------------------------------------


@given(anything)
def test_any_words_come_back_from_a_header_as_one_line(value):
    """Nothing that anybody writes ends a header line, and what can be seen of it comes back."""
    line = text_header("Subject", value)
    assert line.endswith("\r\n")
    assert line.isascii()
    assert all(part.startswith((" ", "Subject:")) for part in line[:-2].split("\r\n"))
    message = email.message_from_string(line + "\r\n")
    assert message.keys() == ["Subject"]
    seen = "".join(c for c in " ".join(value.split()) if c.isprintable())
    assert decoded(message["Subject"]).replace(" ", "") == seen.replace(" ", "") or not value.isprintable()


@given(anything, st.sampled_from(["maria@customer.example", '"a b"@x.example', "x@[192.0.2.1]", "o'k+1@x.example"]))
def test_any_name_leaves_the_address_alone(name, address):
    """A display name never adds, hides or changes an address."""
    line = address_header("To", [Address(address, name), Address("second@x.example", name)])
    assert line.isascii()
    value = email.message_from_string(line + "\r\n")["To"].replace("\r\n", "")
    assert [found for _, found in getaddresses([value])] == [address, "second@x.example"]


def test_names_read_back_as_written():
    names = [
        "Maria",
        "Nováková, Maria (Brno)",
        'Ján "Jano" O\'Hara',
        "a\\b",
        "=?utf-8?q?evil?=",
        "李小龍",
        "x" * 30 + "é" * 50,
    ]
    for name in names:
        value = email.message_from_string(address_header("To", [Address("a@b.example", name)]) + "\r\n")["To"]
        ((shown, address),) = getaddresses([value])
        assert (decoded(shown), address) == (" ".join(name.split()), "a@b.example")
        assert max(map(len, value.split("\r\n"))) <= 78


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "@x",
        "a@",
        "a b@x",
        "a@x\r\nBcc: e@x",
        "a@x>",
        "<a@x",
        "a,b@x",
        "a@x y",
        "a\0@x",
        "a@b@c",
        'a"b@x',
        "a@\ud800",
    ],
)
def test_an_address_that_is_none_is_refused(address):
    """An address is never repaired: the repaired one would be somebody else's."""
    with pytest.raises(ValueError, match=r"not a mail address|not a domain name"):
        ascii_address(address, own=False)


def test_foreign_letters_in_addresses():
    """Domains go as IDNA; a customer's own local part stays as it is, one of ours is refused."""
    assert ascii_address("info@müller.example", own=True) == "info@xn--mller-kva.example"
    assert ascii_address("jiří@x.example", own=False) == "jiří@x.example"
    assert "jiří@x.example".encode() in made("answer", to=(Address("jiří@x.example"),)).raw
    with pytest.raises(ValueError, match="must be ASCII"):
        ascii_address("jiří@x.example", own=True)


@given(anything)
def test_any_filename_stays_one_parameter(name):
    head = f"Content-Type: application/x\r\nContent-Disposition: attachment;\r\n {filename_parameter(name)}\r\n\r\n"
    message = email.message_from_string(head)
    assert message.keys() == ["Content-Type", "Content-Disposition"]
    found = message.get_filename()
    assert found
    assert not set(found) & set("/\\\r\n\0")


def test_filenames_read_back_as_written():
    for name in ("invoice.pdf", "Příloha č. 1.pdf", 'a "b".txt', "100%20.txt", "😀.png"):
        head = f"Content-Disposition: attachment; {filename_parameter(name)}\r\n\r\n"
        assert email.message_from_string(head).get_filename() == name
    long = email.message_from_string(f"Content-Disposition: x; {filename_parameter('ž' * 500 + '.pdf')}\r\n\r\n")
    assert (long.get_filename() or "").endswith("ž.pdf")


# --- bodies --------------------------------------------------------------------------------------------------


@given(st.text(max_size=300) | st.text(st.sampled_from("a .=\t\r\né"), max_size=300))
@settings(deadline=None)
def test_any_text_survives_its_encoding(text):
    """Every line comes back as it was written; only control characters are lost."""
    raw = serialise("Subject: x\r\n", text=text, html="<p>x</p>", boundary="b")
    assert_travels(raw)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    expected = "".join(c for c in lines if c in "\n\t" or not (c < " " or c == "\x7f"))
    assert body(raw, "plain").rstrip("\n") == expected.encode("utf-8", "replace").decode().rstrip("\n")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain words\n" * 99, "7bit"),
        ("x" * 5000, "quoted-printable"),
        ("mostly plain words, then kůň", "quoted-printable"),
        ("これは日本語です。" * 400, "base64"),
        ("", "7bit"),
        (".\n..\nFrom x\n", "7bit"),
    ],
)
def test_each_text_has_the_plainest_encoding_that_carries_it(text, encoding):
    raw = serialise("", text=text, boundary="b")
    assert read(raw)["Content-Transfer-Encoding"] == encoding
    assert body(raw, "plain").rstrip("\n") == text.rstrip("\n")
    assert_travels(raw)


def test_attachments_come_back_byte_for_byte():
    files = [
        attachment("a.pdf", bytes(range(256)) * 50),
        attachment("poznámka.txt", "čeština\n".encode(), "text/plain"),
        attachment("x", b"", "no type\r\nX-Evil: 1"),
        attachment("part", b"--b\r\n", "multipart/mixed"),
    ]
    out = made("answer", attachments=tuple(files))
    parts = [part for part in read(out.raw).walk() if part.get_content_disposition() == "attachment"]
    assert [part.get_payload(decode=True) for part in parts] == [file.content for file in files]
    kinds = ["application/pdf", "text/plain", "application/octet-stream", "application/octet-stream"]
    assert [part.get_content_type() for part in parts] == kinds
    assert [part.get_filename() for part in parts] == ["a.pdf", "poznámka.txt", "x", "part.eml"]
    assert out.message
    assert out.message.attachments == tuple(files)
    assert_travels(out.raw)


@pytest.mark.parametrize(
    ("content", "kind", "encoding"),
    [
        (b"Subject: a\r\n\r\nwords\r\n", "message/rfc822", "7bit"),
        ("Subject: a\r\n\r\nčeština".encode(), "message/rfc822", "8bit"),
        (b"Subject: a\n\nwords\n", "application/octet-stream", "base64"),
        (b"Subject: a\r\n\r\n" + b"x" * 2000, "application/octet-stream", "base64"),
    ],
)
def test_a_forwarded_mail_keeps_its_bytes(content, kind, encoding):
    """message/rfc822 where SMTP carries the lines as they are, else a file."""
    out = made("answer", attachments=(attachment("mail", content, "message/rfc822"),))
    part = next(p for p in read(out.raw).walk() if p.get_content_disposition() == "attachment")
    assert (part.get_content_type(), part["Content-Transfer-Encoding"]) == (kind, encoding)
    assert content in out.raw or part.get_payload(decode=True) == content
    if encoding == "8bit":
        assert read(out.raw)["Content-Transfer-Encoding"] == "8bit"


def test_the_text_comes_before_its_html_and_files_after_both():
    out = made("answer", attachments=(attachment("a.pdf"),))
    kinds = [part.get_content_type() for part in read(out.raw).walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]


@given(anything, anything, anything, anything)
@settings(deadline=None, max_examples=60)
def test_hostile_words_add_no_header_and_no_part(name, subject, text, from_name):
    """Whatever customers and agents write, the mail has our headers, our recipients and our parts."""
    facts = FACTS["acknowledgement"] | {"name": name, "subject": text}
    out = made("acknowledgement", facts=facts, subject=subject, from_name=from_name, to=(replace(MARIA, name=name),))
    plain_one, message = read(made("acknowledgement").raw), read(out.raw)
    assert message.keys() == plain_one.keys()
    assert [p.get_content_type() for p in message.walk()] == [p.get_content_type() for p in plain_one.walk()]
    assert [address for _, address in getaddresses([message["To"]])] == [MARIA.address]
    assert_travels(out.raw)


def test_the_date_is_the_clock_that_was_handed_in():
    at = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    out = compose(letter("answer"), cause="x", n=1, policy=POLICY, templates=TEMPLATES, now=at)
    assert parsedate_to_datetime(read(out.raw)["Date"]) == at
    assert out.message
    assert out.message.at == at
