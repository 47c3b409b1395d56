"""What a mail server that we trust calls spam. Anybody else's word on it is as much the sender's own as the rest."""

from __future__ import annotations

from .authres import TRUSTED_ROADS, results, trusted_peer
from .policy import Policy
from .types import ParsedMail, RawMail


def marked_spam(mail: ParsedMail, raw: RawMail, policy: Policy) -> str:
    """Why a trusted relay calls it spam, or "". An agent's own client that logged in here is no relay."""
    if raw.auth or not (raw.via in TRUSTED_ROADS or trusted_peer(raw, policy)):
        return ""
    if any(value.strip().lower() == "yes" for value in mail.all_headers("x-spam-flag")):
        return "X-Spam-Flag: YES"
    if any(_says_yes(value) for value in mail.all_headers("x-spam-status")):
        return "X-Spam-Status: Yes"
    said = results(mail, raw, policy)
    if said and any(one.result == "fail" for one in said.of("dmarc")):
        return f"{said.authserv_id} says dmarc=fail"
    return ""


def _says_yes(value: str) -> bool:
    """`Yes, score=9.1 required=5.0 tests=…`"""
    return value.partition(",")[0].strip().lower() == "yes"
