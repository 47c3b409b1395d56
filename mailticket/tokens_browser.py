"""A person's login in a browser that comes back to us (RFC 8252, with PKCE of RFC 7636), or whose address is pasted."""

from __future__ import annotations

import hashlib
import hmac
import os
import select
import socket
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import parse_qs, urlencode, urlsplit

from .core.hushed import told_without
from .tokens_ask import Answer
from .tokens_login import Login

_LONGEST = 600.0  # seconds until somebody is back
_VISIT = 2.0  # seconds for a browser to say what it wants: some open connections before they need them
_HEAD_MAX = 16 * 1024
_LINE_MAX = 64 * 1024  # octets that are typed without a line's end
_TOLD_MAX = 200
_DONE = "Thank you. You can close this page."
_UNKNOWN = "This is not the page of the login that mailticket waits for."
_HERE = "127.0.0.1"


def by_browser(login: Login, new_secret: Callable[[], str], typed: int | None) -> str:
    """The refresh token of who logs in at the address that `login.say` tells. `typed` is where lines are pasted."""
    oauth2 = login.oauth2
    state, verifier = new_secret(), new_secret()
    with socket.create_server((_HERE, 0)) as listener:
        host = "localhost" if oauth2.provider == "microsoft" else _HERE  # as each has it in its registrations
        back = f"http://{host}:{listener.getsockname()[1]}"
        login.say(f"Log in as {login.username} in a browser at {_address(login, back, state, verifier)}")
        if typed is not None:
            login.say("A browser on another machine ends at a page that it cannot open: paste that one's address here.")
        code = _code(login, _queries(login, listener, typed, state), state)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return login.refresh_token(login.ask(oauth2.token_url, form, code, verifier))


def _address(login: Login, back: str, state: str, verifier: str) -> str:
    oauth2 = login.oauth2
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    words = {
        "response_type": "code",
        "client_id": oauth2.client_id,
        "redirect_uri": back,
        "scope": oauth2.scope,
        "state": state,
        "code_challenge": urlsafe_b64encode(digest).decode("ascii").rstrip("="),
        "code_challenge_method": "S256",
        "login_hint": login.username,
    }
    if oauth2.provider == "google":  # which gives a refresh token only then
        words |= {"access_type": "offline", "prompt": "consent"}
    return oauth2.authorize_url + ("&" if "?" in oauth2.authorize_url else "?") + urlencode(words)


def _code(login: Login, queries: Iterator[str], state: str) -> str:
    for query in queries:
        found = _words(query)
        if code := found.get("code"):
            return code
        if error := found.get("error"):
            told = (told_without(text, (state,), _TOLD_MAX) for text in (error, found.get("error_description", "")))
            raise login.denied(Answer(found, *told))
    raise login.refused(f"nobody came back within {_LONGEST / 60:g} minutes; run it again")


def _words(query: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(query, max_num_fields=100).items()}
    except ValueError:  # more than anybody's answer has
        return {}


def _queries(login: Login, listener: socket.socket, typed: int | None, state: str) -> Iterator[str]:
    """What came back of this login, by the browser or pasted, until the time is over."""
    deadline = login.clock() + _LONGEST
    lines = b""
    while (left := deadline - login.clock()) > 0:
        watched: list[socket.socket | int] = [listener] if typed is None else [listener, typed]
        ready = select.select(watched, [], [], left)[0]
        if listener in ready and (query := _visited(listener, state)):
            yield query
        if typed in ready and typed is not None:
            octets = os.read(typed, 4096)
            *whole, lines = (lines + (octets or b"\n"))[-_LINE_MAX:].split(b"\n")
            if not octets:  # nobody can type any more
                typed = None
            for line in whole:
                query = _query_of(line)
                if _is_ours(query, state):
                    yield query
                elif line.strip():
                    login.say("That is not the address where this login ends; it has code= and state= in it.")


def _query_of(line: bytes) -> str:
    try:
        return urlsplit(line.decode("utf-8", "replace").strip()).query
    except ValueError:  # a bracket in it that opens no address
        return ""


def _is_ours(query: str, state: str) -> bool:
    return hmac.compare_digest(_words(query).get("state", "").encode(), state.encode())


def _visited(listener: socket.socket, state: str) -> str:
    """What a browser asked for; "" where it is not of this login."""
    client, _ = listener.accept()
    with client, suppress(OSError):  # who leaves without a word was no browser that comes back
        client.settimeout(_VISIT)
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _HEAD_MAX:
            if not (octets := client.recv(4096)):
                return ""
            head += octets
        target = head.split(b"\r\n", 1)[0].split(b" ")[1:2]
        query = _query_of(target[0]) if target else ""
        ours = _is_ours(query, state)
        status, page = ("200 OK", _DONE) if ours else ("404 Not Found", _UNKNOWN)
        head_line = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
        client.sendall(f"{head_line}Content-Length: {len(page)}\r\n\r\n{page}".encode())
        return query if ours else ""
    return ""
