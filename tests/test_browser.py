"""Sanitised HTML in a real browser: nothing runs, nothing is asked of anybody, and all words can still be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browser import Seen, look_at
from own_mails import FOLDER, own_mails

from mailticket.core.parse import parse

MAILS = {own.path.stem: own.path for own in own_mails() if own.name.startswith("html/")}
RAW = "http://tracker.example/raw"  # what an unsanitised mail asks for


def page(*bodies: str) -> str:
    rows = "\n".join(f"<section>{body}</section><hr>" for body in bodies)
    return f"<!doctype html><html><head><meta charset=utf-8><title>unharmed</title></head><body>{rows}</body></html>"


@pytest.fixture(scope="module")
def seen(need) -> Seen:
    """All of them on one page, each with its name above."""
    need("chromium", "pdftotext")
    read = {name: parse(path.read_bytes()) for name, path in MAILS.items()}
    found = look_at(page(*(f"<h2>{name}</h2>{mail.html}" for name, mail in read.items())), size=(900, 6000))
    if folder := os.environ.get("MAILTICKET_SCREENSHOTS"):
        (Path(folder) / "html.png").write_bytes(found.picture)
    return found


def test_there_are_twenty_mails_that_try_everything():
    assert len(MAILS) >= 20


def test_nothing_is_asked_of_anybody(seen):
    assert [line for line in seen.asked if "tracker.example" in line or "127.0.0.1" in line] == []


def test_nothing_runs(seen):
    assert "<title>unharmed</title>" in seen.dom
    assert "owned" not in seen.text
    for tag in ("<script", "<iframe", "<object", "<embed", "<form", "<svg", "<link", "<meta http-equiv"):
        assert tag not in seen.dom.partition("<body>")[2], tag


@pytest.mark.parametrize("name", MAILS)
def test_its_words_are_there_for_a_reader(name, seen):
    words = f"Readable words of {name}."
    assert words in " ".join(seen.text.split())
    assert words in " ".join(parse(MAILS[name].read_bytes()).full_text.split())


def test_the_browser_would_have_been_seen_to_ask(need):
    """A check that cannot fail is a defect: the same browser asks for what an unsanitised mail names."""
    need("chromium", "pdftotext")
    mail = (FOLDER / "html" / "script.eml").read_text("utf-8").partition("\n\n")[2]
    found = look_at(page(f'<img src="{RAW}">{mail}'))
    assert any("tracker.example" in line for line in found.asked)
    assert "owned" in found.dom
