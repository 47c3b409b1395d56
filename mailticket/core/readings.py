"""Can a signed mail be read in another way by fields that its signature leaves out? Many a signer leaves out
Content-Type: whoever brings the mail may then write one, and what was a quote is all that the mail says."""

from __future__ import annotations

import binascii
import re
from collections.abc import Container

from .bodies import MAX_LINES, MAX_OCTETS
from .charset import decode, unflow
from .fields import Head
from .structure import Part, body_bytes, read_tree

TYPE, CODING, DISPOSITION = "content-type", "content-transfer-encoding", "content-disposition"

_TEXTS = frozenset({"text/plain", "text/html"})
_TEXT_PARAMETERS = frozenset({"charset", "format", "delsp"})
_JOINED = frozenset({"multipart/mixed", "multipart/related", "multipart/signed"})  # read part after part
_LOOKS = frozenset({"text/html", "text/calendar", "text/x-amp-html", "text/watch-html"})
_LOOKS |= {"multipart/related", "multipart/mixed"}  # what follows the plain text among alternatives
_REPORTED = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
_UNCODED = frozenset({"", "7bit", "8bit", "binary"})
_QP = "quoted-printable"

_PREAMBLE = re.compile(rb"\s*This is a multi-?part message in MIME format\.[ \t]*\r?\n")  # Thunderbird, Outlook
_FIRST = re.compile(rb"^(--[^\r\n]*)\r?\n(?:content-|\r?\n)", re.MULTILINE | re.IGNORECASE)
_LAST = re.compile(rb"^(--[^\r\n]*)--[ \t]*\r?$", re.MULTILINE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_GAP = re.compile(rb"\S[ \t]+\S")
# What "=" begins in quoted-printable; a signature may let blanks come and go at a line's end.
_CODE = re.compile(rb"=(?:[0-9A-Fa-f]{2}|[ \t]*(?:[\r\n]|\Z))")
_NO_CODE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*(?:[\r\n]|\Z))")  # no encoder writes such a "="
_TAG = re.compile(r"<(?:!|/?[a-z][a-z0-9]*(?:[\s/>]|\Z))", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # an escape is how some charsets hide letters in ASCII


def one_reading(raw: bytes, head: Head, signed: Container[str]) -> bool:
    """Does the body itself show how it is read, as far as fields that are not `signed` (lower case) say so?

    They may be added, changed or gone. So each body has one reading, and the mail has to ask for that one:
    - what begins with a delimiter and ends with the last one is a multipart of that boundary, with nothing around it;
      of alternatives where the parts look so, else of parts that follow each other;
    - what begins with a tag is HTML, what has none is plain; all of it is UTF-8 that no declared charset, no
      format=flowed and no transfer encoding would make something else of.
    What can be both is neither: somebody may have quoted words to the signer that the other reading brings out (a line
    that quoted-printable cuts goes on without its ">").
    """
    if DISPOSITION not in signed and any(v.strip().lower() != "inline" for v in head.all(DISPOSITION)):
        return False
    if b"\r\r\n" in raw:  # a field above may have these mended, or not (see `parse`)
        return False
    defects: list[str] = []
    tree = read_tree(raw, head, defects)
    typed = TYPE in signed
    if not typed and len(head.all(TYPE)) > 1:
        return False
    body = raw[head.end :]
    if tree.multipart:  # of a whole that falls into parts nobody decodes the transfer encoding
        return typed or (not defects and _is_framed(raw, body, tree) and _has_looks_of_its_kind(tree))
    coded = CODING in signed or (len(head.all(CODING)) < 2 and _is_uncoded(body, tree.encoding))  # noqa: PLR2004 - one
    return coded and (typed or (not _may_be_framed(body) and _is_text(raw, tree)))


def _is_framed(raw: bytes, body: bytes, tree: Part) -> bool:
    """Do the first delimiter, with a part behind it, and the last one stand around all there is?"""
    preamble = _PREAMBLE.match(body)
    line = b"--" + tree.boundary
    first, _, rest = body[preamble.end() if preamble else 0 :].lstrip().partition(b"\n")
    is_part = rest[:8].lower() == b"content-"
    return first.rstrip() == line and is_part and raw[tree.end :].strip() == line + b"--"


def _may_be_framed(body: bytes) -> bool:
    """Is there a line in it that could be a first delimiter, and its last?"""
    lines = {line.rstrip() for line in _FIRST.findall(body)}
    return any(line in lines for line in _LAST.findall(body) if line != b"--")


def _has_looks_of_its_kind(tree: Part) -> bool:
    first, *others = tree.children
    if any(part.content_type in _REPORTED for part in tree.children):
        return False  # a report's parts, whatever the whole is called
    alike = first.content_type == "text/plain" and all(part.content_type in _LOOKS for part in others)
    alternatives = bool(others) and alike and not any(part.disposition for part in tree.children)
    if tree.content_type == "multipart/alternative":
        return alternatives or not others
    return tree.content_type in _JOINED and not alternatives


def _is_uncoded(body: bytes, encoding: str) -> bool:
    """Is it read as it stands, and could it not have been declared to be encoded?"""
    if _may_be_base64(body):
        return False
    if encoding == _QP:
        return not _CODE.search(body) and binascii.a2b_qp(body) == body
    never_qp = not _CODE.search(body) or _NO_CODE.search(body) or not body.isascii()
    return encoding in _UNCODED and bool(never_qp)


def _may_be_base64(body: bytes) -> bool:
    code = body.translate(None, b" \t\r\n")
    return len(code) % 4 == 0 and _BASE64.fullmatch(code) is not None and not _GAP.search(body)


def _is_text(raw: bytes, tree: Part) -> bool:
    if tree.content_type not in _TEXTS or not tree.parameters.keys() <= _TEXT_PARAMETERS:
        return False
    data = body_bytes(raw, tree, [])
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    if _CONTROL.search(text) or decode(data, tree.parameters.get("charset", "")) != text:
        return False
    if tree.content_type == "text/html":
        return _TAG.match(text.lstrip()) is not None
    short = len(data) <= MAX_OCTETS and data.count(b"\n") <= MAX_LINES  # more is read as a file, and takes long here
    return short and _TAG.search(text) is None and _does_not_flow(text.replace("\r\n", "\n"))


def _does_not_flow(text: str) -> bool:
    """Quotes may have a blank behind their marks or none."""
    lines = _bare(text)
    return all(_bare(unflow(text, delsp=delsp)) == lines for delsp in (False, True))


def _bare(text: str) -> list[str]:
    return [re.sub(r"^(>+) ?", r"\1", line).rstrip() for line in text.split("\n")]
