"""Whatever is merged, split and undone in whatever order: each message is in one ticket, each number finds one, and
what was counted is right."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from fakes.smtpserver import ScriptedServer
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scenario_desk import Mail, StoryDesk

from mailticket.core.keys import address_key
from mailticket.core.lifecycle import is_open
from mailticket.store import face, people, tickets
from mailticket.store.schema import Inbox, Message

CONFIG = Path(__file__).parent / "scenarios" / "merged" / "config.toml"
CUSTOMERS = ("maria@customer.example", "petr@elsewhere.example")
AGENTS = ("anna@acme.example", "boris@acme.example")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("writes"), st.sampled_from(CUSTOMERS), st.integers(0, 5)),
        st.tuples(st.just("merges"), st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.just("answers and merges"), st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.just("splits"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("undoes"), st.integers(0, 9), st.none()),
    ),
    min_size=4,
    max_size=8,
)


class Played:
    def __init__(self, desk: StoryDesk) -> None:
        self.desk = desk
        self.mails = 0

    def comes(self, who: str, subject: str, text: str, *headers: str, auth: str = "") -> None:
        self.mails += 1
        head = (f"From: {who}", "To: support@acme.example", f"Subject: {subject}", f"Message-ID: <{self.mails}@x>")
        raw = "\r\n".join((*head, "Date: Mon, 23 Nov 2026 09:00:00 +0100", *headers, "", text, "")).encode()
        self.desk.receive(Mail(raw, who, ("support@acme.example",)), auth=auth)

    def writes(self, who: str, number: int) -> None:
        self.comes(who, f"[ACME-{number}] Hello" if number else "Hello", f"Words {self.mails}")

    def merges(self, number: int, into: int, words: str = "") -> None:
        agent = AGENTS[number % 2]
        self.comes(agent, f"[ACME-{number}]", f"#merge {into}\r\n{words}", auth=agent)

    def splits(self, which: int, words: bool) -> None:
        shows = [mail for mail in self.desk.sent if mail.kind in ("relay", "assignment")]
        if shows:
            mail = shows[which % len(shows)]
            answered = f"In-Reply-To: {mail.message['message-id']}"
            self.comes(mail.to[0], "Re: Hello", "#split\r\n" + ("\r\nWords" if words else ""), answered)

    def undoes(self, which: int) -> None:
        receipts = [mail for mail in self.desk.sent if mail.template == "notice-done"]
        if receipts:
            mail = receipts[which % len(receipts)]
            self.comes(mail.to[0], "Re: Hello", "#undo", f"In-Reply-To: {mail.message['message-id']}")


def holds(desk: StoryDesk, *, undone: bool) -> None:
    """By an #undo of a split, who asked in the new ticket may take part in nothing, as before it."""
    rows = {row["id"]: row for row in face.tickets(desk.db, prefix="ACME")}
    merged = {number for number, row in rows.items() if row["merged_into"]}
    messages = desk.db.rows(Message.select(Message.id, Message.ticket, Message.inbox))
    assert {ticket for _, ticket, _ in messages} <= set(rows) - merged
    shown = [m["id"] for number in rows for m in desk.ticket(number)["messages"]]
    assert sorted(shown) == sorted(number for number, _, _ in messages)
    came = dict(desk.db.rows(Inbox.select(Inbox.id, Inbox.ticket)))
    assert all(came[inbox] == ticket for _, ticket, inbox in messages if inbox)
    ends = tickets.views(desk.db, rows)
    for number in rows:
        assert ends[number].id not in merged
        inside = {one.key for one in ends[number].participants}
        assert undone or {address_key(one["address"]) for one in rows[number]["participants"]} <= inside
    assert all(rows[number]["status"] == "closed" for number in merged)
    loads = Counter(row["agent"]["address"] for row in rows.values() if row["agent"] and is_open(row["status"]))
    assert {load.address: load.open_tickets for load in people.loads(desk.db, AGENTS)} == {a: loads[a] for a in AGENTS}


@settings(max_examples=8, deadline=None, phases=[Phase.generate])  # each is a desk: what fails is short enough as it is
@given(STEPS)
def test_each_message_is_in_one_ticket_and_loads_are_right(steps):
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        desk = StoryDesk(CONFIG, Path(folder), server)
        try:
            played = Played(desk)
            for who in CUSTOMERS:
                played.writes(who, 0)
            for what, one, two in steps:
                if what == "writes":
                    played.writes(one, two)
                elif what == "splits":
                    played.splits(one, two)
                elif what == "undoes":
                    played.undoes(one)
                else:
                    played.merges(one, two, "" if what == "merges" else "\r\nWords")
                holds(desk, undone=any(step[0] == "undoes" for step in steps))
        finally:
            desk.close()
