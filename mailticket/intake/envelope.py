"""Whom a mail was sent to and by whom, where no SMTP said it: what its headers tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from ..core.keys import address_key
from ..core.policy import Policy
from ..errors import UsageError

HEAD = 262144  # octets; where the headers of honest mail have long ended
_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BETWEEN_ADDRESSES = re.compile(r"[\s<>,;:\"()\[\]]+")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Finds whom a mail was sent to. `to` is what the command line says, which outweighs the headers."""

    policy: Policy
    to: Sequence[str] = ()

    def __post_init__(self) -> None:
        for address in self.to:
            if not self.is_ours(address):
                raise UsageError(f"--to {address}: no department has this address")

    def is_ours(self, address: str) -> bool:
        """A department's address, with or without `+…`, or postmaster at one of its domains (RFC 5321 §4.5.1)."""
        if self.policy.department_of(address):
            return True
        local, _, domain = address_key(address).rpartition("@")
        return local == "postmaster" and domain in {
            address_key(known).rpartition("@")[2]
            for department in self.policy.departments
            for known in department.addresses
        }

    def recipients(self, headers: Message) -> tuple[str, ...]:
        """Those of our addresses that the mail was delivered to, else those it names in To and Cc. Of the fields about
        delivery the last server's counts, which is the topmost: below it stands what others wrote."""
        if self.to:
            return tuple(dict.fromkeys(self.to))
        delivered = [headers.get_all(name, []) for name in _DELIVERED]
        places = [values[:1] for values in delivered]
        places += [[*headers.get_all("To", []), *headers.get_all("Cc", [])]]
        places += [[value for values in delivered for value in values]]
        for values in places:
            found = [address for value in values for address in _addresses(value)]
            if ours := tuple(dict.fromkeys(address for address in found if self.is_ours(address))):
                return ours
        return ()


def headers_of(raw: bytes) -> Message:
    """The headers alone, by compat32: the newer policies can be kept busy for minutes by hostile ones."""
    head = raw[:HEAD]
    end = _END_OF_HEADERS.search(head)
    return BytesHeaderParser().parsebytes(head[: end.end()] if end else head)


def sender_of(headers: Message, claimed: str | None) -> str:
    """The envelope's sender, "" for the null one: Return-Path, the From_ line, else From's address."""
    path = headers.get("Return-Path")
    if path is not None and (found := _addresses(path)):
        return found[-1]
    if path is not None and "<>" in str(path):
        return ""
    if claimed is not None and claimed != "-":  # so Thunderbird names nobody
        return claimed if "@" in claimed else ""
    return next(iter(_addresses(headers.get("From", ""))[-1:]), "")


def _addresses(value: object) -> list[str]:
    """What looks like an address in a header, in time that grows with its length alone."""
    return [word for word in _BETWEEN_ADDRESSES.split(str(value)[:HEAD]) if 0 < word.find("@") < len(word) - 1]
