"""What the pages tell an admin to write is a config that is right."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from mailticket.config import load

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a block that is only a part of a config stands in; a table that the block has itself is left out.
AROUND = {
    "desk": '[desk]\nname = "Acme Support"\nsecret = "correct horse battery staple"\n',
    "smtp": "[smtp]\n",
    "delivery": '[delivery]\nurl = "smtp://127.0.0.1"\nhostname = "support.acme.example"\n',
    "department": '[[department]]\nname = "Support"\naddresses = ["support@acme.example"]\n',
    "agent": '[[agent]]\nname = "Anna Novak"\naddress = "anna@acme.example"\n',
}
BLOCKS = [
    pytest.param(block, id=f"{page.name} {number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, block in enumerate(BLOCK.findall(page.read_text("utf-8")), start=1)
]
NOT_YET = "nobody has logged in yet"


def test_the_pages_of_the_large_providers_have_blocks():
    names = [param.id.split()[0] for param in BLOCKS]
    assert names.count("gmail.md") == 3
    assert names.count("microsoft365.md") == 2


@pytest.mark.parametrize("block", BLOCKS)
def test_what_a_page_says_to_write_is_right(tmp_path, block):
    """Its files are made as the page says; a token is what is still to come."""
    block = block.replace("/var/lib/mailticket", str(tmp_path))
    for name in re.findall(r'file = "([^"]+)"', block):
        if not name.endswith(".token"):
            (tmp_path / name).write_text("abcdefghijklmnopqrstuvwxyz\n")
            (tmp_path / name).chmod(0o640)
    text = block + "".join(table for name, table in AROUND.items() if name not in tomllib.loads(block))
    path = tmp_path / "mailticket.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)
    known = load(path, {}, date(2026, 11, 26))
    assert [warning for warning in known.warnings if NOT_YET not in warning] == []
    if ".token" in block:
        assert len(known.warnings) == block.count(".token")
        assert known.imap[0].oauth2.refresh_file == known.delivery.oauth2.refresh_file == tmp_path / "main.token"


@pytest.mark.parametrize("page", ["gmail.md", "microsoft365.md"])
def test_both_tables_log_in_as_the_same_mailbox(page):
    text = (DOCS / page).read_text("utf-8")
    for block in BLOCK.findall(text):
        written = tomllib.loads(block)
        if "imap" in written:
            assert written["delivery"]["url"].startswith(f"smtp+starttls://{written['imap']['main']['username']}@smtp.")
            assert written["imap"]["main"].get("oauth2") == written["delivery"].get("oauth2")
