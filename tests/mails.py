"""Small mails for tests, and what must hold of whatever is read from any."""

from dataclasses import fields

from mailticket.core.types import Address, ParsedMail

HEAD = b"From: Anna <anna@acme.example>\r\nTo: support@desk.example\r\nSubject: Hi\r\nMessage-ID: <1@acme.example>\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def mail(*lines: str | bytes, head: bytes = HEAD) -> bytes:
    """A mail of these lines below a plain head; the first empty one ends it."""
    return head + b"".join((x.encode() if isinstance(x, str) else x) + b"\r\n" for x in lines)


def multipart(*parts: bytes, kind: str = "mixed") -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return mail(f"Content-Type: multipart/{kind}; boundary=b", "") + body + b"--b--\r\n"


def part(kind: str, body: str | bytes, *more: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return "\r\n".join((f"Content-Type: {kind}", *more, "", "")).encode() + data


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [s for x in value for s in strings(x)]
    if isinstance(value, Address):
        return [value.address, value.name]
    if hasattr(value, "above"):
        return [*strings(value.from_), value.subject, *strings(value.attachments)]
    if hasattr(value, "filename"):
        return [value.filename, value.content_type, value.content_id]
    return []


def assert_sound(got: ParsedMail) -> None:
    """Every string can be stored and sent: UTF-8, no NUL, and no line ends in what came from a header."""
    for field in fields(got):
        for text in strings(getattr(got, field.name)):
            text.encode()
            assert "\0" not in text
            if field.name not in {"text", "full_text", "html", "signature", "below"}:
                assert not set(text) & set("\r\n\x0b\x0c\x85\u2028\u2029"), field.name
    assert got.date is None or got.date.tzinfo is not None
