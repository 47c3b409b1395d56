"""A login in a browser: it comes back to us, or its last address is pasted; nobody else's visit counts."""

from __future__ import annotations

import os
import socket
import threading
import time
import urllib.request
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit

import pytest
from fakes.tokenserver import CLIENT, SECRET, TokenServer

from mailticket.settings import OAuth2
from mailticket.tokens import TokenRefusedError
from mailticket.tokens_browser import by_browser
from mailticket.tokens_login import Login

SECRETS = ("state-" + "s" * 40, "verifier-" + "v" * 40)


STRANGE = ("", "/favicon.ico", "/?code=theirs", "/?code=theirs&state=wrong", "/?state=%C3%A9")


@pytest.fixture
def server():
    with TokenServer() as server:
        yield server


@dataclass
class Waiting:
    """A login that runs in a thread. `visit` is what a browser does there; lines go to `paste`."""

    thread: threading.Thread
    told: list[str]
    found: list[object]
    paste: int

    @property
    def address(self) -> str:
        return self.told[0].rpartition(" ")[2]

    @property
    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.address).query))

    def end(self) -> object:
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.found[0]


@pytest.fixture
def begin(server):
    """Begins a login and waits until the person knows the address."""
    pipes = []

    def start(clock=time.monotonic, **other):
        oauth2 = OAuth2(server.url(), CLIENT, SECRET, scope="mail", authorize_url=server.url("authorize"), **other)
        told, found, ready = [], [], threading.Event()

        def say(text):
            told.append(text)
            if len(told) == 2:
                ready.set()

        read, write = os.pipe()
        pipes.extend((read, write))

        def run():
            secrets = iter(SECRETS)
            try:
                found.append(
                    by_browser(
                        Login(oauth2, "[imap.main] oauth2", "a@b.example", say, clock, 5.0), lambda: next(secrets), read
                    )
                )
            except TokenRefusedError as error:
                found.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        assert ready.wait(10)
        return Waiting(thread, told, found, write)

    yield start
    for pipe in pipes:
        os.close(pipe)


def visit(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_browser_that_comes_back_ends_the_login(server, begin):
    login = begin()
    assert login.told[0].startswith("Log in as a@b.example in a browser at ")
    assert login.told[1].endswith("ends at a page that it cannot open: paste that one's address here.")
    assert visit(login.address) == (200, "Thank you. You can close this page.")
    assert login.end() == "refresh-1-abcdefghijkl"
    asked = login.asked
    assert (asked["code_challenge_method"], asked["login_hint"], asked["state"]) == ("S256", "a@b.example", SECRETS[0])
    [form] = server.forms()
    assert form["code_verifier"] == SECRETS[1]
    assert SECRETS[1] not in login.address
    assert form["redirect_uri"] == asked["redirect_uri"] == f"http://127.0.0.1:{urlsplit(asked['redirect_uri']).port}"


@pytest.mark.parametrize(
    ("provider", "host", "more"),
    [
        ("google", "127.0.0.1", {"access_type": "offline", "prompt": "consent"}),
        ("microsoft", "localhost", {}),
    ],
)
def test_each_provider_is_asked_as_it_wants(begin, provider, host, more):
    login = begin(provider=provider)
    assert more.items() <= login.asked.items()
    assert urlsplit(login.asked["redirect_uri"]).hostname == host
    os.write(login.paste, f"http://x/?state={SECRETS[0]}&error=access_denied\n".encode())
    assert str(login.end()) == "[imap.main] oauth2: the login was refused there"


def test_the_address_where_a_browser_elsewhere_ends_can_be_pasted(server, begin):
    login = begin()
    code = server.answer("authorize", login.asked)[2]["Location"]
    os.write(login.paste, b"https://login.example/what?code=1&state=2\n\n" + code.encode()[:40])
    os.write(login.paste, code.encode()[40:] + b"\n")
    assert login.end() == "refresh-1-abcdefghijkl"
    assert login.told[2:] == ["That is not the address where this login ends; it has code= and state= in it."]


def test_who_visits_without_this_logins_state_is_not_listened_to(server, begin):
    login = begin()
    back = login.asked["redirect_uri"]
    with socket.create_connection(("127.0.0.1", urlsplit(back).port)):  # a browser that gets ready
        for words in (
            "",
            "/favicon.ico",
            "/?code=theirs",
            "/?code=theirs&state=wrong",
            f"/?{'a=1&' * 200}",
            "/?state=%C3%A9",
        ):
            assert visit(back + words) == (404, "This is not the page of the login that mailticket waits for.")
    assert visit(login.address)[0] == 200
    assert login.end() == "refresh-1-abcdefghijkl"


def test_what_is_refused_in_the_browser_is_told_in_one_clean_line(begin):
    login = begin()
    words = f"error=consent_required&error_description=no%0Aconsent%1b+{SECRETS[0]}"
    assert visit(f"{login.asked['redirect_uri']}/?state={SECRETS[0]}&{words}")[0] == 200
    assert str(login.end()) == "[imap.main] oauth2: no login: consent_required (no consent\ufffd …)"


def test_a_code_that_is_not_good_is_refused(begin):
    login = begin()
    visit(f"{login.asked['redirect_uri']}/?state={SECRETS[0]}&code=guessed-code-0123")
    told = str(login.end())
    assert told == "[imap.main] oauth2: no login: invalid_grant (what is given is not known)"


def test_nobody_is_waited_for_without_end(begin):
    times = iter([0.0, 1.0, 601.0])
    login = begin(clock=lambda: next(times))
    visit(login.asked["redirect_uri"])
    assert str(login.end()) == "[imap.main] oauth2: nobody came back within 10 minutes; run it again"
