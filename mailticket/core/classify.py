"""What kind of mail it is, by a table of rules: the first that holds decides. Automatic mail gets no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .compose import own_loop
from .policy import Policy
from .types import ParsedMail

_PRECEDENCE = ("bulk", "junk", "list", "auto_reply")
_AUTOREPLIES = ("x-autoreply", "x-autorespond", "x-autoresponder")
_MACHINES = ("mailer-daemon", "postmaster")


@dataclass(frozen=True, slots=True)
class Sort:
    """`kind`: person, automatic, bounce, list or own. `answerable`: may an automatic answer go to its sender.
    `rule` names what decided; `detail` says more ("out-of-office"), or ""."""

    kind: str
    rule: str
    answerable: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    holds: Callable[[ParsedMail, str, Policy], bool]
    kind: str
    detail: str = ""


def auto_submitted(mail: ParsedMail) -> str:
    """The keyword of Auto-Submitted without parameters and comments (RFC 3834 section 5), "" where there is none."""
    return mail.header("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()


def _precedence(mail: ParsedMail) -> str:
    return mail.header("precedence").strip().lower()


def _autoreply(mail: ParsedMail) -> bool:
    """Does it bear one of the headers of holiday notes that are older than RFC 3834, whatever it says but "no"?"""
    return any(value.strip().lower() != "no" for name in _AUTOREPLIES for value in mail.all_headers(name))


def _from_machine(mail: ParsedMail) -> bool:
    return mail.from_ is not None and mail.from_.key.partition("@")[0] in _MACHINES


def _report(mail: ParsedMail) -> str:
    """What a multipart/report reports (RFC 6522): "delivery-status", or another word; "" for what is no report."""
    if mail.content_type != "multipart/report":
        return ""
    return "delivery-status" if "delivery-status" in mail.header("content-type").lower() else "other"


RULES: tuple[Rule, ...] = (
    Rule("own loop header", lambda m, _, p: own_loop(m, p), "own"),
    Rule("delivery report", lambda m, *_: _report(m) == "delivery-status", "bounce"),
    Rule("null sender of a mail system", lambda m, sender, _: sender == "" and _from_machine(m), "bounce"),
    Rule("other report", lambda m, *_: bool(_report(m)), "automatic"),
    Rule("auto-replied", lambda m, *_: auto_submitted(m) == "auto-replied", "automatic", "out-of-office"),
    Rule("autoreply header", lambda m, *_: _autoreply(m), "automatic", "out-of-office"),
    Rule("list id", lambda m, *_: bool(m.all_headers("list-id")), "list"),
    Rule("precedence list", lambda m, *_: _precedence(m) == "list", "list"),
    Rule("auto-submitted", lambda m, *_: auto_submitted(m) not in ("", "no", "auto-forwarded"), "automatic"),
    Rule("precedence", lambda m, *_: _precedence(m) in _PRECEDENCE, "automatic"),
    Rule("null sender", lambda _m, sender, _: sender == "", "automatic"),
)


def classify(mail: ParsedMail, envelope_from: str, policy: Policy) -> Sort:
    """A mail that a person forwarded by a rule of theirs (auto-forwarded) is a person's, but is not answered."""
    for rule in RULES:
        if rule.holds(mail, envelope_from, policy):
            return Sort(rule.kind, rule.name, detail=rule.detail)
    forwarded = auto_submitted(mail) == "auto-forwarded"
    return Sort("person", "auto-forwarded" if forwarded else "person", answerable=not forwarded)
