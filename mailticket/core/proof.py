"""Whether an agent's mail is that agent's: From is a claim, and each kind of proof is a function of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from .authres import Result, Results, aligned, domain_key, results
from .classify import Sort
from .identity import find_refs
from .keys import address_key
from .known import Context, SentMail
from .policy import Agent, Policy
from .types import DkimPass, ParsedMail, RawMail

PROVES_NOTHING = frozenset({"automatic", "bounce", "list", "own"})
MUST_BE_SIGNED = frozenset({"from", "to", "subject", "date"})
NAMED = ("to", "subject", "date")  # what names an agent's mail, beside From and body
# The addresses that stand in the words of our mails, which people pass on: what each is for, and nothing else. The
# later one proves less.
NOTES, ASKS = "note", "ask"
IN_WORDS = ("", NOTES, ASKS)
FRESH = timedelta(days=3)  # a mail that somebody kept is proved by its signature for so long
# A signature may let white space change, and with it what is read of a letter that is broken.
_LETTERS = re.compile(r"[0-9A-Za-z]+")
_FAILED = frozenset({"fail", "hardfail"})


@dataclass(frozen=True, slots=True)
class Proof:
    """`kind`: reference, login, authentication-results, dkim or released. `sent` is the reference that would prove by
    itself, if the mail bears one, whatever else proves it; `dkim` the signature, where that is all that proves it."""

    kind: str
    sent: SentMail | None = None
    dkim: DkimPass | None = None

    @property
    def this_mail(self) -> bool:
        """Does it prove that this very mail is the agent's? A reference proves that its sender knows our mail."""
        return self.kind != "reference"

    @property
    def alone(self) -> str:
        """NOTES or ASKS, where it proves that and nothing else."""
        return _for_one(self.sent) if self.kind == "reference" else ""


def proof(
    mail: ParsedMail, raw: RawMail, agent: Agent | None, sort: Sort, context: Context, policy: Policy
) -> Proof | None:
    """`agent` is whose address From bears. What says most of this very mail comes first."""
    if agent is None or sort.kind in PROVES_NOTHING:
        return None
    found = by_reference(agent, context)
    sent = found if _for_one(found) != ASKS else None  # who asks answers no mail of ours
    if raw.released:  # whoever released it has seen all its Froms
        if raw.concerns and address_key(raw.concerns) not in agent.keys:
            return None  # a colleague let it in as a note, not as an order
        signature = by_dkim(mail, raw, context.dkim, policy) if sent is None else None
        return Proof("released", sent, signature)  # which says no more than it did when the mail was held
    if mail.from_count != 1 or refused_by_relay(mail, raw, policy):
        return None
    kinds = (
        ("login", by_login(raw, agent)),
        ("authentication-results", sender_proved(mail, raw, policy)),
        ("reference", sent is not None and not _for_one(sent)),
    )
    if kind := next((kind for kind, holds in kinds if holds), ""):
        return Proof(kind, sent)
    signature = by_dkim(mail, raw, context.dkim, policy)
    least = Proof("reference", found) if found else None
    return Proof("dkim", dkim=signature) if signature else least


def by_reference(agent: Agent, context: Context) -> SentMail | None:
    return proving(agent, context.signed)


def by_header(agent: Agent, context: Context) -> SentMail | None:
    """As by reference, but for what stands in the words of our mails."""
    sent = by_reference(agent, context)
    return None if _for_one(sent) else sent


def proving(agent: Agent | None, signed: Iterable[SentMail]) -> SentMail | None:
    """The first of these references that proves this agent most: it was sent to them alone, and nobody else has seen
    it."""
    keys = agent.keys if agent else frozenset()
    found = [
        sent
        for sent in signed
        if sent.purpose != "bounce" and not sent.spent and len(sent.recipients) == 1
        if address_key(sent.recipients[0]) in keys
    ]
    return min(found, key=lambda sent: IN_WORDS.index(_for_one(sent)), default=None)


def _for_one(sent: SentMail | None) -> str:
    return sent.purpose if sent is not None and sent.purpose in IN_WORDS else ""


def by_login(raw: RawMail, agent: Agent) -> bool:
    """Did this agent log in at our door for it?"""
    return bool(raw.auth) and address_key(raw.auth) in agent.keys


def sender_proved(mail: ParsedMail, raw: RawMail, policy: Policy) -> bool:
    """Does a trusted server say that the mail is from whom it says, be it an agent or anybody?"""
    if mail.from_ is None or mail.from_count != 1:
        return False
    said = results(mail, raw, policy)
    domain = _domain(mail)
    if said is None or not domain or _against(said, domain):
        return False
    by_policy = any(r.result == "pass" and _header_from(r) == domain for r in said.of("dmarc"))
    return by_policy or _signed_for(said, domain)


