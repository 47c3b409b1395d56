"""Access tokens for a mailbox or the mail server: asked for when they are needed, kept in memory, shared by threads."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from .settings import OAuth2
from .tokens_ask import PATIENCE, Answer, TokenRefusedError, TokenTroubleError, ask, is_token, seconds, unheard
from .tokens_file import alone, read, write

__all__ = ["TokenRefusedError", "TokenTroubleError", "Tokens", "login_name", "tokens_of"]

_USED = 0.8  # of a token's life, until it is renewed
_UNTOLD_LIFE, _LONGEST_LIFE = 300.0, 86400.0  # seconds
_AGAIN = 30.0  # seconds to the next try to renew a token that is still good
_LOG_IN_AGAIN = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
_LOOK_AT = {
    "invalid_client": "look at client_id and client_secret, which may have run out",
    "unauthorized_client": "look at what the application may do there",
    "invalid_scope": "look at scope",
}

log = logging.getLogger(__name__)


def login_name(table: str) -> str:
    """What `mailticket imap login` calls a table of the config: its name, where that is no other's."""
    name = table.removeprefix("imap.")
    return table if name == "delivery" and name != table else name


class Tokens:
    """The access tokens of one `oauth2` in the config; `table` is whose, like `imap.main` or `delivery`.

    `clock` is a monotonic one. Of what it tells and logs, nothing is secret.
    """

    def __init__(self, oauth2: OAuth2, table: str, clock: Callable[[], float], patience: float = PATIENCE) -> None:
        self._oauth2 = oauth2
        self._what = f"[{table}] oauth2"
        self._login = f"run `mailticket imap login {login_name(table)}`"
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()  # guards all below; who waits for it gets the token that the other one fetched
        self._token = ""
        self._renew_at = self._ends_at = 0.0
        self._refresh = oauth2.refresh_token
        self._in_file = oauth2.refresh_token if oauth2.refresh_file else ""  # as far as we know
        self._unwritten = False

    def token(self, asks: Callable[[], None] = unheard) -> str:
        """One that is good for a while. TokenRefusedError where a person has to act, else TokenTroubleError. `asks` is
        called before a server is asked that may give a refresh token for the file; what it raises comes out of here."""
        with self._lock:
            now = self._clock()
            if not self._token or now >= self._renew_at:
                try:
                    self._renew(now, asks if self._oauth2.refresh_file else unheard)
                except TokenTroubleError as error:
                    if not self._token or now >= self._ends_at:
                        raise
                    self._renew_at = min(now + _AGAIN, self._ends_at)
                    log.warning("%s; the last token is good for another %.0f s", error, self._ends_at - now)
            return self._token

    def forget(self, token: str) -> None:
        """A server does not take it: the next one is a new one."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _renew(self, now: float, asks: Callable[[], None]) -> None:
        with alone(self._oauth2.refresh_file):  # two mailboxes may share it, and a strict server takes a token once
            self._renew_alone(now, asks)

    def _renew_alone(self, now: float, asks: Callable[[], None]) -> None:
        self._look_into_file()
        answer = self._asked(asks)
        if answer.error and self._look_into_file():
            answer = self._asked(asks)  # somebody has logged in anew, or another process has renewed it
        if answer.error:
            raise TokenRefusedError(f"{self._what}: no new token: {answer.why}; {self._advice(answer.error)}")
        token = answer.text("access_token")
        if not is_token(token):
            raise TokenTroubleError(f"{self._what}: {self._oauth2.token_url} gave no access_token")
        life = min(seconds(answer.fields.get("expires_in")) or _UNTOLD_LIFE, _LONGEST_LIFE)
        self._token, self._renew_at, self._ends_at = token, now + _USED * life, now + life
        self._keep(answer.text("refresh_token"))

    def _asked(self, asks: Callable[[], None]) -> Answer:
        oauth2 = self._oauth2
        try:
            return ask(oauth2.token_url, self._form(), self._secrets(), oauth2.ca, self._patience, asks)
        except TokenTroubleError as error:
            raise TokenTroubleError(f"{self._what}: {error}") from error

    def _form(self) -> Mapping[str, str]:
        oauth2 = self._oauth2
        form = {"client_id": oauth2.client_id, "scope": oauth2.scope}
        if oauth2.client_secret:
            form["client_secret"] = oauth2.client_secret
        if self._refresh:
            form |= {"grant_type": "refresh_token", "refresh_token": self._refresh}
        elif oauth2.refresh_file:
            raise TokenRefusedError(f"{self._what}: nobody has logged in yet; {self._login}")
        else:
            form["grant_type"] = "client_credentials"
        return {name: value for name, value in form.items() if value}

    def _secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._oauth2.client_secret, self._refresh, self._token)))

    def _advice(self, error: str) -> str:
        if self._refresh and error in _LOG_IN_AGAIN:
            return self._login
        return _LOOK_AT.get(error, "look at each of its keys")

    def _look_into_file(self) -> bool:
        """Is there another refresh token in it than the last that we knew of?"""
        path = self._oauth2.refresh_file
        found = read(path) if path else ""
        if not found or found == self._in_file:
            return False
        self._refresh = self._in_file = found
        return True

    def _keep(self, refresh: str) -> None:
        """The server may give another refresh token each time, and take the old one no more."""
        if not is_token(refresh) or refresh == self._refresh or not self._refresh:
            return
        self._refresh = refresh
        path = self._oauth2.refresh_file
        if path is None:
            return
        try:
            write(path, refresh)
        except OSError as error:
            if not self._unwritten:
                told = "%s: a new refresh token cannot be written to %s: %s; it is lost with the next restart"
                log.warning(told, self._what, path, error.strerror or error)
            self._unwritten = True
        else:
            self._in_file, self._unwritten = refresh, False


def tokens_of(oauth2: OAuth2 | None, table: str) -> Tokens | None:
    """Those of a table of the config, by the machine's clock; None where it logs in without them."""
    return Tokens(oauth2, table, time.monotonic) if oauth2 else None
