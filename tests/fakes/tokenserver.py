"""A token endpoint on a loopback port (RFC 6749, 7636, 7662, 8628): right by itself, until a test scripts an answer."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import ssl
import threading
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

SILENCE = "silence"  # instead of an answer: nothing, until the server ends
DRIP = "drip"  # instead of an answer: an octet of it now and then
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT, SECRET = "desk-client", "desk-client-secret-8b1f"


def refused(error: str, told: str = "") -> tuple[int, dict[str, str]]:
    return 400, {"error": error, "error_description": told} if told else {"error": error}


@dataclass
class TokenServer:
    """`user` is whose mailbox its tokens open. `say(path, answer, …)` scripts the next answers: (status, object or
    octets, headers) or one of the words above."""

    user: str = "support@acme.example"
    tls: ssl.SSLContext | None = None
    life: object = 3600
    rotate: bool = False
    refresh: set[str] = field(default_factory=lambda: {"refresh-0-abcdefghijkl"})  # those that are good
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)  # given out, and good until they are taken out
    given: int = 0
    port: int = 0
    _script: dict[str, list[Any]] = field(default_factory=dict)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        server = self
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), type("Handler", (_Handler,), {"ours": server}))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        if self.tls:
            self._http.socket = self.tls.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc):
        self._ended.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def url(self, path: str = "token") -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/{path}"

    def say(self, path: str, *answers: Any) -> None:
        with self._lock:
            self._script.setdefault(path, []).extend(answers)

    def forms(self, path: str = "token") -> list[dict[str, str]]:
        with self._lock:
            return [form for asked, form in self.asked if asked == path]

    def expire(self) -> None:
        """No token that was given out until now is good any more."""
        with self._lock:
            self.tokens.clear()

    # --- what it answers ----------------------------------------------------------------------------------------

    def answer(self, path: str, form: dict[str, str]) -> Any:
        with self._lock:
            self.asked.append((path, form))
            if self._script.get(path):
                return self._script[path].pop(0)
            return getattr(self, f"_{path}", lambda _form: (404, b"not here"))(form)

    def _token(self, form: dict[str, str]) -> Any:
        if form.get("client_id") != CLIENT or form.get("client_secret", SECRET) != SECRET:
            return 401, {"error": "invalid_client", "error_description": "no such client"}
        grant = form.get("grant_type")
        if grant == "client_credentials":
            return 200, self._granted(with_refresh=False) if "client_secret" in form else refused("invalid_client")
        if grant == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        if grant == DEVICE and self._codes.pop(form.get("device_code", ""), None) is not None:
            return 200, self._granted(with_refresh=True)
        if grant == "authorization_code" and self._proved(form):
            return 200, self._granted(with_refresh=True)
        return refused("invalid_grant", "what is given is not known")

    def _refreshed(self, token: str) -> Any:
        if token not in self.refresh:
            return refused("invalid_grant", "the refresh token is not good")
        if self.rotate:
            self.refresh.remove(token)
        return 200, self._granted(with_refresh=self.rotate)

    def _granted(self, *, with_refresh: bool) -> dict[str, Any]:
        self.given += 1
        self.tokens.append(f"access-{self.given}-opqrstuvwxyz")
        found = {"access_token": self.tokens[-1], "token_type": "Bearer"}
        if self.life is not None:
            found["expires_in"] = self.life
        if with_refresh:
            found["refresh_token"] = f"refresh-{self.given}-abcdefghijkl"
            self.refresh.add(found["refresh_token"])
        return found

    def _proved(self, form: dict[str, str]) -> bool:
        allowed = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        known = allowed is not None and allowed["code_challenge"] == challenge
        return known and allowed["redirect_uri"] == form.get("redirect_uri")

    def _device(self, _form: dict[str, str]) -> Any:
        code = f"device-{len(self.asked)}-mnopqrstuvwx"
        self._codes[code] = {}
        told = {"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": "https://login.example/device"}
        return 200, {**told, "expires_in": 600, "interval": 1}

    def _authorize(self, form: dict[str, str]) -> Any:
        """What a browser is sent on to when its user has said yes."""
        code = f"code-{len(self.asked)}-ghijklmnopqr"
        self._codes[code] = form
        back = urlencode({"code": code, "state": form["state"]})
        return 302, b"", {"Location": f"{form['redirect_uri']}/?{back}"}

    def _introspect(self, form: dict[str, str]) -> Any:
        """RFC 7662: is a token good, and whose is it?"""
        good = form.get("token") in self.tokens
        return 200, {"active": good, "username": self.user, "email": self.user} if good else {"active": False}


class _Handler(BaseHTTPRequestHandler):
    ours: TokenServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def _answer(self, words: str) -> None:
        found = self.ours.answer(urlsplit(self.path).path.strip("/"), dict(parse_qsl(words)))
        with contextlib.suppress(OSError):
            if found in (SILENCE, DRIP):
                self._wait(drip=found == DRIP)
                return
            status, content, *headers = found
            octets = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(octets)), **(headers[0] if headers else {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(octets)

    def _wait(self, *, drip: bool) -> None:
        self.close_connection = True
        while not self.ours._ended.wait(0.02):
            if drip:
                self.connection.send(b"H", socket.MSG_NOSIGNAL)

    def log_message(self, *_args: object) -> None:
        """Nothing: tests look at `asked`."""
