"""Logging in to the mail server (RFC 4954). What went wrong is told without a part of the password."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable

from .wire import Answer, DeliveryFault, Wire

_GO_ON = 334
_DONE = 235
_LINE_MAX = 500  # octets: a command line ends at 512 with its CRLF (RFC 4954 §4)


def log_in(wire: Wire, username: str, password: str) -> None:
    """By the first way that the server offers. DeliveryFault where it takes none: all mail waits, for it is our config
    that is wrong."""
    offered = wire.esmtp_features.get("auth", "").upper().split()
    way = next((name for name in _WAYS if name in offered), None)
    if way is None:
        ways = f"only {' '.join(offered)}" if offered else "none"
        told = f"[delivery] url names a user, and of the ways to log in that we know it offers {ways}"
        raise DeliveryFault(told, verb=f"does not let {username} log in")
    answer = _WAYS[way](wire, username.encode(), password.encode())
    if answer.code == _DONE:
        return
    line = _without(answer.line, username, password)
    advice = "; correct the user or the password in [delivery]" if answer.code // 100 == 5 else ""  # noqa: PLR2004 - a plain no
    raise DeliveryFault(line + advice, verb=f"does not let {username} log in")


def _plain(wire: Wire, username: bytes, password: bytes) -> Answer:
    words = _plain_words(username, password)
    if len(words) <= _LINE_MAX:
        return _say(wire, b"AUTH PLAIN " + words)
    answer = _say(wire, b"AUTH PLAIN")
    return _say(wire, words) if answer.code == _GO_ON else answer


def _login(wire: Wire, username: bytes, password: bytes) -> Answer:
    answer = _say(wire, b"AUTH LOGIN")
    for words in (username, password):
        if answer.code != _GO_ON:
            break
        answer = _say(wire, b64encode(words))
    return answer


def _cram_md5(wire: Wire, username: bytes, password: bytes) -> Answer:
    answer = _say(wire, b"AUTH CRAM-MD5")
    if answer.code != _GO_ON:
        return answer
    try:
        challenge = b64decode(answer.line.partition(" ")[2], validate=True)
    except binascii.Error:
        return _say(wire, b"*")
    digest = hmac.new(password, challenge, "md5").hexdigest()
    return _say(wire, b64encode(username + b" " + digest.encode()))


_WAYS: dict[str, Callable[[Wire, bytes, bytes], Answer]] = {"PLAIN": _plain, "LOGIN": _login, "CRAM-MD5": _cram_md5}


def _say(wire: Wire, line: bytes) -> Answer:
    wire.send(line + b"\r\n")
    return wire.answer()


def _plain_words(username: bytes, password: bytes) -> bytes:
    return b64encode(b"\0" + username + b"\0" + password)


def _without(line: str, username: str, password: str) -> str:
    """A server may repeat the command that it did not understand."""
    secret = password.encode()
    for words in (_plain_words(username.encode(), secret).decode(), b64encode(secret).decode(), password):
        line = line.replace(words, "…") if words else line
    return line
