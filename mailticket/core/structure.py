"""The MIME tree of a mail as slices of its bytes: one pass over the boundaries, bounded in parts and depth.

The stdlib's parser decodes the whole mail, loses the original bytes of a forwarded message, recurses once a level and
looks at every line once a level. This one only finds where parts begin and end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from .fields import Head, content_type, parameters, read_head, value_of
from .transfer import Decoded, encoding_of, undo

MAX_PARTS = 1000
MAX_DEPTH = 50
MAX_PART_HEAD = 16 * 1024
LONG_PART_HEAD = f"the head is longer than {MAX_PART_HEAD} bytes"
MAX_BOUNDARY = 300
MORE_PARTS = f"more than {MAX_PARTS} parts"
MANY_MISSES = 10_000  # lines that begin as a boundary does, and are looked at one by one
MAX_DESCRIPTION = 1000

_GUESS = re.compile(
    rb"(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n(?:[!-9;-~]+:[^\n]*\n){0,20}?content-type[ \t]*:", re.IGNORECASE
)


@dataclass(slots=True)
class Part:
    """One node. A container has `boundary`; anything else is a leaf whose body is `raw[start:end]`."""

    content_type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    content_id: str
    description: str
    location: str
    encoding: str
    start: int
    end: int
    children: list[Part] = field(default_factory=list)
    boundary: bytes = b""

    @property
    def multipart(self) -> bool:
        return bool(self.children)

    def leaves(self) -> Iterator[Part]:
        """The parts that hold something, in their order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if one.multipart:
                waiting += reversed(one.children)
            else:
                yield one


def read_tree(raw: bytes, head: Head, defects: list[str]) -> Part:
    """The tree of a mail whose head has been read. Notes in `defects` what a bound or a break cost."""
    root = _part(head, "text/plain", len(raw))
    if not head.first("content-type") and _GUESS.match(raw, max(root.start - 1, 0), root.start + MAX_PART_HEAD):
        root.content_type = "multipart/mixed"  # its fields were lost on the way
    if not root.content_type.startswith("multipart/"):
        return root
    root.boundary = _boundary(root)
    if not root.boundary or raw.find(b"--" + root.boundary, root.start) < 0:
        guess = _GUESS.search(raw, max(root.start - 1, 0), root.start + MAX_PART_HEAD)
        if guess is None:
            defects.append("a multipart without its boundary")
            return root
        defects.append("the boundary was guessed")
        root.boundary = guess[1].rstrip()
    _Splitter(raw, root, defects).run()
    return root


