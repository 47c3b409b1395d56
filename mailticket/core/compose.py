"""A letter that the rules want written becomes a mail: signed, addressed, rendered, to its last byte.

The same letter, cause and n make the same bytes, so a replay after a crash writes no second mail.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

from .crossing import MARKER
from .headers import address_header, ids_header, text_header, usable_ids
from .identity import ask_address, bounce_address, derive_ref, message_id, note_address, reply_address, scrub
from .mime import serialise
from .notices import WORDS, counted, tally
from .plan import ANSWERED_BY_NOTES, KeptNotice, Letter, NewMessage, Outgoing
from .policy import Department, Policy
from .render import Rendered, Templates
from .subject import plain, tag, tagged
from .types import Address, ParsedMail

LOOP_HEADER = "X-Mailticket-Loop"
_LAST_REFERENCES = 20


def compose(letter: Letter, *, cause: str, n: int, policy: Policy, templates: Templates, now: datetime) -> Outgoing:
    """The n-th mail that follows from `cause`. What a customer gets has lost every mark made for somebody else.

    Raises TemplateFaultError, and ValueError for an address that no mail can bear.
    """
    department = policy.department(letter.department)
    sender = Address(department.addresses[0], letter.from_name or department.name)
    ref = derive_ref(policy.secrets[0], cause, n)
    own_id = message_id(ref, policy)
    subject = subject_of(letter, policy)
    rendered = _rendered(letter, department, ref, policy, templates)
    headers = "".join((
        _addresses(letter, sender, _replies_to(letter, department, ref, policy)),
        text_header("Subject", subject),
        f"Date: {format_datetime(now)}\r\n",
        _threading(own_id, letter.thread),
        _automatic(letter, policy),
    ))  # fmt: skip
    raw = serialise(headers, text=rendered.text, html=rendered.html, attachments=letter.attachments, boundary=ref)
    return Outgoing(
        ref=ref,
        kind=letter.kind,
        audience=letter.audience,
        ticket=letter.ticket,
        message_id=own_id,
        envelope_from=_envelope_from(letter, department, ref, policy),
        recipients=(*letter.to, *letter.cc),
        subject=subject,
        raw=raw,
        due_at=letter.due_at,
        template=letter.template,
        about=letter.about,
        person=letter.person,
        counted=tally(letter),
        message=_recorded(letter, own_id, rendered, sender=sender, subject=subject, policy=policy, now=now),
    )


def in_one_thread(
    numbered: Iterable[tuple[int, Letter]], *, cause: str, policy: Policy
) -> tuple[tuple[int, Letter], ...]:
    """Of the letters that follow from one cause the first to an agent about a ticket may begin their thread: the others
    belong to it."""
    begun: dict[tuple[int | None, str], str] = {}
    threaded = []
    for n, one in numbered:
        letter, key = one, (one.ticket, one.to[0].key)
        if letter.audience == "agent" and letter.ticket is not None:
            if not letter.thread and key in begun:
                letter = replace(letter, thread=(begun[key],))
            begun.setdefault(key, message_id(derive_ref(policy.secrets[0], cause, n), policy))
        threaded.append((n, letter))
    return tuple(threaded)


def keep(letter: Letter, *, cause: str, n: int, policy: Policy, templates: Templates, now: datetime) -> KeptNotice:
    """The n-th mail that follows from `cause`, where it comes with others in one: its words alone."""
    ref = derive_ref(policy.secrets[0], cause, n)
    text = _rendered(letter, policy.department(letter.department), ref, policy, templates, gathered=True).text
    return KeptNotice(
        ref=ref,
        agent=counted(letter),
        ticket=letter.ticket,
        subject=plain(letter.subject, policy),
        text=text[:WORDS],
        left_out=max(0, len(text) - WORDS),
        at=now,
    )


def own_loop(mail: ParsedMail, policy: Policy) -> bool:
    """Does it bear our mark of automatic mail: then this desk wrote it.

    The mark is the same in all our mails, so who has got one can copy it: what they achieve is that their own mail is
    recorded and not worked on. A stranger who knows the host's name alone achieves nothing.
    """
    return any(_is_loop_mark(value, policy) for value in mail.all_headers(LOOP_HEADER))


def _loop_mark(host: str, secret: bytes) -> str:
    """`HOST KEYED`. Keyed over the host alone: relays rewrite Message-IDs and dates."""
    keyed = hmac.digest(secret, f"loop\0{host.lower()}".encode(), "sha256")[:10]
    return f"{host} {keyed.hex()}"


def _is_loop_mark(value: str, policy: Policy) -> bool:
    claimed = " ".join(value.lower().split())
    host = claimed.partition(" ")[0]
    marks = (_loop_mark(host, secret) for secret in policy.secrets)
    return any(hmac.compare_digest(mark.encode(), claimed.encode()) for mark in marks)


def subject_of(letter: Letter, policy: Policy) -> str:
    """As it will stand in the mail: with the ticket's tag."""
    subject = scrub(letter.subject, policy) if letter.audience == "customer" else letter.subject
    if letter.ticket is not None:
        return tagged(subject, letter.ticket, policy, reply=bool(letter.thread))
    return plain(subject, policy) if letter.named is None else tagged(subject, letter.named, policy, reply=False)


