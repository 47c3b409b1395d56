"""Our own check of DKIM signatures (RFC 6376), with the keys handed in: which names to ask DNS for, and which of the
signatures are good. It reads strangers' bytes, so `verify` runs in the reader; what is asked of it there and what it
answers is packed here, too.

dkimpy does the arithmetic. What it is lenient about is decided here: the key's flags, `l=`, times against the
moment of arrival, and heads that it would read otherwise than we do.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from .authres import aligned
from .fields import read_head
from .readings import one_reading
from .types import DkimPass, ParsedMail

FIELD = "dkim-signature"
MAX_SIGNATURES = 3
MAX_NAMES = 2  # that DNS is asked for
MAX_FIELDS = 20  # of signatures that are looked at
MAX_FIELD = 4096
MAX_RECORD = 2048  # a key of 8192 bits has 1400
MAX_MAIL = 64 * 1024 * 1024
MAX_LINES = 10**6  # dkimpy makes an object of each; the largest mail in base64 has half as many
MAX_HEAD_LINES = 5000  # dkimpy copies a field for each line that continues it
MAX_SIGNED = 200  # names in h=
CLOCKS_DIFFER = timedelta(hours=1)
NAMED = ("from", "to", "subject", "date")  # what names a signed mail, whoever signed it

VERIFY = 1 << 63  # in the length of a frame to the reader: check signatures

_LENGTH = struct.Struct(">I")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+=?\s*=?\s*")
_SPACES = re.compile(rb"[ \t]+")
_LONG_SPACE = re.compile(r"\s{100}")  # dkimpy looks for b= in cubic time
_USED = frozenset({"a", "b", "bh", "c", "d", "h", "l", "s"})  # the tags that dkimpy itself looks at
_KINDS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}  # sha1 never


class _Signature(NamedTuple):
    """One field that may prove something: its place among the signature fields, and its tags."""

    place: int
    tags: dict[str, str]
    name: str  # where its key is in DNS

    @property
    def headers(self) -> list[str]:
        return [name.strip().lower() for name in self.tags["h"].split(":")]


def wanted(mail: ParsedMail) -> tuple[str, ...]:
    """The DNS names of the keys of those signatures that may speak for From, in their order."""
    domain = mail.from_.address.rpartition("@")[2] if mail.from_ else ""
    found = (s for s in _signatures(mail.all_headers(FIELD)) if aligned(s.tags["d"], domain))
    return tuple(dict.fromkeys(s.name for s in found))[:MAX_NAMES]


def verify(raw: bytes, records: Mapping[str, bytes], at: datetime) -> tuple[DkimPass, ...]:
    """The good ones of the signatures whose keys are in `records`, as of `at`, which leave nothing out that changes how
    the mail is read. Never raises."""
    head = read_head(raw)
    too_large = len(raw) > MAX_MAIL or raw.count(b"\n") > MAX_LINES or raw.count(b"\n", 0, head.end) > MAX_HEAD_LINES
    if head.defects or too_large:
        return ()
    candidates = [
        s
        for s in _signatures(head.all(FIELD))
        if s.name in records and _timely(s, at) and _key_serves(records[s.name], s)
    ]
    if not candidates:
        return ()
    names = [field.name for field in head.fields]
    try:
        check = _Check(raw, names)
        good = [check.passed(one) for one in candidates[:MAX_SIGNATURES] if check.holds(one, records[one.name])]
        return tuple(one for one in good if one_reading(raw, head, one.signed))
    # dkimpy lets whatever it trips over through, in a stranger's mail and with a stranger's key.
    except Exception:  # noqa: BLE001
        return ()


def _signatures(fields: list[str] | tuple[str, ...]) -> Iterator[_Signature]:
    for index, value in enumerate(fields[:MAX_FIELDS]):
        tags = _tags(value) if len(value) <= MAX_FIELD and not _LONG_SPACE.search(value) else {}
        if not tags.keys() >= {"v", "a", "b", "bh", "d", "h", "s"}:
            continue
        name = f"{tags['s']}._domainkey.{tags['d']}".lower()
        if _NAME.fullmatch(name) and _well_formed(tags):
            yield _Signature(index, tags, name)


def _tags(value: str) -> dict[str, str]:
    """A tag=value list; {} where one stands twice or is none."""
    found: dict[str, str] = {}
    for spec in filter(None, (part.strip() for part in value.split(";"))):
        key, equals, text = spec.partition("=")
        key = key.rstrip()
        if not equals or not key.isascii() or not key.replace("_", "a").isalnum() or key in found:
            return {}
        found[key] = text.strip()
    return found


def _well_formed(tags: dict[str, str]) -> bool:
    domain = tags["d"].lower()
    identity = tags.get("i", f"@{domain}").rpartition("@")[2].lower()
    headers = tags["h"].split(":")
    checks = (
        tags["v"] == "1",
        tags["a"] in _KINDS,
        tags.get("q", "dns/txt") == "dns/txt",
        identity == domain or identity.endswith(f".{domain}"),
        _BASE64.fullmatch(tags["b"]) is not None,
        _BASE64.fullmatch(tags["bh"]) is not None,
        len(headers) <= MAX_SIGNED,
        "from" in {h.strip().lower() for h in headers},
        all(_is_number(tags.get(name, "0")) for name in ("t", "x", "l")),
    )
    return all(checks)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12  # noqa: PLR2004 - seconds until the year 33658


def _timely(signature: _Signature, at: datetime) -> bool:
    signed = int(signature.tags.get("t", "0"))
    expires = int(signature.tags["x"]) if "x" in signature.tags else None
    if signed > (at + CLOCKS_DIFFER).timestamp():
        return False
    return expires is None or (expires >= at.timestamp() and expires > signed)


def _key_serves(record: bytes, signature: _Signature) -> bool:
    """Does the key's record allow this use of it? A key under test proves nothing (t=y)."""
    key = _tags(record.decode("latin-1")) if len(record) <= MAX_RECORD else {}
    lists = {name: {x.strip().lower() for x in key.get(name, "").split(":")} for name in ("h", "s", "t")}
    identity = signature.tags.get("i", "@" + signature.tags["d"]).rpartition("@")[2].lower()
    checks = (
        bool(key.get("p")),
        key.get("v", "DKIM1") == "DKIM1",
        key.get("k", "rsa") == _KINDS[signature.tags["a"]],
        "h" not in key or "sha256" in lists["h"],
        "s" not in key or bool(lists["s"] & {"*", "email"}),
        "y" not in lists["t"],
        "s" not in lists["t"] or identity == signature.tags["d"].lower(),
    )
    return all(checks)


