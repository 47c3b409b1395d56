"""The docs are what the code says."""

from pathlib import Path

import pytest

from mailticket.cli.docs import pages

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize(("name", "text"), pages().items())
def test_a_page_made_from_the_code_is_up_to_date(name, text):
    assert (DOCS / name).read_text(encoding="utf-8") == text, "run: python -m mailticket.cli.docs"
