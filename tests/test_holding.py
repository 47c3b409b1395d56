"""The mails about quarantined mails: what they show of a stranger's, and that none of it is more than words."""

from __future__ import annotations

import pytest
from letters import TEMPLATES, Tags, body, render
from test_quarantine import AGENT, FORGED, case
from worlds import ANNA, EVE, NOW, POLICY, SUPPORT, parsed, sent

from mailticket.core import quarantine
from mailticket.core.compose import compose
from mailticket.core.holding import News, Waiting, list_letter, shown, unlinked
from mailticket.core.plan import Letter
from mailticket.core.types import Address


def written(letter: Letter) -> bytes:
    return compose(letter, cause="c", n=0, policy=POLICY, templates=TEMPLATES, now=NOW).raw


def test_a_question_quotes_the_subject_and_200_characters_as_text_without_links():
    words = "Click https://evil.example/login or www.evil.example, mailto:x@evil.example now. " + "y" * 300
    mail = parsed(ANNA, words, subject="http://evil.example " + "z" * 300, html="<a href='http://evil.example'>x</a>")
    (letter,) = quarantine.hold(case(mail), "without proof", AGENT).letters
    raw = written(letter)
    for kind in ("plain", "html"):
        text = body(raw, kind)
        assert "Click evil . example/login or www . evil . example, x@evil . example now." in " ".join(
            text.replace("> ", "").split()
        )
        assert "://" not in text
        assert "mailto" not in text
        assert "evil.example" not in text
        assert "y" * 200 not in text
        assert "z" * 100 not in text
    assert not {"a", "img"} & set(Tags(body(raw, "html")).tags)
    text = body(raw, "plain")
    assert "yes   it is mine" in text
    assert "anna@acme.example" in text


def test_the_question_about_somebody_elses_answer_says_who_and_what_yes_does():
    foreign = sent(1, "agent", ANNA.address)
    (letter,) = quarantine.hold(case(parsed(EVE, "Hello"), foreign=foreign), "not from that agent", AGENT).letters
    text = " ".join(body(written(letter), "plain").split())
    assert "eve@elsewhere.example has answered a mail that was sent to you alone about [ACME-1]" in text
    assert "no customer has got it, and none will" in text
    assert "yes put it into the ticket as a note" in text


def test_a_reference_of_the_agents_own_in_a_mail_that_is_not_proved_is_asked_about_as_theirs():
    """`yes` obeys it then, and the question must not promise a note."""
    (letter,) = quarantine.hold(case(FORGED, foreign=sent(1, "agent", ANNA.address)), "without proof", AGENT).letters
    assert letter.subject == "Did you write this?"
    assert "yes   it is mine" in body(written(letter), "plain")


@pytest.mark.parametrize(
    ("stranger", "becomes"),
    [
        ("http://evil.example/x", "evil . example/x"),
        ("hhttp://ttp://evil.example", "evil . example"),
        ("mailto:mailto:x@evil.example", "x@evil . example"),
        ("see evil\u3002example", "see evil . example"),
        ("javascript:alert(1)", "alert(1)"),
        ("version 1.5, e.g. at 10:30. Then", "version 1.5, e.g. at 10:30. Then"),
        ("Re: Fire", "Re: Fire"),
    ],
)
def test_a_strangers_words_have_nothing_that_a_client_makes_a_link_of(stranger, becomes):
    assert unlinked(stranger) == becomes


def test_what_is_shown_is_on_one_line_and_cut():
    assert shown("a\r\n b\n\nc", 10) == "a b c"
    assert shown("abcdef", 4) == "abc…"


# --- the list ------------------------------------------------------------------------------------------------


def waiting(number, **fields):
    values = {"id": number, "received_at": NOW, "from_": EVE, "to": (SUPPORT,), "subject": "Fire", "reason": "why"}
    return Waiting(**values | {"size": 100} | fields)


def test_a_list_has_a_line_for_each_mail_and_says_how_to_answer():
    mails = (waiting(3), waiting(5, subject="http://evil.example", from_=Address("a@b.example", "www.evil.example")))
    letter = list_letter(POLICY, AGENT, News(mails, more=2, older=1), NOW)
    assert (letter.about, letter.to, letter.subject) == ((3, 5), (AGENT.as_address,), "4 mails in quarantine")
    for kind in ("plain", "html"):
        text = " ".join(body(written(letter), kind).split())
        for words in ("eve@elsewhere.example", "Fire", "why", "evil . example", "2 other mails", "1 mail of earlier"):
            assert words in text
        assert "#release 3 5" in text
        assert "http" not in text
        assert "www.evil" not in text


def test_a_signed_address_is_not_shown_in_a_list():
    letter = list_letter(POLICY, AGENT, News((waiting(3, to=("support+r.abc@acme.example",)),)), NOW)
    assert "+r.abc" not in body(written(letter), "plain").replace("\n", "").split("Reply-To")[0]
    assert letter.subject == "1 mail in quarantine"


def test_a_senders_address_that_would_be_a_link_is_broken():
    letter = list_letter(POLICY, AGENT, News((waiting(3, from_=Address("www.evil.example/x@y.example")),)), NOW)
    assert "www.evil.example" not in body(written(letter), "plain")


def test_the_words_of_a_receipt_stand_each_on_its_line():
    text = render("notice-done", tag="", lines=["3: it is released", "a\nb"]).text
    assert "  3: it is released\n  a b\n" in text
