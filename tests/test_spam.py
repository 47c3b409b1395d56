"""What a trusted relay calls spam: whose word counts, and which words."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from letters import MARIA, NOW, POLICY, mail

from mailticket.core.policy import Trust
from mailticket.core.spam import marked_spam
from mailticket.core.types import RawMail

TRUSTING = replace(POLICY, trust=Trust(authserv_ids=("mx.acme.example",), relays=(ip_network("192.0.2.0/24"),)))
RELAY = {"via": "smtp", "peer": "192.0.2.7"}
FLAG, STATUS, RESULTS = "x-spam-flag", "x-spam-status", "authentication-results"

CASES = [
    # what it is; the road; header, value → the reason
    ("a flag", RELAY, FLAG, "YES", "X-Spam-Flag: YES"),
    ("a flag in small letters", RELAY, FLAG, " yes ", "X-Spam-Flag: YES"),
    ("a flag that says no", RELAY, FLAG, "NO", ""),
    ("a flag that says more", RELAY, FLAG, "yesterday", ""),
    ("a status", RELAY, STATUS, "Yes, score=9.1 required=5.0 tests=A,B", "X-Spam-Status: Yes"),
    ("a status that says no", RELAY, STATUS, "No, score=-1.0 tests=YES", ""),
    ("a failed policy", RELAY, RESULTS, "mx.acme.example; dmarc=fail header.from=x.example",
     "mx.acme.example says dmarc=fail"),
    ("a policy that passed", RELAY, RESULTS, "mx.acme.example; dmarc=pass header.from=x.example", ""),
    ("a failed policy, as somebody says", RELAY, RESULTS, "mx.evil.example; dmarc=fail header.from=x.example", ""),
    ("a failed signature alone", RELAY, RESULTS, "mx.acme.example; dkim=fail header.d=x.example", ""),
    ("by LMTP", {"via": "lmtp"}, FLAG, "YES", "X-Spam-Flag: YES"),
    ("from a mailbox", {"via": "imap"}, FLAG, "YES", "X-Spam-Flag: YES"),
    ("by a unix socket", {"via": "smtp", "peer": ""}, FLAG, "YES", "X-Spam-Flag: YES"),
    ("from anywhere else", {"via": "smtp", "peer": "198.51.100.7"}, FLAG, "YES", ""),
    ("a failed policy, from anywhere else", {"via": "smtp", "peer": "198.51.100.7"}, RESULTS,
     "mx.acme.example; dmarc=fail header.from=x.example", ""),
    ("a file", {"via": "ingest"}, FLAG, "YES", ""),
    ("an agent's own client", RELAY | {"auth": "anna@acme.example"}, FLAG, "YES", ""),
]  # fmt: skip


@pytest.mark.parametrize(("road", "name", "value", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_only_a_trusted_relays_word_makes_a_mail_spam(road, name, value, reason):
    raw = RawMail(b"", MARIA.address, ("support@acme.example",), received_at=NOW, **road)
    assert marked_spam(mail(from_=MARIA, headers=((name, value),)), raw, TRUSTING) == reason


def test_one_yes_among_several_words_is_enough():
    """Filters add their header at the top or at the end, so neither place tells whose it is."""
    raw = RawMail(b"", MARIA.address, (), received_at=NOW, **RELAY)
    for values in (("NO", "YES"), ("YES", "NO")):
        assert marked_spam(mail(headers=tuple((FLAG, v) for v in values)), raw, TRUSTING)
