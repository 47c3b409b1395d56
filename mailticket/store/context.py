"""What is known that matters for one mail, read inside the transaction that will act on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from peewee import fn

from ..core.absence import going
from ..core.asked import Ahead, Asks, asked_by, may_ask
from ..core.budgets import exhausted, words_key
from ..core.case import who_asks
from ..core.classify import AWAY, Sort, classify
from ..core.collisions import gives_back
from ..core.identity import find_refs, refs_in_ids
from ..core.inside import Found, look_inside
from ..core.known import Asking, Context, Earlier, Handed, Linked, Person, SentMail, TicketView
from ..core.match import internal
from ..core.notices import MOST, WITHIN
from ..core.policy import Agent, Policy
from ..core.proof import ASKS, identity_of, proof, proving, readable, sender_proved
from ..core.subject import find_tags
from ..core.types import Address, DkimPass, ParsedMail, RawMail
from ..core.whose import customer_of, original_of, passed_on_by
from . import absences, asked_for, budgets, held, here, inbox, lists, notices, outbox, people, tickets
from . import acts as done
from .db import Compiled, Db, Slot, moment
from .schema import NEWEST_FIRST, Event, Message, Ticket
from .talks import talks

EARLIER = 100  # tickets of a customer that are known
ANSWERED = 5  # … and among which one looks for who answered last
THREAD_KEPT = 20  # messages of a ticket whose words an agent may quote
ASKED_WITHIN = timedelta(days=1)
HANDED_WITHIN = timedelta(days=5)  # as long as mail servers try
HANDED_TRIED = 3

_latest = Compiled(
    lambda: (
        Ticket.select(Ticket.id, Ticket.subject, Ticket.status, Ticket.created_at, Ticket.department, Ticket.agent)
        .where(Ticket.customer == Slot("customer"))
        .order_by(Ticket.id.desc())
        .limit(EARLIER)
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """One mail that the rules will be asked about. `provable` says that more than a reference may prove its agent;
    `soft_key` finds the same mail by another road (None where nothing does); `ahead` is None where nothing was looked
    up before: then all of it is looked up with the rest, but for files."""

    row: int
    cause: str
    mail: ParsedMail
    raw: RawMail
    soft_key: str | None
    dkim: tuple[DkimPass, ...] = ()
    provable: bool = False
    ahead: Ahead | None = None
    mailboxes: tuple[str, ...] = ()  # the names of the config's


def question(
    row: int, cause: str, mail: ParsedMail, raw: RawMail, policy: Policy, dkim: tuple[DkimPass, ...] = ()
) -> Question:
    provable = bool(dkim or raw.auth or raw.released) or sender_proved(mail, raw, policy)
    return Question(row, cause, mail, raw, soft_key(mail, policy), dkim, provable)


def soft_key(mail: ParsedMail, policy: Policy) -> str | None:
    """What finds the same mail by another road, whatever proves it there: Message-ID, From and body, for a mail that
    has a Message-ID; of an agent's mail what a signature has to cover."""
    name = identity_of(mail, policy)
    if not name:
        return None
    sender = mail.from_.key if mail.from_ else ""
    return hashlib.sha256(f"{name}\n{sender}\n{mail.body_hash}".encode()).hexdigest()


