"""Answers that cross, on a desk with its database: restarts and crashes, the admin's word, a signature's proof."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from fakes.smtpserver import ScriptedServer
from scenario_desk import START, Mail, StoryDesk
from signing import NAME, by_hand, record

from mailticket.core.collisions import UNSEEN, WAITS
from mailticket.store import held, inbox, outbox, queues
from mailticket.store.db import at
from mailticket.store.schema import Outbox
from mailticket.store.talks import _filed, _mails, _messages, _words, talks

CONFIG = Path(__file__).parent / "scenarios" / "two-answers-cross" / "config.toml"
MINUTE = timedelta(minutes=1)
SUPPORT, MARIA = "support@acme.example", "maria@customer.example"
ANNA, BORIS = "anna@acme.example", "boris@acme.example"


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


class Restarted:
    """A desk, and the same one after it was stopped and started."""

    def __init__(self, folder: Path, server: ScriptedServer) -> None:
        self._made = (CONFIG, folder, server)
        self.desk = StoryDesk(*self._made)

    def restart(self) -> None:
        now = self.desk.now
        self.desk.close()
        self.desk = StoryDesk(*self._made)
        self.desk.now = now
        inbox.release_all(self.desk.db)
        outbox.release_all(self.desk.db)


@pytest.fixture
def started(tmp_path, server):
    made = Restarted(tmp_path, server)
    made.desk.dns[NAME] = record()
    yield made
    made.desk.close()


def mail(sender: str, words: str, *headers: str) -> Mail:
    head = [f"From: {sender}", f"To: {SUPPORT}", *headers, "Content-Type: text/plain; charset=utf-8"]
    return Mail("\r\n".join([*head, "", words, ""]).encode(), sender, (SUPPORT,))


def request(desk: StoryDesk) -> None:
    desk.receive(mail(MARIA, "It burns.", "Subject: Printer", "Message-ID: <1@customer.example>"))


def to(desk: StoryDesk, who: str, kind: str = "assignment") -> Mail:
    """The last mail of that kind to that agent."""
    return next(one for one in reversed(desk.sent) if one.to == (who,) and one.kind == kind)


def replies(desk: StoryDesk, who: str, words: str, kind: str = "assignment") -> int:
    head = to(desk, who, kind).message
    return desk.receive(
        mail(who, words, f"Subject: {head['subject']}", f"In-Reply-To: {head['message-id']}", f"Message-ID: <{words}>")
    )


def by_tag(desk: StoryDesk, who: str, words: str, written) -> int:
    """A mail that replies to nothing, signed by its server."""
    plain = mail(who, words, "Subject: [ACME-1] Printer", f"Date: {format_datetime(written)}", f"Message-ID: <{words}>")
    return desk.receive(Mail(by_hand({}, plain.raw), who, (SUPPORT,)))


def answers(desk: StoryDesk) -> list[str]:
    return [one.text.strip() for one in desk.sent if one.kind == "answer"]


def state(desk: StoryDesk, row: int) -> tuple[str, str]:
    shown = desk.inbox_row(row)
    return shown["state"], shown["reason"]


def crossed(desk: StoryDesk) -> int:
    """Boris's answer beside Anna's, which waits."""
    request(desk)
    replies(desk, ANNA, "Pull the plug.")
    row = replies(desk, BORIS, "Pour water on it.")
    assert state(desk, row) == ("quarantined", WAITS)
    return row


def test_what_is_held_outlives_a_restart_and_is_sent_by_a_word_after_it(started):
    row = crossed(started.desk)
    given_back = to(started.desk, BORIS, "notice")
    started.restart()
    desk = started.desk
    assert state(desk, row) == ("quarantined", WAITS)
    desk.sent.append(given_back)  # it is in his mailbox
    replies(desk, BORIS, "yes", "notice")
    assert state(desk, row) == ("done", "")
    started.restart()
    started.desk.turn_to(started.desk.now + MINUTE)
    assert answers(started.desk) == ["Pull the plug.", "Pour water on it."]


@pytest.mark.parametrize("point", ["inbox:claimed", "inbox:applied", "inbox:committed"])
def test_a_crash_at_any_point_leaves_it_once(started, point, monkeypatch):
    desk = started.desk
    request(desk)
    replies(desk, ANNA, "Pull the plug.")

    class Died(BaseException):
        """The desk is killed."""

    def dies(reached: str) -> None:
        if reached == point:
            raise Died

    object.__setattr__(desk.desk, "checkpoint", dies)
    with pytest.raises(Died):
        replies(desk, BORIS, "Pour water on it.")
    started.restart()
    started.desk.run()
    waiting = list(queues.inbox(started.desk.db, state="quarantined"))
    assert [one["reason"] for one in waiting] == [WAITS]
    back = started.desk.db.rows(Outbox.select(Outbox.about).where(Outbox.template == "collision"))
    assert back == [(f"[{waiting[0]['id']}]",)]
    assert [event["kind"] for event in started.desk.ticket(1)["events"]].count("collided") == 1


def test_the_admin_sees_the_reason_and_lets_it_in(started):
    desk = started.desk
    row = crossed(desk)
    (listed,) = queues.inbox(desk.db, state="quarantined")
    assert (listed["id"], listed["reason"], listed["ticket"]) == (row, WAITS, 1)
    assert held.concerns(desk.db, row)["concerns"] == BORIS
    assert held.release(desk.db, [row], desk.now) == [(row, "released")]
    assert held.release(desk.db, [row], desk.now) == [(row, "not in quarantine")]
    desk.turn_to(desk.now + MINUTE)
    assert answers(desk) == ["Pull the plug.", "Pour water on it."]
    assert held.discard(desk.db, [row], desk.now) == [(row, "already done")]


def test_a_retry_asks_anew_whether_it_crosses(started):
    desk = started.desk
    row = crossed(desk)
    inbox.retry(desk.db, [row], desk.now)
    desk.run()
    assert state(desk, row) == ("quarantined", WAITS)
    desk.turn_to(desk.now + MINUTE)
    inbox.retry(desk.db, [row], desk.now)
    desk.run()
    assert state(desk, row) == ("done", "")


def test_a_signed_mail_by_tag_has_seen_what_was_mailed_before_its_date(started):
    desk = started.desk
    request(desk)
    desk.turn_to(START + 10 * MINUTE)
    desk.receive(mail(MARIA, "It is out.", "Subject: Re: [ACME-1] Printer", "Message-ID: <2@customer.example>"))
    desk.turn_to(START + 20 * MINUTE)
    early = by_tag(desk, ANNA, "We are on our way.", START + 9 * MINUTE)
    assert state(desk, early) == ("quarantined", UNSEEN)
    later = by_tag(desk, ANNA, "Then we stay here.", START + 11 * MINUTE)
    assert state(desk, later) == ("done", "")


def test_what_is_let_in_says_no_more_than_its_signature_covered(started):
    """Whoever brings a signed mail again may add headers to it: the held mail is read by the signed ones, then, too."""
    desk = started.desk
    request(desk)
    desk.receive(mail("eve@elsewhere.example", "And I?", "Subject: Other", "Message-ID: <9@elsewhere.example>"))
    desk.turn_to(START + MINUTE)
    desk.receive(mail(MARIA, "It is out.", "Subject: Re: [ACME-1] Printer", "Message-ID: <2@customer.example>"))
    desk.turn_to(START + 2 * MINUTE)
    plain = mail(ANNA, "We come.", "Subject: [ACME-1] Printer", f"Date: {format_datetime(START)}", "Message-ID: <a@x>")
    added = b"Cc: eve@elsewhere.example\r\nIn-Reply-To: <9@elsewhere.example>\r\n" + by_hand({}, plain.raw)
    row = desk.receive(Mail(added, ANNA, (SUPPORT,)))
    assert state(desk, row) == ("quarantined", UNSEEN)
    replies(desk, ANNA, "yes", "notice")
    desk.turn_to(desk.now + MINUTE)
    assert [one.to for one in desk.sent if one.kind == "answer"] == [(MARIA,)]


def test_an_answer_that_somebody_has_got_does_not_wait(started, server):
    """The mail server puts off one of its two recipients."""
    desk = started.desk
    desk.receive(mail(MARIA, "It burns.", "Cc: petr@customer.example", "Subject: Printer", "Message-ID: <1@x>"))
    server.say("RCPT TO:<petr@customer.example>", *["451 4.3.0 later"] * 3)
    replies(desk, ANNA, "Pull the plug.")
    desk.turn_to(desk.now + MINUTE)
    assert {row["state"] for row in desk.outbox_rows() if row["to"] == [MARIA, "petr@customer.example"]} == {"queued"}
    row = replies(desk, BORIS, "Pour water on it.")
    assert state(desk, row) == ("done", "")


def test_answers_of_who_has_left_the_desk_and_of_older_versions_are_no_puzzle(started):
    """An outbox row of a version before this one does not say who wrote it."""
    desk = started.desk
    request(desk)
    replies(desk, ANNA, "Pull the plug.")
    with desk.db.write():
        desk.db.run(Outbox.update(person="").where(Outbox.person == ANNA))
    assert state(desk, replies(desk, BORIS, "Pour water on it."))[0] == "done"
    with desk.db.write():
        desk.db.run(Outbox.update(person="gone@acme.example").where(Outbox.person == BORIS))
    assert state(desk, replies(desk, ANNA, "Do not."))[0] == "quarantined"
    assert "gone@acme.example's answer leaves" in to(desk, ANNA, "notice").text.replace("\r\n", " ")


def test_what_is_asked_for_each_answer_goes_by_an_index(started):
    """A ticket may have ten thousand mails, and a desk a million."""
    db = started.desk.db
    for query in (_mails, _messages, _words, _filed):
        sql, places = db.text(query._build())
        steps = [row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", [1] * len(places)).fetchall()]
        walked = [step for step in steps if not step.startswith(("SEARCH", "USE TEMP B-TREE FOR ORDER BY"))]
        assert walked == []


def test_the_talk_of_an_agent_leaves_out_their_own_part(started):
    desk = started.desk
    request(desk)
    replies(desk, ANNA, "Pull the plug.")
    anna, boris = (talks(desk.db, [1], desk.policy.agent_of(who))[1] for who in (ANNA, BORIS))
    assert [one.text for one in anna.said] == ["It burns."]
    assert (anna.answers, [one.writer for one in boris.answers]) == ((), [ANNA])
    assert boris.answers[0].leaves_at == desk.now + desk.policy.send_delay
    assert [at(one.written_at) for one in boris.mailed] == [at(desk.now)]
