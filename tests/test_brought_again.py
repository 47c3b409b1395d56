"""An agent's mail that comes again by another road and with another proof is done once."""

from email.utils import format_datetime

import pytest
import signing
from attacked import ANNA, CONFIG, EVE, SUPPORT, Shop
from fakes.smtpserver import ScriptedServer
from scenario_desk import Mail, StoryDesk

SAID = b"Authentication-Results: mx.acme.example; dkim=pass header.d=acme.example\r\n"
OTHER_ID = b"<again@elsewhere.example>"
# A signature that nobody made, and that says of the Message-ID what the good one does not.
FORGED = signing.by_hand({"s": "s2", "h": "from:message-id"}).partition(b"From:")[0]
FORGED_WITHOUT = FORGED.replace(b"h=from:message-id", b"h=from")


@pytest.fixture
def shop(tmp_path):
    config = tmp_path / "mailticket.toml"
    config.write_text(CONFIG)
    with ScriptedServer() as server:
        one = Shop(StoryDesk(config, tmp_path, server))
        one.open()
        one.desk.dns[signing.NAME] = signing.record()
        yield one
        one.desk.close()


def hers(shop, covers: str, words: str = "Dear Maria, it is done.") -> bytes:
    fields = {"From": ANNA, "To": SUPPORT, "Subject": "[ACME-1]", "Date": format_datetime(shop.desk.now)}
    head = "".join(f"{name}: {value}\r\n" for name, value in (fields | {"Message-ID": "<order@acme.example>"}).items())
    return signing.by_hand({"h": covers}, f"{head}\r\n{words}\r\n".encode())


def bring(shop, raw: bytes, **how: str) -> str:
    """It comes in; what its row then says."""
    row = shop.desk.inbox_row(shop.desk.receive(Mail(raw, EVE, (SUPPORT,)), **how))
    return f"{row['state']} {row['reason']}".strip()


def answers(shop) -> int:
    return sum(mail.kind == "answer" for mail in shop.desk.sent) - 1  # one was there before


WITHOUT, WITH = "from:to:subject:date", "from:to:subject:date:message-id"
# What the signature covers, how the mail comes first, how it comes again.
ROADS = {
    "by its server's word, then by its signature": (WITHOUT, {"via": "lmtp"}, {}),
    "by its signature, then by its server's word": (WITHOUT, {}, {"via": "lmtp"}),
    "by login, then by its signature": (WITHOUT, {"auth": ANNA}, {}),
    "by its signature twice": (WITHOUT, {}, {}),
    "by its server's word twice": (WITHOUT, {"via": "lmtp"}, {"via": "lmtp"}),
}


@pytest.mark.parametrize("forged", [b"", FORGED, FORGED_WITHOUT], ids=["alone", "with", "without"])
@pytest.mark.parametrize("road", ROADS)
def test_a_mail_with_another_message_id_is_the_same_mail(shop, road, forged):
    """Its signature leaves the Message-ID out, and a signature that somebody adds changes nothing."""
    covers, first, again = ROADS[road]
    raw = hers(shop, covers)
    assert bring(shop, (SAID if "via" in first else b"") + raw, **first) == "done"
    changed = forged + raw.replace(b"<order@acme.example>", OTHER_ID)
    assert bring(shop, (SAID if "via" in again else b"") + changed, **again) == "done duplicate of 4"
    assert answers(shop) == 1


@pytest.mark.parametrize("forged", [FORGED, FORGED_WITHOUT], ids=["with", "without"])
def test_a_signed_message_id_is_no_way_round_either(shop, forged):
    """What is added claims that the Message-ID does not count."""
    raw = hers(shop, WITH)
    assert bring(shop, raw) == "done"
    assert bring(shop, forged + raw) == "done duplicate of 4"
    assert answers(shop) == 1


def test_a_forged_copy_that_comes_first_does_not_hold_up_the_true_mail(shop):
    """The copy proves nothing and waits; the true one takes its place."""
    raw = hers(shop, WITH)
    unsigned = raw[raw.index(b"From:") :]
    assert bring(shop, FORGED + unsigned.replace(b"<order@acme.example>", OTHER_ID)).startswith("quarantined")
    assert bring(shop, raw) == "done"
    assert shop.desk.inbox_row(4)["reason"] == "came again as 5"
    assert answers(shop) == 1


def test_two_mails_of_the_same_second_are_two(shop):
    """They say something else."""
    assert bring(shop, hers(shop, WITHOUT)) == "done"
    assert bring(shop, hers(shop, WITHOUT, "It is really done.")) == "done"
    assert answers(shop) == 2
