"""`receipts` in the config: which of the short mails about their own mails an agent gets."""

from __future__ import annotations

import pytest
from test_config import SMALL, problems, read


@pytest.mark.parametrize("wanted", ["all", "errors"])
def test_an_agent_says_which_receipts_they_want_and_is_warned_of_nothing(tmp_path, wanted):
    known = read(tmp_path, f'{SMALL}receipts = "{wanted}"\n')
    assert (known.policy.agents[0].receipts, known.warnings) == (wanted, ())


def test_who_says_nothing_gets_all(tmp_path):
    assert read(tmp_path, SMALL).policy.agents[0].receipts == "all"


def test_there_are_no_other_receipts(tmp_path):
    (line,) = problems(tmp_path, f'{SMALL}receipts = "none"\n')
    assert line == 'mailticket.toml:13: agent[0].receipts: must be "all" or "errors"'
