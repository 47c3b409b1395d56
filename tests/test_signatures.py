"""Signatures in the config: several lines, within bounds; the agent's own, else the department's."""

from __future__ import annotations

import pytest
from test_config import SMALL, problems, read, with_department


def test_a_signature_has_several_lines(tmp_path):
    policy = read(tmp_path, SMALL + 'signature = """\nAnna  \r\n\nAcme\n"""').policy
    assert (policy.agents[0].signature, policy.departments[0].signature) == ("Anna\n\nAcme", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (with_department(f'signature = "{"x" * 1000}"'), "10: department[0].signature: must have at most 1000 charact"),
        (SMALL + 'signature = "' + r"x\n" * 10 + 'y"', "13: agent[0].signature: must have at most 10 lines"),
        (
            SMALL + r'signature = "a\u0007b"',
            "13: agent[0].signature: must be lines of text, without control characters",
        ),
        (SMALL + 'signature = ["Anna"]', "13: agent[0].signature: must be text in quotes"),
    ],
    ids=["too long", "too many lines", "a control character", "no text"],
)
def test_what_is_no_signature_is_told(tmp_path, text, told):
    assert any(told in line for line in problems(tmp_path, text))
