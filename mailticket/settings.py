"""A config that is right, as plain values: what `config` makes and the processes are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from .core.policy import Policy

DEFAULT_MESSAGE_SIZE = 35 * 10**6
LOOKED_AT_WITHIN = timedelta(minutes=3)  # a slice of IDLE, and what is read after it
Transport = Literal["smtp", "smtps", "starttls", "lmtp", "maildir"]
ImapTls = Literal["implicit", "starttls", "none"]


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
class OAuth2:
    """Where access tokens come from (RFC 6749): by the refresh token where there is one, else by client credentials.

    A renewed refresh token is written to `refresh_file`, where it was read from; `device_url` (RFC 8628) and
    `authorize_url` are where a person allows it. "" where there is none.
    """

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    refresh_file: Path | None = None
    scope: str = ""
    provider: str = ""  # "microsoft", "google"
    device_url: str = ""
    authorize_url: str = ""
    ca: Path | None = None  # who signs the certificate of `token_url`, where it is nobody that the system knows


@dataclass(frozen=True, slots=True)
class After:
    """What becomes of a mail in the mailbox once it is safe in the desk: seen, move (to `folder`), delete, keep."""

    kind: Literal["seen", "move", "delete", "keep"] = "seen"
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Imap:
    """A mailbox that is read, `[imap.NAME]`.

    `since` is how far back the first connection takes what is there already: timedelta(0) nothing of it, None all;
    of that nothing older than `answer_within` is acknowledged. `department` settles whose mail it is ("": the
    headers do). `alarm_after` is how long it may be unreadable before managers hear of it.
    """

    name: str
    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    oauth2: OAuth2 | None = None
    tls: ImapTls = "implicit"
    ca: Path | None = None  # who signs its certificate, where it is nobody that the system knows
    folder: str = "INBOX"
    after: After = After()
    poll: timedelta = timedelta(seconds=60)
    since: timedelta | None = timedelta(0)
    answer_within: timedelta = timedelta(hours=24)
    department: str = ""
    max_message_size: int = DEFAULT_MESSAGE_SIZE
    alarm_after: timedelta = timedelta(minutes=15)
    self_probe: timedelta | None = None  # how often a mail of our own has to make the round

    @property
    def patience(self) -> timedelta:
        """How long it may be unreadable: where it is looked at more seldom than that, until it was looked at."""
        return max(self.alarm_after, self.poll + LOOKED_AT_WITHIN)


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
    oauth2: OAuth2 | None = None


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
    imap: tuple[Imap, ...] = ()
    templates: Path | None = None  # the admin's own
    logins: Mapping[str, str] = field(default_factory=dict, repr=False)  # an agent's address key → hash of the password

    @property
    def max_message_size(self) -> int:
        """Octets; by whatever way a mail comes."""
        door = self.smtp or self.lmtp
        return door.max_message_size if door else DEFAULT_MESSAGE_SIZE
