"""Which mails have their signatures checked: an agent's that nothing else proves, and nobody's else."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from proving import MX, TRUSTING
from signing import MAIL, NAME, record, signed
from worlds import SUPPORT

from mailticket.checking import dkim_of
from mailticket.core.parse import parse
from mailticket.core.proof import by_dkim
from mailticket.core.types import RawMail
from mailticket.reading import Reader, ReadError

AT = datetime.now(UTC)  # dkimpy signs with the machine's clock
DATED = MAIL.replace(b"Mon, 23 Nov 2026 09:00:00 +0100", AT.strftime("%a, %d %b %Y %H:%M:%S +0000").encode())
GOOD = signed(DATED)


class Zone:
    """DNS as the test has it."""

    def __init__(self, zone: dict[str, bytes] | None = None) -> None:
        self.zone = {NAME: record()} if zone is None else zone
        self.asked: list[str] = []

    def records(self, names: Iterable[str]) -> dict[str, bytes]:
        self.asked += names
        return {name: self.zone[name] for name in names if name in self.zone}


def arrived(raw: bytes = GOOD, **more) -> RawMail:
    return replace(RawMail(raw, "x@y.example", (SUPPORT,), "smtp", AT, "198.51.100.7"), **more)


@pytest.fixture(scope="module")
def reader():
    with Reader() as one:
        yield one


def test_an_agents_signed_mail_is_proved_by_its_signature(reader):
    """From a stranger's connection, by the key in DNS."""
    zone = Zone()
    mail, raw = parse(GOOD), arrived()
    passes = dkim_of(mail, raw, TRUSTING, zone, reader)
    assert zone.asked == [NAME]
    assert by_dkim(mail, raw, passes, TRUSTING) == passes[0]


def test_a_changed_mail_is_asked_about_and_proves_nothing(reader):
    """The key is there, and the signature is another mail's."""
    changed = GOOD.replace(b"#resolve", b"#assign eve")
    zone = Zone()
    assert dkim_of(parse(changed), arrived(changed), TRUSTING, zone, reader) == ()
    assert zone.asked == [NAME]


def said(result: str) -> bytes:
    return f"Authentication-Results: {MX}; {result}\r\n".encode() + GOOD


UNASKED = {
    "a customer's": (signed(DATED.replace(b"anna@", b"maria@")), {}),
    "unsigned": (DATED, {}),
    "two Froms": (b"From: boris@acme.example\r\n" + GOOD, {}),
    "an agent's by login": (GOOD, {"auth": "anna@acme.example"}),
    "automatic": (b"Auto-Submitted: auto-replied\r\n" + GOOD, {}),
    "four days old": (GOOD, {"received_at": AT + timedelta(days=4)}),
    "delivered to a department that it does not name": (GOOD, {"envelope_to": ("sales@acme.example",)}),
    "proved by a trusted server": (said("dkim=pass header.d=acme.example"), {"via": "lmtp"}),
    "refused by a trusted server": (said("dmarc=fail header.from=acme.example"), {"via": "lmtp"}),
    "signed by another domain": (signed(DATED, domain=b"mailer.example"), {}),
}


OTHER_WORDS = b"Hello\r\n\r\n> you wrote:\r\n--x\r\nContent-Type: text/plain\r\n\r\nPay to 666.\r\n--x--\r\n"


def test_an_agents_mail_that_is_made_to_say_other_words_proves_nothing(reader):
    """A Content-Type that nobody signed picks them out of a quote."""
    raw = b"Content-Type: multipart/mixed; boundary=x\r\n" + signed(DATED.partition(b"#resolve")[0] + OTHER_WORDS)
    assert parse(raw).text == "Pay to 666."
    assert dkim_of(parse(raw), arrived(raw), TRUSTING, Zone(), reader) == ()


@pytest.mark.parametrize("case", UNASKED)
def test_dns_is_not_asked_where_a_signature_cannot_help(case, reader):
    """So that strangers cannot make us ask for names of theirs."""
    raw, more = UNASKED[case]
    zone = Zone()
    assert dkim_of(parse(raw), arrived(raw, **more), TRUSTING, zone, reader) == ()
    assert zone.asked == []


def test_without_an_answer_of_dns_nothing_is_proved():
    """And the reader is not asked."""
    reader = Dying()
    assert dkim_of(parse(GOOD), arrived(), TRUSTING, Zone({}), reader) == ()
    assert not reader.asked


class Dying:
    asked = False

    def verify(self, *_: object) -> tuple:
        self.asked = True
        raise ReadError("the reader ended with signal 9")


def test_a_reader_that_dies_of_the_check_proves_nothing_and_is_said(caplog):
    """The mail has been read: it waits for its agent's word, not for us."""
    reader = Dying()
    assert dkim_of(parse(GOOD), arrived(), TRUSTING, Zone(), reader) == ()
    assert reader.asked
    assert "could not be checked: the reader ended with signal 9" in caplog.text
