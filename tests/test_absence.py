"""Who is away: what may be said of that, until when it holds, and who gets what meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, MARIA, PRAGUE
from worlds import BORIS, NOW, POLICY, SUPPORT, context, parsed, sent, ticket

from mailticket.core.asked import Listed, ListedTicket
from mailticket.core.assign import STRATEGIES, picked
from mailticket.core.command import DESK
from mailticket.core.commands import split, understand
from mailticket.core.decide import decided, examine
from mailticket.core.handover import reassigned
from mailticket.core.known import Absence, AgentLoad
from mailticket.core.plan import Plan
from mailticket.core.policy import Agent
from mailticket.core.types import Address, RawMail
from mailticket.core.wording import until
from mailticket.jobs import forget
from mailticket.store import absences
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOSS = Agent("Dana", "dana@acme.example", role="manager", departments=("Acme Support",))
WIDE = replace(POLICY, agents=(*POLICY.agents, BOSS))
FIRST, SECOND = WIDE.agents[:2]  # Anna and Boris
FRIDAY = datetime(2026, 11, 27, 23, tzinfo=UTC)  # NOW is a Monday's morning; the end of that week's Friday in Prague
ROW = ListedTicket(7, "Printer", "open", MARIA, ANNA.address, NOW, due=NOW + 2 * HOUR)


def says(who, text, *, machine=(), policy=WIDE, signed=(), auth=True, **known):
    """What follows from a mail of commands to the department's address."""
    mail = parsed(Address(who.address, who.name), text, *machine, subject="Hello")
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address if auth else "")
    known = context(leaves={ANNA.address: Listed((ROW,), 23)}, signed=signed, **known)
    return decided(examine(mail, raw, known, policy, NOW)).plan


def told(plan: Plan) -> list[tuple[str, str]]:
    return [(letter.template, letter.to[0].address.partition("@")[0]) for letter in plan.letters]


# --- the lines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "who", "ends"),
    [
        ("#away until friday", ANNA.address, FRIDAY),
        ("#away friday", ANNA.address, FRIDAY),
        ("#AWAY me Till Fri", ANNA.address, FRIDAY),
        ("#away until 2026-11-27", ANNA.address, FRIDAY),
        ("#away until today", ANNA.address, datetime(2026, 11, 23, 23, tzinfo=UTC)),
        ("#away until tomorrow", ANNA.address, datetime(2026, 11, 24, 23, tzinfo=UTC)),
        ("#away until 2d", ANNA.address, NOW + 2 * DAY),
        ("#away until friday 14:00", ANNA.address, datetime(2026, 11, 27, 13, tzinfo=UTC)),
        ("#away through monday", ANNA.address, datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("#back", ANNA.address, None),
        ("#back me", ANNA.address, None),
    ],
)
def test_an_agent_says_until_when_they_are_away_and_a_day_counts_to_its_end(line, who, ends):
    (absence,) = says(FIRST, line).absences
    assert absence == Absence(who, ends, ANNA.address, NOW)


@pytest.mark.parametrize(
    ("line", "reason", "nearest"),
    [
        ("#away", "#away needs a time", "#away until tomorrow"),
        ("#away Boris", "it does not say until when", ""),
        ("#away until fryday", "it does not say until when", "#away until friday"),
        ("#away Boriz until friday", "there is no agent of that name", "#away Boris until friday"),
        ("#back Boriz", "there is no agent of that name", "#back Boris"),
        ("#away until 4.12.", "it does not say until when", ""),
    ],
)
def test_what_nobody_can_read_is_a_mistake(line, reason, nearest):
    orders, (mistake,) = understand(split(line)[0], WIDE, DESK)
    assert orders == ()
    assert reason in mistake.reason
    assert mistake.nearest == nearest


