"""Raw letters in a head: names are read in the charset that they are written in, and no charset makes an address."""

import pytest

from mailticket.core.parse import parse

REST = b"\r\nTo: support@acme.example\r\nSubject: Hi\r\nContent-Type: text/plain; charset=%s\r\n\r\nHello\r\n"


def sender(value: bytes, charset: bytes = b"utf-8") -> tuple[str, str, int]:
    got = parse(b"From:" + value + REST % charset)
    assert got.from_ is not None
    return got.from_.address, got.from_.name, got.from_count


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        (b' "\x83\\" <anna@acme.example> (\\" (" <eve@evil.example>', b"shift_jis"),
        (b"\xff\xfe" + "anna@acme.example,".encode("utf-16-le") + b" <eve@evil.example> ", b"utf-8"),
        (b" \x1b$B!!<anna@acme.example>\x1b(B <eve@evil.example>", b"iso-2022-jp"),
        (b' "\x1b$B"\x1b(B" <anna@acme.example>" <eve@evil.example>', b"utf-8"),
    ],
)
def test_no_charset_brings_out_another_sender_than_every_server_on_the_way_has_seen(value, charset):
    plain = parse(b"From:" + value.decode("cp1252", "replace").encode() + REST % b"utf-8")
    assert sender(value, charset)[0] == plain.from_.address
    assert sender(value, charset)[2] == plain.from_count


def test_a_name_in_the_letters_of_the_body_is_read():
    name = "\u5c71\u7530"
    for charset in ("shift_jis", "euc_jp"):
        assert sender(b" %s <a@example.jp>" % name.encode(charset), charset.encode())[:2] == ("a@example.jp", name)
    assert sender(b" %s <a@example.jp>" % name.encode("iso2022_jp"))[:2] == ("a@example.jp", name)


def test_a_servers_verdict_cannot_be_hidden_in_an_escape():
    verdict = b"mx.acme.example; spf=none smtp.mailfrom=\x1b$B!!@evil.example; dmarc=fail header.from=acme.example"
    got = parse(b"Authentication-Results: " + verdict + b"\r\nFrom: anna@acme.example\r\n\r\nHello\r\n")
    assert "dmarc=fail" in got.all_headers("authentication-results")[0]