class _Splitter:
    """The open containers, outermost first, and the leaf whose body is running."""

    def __init__(self, raw: bytes, root: Part, defects: list[str]) -> None:
        self.raw = raw
        self.open = [root]
        self.begins: dict[bytes, int] = {b"--" + root.boundary: 0}  # a boundary's line → place in `open`
        self.leaf: Part | None = None
        self.parts = 0
        self.misses = 0  # lines that began as boundaries do, and were none
        self.line: re.Pattern[bytes] | None = None  # of the open containers, once there were many of them
        self.defects = defects

    def run(self) -> None:
        raw = self.raw
        dash = self._next(self.open[0].start)
        while dash > 0 and self.open:
            stop = raw.find(b"\n", dash)
            stop = len(raw) if stop < 0 else stop + 1
            line = raw[dash : min(stop, dash + MAX_BOUNDARY)].rstrip()
            after = stop
            if (depth := self.begins.get(line)) is not None:
                self._close_leaf(dash)
                self._close_to(depth + 1, dash)
                if self.parts >= MAX_PARTS:
                    self.defects.append(MORE_PARTS)
                    return
                after = self._begin(stop)
            elif line.endswith(b"--") and (depth := self.begins.get(line[:-2])) is not None:
                self._close_leaf(dash)
                self._close_to(depth, dash)
            else:
                self.misses += 1
            dash = self._next(after)
        if self.open:
            self.defects.append("a multipart without its end")
            self._close_leaf(len(raw) + 1)
            self._close_to(0, len(raw))

    def _next(self, position: int) -> int:
        """Where the next line begins that may be a boundary; 0 where there is none."""
        if self.misses < MANY_MISSES:
            here = self.raw.startswith(b"--", position)
            return position if here else self.raw.find(b"\n--", max(position - 1, 0)) + 1
        if self.line is None:
            lines = b"|".join(re.escape(line) for line in self.begins)
            self.line = re.compile(rb"\n(?:" + lines + rb")(?:--)?[ \t\r\f\v]*(?:\n|\Z)")
        found = self.line.search(self.raw, max(position - 1, 0))
        return found.start() + 1 if found else 0

    def _begin(self, start: int) -> int:
        """Read the head of a part; give the place to search on from."""
        parent = self.open[-1]
        head = read_head(self.raw, start, limit=MAX_PART_HEAD, stops=self._stops(), only="content-")
        if LONG_PART_HEAD in head.defects:
            self.defects.append(LONG_PART_HEAD)
        default = "message/rfc822" if parent.content_type == "multipart/digest" else "text/plain"
        part = _part(head, default, len(self.raw))
        self.parts += 1
        if part.content_type.startswith("multipart/"):
            part.boundary = _boundary(part)
            if part.boundary and len(self.open) < MAX_DEPTH:
                parent.children.append(part)
                self.begins[b"--" + part.boundary] = len(self.open)
                self.open.append(part)
                self.line = None
                return head.end
            if part.boundary:
                self.defects.append("nested too deeply")
                part.content_type = "application/octet-stream"  # kept whole, as a file
            else:
                self.defects.append("a multipart without its boundary")
        parent.children.append(part)
        self.leaf = part
        return head.end

    def _stops(self) -> frozenset[bytes]:
        return frozenset(self.begins) | {line + b"--" for line in self.begins}

    def _close_leaf(self, dash: int) -> None:
        """The line end before a boundary belongs to the boundary."""
        if self.leaf is not None:
            end = dash - 1 - self.raw.startswith(b"\r\n", max(dash - 2, 0))
            self.leaf.end = max(self.leaf.start, min(end, len(self.raw)))
            self.leaf = None

    def _close_to(self, depth: int, end: int) -> None:
        for part in islice(self.open, depth, None):
            part.end = end
        del self.open[depth:]
        # Rebuilt, because an inner container may have borne the boundary of an outer one.
        self.begins = {b"--" + part.boundary: n for n, part in enumerate(self.open)}
        self.line = None


def _boundary(part: Part) -> bytes:
    return part.parameters.get("boundary", "").encode("utf-8", "replace").strip()[:MAX_BOUNDARY]


def _part(head: Head, default: str, end: int) -> Part:
    kind, params = content_type(head.first("content-type"), default)
    disposition, its = parameters(head.first("content-disposition"))
    return Part(
        content_type=kind,
        parameters=params,
        disposition=disposition,
        description=value_of(head.first("content-description")[:MAX_DESCRIPTION]),
        location=value_of(head.first("content-location")[:MAX_DESCRIPTION]),
        filename=its.get("filename") or its.get("name") or params.get("name") or params.get("filename") or "",
        content_id=value_of(head.first("content-id")).strip("<> "),
        encoding=value_of(head.first("content-transfer-encoding")).lower(),
        start=head.end,
        end=end,
    )


def body_bytes(raw: bytes, part: Part, defects: list[str]) -> bytes:
    """A leaf's body without its transfer encoding."""
    return decoded(raw, part, defects).data


def decoded(raw: bytes, part: Part, defects: list[str]) -> Decoded:
    """The same, with what somebody appended behind the encoded bytes."""
    encoding = encoding_of(part.encoding)
    found = undo(encoding, raw[part.start : part.end])
    if not found.whole:
        defects.append(f"broken {encoding}")
    return found