def refused_by_relay(mail: ParsedMail, raw: RawMail, policy: Policy) -> str:
    """What a trusted server says against From, in words; "" for nothing."""
    said = results(mail, raw, policy)
    return _against(said, _domain(mail)) if said else ""


def by_dkim(mail: ParsedMail, raw: RawMail, passes: Iterable[DkimPass], policy: Policy) -> DkimPass | None:
    """A signature that speaks for From, covers what matters, and was made for us and lately: a mail of the agent's to
    somebody else, or an old one, must not be brought here by another hand and be obeyed."""
    if not fresh(mail, raw):
        return None
    return next((one for one in passes if _covers(one, mail) and names_department(mail, raw, policy, one.signed)), None)


def fresh(mail: ParsedMail, raw: RawMail) -> bool:
    return mail.date is not None and abs(mail.date - raw.received_at) <= FRESH


def names_department(mail: ParsedMail, raw: RawMail, policy: Policy, signed: Iterable[str]) -> bool:
    """Do To and Cc, as far as they are signed, name one of the departments that the mail was delivered to?"""
    covered = frozenset(signed)
    addresses = (*(mail.to if "to" in covered else ()), *(mail.cc if "cc" in covered else ()))
    named = {d.name for a in addresses if (d := policy.department_of(a.address)) is not None}
    return any(d.name in named for to in raw.envelope_to if (d := policy.department_of(to)) is not None)


def readable(mail: ParsedMail, context: Context, proved: Proof | None, policy: Policy) -> tuple[ParsedMail, Context]:
    """What may be read of a mail: where a DKIM signature is all the proof there is, signed headers alone. What goes to
    a link of ours answers nothing: where it proves nothing, it is a mail to the department like any other."""
    if proved is None or proved.alone == ASKS:
        return mail, context
    links = tuple(s for s in context.signed if s.purpose == ASKS)
    if links:
        rest = tuple(s for s in context.signed if s.purpose != ASKS)
        context = replace(context, signed=rest, quoted=(*context.quoted, *links))
    if proved.dkim is None:
        return mail, context
    return narrowed(mail, context, proved.dkim, policy)


def narrowed(mail: ParsedMail, context: Context, signature: DkimPass, policy: Policy) -> tuple[ParsedMail, Context]:
    """What is left of a mail, and of what is known for it, when signed headers alone count."""
    covered = signature.signed
    ids = tuple(n for n in ("in-reply-to", "references") if n not in covered and mail.all_headers(n))
    left = replace(
        mail,
        in_reply_to=mail.in_reply_to if "in-reply-to" in covered else (),
        references=mail.references if "references" in covered else (),
        cc=mail.cc if "cc" in covered else (),
        reply_to=mail.reply_to if "reply-to" in covered else (),
    )
    named = set(find_refs(left, (), policy))
    return left, replace(
        context,
        signed=tuple(s for s in context.signed if (s.purpose, s.ref) in named),
        referenced=() if ids else context.referenced,
    )


def identity_of(mail: ParsedMail, policy: Policy) -> str:
    """What the same mail cannot change when somebody brings it again: its Message-ID; but an agent's may be proved by a
    signature that leaves that out, so it is what each such signature covers. Not as the signatures of this mail say:
    whoever brings it may add some that say otherwise. "" where there is neither."""
    if mail.from_ is None or mail.date is None or policy.agent_of(mail.from_.address) is None:
        return mail.message_id
    fields = (name + "".join(_LETTERS.findall(value)) for name in NAMED for value in mail.all_headers(name))
    return hashlib.sha256("\n".join(fields).encode()).hexdigest()


def _covers(signature: DkimPass, mail: ParsedMail) -> bool:
    domain = _domain(mail)
    speaks = bool(domain) and aligned(signature.domain, domain)
    return speaks and signature.whole and signature.signed >= MUST_BE_SIGNED and mail.from_count == 1


def _against(said: Results, domain: str) -> str:
    """A failed signature of somebody else, a list's or an old provider's, says nothing."""
    if any(r.result in _FAILED for r in said.of("dmarc")):
        return f"{said.authserv_id} says dmarc=fail"
    failed = any(r.result in _FAILED and (not r.domain or aligned(r.domain, domain)) for r in said.of("dkim"))
    return f"{said.authserv_id} says dkim=fail" if failed and not _signed_for(said, domain) else ""


def _signed_for(said: Results, domain: str) -> bool:
    return any(r.result == "pass" and aligned(r.domain, domain) for r in said.of("dkim"))


def _header_from(result: Result) -> str:
    return domain_key(result.value("header.from").rpartition("@")[2])


def _domain(mail: ParsedMail) -> str:
    return domain_key(mail.from_.address.rpartition("@")[2]) if mail.from_ else ""
