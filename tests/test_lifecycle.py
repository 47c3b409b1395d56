"""The table of statuses."""

from __future__ import annotations

import pytest

from mailticket.core.lifecycle import HAPPENINGS, STATUSES, is_open, next_status

RULES = {
    "customer_mail": "new→new open→open pending→open postponed→open resolved→open closed→None spam→open",
    "agent_answer": (
        "new→pending open→pending pending→pending postponed→pending resolved→resolved closed→closed spam→open"
    ),
    "resolve": (
        "new→resolved open→resolved pending→resolved postponed→resolved resolved→resolved closed→None spam→None"
    ),
    "reopen": "new→new open→open pending→pending postponed→open resolved→open closed→open spam→open",
    "close": "new→closed open→closed pending→closed postponed→closed resolved→closed closed→closed spam→None",
    "pending": "new→pending open→pending pending→pending postponed→pending resolved→pending closed→None spam→None",
    "postpone": (
        "new→postponed open→postponed pending→postponed postponed→postponed resolved→postponed closed→None spam→None"
    ),
    "spam": "new→spam open→spam pending→spam postponed→spam resolved→spam closed→None spam→spam",
    "expire": "new→None open→None pending→None postponed→None resolved→closed closed→None spam→None",
    "wake": "new→None open→None pending→None postponed→open resolved→None closed→None spam→None",
}


@pytest.mark.parametrize("happening", HAPPENINGS)
def test_each_happening_moves_each_status_as_the_rules_say(happening):
    assert " ".join(f"{s}→{next_status(s, happening)}" for s in STATUSES) == RULES[happening]


def test_the_statuses_are_the_seven_words_of_the_design():
    assert STATUSES == ("new", "open", "pending", "postponed", "resolved", "closed", "spam")


def test_every_status_that_follows_is_one_of_the_table():
    assert {next_status(s, h) for s in STATUSES for h in HAPPENINGS} <= {*STATUSES, None}


def test_resolved_closed_and_spam_are_not_open():
    assert [s for s in STATUSES if is_open(s)] == ["new", "open", "pending", "postponed"]


def test_a_word_that_is_not_in_the_table_is_an_error_of_ours():
    with pytest.raises(KeyError):
        next_status("lost", "resolve")
    with pytest.raises(ValueError):
        next_status("open", "explode")
