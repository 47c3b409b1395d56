"""What is said in a login with an access token: XOAUTH2 of Google and Microsoft, and OAUTHBEARER (RFC 7628)."""

from __future__ import annotations

from collections.abc import Iterable

XOAUTH2, OAUTHBEARER = "XOAUTH2", "OAUTHBEARER"
MECHANISMS = (XOAUTH2, OAUTHBEARER)  # the first that a server offers: all the large ones have the first

# What a server gets for its challenge, which says why it takes no token; its answer to that is the refusal.
_NO_MORE = {XOAUTH2: b"", OAUTHBEARER: b"\x01"}


def mechanism(offered: Iterable[str]) -> str | None:
    """Which of the mechanisms that a server names is ours to take; None where it has neither."""
    named = {name.upper() for name in offered}
    return next((name for name in MECHANISMS if name in named), None)


def first_words(mechanism: str, user: str, token: str, host: str, port: int) -> bytes:
    """The client's first message. `user` is the mailbox, also where an application logs in."""
    if mechanism == XOAUTH2:
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")  # a saslname, RFC 5801 §4
    return f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01".encode()


def no_more(mechanism: str) -> bytes:
    """The answer to a challenge after the first words."""
    return _NO_MORE[mechanism]


class Dialogue:
    """The client's side of one login: called with each challenge, it gives what to answer."""

    def __init__(self, mechanism: str, user: str, token: str, host: str, port: int) -> None:
        self._mechanism = mechanism
        self._first: bytes | None = first_words(mechanism, user, token, host, port)

    def __call__(self, _challenge: bytes | None) -> bytes:
        said, self._first = self._first, None
        return no_more(self._mechanism) if said is None else said
