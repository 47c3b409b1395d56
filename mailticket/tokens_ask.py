"""One question to a token server: a form by HTTPS POST, a JSON object back, bounded in time and size."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from .core.hosts import is_loopback
from .core.hushed import told_without
from .core.tls_words import certificate_told, handshake_told
from .errors import MailticketError, TemporaryError

PATIENCE = 20.0  # seconds for all of it
LARGEST = 64 * 1024  # octets of an answer
_NAME_MAX, _TOLD_MAX = 60, 200  # characters: of an error's name, and of its words
_OK, _REDIRECTS, _OURS, _THEIRS = 200, range(300, 400), range(400, 500), 500
_TOKEN = re.compile(r"[!-~]{1,16384}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_CA, _URL = "write the file of who signs it as ca beside it", "look at its address"
_TOO_MANY = frozenset({408, 429})
_LATER = frozenset({"temporarily_unavailable", "server_error"})


class TokenRefusedError(MailticketError):
    """The token server says no: a person has to act."""


class TokenTroubleError(TemporaryError):
    """The token server could not be asked, or says nothing that helps; it may go well later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it said. `error` is its name for what is wrong ("": nothing), `told` its words about it, both cleaned."""

    fields: Mapping[str, Any] = field(repr=False)
    error: str = ""
    told: str = ""

    @property
    def why(self) -> str:
        return f"{self.error} ({self.told})" if self.told else self.error

    def text(self, name: str) -> str:
        """A field that is text; "" where there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


def unheard() -> None:
    """Who asks where nobody wants to hear of it."""


def ask(
    url: str,
    form: Mapping[str, str],
    secrets: Sequence[str],
    ca: Path | None,
    patience: float = PATIENCE,
    asks: Callable[[], None] = unheard,
) -> Answer:
    """TokenTroubleError where there is no answer that could be read. No text of it holds one of `secrets`. `asks` is
    called when the server is there, before it is told anything; what it raises comes out of here."""
    host = urlsplit(url).netloc
    try:
        status, content = _exchange(url, urlencode(form).encode("ascii"), ca, patience, asks)
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a name that cannot be looked up
        told = told_without(_words(error, host, patience), secrets, _TOLD_MAX)
        raise TokenTroubleError(f"{host} cannot be asked: {told}") from None  # the cause may hold what we sent
    if status in _REDIRECTS:
        raise TokenTroubleError(f"{host} answers {status}, which leads elsewhere; write the address that it leads to")
    if len(content) > LARGEST:
        raise TokenTroubleError(f"the answer of {host} is larger than {LARGEST // 1024} KB")
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        what = "" if status >= _THEIRS else " without a JSON object; is its address right?"
        raise TokenTroubleError(f"{host} answers {status}{what}")
    answer = _answer(fields, secrets)
    sure = status == _OK or (status in _OURS and status not in _TOO_MANY and answer.error)
    if not sure or answer.error in _LATER:
        raise TokenTroubleError(f"{host} answers {status}" + (f": {answer.why}" if answer.error else ""))
    return answer


def is_token(text: str) -> bool:
    """Could it stand in a header?"""
    return _TOKEN.fullmatch(text) is not None


def seconds(written: object) -> float:
    """A number of them, which some servers write as text; 0 where it is none."""
    found = _NUMBER.fullmatch(str(written))
    return float(found[0]) if found else 0.0


def _answer(fields: Mapping[str, Any], secrets: Sequence[str]) -> Answer:
    plain = Answer(fields)
    error = told_without(plain.text("error"), secrets, _NAME_MAX)
    return Answer(fields, error, told_without(plain.text("error_description"), secrets, _TOLD_MAX) if error else "")


def _exchange(url: str, body: bytes, ca: Path | None, patience: float, asks: Callable[[], None]) -> tuple[int, bytes]:
    """Straight to the server, without a proxy: its status, and of its answer what shows whether it is too large."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Connection": "close",
    }
    timed = _Timed(patience)
    connection = http.client.HTTPConnection(host)
    try:
        with timed.running():
            connection.sock = _connected(host, parts.port, ca, timed, secure=parts.scheme == "https")
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            asks()
            connection.request("POST", path or "/", body, headers)
            response = connection.getresponse()
            content = response.read(LARGEST + 1)
    except (OSError, http.client.HTTPException) as error:
        if timed.over:
            raise TimeoutError from error
        raise
    finally:
        connection.close()
    if timed.over:  # the end of what was read was not the server's
        raise TimeoutError
    return response.status, content


class _Timed:
    """Ends a conversation that takes too long in all; a socket's timeout alone begins anew with each octet."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False
        self.sock: socket.socket | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        timer = threading.Timer(self.seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _end(self) -> None:
        self.over = True
        if self.sock is not None:  # without one it is still looked for, which has limits of its own
            with suppress(OSError):  # closed meanwhile
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # below TLS, whose state is another thread's


def _connected(host: str, port: int | None, ca: Path | None, timed: _Timed, *, secure: bool) -> socket.socket:
    if not secure and not is_loopback(host):
        raise TokenTroubleError(f"{host} is no part of this machine, and secrets go out by https only")
    sock = socket.create_connection((host, port or (443 if secure else 80)), timed.seconds)
    timed.sock = sock
    if not secure:
        return sock
    try:
        context = ssl.create_default_context(cafile=ca)
        wrapped = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        sock.close()
        raise
    timed.sock = wrapped
    try:
        wrapped.do_handshake()
    except BaseException:
        wrapped.close()
        raise
    return wrapped


def _words(error: Exception, host: str, patience: float) -> str:
    """What the system says about it."""
    if isinstance(error, TimeoutError):
        return f"no answer within {patience:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return certificate_told(host, error.verify_code, error.verify_message, ca=_CA, name=_URL)
    if isinstance(error, ssl.SSLError):
        return handshake_told(error.reason or str(error), no_tls=f"it speaks no TLS at this port; {_URL}")
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