@pytest.mark.parametrize(
    ("who", "lines", "reason"),
    [
        (FIRST, "#away Boris until friday", "for them to say, or for a manager"),
        (FIRST, "#back Boris", "for them to say, or for a manager"),
        (FIRST, "#away until 2026-11-22", "that is past"),
        (FIRST, "#away until 2026-11-23 08:59", "that is past"),
        (FIRST, "#away until 400d", "more than a year ahead"),
        (FIRST, "#away until 2999-12-31", "more than a year ahead"),
        (FIRST, f"#away until{' 9999w' * 50}", "more than a year ahead"),
        (FIRST, "#away until friday\n#back", "only one of them can be so"),
        (
            BOSS,
            "#away Anna until friday\n#away until 2026-11-30\n#away dana until friday",
            "only one of them can be so",
        ),
        (FIRST, "#away until friday\n\nI am ill.", "has nothing else in it"),
    ],
)
def test_what_cannot_be_so_comes_back_and_nothing_of_it_is_done(who, lines, reason):
    plan = says(who, lines)
    assert told(plan) == [("notice-commands", who.address.partition("@")[0])]
    assert reason in plan.letters[0].facts["mistakes"][0]["reason"]
    assert plan.absences == ()


def test_a_manager_says_it_of_others_and_all_of_them_are_told():
    plan = says(BOSS, "#away Anna until friday\n#back boris", away={BORIS.address: FRIDAY})
    assert plan.absences == (
        Absence(ANNA.address, FRIDAY, BOSS.address, NOW), Absence(BORIS.address, None, BOSS.address, NOW)
    )  # fmt: skip
    assert told(plan) == [
        ("notice-away", "anna"), ("notice-away", "dana"), ("notice-back", "boris"), ("notice-back", "dana")
    ]  # fmt: skip
    assert [letter.facts["by"] for letter in plan.letters] == ["Dana", "", "Dana", ""]


def test_the_managers_see_what_is_left_and_the_line_that_gives_it_away():
    to_anna, to_boss = says(FIRST, "#away until friday").letters
    for letter in (to_anna, to_boss):
        assert (letter.facts["count"], letter.facts["more"], letter.facts["numbers"]) == (23, 22, "7")
        assert letter.facts["rows"][0]["when"] == "due in 2 h"
    assert (to_anna.facts["own"], to_boss.facts["own"]) == (True, False)


def test_it_is_obeyed_in_a_reply_to_what_says_so_and_in_no_mail_of_a_machine():
    away = replace(sent(1, "agent", ANNA.address), kind="notice", template="notice-away", ticket=None)
    assert says(FIRST, "#back", signed=(away,), auth=False).absences
    assert not says(FIRST, "#back", machine=(("auto-submitted", "auto-replied"),), signed=(away,)).absences
    assert not says(FIRST, "#back", auth=False).absences


# --- who gets a ticket meanwhile -----------------------------------------------------------------------------

NAMES = "abcd"
TEAM = replace(POLICY, agents=tuple(Agent(n, f"{n}@acme.example", departments=("Acme Support",)) for n in NAMES))
chains = st.lists(st.sampled_from(sorted(STRATEGIES)), min_size=1, max_size=3, unique=True)
moments = st.integers(1, 3).map(lambda days: NOW + days * DAY)
loads = st.lists(st.integers(0, 3), min_size=4, max_size=4)


@given(chains, loads, st.dictionaries(st.sampled_from(NAMES), moments), st.integers(0), st.sampled_from(["", *NAMES]))
def test_nobody_who_is_away_gets_a_ticket_while_somebody_is_there_who_can(chain, open_tickets, gone, seed, before):
    department = replace(TEAM.departments[0], assign=tuple(chain))
    busy = [AgentLoad(a.address, n, None) for a, n in zip(TEAM.agents, open_tickets, strict=True)]
    away = {f"{name}@acme.example": moment for name, moment in gone.items()}
    known = {"seed": seed, "answered_by": f"{before}@acme.example" if before else ""}
    found = picked(TEAM, department, busy, away=away, **known)
    as_if = picked(TEAM, department, busy, away={}, **known)
    assert bool(found.agent or found.offered) == bool(as_if.agent or as_if.offered), (
        "nobody has it, because of holidays"
    )
    theirs = {a.address for a in (found.agent, *found.offered) if a}
    assert found.away == bool(theirs & away.keys())
    if len(away) < len(TEAM.agents) and (set(chain) - {"sticky"} or before not in gone):
        assert not theirs & away.keys()
    if len(away) == len(TEAM.agents) and found.agent and found.strategy != "sticky":
        assert away[found.agent.address] == min(away.values())


