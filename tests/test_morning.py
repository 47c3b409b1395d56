"""The managers' morning mail: when it comes, once a day over restarts, and that it is one however much there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from letters import ANNA, MARIA, TEMPLATES
from letters import desk as policy
from stored import a_mail, accept, send

from mailticket import jobs
from mailticket.core.asked import Listed
from mailticket.core.holding import News
from mailticket.core.hours import parse_hours
from mailticket.core.morning import AT_MOST_EVERY, ROWS, Briefing, looks_after, morning, patience
from mailticket.core.plan import NewEvent, Plan, TicketChange
from mailticket.core.policy import Agent
from mailticket.morning import brief
from mailticket.store.apply import apply
from mailticket.store.db import at, open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Inbox, Outbox

PRAGUE = ZoneInfo("Europe/Prague")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SUPPORT = policy().departments[0]
SALES = replace(SUPPORT, name="Sales", addresses=("sales@acme.example",), hours=parse_hours("Mon-Sat 08:00-12:00"))
CARLA = Agent("Carla", "carla@acme.example", departments=("Acme Support",), role="manager")
DANA = Agent("Dana", "dana@acme.example", departments=("Acme Support", "Sales"), role="manager")
WIDE = policy(departments=(SUPPORT, SALES), agents=(*policy().agents, CARLA, DANA))


def prague(day: int, clock: str) -> datetime:
    """In March 2026, whose 2nd is a Monday."""
    return datetime.combine(date(2026, 3, day), time.fromisoformat(clock), PRAGUE)


MONDAY = prague(2, "09:00")


# --- when ----------------------------------------------------------------------------------------------------


def begins(hours: str, now: datetime, *, zone: str = "Europe/Prague", off: tuple[date, ...] = ()) -> datetime | None:
    support = replace(SUPPORT, hours=parse_hours(hours), zone=ZoneInfo(zone), holidays=frozenset(off))
    found = morning(CARLA, policy(departments=(support,)), now)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        ("Mon-Fri 09:00-17:00", prague(2, "00:00"), prague(2, "09:00")),
        ("Mon-Fri 09:00-17:00", prague(2, "23:59"), prague(2, "09:00")),
        ("Mon-Fri 09:00-17:00", prague(7, "12:00"), None),  # a Saturday
        ("Mon-Fri 13:00-14:00 08:30-12:00", prague(3, "12:00"), prague(3, "08:30")),
        ("24/7", prague(7, "12:00"), prague(7, "06:00")),
        ("Mon-Fri 00:00-06:00 22:00-24:00", prague(2, "23:00"), prague(2, "22:00")),
        ("Mon-Fri 00:00-06:00", prague(2, "23:00"), prague(2, "00:00")),  # before 6:00 alone
        ("Mon-Fri 02:00-03:00 04:30-05:00", prague(2, "03:00"), prague(2, "02:00")),
        ("Mon-Fri 02:00-06:00", prague(7, "04:00"), None),
        ("Mon-Fri 00:00-06:01", prague(2, "03:00"), prague(2, "06:00")),
        ("Mon-Sun 05:00-13:00", prague(29, "12:00"), prague(29, "06:00")),  # the clocks change
    ],
)
def test_a_morning_begins_when_the_department_opens(hours, now, opens):
    assert begins(hours, now) == opens


def test_a_holiday_has_no_morning():
    assert begins("Mon-Fri 09:00-17:00", prague(3, "12:00"), off=(date(2026, 3, 3),)) is None


def test_a_department_in_another_zone_opens_by_its_own_clock():
    assert begins("Mon-Fri 09:00-17:00", prague(2, "12:00"), zone="America/New_York") == prague(2, "15:00")


def test_the_first_of_a_managers_departments_is_whose_morning_it_is():
    opens, department = morning(DANA, WIDE, prague(2, "07:00"))
    assert (opens, department.name) == (prague(2, "08:00"), "Sales")
    assert morning(CARLA, WIDE, prague(2, "07:00"))[0] == prague(2, "09:00")
    assert morning(CARLA, WIDE, prague(7, "07:00")) is None
    assert morning(DANA, WIDE, prague(7, "07:00"))[1].name == "Sales"


def test_a_morning_is_before_six_only_where_none_of_their_departments_works_later():
    night = replace(SUPPORT, hours=parse_hours("Mon-Sat 00:00-06:00"))
    both = replace(WIDE, departments=(night, replace(SALES, hours=parse_hours("Mon-Fri 08:00-12:00"))))
    assert morning(DANA, both, prague(2, "03:00"))[0] == prague(2, "08:00")
    assert morning(DANA, both, prague(7, "03:00")) == (prague(7, "00:00"), night)


# --- of what -------------------------------------------------------------------------------------------------


def test_a_department_without_a_manager_is_looked_after_by_all_of_them():
    assert looks_after(CARLA, WIDE) == ("Acme Support",)
    alone = replace(WIDE, agents=(*policy().agents, CARLA, replace(DANA, departments=("Acme Support",))))
    assert looks_after(CARLA, alone) == looks_after(alone.managers[1], alone) == ("Acme Support", "Sales")


@pytest.mark.parametrize(
    ("now", "since"),
    [
        (prague(3, "09:00"), prague(2, "09:00")),
        (prague(3, "12:00"), prague(2, "12:00")),
        (prague(9, "10:00"), prague(6, "10:00")),  # over a weekend
        (prague(8, "10:00"), prague(6, "09:00")),  # on a Sunday
    ],
)
def test_a_ticket_that_is_given_out_by_hand_may_wait_for_a_business_day(now, since):
    assert patience(replace(SUPPORT, assign=("sticky", "manual")), now) == since.astimezone(UTC)
    assert patience(SUPPORT, now) is None


def briefing(told_at: datetime, *, older: int = 0) -> Briefing:
    return Briefing(News((), older=older), (), 0, Listed((), 0), (), told_at)


@pytest.mark.parametrize(
    ("told_at", "now", "said"),
    [
        (prague(2, "09:00"), prague(9, "09:00"), True),
        (prague(2, "09:01"), prague(9, "09:00"), True),  # the ticker is not to the minute
        (prague(27, "09:00"), prague(27, "09:00") + AT_MOST_EVERY, True),  # the clocks change: it is an hour less
        (prague(2, "00:01"), prague(8, "23:59"), False),
    ],
)
def test_that_the_same_mails_wait_is_said_on_the_same_day_of_the_next_week_and_nothing_is_not_said(told_at, now, said):
    told_at, now = told_at.astimezone(UTC), now.astimezone(UTC)
    assert briefing(told_at, older=1).says(WIDE, now) == said
    assert not briefing(told_at).says(WIDE, now)


# --- once a day ----------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Desk(db, WIDE, TEMPLATES, lambda: MONDAY, "one")


def quarantined(desk, *numbers):
    accept(desk.db, *(a_mail(number) for number in numbers))
    with desk.db.write():
        desk.db.run(Inbox.update(state="quarantined", done_at=at(MONDAY), reason="no proof"))


def opened(desk, *numbers, department="Acme Support", came=MONDAY, agent=""):
    fields = {
        "subject": "Printer", "status": "new", "priority": "medium", "department": department, "agent": agent,
        "customer": MARIA, "created_at": came, "estimate_answer_by": MONDAY, "estimate_basis": "soon",
    }  # fmt: skip
    with desk.db.write():
        apply(desk.db, Plan(changes=tuple(TicketChange(one, new=True, set=fields) for one in numbers)), MONDAY)


def refused(desk, ref, *, ticket=None, kind="relay", audience="customer"):
    """A mail that its recipient's server has refused."""
    send(desk.db, ref)
    reply = '[{"address": "maria@customer.example", "state": "failed", "last_reply": "550 no such user"}]'
    with desk.db.write():
        fields = {"state": "failed", "recipients": reply, "ticket": ticket, "kind": kind, "audience": audience}
        desk.db.run(Outbox.update(fields).where(Outbox.ref == ref))
        ((number,),) = desk.db.rows(Outbox.select(Outbox.id).where(Outbox.ref == ref))
        apply(desk.db, Plan(events=(NewEvent("undelivered", "desk", ticket, {"outbox": number}),)), MONDAY)
    return number