def load(db: Db, asked: Question, policy: Policy, now: datetime) -> Context:
    mail, raw = asked.mail, asked.raw
    agent = policy.agent_of(mail.from_.address) if mail.from_ else None
    signed = outbox.named(db, _refs(mail, raw, policy))
    acts = agent is not None and (proving(agent, signed) is not None or asked.provable)
    found = look_inside(mail, policy) if acts else Found()
    referenced = _referenced(db, (*mail.in_reply_to, *reversed(mail.references)))
    tags = find_tags(mail.subject, policy)
    twin = inbox.twin(db, asked.soft_key, asked.row)
    handed = _handed(db, mail, now) if mail.bounce and not signed else None
    returned = [handed.sent.ticket] if handed and handed.sent.ticket else []
    wanted = [*(s.ticket for s in signed if s.ticket), *referenced, *tags, *returned]
    known = tickets.views(db, {*wanted, *([twin.ticket] if twin and twin.ticket else [])})
    signed = tuple(_now_in(sent, known) for sent in signed)
    answered = [sent for sent in signed if sent.purpose != ASKS]
    proved = proving(agent, answered)
    begins = _asking(db, customer_of(mail, policy, raw.whose)) if acts and not answered else None
    again = _here(db, asked, begins, policy) if begins else None
    known = known | tickets.views(db, {again}) if again else known
    twin = replace(twin, ticket=_now(twin.ticket, known)) if twin else None
    handed = replace(handed, sent=_now_in(handed.sent, known)) if handed else None
    asker = who_asks(mail, policy)
    who = _asking(db, asker)
    first = next(iter(internal(signed) if acts else ()), proved)
    about = next((known[n].id for n in ([first.ticket] if first else [*wanted, again]) if n in known), None)
    away = absences.away(db, policy, now)
    context = Context(
        number=tickets.next_number(db),
        cause=asked.cause,
        duplicate_of=twin,
        signed=signed,
        attached=outbox.named(db, found.attached),
        quoted=outbox.named(db, found.quoted),
        marker_attached=found.marker,
        referenced=tuple(dict.fromkeys(known[t].id for t in referenced if t in known)),
        tagged=tuple(dict.fromkeys(known[t].id for t in tags if t in known)),
        tickets=known,
        sender=who.person,
        earlier=who.earlier,
        asking=begins,
        here=_now(again, known),
        seen=_seen(db, about) if acts and about else "",
        loads=people.loads(db, [a.address for a in policy.agents]),
        dkim=asked.dkim,
        asked=_asked(db, agent, signed, policy, now),
        linked=notices.linked(db, agent.address, now - WITHIN) if agent and len(answered) < len(signed) else Linked(),
        rows=held.rows(db, proved.about) if proved and (proved.ticket is None or gives_back(proved)) else (),
        answered_by=_answered_by(db, who.earlier) if any("sticky" in d.assign for d in policy.departments) else "",
        handed=handed,
        files=asked.ahead.files if asked.ahead else {},
        request=tickets.request(db, about) if acts and about else "",
        away={address: one.until for address, one in away.items()},
        told_away=absences.told(db, known.values(), away, policy),
    )
    if acts and agent:
        before = asked.ahead.found if asked.ahead else None
        reader = lists.Reader(agent, policy, now, asked.row, asked.mailboxes, before)
        return _with_asked(db, context, asked, reader, shows=proved.about if proved else (), about=about)
    return _with_budgets(db, context, asker.address, mail, policy, now) if asker else context


def _with_asked(
    db: Db, context: Context, asked: Question, reader: lists.Reader, *, shows: Sequence[int], about: int | None
) -> Context:
    """With what the commands of a proved agent's mail ask for. `shows` are the inbox rows that the mail which it
    answers is about, `about` is its ticket."""
    agent, policy = reader.agent, reader.policy
    sort = classify(asked.mail, asked.raw.envelope_from, policy)
    asks = _asks(asked, agent, sort, context, policy)
    orders = asks.orders
    others = asked_for.others(db, orders)
    undoes = done.meant(db, agent, context, about, received_at=asked.raw.received_at) if asks.undoes else ()
    named = (*asks.numbers, *(one.ticket for one in undoes if about is None))
    several = tickets.views(db, set(named))
    numbers = {one.id for one in several.values()}
    there = {**context.tickets, **others, **several}
    noted = sort.detail == AWAY
    own = there.get(about or 0)
    strangers = own is not None and any(one.customer.id != own.customer.id for one in others.values())
    return replace(
        context,
        seen="" if strangers else context.seen,  # below #merge both customers read it
        pages=asked_for.pages(db, orders, about, reader, numbers),
        leaves=absences.leaves(db, going(orders, agent) or ((agent,) if noted else ()), policy, reader.now),
        said_away=absences.said(db, agent) if noted else (),
        tickets=there,
        shown=asked_for.shown(db, orders, shows, about),
        acts=undoes,
        requests={number: tickets.request(db, number) for number in numbers},
        talks=talks(db, {one.id for one in (*context.tickets.values(), *others.values())}, agent),
    )


def _asks(asked: Question, agent: Agent, sort: Sort, context: Context, policy: Policy) -> Asks:
    """What it orders, as the rules will read it: without a proof nothing. Who sent it is asked once more for that; not
    of most mails."""
    if not may_ask(asked.mail):
        return Asks()
    proved = proof(asked.mail, asked.raw, agent, sort, context, policy)
    if proved is None:
        return Asks()
    mail, _ = readable(asked.mail, context, proved, policy)
    if proved.alone != ASKS:
        return asked_by(mail, context.seen, policy)
    return asked_by(mail, context.seen, policy).by_link() if context.linked.answers < MOST else Asks()


def _now(number: int | None, known: Mapping[int, TicketView]) -> int | None:
    """The ticket that it is part of, for one that was merged."""
    return known[number].id if number is not None and number in known else number


def _now_in(sent: SentMail, known: Mapping[int, TicketView]) -> SentMail:
    now = _now(sent.ticket, known)
    return replace(sent, ticket=now, merged=now != sent.ticket)