class _Check:
    """A mail as dkimpy reads it. Raises whatever dkimpy does."""

    def __init__(self, raw: bytes, names: list[str]) -> None:
        # Here, not above: it takes 80 ms, and most mails are read without it.
        import dkim  # type: ignore[import-untyped]  # noqa: PLC0415

        self._mail = dkim.DKIM(raw)
        self._body = self._mail.body
        self._names = names
        # What one reader takes for two fields and the other for one would be signed here and shown there.
        if [name.decode("ascii").lower() for name, _ in self._mail.headers] != names:
            raise ValueError("the head can be read in two ways")

    def holds(self, signature: _Signature, record: bytes) -> bool:
        self._mail.body = _canonical(self._body, signature)
        field = [pair for pair in self._mail.headers if pair[0].lower() == FIELD.encode()][signature.place]
        tags = {key.encode(): value.encode("ascii") for key, value in signature.tags.items() if key in _USED}
        names = [name.encode("ascii") for name in signature.headers]
        try:
            return bool(self._mail.verify_sig(tags, names, field, lambda *_, **__: record))
        except Exception:  # noqa: BLE001 - a wrong signature beside a good one, by as many exceptions as there are ways
            return False

    def passed(self, signature: _Signature) -> DkimPass:
        headers = signature.headers
        covered = frozenset(name for name in headers if headers.count(name) >= self._names.count(name))
        digest = _digest(self._mail.headers)
        return DkimPass(signature.tags["d"].lower(), covered, "l" not in signature.tags, digest)


def _canonical(body: bytes, signature: _Signature) -> bytes:
    """The body as dkimpy can make it canonical in linear time; what it makes of it is the same."""
    if signature.tags.get("c", "").partition("/")[2] == "relaxed":
        body = _SPACES.sub(b" ", body).replace(b" \r\n", b"\r\n")
    many = b"\r\n" * 4096
    end = len(body)
    while body.endswith(many, 0, end - 2) and body.endswith(b"\r\n", 0, end):
        end -= len(many)
    return body[:end]


def _digest(headers: list[list[bytes]]) -> str:
    """Of the fields that name a mail, as a relaxed signature sees them. Not of the signature, which has several
    spellings, and which can be taken away where there are two."""
    lines = sorted(
        name.lower() + b":" + b" ".join(value.split()) for name, value in headers if name.lower().decode() in NAMED
    )
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


# --- what goes through the reader's pipes ---------------------------------------------------------------------------


def pack_question(records: Mapping[str, bytes], at: datetime) -> bytes:
    """What stands before the mail in a question."""
    facts = {"at": at.isoformat(), "records": {n: r.decode("latin-1") for n, r in records.items()}}
    head = json.dumps(facts).encode()
    return _LENGTH.pack(len(head)) + head


def answer(question: bytes) -> bytes:
    """In the reader: the passes, packed."""
    start = _LENGTH.size + _LENGTH.unpack_from(question)[0]
    facts = json.loads(question[_LENGTH.size : start])
    records = {name: text.encode("latin-1") for name, text in facts["records"].items()}
    passes = verify(question[start:], records, datetime.fromisoformat(facts["at"]))
    return json.dumps([[p.domain, sorted(p.signed), p.whole, p.digest] for p in passes]).encode()


def unpack_answer(data: bytes | bytearray) -> tuple[DkimPass, ...]:
    """Raises ValueError for anything that `answer` does not make."""
    entries = json.loads(data)
    if type(entries) is not list or len(entries) > MAX_SIGNATURES:
        raise ValueError("no list of passes")
    return tuple(_pass(entry) for entry in entries)


def _pass(entry: Any) -> DkimPass:
    kinds = [type(x) for x in entry] if type(entry) is list else []
    if kinds != [str, list, bool, str] or not all(type(name) is str for name in entry[1]):
        raise ValueError("no pass")
    domain, signed, whole, digest = entry
    return DkimPass(domain, frozenset(signed), whole, digest)
