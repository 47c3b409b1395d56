"""Access tokens: when one is asked for, what is told when there is none, and that nothing secret is ever told."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from dataclasses import replace

import pytest
from certificates import certificate
from fakes.tokenserver import CLIENT, DRIP, SECRET, SILENCE, TokenServer, refused
from pace import slowed
from ports import unused_port

from mailticket.errors import MailticketError
from mailticket.settings import OAuth2
from mailticket.tokens import TokenRefusedError, Tokens, TokenTroubleError, login_name

REFRESH = "refresh-0-abcdefghijkl"


@pytest.fixture
def server():
    with TokenServer() as server:
        yield server


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def credentials(server, **other):
    return OAuth2(server.url(), CLIENT, SECRET, scope="https://mail.example/.default", **other)


def delegated(server, **other):
    return replace(OAuth2(server.url(), CLIENT, refresh_token=REFRESH, scope="mail offline_access"), **other)


def tokens(oauth2, clock=None, patience=5.0):
    return Tokens(oauth2, "imap.main", clock or Clock(), patience)


def told(wanted, kind):
    with pytest.raises(kind) as caught:
        wanted.token()
    assert isinstance(caught.value, MailticketError)
    assert caught.value.code == {TokenRefusedError: 1, TokenTroubleError: 75}[kind]
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("[imap.main] oauth2: ")
    return str(caught.value).removeprefix("[imap.main] oauth2: ")


def test_client_credentials_are_a_form_with_the_secret_and_the_scope(server):
    assert tokens(credentials(server)).token() == "access-1-opqrstuvwxyz"
    scope = "https://mail.example/.default"
    expected = {"client_id": CLIENT, "client_secret": SECRET, "scope": scope, "grant_type": "client_credentials"}
    assert server.forms() == [expected]


def test_a_refresh_token_is_a_form_without_a_secret_where_there_is_none(server):
    assert tokens(delegated(server)).token() == "access-1-opqrstuvwxyz"
    expected = {"client_id": CLIENT, "scope": "mail offline_access", "grant_type": "refresh_token"}
    assert server.forms() == [{**expected, "refresh_token": REFRESH}]


@pytest.mark.parametrize(
    ("life", "seconds"), [(3600, 2880), ("600", 480), (None, 240), ("soon", 240), (0, 240), (-5, 240), (10**12, 240)]
)
def test_a_token_is_renewed_at_four_fifths_of_its_life(server, life, seconds):
    server.life = life
    clock = Clock()
    wanted = tokens(credentials(server), clock)
    first = wanted.token()
    clock.now += seconds - 1
    assert wanted.token() == first
    clock.now += 2
    assert wanted.token() != first
    assert len(server.forms()) == 2


def test_a_token_that_was_refused_is_asked_for_anew_and_another_one_is_kept(server):
    wanted = tokens(credentials(server))
    first = wanted.token()
    wanted.forget(first)
    second = wanted.token()
    wanted.forget(first)  # by another thread, which had it still
    assert first != second
    assert wanted.token() == second


def test_threads_that_want_a_token_at_once_share_one(server):
    wanted = tokens(credentials(server))
    found = []
    threads = [threading.Thread(target=lambda: found.append(wanted.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert found == ["access-1-opqrstuvwxyz"] * 8
    assert len(server.forms()) == 1


def test_while_the_server_is_in_trouble_a_token_that_is_still_good_serves(server, caplog):
    clock = Clock()
    wanted = tokens(credentials(server), clock)
    first = wanted.token()
    clock.now += 3000
    server.say("token", (503, b"later"), (503, b"later"))
    assert [wanted.token(), wanted.token()] == [first, first]
    assert len(server.forms()) == 2, "it is not asked again at once"
    [line] = caplog.messages
    assert line.endswith("answers 503; the last token is good for another 600 s")
    clock.now += 601
    assert told(wanted, TokenTroubleError).endswith("answers 503")
    assert wanted.token() == "access-2-opqrstuvwxyz"


REFUSALS = [
    ("invalid_grant", "run `mailticket imap login main`"),
    ("interaction_required", "run `mailticket imap login main`"),
    ("invalid_client", "look at client_id and client_secret, which may have run out"),
    ("unauthorized_client", "look at what the application may do there"),
    ("invalid_scope", "look at scope"),
    ("invalid_request", "look at each of its keys"),
]


@pytest.mark.parametrize(("error", "advice"), REFUSALS)
def test_a_refusal_says_what_the_server_said_and_what_to_do(server, error, advice):
    server.say("token", refused(error, "AADSTS50173:\r\n the grant\x1b[31m has run out.\nTrace ID: 3"))
    words = told(tokens(delegated(server)), TokenRefusedError)
    assert words == f"no new token: {error} (AADSTS50173: the grant\ufffd[31m has run out. Trace ID: 3); {advice}"


def test_nobody_is_told_to_log_in_where_there_is_no_login(server):
    server.say("token", refused("invalid_grant"))
    assert told(tokens(credentials(server)), TokenRefusedError).endswith("invalid_grant; look at each of its keys")


def test_a_login_that_never_was_is_a_refusal(server, tmp_path):
    wanted = tokens(delegated(server, refresh_token="", refresh_file=tmp_path / "main.token"))
    words = "nobody has logged in yet; run `mailticket imap login main`"
    assert told(wanted, TokenRefusedError) == words
    (tmp_path / "main.token").write_text(REFRESH + "\n")
    assert wanted.token() == "access-1-opqrstuvwxyz"


TROUBLES = [
    ((500, {"error": "server_error"}), "answers 500: server_error"),
    ((400, {"error": "temporarily_unavailable"}), "answers 400: temporarily_unavailable"),
    ((429, {"error": "throttled", "error_description": "wait"}), "answers 429: throttled (wait)"),
    ((404, b"<html>not here</html>"), "answers 404 without a JSON object; is its address right?"),
    ((200, b"[]"), "answers 200 without a JSON object; is its address right?"),
    ((200, b"\xff{"), "answers 200 without a JSON object; is its address right?"),
    ((200, b"[" * 60000), "answers 200 without a JSON object; is its address right?"),
    ((400, {"error": 7}), "answers 400"),
    ((302, b"", {"Location": "http://127.0.0.1:1/"}), "answers 302, which leads elsewhere"),
    ((200, b" " * 70000), "is larger than 64 KB"),
    ((200, {"expires_in": 5}), "gave no access_token"),
    ((200, {"access_token": "two\x01words"}), "gave no access_token"),
]


@pytest.mark.parametrize(("answer", "words"), TROUBLES, ids=[row[1] + str(n) for n, row in enumerate(TROUBLES)])
def test_what_is_no_answer_is_trouble_and_the_next_try_may_go_well(server, answer, words):
    server.say("token", answer)
    wanted = tokens(credentials(server))
    assert words in told(wanted, TokenTroubleError)
    assert len(server.forms()) == 1, "nothing is followed"
    assert wanted.token() == "access-1-opqrstuvwxyz"


@pytest.mark.parametrize("way", [SILENCE, DRIP])
def test_a_slow_server_is_waited_for_only_so_long(server, way):
    server.say("token", way)
    began = time.monotonic()
    assert told(tokens(credentials(server), patience=0.3), TokenTroubleError).endswith("no answer within 0.3 s")
    assert time.monotonic() - began < 3 * slowed()


def test_a_server_that_is_not_there_is_trouble():
    oauth2 = OAuth2(f"http://127.0.0.1:{unused_port()}/token", CLIENT, SECRET)
    assert told(tokens(oauth2), TokenTroubleError).endswith("cannot be asked: Connection refused")


def test_secrets_go_to_another_machine_by_https_only():
    words = told(tokens(OAuth2("http://login.example/token", CLIENT, SECRET)), TokenTroubleError)
    assert words == "login.example is no part of this machine, and secrets go out by https only"


def test_a_server_without_tls_is_told_of():
    with TokenServer() as server:
        oauth2 = replace(credentials(server), token_url=server.url().replace("http:", "https:"))
        assert told(tokens(oauth2), TokenTroubleError).endswith("it speaks no TLS at this port; look at its address")


def test_the_server_must_prove_who_it_is():
    made = certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    with TokenServer(tls=context) as server:
        assert tokens(credentials(server, ca=made.ca)).token() == "access-1-opqrstuvwxyz"
        words = told(tokens(credentials(server)), TokenTroubleError)
        assert "is not good: unable to get local issuer certificate; write the file of who signs it as ca" in words
        assert len(server.forms()) == 1


SPILLS = [
    f"token {REFRESH} is bad",
    f"client_secret={SECRET}",
    "the token 'refresh-0-abcdefgh' ends there",
    f"secret={SECRET}&refresh_token={REFRESH}",
]


@pytest.mark.parametrize("words", SPILLS)
@pytest.mark.parametrize("field", ["error", "error_description"])
def test_nothing_secret_is_told_even_where_the_server_repeats_it(server, caplog, words, field):
    caplog.set_level(logging.DEBUG)
    oauth2 = replace(delegated(server), client_secret=SECRET)
    wanted = tokens(oauth2)
    server.say("token", (400, {"error": "invalid_grant", field: words}), (503, {"error": "x", field: words}))
    found = " ".join((told(wanted, TokenRefusedError), told(wanted, TokenTroubleError)))
    wanted.token()
    found += f"{wanted!r} {oauth2!r} {wanted} {caplog.text}"
    assert "…" in found
    for secret in (REFRESH, SECRET, "access-1-opqrstuvwxyz"):
        assert not any(secret[start : start + 12] in found for start in range(len(secret) - 11))


def test_a_long_explanation_is_cut(server):
    server.say("token", refused("invalid_grant" * 50, "why " * 5000))
    assert len(told(tokens(delegated(server)), TokenRefusedError)) < 350


@pytest.mark.parametrize(
    ("table", "name"), [("imap.main", "main"), ("delivery", "delivery"), ("imap.delivery", "imap.delivery")]
)
def test_what_the_login_is_called(table, name):
    assert login_name(table) == name
