"""Addresses from a header field: strict about who it is, forgiving about how it is dressed, in linear time.

What stands in `<…>` is the address; display names, quoted strings and comments never are. Encoded words are
decoded in names only, after the field has been split, so that no address can hide in one.
"""

from __future__ import annotations

import re

from .charset import decode_words, one_line
from .types import Address

MAX_ADDRESSES = 1000
MAX_NAME = 500

_TOKEN = re.compile(
    r'"(?P<quoted>[^"\\]*+(?:\\.[^"\\]*+)*+)"'
    r"|<(?P<angle>[^<>]*)>"
    r"|<(?P<open>[^<>,;\s]*+)"
    r"|(?P<mark>[(,;:])"
    r"|(?P<text>(?:\[[^\[\]]*\]|[^\"<(,;:])++|\")",
    re.DOTALL,
)
# After a quote that never ends, quotes are letters: else each later one would be searched to the end again.
_TOKEN_NO_QUOTES = re.compile(_TOKEN.pattern.partition("|")[2].replace('[^\\"<', "[^<"), re.DOTALL)
_COMMENT_EDGE = re.compile(r"\\.|[()]", re.DOTALL)
_ATOM = r'[^\s@<>()\[\]",;:\\\x00-\x20\x7f]+'
_AROUND = re.compile(r"\s*([@.])\s*")  # RFC 822 let white space stand there
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_SPEC = re.compile(rf'(?:{_ATOM}|"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")@(?:{_ATOM}|\[[\w.:]+\])')


class _Item:
    """One mailbox while it is read."""

    def __init__(self) -> None:
        self.words: list[tuple[str, bool]] = []  # (text, was it quoted)
        self.comments: list[str] = []
        self.angle: str | None = None

    def result(self) -> Address | None:
        if self.angle is not None:
            spec, name = addr_spec(self.angle), " ".join(w for w, _ in self.words)
        else:
            spec, name = self._bare()
        if spec is None:
            return None
        name = name if name.strip() else " ".join(self.comments)
        return Address(spec, one_line(decode_words(one_line(name[: MAX_NAME * 4]))).strip("'\"<> ")[:MAX_NAME])

    def _bare(self) -> tuple[str | None, str]:
        """An address without brackets: alone, or the only thing with an @ among words."""
        joined = "".join(f'"{w}"' if quoted else w for w, quoted in self.words).strip()
        if spec := addr_spec(joined):
            return spec, ""
        tokens = [t for w, quoted in self.words if not quoted for t in w.split()]
        withat = [t for t in tokens if "@" in t]
        if len(withat) == 1 and not any(q and "@" in w for w, q in self.words):
            return addr_spec(withat[0]), " ".join(t for t in tokens if "@" not in t)
        return None, ""


def addr_spec(text: str) -> str | None:
    """`local@domain` if the text is that and nothing else."""
    text = text.strip()
    if _MAILTO.match(text):
        text = text[len("mailto:") :]
    if len(text) > 500:  # noqa: PLR2004 - RFC 5321 allows 254
        return None
    if text.startswith("@"):
        text = text.partition(":")[2]  # a source route
    text = re.sub(r"\([^()]*\)", "", text)
    if '"' not in text:
        text = _AROUND.sub(r"\1", text)
    text = text.removesuffix(".")
    if not _SPEC.fullmatch(text):
        return None
    domain = text.rpartition("@")[2]
    if domain.startswith(".") or ".." in domain:
        return None
    return one_line(text)


class _Scan:
    """One field while it is read."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.found: list[Address] = []
        self.whole = True
        self.item = _Item()
        self.token = _TOKEN
        self.comments = True

    def run(self) -> None:
        position = 0
        while position < len(self.value) and len(self.found) <= MAX_ADDRESSES:  # one more, so that it is seen
            match = self.token.match(self.value, position)
            # Any character begins a token; were one forgotten, it would be skipped.
            position = self.take(match) if match else position + 1
        self.flush()

    def take(self, match: re.Match[str]) -> int:
        """Add a token; give the place to go on from."""
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "quoted":
            self.item.words.append((re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL), True))
        elif kind == "text":
            if text == '"':
                self.token = _TOKEN_NO_QUOTES
            self.item.words.append((text, False))
        elif kind == "open" and not text:
            pass  # of two brackets the first
        elif kind in {"angle", "open"}:
            if self.item.angle is not None:
                self.flush()
            self.item.angle = text
        elif text == "(":
            return self.comment(match.end())
        elif text == ":" and self.item.angle is None:
            self.item = _Item()  # a group's name, or "mailto"
        else:
            self.flush()
        return match.end()

    def comment(self, position: int) -> int:
        end = _comment_end(self.value, position) if self.comments else 0
        if not end:
            self.comments = False  # it never ends: from here on, brackets are letters
            return position
        self.item.comments.append(self.value[position : end - 1])
        return end

    def flush(self) -> None:
        item, self.item = self.item, _Item()
        if item.words or item.comments or item.angle is not None:
            if (address := item.result()) is not None:
                self.found.append(address)
            elif item.angle or any(word.strip() for word, _ in item.words):
                self.whole = False


def read_addresses(value: str) -> tuple[tuple[Address, ...], bool]:
    """The addresses of one field in their order, and whether every one of its items could be read and is there."""
    scan = _Scan(value)
    scan.run()
    return tuple(scan.found[:MAX_ADDRESSES]), scan.whole and len(scan.found) <= MAX_ADDRESSES


_LOCAL_USER = re.compile(r"\s*([A-Za-z0-9._-]{1,64})\s*(?:\(([^()]*)\)\s*)?")


def said(value: str) -> Address | None:
    """What a From field without an address says, for display: `MAILER-DAEMON (Mail Delivery System)` names a user of
    some machine and what they are called, any other text is a name. None where it says nothing."""
    user = _LOCAL_USER.fullmatch(value)
    if user and user[2]:
        return Address(user[1], one_line(decode_words(user[2]))[:MAX_NAME])
    name = one_line(decode_words(one_line(value[: MAX_NAME * 4]))).strip("'\"<> ")[:MAX_NAME]
    return Address("", name) if name else None


def _comment_end(value: str, position: int) -> int:
    """Where the comment that was opened just before `position` ends; 0 when it never does."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(value, position):
        depth += {"(": 1, ")": -1}.get(edge[0], 0)
        if depth == 0:
            return edge.end()
    return 0
