"""The ways out that the config can name. Sender and queue do not know which of them it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..core.retry import Reply
from ..settings import Delivery, Transport
from ..tokens import tokens_of
from .maildir import Maildir
from .smtp import Server, Tls
from .wire import Limits

_TLS: dict[Transport, Tls] = {"smtps": "implicit", "starttls": "starttls"}


class Carrier(Protocol):
    """Hands mails over, one after the other. For one thread at a time. DeliveryFault where nothing can be known."""

    def open(self) -> object:
        """Be ready now, before a mail is at stake."""

    def send(self, envelope_from: str, recipients: Sequence[str], raw: bytes) -> list[Reply]:
        """One reply for each recipient, in their order."""

    def rest(self) -> None:
        """There is nothing to do for a while."""

    def close(self) -> None:
        """Politely."""

    def drop(self) -> None:
        """Without a word."""


class Way(Protocol):
    """A way out. Its text is what the log calls it."""

    @property
    def limits(self) -> Limits:
        """How long it is waited for."""

    def connection(self) -> Carrier:
        """A new one; it is opened when a mail needs it."""

    def probe(self) -> str:
        """One line that says that it answers, the login included; DeliveryFault with one that says why not."""


def server_of(delivery: Delivery, hostname: str, limits: Limits | None = None) -> Way:
    """`hostname` is what we call ourselves."""
    limits = limits or Limits()
    if delivery.transport == "maildir":
        return Maildir(delivery.path or Path(), limits)
    return Server(
        delivery.host,
        delivery.port,
        hostname,
        limits,
        lmtp=delivery.transport == "lmtp",
        path=delivery.path,
        tls=_TLS.get(delivery.transport, ""),
        ca=delivery.ca,
        username=delivery.username,
        password=delivery.password,
        tokens=tokens_of(delivery.oauth2, "delivery"),
    )
