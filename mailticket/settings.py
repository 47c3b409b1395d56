"""A config that is right, as plain values: what `config` makes and the processes are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .core.policy import Policy

DEFAULT_MESSAGE_SIZE = 35 * 10**6
Transport = Literal["smtp", "smtps", "starttls", "lmtp", "maildir"]


@dataclass(frozen=True, slots=True)
class Smtp:
    """The listener. `listen` are HOST:PORT, `unix:/PATH` or `systemd:NAME`, behind `tls:` where TLS begins at once;
    `max_message_size` octets."""

    listen: tuple[str, ...]
    max_message_size: int
    tls_cert: Path | None = None
    tls_key: Path | None = None
    require_tls: bool = False
    proxy_protocol: bool = False


@dataclass(frozen=True, slots=True)
class Lmtp:
    """The same door for a mail server beside us, which may then answer for each recipient."""

    listen: tuple[str, ...]
    max_message_size: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """The way out. `max_size` is in octets, `path` the socket (LMTP) or the folder (Maildir) where there is no host."""

    host: str
    port: int
    max_size: int
    transport: Transport = "smtp"
    username: str = ""
    password: str = field(default="", repr=False)
    path: Path | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A config that is right. `smtp` and `lmtp` are None where there is no such listener."""

    path: Path
    database: Path
    policy: Policy
    smtp: Smtp | None
    delivery: Delivery
    warnings: tuple[str, ...]
    lmtp: Lmtp | None = None
    templates: Path | None = None  # the admin's own
    logins: Mapping[str, str] = field(default_factory=dict, repr=False)  # an agent's address key → hash of the password

    @property
    def max_message_size(self) -> int:
        """Octets; by whatever way a mail comes."""
        door = self.smtp or self.lmtp
        return door.max_message_size if door else DEFAULT_MESSAGE_SIZE
