"""Whom the door takes mail for: the departments, their plus addresses, and the postmaster."""

from __future__ import annotations

import re

from ..core.keys import address_key
from ..core.policy import Policy

_ROUTING = re.compile(r"[@%!]")
_QUOTED_PAIR = re.compile(r"\\(.)")


def refusal(path: str, policy: Policy) -> str | None:
    """The SMTP reply that refuses this RCPT path (without its angle brackets), None where it is ours.

    A local part that could make some server pass the mail on (`%`, `!`, a hidden `@`) is relaying, whatever its domain.
    """
    if path.startswith("@"):
        return f"550 5.7.1 <{path}>: source routes are not accepted"
    local, _, domain = path.rpartition("@")
    if not local or not domain:
        # RFC 5321, section 4.5.1: the postmaster needs no domain.
        return None if address_key(path) == "postmaster" else f"550 5.1.3 <{path}>: not an address"
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = _QUOTED_PAIR.sub(r"\1", local[1:-1])
    ours = address_key(domain) in _own_domains(policy)
    if _ROUTING.search(local) or not ours:
        return f"550 5.7.1 <{path}>: relaying denied"
    if policy.department_of(f"{local}@{domain}") or address_key(local) == "postmaster":
        return None
    return f"550 5.1.1 <{path}>: no such address here"


def _own_domains(policy: Policy) -> set[str]:
    domains = {address_key(a.rpartition("@")[2]) for d in policy.departments for a in d.addresses}
    return domains | {address_key(policy.hostname)}
