"""Bulk lines: what follows for each of their tickets, and why such a mail comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import ANNA, MARIA
from orders import CYRIL, DESK, boss, written
from worlds import BORIS, EVE, NOW, PETR, SUPPORT, context, parsed, sent, ticket

from mailticket.core.asked import Pages, Waiting
from mailticket.core.bulk import ALONE, BEFORE, NOTHING_NEXT
from mailticket.core.bulk_lines import AT_MOST
from mailticket.core.command import MISTAKES
from mailticket.core.decide import decided, examine
from mailticket.core.quarantine import NO_LIST
from mailticket.core.types import Address, RawMail

SALES = replace(DESK.departments[0], name="Sales", addresses=("sales@acme.example",))
WIDE = replace(boss(), departments=(*DESK.departments, SALES))
ONE, TWO = ticket(1, MARIA), ticket(2, PETR, agent=BORIS.address)
HIDDEN = replace(ticket(3, EVE, agent=CYRIL.address), department="Sales")
LABELLED = replace(ticket(5, EVE), labels=("red",))
ANNAS = replace(ticket(7, ANNA), agent=BORIS.address)
THERE = {1: ONE, 2: TWO, 3: HIDDEN, 4: ONE, 5: LABELLED, 7: ANNAS}  # 4 was merged into 1
LIST = replace(sent(1, "agent", ANNA.address), kind="notice", template="notice-list", ticket=None)
QUARANTINE = replace(LIST, template="quarantine", about=(7,))


def asks(text, *, subject="Hello", who=ANNA, login=True, policy=WIDE, there=THERE, **known):
    mail = parsed(Address(who.address, who.name), text, subject=subject)
    raw = RawMail(b"", who.address, (SUPPORT,), "smtp", NOW, auth=who.address if login else "")
    known = context(**{"tickets": there, "requests": {1: "It burns.", 2: "When?"}} | known)
    return decided(examine(mail, raw, known, policy, NOW))


def changed(plan):
    return {one.id: dict(one.set) for one in plan.changes}


def wrong(plan):
    """The mistakes of a mail that did nothing and came back."""
    assert (plan.changes, plan.events, plan.moves, plan.acts) == ((), (), (), ())
    (notice,) = plan.letters
    assert notice.template == "notice-commands"
    return [(one["line"], one["reason"], one["nearest"]) for one in notice.facts["mistakes"]]


def test_each_ticket_is_done_to_as_by_a_mail_about_it_with_one_receipt():
    plan = asks("#take 2\n#priority 1 2 high\n#resolve 1").plan
    assert {
        number: (row["priority"], row.get("status"), row.get("agent")) for number, row in changed(plan).items()
    } == {
        1: ("high", "resolved", None),
        2: ("high", None, ANNA.address),
    }
    assert written(plan) == [("handover", "anna"), ("notice-taken", "boris"), ("notice-done", "anna")]
    assert plan.letters[0].facts["text"] == "When?"
    assert (plan.act, plan.acts, plan.ticket) == (ANNA.address, ((2,), (1,)), None)
    receipt = plan.letters[-1]
    assert (receipt.ticket, receipt.subject) == (None, "Your orders for 2 tickets")
    assert [(one["tag"], one["lines"]) for one in receipt.facts["tickets"]] == [
        ("[ACME-2]", ["is yours now", "has priority high now"]),
        ("[ACME-1]", ["has priority high now", "is resolved now"]),
    ]


def test_duplicates_go_into_their_ticket_before_all_else_and_are_taken_back_with_it():
    plan = asks("#label 1 fire\n#close 2 5 as duplicates of 4", there=THERE | {2: replace(TWO, labels=("a",))}).plan
    assert [(one.source, one.target) for one in plan.moves] == [(2, 1), (5, 1)]
    assert sorted(changed(plan)) == [1, 2, 5]
    assert changed(plan)[1]["labels"] == ("a", "red", "fire")
    assert {changed(plan)[number]["merged_into"] for number in (2, 5)} == {1}
    (target,) = [one for one in plan.changes if one.id == 1]
    assert target.add_participants == (PETR, EVE)
    assert plan.acts == ((1, 2, 5),)
    assert not [one for one in plan.letters if one.audience == "customer"]
    tells = [row["lines"][-1] for row in plan.letters[-1].facts["tickets"][:2]]
    assert tells == ["its customer is sent nothing of it"] * 2


def test_who_comes_in_by_a_duplicate_and_is_taken_out_by_the_same_mail_is_not_in_it():
    plan = asks(f"#close 2 as duplicate of 1\n#uncc 1 {PETR.address}").plan
    (target,) = [one for one in plan.changes if one.id == 1]
    assert target.add_participants == ()


def test_who_is_given_tickets_by_a_department_gets_them_in_turn():
    policy = replace(WIDE, agents=(*WIDE.agents, replace(CYRIL, name="Dora", address="dora@acme.example")))
    there = {number: ticket(number, MARIA) for number in range(1, 5)}
    known = {"loads": tuple(replace(one, open_tickets=0) for one in context().loads)}
    known["loads"] += tuple(replace(known["loads"][0], address=one.address) for one in policy.agents[2:])
    for chain in (("least-loaded",), ("round-robin",)):
        sales = replace(policy.departments[1], assign=chain)
        plan = asks(
            "#department 1 2 3 4 Sales", policy=replace(policy, departments=(policy.departments[0], sales)),
            there=there, **known,
        ).plan  # fmt: skip
        given = [row["agent"].partition("@")[0] for row in changed(plan).values()]
        assert given == ["cyril", "dora", "cyril", "dora"]


NEXT = replace(ticket(9, MARIA), agent="", offered=(BORIS.address,))


def test_the_next_ticket_is_one_more_of_those_that_the_lines_are_about():
    plan = asks("#next\n#close 2", pages=Pages(waiting=Waiting(NEXT, "Help!", 3))).plan
    assert {number: (row.get("status"), row.get("agent")) for number, row in changed(plan).items()} == {
        2: ("closed", None),
        9: (None, ANNA.address),
    }
    assert written(plan)[-3:] == [("handover", "anna"), ("notice-taken", "boris"), ("notice-done", "anna")]
    assert plan.letters[-3].facts["text"] == "Help!"
    assert (plan.act, plan.acts) == (ANNA.address, ((2,), (9,)))
    last = plan.letters[-1].facts["tickets"][-1]["lines"]
    assert last == ["is yours now", "3 others like it wait for somebody: #next takes the next one"]


def test_where_nothing_else_waits_the_lines_are_obeyed_and_that_is_said_whatever_else_the_agent_wants_to_hear():
    policy = replace(WIDE, agents=(replace(WIDE.agents[0], receipts="errors"), *WIDE.agents[1:]))
    plan = asks("#resolve 1\n#next", policy=policy, pages=Pages(waiting=Waiting())).plan
    assert (list(changed(plan)), plan.acts) == ([1], ((1,),))
    assert (plan.letters[-1].facts["tickets"], plan.letters[-1].facts["lines"]) == ([], [NOTHING_NEXT])


def test_nothing_is_taken_beside_a_wrong_line():
    waits = Pages(waiting=Waiting(NEXT))
    assert [line for line, *_ in wrong(asks("#take 77\n#next", pages=waits).plan)] == ["#take 77"]
    assert [line for line, *_ in wrong(asks("#take 1\n#next\n#help", pages=waits).plan)] == ["#next"]


def test_what_was_so_already_is_said_and_nothing_is_kept_to_be_undone():
    plan = asks("#take 1\n#priority 4 medium", there={1: ONE, 4: ONE}).plan
    assert (plan.changes, plan.act, plan.acts, plan.reason) == ((), "", (), "all of it was so already")
    facts = plan.letters[-1].facts
    assert (facts["tickets"], facts["undo_until"]) == ([], None)
    assert facts["tickets_unchanged"][0]["lines"] == ["is yours already", "has priority medium already"]


@pytest.mark.parametrize(("text", "lines"), [("#resolve 1", 0), ("#resolve 1\n#take 1", 1)])
def test_who_wants_to_hear_of_errors_alone_hears_of_what_stays_as_it_was(text, lines):
    policy = replace(WIDE, agents=(replace(WIDE.agents[0], receipts="errors"), *WIDE.agents[1:]))
    plan = asks(text, policy=policy).plan
    assert [len(one.facts["tickets_unchanged"]) for one in plan.letters] == [1] * lines
    assert [one.facts["tickets"] for one in plan.letters] == [[]] * lines


def test_nobody_outside_takes_part_for_being_in_copy_of_such_a_mail():
    mail = parsed(ANNA, "#resolve 1 2", cc=(EVE,))
    raw = RawMail(b"", ANNA.address, (SUPPORT,), "smtp", NOW, auth=ANNA.address)
    plan = decided(examine(mail, raw, context(tickets=THERE), WIDE, NOW)).plan
    assert len(plan.changes) == 2
    assert not any(one.add_participants for one in plan.changes)


# --- what does not follow ------------------------------------------------------------------------------------

WRONG = [
    # the mail's lines → for each mistake the line that is wrong, and why
    ("#take 1 3 77", [("#take 1 3 77", "[ACME-3], [ACME-77] are not there, or you may not see them")]),
    ("#take 1\n#close 77", [("#close 77", "[ACME-77] is not there, or you may not see it")]),
    ("#close 2 as duplicate of 3", [("#close 2", "[ACME-3] is not there, or you may not see it")]),
    ("#resolve 7", [("#resolve 7", "[ACME-7] is your own request")]),
    ("#resolve 1\n#close 2 4", [("#close 2 4", "[ACME-1]: #resolve 1 above says what becomes of the same thing")]),
    ("#close 1 as duplicate of 4", [("#close 1 as duplicate of 4", "[ACME-4] is part of [ACME-1] already")]),
    ("#close 1 2 as duplicate of 2", [("#close 1 2", "[ACME-2] becomes a part of another ticket by the same mail")]),
    ("#close 1 as duplicate of 2\n#merge 2 into 5", [("#close 1", "name that one for [ACME-1], too")]),
    ("#take 2\n#close 2 as dup of 1", [("#take 2", "[ACME-2] becomes a part of another ticket by #close")]),
    ("#label 1 5 -red", [("#label 1 5 -red", "[ACME-1] has no label red: it has none")]),
    ("#department 1 2 slaes", [("#department 1 2 slaes", "there is no such department")]),
    ("#take 1\n\nThank you.", [("", "a mail to the desk that begins with commands has nothing else in it")]),
    ("#take 1\n#list", [("#list", "it would be answered as it was before the lines about tickets are obeyed")]),
    ("#take 1\n#nxet\n#take", [("#nxet", "there is no such command"), ("#take", "tickets' numbers stand behind it")]),
    ("#undo 1", [("#undo 1", "write it in a reply to the receipt of that mail")]),
    ("#take 1\n" + "#take 2\n" * AT_MOST, [("#take 2", f"a mail can have {AT_MOST} lines about tickets at most")]),
    (f"#take {' '.join(map(str, range(51)))}", [("#take 0 1 2", f"a mail can have {AT_MOST} tickets at most")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mistakes"), WRONG, ids=[row[0][:40] for row in WRONG])
def test_one_wrong_line_is_enough_that_nothing_is_done(text, mistakes):
    decision = asks(text)
    assert decision.rule == "agent asks the desk"
    found = wrong(decision.plan)
    assert len(found) == len(mistakes)
    for (line, reason, _), (wanted, why) in zip(found, mistakes, strict=True):
        assert line.startswith(wanted)
        assert why in reason


def test_of_many_wrong_lines_the_first_are_told_and_the_others_counted():
    (notice,) = asks("#foo 1\n" * 30 + "#take 1 x\n" * 30).plan.letters
    reasons = [one["reason"] for one in notice.facts["mistakes"]]
    assert (len(reasons), notice.facts["more"]) == (MISTAKES, 60 - MISTAKES)
    assert sum("#status" in reason for reason in reasons) == 1


def test_mails_that_wait_are_let_in_by_a_reply_to_their_list_alone():
    for signed in ((LIST,), ()):
        ((line, reason, _),) = wrong(asks("#resolve 1\n#release 7", signed=signed).plan)
        assert (line, reason) == ("#release 7", NO_LIST)


def test_what_is_asked_beside_lines_about_tickets_and_what_is_ordered_are_refused_for_reasons_of_their_own():
    found = wrong(asks("#resolve 1\n#list\n#back").plan)
    assert [(line, reason) for line, reason, _ in found] == [("#list", BEFORE), ("#back", ALONE)]


def test_the_right_line_that_is_nearest_names_the_ticket():
    ((_, _, nearest),) = wrong(asks("#resolve 1", there={1: replace(ONE, status="closed")}).plan)
    assert nearest == "#reopen 1"


@pytest.mark.parametrize(
    ("who", "text", "more", "rule"),
    [
        (MARIA, "#resolve 1", {"login": False}, "new"),
        (ANNA, "#resolve 1", {"login": False}, "agent unproved"),
        (ANNA, "#resolve 1", {"signed": (LIST,), "login": False}, "agent asks the desk"),
        (ANNA, "#resolve 1", {"signed": (replace(LIST, spent=True),)}, "agent's orders"),
        (ANNA, "#resolve 1", {"signed": (QUARANTINE,)}, "agent asks the desk"),
        (ANNA, "Hello\n#resolve 1", {"signed": (LIST,)}, "agent's orders"),
        (ANNA, "Hello\n#resolve 1", {}, "new"),
        (ANNA, "#resolve 1", {"tagged": (2,)}, "agent"),
    ],
)
def test_only_a_proved_agents_mail_about_no_ticket_orders_about_several(who, text, more, rule):
    decision = asks(text, who=who, **more)
    assert decision.rule == rule
    assert bool(decision.plan.acts) == (rule == "agent asks the desk")


def test_what_needs_more_proof_than_a_reply_needs_it_here():
    text = "#customer 1 eve@elsewhere.example"
    ((_, reason, _),) = wrong(asks(text, signed=(LIST,), login=False).plan)
    assert "needs proof that the mail itself is yours" in reason
    assert changed(asks(text).plan)[1]["customer"] == EVE
