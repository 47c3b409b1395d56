"""Header lines of the mails we write: one way for each kind of value, all ASCII but for customers' own addresses.

The standard library folds References into encoded words, which Outlook does not read, and takes a millisecond
for it. Every function returns whole lines with CRLF. What came from outside cannot end a line: addresses with
such characters are refused (one that was changed would be somebody else's), from other values they are taken.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from .types import Address

FOLD = "\r\n "
_WIDTH = 78
MAX_LINE = 998
_MAX_NAME = 120  # characters of a display name
_MAX_FILENAME = 240  # octets; common file systems hold 255
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")  # a name that reads backwards deceives
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_BAD_IN_ADDRESS = re.compile(r"[ <>(),;:\\@\[\]]")
_QUOTED_LOCAL = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_LITERAL = re.compile(r"\[[0-9A-Za-z:.]{2,60}\]")
_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_WORD_ROOM = 63  # of the 75 characters of an encoded word, those between =?utf-8?q? and ?=


def text_header(name: str, value: str) -> str:
    """Any words: plain where they are ASCII, encoded from the first word that is not to the last."""
    return _folded(name, encoded(one_line(value)).split(" "))


def address_header(name: str, addresses: Sequence[Address], *, own: bool = False) -> str:
    """ValueError for an address that cannot stand in a header; `own` ones must be ASCII, too."""
    mailboxes = ", ".join(_mailbox(address, own=own) for address in addresses)
    return _folded(name, mailboxes.split(" "))


def ids_header(name: str, ids: Sequence[str]) -> str:
    """One id a line, never encoded; "" for none. Use `usable_ids` first."""
    return f"{name}: {FOLD.join(ids)}\r\n" if ids else ""


_NOT_IN_FILENAMES = str.maketrans("/\\<>", "____")  # paths, and what readers strip as if it were an address


def usable_ids(ids: Sequence[str]) -> list[str]:
    """Those that can stand in a header as they are."""
    return [one for one in ids if _ID.fullmatch(one)]


def filename_parameter(filename: str) -> str:
    """`filename="invoice.pdf"`, or RFC 2231 where that cannot say it."""
    name = _cut_filename(one_line(filename).translate(_NOT_IN_FILENAMES)) or "attachment"
    if name.isascii() and '"' not in name and "%" not in name and "=?" not in name:
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name.encode('utf-8', 'replace'), safe='')}"


def content_type(value: str) -> tuple[str, str]:
    """Type and subtype in lower case; application/octet-stream for what is not one."""
    major, _, minor = value.partition(";")[0].strip().lower().partition("/")
    return (major, minor) if _TOKEN.fullmatch(major) and _TOKEN.fullmatch(minor) else ("application", "octet-stream")


def ascii_address(address: str, *, own: bool) -> str:
    """The address with its domain in IDNA. ValueError where it cannot stand in a header or an envelope."""
    local, _, domain = address.rpartition("@")
    good_local = _good(local) if '"' not in local else _QUOTED_LOCAL.fullmatch(local)
    if not (good_local and (_good(domain) or _LITERAL.fullmatch(domain))):
        raise ValueError(f"{address!r} is not a mail address")
    if own and not local.isascii():
        raise ValueError(f"{address!r}: the part before the @ must be ASCII, as many servers refuse any other")
    return address if domain.isascii() else f"{local}@{_idna(domain)}"


def can_be_written_to(address: str) -> bool:
    """Whether a header and an envelope can bear it. People and machines write from addresses that none can."""
    try:
        ascii_address(address, own=False)
    except ValueError:
        return False
    return True


def one_line(value: str) -> str:
    """Without control characters and line ends, white space collapsed."""
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    return " ".join(_CONTROL.sub(" ", _UNSEEN.sub("", value)).split())


def encoded(value: str) -> str:
    """One line's words in RFC 2047, words that need it only; runs of spaces become one."""
    words = value.split(" ")
    strange = [n for n, word in enumerate(words) if not word.isascii() or "=?" in word or len(word) > MAX_LINE // 2]
    if not strange:
        return value
    first, last = strange[0], strange[-1] + 1
    return " ".join([*words[:first], *_encoded_words(" ".join(words[first:last])), *words[last:]])


def _good(part: str) -> bool:
    return bool(part) and part.isprintable() and not _BAD_IN_ADDRESS.search(part)


def _encoded_words(text: str) -> list[str]:
    """Each at most 75 characters and whole in itself, as RFC 2047 section 5 wants it."""
    data = text.encode("utf-8", "replace")
    q_length = sum(1 if octet in _Q_SAFE or octet == 0x20 else 3 for octet in data)  # noqa: PLR2004 - a space is `_`
    use_q = q_length <= -(-len(data) // 3) * 4
    words: list[str] = []
    chunk, room = b"", 0
    for character in data.decode("utf-8"):
        octets = character.encode()
        cost = len(_q(octets)) if use_q else len(octets)
        if room + cost > (_WORD_ROOM if use_q else _WORD_ROOM // 4 * 3):
            words.append(_word(chunk, use_q=use_q))
            chunk, room = b"", 0
        chunk += octets
        room += cost
    return [*words, _word(chunk, use_q=use_q)]


def _word(chunk: bytes, *, use_q: bool) -> str:
    if use_q:
        return f"=?utf-8?q?{_q(chunk)}?="
    return f"=?utf-8?b?{b2a_base64(chunk, newline=False).decode('ascii')}?="


def _q(data: bytes) -> str:
    return "".join("_" if o == 0x20 else chr(o) if o in _Q_SAFE else f"={o:02X}" for o in data)  # noqa: PLR2004 - space


def _mailbox(address: Address, *, own: bool) -> str:
    spec = ascii_address(address.address, own=own)
    phrase = _phrase(address.name[: 4 * _MAX_NAME])
    return f"{phrase} <{spec}>" if phrase else spec


@lru_cache(maxsize=512)
def _phrase(name: str) -> str:
    name = one_line(name)[:_MAX_NAME].strip()
    if name.isascii() and "=?" not in name:
        return name if _ATOMS.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    # Whole, as specials beside an encoded word would have to be quoted, and quoted ones are not decoded.
    return " ".join(_encoded_words(name))


def _folded(name: str, words: Sequence[str]) -> str:
    """Words a line up to 78 characters; a longer word has a line of its own."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _WIDTH and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join((*lines, line)) + "\r\n"


def _cut_filename(name: str) -> str:
    data = name.encode("utf-8", "replace")
    if len(data) <= _MAX_FILENAME:
        return name
    ending = name[-10:].rpartition(".")[2] if "." in name[-10:] else ""
    kept = data[: _MAX_FILENAME - 1 - len(ending.encode("utf-8", "replace"))].decode("utf-8", "ignore")
    return f"{kept}.{ending}" if ending else kept


@lru_cache(maxsize=512)
def _idna(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{domain!r} is not a domain name") from error
