"""Whatever a mail orders about several tickets, each is as one mail after the other would have left it, or nothing is
done; and its #undo leaves all of them as they were."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from fakes.smtpserver import ScriptedServer
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scenario_desk import Mail, StoryDesk
from scenario_words import compose

from mailticket.store import tickets

CONFIG = Path(__file__).parent / "scenarios" / "bulk-orders" / "config.toml"
ANNA, DANA = "anna@acme.example", "dana@acme.example"
SUPPORT, SALES = "support@acme.example", "sales@acme.example"
CUSTOMERS = ("maria@customer.example", "petr@customer.example", "eve@elsewhere.example", "ivo@elsewhere.example")
NUMBERS = (1, 2, 3, 4)  # the last one is of another department
some = st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3, unique=True)
LINES = (  # of each at most one stands in a mail
    ("resolve", "reopen", "close", "pending", "postpone 2d", "postpone until 2026-12-01", "spam"),
    ("take", "assign anna", "assign boris", "assign none", "escalate"),
    ("priority low", "priority critical"),
    ("department sales", "department support"),
    ("label a b", "label c"),
    ("cc zoe@customer.example", "uncc zoe@customer.example"),
    ("watch", "watch boris", "unwatch anna"),
)
picked = st.lists(st.sampled_from(LINES), min_size=1, max_size=4, unique=True)
lines = picked.flatmap(lambda groups: st.tuples(*(st.tuples(st.sampled_from(words), some) for words in groups)))
sources = st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=2, unique=True)
duplicates = st.none() | st.tuples(st.sampled_from(NUMBERS), sources)


@pytest.fixture(scope="module")
def server():
    with ScriptedServer() as one:
        yield one


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return (tmp_path_factory.mktemp(f"desk{n}") for n in count())


def writes(desk, who, subject, text, to=SUPPORT, **headers):
    named = {"From": who, "To": to, "Subject": subject, "Message-ID": f"<{len(desk.came)}@x.example>"}
    login = who if who.endswith("@acme.example") else ""
    desk.receive(Mail(compose(named | headers, text, []), who, (to,)), auth=login)
    desk.turn_to(desk.now + timedelta(microseconds=1))


def begun(folder, server, before):
    """A desk with four tickets, to which those orders were given before."""
    desk = StoryDesk(CONFIG, folder, server)
    for number, who in zip(NUMBERS, CUSTOMERS, strict=True):
        writes(desk, who, f"Request {number}", f"Words of {who}", SALES if number == NUMBERS[-1] else SUPPORT)
    for number, line in before:
        writes(desk, DANA, f"[ACME-{number}]", f"#{line}")
    return desk


def plain(value):
    """Without what differs from one moment to the next."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name not in {"events", "updated_at", "message_id"}}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def states(desk):
    """The tickets in all that a mail or the command line sees of them."""
    found = {}
    for number, view in tickets.alone(desk.db, NUMBERS).items():
        same = replace(view, updated_at=view.created_at, agent_threads={}, customer_thread=(), offered=())
        found[number] = {name: plain(getattr(same, name)) for name in same.__slots__}, plain(desk.ticket(number))
    return found


def past(desk):
    """What happened to each, by its kind."""
    return {number: [one["kind"] for one in desk.ticket(number)["events"]] for number in NUMBERS}


def unlinked(found):
    """Without what is related: tickets that were one stay so."""
    return {number: (view, face | {"related": []}) for number, (view, face) in found.items()}


def mails(desk, since):
    """To whom what was written about which ticket, but for receipts."""
    found = desk.sent[since:]
    return sorted(
        (one.template, one.to, str(one.message["subject"]).partition("]")[0].removeprefix("Re: "))
        for one in found
        if one.template != "notice-done"
    )


def one_by_one(desk, agent, merges, orders):
    """Each ticket's orders in a mail of its own: first what makes it a part of another."""
    for number, target in merges:
        writes(desk, agent, f"[ACME-{number}]", f"#merge {target}")
    for number, theirs in orders.items():
        writes(desk, agent, f"[ACME-{number}]", "\n".join(f"#{line}" for line in theirs))


def written(drawn, doubles):
    """The lines of the one mail, and the same by ticket. What is a duplicate has no other orders."""
    target, going = doubles or (0, [])
    text = [f"#close {', '.join(map(str, going))} as duplicate of {target}"] if going else []
    orders: dict[int, list[str]] = {}
    for line, numbers in drawn:
        theirs = [number for number in numbers if number not in going]
        word, _, rest = line.partition(" ")
        text += [f"#{word} {' '.join(map(str, theirs))} {rest}"] if theirs else []
        for number in theirs:
            orders.setdefault(number, []).append(line)
    return "\n".join(text), [(number, target) for number in going], orders


before = st.lists(
    st.tuples(
        st.sampled_from(NUMBERS), st.sampled_from(("label a", "resolve", "close", "assign boris", "watch anna", "spam"))
    ),
    max_size=2,
)


@settings(max_examples=12)
@given(before=before, drawn=lines, doubles=duplicates, agent=st.sampled_from((ANNA, DANA, DANA)))
def test_a_mail_about_several_tickets_is_as_good_as_one_about_each(server, folders, before, drawn, doubles, agent):
    with ExitStack() as open_:
        desk, other = (open_.enter_context(closing(begun(next(folders), server, before))) for _ in range(2))
        compared(desk, other, written(drawn, doubles), agent)


def compared(desk, other, drawn, agent):
    text, merges, orders = drawn
    was, since = states(desk), len(desk.sent)
    writes(desk, agent, "Orders", text)
    reason = desk.inbox_row(len(desk.came))["reason"]
    event(reason.partition(" about")[0])
    if not reason.startswith("orders about"):
        assert states(desk) == was
        return
    one_by_one(other, agent, merges, orders)
    assert states(desk) == states(other)
    assert past(desk) == past(other)
    assert mails(desk, since) == mails(other, since)
    receipt = next(one for one in desk.sent[since:] if one.to == (agent,) and one.template == "notice-done")
    answers = {"In-Reply-To": receipt.message["message-id"], "References": receipt.message["message-id"]}
    writes(desk, agent, "Re: orders", "#undo", **answers)
    assert unlinked(states(desk)) == unlinked(was)
