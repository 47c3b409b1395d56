"""What kind of mail it is, by a table of rules: the first that holds decides. Only a person's mail gets an answer.

The facts are of RFC 3834 and of what mail programs, mailing lists and other desks write. What a mail declares is
believed: who calls their own mail automatic is not answered, and loses nothing else. `looks` is how a mail is looked
at, `machines` knows those that no header declares, `away` the words of who is out of office.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .away import asks, begins_away, is_answer, is_note, mentions_away, says_away
from .compose import LOOP_HEADER, own_loop
from .identity import refs_in_bytes
from .looks import BULK, Look, has, look_at
from .machines import (
    answers_invitation,
    asks_whether_a_person,
    complains,
    reacts,
    recalls,
    receipts,
)
from .policy import Policy
from .types import ParsedMail

AWAY = "out-of-office"
ASKS_NOTHING = frozenset({AWAY, "disposition", "challenge", "calendar-reply", "reaction", "recall"})
"""Details of mail that answers another: where it belongs to no ticket it is no request either."""

# Of holiday notes and receipts; whatever they say but "no".
_AUTOREPLIES = (
    "x-autoreply", "x-autorespond", "x-autoresponse", "x-autoresponder", "x-auto-reply", "x-auto-respond",
    "x-auto-response", "x-auto-reply-from", "x-autoreply-from", "x-mail-autoreply", "x-vacation", "x-holidayreply",
)  # fmt: skip
# (header, what its value begins with) of programs that write nothing but such notes.
_RESPONDERS = (
    ("x-post-messageclass", "9; autoresponder"), ("preferences", "autoreply"), ("x-mailer", "vacation"),
    ("x-apple-action", "vacation"),
)  # fmt: skip
_REPLIED = frozenset({"auto-replied", "auto-reply", "autoreply", "vacation"})  # RFC 3834 knows the first
_LISTS = ("list-id", "list-unsubscribe", "list-post", "mailing-list", "x-mailing-list", "x-beenthere")
# Marks against loops, of other desks, too: persons' mail that they pass on bears them.
_LOOPS = ("x-loop", "x-no-loop", "x-otrs-loop", "x-rt-loop-prevention", "x-roundup-loop")
_MAIL_SYSTEMS = frozenset({"mailer-daemon", "postmaster"})
_NOBODY = (
    "no[._-]?reply|do[._-]?not[._-]?reply|auto[._-]?(?:reply|responder|response)|ne[._-]?pas[._-]?repondre"
    "|no[._-]?responder|nao[._-]?respond(?:a|er)|non[._-]?rispondere|nicht[._-]?antworten|keine[._-]?antwort"
    "|nie[._-]?odpowiadaj|neodpovid(?:at|ejte)|neodpoved(?:at|ajte)|niet[._-]?beantwoorden|ne[._-]?odgovarjaj"
)
_NOBODY_READS = re.compile(rf"(?:.*[._-])?(?:{_NOBODY})(?:[._-].*)?")


@dataclass(frozen=True, slots=True)
class Sort:
    """`kind`: person, automatic, bounce, list or own. `answerable`: may an automatic answer go to its sender.
    `rule` names what decided; `detail` says more: out-of-office, disposition, feedback, challenge, calendar-reply,
    reaction, recall, held, or ""."""

    kind: str
    rule: str
    answerable: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`answerable` is for persons only: nothing else is ever answered."""

    name: str
    holds: Callable[[Look], bool]
    kind: str
    detail: str = ""
    answerable: bool = False


def _own(look: Look) -> bool:
    """One of our signed Message-IDs under the desk's own address: an answer of ours that was sent on to us."""
    mail = look.mail
    if mail.from_ is None or look.policy.department_of(mail.from_.address) is None:
        return False
    return any(purpose == "message" for purpose, _ in refs_in_bytes(mail.message_id.encode(), look.policy))


def _returned(look: Look) -> bool:
    """Does it name recipients that something did not reach, in a mail that only a mail system writes? A holiday note
    with a null sender may quote anything."""
    from_system = look.local_part in _MAIL_SYSTEMS or bool(look.report) or (look.null_sender and not look.submitted)
    bounce = look.mail.bounce
    return bounce is not None and bool(bounce.recipients) and (bounce.sure or from_system)


def _autoreply(look: Look) -> bool:
    """Headers that are older than RFC 3834."""
    if any(value.lower() != "no" for name in _AUTOREPLIES for value in look.values(name)):
        return True
    return any(value.lower().startswith(word) for name, word in _RESPONDERS for value in look.values(name))


def _to_autoresponder(look: Look) -> bool:
    """What qmail's autoresponder puts into its answers, to know them again."""
    return any(value.lower().partition("@")[0] == "autoresponder" for value in look.values("delivered-to"))


def _nobody_reads(look: Look) -> bool:
    """A web form may send from such an address, and its mail is a person's."""
    if look.mail.from_ is None or look.mail.from_.key in look.policy.trust.forms:
        return False
    return look.local_part in _MAIL_SYSTEMS or _NOBODY_READS.fullmatch(look.local_part) is not None


