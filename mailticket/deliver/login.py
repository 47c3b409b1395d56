"""Logging in to the mail server (RFC 4954). What went wrong is told without a part of the password or the token."""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence

from ..core import sasl
from ..core.hushed import told_without
from ..tokens import TokenRefusedError, Tokens, TokenTroubleError
from .wire import SHOWN, Answer, DeliveryFault, Wire

_GO_ON = 334
_DONE = 235
_TRIES = 2
_NO = 5  # the first digit of a plain no
_LINE_MAX = 500  # octets: a command line ends at 512 with its CRLF (RFC 4954 §4)


def log_in(wire: Wire, username: str, password: str) -> None:
    """By the first way that the server offers. DeliveryFault where it takes none: all mail waits, for it is our config
    that is wrong."""
    offered = _offered(wire)
    way = next((name for name in _WAYS if name in offered), None)
    if way is None:
        raise _no_way(username, "url names a user", offered)
    answer = _WAYS[way](wire, username.encode(), password.encode())
    if answer.code != _DONE:
        words = (_plain_words(username.encode(), password.encode()), b64encode(password.encode()))
        secrets = (*(word.decode() for word in words), password)
        raise _refused(answer, username, secrets, "correct the user or the password in [delivery]")


def log_in_by_token(wire: Wire, username: str, tokens: Tokens, host: str, port: int) -> None:
    """With an access token; one that the server refuses is not used again, and a new one is tried once."""
    offered = _offered(wire)
    way = sasl.mechanism(offered)
    if way is None:
        raise _no_way(username, "oauth2 is there", offered)
    for _ in range(_TRIES):
        token = _token(tokens, username)
        words = sasl.first_words(way, username, token, host, port)
        answer = _bear(wire, way, words)
        if answer.code == _DONE:
            return
        if answer.code // 100 != _NO:
            break
        tokens.forget(token)
    told = (b64encode(words).decode(), token)
    raise _refused(answer, username, told, "may this user's mailbox be opened with [delivery] oauth2?")


def _offered(wire: Wire) -> list[str]:
    return wire.esmtp_features.get("auth", "").upper().split()


def _no_way(username: str, what: str, offered: list[str]) -> DeliveryFault:
    ways = f"only {' '.join(offered)}" if offered else "none"
    told = f"[delivery] {what}, and of the ways to log in that we know it offers {ways}"
    return DeliveryFault(told, verb=f"does not let {username} log in")


def _refused(answer: Answer, username: str, secrets: Sequence[str], advice: str) -> DeliveryFault:
    """A server may repeat the command that it did not understand."""
    line = told_without(answer.line, secrets, SHOWN)
    told = f"{line}; {advice}" if answer.code // 100 == _NO else line
    return DeliveryFault(told, verb=f"does not let {username} log in")


def _token(tokens: Tokens, username: str) -> str:
    try:
        return tokens.token()
    except (TokenRefusedError, TokenTroubleError) as error:
        raise DeliveryFault(str(error), verb=f"cannot be logged in to as {username}") from error


def _bear(wire: Wire, way: str, words: bytes) -> Answer:
    """The last word of the server; where it has something to say against a token, an answer has to come before that."""
    answer = _first(wire, way, b64encode(words))
    if answer.code == _GO_ON:
        return _say(wire, b64encode(sasl.no_more(way)))
    return answer


def _plain(wire: Wire, username: bytes, password: bytes) -> Answer:
    return _first(wire, "PLAIN", _plain_words(username, password))


def _first(wire: Wire, way: str, words: bytes) -> Answer:
    """The client's first words, in the command's line where they fit."""
    command = b"AUTH " + way.encode()
    if len(command) + len(words) < _LINE_MAX:
        return _say(wire, command + b" " + words)
    answer = _say(wire, command)
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
