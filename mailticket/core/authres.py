"""What a mail server that we trust found out about a mail: its Authentication-Results field (RFC 8601), read in linear
time. Anybody may write such a field, so only the topmost one that bears a trusted name counts, and only by a trusted
road."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple

from .keys import address_key
from .policy import Policy
from .types import ParsedMail, RawMail

FIELD = "authentication-results"
MAX_FIELD = 64 * 1024  # characters; of what is longer the last result is left out, since it may be cut
MAX_RESULTS = 200
TRUSTED_ROADS = frozenset({"imap", "lmtp"})  # whoever delivers there has passed the mail's own server

_TOKEN = re.compile(r'(?P<space>\s+)|(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<sign>[();=])|(?P<atom>[^\s"();=]+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT_END = re.compile(r"[()]|\\.", re.DOTALL)


class _Token(NamedTuple):
    text: str
    sign: bool  # ";" or "=" as grammar, not as somebody's quoted words
    glued: bool  # neither space nor comment stands before it


@dataclass(frozen=True, slots=True)
class Result:
    """`dkim=pass header.d=acme.example`: all in lower case but for the values of `properties`."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str:
        """The first of that name ("header.d"), or ""."""
        return next((value for key, value in self.properties if key == name), "")

    @property
    def domain(self) -> str:
        """Whose signature it is about; "" where the server does not say."""
        return domain_key(self.value("header.d") or self.value("header.i").rpartition("@")[2])


@dataclass(frozen=True, slots=True)
class Results:
    """One field: who says so, and what."""

    authserv_id: str
    found: tuple[Result, ...] = ()

    def of(self, method: str) -> tuple[Result, ...]:
        return tuple(r for r in self.found if r.method == method)


def results(mail: ParsedMail, raw: RawMail, policy: Policy) -> Results | None:
    """The one field that counts. What an agent's own client brought through our login wrote its fields itself."""
    trusted = policy.trust.authserv_ids
    if raw.via == "imap":
        trusted = policy.trust.mailboxes.get(raw.peer, trusted)
    if not trusted or raw.auth or not (raw.via in TRUSTED_ROADS or trusted_peer(raw, policy)):
        return None
    names = {domain_key(name) for name in trusted}
    read = (parse(value) for value in mail.all_headers(FIELD))
    return next((r for r in read if r is not None and r.authserv_id in names), None)


def trusted_peer(raw: RawMail, policy: Policy) -> bool:
    """Did it come by SMTP from a relay whose headers count?"""
    if raw.via != "smtp":
        return False
    if not raw.peer:  # a unix socket has no address
        return policy.trust.unix
    try:
        peer = ip_address(raw.peer.partition("%")[0])
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return any(peer in network for network in policy.trust.relays)


def parse(value: str) -> Results | None:
    """None where the field does not say who wrote it. What breaks the grammar loses its result, not the field:
    a forged one below must not become the topmost."""
    first, *rest = _segments(value)
    names = [t.text for t in first if not t.sign]
    has_version = len(first) == 2 and first[1].text.isdecimal() and not first[1].glued  # noqa: PLR2004 - name, version
    if not names or len(names) != len(first) or (len(first) != 1 and not has_version):
        return None
    found = (_result(segment) for segment in rest[:MAX_RESULTS])
    return Results(domain_key(names[0]), tuple(r for r in found if r is not None))


def domain_key(domain: str) -> str:
    """What is compared of two domains: lower case and A-labels. Nothing is folded beyond that, as IDNA 2003 does,
    which makes one domain of two."""
    name = address_key(domain.strip()).rstrip(".")
    return name if name.isascii() else ".".join(_a_label(label) for label in name.split("."))


def aligned(domain: str, sender: str) -> bool:
    """May who signs for `domain` speak for From's domain: the same, or one above it that is no top-level domain."""
    above, below = domain_key(domain), domain_key(sender)
    return bool(above) and (above == below or ("." in above and below.endswith(f".{above}")))


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + unicodedata.normalize("NFC", label).lower().encode("punycode", "replace").decode("ascii")


def _segments(value: str) -> list[list[_Token]]:
    """The field cut at its semicolons."""
    segments: list[list[_Token]] = [[]]
    whole = len(value) <= MAX_FIELD
    for token in _tokens(value[:MAX_FIELD]):
        if token is None:
            whole = False
        elif token.sign and token.text == ";":
            segments.append([])
        else:
            segments[-1].append(token)
    if not whole and len(segments) > 1:
        segments.pop()
    return segments


def _tokens(value: str) -> Iterator[_Token | None]:
    """Without space and comments; None, and nothing more, where the grammar ends."""
    position, glued = 0, True
    while position < len(value):
        match = _TOKEN.match(value, position)
        if match is None or match["sign"] == ")":  # a quote or a comment that is not closed, or not opened
            yield None
            return
        position = match.end()
        if match["sign"] == "(":
            position, glued = _comment_end(value, position), False
        elif match["space"]:
            glued = False
        else:
            text = _ESCAPED.sub(r"\1", match[0][1:-1]) if match["quoted"] else match[0]
            yield _Token(text, bool(match["sign"]), glued)
            glued = True


def _comment_end(value: str, position: int) -> int:
    """Behind the parenthesis that closes a comment; comments nest."""
    depth = 1
    for match in _COMMENT_END.finditer(value, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(value)


def _result(tokens: list[_Token]) -> Result | None:
    """`method [/ version] = result`, then `ptype.property = value` as often as it likes; None for "none"."""
    pairs: list[tuple[str, str]] = []
    name, position = "", 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if not token.sign:
            name += token.text  # words that no "=" follows spoil the next name, so that nothing is read into them
            continue
        value = ""
        while position < len(tokens) and (not value or tokens[position].glued):
            value += tokens[position].text
            position += 1
        pairs.append((address_key(name), value))
        name = ""
    if not pairs:
        return None
    (method, result), *properties = pairs
    return Result(method.partition("/")[0], address_key(result), tuple(properties))
