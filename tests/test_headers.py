"""Any value in any header: it stays one line, comes back as written, and never adds or changes an address."""

from __future__ import annotations

import email
import email.policy
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import (
    anything,
    decoded,
    made,
)

from mailticket.core.addresses import read_addresses
from mailticket.core.headers import address_header, ascii_address, filename_parameter, text_header
from mailticket.core.types import Address


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


ODD = ["maria@customer.example", '"a b"@x.example', "x@[192.0.2.1]", "o'k+1@x.example"]


@given(anything, st.sampled_from(ODD))
def test_any_name_leaves_the_address_alone(name, address):
    """A display name never adds, hides or changes an address, for us or for the standard library (which, in its
    stricter versions, reads no address with a domain literal)."""
    line = address_header("To", [Address(address, name), Address("second@x.example", name)])
    assert line.isascii()
    value = email.message_from_string(line + "\r\n")["To"].replace("\r\n", "")
    read, whole = read_addresses(value)
    assert ([found.address for found in read], whole) == ([address, "second@x.example"], True)
    if "[" not in address:
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
