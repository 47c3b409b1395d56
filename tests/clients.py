"""How a mail client forms a reply: its two parts, which headers tie it to our mail, and what it shows of that."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape
from quopri import encodestring
from typing import NamedTuple

Lines = Sequence[str]  # as they are typed, "" for an empty one

SENT = "Monday, November 23, 2026 9:00 AM"
ON = "On Mon, Nov 23, 2026 at 9:00 AM"
RULE = "________________________________"


class Old(NamedTuple):
    """The mail that is answered."""

    message: EmailMessage
    text: str
    html: str

    @property
    def sender(self) -> str:
        return parseaddr(str(self.message["from"]))[0]

    @property
    def address(self) -> str:
        """What the client shows of its sender."""
        return parseaddr(str(self.message["from"]))[1]

    @property
    def within(self) -> str:
        """Its page without what makes it one."""
        begins = self.html.index(">", self.html.index("<body")) + 1
        return self.html[begins : self.html.index("</body>")]

    @property
    def id(self) -> str:
        return str(self.message["message-id"])

    @property
    def ids(self) -> str:
        return " ".join(dict.fromkeys(f"{self.message['references'] or ''} {self.id}".split()))


class Form(NamedTuple):
    """One client. `text` and `html` make the two parts ("" for none); `heads` are its threading headers; `signed` says
    that a signature stands below the words, `typed` what it makes of a line that is typed."""

    text: Callable[[Lines, Old], str]
    html: Callable[[Lines, Old], str]
    heads: Callable[[Old], dict[str, str]]
    plain: str = "text/plain; charset=utf-8"
    typed: Callable[[str], str] = str


def reply(form: Form, old: Old, lines: Lines, number: int, *files: str, **more: str) -> bytes:
    """The mail's bytes. `more` are headers, `files` the names of what is attached."""
    subject = str(old.message["subject"])
    heads = {
        "From": "Anna Dvořák <anna@acme.example>",
        "To": str(old.message["reply-to"] or old.message["from"]),
        "Subject": subject if subject.startswith("Re:") else f"Re: {subject}",
        "Date": f"Mon, 23 Nov 2026 {9 + number // 60:02}:{number % 60:02}:00 +0100",
        "Message-ID": f"<{number}.sent@acme.example>",
        **form.heads(old),
        **more,
        "MIME-Version": "1.0",
    }
    lines = [form.typed(line) for line in lines]
    bodies = [(form.plain, form.text(lines, old)), ("text/html; charset=utf-8", form.html(lines, old))]
    parts = [_part(kind, body) for kind, body in bodies if body]
    whole = parts[0] if len(parts) == 1 else _joined("alternative", parts)
    if files:
        whole = _joined("mixed", [whole, *map(_file, files)])
    head = "".join(f"{name}: {_encoded(value)}\r\n" for name, value in heads.items() if value)
    return head.encode() + whole


def _encoded(value: str) -> str:
    words = value.split(" ")
    return " ".join(w if w.isascii() else f"=?utf-8?b?{b64encode(w.encode()).decode()}?=" for w in words)


def _part(kind: str, body: str) -> bytes:
    encoded = encodestring(body.replace("\r\n", "\n").encode()).replace(b"\n", b"\r\n")
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode() + encoded + b"\r\n"


def _file(name: str) -> bytes:
    shown = f'Content-Disposition: attachment; filename="{name}"'
    return f'Content-Type: application/pdf; name="{name}"\r\n{shown}\r\n\r\n%PDF of {name}\r\n'.encode()


def _joined(kind: str, parts: Sequence[bytes]) -> bytes:
    mark = f"_000_{kind}_"
    inside = b"".join(b"--%s\r\n%s" % (mark.encode(), part) for part in parts)
    return (
        f'Content-Type: multipart/{kind};\r\n\tboundary="{mark}"\r\n\r\n'.encode() + inside + f"--{mark}--\r\n".encode()
    )


# --- how they thread -----------------------------------------------------------------------------------------


def usual(old: Old) -> dict[str, str]:
    return {"In-Reply-To": old.id, "References": old.ids}


def exchange(old: Old) -> dict[str, str]:
    """Exchange gives what it sends an id of its own, and has a thread's index beside the ids."""
    return usual(old) | {
        "Thread-Topic": str(old.message["subject"]),
        "Thread-Index": "AQHbPYf1k3m2lq0Zl0eBvB8o3pLxVbKQ1a2b",
    }


def without_references(old: Old) -> dict[str, str]:
    """Some Outlooks leave them out: the address alone says what is answered."""
    return {"Thread-Topic": str(old.message["subject"]), "Thread-Index": "AdDeqI993CvUm800TamFq90sKu975w=="}


# --- what they quote -----------------------------------------------------------------------------------------


def marked(old: Old) -> str:
    return "\n".join(f"> {line}".rstrip() for line in old.text.split("\n"))


def _rows(old: Old) -> tuple[tuple[str, str], ...]:
    who = f"{old.sender} <{old.address}>"
    rows = (("From", who), ("Sent", SENT), ("To", "Anna Dvořák <anna@acme.example>"))
    return (*rows, ("Subject", str(old.message["subject"])))


def block(old: Old) -> str:
    return "\n".join(f"{name}: {value}" for name, value in _rows(old))


def bold(old: Old) -> str:
    return "<br>".join(f"<b>{name}:</b> {escape(value)}" for name, value in _rows(old))
