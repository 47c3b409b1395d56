"""What the address of a link proves: that its agent asks, and nothing else, whatever stands in the mail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from letters import ANNA, MARIA
from proving import SIGNED, TRUSTING
from worlds import NOW, SUPPORT, context, parsed, sent, ticket

from mailticket.core.asked import Listed, Pages, asked_by
from mailticket.core.command import COMMANDS
from mailticket.core.commands import ASKS_ALONE
from mailticket.core.commands_show import ASKING
from mailticket.core.decide import Decision, decided, examine
from mailticket.core.types import Address, Forwarded, RawMail

LINK = replace(sent(1, "agent", ANNA.address), kind="notice", template="notice-list", ticket=None, purpose="ask")
TEMPLATES = ("question", "whose", "quarantine", "morning", "notice-held", "notice-done", "notice-away", "notice-list")
ORDERS = sorted(set(COMMANDS) - {*ASKING})


def comes(subject: str, text: str = "", *, link=LINK, auth="", dkim=(), signed=(), **fields) -> Decision:
    anna = Address(ANNA.address, ANNA.name)
    mail = parsed(anna, text, subject=subject, **{"to": (Address(SUPPORT),)} | fields)
    lists = {order: Listed((), 0) for order in asked_by(mail, "", TRUSTING).orders if order.name == "list"}
    known = context(
        ticket(1, MARIA),
        signed=(link, *signed),
        dkim=dkim,
        pages=Pages(lists=lists),
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
    assert (letter.template, letter.to, reason) == ("notice-commands", (ANNA,), ASKS_ALONE)
    return str(line)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_command_that_does_more_than_ask_comes_back_whatever_mail_has_the_link(template):
    link = replace(LINK, template=template, about=(3,), person="x@customer.example")
    for name in ORDERS:
        for line in (f"#{name}", f"#{name} 1 2", f"#{name} 1 eve@evil.example"):
            assert refused(comes(line, link=link)) == line
            assert refused(comes("Re: Hello", f"{line}\n\nHello", link=link)) == line
            assert refused(comes("#list open", f"#show 1\n{line}", link=link)) == line


@pytest.mark.parametrize("text", ["yes", "no", "mine", "maria@customer.example", "Hello, Maria.", ""])
@pytest.mark.parametrize("template", TEMPLATES)
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


def test_what_asks_alone_is_answered_to_the_agent():
    for subject, text, template in (
        ("#list open", "", "notice-list"), ("#show 7", "-- \nAnna", "notice-no-ticket"),
        ("#help", "", "notice-help"), ("Re: x", "#list", "notice-list"),
    ):  # fmt: skip
        (letter,) = comes(subject, text).plan.letters
        assert (letter.template, letter.to, letter.cc) == (template, (ANNA,), ())


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
