"""The login to a mailbox tells nothing of a password or a token, whatever part of it the server repeats."""

from __future__ import annotations

import logging
from base64 import b64encode
from dataclasses import replace

import pytest
from fakes.imapdialogue import LINE
from fakes.imapserver import FULL
from fakes.tokenserver import CLIENT, SECRET, TokenServer

from mailticket.core import sasl
from mailticket.errors import MailticketError
from mailticket.intake.imap import Limits
from mailticket.intake.imap_probe import probe
from mailticket.settings import Imap, OAuth2
from mailticket.tokens import Tokens

PASSWORD = "correct horse battery staple"
TOKENS = ("access-1-opqrstuvwxyz", "access-2-opqrstuvwxyz")
REFUSED = "NO [AUTHENTICATIONFAILED] what is "


def told(box, tokens=None):
    with pytest.raises(MailticketError) as caught:
        probe(box, tokens, Limits(connect=5, command=5, whole=20))
    return str(caught.value)


def parts_of(secret):
    return [secret[start : start + 12] for start in range(len(secret) - 11)]


def first_words(mechanism, token, port):
    return b64encode(sasl.first_words(mechanism, "support", token, "127.0.0.1", port)).decode()


@pytest.mark.parametrize("mechanism", sasl.MECHANISMS)
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("what", ["the token", "a part of it", "what was sent", "a part of what was sent"])
def test_no_line_holds_a_part_of_a_token(server, caplog, mechanism, long, what):
    caplog.set_level(logging.DEBUG)
    made = tuple(f"{token}{'0123456789abcdef' * 100 * long}" for token in TOKENS)
    server.offers = tuple(offer for offer in FULL if not offer.startswith("AUTH=") or offer == f"AUTH={mechanism}")
    with TokenServer() as giver:
        giver.say("token", *[(200, {"access_token": token}) for token in made])
        for token in made:
            sent = first_words(mechanism, token, server.port)
            spilt = {"the token": token, "a part of it": token[:-5], "what was sent": sent}.get(what, sent[:-30])
            server.say("AUTHENTICATE", b"+ \r\n", LINE, b"{tag} " + f"{REFUSED}{spilt}\r\n".encode())
        oauth2 = OAuth2(giver.url(), CLIENT, SECRET)
        box = Imap("main", "127.0.0.1", server.port, "support", oauth2=oauth2, tls="none")
        found = f"{told(box, Tokens(oauth2, 'imap.main', lambda: 0.0))} {caplog.text}"
    assert "what is …; may the account that the token is for read this mailbox" in found
    for secret in (*made, *(first_words(mechanism, token, server.port) for token in made), SECRET):
        assert not any(part in found for part in parts_of(secret)[:300])


@pytest.mark.parametrize("plain", [False, True], ids=["LOGIN", "PLAIN"])
def test_no_line_holds_a_part_of_a_password(server, caplog, plain):
    caplog.set_level(logging.DEBUG)
    sent = b64encode(f"\0support\0{PASSWORD}".encode()).decode() if plain else f'"{PASSWORD}"'
    server.offers = FULL if plain else tuple(offer for offer in FULL if not offer.startswith("AUTH="))
    if plain:
        server.say("AUTHENTICATE", b"+ \r\n", LINE, b"{tag} " + f"{REFUSED}{sent}\r\n".encode())
    else:
        server.say("LOGIN", b"{tag} " + f"{REFUSED}{sent}\r\n".encode())
    box = Imap("main", "127.0.0.1", server.port, "support", PASSWORD, tls="none")
    found = f"{told(replace(box))} {caplog.text}"
    assert "what is " in found
    assert not any(part in found for secret in (PASSWORD, sent) for part in parts_of(secret))
