"""The quarantine in the store: how rows leave it, who was told of them, and when the lists are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from letters import ANNA, TEMPLATES
from letters import desk as policy
from stored import NOW, a_mail, accept, claim, row

from mailticket import jobs, telling
from mailticket.core.plan import Outgoing, Plan
from mailticket.core.policy import Agent
from mailticket.errors import TemporaryError
from mailticket.store import due, held, inbox, outbox
from mailticket.store.apply import apply
from mailticket.store.db import at, open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Inbox

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
BORIS = Agent("Boris", "boris@acme.example", departments=("Acme Support",))
CARLA = Agent("Carla", "carla@acme.example", departments=("Acme Support",), role="manager")


@pytest.fixture
def db(tmp_path):
    with open_or_create(tmp_path / "desk.db") as opened:
        yield opened


@pytest.fixture
def desk(db):
    """Carla is the manager; Anna and Boris are agents."""
    three = replace(policy(), agents=(*policy().agents, BORIS, CARLA))
    return Desk(db, three, TEMPLATES, lambda: NOW, "one")


def quarantined(db, *numbers, concerns="", asked=False, state="quarantined", head=b"Message-ID: <%d@x>\r\n", at_=NOW):
    for number in numbers:
        ((made),) = accept(db, a_mail(number, head=head))
        fields = {
            "state": state,
            "reason": "no proof",
            "concerns": concerns,
            "done_at": at(at_),
            "soft_key": f"s{number}",
        }
        with db.write():
            db.run(Inbox.update(**fields, asked_at=at(NOW) if asked else None).where(Inbox.id == made.id))


def mails(db):
    """What was written: (recipient, rows that it names)."""
    return [(one["recipients"], one["about"]) for one in _mails(db)]


def _mails(db):
    found = db.execute(
        "SELECT json_extract(recipients, '$[0].address'), about, subject FROM outbox ORDER BY id"
    ).fetchall()
    return [{"recipients": r, "about": a, "subject": s} for r, a, s in found]


# --- release and discard -------------------------------------------------------------------------------------


def test_a_released_mail_is_worked_on_again_from_the_start_and_keeps_when_it_came(db):
    quarantined(db, 1, concerns=ANNA.address, asked=True)
    later = NOW + DAY
    assert held.release(db, [1], later) == [(1, "released")]
    now = row(db)
    wanted = {"state": "queued", "released": 1, "tries": 0, "suspect": 1, "reason": "", "round": 1}
    assert {key: now[key] for key in wanted} == wanted
    assert (now["soft_key"], now["done_at"], now["told_at"]) == (None, None, None)
    (again,) = claim(db, now=later)
    assert again.mail.released
    assert again.mail.concerns == ANNA.address, "whoever was asked has said what it may be"
    assert again.mail.received_at == NOW


def test_a_discarded_mail_stays_in_the_list_with_the_reason(db):
    quarantined(db, 1)
    assert held.discard(db, [1], NOW) == [(1, "discarded")]
    assert (row(db)["state"], row(db)["reason"]) == ("done", "discarded")
    assert claim(db) == []


@pytest.mark.parametrize(("order", "word"), [(held.release, "released"), (held.discard, "discarded")])
def test_what_is_no_longer_in_quarantine_is_left_alone_and_says_so(db, order, word):
    quarantined(db, 1)
    accept(db, a_mail(2), a_mail(3))
    (second,) = claim(db, limit=1)
    assert second.id == 2
    quarantined(db, 4, state="done")
    before = [row(db, number) for number in (2, 3, 4)]
    wanted = [(1, word), (2, "in work"), (3, "not in quarantine"), (4, "already done"), (9, "no such message")]
    assert order(db, [1, 2, 3, 4, 9], NOW) == wanted
    assert [row(db, number) for number in (2, 3, 4)] == before
    assert order(db, [1], NOW)[0][1] != word


def test_all_is_every_quarantined_mail(db):
    quarantined(db, 1, 2)
    accept(db, a_mail(3))
    assert held.release(db, None, NOW) == [(1, "released"), (2, "released")]
    assert held.discard(db, None, NOW) == []


def test_what_the_admin_orders_is_in_the_audit_trail(db):
    quarantined(db, 1, 2)
    held.release(db, [1], NOW)
    held.discard(db, [2, 2], NOW)
    trail = db.execute("SELECT actor, kind, ticket, detail FROM event ORDER BY id").fetchall()
    assert [tuple(line) for line in trail][:2] == [
        ("admin", "released", None, '{"inbox":1}'),
        ("admin", "discarded", None, '{"inbox":2}'),
    ]


def test_a_plan_takes_out_of_quarantine_only_what_is_in_it(db):
    """Two people answer the same list: the second finds nothing to do."""
    quarantined(db, 1, 2)
    with db.write():
        apply(db, Plan(release=(1,), discard=(2,)), NOW)
        apply(db, Plan(release=(2,), discard=(1,)), NOW)
    assert [row(db, number)["state"] for number in (1, 2)] == ["queued", "done"]
    assert row(db, 2)["released"] == 0


def test_a_discarded_mail_that_comes_again_is_the_same_mail_still(db):
    quarantined(db, 1)
    held.discard(db, [1], NOW)
    assert inbox.twin(db, "s1", 2).id == 1


def test_rows_are_those_that_are_there(db):
    quarantined(db, 1)
    assert [(one.id, one.state, one.reason) for one in held.rows(db, (1, 9))] == [(1, "quarantined", "no proof")]
    assert held.rows(db, ()) == ()


# --- questions ------------------------------------------------------------------------------------------------


def asked(db, address, *, ago, template="question"):
    mail = Outgoing(
        f"{address}{ago}{template}",
        "notice",
        "agent",
        None,
        "<q@x>",
        "",
        (ANNA,),
        "?",
        b"",
        NOW,
        template=template,
        person=address,
    )
    with db.write():
        outbox.add(db, mail, NOW - ago)


def test_questions_are_counted_by_agent_and_within_the_time(db):
    asked(db, ANNA.address, ago=2 * DAY)
    asked(db, ANNA.address, ago=DAY)
    asked(db, "ANNA@acme.example", ago=MINUTE)
    asked(db, BORIS.address, ago=MINUTE)
    asked(db, ANNA.address, ago=SECOND, template="notice-held")
    assert held.asked_since(db, ANNA.address, NOW - DAY) == 2
    assert held.asked_since(db, BORIS.address, NOW - DAY) == 1
    assert held.asked_since(db, CARLA.address, NOW - DAY) == 0


def test_a_question_counts_though_its_mail_was_released(db):
    quarantined(db, 1, concerns=ANNA.address, asked=True)
    asked(db, ANNA.address, ago=MINUTE)
    held.release(db, [1], NOW)
    assert held.asked_since(db, ANNA.address, NOW - DAY) == 1


# --- the lists ------------------------------------------------------------------------------------------------


def test_managers_hear_of_the_first_at_once_and_of_what_comes_within_a_day_in_the_morning(desk):
    db = desk.db
    assert telling.tell(desk, NOW) == 0
    quarantined(db, 1)
    assert telling.tell(desk, NOW) == 1
    quarantined(db, 2, at_=NOW + MINUTE)
    assert telling.tell(desk, NOW + MINUTE) == 0
    quarantined(db, 3, at_=NOW + DAY)
    assert telling.tell(desk, NOW + DAY) == 0, "another one waits for the morning"
    assert mails(db) == [(CARLA.address, "[1]")]
    assert jobs.brief_managers(desk, NOW + DAY) == 1
    assert mails(db) == [(CARLA.address, "[1]"), (CARLA.address, "[2,3]")]


def test_a_day_without_news_makes_no_list_and_the_next_news_are_told_at_once(desk):
    quarantined(desk.db, 1)
    telling.tell(desk, NOW)
    assert telling.tell(desk, NOW + 3 * DAY) == 0
    quarantined(desk.db, 2, at_=NOW + 3 * DAY + MINUTE)
    assert telling.tell(desk, NOW + 3 * DAY + MINUTE) == 1


def test_an_agent_gets_a_list_of_what_they_were_not_asked_about(desk):
    quarantined(desk.db, 1, concerns=BORIS.address, asked=True)
    quarantined(desk.db, 2, concerns=BORIS.address)
    assert telling.tell(desk, NOW) == 2
    assert mails(desk.db) == [(CARLA.address, "[1,2]"), (BORIS.address, "[2]")]
    quarantined(desk.db, 3, concerns=BORIS.address)
    assert telling.tell(desk, NOW + MINUTE) == 0
    assert telling.tell(desk, NOW + DAY) == 1
    assert mails(desk.db)[2:] == [(BORIS.address, "[3]")]


def test_a_manager_is_not_told_of_what_they_were_asked_about_themselves(desk):
    quarantined(desk.db, 1, concerns=CARLA.address, asked=True)
    assert telling.tell(desk, NOW) == 0
    quarantined(desk.db, 2, concerns=CARLA.address)
    assert telling.tell(desk, NOW + MINUTE) == 1, "that nothing was sent starts no day"
    assert mails(desk.db) == [(CARLA.address, "[2]")]


def test_each_manager_gets_a_mail_of_their_own(desk):
    two = replace(desk.policy, agents=(*desk.policy.agents, replace(CARLA, name="Dana", address="dana@acme.example")))
    quarantined(desk.db, 1, concerns=CARLA.address, asked=True)
    assert telling.tell(replace(desk, policy=two), NOW) == 1
    assert mails(desk.db) == [("dana@acme.example", "[1]")]


def test_what_concerns_somebody_who_is_no_agent_any_more_is_told_to_the_managers(desk):
    quarantined(desk.db, 1, concerns="gone@acme.example")
    assert telling.tell(desk, NOW) == 1
    assert telling.tell(desk, NOW + DAY) == 0
    assert mails(desk.db) == [(CARLA.address, "[1]")]


def test_an_agent_who_has_got_another_address_since_is_told_once(desk):
    quarantined(desk.db, 1, concerns="boris.old@acme.example")
    aliased = replace(BORIS, aliases=("boris.old@acme.example",))
    now = replace(desk, policy=replace(desk.policy, agents=(*policy().agents, aliased, CARLA)))
    assert telling.tell(now, NOW) == 2
    assert telling.tell(now, NOW + 2 * DAY) == 0


def test_a_list_names_fifty_and_counts_the_others(desk):
    quarantined(desk.db, *range(1, 54))
    assert telling.tell(desk, NOW) == 1
    ((_, about),) = mails(desk.db)
    assert about == str(list(range(1, 51))).replace(" ", "")
    assert _mails(desk.db)[0]["subject"] == "53 mails in quarantine"
    assert telling.tell(desk, NOW + DAY) == 0


def test_a_mail_that_nobody_could_read_is_shown_by_what_its_header_says(db):
    quarantined(db, 1, head=b"From: =?utf-8?q?M=C3=A1ria?= <maria@customer.example>\r\n")
    (shown,) = held.for_manager(db, (), NOW, NOW).mails
    assert (shown.from_.name, shown.from_.address, shown.subject) == ("Mária", "maria@customer.example", "1")


def test_a_mail_that_is_held_once_more_is_told_of_once_more(desk):
    quarantined(desk.db, 1)
    telling.tell(desk, NOW)
    held.release(desk.db, [1], NOW)
    with desk.db.write():
        desk.db.run(Inbox.update(state="quarantined", done_at=at(NOW + DAY)))
    assert telling.tell(desk, NOW + DAY) == 1


def test_trouble_with_a_list_is_a_line_in_the_log_and_the_next_time_tries_again(desk, monkeypatch, caplog):
    quarantined(desk.db, 1)

    def failing(*_args, **_how):
        raise TemporaryError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Desk, "carry_out", failing)
        telling.quarantine_told(desk, NOW)
    (record,) = caplog.records
    assert record.getMessage() == "nobody was told of the quarantine: TemporaryError: the disk is full"
    assert mails(desk.db) == []
    telling.quarantine_told(desk, NOW)
    assert mails(desk.db) == [(CARLA.address, "[1]")]


def test_what_nobody_put_off_is_due(db):
    assert due.due(db, "list:managers", NOW)
    with db.write():
        due.put_off(db, "list:managers", NOW)
        due.put_off(db, "list:managers", NOW + DAY)
    assert not due.due(db, "list:managers", NOW)
    assert due.due(db, "list:managers", NOW + DAY)
    due.hurry(db, ["list:managers"])
    assert due.due(db, "list:managers", NOW)
