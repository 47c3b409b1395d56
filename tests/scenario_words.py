"""Between a story's words and the desk's values: a mail's bytes, and what is so of a ticket."""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Callable
from email.header import Header
from email.utils import formataddr, getaddresses
from typing import Any

Ticket = dict[str, Any]

FACTS: dict[str, Callable[[Ticket], str]] = {
    "status": lambda ticket: ticket["status"],
    "subject": lambda ticket: ticket["subject"],
    "priority": lambda ticket: ticket["priority"],
    "labels": lambda ticket: ", ".join(ticket["labels"]) or "none",
    "department": lambda ticket: ticket["department"],
    "agent": lambda ticket: ticket["agent"]["address"] if ticket["agent"] else "nobody",
    "customer": lambda ticket: ticket["customer"]["address"],
    "customer name": lambda ticket: ticket["customer"]["name"],
    "language": lambda ticket: ticket["customer"]["language"] or "unknown",
    "participants": lambda ticket: ", ".join(p["address"] for p in ticket["participants"]) or "none",
    "watchers": lambda ticket: ", ".join(p["address"] for p in ticket["watchers"]) or "none",
    "messages": lambda ticket: ", ".join(m["direction"] for m in ticket["messages"]),
    "related": lambda ticket: ", ".join(str(n) for n in ticket["related"]) or "none",
    "text": lambda ticket: ticket["messages"][-1]["text"].replace("\n", " "),  # of the last message
    "from": lambda ticket: (ticket["messages"][-1]["from"] or {"address": "nobody"})["address"],
    "basis": lambda ticket: ticket["estimate"]["basis"],
    "due": lambda ticket: str(ticket["first_response_due"]),
}


def fact(ticket: Ticket, key: str, value: str) -> str:
    """What is so, in the words of a story; for an `event`, `value` if there was one of that kind."""
    if key == "event":
        kinds = [event["kind"] for event in ticket["events"]]
        return value if value in kinds else f"one of {', '.join(kinds)}"
    assert key in FACTS, f"nobody knows a ticket's {key!r}"
    return FACTS[key](ticket)


def compose(headers: dict[str, str], words: str, files: list[str | bytes]) -> bytes:
    """A mail's bytes. A file is `name` or `name (SIZE octets)`, or a whole mail."""
    boundary = "=_parts"
    lines = [f"{name}: {_encoded(name, value)}" for name, value in headers.items()]
    lines += ["MIME-Version: 1.0"]
    text = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", words]
    if not files:
        return "\n".join(lines + text).replace("\n", "\r\n").encode()
    lines += [f'Content-Type: multipart/mixed; boundary="{boundary}"', "", f"--{boundary}", *text]
    for file in files:
        if isinstance(file, bytes):
            lines += [f"--{boundary}", "Content-Type: message/rfc822", "", file.decode().replace("\r\n", "\n")]
            continue
        name, _, size = file.partition(" (")
        content = b"x" * (int(size.split(" ")[0]) if size else 10)
        kind = "Content-Type: application/octet-stream"
        shown = f'Content-Disposition: attachment; filename="{name}"'
        lines += [f"--{boundary}", kind, shown, "Content-Transfer-Encoding: base64", "", encodebytes(content).decode()]
    return "\n".join([*lines, f"--{boundary}--", ""]).replace("\n", "\r\n").encode()


def _encoded(name: str, value: str) -> str:
    if value.isascii():
        return value
    if name in {"From", "To", "Cc", "Reply-To"}:
        return ", ".join(formataddr(pair, "utf-8") for pair in getaddresses([value]))
    return Header(value, "utf-8").encode(linesep="\n")
