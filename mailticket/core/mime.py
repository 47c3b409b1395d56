"""A mail to its last byte: CRLF line ends, lines of at most 998 octets, the same bytes for the same mail.

Written by hand: the standard library takes 0.8 ms a mail, and this is on the way of every message.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence

from .headers import MAX_LINE, content_type, filename_parameter
from .types import Attachment

_HIGH = bytes(range(128, 256))
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def serialise(
    headers: str, *, text: str, html: str = "", attachments: Sequence[Attachment] = (), boundary: str
) -> bytes:
    """`headers` are whole lines (see headers.py). `boundary` must be unknown to whoever wrote the words."""
    body = _text_part("plain", text)
    pictures = [one for one in attachments if one.content_id and f'src="cid:{one.content_id}"' in html]
    files = [one for one in attachments if one not in pictures]
    if html:
        page = _text_part("html", html)
        if pictures:
            page = _multipart("related", f"=_{boundary}_r", [page, *map(_picture, pictures)])
        body = _multipart("alternative", f"=_{boundary}_a", [body, page])
    if files:
        body = _multipart("mixed", f"=_{boundary}_m", [body, *map(_attachment, files)])
    return headers.encode("utf-8", "replace") + b"MIME-Version: 1.0\r\n" + body


def _has_long_line(data: bytes) -> bool:
    return len(data) > MAX_LINE and max(map(len, data.split(b"\r\n"))) > MAX_LINE


def _travels_unchanged(data: bytes) -> bool:
    """Would SMTP carry these bytes as they are (8BITMIME granted)."""
    ends = data.count(b"\r\n")
    return data.count(b"\r") == data.count(b"\n") == ends and b"\0" not in data and not _has_long_line(data)


def _text_part(subtype: str, text: str) -> bytes:
    data = _canonical(text).encode("utf-8", "replace")
    if data.isascii() and not _has_long_line(data):
        return _part(f"text/{subtype}; charset=utf-8", "7bit", data)
    if len(data.translate(None, _HIGH)) * 6 >= len(data) * 5:
        return _part(f"text/{subtype}; charset=utf-8", "quoted-printable", b2a_qp(data, istext=True))
    return _part(f"text/{subtype}; charset=utf-8", "base64", _base64(data))


def _canonical(text: str) -> str:
    """CRLF line ends, one at the end (b2a_qp takes its own line ends from it), no control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
    if not text.endswith("\n"):
        text += "\n"
    return text.replace("\n", "\r\n")


def _attachment(attachment: Attachment) -> bytes:
    major, minor = content_type(attachment.content_type)
    filename, data = attachment.filename, attachment.content
    if (major, minor) == ("message", "rfc822") and _travels_unchanged(data):
        # RFC 2046 allows a message no other encoding.
        return _part("message/rfc822", "7bit" if data.isascii() else "8bit", data, filename)
    if major in ("message", "multipart"):
        filename = filename if "." in filename else f"{filename or 'message'}.eml"
        major, minor = "application", "octet-stream"
    charset = "; charset=utf-8" if major == "text" and _is_utf8(data) else ""
    return _part(f"{major}/{minor}{charset}", "base64", _base64(data), filename)


def _picture(attachment: Attachment) -> bytes:
    """One that the HTML shows."""
    major, minor = content_type(attachment.content_type)
    shown = f"Content-ID: <{attachment.content_id}>\r\n"
    return _part(f"{major}/{minor}", "base64", _base64(attachment.content), attachment.filename, shown)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _base64(data: bytes) -> bytes:
    return encodebytes(data).replace(b"\n", b"\r\n")


def _part(kind: str, encoding: str, data: bytes, filename: str | None = None, shown: str = "") -> bytes:
    """`shown` are the header lines of a picture that the HTML shows."""
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    if filename is not None:
        disposition = "inline" if shown else "attachment"
        head += f"{shown}Content-Disposition: {disposition};\r\n {filename_parameter(filename)}\r\n"
    return head.encode("ascii") + b"\r\n" + data


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    line = f"--{boundary}".encode("ascii")
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n'
    if not all(part.isascii() for part in parts):
        head += "Content-Transfer-Encoding: 8bit\r\n"  # RFC 2045 section 6.4: a whole says what its parts need
    pieces = [head.encode("ascii")]
    for part in parts:
        pieces += [b"\r\n", line, b"\r\n", part]
    return b"".join([*pieces, b"\r\n", line, b"--\r\n"])
