"""Which notices to an agent are counted, and which are kept for one mail: the table, the decision, the words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ANNA, FACTS, NOW, POLICY, TEMPLATES, body, letter, made

from mailticket.core import gathered
from mailticket.core.compose import compose, keep
from mailticket.core.gathered import LINES, ROWS, TAGS, Pile
from mailticket.core.notices import GATHERED, MOST, SINGLY, WORDS, Had, counted, kept_back
from mailticket.core.plan import KeptNotice
from mailticket.core.types import Address

BORIS = Address("boris@acme.example", "Boris")
NOTICES = sorted(GATHERED)


def test_each_template_is_gathered_or_comes_singly_with_a_reason():
    assert {*GATHERED, *SINGLY} == set(FACTS)
    assert not GATHERED.keys() & SINGLY.keys()
    assert all((GATHERED | SINGLY).values())


@pytest.mark.parametrize("template", FACTS)
def test_what_is_gathered_is_counted_for_its_agent_and_nothing_else_is(template):
    assert counted(letter(template)) == (ANNA.address if template in GATHERED else "")


def test_an_agents_address_is_counted_however_it_is_spelt():
    assert counted(letter("notice-done", to=(Address("Anna@ACME.example"),))) == ANNA.address


def test_a_notice_that_goes_to_a_customer_is_none_of_these():
    assert counted(letter("notice-done", audience="customer")) == ""


# --- the decision --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("had", "back"),
    [
        (Had(), False),
        (Had(MOST - 1), False),
        (Had(MOST), True),
        (Had(0, kept=True), True),
    ],
)
def test_the_one_after_the_twentieth_is_kept_and_so_is_all_that_follows_a_kept_one(had, back):
    assert bool(kept_back([letter("notice-done")], {ANNA.address: had})) is back


def test_what_comes_singly_is_never_kept_and_does_not_count():
    letters = [letter("notice-help"), letter("assignment"), letter("question"), letter("notice-done")]
    assert kept_back(letters, {ANNA.address: Had(MOST, kept=True)}) == {3}
    assert kept_back(letters, {ANNA.address: Had(MOST - 1)}) == frozenset()


def test_robots_that_answer_each_others_notes_get_one_mail_an_hour():
    assert kept_back([letter("note")], {ANNA.address: Had(MOST - 1)}) == frozenset()
    assert kept_back([letter("note")], {ANNA.address: Had(MOST)}) == {0}


def test_the_letters_of_one_plan_are_counted_one_after_the_other_and_for_each_agent():
    mine, his = letter("notice-done"), letter("notice-moved", to=(BORIS,))
    had = {ANNA.address: Had(MOST - 2), BORIS.address: Had(MOST - 1)}
    assert kept_back([mine, his, mine, his, mine], had) == {3, 4}


@given(st.lists(st.sampled_from(["notice-done", "notice-help", "relay"]), max_size=80), st.integers(0, MOST))
def test_no_more_than_twenty_come_singly_and_the_kept_ones_are_the_last(templates, singly):
    letters = [letter(one) for one in templates]
    back = kept_back(letters, {ANNA.address: Had(singly)})
    places = [n for n, one in enumerate(letters) if one.template == "notice-done"]
    assert len(places) - len(back) == min(len(places), MOST - singly)
    assert sorted(back) == places[len(places) - len(back) :]


# --- what is kept --------------------------------------------------------------------------------------------


def kept(template="notice-done", n=1, **changes) -> KeptNotice:
    made_of = letter(template, **changes)
    return keep(made_of, cause="inbox 1", n=n, policy=POLICY, templates=TEMPLATES, now=NOW)


@pytest.mark.parametrize("template", NOTICES)
def test_a_kept_notice_says_what_it_would_have_said_alone_but_for_what_a_reply_does(template):
    reply = ("A reply to this mail is not sent to anybody.", "A reply to this mail is a note:")
    alone = body(made(template).raw, "plain").replace("\nAttachments\n", "\nAttachments, which are in the ticket\n")
    parts = alone.split("\n\n")
    assert sum(part.startswith(reply) for part in parts) == 1
    assert kept(template).text.split() == "\n\n".join(p for p in parts if not p.startswith(reply)).split()
    assert kept(template).left_out == 0


def test_it_bears_the_id_that_it_would_have_had_as_a_mail():
    assert kept(n=7).ref == made("notice-done", n=7).ref
    assert kept(n=7).ref == kept(n=7).ref != kept(n=8).ref


def test_of_a_mail_that_comes_back_the_words_are_kept_as_far_as_there_is_room():
    long = kept("notice-empty", facts={"original": "word " * WORDS})
    assert len(long.text) == WORDS
    assert long.left_out > 3 * WORDS


# --- the one mail --------------------------------------------------------------------------------------------


def a_notice(n: int, ticket: int | None = 1, text: str = "Done.\n", **changes) -> KeptNotice:
    at = NOW + timedelta(minutes=n)
    return replace(KeptNotice(f"ref{n}", ANNA.address, ticket, f"Request {ticket}", text, 0, at), **changes)


def mail_of(*notices: KeptNotice, rest=()) -> tuple[str, str, str]:
    """Subject, text, and HTML."""
    written = gathered.letter(POLICY, POLICY.agents[0], Pile(ANNA.address, notices, rest), NOW)
    assert (written.kind, written.audience, written.ticket, written.to) == ("notice", "agent", None, (ANNA,))
    raw = compose(written, cause="gathered", n=0, policy=POLICY, templates=TEMPLATES, now=NOW).raw
    return written.subject, body(raw, "plain"), body(raw, "html")


def test_it_is_in_the_order_of_each_tickets_first_notice_with_tag_and_time():
    mine = (a_notice(1, text="First.\n"), a_notice(2, 7, "Second.\n"), a_notice(3, None), a_notice(4, text="Fourth.\n"))
    subject, *shown = mail_of(*mine)
    assert subject == "4 notices since 14:04"
    for page in shown:
        said = ("[ACME-1] Request 1", "14:04 CET", "First.", "14:07 CET", "Fourth.", "[ACME-7] Request 7", "Second.")
        places = [page.rindex(one) for one in (*said, "Request None")]
        assert places == sorted(places)
        assert "no room" not in page


def test_the_top_says_that_a_reply_goes_to_nobody_and_how_to_act():
    _, text, html = mail_of(a_notice(1))
    assert text.startswith("A reply to this mail is not sent to anybody. To act, reply to the")
    assert html.index("A reply to this mail is not sent to anybody. To act") < html.rindex("1 notice since")
    assert "You had 20 notices within an hour" in text


def test_the_longest_words_are_cut_and_said_to_be_and_the_short_ones_stay_whole():
    long = [a_notice(n, text="x" * WORDS) for n in range(20)]
    _, text, _ = mail_of(*long, a_notice(30, text="The last one.\n"))
    assert "The last one." in text
    assert len(text) < gathered.WORDS + 5000
    assert text.count(f"{WORDS} characters left out") == len(long) - gathered.WORDS // WORDS


def test_lines_are_bounded_too():
    _, text, _ = mail_of(*(a_notice(n, text="x\n" * (LINES // 4)) for n in range(8)))
    assert text.count("\n") < LINES + 200


def test_what_one_mail_has_no_room_for_is_counted_and_its_tickets_are_named():
    rest = ((None, 2), *((number, 1) for number in range(100, 100 + TAGS + 1)))
    subject, text, html = mail_of(*(a_notice(n, 1) for n in range(ROWS)), rest=rest)
    assert subject.startswith(f"{ROWS + TAGS + 3} notices")
    for page in (" ".join(text.split()), html):
        assert f"no room here for {TAGS + 3} more notices, about [ACME-100], [ACME-101]" in page
        assert f"[ACME-{99 + TAGS}], …." in page


def test_whose_agent_has_left_the_config_is_recorded_in_each_ticket_and_goes_nowhere():
    nobody = replace(POLICY, agents=())
    pile = Pile(ANNA.address, (a_notice(1), a_notice(2, 7), a_notice(3)), ((7, 4), (None, 1)))
    plan = gathered.sent(nobody, pile, NOW)
    assert plan.letters == ()
    assert plan.gathered == (ANNA.address,)
    assert {(e.ticket, e.detail["count"]) for e in plan.events} == {(1, 2), (7, 5), (None, 1)}
    assert {(e.kind, e.detail["agent"].address) for e in plan.events} == {("notices dropped", ANNA.address)}


def test_an_address_that_has_become_an_alias_finds_its_agent():
    new = replace(POLICY.agents[0], address="new@acme.example", aliases=(ANNA.address,))
    plan = gathered.sent(replace(POLICY, agents=(new,)), Pile(ANNA.address, (a_notice(1),)), NOW)
    assert [one.to[0].address for one in plan.letters] == ["new@acme.example"]