def _away_subject(look: Look) -> bool:
    """Says the subject so, in a mail that is silent about what sent it? `Auto-Submitted: no` is not silent. A phrase
    with nothing behind it may be the subject of somebody's question about it."""
    mail = look.mail
    if look.submitted == "no" or not says_away(mail.subject, answers=look.answers):
        return False
    return look.answers or ":" in mail.subject or not asks(mail.text)


def _away_lines(look: Look) -> bool:
    """Is it nothing but a note that answers, in such a silent mail? An agent who writes so has answered somebody."""
    mail = look.mail
    answers = look.answers or is_answer(mail.subject) or look.renamed_topic
    if look.submitted == "no" or not answers or mail.attachments:
        return False
    return not look.of_agent and is_note(mail.text, mail.full_text)


def _suppresses(look: Look) -> bool:
    return any(value.lower() not in ("", "none") for value in look.values("x-auto-response-suppress"))


RULES: tuple[Rule, ...] = (
    Rule("own loop header", lambda k: own_loop(k.mail, k.policy), "own"),
    Rule("own Message-ID", _own, "own"),
    Rule("delivery report", lambda k: k.report == "delivery-status", "bounce"),
    Rule("failed recipients", lambda k: k.says("x-failed-recipients"), "bounce"),
    Rule("null sender of a mail system", lambda k: k.null_sender and k.local_part in _MAIL_SYSTEMS, "bounce"),
    Rule("disposition report", receipts, "automatic", "disposition"),
    Rule("feedback report", complains, "automatic", "feedback"),
    Rule("read as a bounce", _returned, "bounce"),
    Rule("other report", lambda k: bool(k.report), "automatic"),
    Rule("challenge", asks_whether_a_person, "automatic", "challenge"),
    Rule("calendar's answer", answers_invitation, "automatic", "calendar-reply"),
    Rule("reaction", reacts, "automatic", "reaction"),
    Rule("recall", recalls, "automatic", "recall"),
    Rule("auto-replied", lambda k: k.submitted in _REPLIED, "automatic", AWAY),
    Rule("autoreply header", _autoreply, "automatic", AWAY),
    Rule("x-autogenerated reply", has("x-autogenerated", "reply"), "automatic", AWAY),
    Rule("delivered to an autoresponder", _to_autoresponder, "automatic", AWAY),
    Rule("precedence auto_reply", lambda k: "auto_reply" in k.precedence, "automatic", AWAY),
    Rule(
        "inbox rule of Exchange",
        lambda k: k.says("x-ms-exchange-inbox-rules-loop") and k.says("x-auto-response-suppress"),
        "automatic",
        AWAY,
    ),
    Rule("another desk's loop header", lambda k: k.says(LOOP_HEADER.lower()), "automatic"),
    Rule("list header", lambda k: k.says(*_LISTS), "list"),
    Rule("precedence list", lambda k: "list" in k.precedence, "list"),
    Rule("away subject, declared", lambda k: k.declared and mentions_away(k.mail.subject), "automatic", AWAY),
    Rule("away words, declared", lambda k: k.declared and begins_away(k.mail.text), "automatic", AWAY),
    Rule("auto-submitted", lambda k: k.submitted not in ("", "no", "auto-forwarded"), "automatic"),
    Rule("precedence", lambda k: bool(k.precedence & BULK), "automatic"),
    Rule("x-autogenerated", lambda k: k.autogenerated == "machine", "automatic"),
    Rule("x-fc-machinegenerated", has("x-fc-machinegenerated", "true"), "automatic"),
    Rule("x-amazon-mail-relay-type", has("x-amazon-mail-relay-type", "notification"), "automatic"),
    Rule("null sender", lambda k: k.null_sender, "automatic"),
    Rule("address that nobody reads", _nobody_reads, "automatic"),
    Rule("away subject", _away_subject, "automatic", AWAY),
    Rule("away words", _away_lines, "automatic", AWAY),
    # From here on a person wrote it; some ask for no automatic answer, or are known to be in a loop.
    Rule("auto-forwarded", lambda k: k.submitted == "auto-forwarded" or k.autogenerated == "forward", "person"),
    Rule("x-auto-response-suppress", _suppresses, "person"),
    Rule("x-loop", lambda k: any(k.values(name) for name in _LOOPS), "person"),
    Rule("person", lambda _k: True, "person", answerable=True),
)


def classify(mail: ParsedMail, envelope_from: str, policy: Policy, rules: Sequence[Rule] = RULES) -> Sort:
    """A mail that a person forwarded by a rule of theirs (auto-forwarded) is a person's, but is not answered."""
    look = look_at(mail, envelope_from, policy)
    rule = next(rule for rule in rules if rule.holds(look))
    return Sort(rule.kind, rule.name, rule.answerable, rule.detail)


def held(sort: Sort) -> Sort:
    """The mail of somebody who is taken for a machine, whatever it says of itself, until a person says otherwise."""
    return Sort("automatic", "held for a machine", detail="held") if sort.kind == "person" else sort
