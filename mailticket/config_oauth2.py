"""The shape of `oauth2` in [delivery] and [imap.NAME], and the addresses that stand for a provider's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, ValidationInfo

from . import settings
from .config_fields import Readable, Strict, around, from_text
from .config_secrets import Reader, Written
from .config_units import is_domain
from .core.hosts import is_loopback
from .tokens import login_name

_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LONGEST = 1000  # characters; ours
_MICROSOFT = "https://login.microsoftonline.com"
_MICROSOFT_APP = "https://outlook.office365.com/.default"
_MICROSOFT_PERSON = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
)
_GOOGLE = {
    "token_url": "https://oauth2.googleapis.com/token",
    "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
}
_GOOGLE_SCOPE = "https://mail.google.com/"


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token, and the file where it is kept; the file may be there before its token is."""

    token: str = field(default="", repr=False)
    file: Path | None = None


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", 0
    right = (is_domain(host) or is_loopback(host)) and port != 0
    if not right or not text.isascii() or not text.isprintable() or " " in text or "@" in parts.netloc or "#" in text:
        raise ValueError('write the whole address, like "https://login.example.com/token"')
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https://; http:// is for this machine only")
    return text


def _tenant(text: str) -> str:
    if not _TENANT.fullmatch(text):
        raise ValueError("must be the directory (tenant) ID, or a domain of it")
    return text


def _word(text: str) -> str:
    if not text or len(text) > _LONGEST or not text.isascii() or not text.isprintable():
        raise ValueError("must be one line of plain text that is not empty")
    return text


def _client_secret(written: Any, info: ValidationInfo) -> str:
    assert isinstance(written, Written)  # config.load gives the config so
    return around(info).secrets.password(written.value, written.key)


def _refresh(written: Any, info: ValidationInfo) -> Refresh:
    assert isinstance(written, Written)  # config.load gives the config so
    reader = around(info).secrets
    file = _file(written.value, reader)
    if file is None or not _is_empty(file):
        return Refresh(reader.password(written.value, written.key), file)
    table = ".".join(written.key[:-2])
    told = f"nobody has logged in yet, so that {file} has no token: run `mailticket imap login {login_name(table)}`"
    reader.warnings.append((written.key, told))
    return Refresh(file=file)


def _file(value: Any, reader: Reader) -> Path | None:
    name = value.get("file") if isinstance(value, dict) and len(value) == 1 else None
    return reader.folder / name if isinstance(name, str) and name and "\0" not in name else None


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError:
        return False  # why it cannot be read is told where it is


Url = Annotated[str, from_text(_url)]
Word = Annotated[str, from_text(_word)]


class OAuth2(Strict):
    """What belongs together of it is seen to by `config_oauth2_check`."""

    provider: Literal["microsoft", "google"] | None = None
    tenant: Annotated[str, from_text(_tenant)] = ""
    client_id: Word
    client_secret: Annotated[str, PlainValidator(_client_secret)] = Field(default="", repr=False)
    refresh_token: Annotated[Refresh | None, PlainValidator(_refresh)] = Field(default=None, repr=False)
    scope: Word = ""
    token_url: Url = ""
    device_url: Url = ""
    authorize_url: Url = ""
    ca: Readable | None = None

    def made(self) -> settings.OAuth2:
        refresh = self.refresh_token or Refresh()
        urls = self._urls()
        return settings.OAuth2(
            token_url=urls.get("token_url", ""),
            client_id=self.client_id,
            client_secret=self.client_secret,
            refresh_token=refresh.token,
            refresh_file=refresh.file,
            scope=self.scope or self._usual_scope(),
            provider=self.provider or "",
            device_url=urls.get("device_url", ""),
            authorize_url=urls.get("authorize_url", ""),
            ca=self.ca,
        )

    def _urls(self) -> dict[str, str]:
        if self.provider == "google":
            return _GOOGLE
        if self.provider == "microsoft":
            base = f"{_MICROSOFT}/{self.tenant}/oauth2/v2.0"
            ways = {"token_url": "token", "device_url": "devicecode", "authorize_url": "authorize"}
            return {name: f"{base}/{way}" for name, way in ways.items()}
        return {"token_url": self.token_url, "device_url": self.device_url, "authorize_url": self.authorize_url}

    def _usual_scope(self) -> str:
        if self.provider == "microsoft":
            return _MICROSOFT_PERSON if self.refresh_token else _MICROSOFT_APP
        return _GOOGLE_SCOPE if self.provider == "google" else ""