def briefed(desk, now):
    """Brief the managers at that moment; how many there was anything to say to."""
    return jobs.brief_managers(replace(desk, clock=lambda: now), now)


def mails(desk):
    found = desk.db.execute(
        "SELECT json_extract(recipients, '$[0].address'), subject FROM outbox WHERE template = 'morning' ORDER BY id"
    )
    return [tuple(row) for row in found.fetchall()]


def text(desk):
    """All that the last one says, its words alone."""
    (raw,) = desk.db.execute("SELECT mail FROM outbox_raw ORDER BY outbox DESC LIMIT 1").fetchone()
    return bytes(raw).decode()


def test_each_manager_is_told_once_a_day_over_restarts(desk, tmp_path):
    opened(desk, 1)
    assert briefed(desk, prague(2, "08:00") - MINUTE) == 0
    assert briefed(desk, prague(2, "08:00")) == 1
    assert briefed(desk, prague(2, "09:00")) == 1
    assert briefed(desk, prague(2, "23:59")) == 0
    subject = "1 ticket without an owner"
    assert mails(desk) == [(DANA.address, subject), (CARLA.address, subject)]
    with open_or_create(tmp_path / "desk.db") as db:
        again = replace(desk, db=db, owner="two")
        assert briefed(again, prague(2, "17:00")) == 0
        assert briefed(again, prague(3, "17:00")) == 2, "late is better than never"


