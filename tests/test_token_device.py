"""A login with a code: what the person is told, how often is asked, and how it can end."""

from __future__ import annotations

import pytest
from fakes.tokenserver import CLIENT, DEVICE, SECRET, TokenServer, refused

from mailticket.settings import OAuth2
from mailticket.tokens import TokenRefusedError, TokenTroubleError
from mailticket.tokens_login import Login, by_code

PENDING = refused("authorization_pending")


class Person:
    """What they are told, and the time that passes for them."""

    def __init__(self):
        self.told = []
        self.slept = []

    def clock(self):
        return 1000.0 + sum(self.slept)


@pytest.fixture
def server():
    with TokenServer() as server:
        yield server


@pytest.fixture
def person():
    return Person()


def token(server, person, **other):
    oauth2 = OAuth2(server.url(), CLIENT, scope="mail offline_access", device_url=server.url("device"), **other)
    known = Login(oauth2, "[imap.main] oauth2", "support@acme.example", person.told.append, person.clock, 5.0)
    return by_code(known, person.slept.append)


def test_the_person_is_told_where_to_enter_which_code_and_the_token_comes_when_they_have(server, person):
    server.say("token", PENDING, PENDING)
    assert token(server, person) == "refresh-1-abcdefghijkl"
    words = (
        "Open https://login.example/device in any browser, enter the code WDJB-MJHT, log in as support@acme.example."
    )
    assert person.told == [words]
    assert person.slept == [1, 1, 1]
    assert server.forms("device") == [{"client_id": CLIENT, "scope": "mail offline_access"}]
    form = server.forms()[-1]
    assert (form.pop("device_code")[:7], form) == ("device-", {"client_id": CLIENT, "grant_type": DEVICE})


def test_an_application_with_a_secret_shows_it(server, person):
    assert token(server, person, client_secret=SECRET)
    assert [form["client_secret"] for form in (*server.forms("device"), *server.forms())] == [SECRET] * 2


def test_slow_down_means_five_seconds_more_and_trouble_twice_as_long(server, person):
    server.say("token", refused("slow_down"), (503, b""), PENDING, refused("slow_down"))
    assert token(server, person)
    assert person.slept == [1, 6, 12, 12, 17]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "the login was refused there"),
        ("expired_token", "nobody has entered the code in time; run it again"),
        ("invalid_client", "no login: invalid_client (the code …)"),
    ],
)
def test_an_end_without_a_token_says_why(server, person, error, words):
    answer = {"device_code": "device-secret-0123", "user_code": "AB", "verification_url": "https://g.example"}
    server.say("device", (200, answer))
    server.say("token", PENDING, refused(error, "the code device-secret-0123"))
    with pytest.raises(TokenRefusedError) as caught:
        token(server, person)
    assert str(caught.value) == f"[imap.main] oauth2: {words}"
    assert person.slept == [5, 5], "the interval of who names none"
    assert person.told[0].startswith("Open https://g.example in")


def test_nobody_waits_for_ever(server, person):
    answer = {"device_code": "d" * 20, "user_code": "AB", "verification_uri": "https://x.example", "interval": 10**8}
    server.say("device", (200, {**answer, "expires_in": 10**8}))
    server.say("token", *[PENDING] * 40)
    with pytest.raises(TokenRefusedError, match="nobody has entered the code in time"):
        token(server, person)
    assert person.slept == [60] * 30


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            refused("unauthorized_client", "no device flow"),
            TokenRefusedError,
            "no login: unauthorized_client (no device",
        ),
        ((200, {"user_code": "AB"}), TokenTroubleError, "gave no code to log in with"),
        ((503, b""), TokenTroubleError, "answers 503"),
    ],
)
def test_a_login_that_cannot_begin_says_why(server, person, answer, kind, words):
    server.say("device", answer)
    with pytest.raises(kind) as caught:
        token(server, person)
    assert words in str(caught.value)
    assert str(caught.value).startswith("[imap.main] oauth2: ")
    assert person.told == []


def test_an_access_token_alone_is_no_login(server, person):
    server.say("token", (200, {"access_token": "access-1-opqrstuvwxyz"}))
    with pytest.raises(
        TokenRefusedError, match="gave no refresh_token; does scope have to name offline_access"
    ) as caught:
        token(server, person)
    assert "access-1" not in str(caught.value)
