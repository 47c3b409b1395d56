"""What an agent had seen when they wrote an answer: the rule as a table, and against a desk that only remembers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA
from worlds import sent

from mailticket.core.known import SentMail
from mailticket.core.seen import Answer, Mailed, Said, Talk, seen_until, written_by
from mailticket.core.types import Address

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
MARIA = Address("maria@customer.example", "Maria")


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def said(minute: float) -> Said:
    return Said(at(minute), f"<{minute}@customer.example>", MARIA, f"words of {minute}")


def mailed(number: int, minute: float, *, handed: float | None = None, **more: bool) -> Mailed:
    return Mailed(number, at(minute), at(minute if handed is None else handed), **more)


def ours(number: int, minute: float, kind: str = "relay") -> SentMail:
    """Our mail to the agent that the answer replies to."""
    return replace(sent(number, "agent", ANNA.address), kind=kind, sent_at=at(minute))


@dataclass(frozen=True)
class Row:
    """A customer's words came at the minutes `said`; the answer is of minute `written`."""

    sentence: str
    said: tuple[float, ...]
    mailed: tuple[Mailed, ...]
    unseen: tuple[float, ...]
    answers: SentMail | None = None
    written: float = 60
    named: tuple[str, ...] = ()


RELAYS = (mailed(1, 0), mailed(2, 10))
ROWS = [
    Row("Who was mailed all of it and answers the last mail has seen all.", (0, 10), RELAYS, (), ours(2, 10)),
    Row("Who answers the one before has not seen what the last one shows.", (0, 10), RELAYS, (10,), ours(1, 0)),
    Row("By a reply the Date says nothing: a mail lies unread for hours.", (0, 10), RELAYS, (10,), ours(1, 0), 600),
    Row("Nor does it where it is wrong: who answers a mail has had it.", (0, 10), RELAYS, (), ours(2, 10), -600),
    Row("What shows one mail comes after all before it.", (0, 5, 10), (mailed(2, 10),), (), ours(2, 10)),
    Row("A mail that no server has taken yet shows nothing by its Date.", (0,), (Mailed(1, at(0), None),), (0,)),
    Row("A reply shows that it was taken, whatever we know.", (0,), (Mailed(1, at(0), None),), (), ours(1, 0)),
    Row("A receipt that is answered shows nothing new.", (0, 10), RELAYS[:1], (10,), ours(9, 20, "notice")),
    Row("… but what came before it counts.", (0, 10), RELAYS, (), ours(9, 20, "notice")),
    Row("By its Date, what was handed over before it is seen.", (0, 10), RELAYS, (), None, 11),
    Row("… what was handed over after it is not.", (0, 10), RELAYS, (10,), None, 9),
    Row("… however early it was written.", (0, 10), (RELAYS[0], mailed(2, 10, handed=30)), (10,), None, 20),
    Row("Who was never mailed has seen nothing.", (0, 10), (), (0, 10)),
    Row("… where nobody said anything there is nothing to see.", (), (), ()),
    Row("Who gets the ticket has seen all until then.", (0, 10), (mailed(7, 15),), (), ours(7, 15, "assignment")),
    Row("… not what comes after.", (0, 20), (mailed(7, 15),), (20,), ours(7, 15, "assignment")),
    Row("A mail of another ticket that is part of this one shows what was before it.", (0, 10), (), (), ours(3, 10)),
    Row(
        "What an answer that came back has shown is seen, whichever mail is answered then.",
        (0, 10),
        (RELAYS[0], mailed(5, 12, gave_back=True)),
        (),
        ours(1, 0),
    ),
    Row(
        "… once it has had the time to be read.",
        (0, 10),
        (RELAYS[0], mailed(5, 12, handed=70, gave_back=True)),
        (10,),
        ours(1, 0),
    ),
    Row("Who answers the customer's own mail has read it.", (0, 10), (), (), named=("<10@customer.example>",)),
    Row("… and not the one after.", (0, 10), (), (10,), named=("<0@customer.example>",)),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence)
def test_what_was_seen(row):
    talk = Talk(said=tuple(said(minute) for minute in row.said), mailed=row.mailed)
    until = seen_until(talk, row.answers, at(row.written), row.named)
    assert talk.unseen(until) == tuple(said(minute) for minute in row.unseen)


@pytest.mark.parametrize(
    ("date", "received", "written"),
    [
        (None, 10, at(10)),
        (at(5), 10, at(5) + timedelta(seconds=1) - timedelta(microseconds=1)),
        (at(20), 10, at(10)),
        (at(5).astimezone(), 5, at(5)),
    ],
    ids=["no Date", "a Date has whole seconds", "a Date of the future", "the same second"],
)
def test_when_a_mail_was_written_at_the_latest(date, received, written):
    assert written_by(date, at(received)) == written


def test_a_colleagues_answer_waits_or_has_left_since():
    gone, waiting = Answer(1, "b@acme.example", at(5), "gone"), Answer(2, "b@acme.example", at(6), "w", at(7))
    talk = Talk(answers=(gone, waiting))
    assert talk.waiting == (waiting,)
    assert talk.answered_since(at(4)) == talk.answered_since(None) == (gone,)
    assert talk.answered_since(at(5)) == ()


# --- against a desk that only remembers ------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.just("the customer writes"),
        st.just("and the agent is mailed"),
        st.just("the agent is handed the ticket"),
        st.just("a receipt"),
        st.just("the mails arrive"),
    ),
    max_size=12,
)


@given(STEPS, st.integers(0, 12), st.booleans())
def test_the_rule_says_what_a_desk_knows_that_writes_down_who_saw_what(steps, place, replies):
    """The model keeps, for each of our mails, the set of words that its reader knows then."""
    words: list[Said] = []
    mails: list[tuple[Mailed, str, frozenset[str]]] = []  # our mail, its kind, and all that its reader knows by it
    arrived_at: dict[int, datetime] = {}
    known: frozenset[str] = frozenset()
    for minute, step in enumerate(steps):
        now = at(minute)
        if step in {"the customer writes", "and the agent is mailed"}:
            words.append(said(minute))
        if step in {"and the agent is mailed", "the agent is handed the ticket"}:
            known = frozenset(one.text for one in words)
        if step not in {"the customer writes", "the mails arrive"}:
            kind = "notice" if step == "a receipt" else "relay"
            mails.append((Mailed(len(mails) + 1, now, None), kind, known))
        if step == "the mails arrive":
            arrived_at |= {mail.outbox_id: now for mail, *_ in mails if mail.outbox_id not in arrived_at}
    written = at(place - 0.5)
    shown = tuple(replace(mail, handed_at=arrived_at.get(mail.outbox_id)) for mail, kind, _ in mails if kind == "relay")
    answers, sees = None, frozenset[str]()
    if replies and mails:
        mail, kind, sees = mails[place % len(mails)]
        answers = replace(ours(mail.outbox_id, 0, kind), sent_at=mail.written_at)
    else:
        for mail, _, by_it in mails:
            if arrived_at.get(mail.outbox_id, at(99)) <= written:
                sees |= by_it
    talk = Talk(said=tuple(words), mailed=shown)
    unseen = talk.unseen(seen_until(talk, answers, written))
    assert {one.text for one in unseen} == {one.text for one in words} - sees
