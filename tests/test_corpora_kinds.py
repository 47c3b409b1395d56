"""Real mails of other projects: what a machine wrote is found, and no person is taken for one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from letters import POLICY
from test_corpora_forwards import PASSED_ON

from mailticket.core.away import begins_away
from mailticket.core.classify import ASKS_NOTHING, classify
from mailticket.core.forwarded import with_forwarded
from mailticket.core.parse import parse
from mailticket.core.subject import marks

# People's own mail, by what the collections say themselves.
OF_PERSONS = frozenset({"quote-trim", "quote-trim-html", "signature", "ham", "not-auto-reply", "crypto"})


@pytest.fixture(scope="module")
def sorted_mails():
    """(what is stated of it, what it was found to be). A mail without a Return-Path has some sender."""
    folder = os.environ.get("MAILTICKET_CORPORA")
    if not folder:
        if os.environ.get("CI") == "true":
            pytest.fail("MAILTICKET_CORPORA is not set: CI reads the collection")
        pytest.skip("MAILTICKET_CORPORA names no collection of mails")
    root = Path(folder)
    stated = [json.loads(line) for line in (root / "expected.jsonl").read_text().splitlines()]
    mails = ((facts, parse((root / facts["file"]).read_bytes())) for facts in stated)
    return [(facts | _seen_in(mail), classify(mail, "x@y.example", POLICY)) for facts, mail in mails]


def _seen_in(mail):
    answers = "answered" in marks(mail.subject) or bool(mail.in_reply_to or mail.references)
    passes_on = with_forwarded(mail).forwarded is not None
    return {"away": begins_away(mail.text), "answers": answers, "passes on": passes_on}


def share(found, capsys, what):
    """The part of it that is so; printed, whatever pytest hides."""
    part = sum(found) / len(found)
    with capsys.disabled():
        print(f"\n{what}: {sum(found)} of {len(found)} ({part:.1%})")
    return part


def test_hardly_a_person_is_taken_for_a_machine(sorted_mails, capsys):
    """And none for a holiday note, which opens no ticket."""
    persons = [(facts["file"], sort) for facts, sort in sorted_mails if facts["category"] in OF_PERSONS]
    assert [name for name, sort in persons if sort.detail in ASKS_NOTHING] == []
    wrong = [sort.kind in {"automatic", "own"} for _, sort in persons]
    assert share(wrong, capsys, "persons taken for machines") == 0


def test_automatic_replies_are_found(sorted_mails, capsys):
    stated = [sort.kind != "person" for facts, sort in sorted_mails if facts.get("is_auto_reply")]
    assert share(stated, capsys, "automatic replies found") == 1
    denied = [sort.kind != "person" for facts, sort in sorted_mails if facts.get("is_auto_reply") is False]
    assert share(denied, capsys, "automatic replies that are none") == 0


def test_only_who_is_away_begins_so(sorted_mails, capsys):
    """The first lines alone, without what else has to be so of the mail."""
    wrong = [facts["away"] for facts, _ in sorted_mails if facts["category"] not in {"auto-reply", "bounce"}]
    assert share(wrong, capsys, "mails of others that begin like a holiday note") == 0


def test_complaints_are_called_so(sorted_mails, capsys):
    named = [sort.detail == "feedback" for facts, sort in sorted_mails if facts.get("is_feedback_report")]
    assert share(named, capsys, "complaints that are called so") == 1


def test_what_must_not_be_answered_is_not(sorted_mails, capsys):
    silent = [not sort.answerable for facts, sort in sorted_mails if facts.get("must_not_autorespond")]
    assert share(silent, capsys, "mails that must not be answered, and are not") == 1
    asked = [sort.answerable for facts, sort in sorted_mails if facts.get("must_not_autorespond") is False]
    assert share(asked, capsys, "mails that may be answered, and are") == 1


def test_bounces_are_not_answered(sorted_mails, capsys):
    """The rest of them bear neither a null sender here, as in life they do, nor any other sign in their head."""
    silent = [not sort.answerable for facts, sort in sorted_mails if facts.get("is_bounce")]
    assert share(silent, capsys, "bounces that are not answered") >= 0.93
    named = [sort.kind == "bounce" for facts, sort in sorted_mails if facts.get("is_bounce")]
    assert share(named, capsys, "bounces that are called so") >= 0.88
    others = [sort.kind == "bounce" for facts, sort in sorted_mails if facts.get("is_bounce") is False]
    assert share(others, capsys, "bounces that are none") == 0


def test_no_answer_is_taken_for_a_forward(sorted_mails, capsys):
    """What answers a mail, or says so in its subject, and all that a collection has of quotes."""
    quoting = [f for f, _ in sorted_mails if f["answers"] or f["category"].startswith("quote-trim")]
    answers = [facts for facts in quoting if facts["file"] not in PASSED_ON]
    assert len(answers) > 500
    wrong = [facts["passes on"] for facts in answers]
    assert share(wrong, capsys, "answers taken for forwards") == 0
