"""Our own mails to agents are found in the files of an agent's mail, however they got there."""

from __future__ import annotations

from base64 import encodebytes
from binascii import b2a_qp

import pytest
from letters import POLICY, attachment, body, made, mail
from pace import busy_under
from tnefs import message, prop, signed, squeezed, tnef

from mailticket.core.crossing import MARKER
from mailticket.core.inside import look_inside

OURS = made("assignment")
THEIRS = made("acknowledgement")
HEAD = b"Subject: x\r\nMIME-Version: 1.0\r\n"


def forwarded(raw: bytes, encoding: str = "7bit") -> bytes:
    """A mail that has another one attached."""
    body = {"7bit": bytes, "base64": encodebytes, "quoted-printable": b2a_qp}[encoding](raw)
    part = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    head = HEAD + b"Content-Type: multipart/mixed; boundary=f\r\n\r\n"
    return head + b"--f\r\n\r\nsee below\r\n--f\r\n" + part + body + b"\r\n--f--\r\n"


def without_marks(raw: bytes) -> bytes:
    """Only the words, base64 below a head that names nothing."""
    words = body(raw, "plain").encode()
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + encodebytes(words)


FILES = {
    "a mail": (OURS.raw, "message/rfc822"),
    "a mail in a mail": (forwarded(OURS.raw), "message/rfc822"),
    "encoded": (forwarded(OURS.raw, "base64"), "message/rfc822"),
    "encoded twice": (forwarded(forwarded(OURS.raw, "base64"), "quoted-printable"), "message/rfc822"),
    "by its name alone": (forwarded(OURS.raw, "base64"), "application/octet-stream"),
    "saved as text": (body(OURS.raw, "plain").encode(), "text/plain"),
    "saved as UTF-16": (body(OURS.raw, "plain").encode("utf-16"), "text/plain"),
    "saved as a page": (body(OURS.raw, "html").encode(), "text/html"),
    "its words in a mail": (without_marks(OURS.raw), "message/rfc822"),
    "wrapped and quoted": (b"> -=-=- Write your answer\r\n> above this line -=-=-", "text/plain"),
    "in Outlook's file": (
        tnef(message(prop(0x102, 0x1009, squeezed(b"{\\rtf1 " + MARKER.encode() + b"\\par }"))))[:-1],
        "application/ms-tnef",
    ),
    "signed": (signed(forwarded(OURS.raw, "base64")), "application/pkcs7-mime"),
    "quoted-printable": (b"-=3D-=3D- Write your=\r\n answer above this line", "application/octet-stream"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_mail_of_ours_to_an_agent_is_found_in_a_file(name):
    content, kind = FILES[name]
    found = look_inside(mail(attachments=(attachment("x.eml" if "name" in name else "x", content, kind),)), POLICY)
    assert found.marker or ("message", OURS.ref) in found.attached


def test_the_marks_in_files_and_in_words_are_told_apart():
    found = look_inside(
        mail(full_text=f"see {OURS.message_id}", attachments=(attachment("x.eml", THEIRS.raw, "message/rfc822"),)),
        POLICY,
    )
    assert (found.marker, {ref for _, ref in found.quoted}) == (False, {OURS.ref})
    assert {ref for _, ref in found.attached} == {THEIRS.ref}


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG" + bytes(range(256)) * 9, b"-=-=- my own line -=-=-", MARKER[:20].encode()]
)
def test_nothing_is_found_in_other_files(content):
    found = look_inside(mail(attachments=(attachment("x.eml", content, "message/rfc822"),)), POLICY)
    assert (found.marker, found.attached, found.quoted) == (False, (), ())


@busy_under(5)
def test_mails_in_mails_are_looked_into_with_measure():
    raw = OURS.raw
    for _ in range(200):
        raw = forwarded(raw)
    assert look_inside(mail(attachments=(attachment("x.eml", raw, "message/rfc822"),)), POLICY).marker
