"""What `mailticket explain` says of one mail: everything that was read of it, and what the desk would do, as facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .case import NOBODY
from .compose import subject_of
from .decide import Decision
from .language import language_of
from .plan import Letter, Plan
from .policy import Policy
from .types import Address, Attachment, ParsedMail

_VERDICTS: tuple[tuple[Callable[[Plan], bool], str], ...] = (  # (does it hold, what it is called); the first one counts
    (lambda plan: plan.state == "quarantined", "quarantined"),
    (lambda plan: plan.kind == "spam" and bool(plan.messages), "spam ticket"),
    (lambda plan: any(change.new for change in plan.changes), "new ticket"),
    (lambda plan: any(message.direction == "note" for message in plan.messages), "note in ticket"),
    (lambda plan: bool(plan.messages), "into ticket"),
    (lambda plan: plan.ticket is not None and bool(plan.events), "noted in ticket"),
    (lambda _plan: True, "recorded"),
)


def facts(decision: Decision) -> dict[str, Any]:
    """Everything in its order. Times are aware datetimes; what is not there is None or ""."""
    case, plan = decision.case, decision.plan
    mail = case.mail
    return {
        **_read(mail),
        "kind": plan.kind or case.sort.kind,
        "detail": case.sort.detail,
        "answerable": not case.unanswerable,
        "bounce": _bounce(mail),
        "language": language_of(mail),
        **_words(mail),
        "forwarded": _forwarded(mail),
        "defects": list(mail.defects),
        "proof": case.proof.kind if case.proof else None,
        "decision": {
            "rule": decision.rule,
            "sort": case.sort.rule,
            "verdict": _verdict(plan),
            "reason": plan.reason,
            "department": case.department.name,
            "ticket": _ticket(plan),
            "match": case.match.rule,
            "customer": _customer(plan),
            "assign": _assigned(plan),
            "not_answered": case.unanswerable,
            "would_send": [_letter(letter, case.policy) for letter in plan.letters],
        },
    }


def unread(reason: str, size: int, verdict: str) -> dict[str, Any]:
    """The same of a mail that nobody reads: refused, or in quarantine."""
    nothing: dict[str, Any] = dict.fromkeys(("from", "date", "bounce", "forwarded", "proof"), None)
    nothing |= dict.fromkeys(("subject", "message_id", "kind", "detail", "language", "text", "full_text", "html"), "")
    decision: dict[str, Any] = dict.fromkeys(("rule", "sort", "department", "match", "not_answered"), "")
    decision |= {"verdict": verdict, "reason": reason, "ticket": None, "customer": None, "assign": None}
    decision |= {"would_send": []}
    return {
        **nothing,
        **{name: [] for name in ("to", "cc", "reply_to")},
        "answerable": False,
        "attachments": [],
        "size": size,
        "defects": [reason],
        "decision": decision,
    }


def _verdict(plan: Plan) -> str:
    return next(name for holds, name in _VERDICTS if holds(plan))


def _read(mail: ParsedMail) -> dict[str, Any]:
    return {
        "from": _address(mail.from_ or mail.from_said),
        "to": [_address(one) for one in mail.to],
        "cc": [_address(one) for one in mail.cc],
        "reply_to": [_address(one) for one in mail.reply_to],
        "subject": mail.subject,
        "date": mail.date,
        "message_id": mail.message_id,
        "size": mail.size,
    }


def _words(mail: ParsedMail) -> dict[str, Any]:
    return {
        "text": mail.text,
        "full_text": mail.full_text,
        "html": mail.html,
        "attachments": [_file(one) for one in mail.attachments],
    }


def _address(one: Address | None) -> dict[str, str] | None:
    return None if one is None or one == NOBODY else {"address": one.address, "name": one.name}


def _file(one: Attachment) -> dict[str, Any]:
    kept = {"filename": one.filename, "content_type": one.content_type, "size": one.size, "sha256": one.sha256}
    return kept | {"content_id": one.content_id, "inline": one.inline}


def _bounce(mail: ParsedMail) -> dict[str, Any] | None:
    if mail.bounce is None:
        return None
    told = [
        {"address": r.address, "status": r.status, "action": r.action, "words": r.words} for r in mail.bounce.recipients
    ]
    return {"recipients": told, "returned": list(mail.bounce.returned)}


def _forwarded(mail: ParsedMail) -> dict[str, Any] | None:
    """The mail that this one passes on: a claim by whoever wrote it."""
    passed = mail.forwarded
    if passed is None:
        return None
    return {
        "how": passed.how,
        "from": _address(passed.from_),
        "date": passed.date,
        "subject": passed.subject,
        "text": passed.text,
        "above": passed.above,
        "below": passed.below,
        "attachments": [one.filename for one in passed.attachments],
    }


def _ticket(plan: Plan) -> int | None:
    """None for a new one: it has no number before it is stored."""
    return None if any(change.new for change in plan.changes) else plan.ticket


def _customer(plan: Plan) -> dict[str, str] | None:
    """Whose request a new ticket would be."""
    return next((_address(change.set["customer"]) for change in plan.changes if change.new), None)


def _assigned(plan: Plan) -> str | None:
    """The address of the agent who would have the ticket from now on; None where that does not change."""
    return next((str(change.set["agent"]) for change in plan.changes if change.set.get("agent")), None)


def _letter(letter: Letter, policy: Policy) -> dict[str, Any]:
    to = [{"address": one.address, "name": one.name} for one in (*letter.to, *letter.cc)]
    return {"kind": letter.kind, "template": letter.template, "to": to, "subject": subject_of(letter, policy)}
