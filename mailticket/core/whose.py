"""Whose ticket a proved agent's mail begins: of who wrote what it passes on, or of whom it is written to.

What an agent answers who was asked is kept with the mail, as `RawMail.whose`: the address, a blank, the name; or MINE.
"""

from __future__ import annotations

from dataclasses import replace

from .attached_mail import is_mail
from .case import Case
from .forwarded import read_forwarded
from .headers import can_be_written_to
from .match import outsiders
from .policy import Policy
from .signed_off import unsigned
from .types import Address, Forwarded, ParsedMail

ASKED = "?"  # nobody has answered yet
MINE = "mine"  # it is the agent's own request
HANDS = 5  # of colleagues, through which a mail is followed back


def customer_of(mail: ParsedMail, policy: Policy, whose: str = "") -> Address | None:
    """Whose the ticket would be that a proved agent's mail begins; None where it is the agent's own request. `whose` is
    what the agent said of what it passes on."""
    return passed_on_by(mail, policy, whose) or customer_to(mail, policy)


def original_of(mail: ParsedMail, policy: Policy) -> Forwarded | None:
    """The mail that it passes on; of one that colleagues have passed on to each other what the first of them got.
    `above` are the colleagues' words, and what may be a signature: what stands there of its sender's own is in
    `mail.forwarded`. `beside` are the files of all of them."""
    if mail.forwarded is None:
        return None
    found = _told_apart(replace(mail.forwarded, above="", below=""), mail, mail.from_, policy)
    found = replace(found, above=found.below, below="")
    for _ in range(HANDS):
        if found.from_ is None or outsiders((found.from_,), policy):
            break
        within = replace(mail, full_text=found.text, subject=found.subject, in_reply_to=(), references=())
        within = replace(within, below="", attachments=found.attachments)
        inner = read_forwarded(within)
        if inner is None:
            break
        inner = _told_apart(inner, within, found.from_, policy)
        above = "\n\n".join(filter(None, (found.above, inner.above, inner.below)))
        found = replace(inner, above=above, below="", beside=(*inner.beside, *found.beside))
    return found


def _told_apart(found: Forwarded, mail: ParsedMail, by: Address | None, policy: Policy) -> Forwarded:
    """Without what is of the agent who passes it on: files beside one that is attached, where other mails are the same
    writer's, and the signature below one that is not."""
    agent = policy.agent_of(by.address) if by else None
    if found.how == "inline":
        return unsigned(found, mail, agent, policy) if agent else found
    others = tuple(file for file in mail.attachments if is_mail(file))[1:]
    beside = tuple(file for file in mail.attachments if not is_mail(file))
    return replace(found, attachments=(*found.attachments, *others), beside=beside)


def has_files(found: Forwarded) -> bool:
    """Has whoever passed it on added a file? A logo alone is none."""
    return any(not file.inline for file in found.beside)


def passed_on_by(mail: ParsedMail, policy: Policy, whose: str = "") -> Address | None:
    """Who wrote what it passes on, where that is somebody on the customer's side. Who passes on to others than them
    writes to those."""
    if mail.forwarded is None:
        return None
    if named := _named(whose):
        return named
    original = original_of(mail, policy)
    who = original.from_ if original else None
    if who is None or not may_ask(who, policy):
        return None
    others = outsiders((*mail.to, *mail.cc), policy)
    return None if others and who.key not in {a.key for a in others} else who


def customer_to(mail: ParsedMail, policy: Policy) -> Address | None:
    """The first in To who may be a customer. Who is only in copy is not asked anything."""
    return next((one for one in mail.to if may_ask(one, policy)), None)


def begins(case: Case) -> bool:
    """Is it a proved agent's mail that belongs nowhere, and answers none of ours?"""
    return case.agent is not None and case.proof is not None and case.match.ticket is None and not case.context.signed


def begins_for_another(case: Case) -> bool:
    return begins(case) and customer_of(case.mail, case.policy, case.whose) is not None


def passes_on(case: Case) -> bool:
    return begins(case) and passed_on_by(case.mail, case.policy, case.whose) is not None


def writes_to(case: Case) -> bool:
    return begins(case) and customer_to(case.mail, case.policy) is not None


def names_nobody(case: Case) -> bool:
    """Does it pass on a mail of which it cannot be known whose request it is? That somebody let it in is no answer."""
    settled = begins_for_another(case) or case.whose == MINE
    return begins(case) and case.mail.forwarded is not None and not settled


def may_ask(who: Address, policy: Policy) -> bool:
    """Is it somebody outside who can be answered, and no web form?"""
    outside = bool(outsiders((who,), policy)) and who.key not in policy.trust.forms
    return outside and can_be_written_to(who.address)


def in_words(who: Address) -> str:
    return f"{who.address} {who.name}".rstrip()


def _named(whose: str) -> Address | None:
    address, _, name = whose.partition(" ")
    return None if address in {"", ASKED, MINE} else Address(address, name)
