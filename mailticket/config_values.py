"""How the rules of the desk are written in the config: budgets, networks, chains of ways to assign, how long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from .config_names import nearest
from .config_units import visible
from .core.assign import STRATEGIES
from .core.passwords import is_hash
from .core.policy import Limit

UNIX = "unix"
_UNITS = {
    "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1),
}  # fmt: skip
_LIMIT = re.compile(r"(\d{1,6}) per (?:(\d{1,4}) )?(minute|hour|day|week)(s?)", re.ASCII)
_LONGEST_WINDOW = timedelta(weeks=1)  # what was answered is remembered for little longer
_KEPT = re.compile(r"(\d{1,5})([dy])", re.ASCII)
_DAYS = {"d": 1, "y": 365}
_SHORTEST_KEPT, _LONGEST_KEPT = timedelta(days=7), timedelta(days=100 * 365)
_MOST_SIGNED, _LONGEST_SIGNATURE = 10, 1000  # lines, characters
_AUTHSERV_ID = re.compile(r"[!#-:<-\[\]-~]{1,253}")  # a token of RFC 2045 §5.1 and its dots, in ASCII
_STICKY, _MANUAL, _AFTER_STICKY = "sticky", "manual", "least-loaded"


def limits(text: str) -> tuple[Limit, ...]:
    """`5 per hour, 12 per day`, `20 per 10 minutes`; () for `off`."""
    if text.strip() == "off":
        return ()
    found = [_LIMIT.fullmatch(" ".join(part.split())) for part in text.split(",")]
    parsed = tuple(Limit(int(one[1]), int(one[2] or 1) * _UNITS[one[3]]) for one in found if one)
    if len(parsed) < len(found):
        raise ValueError('write limits like "5 per hour, 12 per day" or "20 per 10 minutes", or "off"')
    if any(not limit.count or not limit.window for limit in parsed):
        raise ValueError('must be at least "1 per …"; nobody is answered with less, and "off" means no limit')
    if any(limit.window > _LONGEST_WINDOW for limit in parsed):
        raise ValueError('must not look back further than "per week"')
    return parsed


def kept(text: str) -> timedelta | None:
    """`400d`, `2y`; None for `forever`."""
    if text.strip() == "forever":
        return None
    found = _KEPT.fullmatch(text.strip())
    if found is None:
        raise ValueError('write "forever", or days or years like "400d" or "2y"')
    span = timedelta(days=int(found[1]) * _DAYS[found[2]])
    if not _SHORTEST_KEPT <= span <= _LONGEST_KEPT:
        raise ValueError('must be at least "7d" and at most "100y"')
    return span


def signature(text: str) -> str:
    """Several lines; what stands around them is no part of it."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    if len(lines) > _MOST_SIGNED:
        raise ValueError(f"must have at most {_MOST_SIGNED} lines")
    if sum(len(line) + 1 for line in lines) > _LONGEST_SIGNATURE:
        raise ValueError(f"must have at most {_LONGEST_SIGNATURE} characters")
    if not all(line.replace("\t", " ").isprintable() for line in lines):
        raise ValueError("must be lines of text, without control characters")
    return "\n".join(lines)


def relay(text: str) -> IPv4Network | IPv6Network | str:
    """An address or a network of peers; `unix` stands for every unix socket."""
    tidy = text.strip()
    if tidy == UNIX:
        return UNIX
    try:
        whole = ip_network(tidy, strict=False)
        exact = ip_network(tidy) if "/" in tidy else whole
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError(f'"{visible(text)}" is an address within a network; did you mean "{whole}"?') from None
        raise ValueError(f'"{visible(text)}": write an address, a network like "10.0.0.0/8", or "unix"') from None
    return exact


def is_everybody(text: str) -> bool:
    """Does this network leave nobody out?"""
    return text.strip().endswith("/0")


def authserv_id(text: str) -> str:
    tidy = text.strip().lower()
    if not _AUTHSERV_ID.fullmatch(tidy):
        raise ValueError(f'"{visible(text)}": write the first word of the header, like "mx.example.com"')
    return tidy


def strategies(value: Any) -> tuple[str, ...]:
    """One way to assign or a chain of them, the next where one names nobody."""
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) for name in names):
        raise ValueError('write one way to assign in quotes, or a list of them: ["sticky", "least-loaded"]')
    for name in names:
        if name not in STRATEGIES:
            near = nearest(name, STRATEGIES)
            raise ValueError(f'no such way to assign as "{visible(name)}"; did you mean "{near}"?')
    if len(set(names)) < len(names):
        raise ValueError("names one way to assign twice")
    if _MANUAL in names[:-1]:
        raise ValueError('"manual" must be the last one: with it, nobody is chosen')
    return (*names, _AFTER_STICKY) if names[-1] == _STICKY else tuple(names)


def password_hash(text: str) -> str:
    """The text itself is never in the error: it may be a password in plain words."""
    if not is_hash(text):
        raise ValueError("must be a hash, never the password itself: make one with `mailticket passwd`")
    return text


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the config is; its paths are relative to that."""

    path: Path

    def file(self, text: str) -> Path:
        """One that is there, and that we may read."""
        path = self._at(text)
        try:
            if not path.is_file():
                raise ValueError(f"{visible(str(path))}: there is no such file")
            with path.open("rb"):
                return path
        except OSError as error:
            raise ValueError(f"{visible(str(path))} cannot be read: {error.strerror or error}") from None

    def folder(self, text: str) -> Path:
        path = self._at(text)
        try:
            if not path.is_dir():
                raise ValueError(f"{visible(str(path))}: there is no such folder")
        except OSError as error:
            raise ValueError(f"{visible(str(path))} cannot be looked into: {error.strerror or error}") from None
        return path

    def _at(self, text: str) -> Path:
        if not text or "\0" in text:
            raise ValueError("must be a path")
        return self.path / text


def networks(relays: Sequence[IPv4Network | IPv6Network | str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Without the word for unix sockets."""
    return tuple(one for one in relays if not isinstance(one, str))
