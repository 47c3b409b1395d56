"""Passwords for logins at the door, as the config holds them: `scrypt$N$R$P$SALT$HASH` (RFC 7914), the last two in
base64 without its padding. Only the hash is ever written down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

LONGEST = 512  # octets of a password; a line of AUTH PLAIN has room for it

_COST, _BLOCK, _LANES = 2**14, 8, 1  # 16 MB and some 50 ms a try
_HIGHEST_COST, _MOST_WORK, _MOST_LANES = 2**17, 2**20, 4  # 128 MB: a config must not be able to stop the door
_SALT, _DIGEST = range(8, 65), range(32, 65)  # octets
_HASH = re.compile(r"scrypt\$(\d{5,6})\$(\d{1,2})\$(\d)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Stored:
    cost: int
    block: int
    lanes: int
    salt: bytes
    digest: bytes

    @property
    def is_sound(self) -> bool:
        power = self.cost & (self.cost - 1) == 0
        cheap = self.cost <= _HIGHEST_COST and self.cost * self.block <= _MOST_WORK and self.lanes <= _MOST_LANES
        dear = self.cost >= _COST and self.block > 0 and self.lanes > 0
        return power and cheap and dear and len(self.salt) in _SALT and len(self.digest) in _DIGEST


def hash_password(password: str, salt: bytes) -> str:
    """What the config gets. The salt is handed in: chance is not made here."""
    made = _Stored(_COST, _BLOCK, _LANES, salt, b"")
    return f"scrypt${_COST}${_BLOCK}${_LANES}${_encoded(salt)}${_encoded(_derived(password, made, _DIGEST.start))}"


def matches(password: str, stored: str) -> bool:
    """Takes some 50 ms on purpose, and 16 MB or what the hash says."""
    known = _read(stored)
    if known is None:
        return False
    return hmac.compare_digest(_derived(password, known, len(known.digest)), known.digest)


def is_hash(text: str) -> bool:
    """Is this a hash that `matches` can work with, neither too weak nor too dear?"""
    return _read(text) is not None


def _read(text: str) -> _Stored | None:
    match = _HASH.fullmatch(text)
    if match is None:
        return None
    try:
        stored = _Stored(int(match[1]), int(match[2]), int(match[3]), _decoded(match[4]), _decoded(match[5]))
    except ValueError:
        return None
    return stored if stored.is_sound else None


def _derived(password: str, stored: _Stored, length: int) -> bytes:
    # One password is typed in several ways (é is one character or two), and must stay one (RFC 4013).
    typed = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(
        typed,
        salt=stored.salt,
        n=stored.cost,
        r=stored.block,
        p=stored.lanes,
        maxmem=256 * stored.block * (stored.cost + stored.lanes),
        dklen=length,
    )


def _encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii").rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
