"""The signed names of our mails: made, found again in what comes back, and kept from crossing to a customer.

A ref names an outbox row. It is signed once for each use (Message-ID, and the addresses for replies, notes, questions
and bounces), so that a mark made for one proves nothing as another.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from .keys import address_key
from .policy import Policy, plus
from .types import ParsedMail

MAX_LOCAL_PART = 64  # octets, RFC 5321 section 4.5.3.1.1
_MOST = 200  # ids, and as many marked addresses, looked at in one mail

_REF, _MAC = "[a-z2-7]{13}", "[a-z2-7]{16}"
_ID = re.compile(rf"<?({_REF})\.({_MAC})@")
_PURPOSE = {"r": "reply", "n": "note", "a": "ask", "b": "bounce"}
_LETTER = f"[{''.join(_PURPOSE)}]"
_PLUS = re.compile(rf"\+({_LETTER})({_REF})({_MAC})\Z")
_LIKE_A_NOTE = re.compile(r"n[a-z0-9]{20,}")  # with a letter mistyped, or some of the end lost, too

# The same in running text, where links and HTML may have escaped the marks between.
_AT = r"(?:@|%40|&#64;|&#x40;|&commat;)"
_SIGN = r"(?:\+|%2b|&#43;|&#x2b;|&plus;)"
# Most texts have none: looking back from each @ costs a tenth of looking for the whole.
_HINT = re.compile(
    "|".join(rf"{at}(?<=[A-Za-z2-7]{{16}}{at})" for at in ("@", "%40", "&#64;", "&#[xX]40;", "&commat;"))
)
# `=40` is what quoted-printable makes of it.
_HINT_IN_BYTES = re.compile(
    "|".join(
        rf"{at}(?<=[A-Za-z2-7]{{16}}{at})" for at in ("@", "%40", "=40", "&#64;", "&#[xX]40;", "&commat;")
    ).encode()
)
_ID_BEFORE = re.compile(rf"({_REF})\.({_MAC})\Z".encode())
_PLUS_BEFORE = re.compile(rf"({_LETTER})({_REF})({_MAC})\Z".encode())
_MARK_LENGTH = 13 + 1 + 16
_ID_IN_TEXT = re.compile(rf"(?:<|&lt;|%3c)?({_REF})\.({_MAC}){_AT}([a-z0-9.-]{{1,253}})(?:>|&gt;|%3e)?", re.IGNORECASE)
_PLUS_IN_TEXT = re.compile(rf"{_SIGN}({_LETTER})({_REF})({_MAC})(?={_AT})", re.IGNORECASE)


def derive_ref(secret: bytes, cause: str, n: int) -> str:
    """The ref of the n-th mail that follows from `cause`: 64 bits, the same whenever the work is repeated."""
    return _base32(hmac.digest(secret, b"ref\0%s\0%d" % (cause.encode(), n), "sha256")[:8])


def message_id(ref: str, policy: Policy) -> str:
    """With its angle brackets."""
    return f"<{ref}.{_mac(policy.secrets[0], 'message', ref)}@{policy.hostname}>"


def reply_address(base: str, ref: str, policy: Policy) -> str | None:
    """None where the mail server refuses plus addresses or the local part would be too long."""
    return _signed_address(base, "r", ref, policy)


def note_address(base: str, ref: str, policy: Policy) -> str | None:
    """What an agent writes there is for the desk alone."""
    return _signed_address(base, "n", ref, policy)


def ask_address(base: str, ref: str, policy: Policy) -> str | None:
    """What an agent asks there is answered to them alone."""
    return _signed_address(base, "a", ref, policy)


def is_like_note_address(address: str, policy: Policy) -> bool:
    """Is it what only a note address of ours looks like, be its mark known or not? A mark is forgotten with its mail,
    and with its key."""
    return _LIKE_A_NOTE.fullmatch(plus(address)) is not None and policy.department_of(address) is not None


def bounce_address(base: str, ref: str, policy: Policy) -> str | None:
    return _signed_address(base, "b", ref, policy)


def find_refs(mail: ParsedMail, envelope_to: Sequence[str], policy: Policy) -> tuple[tuple[str, str], ...]:
    """Every (purpose, ref) whose hash checks out, nearest first: ids, then the addresses it came to.

    What stands right of an @ is not compared: hosts are renamed and relays rewrite.
    """
    ids = chain(mail.in_reply_to, reversed(mail.references))
    addresses = chain(envelope_to, (a.address for a in mail.to), (a.address for a in mail.cc))
    return _verified(chain(_in_ids(islice(ids, _MOST)), islice(_in_addresses(addresses), _MOST)), policy)


def refs_in_ids(ids: Sequence[str], policy: Policy) -> tuple[tuple[str, str], ...]:
    """Every (purpose, ref) whose hash checks out among Message-IDs, in their order."""
    return _verified(_in_ids(iter(ids[:_MOST])), policy)


def refs_in_bytes(data: bytes, policy: Policy) -> tuple[tuple[str, str], ...]:
    """Every (purpose, ref) whose hash checks out in any bytes, be they of a mail, a page or UTF-16; the first 200."""
    claimed: dict[tuple[str, str, str], None] = {}
    data = data.replace(b"\0", b"")
    for at in _HINT_IN_BYTES.finditer(data):
        before = data[max(0, at.start() - _MARK_LENGTH) : at.start()].lower()
        if found := _ID_BEFORE.search(before):
            claimed["message", found[1].decode(), found[2].decode()] = None
        elif found := _PLUS_BEFORE.search(before):
            claimed[_PURPOSE[found[1].decode()], found[2].decode(), found[3].decode()] = None
        if len(claimed) >= _MOST:
            break
    return tuple((purpose, ref) for purpose, ref, mac in claimed if _verify(purpose, ref, mac, policy))


def scrub(text: str, policy: Policy) -> str:
    """The text without our signed marks: addresses become the department's plain one, Message-IDs go.

    A department's address with something of a mark's shape loses it even if its hash is wrong.
    """
    if not _HINT.search(text):
        return text
    ours = tuple(address for department in policy.departments for address in department.addresses)
    text = _department_marks(ours).sub(r"\g<local>\g<at>", text)
    text = _PLUS_IN_TEXT.sub(lambda found: "" if _is_plus_of_ours(found, policy) else found[0], text)
    return _ID_IN_TEXT.sub(lambda found: "" if _is_id_of_ours(found, policy) else found[0], text)


def _signed_address(base: str, letter: str, ref: str, policy: Policy) -> str | None:
    local, _, domain = base.rpartition("@")
    mark = f"{letter}{ref}{_mac(policy.secrets[0], _PURPOSE[letter], ref)}"
    fits = len(local.encode()) + 1 + len(mark) <= MAX_LOCAL_PART
    if not policy.plus_addresses or not fits or "+" in local:
        return None
    return f"{local}+{mark}@{domain}"


def _verified(claimed: Iterator[tuple[str, str, str]], policy: Policy) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((purpose, ref) for purpose, ref, mac in claimed if _verify(purpose, ref, mac, policy)))


def _in_ids(ids: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    for one in ids:
        if found := _ID.match(address_key(one)):
            yield "message", found[1], found[2]


def _in_addresses(addresses: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    for address in addresses:
        if found := _PLUS.search(address_key(address).rpartition("@")[0]):
            yield _PURPOSE[found[1]], found[2], found[3]


def _is_plus_of_ours(found: re.Match[str], policy: Policy) -> bool:
    return _verify(_PURPOSE[found[1].lower()], found[2].lower(), found[3].lower(), policy)


def _is_id_of_ours(found: re.Match[str], policy: Policy) -> bool:
    same_host = found[3].lower().rstrip(".") == policy.hostname.lower()
    return same_host or _verify("message", found[1].lower(), found[2].lower(), policy)


def _verify(purpose: str, ref: str, mac: str, policy: Policy) -> bool:
    # IGNORECASE lets a few letters beyond ASCII through, which no mark of ours has.
    if not (ref + mac).isascii():
        return False
    return any(hmac.compare_digest(_mac(secret, purpose, ref), mac) for secret in policy.secrets)


def _mac(secret: bytes, purpose: str, ref: str) -> str:
    return _base32(hmac.digest(secret, f"{purpose}\0{ref}".encode(), "sha256")[:10])


def _base32(data: bytes) -> str:
    return b32encode(data).decode("ascii").rstrip("=").lower()


@lru_cache(maxsize=8)
def _department_marks(addresses: tuple[str, ...]) -> re.Pattern[str]:
    """Signed-looking forms of these addresses; what is kept is in the groups `local` and `at`."""
    split = [address.rpartition("@") for address in addresses]
    locals_ = "|".join(sorted({re.escape(local) for local, _, _ in split}))
    domains = "|".join(sorted({re.escape(domain) for _, _, domain in split}))
    mark = rf"{_SIGN}{_LETTER}[a-z2-7]{{29}}"
    return re.compile(rf"(?P<local>{locals_}){mark}(?P<at>{_AT}(?:{domains}))", re.IGNORECASE)
