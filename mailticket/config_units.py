"""How values are written in the config: sizes, spans, addresses, names, places to listen at and to send to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .core.hosts import is_loopback
from .settings import Delivery, Transport

_BYTES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([KMG]?i?B)", re.IGNORECASE | re.ASCII)
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([smhd])", re.ASCII)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5321 §4.1.2
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LOCAL_MAX, _ADDRESS_MAX, _DOMAIN_MAX, _NAME_MAX = 64, 254, 253, 100  # octets, RFC 5321 §4.5.3.1; the last is ours
_PORT_MAX = 65535
# Scheme → what it is, and its usual port.
_MAIL_SERVERS: dict[str, tuple[Transport, int]] = {
    "smtp": ("smtp", 25),
    "smtps": ("smtps", 465),
    "smtp+starttls": ("starttls", 587),
    "lmtp": ("lmtp", 24),
}
_WAYS_OUT = "smtp://, smtp+starttls:// or smtps://user@host:port, lmtp://host:port, lmtp:///SOCKET or maildir:FOLDER"
TLS = "tls:"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as it is written: whole or part days apart from the rest, since a business day has no
    fixed length."""

    days: float
    rest: timedelta

    def with_day(self, day: timedelta) -> timedelta:
        return day * self.days + self.rest


def size(text: str) -> int:
    """Bytes of `35 MB` (decimal) or `35 MiB` (binary)."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or found[2].lower() not in _BYTES:
        raise ValueError('write a size like "35 MB", "500 KB" or "1 GiB"')
    return int(float(found[1]) * _BYTES[found[2].lower()])


def span(text: str) -> Span:
    """`20s`, `5m`, `4h`, `3d`, or several of them: `1d 2h`."""
    parts = [_SPAN.fullmatch(word) for word in text.split()]
    if not parts or None in parts:
        raise ValueError('write a time like "20s", "5m", "4h" or "3d"')
    days, seconds = 0.0, 0.0
    for part in parts:
        if part is None or part[2] == "d":
            days += float(part[1]) if part else 0
        else:
            seconds += float(part[1]) * _SECONDS[part[2]]
    return Span(days, timedelta(seconds=seconds))


def address(text: str) -> str:
    """A mail address as RFC 5321 has it, without quoted or non-ASCII local parts, which many servers refuse."""
    local, at, name = text.rpartition("@")
    if not at or "@" in local:
        raise ValueError(f'"{visible(text)}" is not a mail address: write name@domain')
    if not _ATOMS.fullmatch(local) or len(local) > _LOCAL_MAX or len(text) > _ADDRESS_MAX:
        raise ValueError(f'"{visible(text)}" is not a mail address: its part before the @ is wrong')
    if not name.isascii():
        raise ValueError(f'"{visible(text)}": write the domain in its ASCII form (xn--…)')
    if not is_domain(name):
        raise ValueError(f'"{visible(text)}" is not a mail address: its domain is wrong')
    return text


def is_domain(text: str) -> bool:
    return len(text) <= _DOMAIN_MAX and all(_LABEL.fullmatch(label) for label in text.split("."))


def shown_name(text: str) -> str:
    """A name that people will see in headers: not empty, one line, not endless."""
    tidy = text.strip()
    if not tidy:
        raise ValueError("must not be empty")
    if not tidy.isprintable():
        raise ValueError("must be one line without control characters")
    if len(tidy) > _NAME_MAX:
        raise ValueError(f"must not be longer than {_NAME_MAX} characters")
    return tidy


def listen_at(text: str) -> str:
    """`HOST:PORT`, `unix:/PATH` or `systemd:NAME`, as it stands; `tls:` before it where TLS begins at once."""
    place = text.removeprefix(TLS)
    kind, _, where = place.partition(":")
    if kind in {"unix", "systemd"}:
        if kind == "unix" and place != text:
            raise ValueError(f'"{visible(text)}": a unix socket stays on this machine; take tls: away')
        if kind == "unix" and not where.startswith("/"):
            raise ValueError(f'"{visible(text)}": write unix: and the whole path, like unix:/run/mailticket/smtp')
        if not where:
            raise ValueError(f'"{visible(text)}": write systemd: and the name of the socket, like systemd:smtp')
        return text
    host, colon, port = place.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_v6 = bare != host and re.fullmatch(r"[0-9A-Fa-f:.]+", bare)
    if not colon or not (is_v6 or is_domain(host)) or not _is_port(port):
        raise ValueError(
            f'"{visible(text)}" is no place to listen at: write HOST:PORT, like 127.0.0.1:2525, or unix:/PATH'
        )
    return text


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(_PORT_MAX)) and int(text) <= _PORT_MAX


def mail_server(url: str) -> Delivery:
    """Where `smtp://host:port` and its like send to; the config adds the rest. The url is never quoted in an error: it
    may hold a password."""
    scheme, _, rest = url.partition(":")
    scheme = scheme.lower()
    if scheme == "maildir":
        return Delivery("", 0, 0, "maildir", path=_place(rest.removeprefix("//"), "maildir:FOLDER"))
    if scheme == "lmtp" and rest.startswith("///"):
        return Delivery("", 0, 0, "lmtp", path=_place(rest[2:], "lmtp:///run/dovecot/lmtp"))
    if scheme not in _MAIL_SERVERS:
        raise ValueError(f'write the mail server as {_WAYS_OUT}, like "smtp://127.0.0.1:25"')
    transport, usual = _MAIL_SERVERS[scheme]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        username, password = (unquote(text or "", errors="strict") for text in (parts.username, parts.password))
    except ValueError:
        raise ValueError(f'write it as "{scheme}://host:port"; in a password, %2F stands for / and so on') from None
    is_host = is_domain(host) or (":" in host and "[" in parts.netloc)
    if not is_host or port == 0 or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f'write it as "{scheme}://host:port"; in a password, %2F stands for / and so on')
    if "@" in parts.netloc and (not username or not (username + password).isprintable()):
        raise ValueError("write the login as user@ or user:password@, with what is special in it as %40 and so on")
    return Delivery(host, port or usual, 0, transport, username, password)


def _place(text: str, example: str) -> Path:
    if not text or not text.isprintable():
        raise ValueError(f'write it as "{example}"')
    return Path(text)


def delivery_problems(server: Delivery, *, password: bool, ca: bool, oauth2: bool) -> list[tuple[str, str]]:
    """What of a [delivery] does not fit together, as (key, what to say); the flags are the keys beside its url."""
    found = []
    if server.username and server.transport == "lmtp":
        found.append(("url", "there is no login with LMTP; take the user out of it"))
    elif server.username and server.transport == "smtp" and not is_loopback(server.host):
        told = "a login goes to another machine by TLS only: write smtp+starttls:// or smtps://"
        found.append(("url", told))
    if trouble := _proof_problem(server, password=password, oauth2=oauth2):
        found.append(trouble)
    if ca and server.transport not in {"smtps", "starttls"}:
        found.append(("ca", "is for smtps:// and smtp+starttls:// only"))
    return found


def _proof_problem(server: Delivery, *, password: bool, oauth2: bool) -> tuple[str, str] | None:
    """A user has one proof, and nobody else has any."""
    if not server.username:
        told = "is there without a user; write the url with user@ before the host"
        return ("oauth2", told) if oauth2 else ("password", told) if password else None
    if oauth2 and (password or server.password):
        return "oauth2", "is there beside a password; write one of them"
    if password and server.password:
        return "password", "is in the url, too; take it out of there"
    if not (password or server.password or oauth2):
        return "url", "names a user, and there is no password; write it as delivery.password, or write oauth2"
    return None


def visible(text: str) -> str:
    """A text that was refused, safe to print and not too long."""
    cut = text if len(text) <= _NAME_MAX else text[: _NAME_MAX - 1] + "…"
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in cut)
