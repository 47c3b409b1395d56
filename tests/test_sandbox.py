"""What a template may do, which file it comes from, and the filters that it has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters import ADDED, ANNA, FACTS, PRAGUE, TEMPLATES, Tags, render

from mailticket.core import wording
from mailticket.core.render import TemplateFaultError, Templates
from mailticket.core.wording import called, count, paragraphs, quote, size, when


def own(text: str, **facts: Any) -> str:
    templates = Templates({"en/own.txt.j2": text, "en/own.html.j2": ""})
    return templates.render("own", "en", {"zone": PRAGUE, **facts}).text


@pytest.mark.parametrize(
    "source",
    [
        "{{ nobody_gave_this }}",
        "{{ a.missing }}",
        "{{ 'a' * 10 }}",
        "{{ 2 ** 9 }}",
        "{{ '%9d' % 1 }}",
        "{{ 'x'.ljust(9) }}",
        "{{ ''.__class__ }}",
        "{{ a.update({}) }}",
        "{{ missing() }}",
        "{{ 1 / 0 }}",
        "{{ 'x' + 1 }}",
        "{{ 'x'|when }}",
    ],
)
def test_a_template_that_goes_wrong_is_one_clear_fault(source):
    with pytest.raises(TemplateFaultError, match=r"^template en/own\.txt\.j2, line 1: ."):
        own(source, a={})


@pytest.mark.parametrize("source", ["{{ 'x'|center(9) }}", "{{ 'x'|format }}", "{{ 'x'|indent(9) }}", "{% if %}", "{{"])
def test_a_template_that_cannot_be_compiled_names_its_line(source):
    broken = Templates({"en/own.txt.j2": "\n" + source, "en/own.html.j2": ""})
    with pytest.raises(TemplateFaultError, match=r"^template en/own\.txt\.j2, line 2: "):
        broken.render("own", "en", {})
    assert len(broken.faults()) == 1


@pytest.mark.parametrize("name", ["range", "lipsum", "cycler", "joiner", "namespace", "dict"])
def test_no_global_of_jinja_is_left(name):
    with pytest.raises(TemplateFaultError, match="is undefined"):
        own(f"{{{{ {name}(3) }}}}")


def test_a_template_cannot_fill_the_memory(monkeypatch):
    monkeypatch.setattr("mailticket.core.sandbox.MAX_OUTPUT", 1000)
    with pytest.raises(TemplateFaultError, match="more than 1000 characters"):
        own("{% for a in many %}{% for b in many %}xxxxxxxx{% endfor %}{% endfor %}", many=list(range(99)))


def test_a_missing_template_is_a_clear_fault():
    with pytest.raises(TemplateFaultError, match=r"en/nowhere\.txt\.j2"):
        TEMPLATES.render("nowhere", "en", {})


def test_a_language_without_a_template_uses_english():
    assert TEMPLATES.render("answer", "xx", ADDED | FACTS["answer"]) == render("answer")


# --- the filters ---------------------------------------------------------------------------------------------

AT = datetime(2026, 11, 22, 13, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "offset", "said"),
    [
        (PRAGUE, None, "Sunday 22 November 2026, 14:03 CET"),
        (PRAGUE, timedelta(hours=1), "Sunday 22 November 2026, 14:03 CET"),
        (PRAGUE, timedelta(0), "Sunday 22 November 2026, 14:03 CET (13:03 your time, UTC)"),
        (
            PRAGUE,
            timedelta(hours=13),
            "Sunday 22 November 2026, 14:03 CET (Monday 23 November, 02:03 your time, UTC+13:00)",
        ),
        (PRAGUE, timedelta(hours=-3.5), "Sunday 22 November 2026, 14:03 CET (09:33 your time, UTC-03:30)"),
        (PRAGUE, timedelta(hours=99), "Sunday 22 November 2026, 14:03 CET"),
        (ZoneInfo("America/Sao_Paulo"), None, "Sunday 22 November 2026, 10:03 UTC-03:00"),
    ],
)
def test_a_time_is_written_in_the_desks_zone_with_the_readers_beside_it(zone, offset, said):
    assert when(AT, zone, offset) == said


@pytest.mark.parametrize(
    ("later", "said"),
    [(0, "14:03:00 CET"), (20, "14:03:20 CET"), (10 * 3600, "Monday 23 November, 00:03:00 CET")],
)
def test_a_time_to_the_second_names_the_day_where_that_is_another_one(later, said):
    assert own("{{ at|clock(now) }}", at=AT + timedelta(seconds=later), now=AT) == said


@pytest.mark.parametrize(
    ("octets", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (9_949, "9.9 KB"), (9_951, "10 KB"),
     (999_499, "999 KB"), (999_501, "1.0 MB"), (35_000_000, "35 MB"), (10**15, "1000000 GB")],
)  # fmt: skip
def test_sizes_are_written_as_mail_clients_do(octets, said):
    assert size(octets) == said


def test_counts_and_greetings():
    assert [count(n, "attachment") for n in (0, 1, 2)] == ["0 attachments", "1 attachment", "2 attachments"]
    assert count(2, "reply", "replies") == "2 replies"
    assert called(ANNA.name) == " Anna Dvořák"
    assert [called(name) for name in ("", "buy at www.evil.example", "https://x", "a@b", "x" * 61)] == [""] * 5


@given(st.text(max_size=200))
def test_paragraphs_show_every_word_and_no_tag_of_its_own(text):
    html = str(paragraphs(text))
    assert set(Tags(html).tags) <= {"p", "br"}
    assert quote(text).count("\n") == text.count("\n")


def test_paragraphs_keep_lines_and_columns():
    html = str(paragraphs("a  b\n\tc & d\n\n\n<e>\r\n")).replace(' style="margin:0 0 14px"', "")
    assert html == "<p>a&nbsp; b<br>\n&nbsp; &nbsp; c &amp; d</p>\n<p>&lt;e&gt;</p>"
    assert quote("a\n\nb") == "> a\n>\n> b"


def test_what_turns_words_round_turns_nothing_of_ours_round():
    """A name with U+202E would write the rest of our sentence backwards."""
    assert wording.one_line("\u202ea\u2067b\r\nc") == "ab c"
    assert wording.person({"name": "\u202eEva", "address": "e@x.example"}) == "Eva <e@x.example>"
