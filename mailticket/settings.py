"""A config that is right, as plain values: what `config` makes and the processes are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .core.policy import Policy

DEFAULT_MESSAGE_SIZE = 35 * 10**6


@dataclass(frozen=True, slots=True)
class Smtp:
    """The listener. `listen` are HOST:PORT, `max_message_size` octets."""

    listen: tuple[str, ...]
    max_message_size: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outgoing mail server. `max_size` is in octets."""

    host: str
    port: int
    max_size: int


@dataclass(frozen=True, slots=True)
class Settings:
    """A config that is right. `smtp` is None where there is no listener."""

    path: Path
    database: Path
    policy: Policy
    smtp: Smtp | None
    delivery: Delivery
    warnings: tuple[str, ...]

    @property
    def max_message_size(self) -> int:
        """Octets; by whatever way a mail comes."""
        return self.smtp.max_message_size if self.smtp else DEFAULT_MESSAGE_SIZE
