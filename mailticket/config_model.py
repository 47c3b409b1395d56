"""The shape of the config file: pydantic models that turn each written value into what the desk works with."""

from __future__ import annotations

import re
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, PlainValidator, ValidationInfo

from . import config_units as units
from . import config_values as values
from . import settings
from .config_fields import Mailbox, Name, Readable, Size, Strict, around, from_path, from_text
from .config_mailboxes import Imap
from .config_names import nearest
from .config_oauth2 import OAuth2
from .core import policy
from .core.hours import days_off, parse_hours
from .core.policy import Hours, Limit
from .settings import DEFAULT_MESSAGE_SIZE

_LONGEST_DELAY = timedelta(days=1)
_LONGEST_REOPEN = 3650
_TAG_PREFIX = re.compile(r"[A-Za-z0-9-]{1,20}")
OFFICE_HOURS = parse_hours("Mon-Fri 09:00-17:00")


def _secrets(value: Any, info: ValidationInfo) -> tuple[bytes, ...]:
    return around(info).secrets.keys(value, ("desk", "secret"))


def _delivery_password(value: Any, info: ValidationInfo) -> str:
    return around(info).secrets.password(value, ("delivery", "password"))


def _holidays(value: Any, info: ValidationInfo) -> frozenset[date]:
    written = value if isinstance(value, list) else [value]
    days = [day.isoformat() if type(day) is date else day for day in written]
    if not all(isinstance(day, str) for day in days):
        raise ValueError('write "CZ", "DE-BY", or a list of them and of dates: ["CZ", "2026-12-24"]')
    return days_off([day.strip() for day in days], around(info).years)


def _tag_prefix(text: str) -> str:
    if not _TAG_PREFIX.fullmatch(text):
        raise ValueError('must be 1 to 20 letters, digits or hyphens, like "ACME"')
    return text


def _database(text: str) -> str:
    scheme, _, path = text.partition(":")
    if scheme in {"postgresql", "postgres"}:
        raise ValueError('postgresql comes later; write "sqlite:FILE"')
    if scheme != "sqlite" or not path or path.startswith(("//", ":")) or "\0" in path or path.endswith("/"):
        raise ValueError('write "sqlite:FILE", relative to this config, like "sqlite:mailticket.db"')
    return path


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as "Europe"
        near = nearest(name, available_timezones())
        raise ValueError(f'no such time zone as "{units.visible(name)}"; did you mean "{near}"?') from None


def _language(text: str) -> str:
    if text != "en":
        raise ValueError('only "en" in this version; other languages come later')
    return text


def _send_delay(text: str) -> timedelta:
    delay = units.span(text).with_day(timedelta(days=1))
    if delay > _LONGEST_DELAY:
        raise ValueError("must not be longer than 1d")
    return delay


def _promise(text: str) -> units.Span:
    promised = units.span(text)
    if promised.with_day(timedelta(days=1)) <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return promised


def _hostname(text: str) -> str:
    if not units.is_domain(text):
        raise ValueError("must be a host name, like support.example.com")
    return text


Promise = Annotated[units.Span, from_text(_promise)]
Place = Annotated[str, from_text(units.listen_at)]
Limits = Annotated[tuple[Limit, ...], from_text(values.limits)]
Relay = Annotated[IPv4Network | IPv6Network | str, from_text(values.relay)]


class Desk(Strict):
    name: Name
    secret: Annotated[tuple[bytes, ...], PlainValidator(_secrets)] = Field(repr=False)
    tag_prefix: Annotated[str, from_text(_tag_prefix)] = "TICKET"
    database: Annotated[str, from_text(_database)] = "mailticket.db"
    timezone: Annotated[ZoneInfo, from_text(zone)] | None = None
    default_language: Annotated[str, from_text(_language)] = "en"
    templates: Annotated[Path, from_path(values.Folder.folder)] | None = None
    keep_raw: Annotated[timedelta | None, from_text(values.kept)] = None
    plus_addresses: bool = True
    send_delay: Annotated[timedelta, from_text(_send_delay)] = timedelta(seconds=20)


class Trust(Strict):
    authentication_results: list[Annotated[str, from_text(values.authserv_id)]] = Field(default=[])
    forms: list[Mailbox] = Field(default=[])
    reply_proves_all: bool = False


class Smtp(Strict):
    listen: list[Place] = Field(default=["127.0.0.1:2525"], min_length=1)
    max_message_size: Size = DEFAULT_MESSAGE_SIZE
    tls_cert: Readable | None = None
    tls_key: Readable | None = None
    require_tls: bool = False
    proxy_protocol: bool = False
    trusted_relays: list[Relay] = Field(default=[*policy.Trust().relays, values.UNIX])


class Lmtp(Strict):
    listen: list[Place] = Field(default=["unix:/run/mailticket/lmtp"], min_length=1)
    max_message_size: Size | None = None


class Delivery(Strict):
    url: Annotated[settings.Delivery, from_text(units.mail_server)]
    password: Annotated[str, PlainValidator(_delivery_password)] | None = Field(default=None, repr=False)
    oauth2: OAuth2 | None = None
    ca: Readable | None = None
    hostname: Annotated[str, from_text(_hostname)] | None = None
    max_size: Size = 20 * 10**6


class Answers(Strict):
    per_address: Limits = policy.Budgets().per_address
    per_domain: Limits = policy.Budgets().per_domain
    identical: Limits = policy.Budgets().identical
    total: Limits = policy.Budgets().total


class Level(Strict):
    first_response: Promise | None = None
    resolution: Promise | None = None


class Levels(Strict):
    low: Level | None = None
    medium: Level | None = None
    high: Level | None = None
    critical: Level | None = None


class Department(Strict):
    name: Name
    addresses: list[Mailbox] = Field(min_length=1)
    assign: Annotated[tuple[str, ...], PlainValidator(values.strategies)] = ("least-loaded",)
    hours: Annotated[Hours, from_text(parse_hours)] = OFFICE_HOURS
    holidays: Annotated[frozenset[date], PlainValidator(_holidays)] = frozenset()
    reopen_days: int = Field(default=14, ge=0, le=_LONGEST_REOPEN)
    hide_agents: bool = False
    signature: Annotated[str, from_text(values.signature)] = ""
    service_levels: Levels = Levels()


class Agent(Strict):
    name: Name
    address: Mailbox
    aliases: list[Mailbox] = Field(default=[])
    departments: list[str] | None = Field(default=None, min_length=1)
    languages: list[str] = Field(default=[])
    tier: int = Field(default=1, ge=1)
    role: Literal["agent", "manager"] = "agent"
    receipts: Literal["all", "errors"] = "all"
    signature: Annotated[str, from_text(values.signature)] = ""
    password: Annotated[str, from_text(values.password_hash)] | None = Field(default=None, repr=False)


class File(Strict):
    """The whole config."""

    desk: Desk
    trust: Trust = Trust()
    smtp: Smtp | None = None
    lmtp: Lmtp | None = None
    imap: dict[str, Imap] = Field(default={})
    delivery: Delivery
    answers: Answers = Answers()
    department: list[Department] = Field(min_length=1)
    agent: list[Agent] = Field(min_length=1)
