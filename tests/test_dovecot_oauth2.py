"""A real Dovecot that checks tokens with the token server: by a bare imapclient, by the desk's own login, by `check`
and `login`."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from click.testing import CliRunner
from dovecot_oauth2 import TokenDovecot
from fakes.tokenserver import CLIENT, SECRET, TokenServer
from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from test_config import SMALL

from mailticket.cli import main
from mailticket.core import sasl
from mailticket.errors import MailticketError
from mailticket.intake.imap import Limits
from mailticket.intake.imap_probe import probe
from mailticket.settings import Imap, OAuth2
from mailticket.tokens import Tokens

USER = "support"


@pytest.fixture(scope="module")
def servers(need):
    need("root", "dovecot", "lmtp", "imap")
    with TokenServer(user=USER) as tokens, TokenDovecot(tokens) as dovecot:
        yield tokens, dovecot


@pytest.fixture
def tokens(servers):
    servers[0].expire()
    servers[0].asked.clear()
    return servers[0]


@pytest.fixture
def dovecot(servers):
    return servers[1]


def log_in(dovecot, mechanism, token, user=USER):
    with IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=10) as client:
        assert f"AUTH={mechanism}".encode() in client.capabilities()
        client.sasl_login(mechanism, sasl.Dialogue(mechanism, user, token, "127.0.0.1", dovecot.port))
        return client.select_folder("INBOX", readonly=True)


def box(dovecot, tokens):
    return Imap("main", "127.0.0.1", dovecot.port, USER, oauth2=OAuth2(tokens.url(), CLIENT, SECRET), tls="none")


@pytest.mark.parametrize("mechanism", sasl.MECHANISMS)
def test_a_token_that_the_server_gave_opens_the_mailbox(dovecot, tokens, mechanism):
    token = Tokens(box(dovecot, tokens).oauth2, "imap.main", lambda: 0.0).token()
    assert log_in(dovecot, mechanism, token)[b"EXISTS"] == 0
    assert tokens.forms("introspect") == [{"token": token}]


@pytest.mark.parametrize("mechanism", sasl.MECHANISMS)
def test_another_token_and_another_user_are_refused_and_the_dialogue_ends_at_once(dovecot, tokens, mechanism):
    token = Tokens(box(dovecot, tokens).oauth2, "imap.main", lambda: 0.0).token()
    for user, words in ((USER, "not-a-good-token"), ("somebody", token)):
        with pytest.raises(LoginError) as caught:
            log_in(dovecot, mechanism, words, user)
        assert "AUTHENTICATIONFAILED" in str(caught.value), "its own answer, not a timeout"


def test_a_token_that_is_no_longer_good_is_replaced_and_the_mailbox_opened(dovecot, tokens, caplog):
    caplog.set_level(logging.DEBUG)
    known = box(dovecot, tokens)
    source = Tokens(known.oauth2, "imap.main", lambda: 0.0)
    assert probe(known, source, Limits()).startswith(
        f"the mailbox main (127.0.0.1:{dovecot.port}) answers: logged in as"
    )
    tokens.expire()
    assert "0 mails in INBOX" in probe(known, source, Limits())
    assert len(tokens.forms()) == 2
    assert not any(word in caplog.text for word in ("access-", SECRET))


def test_a_renewal_that_is_refused_says_what_to_do(dovecot, tokens):
    known = replace(box(dovecot, tokens), oauth2=OAuth2(tokens.url(), CLIENT, refresh_token="long-gone-token-0123"))
    with pytest.raises(MailticketError) as caught:
        probe(known, Tokens(known.oauth2, "imap.main", lambda: 0.0), Limits())
    told = "no new token: invalid_grant (the refresh token is not good); run `mailticket imap login main`"
    assert str(caught.value) == f"the mailbox main cannot be read: [imap.main] oauth2: {told}"


def test_who_logs_in_on_the_command_line_has_a_mailbox_that_can_be_read(dovecot, tokens, small_desk):
    keys = f'token_url = "{tokens.url()}"\ndevice_url = "{tokens.url("device")}"\nclient_id = "{CLIENT}"\n'
    table = f'[imap.main]\nhost = "127.0.0.1"\nport = {dovecot.port}\ntls = "none"\nusername = "{USER}"\n'
    text = SMALL.replace("smtp://127.0.0.1", "maildir:out")
    here = small_desk(f'{text}{table}[imap.main.oauth2]\n{keys}refresh_token = {{ file = "main.token" }}\n')
    (here / "out").mkdir()

    def run(*words):
        return CliRunner().invoke(main, list(words))

    before = run("check", "--connect")
    assert (
        "nobody has logged in yet, so that main.token has no token: run `mailticket imap login main`" in before.stdout
    )
    assert "nobody has logged in yet; run `mailticket imap login main`" in before.stderr
    assert run("imap", "login", "main").exit_code == 0
    after = run("check", "--connect")
    assert (after.exit_code, after.stderr) == (0, "")
    assert "logged in as support, 0 mails in INBOX" in after.stdout
