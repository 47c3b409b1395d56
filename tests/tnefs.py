"""TNEF and S/MIME for tests, written by hand: what Outlook and OpenSSL make, in as few octets as they can be."""

from __future__ import annotations

import struct

from mailticket.core.rtf import _DICTIONARY as WINDOW

MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
SIGNED, ENVELOPED, DATA = (bytes.fromhex(f"2a864886f70d0107{n:02x}") for n in (2, 3, 1))


def attribute(level: int, number: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def tnef(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def prop(kind: int, number: int, value: bytes) -> bytes:
    head = struct.pack("<HH", kind, number)
    if kind in {0xD, 0x1E, 0x1F, 0x102}:
        return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return head + value


def properties(*props: bytes) -> bytes:
    return struct.pack("<I", len(props)) + b"".join(props)


def message(*props: bytes) -> bytes:
    return attribute(1, 0x00069003, properties(*props))


def file(title: str, data: bytes, *props: bytes) -> bytes:
    begun = attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, title.encode("cp1252") + b"\0")
    return begun + attribute(2, 0x0006800F, data) + (attribute(2, 0x00069005, properties(*props)) if props else b"")


def wide(text: str) -> bytes:
    return f"{text}\0".encode("utf-16-le")


def packed(rtf: bytes, size: int | None = None) -> bytes:
    """Compressed RTF that repeats nothing."""
    runs = b"".join(b"\0" + rtf[n : n + 8] for n in range(0, len(rtf), 8))
    return struct.pack("<II4sI", len(runs) + 12, len(rtf) if size is None else size, b"LZFu", 0) + runs


def squeezed(rtf: bytes) -> bytes:
    """Compressed RTF in which pairs of letters are taken from what every reader has in its window at first."""
    runs: list[tuple[bool, bytes]] = []
    while rtf:
        place = WINDOW.find(rtf[:2])
        runs.append((True, struct.pack(">H", place << 4)) if place >= 0 and len(rtf) > 1 else (False, rtf[:1]))
        rtf = rtf[2 if runs[-1][0] else 1 :]
    eights = [runs[n : n + 8] for n in range(0, len(runs), 8)]
    code = b"".join(
        bytes([sum(taken << n for n, (taken, _) in enumerate(one))]) + b"".join(x for _, x in one) for one in eights
    )
    return struct.pack("<II4sI", len(code) + 12, 100_000, b"LZFu", 0) + code


def der(tag: int, *content: bytes) -> bytes:
    inner = b"".join(content)
    length = bytes([len(inner)]) if len(inner) < 0x80 else b"\x84" + len(inner).to_bytes(4, "big")
    return bytes([tag]) + length + inner


def signed(content: bytes) -> bytes:
    """An S/MIME message that is signed by nobody, with its content in it."""
    capsule = der(0x30, der(6, DATA), der(0xA0, der(4, content)))
    return der(0x30, der(6, SIGNED), der(0xA0, der(0x30, der(2, b"\1"), der(0x31), capsule, der(0x31))))
