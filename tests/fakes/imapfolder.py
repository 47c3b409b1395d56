"""A folder of the scripted IMAP server, in memory: what a client may search, fetch and change in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

BODY = re.compile(r"BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
FIELDS = re.compile(r"HEADER\.FIELDS \(([^)]*)\)", re.IGNORECASE)


@dataclass
class Message:
    raw: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class Folder:
    """`messages` by UID, in their order. `uidnext` None: the server does not tell it, and gives out UIDs anyway."""

    uidvalidity: int = 1000
    uidnext: int | None = 1
    messages: dict[int, Message] = field(default_factory=dict)

    def add(self, raw: bytes, at: datetime | None = None, flags: Iterable[str] = ()) -> int:
        uid = max([0, *self.messages]) + 1 if self.uidnext is None else self.uidnext
        if self.uidnext is not None:
            self.uidnext = uid + 1
        self.messages[uid] = Message(raw, at or datetime(2026, 11, 26, 10, tzinfo=UTC), set(flags))
        return uid

    def uids(self, wanted: str) -> list[int]:
        """Those of a set such as "1,3,5:7,9:*" that are there; the last one always belongs to "n:*" (RFC 3501)."""
        last = max([0, *self.messages])
        found: set[int] = set()
        for part in wanted.split(","):
            ends = [last if end == "*" else int(end) for end in part.split(":")]
            found.update(uid for uid in self.messages if min(ends) <= uid <= max(ends))
        return sorted(found)

    def sequence(self, uid: int) -> int:
        return list(self.messages).index(uid) + 1

    def search(self, query: str) -> list[int]:
        """ALL, UID set, SINCE date, and SEEN, UNSEEN, DELETED, UNDELETED and the like."""
        found = set(self.messages)
        words = query.split()
        while words:
            word = words.pop(0).upper()
            if word == "UID":
                found &= set(self.uids(words.pop(0)))
            elif word == "SINCE":
                since = datetime.strptime(words.pop(0).strip('"'), "%d-%b-%Y").replace(tzinfo=UTC)
                found = {uid for uid in found if self.messages[uid].at.date() >= since.date()}
            elif word != "ALL":
                flag = "\\" + word.removeprefix("UN").capitalize()
                found = {uid for uid in found if (flag in self.messages[uid].flags) != word.startswith("UN")}
        return sorted(found)

    def fetched(self, uid: int, items: str) -> bytes:
        """The untagged FETCH of one message, with its literals."""
        message = self.messages[uid]
        parts = [f"UID {uid}".encode()]
        rest = BODY.sub("", items).upper()
        if "RFC822.SIZE" in rest:
            parts.append(f"RFC822.SIZE {len(message.raw)}".encode())
        if "INTERNALDATE" in rest:
            parts.append(f'INTERNALDATE "{message.at:%d-%b-%Y %H:%M:%S %z}"'.encode())
        if "FLAGS" in rest:
            parts.append(f"FLAGS ({' '.join(sorted(message.flags))})".encode())
        for section, start, count in BODY.findall(items):
            content = part(message.raw, section)
            name = f"BODY[{section}]"
            if start:
                content = content[int(start) : int(start) + int(count)]
                name += f"<{start}>"
            parts.append(b"%s {%d}\r\n%s" % (name.encode(), len(content), content))
        return b"* %d FETCH (%s)\r\n" % (self.sequence(uid), b" ".join(parts))

    def store(self, uid: int, how: str, flags: Iterable[str]) -> None:
        kept = self.messages[uid].flags
        if how.startswith("+"):
            kept |= set(flags)
        elif how.startswith("-"):
            kept -= set(flags)
        else:
            self.messages[uid].flags = set(flags)

    def expunge(self, uids: Iterable[int]) -> bytes:
        said = b""
        for uid in uids:
            said += b"* %d EXPUNGE\r\n" % self.sequence(uid)
            del self.messages[uid]
        return said


def part(raw: bytes, section: str) -> bytes:
    """ "" is all of it, HEADER its head, TEXT the rest, HEADER.FIELDS (…) those fields."""
    head, blank, text = raw.partition(b"\r\n\r\n")
    if not section:
        return raw
    if section.upper() == "TEXT":
        return text
    fields = FIELDS.fullmatch(section)
    if not fields:
        return head + blank
    names = {name.lower().encode() for name in fields[1].split()}
    lines = re.split(rb"\r\n(?![ \t])", head)
    return b"".join(line + b"\r\n" for line in lines if line.partition(b":")[0].lower() in names) + b"\r\n"