def _rendered(
    letter: Letter, department: Department, ref: str, policy: Policy, templates: Templates, *, gathered: bool = False
) -> Rendered:
    facts = {
        **letter.facts,
        "desk": policy.name,
        "department": department.name,
        "tag": "" if letter.ticket is None else tag(letter.ticket, policy),
        "number": letter.ticket,
        "marker": MARKER,
        "note_address": _note_address(letter, department, ref, policy),
        "desk_address": _desk_address(letter, department, ref, policy),
        "subject": plain(letter.facts.get("subject", letter.subject), policy),
        "unheard": letter.facts.get("unheard", ""),
        "zone": department.zone,
        "gathered": gathered,
    }
    rendered = templates.render(letter.template, letter.language, facts)
    if letter.audience != "customer":
        return rendered
    return Rendered(scrub(rendered.text, policy), scrub(rendered.html, policy))


def _note_address(letter: Letter, department: Department, ref: str, policy: Policy) -> str:
    """Where notes of this mail's ticket are written to: only its agent is told."""
    if letter.audience != "agent" or letter.ticket is None:
        return ""
    return note_address(department.addresses[0], ref, policy) or ""


def _desk_address(letter: Letter, department: Department, ref: str, policy: Policy) -> str:
    """Where the agent of a mail about no ticket asks for more. It stands in links, which go where the mail is passed on
    to: what a reply proves is left to its headers."""
    if letter.audience != "agent" or letter.ticket is not None:
        return ""
    return ask_address(department.addresses[0], ref, policy) or department.addresses[0]


def _replies_to(letter: Letter, department: Department, ref: str, policy: Policy) -> Address | None:
    """Whoever gets a note answers it with another."""
    if letter.template in ANSWERED_BY_NOTES:
        made, name = note_address(department.addresses[0], ref, policy), f"{department.name} (note)"
    else:
        made, name = reply_address(department.addresses[0], ref, policy), department.name
    return Address(made, name) if made else None


def _addresses(letter: Letter, sender: Address, reply_to: Address | None) -> str:
    return "".join((
        address_header("From", [sender], own=True),
        address_header("To", letter.to),
        address_header("Cc", letter.cc) if letter.cc else "",
        address_header("Reply-To", [reply_to], own=True) if reply_to else "",
    ))  # fmt: skip


def _threading(own_id: str, thread: Sequence[str]) -> str:
    """Our own id stands in References, too: relays rewrite Message-IDs, and answers repeat References."""
    ids = usable_ids(thread)
    kept = [*ids[:1], *ids[1:][-_LAST_REFERENCES:], own_id]
    return f"Message-ID: {own_id}\r\n" + ids_header("In-Reply-To", ids[-1:]) + ids_header("References", kept)


def _automatic(letter: Letter, policy: Policy) -> str:
    if not letter.automatic:
        return ""
    precedence = "auto_reply" if letter.kind == "acknowledgement" else "bulk"
    return (
        f"Auto-Submitted: {letter.automatic}\r\n"
        f"Precedence: {precedence}\r\n"
        "X-Auto-Response-Suppress: All\r\n"
        f"{LOOP_HEADER}: {_loop_mark(policy.hostname, policy.secrets[0])}\r\n"
    )


def _envelope_from(letter: Letter, department: Department, ref: str, policy: Policy) -> str:
    if letter.kind == "acknowledgement":
        return ""  # RFC 3834 section 3.3: nobody is to be told that an automatic answer did not arrive
    base = department.addresses[0]
    return bounce_address(base, ref, policy) or base


def _recorded(
    letter: Letter, own_id: str, rendered: Rendered, *, sender: Address, subject: str, policy: Policy, now: datetime
) -> NewMessage | None:
    if not letter.record or letter.ticket is None:
        return None
    return NewMessage(
        ticket=letter.ticket,
        message_id=own_id,
        direction="outbound",
        from_=sender,
        to=(*letter.to, *letter.cc),
        subject=subject,
        text=scrub(letter.text, policy) or rendered.text,
        full_text=rendered.text,
        html="",  # it is in the mail itself, in the outbox
        attachments=letter.attachments,
        at=now,
        automatic=bool(letter.automatic),
    )