def test_a_ticket_of_who_left_the_desk_goes_to_who_is_there():
    busy = [AgentLoad(a.address, n, None) for n, a in enumerate(WIDE.agents)]
    plan = reassigned(
        WIDE,
        replace(ticket(1, MARIA), agent="gone@acme.example"),
        busy,
        "",
        seed=0,
        now=NOW,
        away={ANNA.address: FRIDAY},
    )
    assert plan.changes[0].set == {"agent": BORIS.address}


def test_the_event_says_that_who_gets_it_is_away():
    busy = [AgentLoad(a.address, 0, None) for a in POLICY.agents]
    away = {ANNA.address: FRIDAY + DAY, BORIS.address: FRIDAY}
    found = picked(POLICY, POLICY.departments[0], busy, seed=0, away=away)
    assert found.chosen == {"agent": Address(BORIS.address, "Boris"), "strategy": "least-loaded", "away": True}


# --- what is known -------------------------------------------------------------------------------------------


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened:
        yield opened


def said(db, agent, until, at=NOW, **more):
    with db.write():
        apply(db, Plan(absences=(Absence(agent, until, agent, at, **more),)), at)


def test_the_last_word_holds_until_its_time_is_over(db):
    said(db, ANNA.address, FRIDAY)
    said(db, BORIS.address, FRIDAY)
    said(db, BORIS.address, None, NOW + HOUR)
    assert absences.away(db, WIDE, NOW + HOUR) == {ANNA.address: absences.Away(FRIDAY, NOW)}
    assert absences.away(db, WIDE, FRIDAY) == {}


def test_an_absence_that_is_prolonged_has_begun_when_it_began(db):
    said(db, ANNA.address, FRIDAY)
    said(db, ANNA.address, FRIDAY + DAY, NOW + HOUR)
    assert absences.away(db, WIDE, NOW + HOUR)[ANNA.address].since == NOW
    said(db, ANNA.address, FRIDAY + 9 * DAY, FRIDAY + 2 * DAY)
    assert absences.away(db, WIDE, FRIDAY + 2 * DAY)[ANNA.address].since == FRIDAY + 2 * DAY


def test_what_was_said_under_another_address_of_theirs_counts(db):
    said(db, ANNA.address, FRIDAY)
    moved = replace(WIDE, agents=(replace(FIRST, address="a@acme.example", aliases=(ANNA.address,)), *WIDE.agents[1:]))
    assert list(absences.away(db, moved, NOW)) == ["a@acme.example"]
    said(db, "a@acme.example", None)
    assert absences.away(db, moved, NOW) == {}
    assert [one.until for one in absences.said(db, moved.agents[0])] == [None, FRIDAY]


def test_who_is_gone_from_the_config_is_forgotten(db):
    said(db, ANNA.address, FRIDAY)
    said(db, BORIS.address, FRIDAY)
    without = replace(WIDE, agents=WIDE.agents[1:])
    assert list(absences.away(db, without, NOW)) == [BORIS.address]
    forget(Desk(db, without, None, lambda: NOW, owner="test"), NOW)
    assert list(absences.away(db, WIDE, NOW)) == [BORIS.address]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 12, 4, 23, tzinfo=UTC), "through Friday 4 December 2026, CET"),
        (datetime(2026, 12, 4, 13, tzinfo=UTC), "until Friday 4 December 2026, 14:00 CET"),
        (datetime(2027, 3, 28, 22, tzinfo=UTC), "through Sunday 28 March 2027, CEST"),
    ],
)
def test_the_end_of_a_day_is_called_by_that_day(at, words):
    assert until(at, PRAGUE) == words
