"""Answers that cross: one that a colleague's waits beside, or that was written before the customer's newest words were
seen, is held, and its writer decides."""

from __future__ import annotations

from dataclasses import dataclass

from . import agent_letters, commands
from .case import Case
from .command import Mistake
from .crossing import agent_answer
from .holding import decision
from .keys import address_key
from .known import SentMail, TicketView
from .past import named
from .plan import Plan
from .policy import Agent
from .receipts import NOWHERE, receipt
from .said import Room
from .seen import Answer, Said, Talk, seen_until, written_by
from .shown import MAX_SHOWN, MAX_SHOWN_LINES
from .types import Address

TEMPLATE = "collision"
SHOWN = 10  # of what the customer's side said, and of colleagues' answers, the newest

WAITS = "a colleague's answer in the ticket waits to leave"
UNSEEN = "it was written without the customer's newest words"

STILL_HELD = "neither yes nor no: the answer is still held"

_NEITHER = Mistake(
    "",
    "a reply to that mail has yes or no on its first line, and no command; the answer that it gave back is still held",
    "",
)


@dataclass(frozen=True, slots=True)
class Collision:
    """What an answer crosses with, and what else has left to the customer's side unseen."""

    waiting: tuple[Answer, ...]
    unseen: tuple[Said, ...]
    answered: tuple[Answer, ...]


def held(case: Case, agent: Agent, ticket: TicketView, plan: Plan, words: str) -> Plan | None:
    """What becomes of an agent's mail instead of its plan, where that would send words that cross with others; None
    where it does not. Who lets in what was held for that knows what it crosses with; a question shows none of it."""
    talk = case.context.talks.get(ticket.id)
    sends = any(letter.audience == "customer" and letter.kind == "relay" for letter in plan.letters)
    if talk is None or not sends or (case.released and case.row in talk.held):
        return None
    found = collision(case, agent, talk)
    if not (found.waiting or found.unseen):
        return None
    detail = {"waiting": [one.outbox_id for one in found.waiting], "unseen": len(found.unseen)}
    return Plan(
        state="quarantined",
        reason="; ".join([WAITS] * bool(found.waiting) + [UNSEEN] * bool(found.unseen)),
        kind=case.sort.kind,
        concerns=agent.address,
        asked=True,
        ticket=ticket.id,
        events=(case.event("collided", ticket.id, **detail),),
        letters=(agent_letters.given_back(case, agent, ticket, TEMPLATE, _facts(case, found, words)),),
    )


def collision(case: Case, agent: Agent, talk: Talk) -> Collision:
    mail = case.mail
    written = written_by(mail.date, case.received_at)
    until = seen_until(talk, answered_mail(case, agent), written, {*mail.in_reply_to, *mail.references})
    return Collision(talk.waiting, talk.unseen(until), talk.answered_since(until))


def answered_mail(case: Case, agent: Agent) -> SentMail | None:
    """The mail of ours to this agent that theirs replies to: what proves it, else the nearest, be it spent."""
    proving = case.proof.sent if case.proof else None
    if proving is not None and proving.audience == "agent":
        return proving
    marks = (s for s in case.context.signed if s.audience == "agent" and s.purpose != "bounce")
    return next((s for s in marks if agent.keys & {address_key(r) for r in s.recipients}), None)


def _facts(case: Case, found: Collision, words: str) -> dict[str, object]:
    room = Room(MAX_SHOWN, MAX_SHOWN_LINES)
    unseen = found.unseen[-SHOWN:]
    return {
        "written_at": case.now,
        "waiting": [
            {"who": _name(case, one), "leaves_at": one.leaves_at, "text": room.cut(one.text)}
            | {"soon": one.leaves_at is not None and one.leaves_at <= case.now}
            for one in found.waiting[-SHOWN:]
        ],
        "unseen": [
            {"who": named(one.who, case.policy), "at": one.filed_at, "text": room.cut(one.text), "files": one.files}
            for one in unseen
        ],
        "more": len(found.unseen) - len(unseen),
        "answered": [
            {"who": _name(case, one), "at": one.at, "text": room.cut(one.text)} for one in found.answered[-SHOWN:]
        ],
        "original": words,
        "attachments": [{"filename": a.filename, "size": a.size} for a in case.mail.attachments if not a.inline],
    }


def _name(case: Case, answer: Answer) -> str:
    return named(Address(answer.writer), case.policy)


# --- what its writer says --------------------------------------------------------------------------------------


def gives_back(sent: SentMail) -> bool:
    """Is it a mail of ours that gave an answer back?"""
    return sent.template == TEMPLATE


def is_decision(case: Case) -> bool:
    """Does it answer a mail that gave an answer back, with words for that? One of commands alone is an order to the
    ticket, and a note says nothing of the answer."""
    sent = case.proof.sent if case.proof else None
    if sent is None or not gives_back(sent) or case.match.ticket is None:
        return False
    lines, rest = _read(case)
    return bool(rest.strip()) and not (case.stays_inside or any(line.word == "note" for line in lines))


def decided(case: Case) -> Plan:
    """`yes` sends the answer as it stands, `no` drops it; anything else leaves it where it is, and comes back."""
    agent, ticket = case.agent, case.match.ticket
    if agent is None or ticket is None:
        raise AssertionError("this rule holds only for a proved agent's reply in a ticket")
    lines, rest = _read(case)
    word = decision(rest)
    if lines or not word:
        notice = agent_letters.returned_commands(case, agent, ticket, (_NEITHER,))
        event = case.event("returned", ticket.id)
        return Plan(
            state="done", reason=STILL_HELD, kind="person", ticket=ticket.id, events=(event,), letters=(notice,)
        )
    kind = "released" if word == "release" else "discarded"
    waits = tuple(row.id for row in case.context.rows if row.state == "quarantined")
    dropped = ["Your answer is dropped: nothing of it was done."] if waits and word == "discard" else []
    left = [] if waits else ["What becomes of that answer was decided before."]
    return Plan(
        state="done",
        reason="; ".join(f"{row} {kind}" for row in waits) or "nothing was left to do",
        kind="person",
        ticket=ticket.id,
        release=waits if word == "release" else (),
        discard=waits if word == "discard" else (),
        events=tuple(case.event(kind, ticket.id, inbox=row) for row in waits),
        letters=receipt(case, agent, ticket, NOWHERE, (), left, tells=dropped),  # what is let in has one of its own
    )


def _read(case: Case) -> tuple[tuple[commands.CommandLine, ...], str]:
    return commands.split(agent_answer(case.mail))
