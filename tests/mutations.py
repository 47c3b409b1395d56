"""Mails as disks, relays and enemies leave them: cut, doubled, shuffled, octets turned over. The same every time."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]

_MARKS = (
    b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"--", b">", b"<", b"=?utf-8?b?", b"?=", b"=", b"\x1b$B", b";", b":", b"(",
    b'"', b"\\", b"begin 644 x\n", b"\n.\n", b"%00", b"'", b"&#0;", b"<div>", b"</blockquote>", b"On x wrote:\n",
    b"From: a@b\nTo: c@d\nSubject: e\n\n", b"Content-Type: message/rfc822\n\n", b"-----BEGIN PGP MESSAGE-----\n",
)  # fmt: skip
_FIELDS = (b"content-type", b"content-transfer-encoding", b"boundary", b"charset", b"from", b"subject", b"date")


def _cut(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _cut_out(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    start, end = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
    return raw[:start] + raw[end:]


def _doubled(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    start, end = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
    return raw[:end] + raw[start:end] * chance.randrange(1, 4) + raw[end:]


def _flipped(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    data = bytearray(raw)
    for _ in range(chance.randrange(1, 20)):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _marked(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    """With what means something put where it does not belong."""
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(raw) + 1)
        raw = raw[:place] + chance.choice(_MARKS) * chance.choice((1, 1, 1, 50)) + raw[place:]
    return raw


def _shuffled(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    lines = raw.split(b"\n")
    start = chance.randrange(len(lines))
    part = lines[start : start + 20]
    chance.shuffle(part)
    return b"\n".join([*lines[:start], *part, *lines[start + 20 :]])


def _spliced(raw: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The head of one and the body of another, or the other way round."""
    other = chance.choice(others)
    return raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other) + 1) :]


def _renamed(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    """A word that readers look for becomes another one."""
    one, other = chance.sample(_FIELDS, 2)
    place = raw.lower().find(one)
    return raw if place < 0 else raw[:place] + other + raw[place + len(one) :]


MUTATIONS: tuple[Mutation, ...] = (
    _cut, _cut_out, _doubled, _flipped, _flipped, _marked, _marked, _shuffled, _spliced, _renamed,
)  # fmt: skip


def mutated(mails: Sequence[bytes], number: int, seed: str = "") -> bytes:
    """The `number`th of them: one mail, changed once or twice."""
    chance = random.Random(f"{seed}{number}")
    raw = mails[number % len(mails)]
    for _ in range(chance.randrange(1, 3)):
        raw = chance.choice(MUTATIONS)(raw, chance, mails)
    return raw
