"""Every template that is shipped, with facts by somebody who wishes us ill: they are words, and nothing else."""

from __future__ import annotations

import re
from email import message_from_bytes
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from letters import ADDED, PRAGUE, SOURCES, TEMPLATES, Tags, assert_travels, made

from mailticket.core import samples
from mailticket.core.samples import SAMPLES
from mailticket.core.sandbox import HTML

FOLDER = Path(__file__).parent.parent / "templates" / "en"
PARTS = {"base", "parts"}  # what others are made of
NAMES = sorted({path.name.partition(".")[0] for path in FOLDER.iterdir()} - PARTS)
SUM = "{{ 7000 + 7 }}{% set x = 7000 + 7 %}{{ x }}{# #}"
HOSTILE = {
    "jinja": SUM + "{{ marker.__class__ }}{{ self }}{% include 'en/answer.txt.j2' %}",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></td></table></body></html>",
    "ends": "</style></title></textarea>--><![endif]-->]]><style>*{display:none}</style>&lt;b&gt;",
    "headers": "a\r\nBcc: everybody@evil.example\r\n\r\nsecond body",
    "unseen": "\u202egnp.exe\u202c \u200b\u200f\ufeff \ud83d \0 \x1b[2J \u2028 \x85",
    "long": "x" * 100_000,
    "longs": "word " * 20_000,
}
LINK = re.compile(r"mailto:[\w.@%~-]*\?subject=[\w.@%~-]*", re.ASCII)  # that begins a mail
# What decides in a template, and what is ours or a number: not words of anybody's.
OURS = frozenset({"marker", "zone"})


def hostile(value: Any, words: str, key: str = "") -> Any:
    """The same facts with `words` wherever there was text."""
    if isinstance(value, str):
        return value if key in OURS else words
    if isinstance(value, list):
        return [hostile(one, words, key) for one in value]
    if isinstance(value, dict):
        return {name: hostile(one, words, name) for name, one in value.items()}
    return value


class Balanced(HTMLParser):
    """Fails where a tag is closed that is not open, or is left open."""

    VOID = frozenset({"br", "meta", "img", "hr", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


def rendered(name: str, words: str):
    return TEMPLATES.render(name, "en", hostile(samples.full(name) | {"zone": PRAGUE}, words))


def test_every_template_has_sample_facts_and_every_sample_a_template():
    """Who adds a template adds its row to core/samples.py: without it neither `check` nor these tests try it."""
    assert set(NAMES) == set(SAMPLES)
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("facts", [samples.full, samples.sparse], ids=["full", "sparse"])
def test_sample_facts_make_a_mail_whose_page_is_well_formed(name, facts):
    """Also where everything is empty that may be."""
    page = TEMPLATES.render(name, "en", facts(name))
    Balanced(page.html)
    assert page.text.strip() or name == "answer"  # which is its words, and never made without any
    assert "None" not in page.text + page.html


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_only_words(name, words):
    """Text in every fact at once: the page has the tags that it has with plain words, and no template runs."""
    plain, bad = (rendered(name, text) for text in ("words", words))
    assert set(Tags(bad.html).tags) - set(Tags(plain.html).tags) <= {"br", "p"}
    assert all(LINK.fullmatch(link) for link in Tags(bad.html).outside)
    Balanced(bad.html)
    for sign in ("7007", "<class", "<TemplateReference", "Traceback"):
        assert sign not in bad.text + bad.html
    for tag in ("<script", "<img", "</textarea", "<style>*"):
        assert tag not in bad.html
    assert bad.html.count("</style>") == plain.html.count("</style>")


@pytest.mark.parametrize("name", NAMES)
def test_what_looks_like_a_template_is_shown_as_it_was_written(name):
    """A check that words are not run must see them in the mail: else it looks at a template that shows none."""
    bad = rendered(name, SUM)
    shown = " ".join(bad.text.split())
    assert "{{ 7000 + 7 }}" in shown
    assert "{{ 7000 + 7 }}" in bad.html


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_a_mail_with_hostile_words_travels_and_is_read_back(name, words):
    """No header of theirs, no line over the bound, and the two bodies that we meant."""
    raw = made(name, facts=hostile(SAMPLES[name], words), subject=words, from_name=words).raw
    assert_travels(raw)
    message = message_from_bytes(raw)
    assert not message.defects
    assert not message["Bcc"]
    bodies = [part.get_content_type() for part in message.walk() if part.get_content_maintype() == "text"]
    assert bodies[:2] == ["text/plain", "text/html"]
    assert not re.search(rb"^bcc:", raw.partition(b"\r\n\r\n")[0], re.IGNORECASE | re.MULTILINE)


def test_every_fact_that_compose_adds_is_in_the_samples():
    assert set(samples.ADDED) == set(ADDED)


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_file_is_without_its_other_half(name):
    assert {f"en/{name}.txt.j2", f"en/{name}{HTML}"} <= SOURCES.keys()


def test_a_page_that_is_not_well_formed_is_seen():
    """A check that cannot fail is a defect."""
    for page in ("<p><b>x</p></b>", "<p>x", "x</p>"):
        with pytest.raises(AssertionError):
            Balanced(page)
