"""An agent's out-of-office mail says that they are away: what it must be, what overrules it, and that it ends there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from letters import ANNA, MARIA
from test_absence import BOSS, FIRST, FRIDAY, WIDE
from test_loops import a_desk, written
from worlds import BORIS, NOW, SUPPORT, context, parsed, sent, ticket

from mailticket.core.decide import decided, examine
from mailticket.core.known import Absence
from mailticket.core.types import Address, RawMail
from mailticket.store import absences

TRUSTING = replace(WIDE, trust=replace(WIDE.trust, authserv_ids=("mx.acme.example",)))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OURS = replace(sent(1, "agent", ANNA.address), sent_at=NOW - HOUR)
NOTE = "I am away through Friday and back on Saturday, 28 November."  # FRIDAY is that day's end
MACHINE = (("auto-submitted", "auto-replied"),)


def comes(text=NOTE, *said, signed=(OURS,), headers=MACHINE, who=FIRST, quiet=False, **fields):
    """What follows from an agent's out-of-office mail, after these things were said."""
    mail = parsed(Address(who.address), text, *headers, subject="Re: Printer", **fields)
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, "127.0.0.1", quiet=quiet)
    known = context(ticket(1, MARIA), signed=signed, said_away=tuple(reversed(said)))
    return decided(examine(mail, raw, known, TRUSTING, NOW)).plan


def by_hand(until, at=NOW - 2 * HOUR):
    return Absence(ANNA.address, until, ANNA.address, at)


def by_machine(until, at=NOW - 2 * DAY):
    return Absence(ANNA.address, until, ANNA.address, at, machine=True)


def test_they_are_away_until_the_day_that_it_names_and_they_and_the_managers_are_told():
    plan = comes()
    assert plan.absences == (Absence(ANNA.address, FRIDAY, ANNA.address, NOW, machine=True),)
    assert [(one.template, one.to[0].address) for one in plan.letters] == [
        ("notice-away", ANNA.address), ("notice-away", BOSS.address)
    ]  # fmt: skip
    assert all(one.facts["machine"] and one.automatic for one in plan.letters)
    assert (plan.kind, plan.ticket, [event.kind for event in plan.events]) == ("automatic", 1, ["automatic reply"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed": ()},
        {"signed": (replace(OURS, recipients=(BORIS.address,)),)},
        {"signed": (replace(OURS, recipients=(ANNA.address, BORIS.address)),)},
        {"signed": (replace(OURS, spent=True),)},
        {"signed": (replace(OURS, purpose="bounce"),)},
        {"signed": (replace(OURS, purpose="note"),)},
        {"signed": (replace(OURS, purpose="ask"),)},
        {"signed": (replace(OURS, audience="customer"),)},
        {"who": BORIS},
        {"headers": (("auto-submitted", "auto-generated"),), "text": "The printer is back on 28 November."},
        {"headers": (("list-id", "<all.acme.example>"),), "text": "The printer is back on 28 November."},
        {"headers": (*MACHINE, ("authentication-results", "mx.acme.example; dmarc=fail header.from=acme.example"))},
        {"from_count": 2},
        {"quiet": True},
    ],
    ids=str,
)
def test_nothing_follows_from_what_does_not_answer_a_mail_to_them_alone(wrong):
    plan = comes(**wrong)
    assert (plan.absences, plan.letters) == ((), ())
    assert plan.reason == "an agent's automatic mail"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((by_hand(None, NOW - HOUR),), "written before a person said so"),
        ((by_hand(FRIDAY + DAY, NOW - HOUR / 2),), "written before a person said so"),
        ((by_machine(FRIDAY, NOW - 3 * DAY), by_hand(None)), "that is known"),
        ((by_machine(FRIDAY),), "that is known"),
        ((by_hand(FRIDAY),), "that is known"),
        ((by_hand(FRIDAY + DAY),), "a person said a later day"),
        ((by_machine(FRIDAY + DAY, NOW - 23 * HOUR),), "said another day not long ago"),
        ((by_machine(FRIDAY + DAY, NOW - 23 * HOUR), by_hand(None)), "said another day not long ago"),
    ],
)
def test_what_a_person_said_and_what_is_known_is_not_overruled(said, reason):
    plan = comes(NOTE, *said)
    assert (plan.absences, plan.letters) == ((), ())
    assert reason in plan.reason


@pytest.mark.parametrize(
    "said",
    [
        (by_hand(None),),
        (by_hand(FRIDAY - DAY),),
        (by_machine(FRIDAY + DAY),),
        (by_machine(FRIDAY, NOW - 3 * DAY), by_hand(FRIDAY - DAY), by_hand(FRIDAY - 2 * DAY)),
    ],
)
def test_what_it_says_anew_in_answer_to_a_later_mail_counts(said):
    assert comes(NOTE, *said).absences[0].until == FRIDAY


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("I am away until 22 December.", date(2026, 12, 23)),
        ("I am away until 23 December.", date(2026, 12, 23)),
        ("I am on leave until 30 June 2028.", date(2026, 12, 23)),
    ],
)
def test_it_is_believed_for_thirty_days(text, until):
    assert comes(text).absences[0].until == datetime(until.year, until.month, until.day, tzinfo=UTC) - HOUR


def test_the_thirty_days_do_not_begin_anew_with_each_answer():
    began = by_machine(datetime(2026, 12, 20, 23, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC))
    assert "that is known" in comes("I am on leave until 30 June 2028.", began).reason


# --- machines that answer everything -----------------------------------------------------------------------------

TEAM = """
[[agent]]
name = "Boris"
address = "boris@agents.acme.example"
role = "manager"
[[agent]]
name = "Dana"
address = "dana@agents.acme.example"
role = "manager"
"""


@pytest.mark.parametrize("changing", [False, True], ids=["one day", "another day each time"])
def test_machines_of_agents_and_managers_that_answer_everything_come_to_an_end(tmp_path, changing, capsys):
    """Each of the desk's mails to each of them is answered, for a week in which a customer writes every day."""
    numbers = count(1)
    with a_desk(tmp_path / "desk", "acme", team=TEAM) as desk:
        answered, a_day = 0, []
        for day in range(7):
            maria = written("maria@customer.example", "support@acme.example", f"Day {day}", "It burns.", desk.now, day)
            desk.receive(maria)
            before = answered
            while len(desk.sent) > answered:
                assert answered - before < 100, "they go on for ever"
                mail, answered = desk.sent[answered], answered + 1
                if mail.to[0].endswith("@agents.acme.example"):
                    back = FRIDAY + (next(numbers) if changing else 9) * DAY
                    desk.receive(out_of_office(mail, desk.now, f"{back:%Y-%m-%d}"))
            a_day.append(answered - before)
            desk.turn_to(desk.now + DAY)
        with capsys.disabled():
            print(f"\nthree machines, {'changing' if changing else 'one day'}: {a_day} mails a day")
        assert len(absences.away(desk.db, desk.policy, desk.now)) == 3
        assert max(a_day) <= 4 + 9  # the customer's, the ticket's, and that each of the three is away, to all of them
        assert changing or max(a_day[1:]) <= 4


def out_of_office(mail, now, back):
    """As a machine answers that mail."""
    made = written(mail.to[0], "support@acme.example", "Out of office", f"I will be back on {back}.", now, id(mail))
    above = f"Auto-Submitted: auto-replied\r\nIn-Reply-To: {mail.message['message-id']}\r\n"
    return replace(made, raw=above.encode() + made.raw, envelope_from="")
