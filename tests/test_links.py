"""What the address of a link proves, and how often: that its agent wants a ticket or a list shown, and nothing else,
whatever stands in the mail."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from letters import ANNA, FACTS, MARIA, TEMPLATES
from proving import SIGNED, TRUSTING
from worlds import NOW, SUPPORT, context, parsed, sent, ticket

from mailticket.core.asked import Listed, Pages, asked_by
from mailticket.core.command import COMMANDS
from mailticket.core.commands_show import LINKED
from mailticket.core.decide import Decision, decided, examine
from mailticket.core.known import Linked
from mailticket.core.linked import LINK_OPENS, TOO_OFTEN
from mailticket.core.notices import MOST
from mailticket.core.samples import ADDED
from mailticket.core.types import Address, Forwarded, RawMail

LINK = replace(sent(1, "agent", ANNA.address), kind="notice", template="notice-list", ticket=None, purpose="ask")
WITH_LINKS = ("question", "whose", "quarantine", "morning", "notice-held", "notice-done", "notice-away", "notice-list")
_LINK = re.compile(r'"mailto:support@acme.example\?subject=([^"]+)"')
NONE = Linked()
OTHERS = sorted(set(COMMANDS) - {*LINKED})


def comes(subject: str, text: str = "", *, link=LINK, auth="", dkim=(), signed=(), linked=NONE, **fields) -> Decision:
    anna = Address(ANNA.address, ANNA.name)
    mail = parsed(anna, text, subject=subject, **{"to": (Address(SUPPORT),)} | fields)
    lists = {order: Listed((), 0) for order in asked_by(mail, "", TRUSTING).orders if order.name == "list"}
    known = context(
        ticket(1, MARIA),
        signed=(link, *signed),
        dkim=dkim,
        pages=Pages(lists=lists),
        linked=linked,
        tagged=(1,) if "[ACME-1]" in subject else (),
    )
    raw = RawMail(b"", "eve@evil.example", (SUPPORT,), "smtp", NOW, auth=auth)
    return decided(examine(mail, raw, known, TRUSTING, NOW))


def refused(decision: Decision) -> str:
    """The line that comes back, with all that did not follow."""
    plan = replace(decision.plan, letters=(), reason="")
    assert plan == replace(
        plan, changes=(), messages=(), events=(), release=(), discard=(), absences=(), acts=(), marks=()
    )
    assert (plan.ticket, plan.state) == (None, "done")
    (letter,) = decision.plan.letters
    ((line, reason),) = [(one["line"], one["reason"]) for one in letter.facts["mistakes"]]
    assert (letter.template, letter.to, reason) == ("notice-commands", (ANNA,), LINK_OPENS)
    return str(line)


@pytest.mark.parametrize("template", WITH_LINKS)
def test_a_command_that_no_link_is_made_for_comes_back_whatever_mail_has_the_link(template):
    link = replace(LINK, template=template, about=(3,), person="x@customer.example")
    for name in OTHERS:
        assert refused(comes(f"#{name}", link=link)) == f"#{name}"
        assert refused(comes("Re: Hello", f"#{name} 1 2\n\nHello", link=link)) == f"#{name} 1 2"


def test_nor_is_it_obeyed_whatever_stands_behind_or_beside_it():
    for name in OTHERS:
        for line in (f"#{name}", f"#{name} 1 2", f"#{name} 1 eve@evil.example"):
            assert refused(comes(line)) == line
            assert refused(comes("Re: Hello", f"{line}\n\nHello")) == line
            assert refused(comes("#list open", f"#show 1\n{line}")) == line


@pytest.mark.parametrize("text", ["yes", "no", "mine", "maria@customer.example", "Hello, Maria.", ""])
@pytest.mark.parametrize("template", WITH_LINKS)
def test_words_come_back_whatever_mail_has_the_link(template, text):
    link = replace(LINK, template=template, about=(3,))
    for subject in ("Re: Hello", "Re: [ACME-1] Printer"):
        assert refused(comes(subject, text, link=link)) == ""
    assert (
        refused(comes("Fwd: Printer", text, link=link, forwarded=Forwarded("inline", MARIA, None, "x", "y", ""))) == ""
    )


def test_words_beside_a_note_or_to_a_customer_come_back_too():
    spent = replace(sent(1, "agent", ANNA.address), spent=True)
    assert refused(comes("Hello", "He never pays.", signed=(replace(spent, purpose="note"),))) == ""
    assert refused(comes("Hello", "Pull the plug.", signed=(spent,))) == ""
    assert refused(comes("Hello", "Hello", to=(MARIA,), cc=(Address(SUPPORT),))) == ""


def test_what_a_link_asks_for_is_answered_to_the_agent_and_so_is_what_nobody_understands():
    for subject, text, template in (
        ("#list open", "", "notice-list"), ("#show 7", "-- \nAnna", "notice-no-ticket"),
        ("Re: x", "#list", "notice-list"), ("#lst", "", "notice-commands"), ("#show x", "", "notice-commands"),
    ):  # fmt: skip
        (letter,) = comes(subject, text).plan.letters
        assert (letter.template, letter.to, letter.cc) == (template, (ANNA,), ())


@pytest.mark.parametrize("subject", ["#show 1 attachments", "#show attachments 1", "#show attachments", "#SHOW 1 att"])
def test_files_want_more_than_a_link(subject):
    assert refused(comes(subject)) == subject


def test_one_mail_by_a_link_has_one_answer():
    assert refused(comes("#show 1", "#show 7")) == "#show 7"
    assert refused(comes("#show 1", "#list open\n#list mine")) == "#list open"


@pytest.mark.parametrize("subject", ["#show 1", "#list open", "#search x", "#take 1", "Hello"])
def test_what_comes_too_often_is_not_answered_and_told_once(subject):
    (letter,) = comes(subject, linked=Linked(MOST)).plan.letters
    assert (letter.template, letter.to, letter.linked) == ("notice-linked", (ANNA,), True)
    assert letter.facts["line"] == (subject if subject.startswith("#") else "")
    plan = comes(subject, linked=Linked(MOST, told=True)).plan
    assert (plan.letters, plan.state, plan.reason) == ((), "done", TOO_OFTEN)


@pytest.mark.parametrize("subject", ["#show 1", "#list open", "#search x", "#take 1", "Hello"])
def test_each_mail_to_the_agent_that_only_a_link_asks_for_is_counted(subject):
    for told in (False, True):
        (letter,) = comes(subject, linked=Linked(MOST - 1, told=told)).plan.letters
        assert letter.linked
        assert letter.template != "notice-linked"


@pytest.mark.parametrize("subject", ["#show 1", "#list open", "#take 1"])
def test_what_is_proved_otherwise_is_neither_counted_nor_left_unanswered(subject):
    (letter, *_) = comes(subject, auth=ANNA.address, linked=Linked(MOST, told=True)).plan.letters
    assert not letter.linked


def test_each_link_that_is_in_our_mails_asks_for_what_a_link_may():
    added = ADDED | {"desk_address": SUPPORT, "tag": "", "note_address": ""}
    sources = {name: TEMPLATES.sources[f"en/{name}.html.j2"] for name in FACTS}
    linking = [name for name, source in sources.items() if re.search("desk_|show_link|ticket_rows", source)]
    pages = [TEMPLATES.shipped.output(f"en/{name}.html.j2", added | FACTS[name]) for name in linking]
    links = {unquote(line) for page in pages for line in _LINK.findall(page)}
    assert {line.rstrip("0123456789") for line in links} == {
        "#show ",
        "#list department Acme Support",
        "#list department Sales",
        "#list overdue",
        "#list unassigned",
    }
    for line in links:
        (letter,) = comes(line).plan.letters
        reasons = {one["reason"] for one in letter.facts.get("mistakes", ())}
        assert reasons <= {"you see the tickets of Acme Support"}, line  # Sales is a sample alone


@pytest.mark.parametrize("more", [{"auth": ANNA.address}, {"dkim": (SIGNED,)}], ids=["login", "dkim"])
@pytest.mark.parametrize("template", ["question", "morning", "notice-list"])
def test_with_better_proof_it_is_a_mail_to_the_department_like_any_other(more, template):
    """It answers no mail of ours: neither a question nor a list."""
    link = replace(LINK, template=template, about=(3,))
    found = comes("Re: Hello", "#back", link=link, **more)
    assert (found.rule, found.case.context.signed) == ("agent asks the desk", ())
    assert not comes("Hello", "yes", link=link, **more).plan.release


def test_with_a_reply_to_a_mail_of_ours_it_is_that_reply():
    assigned = sent(1, "agent", ANNA.address)
    found = comes("Re: Hello", "Pull the plug.", signed=(assigned,))
    assert (found.rule, found.plan.ticket, found.case.proof.sent) == ("agent", 1, assigned)
