"""Signed mail is shown as what was signed; encrypted mail is named as that, with the original attached."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import mail, multipart, part
from tnefs import DATA, ENVELOPED, SIGNED, der, signed

from mailticket.core.bodies import MAX_UNPACKED, MAX_WITHIN
from mailticket.core.crypto import (
    ENCRYPTED,
    ENCRYPTED_DEFECT,
    MAX_PIECES,
    encrypted_blocks,
    is_envelope,
    signed_content,
    unarmoured,
)
from mailticket.core.parse import parse

INNER = b"Content-Type: text/plain\r\n\r\nwords\r\n"
BLOCK = "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----"
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----"


def pkcs7(content: bytes) -> bytes:
    return mail("Content-Type: application/pkcs7-mime; name=smime.p7m", "Content-Transfer-Encoding: base64", "",
                base64.encodebytes(content))  # fmt: skip


def test_the_signed_content_is_found_however_it_is_packed():
    plain = der(0x30, der(6, DATA), der(0xA0, der(4, INNER)))
    pieces = der(0x30, der(6, DATA), der(0xA0, der(0x24, der(4, INNER[:9]), der(0x24, der(4, INNER[9:])))))
    for capsule in (plain, pieces):
        assert (
            signed_content(der(0x30, der(6, SIGNED), der(0xA0, der(0x30, der(2, b"\1"), der(0x31), capsule)))) == INNER
        )
    streamed = b"\x30\x80" + der(6, SIGNED) + b"\xa0\x80\x30\x80" + der(2, b"\1") + der(0x31) + b"\x30\x80"
    streamed += der(6, DATA) + b"\xa0\x80\x24\x80" + der(4, INNER[:9]) + der(4, INNER[9:]) + bytes(6)
    assert signed_content(streamed) == INNER


def test_what_is_cut_off_is_read_as_far_as_it_goes_and_kept():
    got = parse(pkcs7(signed(INNER * 3)[:90]))
    assert got.text.startswith("words")
    assert [file.filename for file in got.attachments] == ["smime.p7m"]


def test_content_in_more_pieces_than_anybody_makes_stays_a_file():
    pieces = der(0x24, der(4, b"a") * MAX_PIECES)
    capsule = der(0x30, der(6, DATA), der(0xA0, pieces))
    assert signed_content(der(0x30, der(6, SIGNED), der(0xA0, der(0x30, der(2, b"\1"), der(0x31), capsule)))) is None


def test_a_signature_alone_and_what_is_none_have_no_content():
    detached = der(0x30, der(6, SIGNED), der(0xA0, der(0x30, der(2, b"\1"), der(0x31), der(0x30, der(6, DATA)))))
    envelope = der(0x30, der(6, ENVELOPED), der(0xA0, der(0x30)))
    for data in (detached, envelope, b"", b"\x30", b"\x30\x84", b"words", signed(INNER)[:20]):
        assert signed_content(data) is None
    assert [is_envelope(data) for data in (envelope, detached, b"")] == [True, False, False]


@given(st.binary(max_size=200), st.integers(0, 80))
def test_no_message_is_too_broken(data, at):
    for broken in (data, signed(INNER)[:at] + data, signed(INNER)[:at] + data + signed(INNER)[at:]):
        signed_content(broken)
        is_envelope(broken)


def test_what_is_signed_within_what_is_signed_is_read_up_to_a_bound():
    content = INNER
    for _ in range(MAX_WITHIN):
        assert parse(pkcs7(signed(content))).text == "words"
        content = b"Content-Type: application/pkcs7-mime\r\n\r\n" + signed(content)
    got = parse(pkcs7(signed(content)))
    assert got.text == ""
    assert len(got.attachments) == 1


def test_of_very_many_packed_parts_the_last_ones_stay_files():
    one = part("application/pkcs7-mime", signed(INNER))
    got = parse(multipart(*[one] * (MAX_UNPACKED + 10)))
    assert got.full_text.count("words") == MAX_UNPACKED
    assert len(got.attachments) == 10


def test_encrypted_mail_says_so_below_the_new_words_only():
    got = parse(pkcs7(der(0x30, der(6, ENVELOPED))))
    assert (got.text, got.full_text, got.defects) == (ENCRYPTED, "", (ENCRYPTED_DEFECT,))
    assert [file.filename for file in got.attachments] == ["smime.p7m"]


def test_certificates_alone_are_a_file():
    certificates = der(0x30, der(6, SIGNED), der(0xA0, der(0x30, der(2, b"\1"), der(0x31), der(0x30, der(6, DATA)))))
    got = parse(multipart(part("text/plain", "My keys."), part("application/pkcs7-mime; name=me.p7c", certificates)))
    assert (got.text, [file.filename for file in got.attachments]) == ("My keys.", ["me.p7c"])


def test_an_inline_signature_leaves_its_words():
    text = f"above\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- - one\n- -----x\nFrom y\n{SIGNATURE}\nbelow"
    assert unarmoured(text) == "above\n- one\n-----x\nFrom y\nbelow"


@pytest.mark.parametrize(
    "text",
    [
        "> -----BEGIN PGP SIGNED MESSAGE-----\n> Hash: x\n>\n> words",
        f"only a signature\n{SIGNATURE}",
        "words of -----BEGIN PGP SIGNED MESSAGE----- within a line",
    ],
)
def test_what_is_only_like_an_inline_signature_stays(text):
    assert unarmoured(text) == text


def test_a_signature_without_its_end_takes_nothing_with_it():
    text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: x\n\nwords\n-----BEGIN PGP SIGNATURE-----\niQEz\nmore words"
    assert unarmoured(text) == "words\niQEz\nmore words"


def test_an_inline_message_is_put_away_as_a_file():
    assert encrypted_blocks(f"Hi\n{BLOCK}\nBye") == ("Hi\n\nBye", BLOCK)
    for text in ("> " + BLOCK.replace("\n", "\n> "), BLOCK[:40]):
        assert encrypted_blocks(text) == (text, "")
    got = parse(mail("Content-Type: text/plain", "", f"Hi\r\n\r\n{BLOCK}\r\n"))
    assert (got.full_text, got.text) == ("Hi", f"Hi\n\n{ENCRYPTED}")
    assert got.attachments[0].content == BLOCK.encode()


def test_no_inline_message_stays_in_the_text():
    """Else the agent's mail, which quotes it, would be one that nobody can read, and no answer would cross."""
    got = parse(mail("Content-Type: text/plain", "", f"Hi\r\n\r\n{BLOCK}\r\nand\r\n{BLOCK}\r\n"))
    assert got.full_text.split() == ["Hi", "and"]
    assert got.attachments[0].content == f"{BLOCK}\n{BLOCK}".encode()


def test_a_signed_mail_behind_words_is_a_file_and_no_words_of_the_senders():
    for words in ("See what Eve sent.", ""):
        got = parse(multipart(part("text/plain", words), part("application/pkcs7-mime; name=eve.p7m", signed(INNER))))
        assert (got.full_text, [file.filename for file in got.attachments]) == (words, ["eve.p7m"])
    footed = multipart(part("application/pkcs7-mime", signed(INNER)), part("text/plain", "A list's footer"))
    assert parse(footed).full_text.split("\n")[0] == "words"


@pytest.mark.parametrize("piece", ["-----BEGIN PGP MESSAGE-----\n", "-----BEGIN PGP SIGNED MESSAGE-----\n"])
def test_a_megabyte_of_beginnings_is_read_in_time(piece):
    began = time.process_time()
    for read in (unarmoured, encrypted_blocks):
        read(piece * (1_000_000 // len(piece)))
    assert time.process_time() - began < 1
