"""The shape of a mailbox's table, `[imap.NAME]`, and how its values are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv6Address
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo

from . import config_units as units
from . import config_values as values
from . import settings
from .config_fields import Readable, Strict, around, from_text
from .config_oauth2 import OAuth2
from .config_secrets import Written

PORTS = {"implicit": 993, "starttls": 143, "none": 143}
MOVE = "move:"
_AFTER = {"seen": settings.After("seen"), "delete": settings.After("delete"), "keep": settings.After("keep")}
_LONGEST_TEXT = 255  # of a user's or a folder's name; ours
_LARGEST = 150 * 10**6  # octets: nobody else can write to the database while one of them is stored
_NOW, _ALL, _OFF = "now", "all", "off"


def _within(least: str, most: str) -> Callable[[str], timedelta]:
    """A reader of spans that are no shorter and no longer than these."""
    shortest, longest = _span(least), _span(most)

    def read(text: str) -> timedelta:
        written = _span(text)
        if not shortest <= written <= longest:
            raise ValueError(f'must be at least "{least}" and at most "{most}"')
        return written

    return read


def _span(text: str) -> timedelta:
    return units.span(text).with_day(timedelta(days=1))


def _host(text: str) -> str:
    if not units.is_domain(text) and not _is_v6(text):
        told = f'"{units.visible(text)}": write a name or an address alone, like imap.example.com; `port` is a key'
        raise ValueError(told)
    return text


def _is_v6(text: str) -> bool:
    try:
        return IPv6Address(text).scope_id is None
    except ValueError:
        return False


def _line(text: str) -> str:
    """The name of a user or a folder, as it stands: spaces belong to it."""
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line that is not empty, without control characters")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"must not be longer than {_LONGEST_TEXT} characters")
    return text


def _after(text: str) -> settings.After:
    if text.startswith(MOVE):
        folder = text.removeprefix(MOVE)
        if not folder.strip():
            raise ValueError('write the folder behind it, like "move:Archive"')
        return settings.After("move", _line(folder))
    if text not in _AFTER:
        raise ValueError(f'there is no "{units.visible(text)}"; write "seen", "move:FOLDER", "delete" or "keep"')
    return _AFTER[text]


def _since(text: str) -> timedelta | None:
    if text == _ALL:
        return None
    if text == _NOW:
        return timedelta(0)
    try:
        return _within("1s", "3650d")(text)
    except ValueError as error:
        raise ValueError(f'{error}, or "{_NOW}" or "{_ALL}"') from None


def _size(text: str) -> int:
    octets = units.size(text)
    if not 0 < octets <= _LARGEST:
        raise ValueError('must be more than nothing and at most "150 MB"')
    return octets


def _self_probe(text: str) -> timedelta | None:
    if text == _OFF:
        return None
    try:
        return _within("5m", "7d")(text)
    except ValueError as error:
        raise ValueError(f'{error}, or "{_OFF}"') from None


def _password(written: Any, info: ValidationInfo) -> str:
    assert isinstance(written, Written)  # config.load gives the config so
    return around(info).secrets.password(written.value, written.key)


class Imap(Strict):
    """One mailbox. That it has a password or something in its place is seen to by `config_mailbox_check`."""

    host: Annotated[str, from_text(_host)]
    port: int | None = Field(default=None, ge=1, le=65535)
    tls: settings.ImapTls = "implicit"
    ca: Readable | None = None
    insecure: bool = False
    username: Annotated[str, from_text(_line)]
    password: Annotated[str, PlainValidator(_password)] = Field(default="", repr=False)
    oauth2: OAuth2 | None = None
    folder: Annotated[str, from_text(_line)] = "INBOX"
    after: Annotated[settings.After, from_text(_after)] = settings.After()
    poll: Annotated[timedelta, from_text(_within("1s", "1h"))] = timedelta(seconds=60)
    since: Annotated[timedelta | None, from_text(_since)] = timedelta(0)
    answer_within: Annotated[timedelta, from_text(_within("0s", "3650d"))] = timedelta(hours=24)
    department: Annotated[str, from_text(str.strip)] = ""
    max_message_size: Annotated[int, from_text(_size)] | None = None
    authentication_results: list[Annotated[str, from_text(values.authserv_id)]] | None = None
    alarm_after: Annotated[timedelta, from_text(_within("1s", "30d"))] = timedelta(minutes=15)
    self_probe: Annotated[timedelta | None, from_text(_self_probe)] = None

    def port_used(self) -> int:
        return self.port or PORTS[self.tls]
