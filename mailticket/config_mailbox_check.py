"""What must fit together of mailboxes, `[imap.NAME]`. Like `config_check` it looks at the TOML as written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .config_check import Finding, department_names
from .config_mailboxes import MOVE, PORTS
from .config_names import nearest
from .config_text import dotted
from .config_units import visible
from .core.hosts import is_loopback

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_USUAL = 0  # either of the usual ports: both lead to the same mail
_INBOX = "inbox"  # the one folder whose name has no case, RFC 9051 §5.1

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder on a server, so that the same one compares equal however it is written."""

    host: str
    port: int
    user: str
    folder: str


def errors(data: Mapping[str, Any]) -> Iterator[Finding]:
    boxes = _mailboxes(data)
    if data.get("imap") == {}:
        yield ("imap",), "has no mailbox; write one as [imap.main]"
    departments = department_names(data)
    for name, box in boxes.items():
        yield from _name(name)
        yield from _login(name, box)
        yield from _protection(name, box)
        yield from _department(name, box, departments)
    yield from _same_folders(boxes)


def _mailboxes(data: Mapping[str, Any]) -> dict[str, Table]:
    tables = data.get("imap")
    return {name: box for name, box in tables.items() if isinstance(box, dict)} if isinstance(tables, dict) else {}


def _name(name: str) -> Iterator[Finding]:
    if not _NAME.fullmatch(name):
        yield ("imap", name), "a mailbox's name is 1 to 40 letters, digits, hyphens or underscores, like [imap.main]"


def _login(name: str, box: Table) -> Iterator[Finding]:
    if "password" not in box and "oauth2" not in box:
        yield ("imap", name), 'password or oauth2 is required; for example password = { file = "imap-password" }'
    elif "password" in box and "oauth2" in box:
        yield ("imap", name, "password"), "is there beside oauth2; write one of them"


def _protection(name: str, box: Table) -> Iterator[Finding]:
    host = box.get("host")
    if box.get("tls") != "none" or not isinstance(host, str):
        return
    if "ca" in box:
        yield ("imap", name, "ca"), 'is for tls = "implicit" and "starttls" only'
    if not is_loopback(host) and box.get("insecure") is not True:
        told = '"none" is for a server on this machine; write "implicit" or "starttls", or insecure = true beside it'
        yield ("imap", name, "tls"), told


def _department(name: str, box: Table, departments: list[str]) -> Iterator[Finding]:
    written = box.get("department")
    if departments and isinstance(written, str) and written.strip() not in departments:
        near = nearest(written, departments)
        told = f'no such department as "{visible(written)}"; did you mean "{near}"?'
        yield ("imap", name, "department"), told


def _same_folders(boxes: Mapping[str, Table]) -> Iterator[Finding]:
    """Two tables for one folder, and mail that is moved to where it is read again, perhaps for ever."""
    readers: dict[_Place, str] = {}
    for name, box in boxes.items():
        place = _place(box, box.get("folder", "INBOX"))
        if place and readers.setdefault(place, name) != name:
            first = dotted(("imap", readers[place]))
            yield ("imap", name), f"{first} reads this folder already; each mail would be taken twice"
    for name, box in boxes.items():
        after = box.get("after")
        place = _place(box, after.removeprefix(MOVE)) if isinstance(after, str) and after.startswith(MOVE) else None
        if place in readers:
            own = readers[place] == name
            told = "is the folder that is read" if own else f"{dotted(('imap', readers[place]))} reads that folder"
            yield ("imap", name, "after"), f"{told}; the mail would come again"


def _place(box: Table, folder: Any) -> _Place | None:
    """None where what is written does not say it, which is told elsewhere."""
    host, user, port = box.get("host"), box.get("username"), box.get("port", _USUAL)
    if not (isinstance(host, str) and isinstance(user, str) and isinstance(folder, str) and isinstance(port, int)):
        return None
    is_inbox = folder.casefold() == _INBOX
    return _Place(
        host.casefold(),
        _USUAL if port in PORTS.values() else port,
        user.casefold(),
        _INBOX if is_inbox else folder,
    )


def warnings(data: Mapping[str, Any]) -> Iterator[Finding]:
    for name, box in _mailboxes(data).items():
        if box.get("insecure") is True and box.get("tls") != "none":
            told = 'changes nothing: it allows tls = "none"; certificates are checked all the same'
            yield ("imap", name, "insecure"), told
    yield from _believed(data)
    yield from _probed(data)


def _believed(data: Mapping[str, Any]) -> Iterator[Finding]:
    """A name that one mailbox's server writes can be forged where another's writes none."""
    boxes, trust = _mailboxes(data), data.get("trust")
    named = isinstance(trust, dict) and trust.get("authentication_results")
    unsaid = [name for name, box in boxes.items() if "authentication_results" not in box]
    if named and len(boxes) > 1 and unsaid:
        told = "those names are believed in mail from every mailbox; write authentication_results in each, [] for none"
        yield ("imap", unsaid[0]), told


def _probed(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Which mailbox a department's mail comes to, only the config can say where there are several."""
    boxes = _mailboxes(data)
    for name, box in boxes.items():
        if len(boxes) > 1 and box.get("self_probe", "off") != "off" and "department" not in box:
            told = "goes to the first department; write the department whose mail comes to this mailbox"
            yield ("imap", name, "self_probe"), told
