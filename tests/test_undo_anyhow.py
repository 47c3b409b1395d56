"""Whatever a mail of an agent's has done, an #undo at once leaves the ticket as it was before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from fakes.smtpserver import ScriptedServer
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_desk import Mail, StoryDesk
from scenario_words import compose

from mailticket.store import tickets

CONFIG = Path(__file__).parent / "scenarios" / "undo-in-time" / "config.toml"
ANNA, BORIS = "anna@acme.example", "boris@acme.example"
SUPPORT = "support@acme.example"
STATUS = ("#resolve", "#reopen", "#close", "#pending", "#postpone 2d", "#postpone 3d", "#spam")
OWNER = ("#take", "#assign boris", "#assign none", "#escalate")
ORDERS = st.tuples(
    st.none() | st.sampled_from(STATUS),
    st.none() | st.sampled_from(OWNER),
    st.none() | st.sampled_from(("#priority low", "#priority critical")),
    st.none() | st.sampled_from(("#label a b", "#label -a", "#label c")),
    st.none() | st.just("#subject Smoke"),
    st.none() | st.sampled_from(("#cc eve@customer.example", "#uncc petr@customer.example")),
    st.none() | st.sampled_from(("#customer petr@customer.example", "#customer ivo@customer.example")),
)
WORDS = st.sampled_from(("", "", "Pull the plug."))
ACTS = st.tuples(ORDERS, WORDS)


@pytest.fixture(scope="module")
def server():
    with ScriptedServer() as one:
        yield one


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return (tmp_path_factory.mktemp(f"desk{n}") for n in count())


def writes(desk, who, text, **headers):
    """An agent who is logged in, or anybody: the mail is worked on, and what is due is sent."""
    named = {"From": who, "To": SUPPORT, "Subject": "[ACME-1] Fire", "Message-ID": f"<{len(desk.came)}@x.example>"}
    desk.receive(
        Mail(compose(named | headers, text, []), who, (SUPPORT,)), auth=who if who.endswith("@acme.example") else ""
    )


def says(orders, words):
    return "\n".join([*filter(None, orders), "", words])


def state(desk):
    """The ticket in all that a mail or the command line sees of it, but for its past and when it was touched."""
    view = tickets.view(desk.db, 1)
    face = {name: value for name, value in desk.ticket(1).items() if name not in {"events", "updated_at"}}
    return replace(view, updated_at=view.created_at, agent_threads={}, offered=()), face


@settings(max_examples=25)
@given(before=st.lists(ACTS, max_size=2), act=ACTS, copied=st.booleans())
def test_undone_at_once_nothing_is_left_of_it(server, folders, before, act, copied):
    desk = StoryDesk(CONFIG, next(folders), server)
    writes(desk, "maria@customer.example", "It burns.", Cc="petr@customer.example", Subject="Fire")
    for orders, words in before:
        writes(desk, ANNA, says(orders, words))
        desk.turn_to(desk.now + timedelta(minutes=1))
    was = state(desk)
    writes(desk, ANNA, says(*act), **({"Cc": "zoe@customer.example"} if copied else {}))
    did = desk.ticket(1)["events"][-1]["kind"] not in {"returned", "empty answer"} and state(desk) != was
    answers = [mail for mail in desk.sent if mail.kind == "answer"]
    if did:
        writes(desk, ANNA, "#undo")
        assert desk.ticket(1)["events"][-1]["kind"] == "undone"
    assert state(desk) == was
    desk.turn_to(desk.now + timedelta(hours=1))
    assert [mail for mail in desk.sent if mail.kind == "answer"] == answers
    desk.close()