def test_a_morning_without_anything_to_say_is_over_all_the_same(desk):
    assert briefed(desk, prague(2, "10:00")) == 0
    opened(desk, 1)
    assert briefed(desk, prague(2, "11:00")) == 0
    assert briefed(desk, prague(3, "09:00")) == 2


def test_what_is_held_between_two_managers_mails_is_told_to_both(desk):
    moments = iter((MONDAY, MONDAY + MINUTE))
    turning = replace(desk, clock=lambda: next(moments))
    for number, manager in enumerate((CARLA, DANA), 1):
        quarantined(desk, number)
        with desk.db.write():  # they may commit between them
            assert brief(turning, manager.address, MONDAY) == 1
    assert briefed(desk, MONDAY + DAY) == 1
    one, two = "1 new mail in quarantine", "2 new mails in quarantine"
    assert mails(desk) == [(CARLA.address, one), (DANA.address, two), (CARLA.address, one)]


def test_what_one_manager_cannot_be_told_keeps_nothing_from_the_others(desk, caplog):
    opened(desk, 1)
    broken = replace(DANA, address="no address")
    both = replace(desk, policy=replace(WIDE, agents=(*policy().agents, broken, CARLA)))
    assert briefed(both, MONDAY) == 1
    assert mails(desk) == [(CARLA.address, "1 ticket without an owner")]
    (record,) = caplog.records
    assert record.getMessage().startswith("the morning mail to no address cannot be written")


# --- what it names -------------------------------------------------------------------------------------------


def test_a_flood_is_one_mail_that_counts_what_it_does_not_show(desk):
    quarantined(desk, *range(1, ROWS + 6))
    opened(desk, *range(1, ROWS + 4))
    for number in range(ROWS + 2):
        refused(desk, f"r{number}", ticket=1)
    only = replace(desk, policy=replace(WIDE, agents=(*policy().agents, CARLA)))
    assert briefed(only, MONDAY) == 1
    found = "103 tickets without an owner, 102 mails not delivered, 105 new mails in quarantine"
    assert mails(desk) == [(CARLA.address, found)]
    (about,) = desk.db.execute("SELECT about FROM outbox WHERE template = 'morning'").fetchone()
    assert about.count(",") == ROWS - 1
    for words in ("and 3 others, less urgent: #list unassigned", "and 2 others:", "and 5 others:"):
        assert words in text(desk)
    assert len(text(desk)) < 400_000
    assert briefed(only, prague(3, "09:00")) == 1
    assert mails(desk)[1] == (CARLA.address, "103 tickets without an owner"), "each mail is told of once"


def test_tickets_wait_as_long_as_their_department_lets_them(desk):
    by_hand = replace(SALES, assign=("manual",), hours=SUPPORT.hours)
    now = replace(desk, policy=replace(WIDE, departments=(SUPPORT, by_hand), agents=(*policy().agents, DANA)))
    opened(desk, 1, came=prague(3, "08:59"))
    opened(desk, 2, came=prague(2, "09:01"), department="Sales")
    opened(desk, 3, came=prague(2, "08:59"), department="Sales")
    opened(desk, 4, came=prague(2, "08:59"), department="Sales", agent=ANNA.address)
    assert briefed(now, prague(3, "09:00")) == 1
    found = text(desk)
    assert [number for number in range(1, 5) if f"[ACME-{number}]" in found] == [1, 3]


def test_a_failed_mail_is_told_to_whoever_does_not_know_it_and_not_once_it_has_arrived(desk):
    opened(desk, 1, agent=ANNA.address)
    opened(desk, 2, agent=CARLA.address)
    opened(desk, 3, agent=ANNA.address, department="Sales")
    refused(desk, "anna's", ticket=1)
    refused(desk, "carla's", ticket=2)
    refused(desk, "in another department", ticket=3)
    refused(desk, "a notice", kind="notice", audience="agent")
    opened(desk, 4, agent=ANNA.address)
    arrived = refused(desk, "tried again", ticket=4)
    with desk.db.write():
        desk.db.run(Outbox.update(state="sent").where(Outbox.id == arrived))
    assert briefed(desk, MONDAY) == 2
    assert mails(desk) == [(CARLA.address, "1 mail not delivered"), (DANA.address, "3 mails not delivered")]
    assert "outbox retry 1" in text(desk)
    assert briefed(desk, MONDAY + DAY) == 0
