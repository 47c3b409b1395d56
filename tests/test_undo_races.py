"""An #undo against the sender, against a crash, and against rows that are not as they were when it was decided."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.smtpserver import ScriptedServer
from machine.close import assigned_once
from machine.mails import AGENTS, CUSTOMERS, SUPPORT, Draft, references
from machine.world import COMMIT, STATEMENT, Crash
from scenario import Play, read_story
from scenario_desk import StoryDesk

from mailticket.core.plan import Plan
from mailticket.errors import MailticketError
from mailticket.store import outbox
from mailticket.store.apply import apply

CONFIG = Path(__file__).parent / "scenarios" / "undo-in-time" / "config.toml"
DELAY = timedelta(seconds=20)
MUCH = 1 << 30
ANSWERED = """An answer waits.
maria@customer.example writes to support@acme.example
    Subject: Fire

    It burns.
> acknowledgement to maria@customer.example
> assignment to anna@acme.example
anna@acme.example replies to the assignment
    Pull the plug.
> receipt to anna@acme.example
"""
LEAVES = """It leaves.
anna@acme.example replies to the receipt
    #undo
> receipt to anna@acme.example
    says: your answer to maria@customer.example is just leaving: it cannot be taken back
    says: [ACME-1] is new again
ticket 1: messages inbound, outbound, outbound; status new
"""
STAYS = """It stays.
anna@acme.example replies to the receipt
    #undo
> receipt to anna@acme.example
    says: the answer to maria@customer.example was not sent
the answer to maria@customer.example is undone
ticket 1: messages inbound, outbound; status new
after 1 hour
nothing is sent
"""


class Told(Play):
    """A story that is told in parts, with what happens between them."""

    def tell(self, text: str) -> None:
        path = self.folder / "part.txt"
        path.write_text(text)
        self.all(read_story(path)[1])


@pytest.fixture
def story(tmp_path):
    with ScriptedServer() as server:
        desk = StoryDesk(CONFIG, tmp_path, server)
        play = Told(desk, tmp_path)
        play.tell(ANSWERED)
        yield play
        desk.close()


def claimed(story):
    """A sender that is slow has the answer in its hands."""
    story.desk.now += DELAY
    (row,) = outbox.claim(story.desk.db, "a slow sender", story.desk.now, 10, MUCH)
    return row


def test_what_a_sender_has_claimed_is_leaving_and_the_rest_goes_back(story):
    row = claimed(story)
    story.tell(LEAVES)
    assert story.desk.db.execute("SELECT state, owner FROM outbox WHERE id = ?", (row.id,)).fetchone() == (
        "queued",
        "a slow sender",
    )


def test_what_was_tried_may_have_left_whoever_has_it_now(story):
    """The sender died, or the mail server has put it off: some may have it."""
    claimed(story)
    outbox.release_all(story.desk.db)
    story.desk.now -= DELAY  # it is not due before the #undo is worked on
    story.desk.db.execute("UPDATE outbox SET next_at = next_at + 3600000000 WHERE state = 'queued'")
    story.tell(LEAVES)
    story.tell("It is sent after all.\nafter 2 hours\n> answer to maria@customer.example")


def test_what_was_claimed_and_given_back_untried_is_kept_here(story):
    row = claimed(story)
    outbox.give_back(story.desk.db, "a slow sender", [row.id])
    story.tell(STAYS)


def test_what_is_undone_is_never_claimed_or_tried_again(story):
    story.tell(STAYS)
    desk = story.desk
    (number,) = (row["id"] for row in desk.outbox_rows() if row["state"] == "undone")
    assert outbox.retry(desk.db, [number], desk.now) == [(number, "was undone")]
    assert outbox.retry(desk.db, None, desk.now) == []
    assert outbox.claim(desk.db, "one", desk.now + timedelta(days=9), 10, MUCH) == []


@pytest.mark.parametrize("part", ["undone", "withdrawn", "undoes"])
def test_rows_that_are_not_as_they_were_when_it_was_decided_undo_nothing(story, part):
    """Nothing of the plan is written then."""
    desk, (act, message) = story.desk, (1, 3)
    (answer,) = (row["id"] for row in desk.outbox_rows() if row["kind"] == "relay")
    plan = Plan(**{"undoes": (act,), "undone": (answer,), "withdrawn": (message,)} | {part: (99,)})
    with pytest.raises(MailticketError, match="is not as it was"), desk.db.write():
        apply(desk.db, plan, desk.now)
    assert desk.db.execute("SELECT undone_at FROM act").fetchall() == [(None,)]
    story.tell(STAYS)


# --- crashes ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path):
    yield from assigned_once(tmp_path)


def says(world, number, text):
    sent = next(taken for taken in world.server.taken if taken.recipients == (AGENTS[0],))
    draft = Draft(number, AGENTS[0], text, answers=references(sent), by_agent=True)
    world.deliver(world.write(draft), [SUPPORT])


def one(world, sql):
    return world.db.execute(sql).fetchone()[0]


def whole(world) -> bool:
    """Is the last act undone, in all tables? It never is in some."""
    act, answer = one(world, "SELECT max(id) FROM act"), one(world, "SELECT max(id) FROM outbox WHERE kind = 'relay'")
    (undone_at, detail) = world.db.execute("SELECT undone_at, detail FROM act WHERE id = ?", (act,)).fetchone()
    message = json.loads(detail)["messages"][0]
    found = {
        undone_at is not None,
        one(world, f"SELECT state FROM outbox WHERE id = {answer}") == "undone",
        one(world, f"SELECT count(*) FROM message WHERE id = {message}") == 0,
        one(world, "SELECT status FROM ticket") == "new",
    }
    assert len(found) == 1, "it is undone in part"
    return found.pop()


def test_a_crash_at_any_statement_leaves_it_done_or_undone_and_then_undoes_it_once(world):
    number = statements = 0
    while world.crashes == statements:
        number, statements = number + 1, statements + 1
        says(world, 100 + 2 * number, "TOKEN")
        world.work()
        says(world, 101 + 2 * number, "#undo")
        world.attempt(world.work, Crash(STATEMENT, statements))
        whole(world)
        world.now += timedelta(seconds=5)  # what was in work when the desk died is put off
        world.work()
        assert whole(world), f"after {statements} statements"
    assert number > 20, "it takes that many statements"
    assert one(world, "SELECT count(*) FROM event WHERE kind = 'undone'") == number
    world.now += timedelta(hours=1)
    world.drain()
    assert not any("tok1" in str(taken.mail) for taken in world.server.taken if taken.recipients == (CUSTOMERS[0],))


def test_a_crash_just_after_it_undoes_it_once(world):
    says(world, 100, "TOKEN")
    world.work()
    says(world, 101, "#undo")
    world.attempt(world.work, Crash(COMMIT))
    assert world.crashes == 1
    world.now += timedelta(seconds=5)
    world.work()
    assert whole(world)
    assert one(world, "SELECT count(*) FROM event WHERE kind = 'undone'") == 1
