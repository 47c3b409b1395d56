"""Ways round the rules that somebody found who looked for them: each was open once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attacked import ANNA, BORIS, CONFIG, EVE, MARIA, MONA, PETR, Shop
from fakes.smtpserver import ScriptedServer
from scenario_desk import Mail, StoryDesk

from mailticket.store import held, inbox, people, queues
from mailticket.store.schema import Person

RELAY = {"peer": "127.0.0.1"}
PASSED = "mx.acme.example; dmarc=pass header.from={}"


@pytest.fixture
def shop(tmp_path):
    config = tmp_path / "mailticket.toml"
    config.write_text(CONFIG, "utf-8")
    with ScriptedServer() as server:
        shop = Shop(StoryDesk(config, tmp_path, server))
        shop.open()
        shop.desk.turn_to(shop.desk.now + timedelta(minutes=10))
        yield shop
        shop.desk.close()


def last(shop: Shop) -> dict[str, object]:
    return list(queues.inbox(shop.desk.db))[-1]


def question(shop: Shop) -> Mail:
    asked = ("Did you", "Somebody answered")
    return next(m for m in reversed(shop.desk.sent) if m.to == (ANNA,) and str(m.message["subject"]).startswith(asked))


@pytest.mark.parametrize("who", [BORIS, EVE])
def test_what_somebody_else_answered_is_a_note_when_it_is_let_in_and_reaches_no_customer(shop, who):
    shop.send(who, "Dear Maria, the code is 4711.", answers=shop.mails[f"assignment to {ANNA}"])
    asked, sent = question(shop), len(shop.desk.sent)
    shop.send(ANNA, "yes", answers=asked)
    shop.desk.run()
    ticket = shop.desk.ticket(1)
    assert [m["direction"] for m in ticket["messages"]][-1] == "note"
    assert {to for mail in shop.desk.sent[sent:] for to in mail.to} <= {ANNA, BORIS, MONA}
    assert shop.desk.count_tickets() == 2


def test_an_agents_mark_in_a_strangers_hands_opens_no_ticket_the_second_time_either(shop):
    for words in ("one", "two"):
        shop.send(EVE, words, answers=shop.mails[f"assignment to {ANNA}"])
        assert last(shop)["state"] == "quarantined"
    assert shop.desk.count_tickets() == 2


def test_a_mail_that_was_asked_about_can_be_tried_again(shop):
    shop.send(ANNA, "#resolve", Subject="[ACME-1]")
    inbox.retry(shop.desk.db, [last(shop)["id"]], shop.desk.now)
    shop.desk.run()
    assert "from an agent's address" in last(shop)["reason"]


def test_a_released_mail_is_worked_on_once_for_each_release(shop):
    shop.send(ANNA, "It is done, Maria.", Subject="[ACME-1]")
    said = len(shop.desk.ticket(1)["messages"])
    number = last(shop)["id"]
    for expected in ("released", "already done"):
        assert held.release(shop.desk.db, [number], shop.desk.now) == [(number, expected)]
        shop.desk.run()
    assert len(shop.desk.ticket(1)["messages"]) == said + 1


def test_marks_of_a_colleague_do_not_make_more_questions_than_five_a_day(shop):
    for n in range(12):
        shop.send(ANNA, f"#resolve {n}", answers=shop.mails[f"assignment to {BORIS}"])
    asked = [m for m in shop.desk.sent if str(m.message["subject"]).startswith(("Did you", "Somebody answered"))]
    assert len([m for m in asked if m.to == (ANNA,)]) <= 5
    assert len([m for m in asked if m.to == (BORIS,)]) <= 5


def test_a_web_form_that_is_proved_proves_nobody_whom_it_names(shop):
    shop.send(
        "form@shop.example", "Buy", Subject="Cheap pills", Reply_To="victim@third.example", how=RELAY,
        **{"Authentication-Results": PASSED.format("shop.example")},
    )  # fmt: skip
    (mail,) = [m for m in shop.desk.sent if m.to == ("victim@third.example",)]
    assert "pills" not in mail.everything
    assert not people.find(shop.desk.db, "victim@third.example").proved


def test_a_person_who_follows_up_on_a_mail_that_was_taken_for_spam_is_heard(shop):
    first = shop.send(PETR, "Urgent!", Subject="Invoice", X_Spam_Flag="YES", how=RELAY)
    assert shop.desk.ticket(3)["status"] == "spam"
    sent = len(shop.desk.sent)
    shop.send(PETR, "Did you get it?", answers=None, Subject="Re: Invoice", References=str(first.message["message-id"]))
    ticket = shop.desk.ticket(3)
    assert ticket["status"] == "open"
    assert ticket["agent"] is not None
    assert [m.kind for m in shop.desk.sent[sent:]] == ["assignment"]


def test_a_forged_flood_does_not_make_a_machine_of_a_customer_who_answers_us(shop):
    shop.send(ANNA, "#resolve", answers=shop.mails[f"assignment to {ANNA}"])
    db = shop.desk.db
    with db.write():
        db.run(Person.update(held=True).where(Person.key == MARIA))
    shop.send(MARIA, "It burns again.", answers=shop.mails["answer"])
    assert shop.desk.ticket(1)["status"] == "open"
    sent = len(shop.desk.sent)
    shop.send(MARIA, "Something else.", Subject="A new thing")
    assert not [m for m in shop.desk.sent[sent:] if m.to == (MARIA,)], "it is held all the same"


def test_an_agent_who_was_once_taken_for_a_machine_is_still_an_agent(shop):
    db = shop.desk.db
    with db.write():
        people.meet(db, shop.desk.policy.agent_of(ANNA).as_address)
        db.run(Person.update(held=True).where(Person.key == ANNA))
    shop.send(ANNA, "#resolve", answers=shop.mails[f"assignment to {ANNA}"])
    assert shop.desk.ticket(1)["status"] == "resolved"


def test_a_colleagues_list_answered_by_an_agent_who_is_proved_comes_back(shop):
    shop.send(ANNA, "#resolve", Subject="[ACME-1]")
    (list_,) = [m for m in shop.desk.sent if m.to == (MONA,)]
    held_row = last(shop)["id"]
    shop.send(BORIS, "#release all", answers=list_, how={"auth": BORIS})
    assert queues.inbox_show(shop.desk.db, held_row)["state"] == "quarantined"
    assert shop.desk.count_tickets() == 2
    assert shop.desk.sent[-1].to == (BORIS,)
