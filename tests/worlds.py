"""Small worlds for the rules: a few tickets, the mails sent about them, and mails that try everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from letters import ANNA, MARIA, desk

from mailticket.core.decide import decide, examine
from mailticket.core.identity import (
    ask_address,
    bounce_address,
    derive_ref,
    find_refs,
    message_id,
    note_address,
    reply_address,
)
from mailticket.core.known import AgentLoad, Context, Person, SentMail, TicketView
from mailticket.core.lifecycle import STATUSES
from mailticket.core.plan import Plan
from mailticket.core.policy import Agent
from mailticket.core.subject import find_tags
from mailticket.core.types import Address, ParsedMail, RawMail

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PETR = Address("petr@customer.example")
EVE = Address("eve@elsewhere.example")
BORIS = Agent("Boris", "boris@acme.example", departments=("Acme Support",))
POLICY = desk()
POLICY = replace(POLICY, agents=(*POLICY.agents, BORIS))
SUPPORT = "support@acme.example"
FORGER = replace(POLICY, secrets=(b"a secret that the forger has made up",))


def parsed(from_: Address | None = MARIA, text: str = "Hello", *headers: tuple[str, str], **fields) -> ParsedMail:
    values = {
        "message_id": "<new@customer.example>", "from_": from_, "from_count": 1, "reply_to": (),
        "to": (Address(SUPPORT),), "cc": (), "subject": "Hello", "date": NOW, "in_reply_to": (), "references": (),
        "headers": headers, "content_type": "text/plain", "text": text, "full_text": text, "html": "",
        "attachments": (), "defects": (), "size": 100, "body_hash": "0",
    }  # fmt: skip
    return ParsedMail(**values | fields)


def ticket(number: int, *participants: Address, status: str = "open", agent: str = ANNA.address) -> TicketView:
    customer = participants[0]
    return TicketView(
        id=number, subject=f"Secret {number}", status=status, priority="medium", department="Acme Support",
        agent=agent, customer=Person(number, customer.address), participants=participants, created_at=NOW,
        updated_at=NOW, resolved_at=NOW if status in {"resolved", "closed"} else None,
    )  # fmt: skip


def sent(number: int, audience: str, to: str, purpose: str = "message") -> SentMail:
    kind = "assignment" if audience == "agent" else "acknowledgement"
    ref = derive_ref(POLICY.secrets[0], f"{number} {to}", 0)
    return SentMail(number, ref, kind, audience, (to,), number, purpose)


def context(*tickets: TicketView, **fields) -> Context:
    loads = tuple(AgentLoad(a.address, 0, None) for a in POLICY.agents)
    return Context(**{"number": 99, "cause": "c", "loads": loads, "tickets": {t.id: t for t in tickets}} | fields)


def decided(
    mail: ParsedMail,
    known: Context,
    envelope_from: str = "x@y.example",
    to: tuple[str, ...] = (SUPPORT,),
    **more,  # of the RawMail
):
    raw = RawMail(b"", envelope_from, to, "smtp", NOW, "203.0.113.9", **more)
    return decide(mail, raw, known, POLICY, NOW + timedelta(seconds=1))


def examined(mail: ParsedMail, known: Context, envelope_from: str = "x@y.example", to: tuple[str, ...] = (SUPPORT,)):
    return examine(mail, RawMail(b"", envelope_from, to, "smtp", NOW), known, POLICY, NOW + timedelta(seconds=1))


# --- drawn by hypothesis -------------------------------------------------------------------------------------

SENDERS = [
    MARIA, PETR, EVE, ANNA, Address("ANNA@acme.example"), Address(BORIS.address), Address(SUPPORT),
    Address("mailer-daemon@customer.example"), None,
]  # fmt: skip
HEADERS = [
    ("auto-submitted", "auto-replied"), ("auto-submitted", "auto-generated"), ("auto-submitted", "auto-forwarded"),
    ("precedence", "bulk"), ("list-id", "<l>"), ("x-mailticket-loop", "desk.acme.example"),
    ("authentication-results", "mx.acme.example; dmarc=pass header.from=acme.example"), ("x-spam-flag", "YES"),
    ("authentication-results", "mx.acme.example; dkim=pass header.d=acme.example"),
    ("x-failed-recipients", "a@b.example"),
]  # fmt: skip
WORDS = ["Hello", "#resolve", "#reopen\nAnswer", "#nonsense", "", "> quoted"]
people = st.sampled_from([MARIA, PETR, EVE])


@st.composite
def worlds(draw):
    """Up to three tickets, and every mail that was sent about them, by its ref."""
    count = draw(st.integers(1, 3))
    tickets = []
    for number in range(1, count + 1):
        takes_part = draw(st.lists(people, min_size=1, max_size=2, unique=True))
        agent = draw(st.sampled_from([ANNA.address, BORIS.address, ""]))
        one = ticket(number, *takes_part, status=draw(st.sampled_from(STATUSES)), agent=agent)
        watch = draw(st.lists(st.sampled_from([ANNA.address, BORIS.address, "gone@acme.example"]), unique=True))
        tickets.append(replace(one, watchers=tuple(watch)))
    mails = [sent(t.id, "customer", t.customer.address) for t in tickets]
    mails += [sent(t.id, "agent", agent) for t in tickets for agent in (ANNA.address, BORIS.address)]
    return tickets, {mail.ref: mail for mail in mails}


@st.composite
def attacks(draw, world, key):
    """A mail that tries everything, with marks made by `key`: (mail, envelope sender, envelope recipients)."""
    tickets, mails = world
    refs = st.sampled_from(sorted(mails))
    ids = st.one_of(
        st.builds(lambda ref: message_id(ref, key), refs),
        st.sampled_from([f"<first-{t.id}@customer.example>" for t in tickets]),
    )
    made = st.sampled_from([reply_address, note_address, ask_address, bounce_address])
    addresses = st.one_of(st.builds(lambda make, ref: make(SUPPORT, ref, key), made, refs), st.just(SUPPORT))
    tags = draw(st.lists(st.integers(1, 4), max_size=2))
    mail = parsed(
        draw(st.sampled_from(SENDERS)),
        draw(st.sampled_from(WORDS)),
        *draw(st.lists(st.sampled_from(HEADERS), max_size=2)),
        subject="Re: " + " ".join(f"[ACME-{tag}]" for tag in tags),
        from_count=draw(st.integers(1, 2)),
        in_reply_to=tuple(draw(st.lists(ids, max_size=1))),
        references=tuple(draw(st.lists(ids, max_size=2))),
        to=(Address(draw(addresses)),),
        cc=tuple(draw(st.lists(people, max_size=1))),
        content_type=draw(st.sampled_from(["text/plain", "text/plain", "multipart/report"])),
    )
    return mail, draw(st.sampled_from(["", "x@y.example"])), (draw(addresses),)


def follows(world, attack) -> tuple[Plan, Context]:
    """The plan, with the context as the store finds it."""
    tickets, mails = world
    mail, envelope_from, to = attack
    by_id = {f"<first-{t.id}@customer.example>": t.id for t in tickets}
    ids = (*mail.in_reply_to, *reversed(mail.references))
    known = context(
        *tickets,
        signed=tuple(replace(mails[ref], purpose=purpose) for purpose, ref in find_refs(mail, to, POLICY)),
        referenced=tuple(dict.fromkeys(by_id[i] for i in ids if i in by_id)),
        tagged=tuple(n for n in find_tags(mail.subject, POLICY) if n <= len(tickets)),
    )
    return decided(mail, known, envelope_from, to), known


def touched(plan: Plan) -> set[int]:
    """The existing tickets that a plan changes, adds to or writes about."""
    return {
        *(change.id for change in plan.changes if not change.new),
        *(message.ticket for message in plan.messages if message.ticket != 99),
        *(letter.ticket for letter in plan.letters if letter.ticket not in {None, 99}),
    }
