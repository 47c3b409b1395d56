"""Bodies and attachments as they leave: everything comes back, and hostile words are only words."""

from __future__ import annotations

from dataclasses import replace
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import (
    FACTS,
    MARIA,
    anything,
    assert_travels,
    attachment,
    body,
    made,
    read,
)

from mailticket.core.mime import serialise


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
