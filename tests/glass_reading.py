"""What somebody reads in a mail who looks for everything: headers, words, pages, files, however they are encoded."""

from __future__ import annotations

import codecs
import re
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

_LARGEST_PART = 10**6  # octets that are looked through as text
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\0"))
_QUOTE_MARKS = re.compile(r"(?m)^[> \t]+")
_TAG = re.compile(r"(?s)<!--.*?-->|<[^<>]*>")
_BLOCK = re.compile(r"</?(?:p|div|br|t[dr]|li|h\d|hr|blockquote|body|style|title)\b[^<>]*>")


def flat(text: str) -> str:
    """On one line, in small letters, without marks that nobody sees and those of quotes."""
    return " ".join(_QUOTE_MARKS.sub("", text.translate(_UNSEEN)).casefold().split())


@lru_cache(maxsize=64)
def hay(raw: bytes) -> str:
    """A mail as somebody may read it, once in each way, on one line."""
    whole = "\n".join([raw[:_LARGEST_PART].decode("utf-8", "replace"), *texts(raw)])
    read = unescape(unquote(whole))
    whole_words = _TAG.sub("", _BLOCK.sub(" ", read))
    return "\n".join(map(flat, (whole, read, unescape(_TAG.sub(" ", read)), unescape(whole_words))))


@lru_cache(maxsize=64)
def texts(raw: bytes) -> tuple[str, ...]:
    """All that stands in a mail and the mails in it: headers decoded, names of files, content that may be text."""
    found: list[str] = []
    for part in message_from_bytes(raw).walk():
        found += (f"{name}: {decoded(value)}" for name, value in part.items())
        found += (decoded(part.get_filename() or ""), content(part))
    return tuple(found)


def content(part: Message) -> str:
    octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes) or len(octets) > _LARGEST_PART:
        return ""
    wide = octets.startswith((b"\xff\xfe", b"\xfe\xff"))
    return octets.decode("utf-16" if wide else _known(part.get_content_charset("utf-8")), "replace")


def decoded(value: object) -> str:
    """A header's value with its encoded words read."""
    text = str(value)
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except HeaderParseError:
        return text  # nobody can read it
    return "".join(p if isinstance(p, str) else p.decode(_known(c or "latin-1"), "replace") for p, c in pieces)


def _known(charset: str) -> str:
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return "utf-8"


def stands_in(word: str, hay: str) -> bool:
    """As a whole: anna@acme.example is not in joanna@acme.example."""
    return word in hay and bool(re.search(rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)", hay))