def _refs(mail: ParsedMail, raw: RawMail, policy: Policy) -> tuple[tuple[str, str], ...]:
    returned = mail.bounce.returned if mail.bounce else ()
    return tuple(dict.fromkeys((*find_refs(mail, raw.envelope_to, policy), *refs_in_ids(returned, policy))))


def _handed(db: Db, mail: ParsedMail, now: datetime) -> Handed | None:
    """The last mail within a few days to a customer whom a report without an id of ours names as failed."""
    failed = [r for r in mail.bounce.recipients if r.action == "failed"] if mail.bounce else []
    for one in failed[:HANDED_TRIED]:
        who = people.find(db, one.address)
        sent = outbox.handed(db, one.address, now - HANDED_WITHIN) if who else None
        if who and sent:
            return Handed(sent, who, one.status, one.words)
    return None


def _referenced(db: Db, ids: Iterable[str]) -> tuple[int, ...]:
    wanted = list(dict.fromkeys(ids))[:200]
    if not wanted:
        return ()
    query = (
        Message.select(Message.message_id, Message.ticket).where(Message.message_id.in_(wanted)).order_by(Message.id)
    )
    found: dict[str, list[int]] = {}
    for message_id, ticket in db.rows(query):
        found.setdefault(message_id, []).append(ticket)
    return tuple(dict.fromkeys(t for message_id in wanted for t in found.get(message_id, ())))


def _earlier(db: Db, sender: Person) -> tuple[Earlier, ...]:
    """The newest tickets of a customer."""
    rows = _latest(db, customer=sender.id).fetchall()
    agents = people.named(db, found) if (found := {row[5] for row in rows if row[5] is not None}) else {}
    nobody = Address("")
    return tuple(
        Earlier(row[0], row[1], row[2], moment(row[3]), row[4], agents.get(row[5], nobody).address) for row in rows
    )


def _asking(db: Db, who: Address | None) -> Asking:
    person = people.find(db, who.address) if who else None
    return Asking(person, _earlier(db, person)) if person else Asking(None)


def _here(db: Db, asked: Question, begins: Asking, policy: Policy) -> int | None:
    """The ticket that has the mail already which this one passes on."""
    original, who = original_of(asked.mail, policy), passed_on_by(asked.mail, policy, asked.raw.whose)
    return here.ticket_of(db, original, who, [one.id for one in begins.earlier]) if original and who else None


def _seen(db: Db, number: int) -> str:
    """The words of a ticket's messages, newest first: what an agent may quote to the customer's side. Where another
    customer's ticket was merged into it, those that came since."""
    crossed = (Message.ticket == number) & (Message.direction != "note")
    if since := _met(db, number):
        crossed &= Message.at > since
    query = (
        Message.select(fn.COALESCE(Message.full_text, Message.text))
        .where(crossed)
        .order_by(*NEWEST_FIRST)
        .limit(THREAD_KEPT)
    )
    return "\n".join(row[0] for row in db.rows(query))


def _met(db: Db, number: int) -> int | None:
    """When the people of another customer's ticket came into this one."""
    everything = tickets.parts(db, number)
    if len(everything) == 1:
        return None
    owners = {row[0] for row in db.rows(Ticket.select(Ticket.customer).where(Ticket.id.in_(everything)))}
    merges = Event.select(fn.MAX(Event.at)).where(Event.ticket.in_(everything) & (Event.kind == "merged"))
    return db.rows(merges)[0][0] if len(owners) > 1 else None


def _asked(db: Db, agent: Agent | None, signed: Sequence[SentMail], policy: Policy, now: datetime) -> int:
    """How many questions within a day the agent got whom one about this mail would go to; the most, of several."""
    made_for = (to for s in signed if s.audience == "agent" for to in s.recipients)
    found = (policy.agent_of(address) for address in made_for)
    candidates = {one.address: one for one in (agent, *found) if one is not None}
    return max((held.asked_since(db, address, now - ASKED_WITHIN) for address in candidates), default=0)


def _answered_by(db: Db, earlier: Sequence[Earlier]) -> str:
    """The address of who answered this customer last."""
    numbers = [one.id for one in earlier][:ANSWERED]
    if not numbers:
        return ""
    answers = (Event.ticket.in_(numbers)) & (Event.kind == "answered") & Event.actor.startswith("person:")
    row = db.first(Event.select(Event.actor).where(answers).order_by(Event.id.desc()))
    return people.address_of(db, int(row[0].partition(":")[2])) if row else ""


def _with_budgets(db: Db, context: Context, address: str, mail: ParsedMail, policy: Policy, now: datetime) -> Context:
    used = budgets.used(db, policy.budgets, address, words_key(mail), now)
    if not exhausted(policy.budgets, used):
        return replace(context, used=used)
    return replace(context, used=used, refused_hours=budgets.refused_hours(db, address, now))
