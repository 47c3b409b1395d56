"""What an agent reads whose mail comes back for a wrong command."""

from __future__ import annotations

import pytest
from letters import FACTS, body, made

AGAIN = {"mail": "put right, as a reply to the mail you answered.", "": "put right, as a new mail.", "link": "right."}


def told(subtype: str, line: str = "#x", answers: str = "") -> str:
    facts = {"mistakes": [{"line": line, "reason": "It is wrong", "nearest": ""}], "answers": answers}
    return body(made("notice-commands", facts=FACTS["notice-commands"] | facts).raw, subtype)


def test_no_empty_line_stands_above_a_reason_that_is_about_no_line():
    assert "for this reason:\n\n    It is wrong\n" in told("plain", "")
    assert told("html").count('class="rule') == told("html", "").count('class="rule') + 1


@pytest.mark.parametrize("answers", AGAIN)
def test_it_is_asked_for_again_as_it_came(answers):
    for subtype in ("plain", "html"):
        assert AGAIN[answers] in " ".join(told(subtype, answers=answers).split())
