"""Whose ticket a proved agent's mail begins: of who wrote what it passes on, or of whom it is written to."""

from __future__ import annotations

from .case import Case
from .headers import can_be_written_to
from .match import outsiders
from .policy import Policy
from .types import Address, ParsedMail


def customer_of(mail: ParsedMail, policy: Policy) -> Address | None:
    """Whose the ticket would be that a proved agent's mail begins; None where it is the agent's own request."""
    return passed_on_by(mail, policy) or customer_to(mail, policy)


def passed_on_by(mail: ParsedMail, policy: Policy) -> Address | None:
    """Who wrote what it passes on, where that is somebody on the customer's side. Who passes on to others than them
    writes to those."""
    who = mail.forwarded.from_ if mail.forwarded else None
    if who is None or not _may_ask(who, policy):
        return None
    others = outsiders((*mail.to, *mail.cc), policy)
    return None if others and who.key not in {a.key for a in others} else who


def customer_to(mail: ParsedMail, policy: Policy) -> Address | None:
    """The first in To who may be a customer. Who is only in copy is not asked anything."""
    return next((one for one in mail.to if _may_ask(one, policy)), None)


def begins(case: Case) -> bool:
    """Is it a proved agent's mail that belongs nowhere, and answers none of ours?"""
    return case.agent is not None and case.proof is not None and case.match.ticket is None and not case.context.signed


def begins_for_another(case: Case) -> bool:
    return begins(case) and customer_of(case.mail, case.policy) is not None


def passes_on(case: Case) -> bool:
    return begins(case) and passed_on_by(case.mail, case.policy) is not None


def writes_to(case: Case) -> bool:
    return begins(case) and customer_to(case.mail, case.policy) is not None


def _may_ask(who: Address, policy: Policy) -> bool:
    """Is it somebody outside who can be answered, and no web form?"""
    outside = bool(outsiders((who,), policy)) and who.key not in policy.trust.forms
    return outside and can_be_written_to(who.address)
