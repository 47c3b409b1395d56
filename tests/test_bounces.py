"""What a delivery report does: to the mail of ours that it names by a signed id, and to nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dsns import block, mail, report
from letters import ANNA, MARIA, TEMPLATES
from worlds import BORIS, EVE, FORGER, NOW, PETR, POLICY, SUPPORT, context, sent, ticket

from mailticket.core.compose import compose
from mailticket.core.decide import decide
from mailticket.core.failures import LAST_WORD, Failure, undelivered
from mailticket.core.identity import bounce_address, find_refs, message_id, refs_in_ids, reply_address
from mailticket.core.parse import parse
from mailticket.core.plan import CameBack, Mark
from mailticket.core.retry import RecipientState
from mailticket.core.types import RawMail

UNKNOWN = "550 5.1.1 no such user"
TICKET = ticket(7, MARIA, PETR)
OUTBOX = 7
ANSWER = replace(
    sent(OUTBOX, "customer", MARIA.address),
    kind="relay", template="answer", recipients=(MARIA.address, PETR.address), subject="Re: [ACME-7] Printer",
)  # fmt: skip
ACKNOWLEDGED = replace(sent(OUTBOX, "customer", MARIA.address), template="acknowledgement")
ASSIGNED = replace(sent(OUTBOX, "agent", ANNA.address), template="assignment")
NOTICE = replace(sent(OUTBOX, "agent", ANNA.address), kind="notice", template="notice-failed")
CHIEF = replace(BORIS, role="manager")
MANAGED = replace(POLICY, agents=(POLICY.agents[0], CHIEF))


def returned(one, key=POLICY) -> str:
    return f"Message-ID: {message_id(one.ref, key)}\nSubject: Re\n\nHello\n"


def follows(raw, *mails, to=SUPPORT, envelope_from="", policy=POLICY, view=TICKET):
    """The plan, with the context as the store finds it: by the marks alone whose hash is right."""
    parsed = parse(raw)
    refs = [*find_refs(parsed, (to,), policy), *refs_in_ids(parsed.bounce.returned if parsed.bounce else (), policy)]
    known = {one.ref: one for one in mails}
    signed = tuple(replace(known[ref], purpose=p) for p, ref in dict.fromkeys(refs) if ref in known)
    raw_mail = RawMail(raw, envelope_from, (to,), "smtp", NOW)
    return decide(parsed, raw_mail, context(view, signed=signed), policy, NOW)


def told(plan) -> list[tuple[str, str]]:
    return [(letter.template, letter.to[0].address) for letter in plan.letters]


def events(plan) -> list[tuple[str, str]]:
    assert all(event.detail["outbox"] == OUTBOX and event.ticket == plan.ticket for event in plan.events)
    return [(event.kind, event.detail["status"]) for event in plan.events]


def assert_nothing(plan) -> None:
    assert (plan.state, plan.letters, plan.marks, plan.came_back, plan.changes) == ("done", (), (), (), ())


def bounce(*blocks: str, of=ANSWER, key=POLICY) -> bytes:
    return report(*(blocks or (block(words=UNKNOWN),)), returned=returned(of, key))


# --- a mail to the customer's side ---------------------------------------------------------------------------


def test_an_answer_that_comes_back_is_told_to_the_agent_in_the_servers_words_and_the_address_is_marked():
    plan = follows(bounce(), ANSWER)
    assert events(plan) == [("bounced", "5.1.1")]
    assert told(plan) == [("notice-failed", ANNA.address)]
    assert plan.marks == (Mark("bounced", MARIA.address, "5.1.1"),)
    assert plan.came_back == (CameBack(OUTBOX, MARIA.address, UNKNOWN),)
    assert plan.ticket == 7
    (letter,) = plan.letters
    made = compose(letter, cause="c", n=0, policy=POLICY, templates=TEMPLATES, now=NOW)
    assert f"{MARIA.address}\r\n    {UNKNOWN}".encode() in made.raw
    assert PETR.address.encode() not in made.raw


WHAT = [
    # what, its block → event, notices, mark
    ("a dead mailbox", block(words=UNKNOWN), ("bounced", "5.1.1"), 1, ("bounced", "5.1.1")),
    ("disabled", block(status="5.2.1"), ("bounced", "5.2.1"), 1, ("bounced", "5.2.1")),
    ("no status at all", block(status="", words="no"), ("bounced", ""), 1, ("bounced", "5.0.0")),
    ("a delay", block(action="delayed", status="4.4.1"), ("delayed", "4.4.1"), 0, None),
    ("a status of 4 alone", block(action="", status="4.4.1"), ("delayed", "4.4.1"), 0, None),
    ("given up after days", block(status="4.4.7"), ("bounced", "4.4.7"), 1, ("soft", "4.4.7")),
    ("a full mailbox", block(status="4.2.2"), ("bounced", "4.2.2"), 1, ("full", "4.2.2")),
    ("rules of the server", block(status="5.7.1"), ("bounced", "5.7.1"), 1, ("soft", "5.7.1")),
    ("this mail was too big", block(status="5.3.4"), ("bounced", "5.3.4"), 1, None),
    ("this mail's content", block(status="5.6.1"), ("bounced", "5.6.1"), 1, None),
    ("our own address was refused", block(status="5.1.8"), ("bounced", "5.1.8"), 1, None),
    ("delivered", block(action="delivered", status="2.0.0"), None, 0, None),
    ("relayed", block(action="relayed", status="2.0.0"), None, 0, None),
]  # fmt: skip


@pytest.mark.parametrize(("what", "said", "event", "notices", "mark"), WHAT, ids=[w[0] for w in WHAT])
def test_what_follows_from_each_kind_of_report(what, said, event, notices, mark):
    plan = follows(bounce(said), ANSWER)
    assert events(plan) == ([event] if event else [])
    assert told(plan) == [("notice-failed", ANNA.address)] * notices
    assert plan.marks == ((Mark(mark[0], MARIA.address, mark[1]),) if mark else ())
    assert len(plan.came_back) == notices, "what is told has failed, and only that"


def test_of_two_recipients_only_the_one_that_failed_has_failed():
    plan = follows(bounce(block(PETR.address, words=UNKNOWN), block(action="delivered", status="2.0.0")), ANSWER)
    assert [b.address for b in plan.came_back] == [PETR.address]
    assert [m.address for m in plan.marks] == [PETR.address]
    assert [r["address"] for r in plan.letters[0].facts["recipients"]] == [PETR.address]


def test_both_recipients_of_one_report_are_one_notice():
    plan = follows(bounce(block(words=UNKNOWN), block("PETR@customer.example", words=UNKNOWN)), ANSWER)
    assert events(plan) == [("bounced", "5.1.1")] * 2
    assert len(plan.letters) == 1
    assert [b.address for b in plan.came_back] == [MARIA.address, PETR.address]


def test_a_second_report_of_the_same_failure_is_an_event_only():
    plan = follows(bounce(), replace(ANSWER, failed=(MARIA.address,)))
    assert events(plan) == [("bounced", "5.1.1")]
    assert_nothing(plan)


def test_an_acknowledgement_that_comes_back_is_told_once_and_marked():
    plan = follows(bounce(of=ACKNOWLEDGED), ACKNOWLEDGED)
    assert told(plan) == [("notice-failed", ANNA.address)]
    assert plan.marks == (Mark("bounced", MARIA.address, "5.1.1"),)


def test_the_managers_are_told_where_the_ticket_is_nobodys():
    plan = follows(bounce(), ANSWER, policy=MANAGED, view=replace(TICKET, agent=""))
    assert told(plan) == [("notice-failed", CHIEF.address)]


# --- which mail it is ----------------------------------------------------------------------------------------


def test_the_bounce_address_names_the_mail_where_nothing_was_returned():
    to = bounce_address(SUPPORT, ANSWER.ref, POLICY)
    plan = follows(report(block(words=UNKNOWN), returned=""), ANSWER, to=to)
    assert plan.came_back == (CameBack(OUTBOX, MARIA.address, UNKNOWN),)


def test_a_report_that_names_a_forwarders_address_is_about_the_only_recipient():
    to = bounce_address(SUPPORT, ACKNOWLEDGED.ref, POLICY)
    plan = follows(report(block("m@elsewhere.example", words=UNKNOWN), returned=""), ACKNOWLEDGED, to=to)
    assert [b.address for b in plan.came_back] == [MARIA.address]


def test_of_several_recipients_nobody_is_guessed():
    plan = follows(bounce(block("m@elsewhere.example")), ANSWER)
    assert events(plan) == [("reported", "")]
    assert_nothing(plan)


def test_a_report_in_words_that_nobody_can_read_is_told_and_marks_nobody():
    to = bounce_address(SUPPORT, ACKNOWLEDGED.ref, POLICY)
    plan = follows(mail("MAILER-DAEMON@mx.example", "Chyba", "Schránka neexistuje."), ACKNOWLEDGED, to=to)
    assert told(plan) == [("notice-failed", ANNA.address)]
    assert plan.marks == ()
    assert plan.came_back == (CameBack(OUTBOX, MARIA.address, "Schránka neexistuje."),)


def test_a_warning_in_plain_words_is_a_delay():
    to = bounce_address(SUPPORT, ACKNOWLEDGED.ref, POLICY)
    raw = mail("MAILER-DAEMON@mx.example", "Warning", "Your mail has been delayed. It will be retried.")
    plan = follows(raw, ACKNOWLEDGED, to=to)
    assert events(plan) == [("delayed", "")]
    assert_nothing(plan)


def test_a_machine_that_answers_at_the_bounce_address_reports_no_failure():
    """An automatic reply goes to the envelope sender (RFC 3834), with an empty one of its own."""
    to = bounce_address(SUPPORT, ACKNOWLEDGED.ref, POLICY)
    plan = follows(mail(MARIA.address, "Thank you", "We have your mail."), ACKNOWLEDGED, to=to)
    assert events(plan) == [("reported", "")]
    assert_nothing(plan)


FORGED = [
    # who tries what → the report
    ("no id at all", report(block(words=UNKNOWN), returned="Subject: Re: [ACME-7] Printer\n\nHello\n")),
    ("an id with a made up hash", bounce(key=FORGER)),
    ("the id of the customer's own mail", report(block(), returned="Message-ID: <first-7@customer.example>\n\n")),
    ("Exim's header", mail("Mailer-Daemon@x.example", "Failed", "no", f"X-Failed-Recipients: {MARIA.address}")),
]  # fmt: skip


@pytest.mark.parametrize(("how", "raw"), FORGED, ids=[f[0] for f in FORGED])
def test_a_forged_bounce_is_recorded_and_mutes_nobody(how, raw):
    plan = follows(raw, ANSWER)
    assert plan.reason == "a bounce that names no mail of ours"
    assert (plan.events, plan.ticket) == ((), None)
    assert_nothing(plan)


def test_who_got_a_mail_can_mute_only_its_recipients():
    """Petr forges a report with the id of a mail that he got, about somebody else."""
    plan = follows(bounce(block(EVE.address, words=UNKNOWN)), ANSWER, envelope_from=PETR.address)
    assert_nothing(plan)


def test_a_reply_address_names_no_mail_that_came_back():
    """Everybody in copy knows it."""
    to = reply_address(SUPPORT, ANSWER.ref, POLICY)
    plan = follows(report(block(words=UNKNOWN), returned=""), ANSWER, to=to)
    assert plan.reason == "a bounce that names no mail of ours"
    assert_nothing(plan)


def test_the_id_of_a_mail_to_an_agent_that_others_have_seen_reports_nothing():
    plan = follows(bounce(block(ANNA.address, words=UNKNOWN), of=ASSIGNED), replace(ASSIGNED, spent=True))
    assert plan.reason == "a bounce that names no mail of ours"
    assert_nothing(plan)


# --- a mail to an agent --------------------------------------------------------------------------------------

ONLY_ANNA = replace(POLICY, agents=POLICY.agents[:1])
ANNA_LEADS = replace(POLICY, agents=(replace(POLICY.agents[0], role="manager"), BORIS))
TO_MANAGERS = replace(NOTICE, template=LAST_WORD)
AGENTS = [
    # what came back, whose desk → who is told what
    ("an assignment: the manager", ASSIGNED, MANAGED, [(LAST_WORD, CHIEF.address)]),
    ("the manager's own: the department's others", ASSIGNED, ANNA_LEADS, [(LAST_WORD, BORIS.address)]),
    ("of the only agent: nobody", ASSIGNED, ONLY_ANNA, []),
    ("a notice: the manager, never that address", NOTICE, MANAGED, [(LAST_WORD, CHIEF.address)]),
    ("a notice to the only manager: nobody", NOTICE, ANNA_LEADS, []),
    ("what tells a manager of a failure: nobody", TO_MANAGERS, MANAGED, []),
]


@pytest.mark.parametrize(("what", "one", "policy", "expected"), AGENTS, ids=[a[0] for a in AGENTS])
def test_a_mail_to_an_agent_that_comes_back_is_told_to_others(what, one, policy, expected):
    plan = follows(bounce(block(ANNA.address, words=UNKNOWN), of=one), one, policy=policy)
    assert told(plan) == expected
    assert events(plan) == [("bounced", "5.1.1")]
    assert plan.marks == (), "an agent's address is the admin's to mend"
    assert len(plan.came_back) == 1
    assert plan.reason.endswith("nobody else is told") is (expected == [])


def test_an_assignment_that_came_back_for_its_size_is_the_managers_too():
    """Whoever returned it may return a smaller one as well: only a server that refuses at once is asked again."""
    plan = follows(
        bounce(block(ANNA.address, status="5.3.4", words="552 5.3.4"), of=ASSIGNED), ASSIGNED, policy=MANAGED
    )
    assert told(plan) == [(LAST_WORD, CHIEF.address)]


def test_a_question_of_no_ticket_that_comes_back_is_told_to_the_managers():
    question = replace(NOTICE, ticket=None, template="question", subject="Is this mail yours?")
    plan = follows(bounce(block(ANNA.address, words=UNKNOWN), of=question), question, policy=MANAGED)
    assert told(plan) == [(LAST_WORD, CHIEF.address)]
    made = compose(plan.letters[0], cause="c", n=0, policy=MANAGED, templates=TEMPLATES, now=NOW)
    assert b"outbox list --state failed" in made.raw


# --- refused at once -----------------------------------------------------------------------------------------

REFUSED = [
    # what, audience, kind, to, the reply → who is told what, mark
    ("no such customer", "customer", "relay", MARIA, UNKNOWN, [("notice-failed", ANNA.address)], "5.1.1"),
    ("an agent as customer", "customer", "relay", ANNA, UNKNOWN, [("notice-failed", ANNA.address)], None),
    ("too big", "customer", "relay", MARIA, "552 5.3.4 too big", [("notice-failed", ANNA.address)], None),
    ("a full mailbox", "customer", "relay", MARIA, "552 5.2.2 full", [("notice-failed", ANNA.address)], "5.2.2"),
    ("our own address", "customer", "relay", MARIA, "550 5.1.8 bad sender", [("notice-failed", ANNA.address)], None),
    ("no code", "customer", "relay", MARIA, "550 no 5.1.1", [("notice-failed", ANNA.address)], None),
    ("for the agent", "agent", "assignment", ANNA, "552 5.3.4 too big", [("notice-unreached", ANNA.address)], None),
    ("no such agent", "agent", "assignment", ANNA, UNKNOWN, [(LAST_WORD, CHIEF.address)], None),
    ("a notice", "agent", "notice", ANNA, "552 5.2.2 full", [(LAST_WORD, CHIEF.address)], None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "audience", "kind", "to", "reply", "expected", "mark"), REFUSED, ids=[r[0] for r in REFUSED]
)
def test_what_a_server_refuses_at_once_is_told_by_the_same_rules(what, audience, kind, to, reply, expected, mark):
    states = (RecipientState(to.address, "failed", reply),)
    plan = undelivered(MANAGED, TICKET, Failure(OUTBOX, kind, audience, "x", "Printer", states, NOW), NOW)
    assert told(plan) == expected
    assert [(m.address, m.detail) for m in plan.marks] == ([(to.address, mark)] if mark else [])
    assert [(e.kind, e.detail) for e in plan.events] == [("undelivered", {"outbox": OUTBOX, "replies": [reply[:3]]})]
