"""The managers' morning mail: which mails that did not arrive it tells of, and in which words."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_string
from email.policy import default

import pytest
from letters import ANNA, TEMPLATES
from letters import desk as policy
from stored import send
from test_morning import CARLA, MONDAY, WIDE, opened, refused, text

from mailticket import jobs
from mailticket.core.plan import NewEvent, Plan
from mailticket.store.apply import apply
from mailticket.store.db import open_or_create
from mailticket.store.desk import Desk
from mailticket.store.schema import Outbox

CARLAS = replace(WIDE, agents=(*policy().agents, CARLA))


@pytest.fixture
def desk(tmp_path):
    with open_or_create(tmp_path / "desk.db") as db:
        yield Desk(db, CARLAS, TEMPLATES, lambda: MONDAY, "one")


def answered(desk, ref, state="sent"):
    send(desk.db, ref)
    with desk.db.write():
        fields = {"state": state, "ticket": 1, "kind": "relay", "audience": "customer"}
        desk.db.run(Outbox.update(fields).where(Outbox.ref == ref))


def became(desk, after, actor):
    with desk.db.write():
        event = NewEvent("status", actor, 1, {"before": "open", "after": after})
        apply(desk.db, Plan(events=(event,)), MONDAY)


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (lambda desk: answered(desk, "next"), 0),
        (lambda desk: answered(desk, "next", "queued"), 1),
        (lambda desk: became(desk, "resolved", ANNA), 0),
        (lambda desk: became(desk, "closed", ANNA), 0),
        (lambda desk: became(desk, "closed", "desk"), 1),
        (lambda desk: became(desk, "pending", ANNA), 1),
    ],
    ids=["answered", "an answer waits", "resolved", "closed", "closed by itself", "pending"],
)
def test_a_failed_mail_of_a_ticket_that_was_seen_to_since_is_told_to_nobody(desk, since, told):
    opened(desk, 1, agent=ANNA.address)
    answered(desk, "before")
    became(desk, "resolved", ANNA)  # as the failed answer itself does
    refused(desk, "lost", ticket=1)
    since(desk)
    assert jobs.brief_managers(desk, MONDAY) == told


def test_a_server_s_words_are_shown_as_they_are_and_are_no_html(desk):
    opened(desk, 1, agent=ANNA.address)
    number = refused(desk, "lost", ticket=1)
    reply = "552 5.2.2 <jana@obchod.example>: the mailbox is full"
    with desk.db.write():
        recipients = f'[{{"address": "jana@obchod.example", "state": "failed", "last_reply": "{reply}"}}]'
        desk.db.run(Outbox.update(recipients=recipients).where(Outbox.id == number))
    assert jobs.brief_managers(desk, MONDAY) == 1
    whole = message_from_string(text(desk), policy=default)
    assert reply in " ".join(whole.get_body(("plain",)).get_content().split())
    html = " ".join(whole.get_body(("html",)).get_content().split())
    assert "552 5.2.2 &lt;jana@obchod.example&gt;: the mailbox is full" in html
