"""Logging in to a mailbox. What went wrong is told without a part of the password or the token."""

from __future__ import annotations

import imaplib
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..core import sasl
from ..core.hushed import told_without
from ..settings import Imap
from .imap_faults import LONGEST, MailboxError
from .imap_wire import Cord

# RFC 5530: it is not the password that is wrong.
_NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")


class TokenSource(Protocol):
    """Access tokens for OAuth2."""

    def token(self, asks: Callable[[], None]) -> str:
        """One that is valid now. `asks` is called before a server is asked that may give what has to be stored."""

    def forget(self, token: str) -> None:
        """It was refused: the next one has to be another."""


class Login:
    """Who we are to the server of a mailbox."""

    def __init__(self, box: Imap, tokens: TokenSource | None) -> None:
        self._box = box
        self._tokens = tokens

    def log_in(self, client: Any, cord: Cord) -> None:
        """MailboxError says why not, and what to do."""
        offered = {one.decode("ascii", "replace").upper() for one in client.capabilities()}
        if self._tokens is None:
            self._by_password(client, offered)
        else:
            self._by_token(client, offered, self._tokens, cord)

    def _by_password(self, client: Any, offered: set[str]) -> None:
        name, password = self._box.username, self._box.password
        login = client.plain_login if "AUTH=PLAIN" in offered else client.login
        if login == client.login and "LOGINDISABLED" in offered:
            told = 'it lets nobody log in like this (LOGINDISABLED); without TLS, write tls = "starttls" or "implicit"'
            raise MailboxError(f"{self._place} {told}")
        if login == client.login and not (name + password).isascii():
            raise MailboxError(f"{self._place} takes only ASCII in names and passwords (it has no AUTH=PLAIN)")
        said = b64encode(f"\0{name}\0{password}".encode()).decode()
        if refusal := self._refusal(lambda: login(name, password), (password, said)):
            self._refused(refusal, f"correct username or password of [imap.{self._box.name}]")

    def _by_token(self, client: Any, offered: set[str], tokens: TokenSource, cord: Cord) -> None:
        mechanism = sasl.mechanism(one.removeprefix("AUTH=") for one in offered)
        if mechanism is None:
            raise MailboxError(f"{self._place} takes no OAuth2; write password instead of oauth2")
        for last in (False, True):
            with cord.elsewhere():
                token = tokens.token(cord.take_in_hand)
            refusal = self._token_refused(client, mechanism, token)
            if not refusal:
                return
            tokens.forget(token)
            if last:
                told = "may the account that the token is for read this mailbox, and is IMAP switched on for it?"
                self._refused(refusal, told)

    def _token_refused(self, client: Any, mechanism: str, token: str) -> str:
        words = (mechanism, self._box.username, token, self._box.host, self._box.port)
        said = b64encode(sasl.first_words(*words)).decode()
        return self._refusal(lambda: client.sasl_login(mechanism, sasl.Dialogue(*words)), (token, said))

    def _refusal(self, login: Callable[[], Any], secrets: Sequence[str]) -> str:
        """What the server says against it; "" where it lets us in. It may repeat what it did not understand."""
        try:
            login()
        except imaplib.IMAP4.error as error:
            line = told_without(str(error), secrets, LONGEST)
            if isinstance(error.__context__ or error, imaplib.IMAP4.abort):
                # The connection ended: of that, too, imapclient makes a login that was refused.
                raise imaplib.IMAP4.abort(line) from None
            return line or "no"
        return ""

    def _refused(self, line: str, advice: str) -> None:
        more = "" if any(code in line.upper() for code in _NOT_NOW) else f"; {advice}"
        raise MailboxError(f"{self._place} does not let {self._box.username} log in: {line}{more}")

    @property
    def _place(self) -> str:
        return f"{self._box.host}:{self._box.port}"
