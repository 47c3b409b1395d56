"""How often a link alone is answered, in a whole desk: so many times within an hour, with one word when it is more."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from pathlib import Path

import pytest
from fakes.smtpserver import ScriptedServer
from scenario_desk import Mail, StoryDesk

from mailticket.core.linked import TOO_OFTEN
from mailticket.core.notices import MOST, WITHIN
from mailticket.core.parse import parse
from mailticket.core.types import RawMail
from mailticket.store import notices, queues
from mailticket.store.context import load, question

CONFIG = Path(__file__).parent / "scenarios" / "link-address-proves-asking" / "config.toml"
DANA, EVE = "dana@acme.example", "eve@evil.example"
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(tmp_path):
    with ScriptedServer() as server:
        opened = StoryDesk(CONFIG, tmp_path, server)
        yield opened
        opened.close()


def written(subject: str, to: str, number: int = 0, sender: str = DANA) -> bytes:
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{number}@x.example>\r\n\r\n".encode()


def looked_up(desk, subject: str, link: str, sender: str = DANA) -> bool:
    """Is anything read of the desk's tickets for it?"""
    raw = RawMail(written(subject, link, sender=sender), EVE, (link,), "smtp", desk.now)
    asked = question(1, "cause", parse(raw.raw), raw, desk.policy)
    return load(desk.db, asked, desk.policy, desk.now).pages is not None


def asks(desk, subject: str, *, to: str = "support@acme.example", login: bool = False) -> list[str]:
    """The templates of what Dana gets for a mail in her name."""
    before = len(desk.sent)
    number = len(desk.came)
    desk.receive(Mail(written(subject, to, number), EVE, (to,)), auth=DANA if login else "")
    assert {mail.to for mail in desk.sent[before:]} <= {(DANA,)}
    return [mail.template for mail in desk.sent[before:]]


def test_a_link_is_answered_twenty_times_within_an_hour_and_told_once(desk):
    assert asks(desk, "#status", login=True) == ["notice-status"]
    link, began = desk.sent[-1].link_address, desk.now
    for line, found in (("#list", True), ("#show 1", True), ("#show 1 attachments", False), ("#search x", False)):
        assert looked_up(desk, line, link) is found, line
        assert not looked_up(desk, line, link, f"{DANA}, {EVE}"), "a From of two proves nothing"
    answered = [asks(desk, line, to=link) for line in ("#list", "#take 1", "Hello", "#list mine") * (MOST // 4)]
    assert answered == [["notice-list"], ["notice-commands"], ["notice-commands"], ["notice-list"]] * (MOST // 4)
    assert asks(desk, "#list overdue", to=link) == ["notice-linked"]
    assert "The first of them says: #list overdue" in " ".join(desk.sent[-1].text.split())
    assert not looked_up(desk, "#list", link)
    desk.turn_to(began + WITHIN - SECOND)
    for line in ("#list", "#take 1", "Hello"):
        assert asks(desk, line, to=link) == []
        row = max(queues.inbox(desk.db), key=itemgetter("id"))
        assert (row["state"], row["reason"]) == ("done", TOO_OFTEN)

    # What proves more is answered, and none of these is among the notices that are gathered.
    assert asks(desk, "#list", login=True) == ["notice-list"]
    assert notices.had(desk.db, DANA, began - SECOND).singly == 0
    desk.turn_to(began + WITHIN)
    assert asks(desk, "#list", to=link) == ["notice-list"]
