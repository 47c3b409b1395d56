"""The templates' words, their sandbox, and what a stranger's text can do in them: nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, meta
from letters import ANNA, FACTS, PRAGUE, attachment, desk

from mailticket.core.crossing import MARKER, agent_answer
from mailticket.core.render import ADDED_FACTS, TemplateFaultError, Templates
from mailticket.core.wording import FILTERS, called, count, paragraphs, quote, size, when
from mailticket.errors import UsageError
from mailticket.templates_files import load_templates

from test_compose import body, made  # isort: skip - neighbours, not libraries
from test_identity import mail  # isort: skip

SOURCES = load_templates()
TEMPLATES = Templates(SOURCES)
ADDED: dict[str, Any] = {
    "desk": "Acme", "department": "Acme Support", "tag": "[ACME-1042]", "number": 1042, "marker": MARKER,
    "subject": "Printer on fire", "zone": PRAGUE,
}  # fmt: skip
AGENT_MAILS = ("assignment", "relay")
MACROS = re.findall(r"macro (\w+)", SOURCES["en/parts.html.j2"])
STRANGERS = ("name", "subject", "filename", "reply", "line", "reply_line", "agent_name")  # facts with others' words
HOSTILE = (
    "{{ marker.__class__ }}{% for x in range(9) %}{% endfor %}{{ ''.join }}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></td></table></body>",
    "a\r\nBcc: everybody@evil.example\r\n\r\nsecond body",
    "\u202egnp.exe\u202c \u200b\u200f\ufeff \ud83d",
    "x" * 100_000,
)


class _Tags(HTMLParser):
    """Which tags a page has, and what it shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.outside += [value for name, value in attrs if name in {"src", "href", "background"} or name[:2] == "on"]


def render(template: str, /, **facts: Any):
    return TEMPLATES.render(template, "en", ADDED | FACTS[template] | facts)


def hostile(value: Any, words: str, only: tuple[str, ...] = (), key: str = "") -> Any:
    """The same facts with `words` wherever there was text, or under the keys `only`."""
    if isinstance(value, str):
        return words if key in only or not only else value
    if isinstance(value, list):
        return [hostile(one, words, only, key) for one in value]
    if isinstance(value, dict):
        return {name: hostile(one, words, only, name) for name, one in value.items()}
    return value


# --- the shipped templates -----------------------------------------------------------------------------------


def test_every_template_has_text_and_html_and_compiles():
    names = {name.removeprefix("en/").split(".")[0] for name in SOURCES}
    assert names == {*FACTS, "base", "parts"}
    assert all(f"en/{name}.{kind}.j2" in SOURCES for name in FACTS for kind in ("txt", "html"))
    assert TEMPLATES.faults() == []


@pytest.mark.parametrize("name", FACTS)
def test_a_template_names_documented_facts_only(name):
    parser = Environment(autoescape=True)
    parser.filters.update(FILTERS)
    for kind in ("txt", "html"):
        named = meta.find_undeclared_variables(parser.parse(SOURCES[f"en/{name}.{kind}.j2"]))
        assert named <= {*FACTS[name], *ADDED_FACTS, *MACROS}


@pytest.mark.parametrize("name", FACTS)
def test_html_asks_nothing_of_anybody(name):
    """No picture, no link, no script, no style sheet from elsewhere."""
    page = render(name).html
    found = _Tags(page)
    assert found.outside == []
    assert not {"img", "script", "link", "iframe", "a"} & set(found.tags)
    assert "http" not in page
    assert "url(" not in page


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("words", HOSTILE, ids=["jinja", "html", "headers", "unseen", "long"])
def test_hostile_words_are_only_words(name, words):
    """Text in every fact at once: the page has the tags that it has with plain words, and no template runs."""
    plain, bad = (render(name, **hostile(FACTS[name], text)) for text in ("words", words))
    added = set(_Tags(bad.html).tags) - set(_Tags(plain.html).tags)
    assert added <= {"br", "p"}
    assert _Tags(bad.html).outside == []
    assert "<script" not in bad.html
    assert "<img" not in bad.html
    assert "<class" not in bad.text


@pytest.mark.parametrize("name", FACTS)
def test_names_and_subjects_stay_on_their_line(name):
    """A name or a subject with line ends cannot write lines of its own into what the desk says."""
    facts = hostile(FACTS[name], "a\r\n\nb", STRANGERS)
    assert "\nb" not in body(made(name, facts=facts, subject="a\r\n\nb").raw, "plain")


def test_an_acknowledgement_says_what_it_must():
    text = render("acknowledgement").text
    for said in (
        "[ACME-1042]", "Printer on fire", "Sunday 22 November 2026, 14:03 CET (08:03 your time, UTC-05:00)",
        "3.2 KB", "2 attachments", "Monday 23 November 2026, 13:00 CET", "4 working hours",
        "reply to this mail", "[ACME-12] is closed",
    ):  # fmt: skip
        assert said in text
    plain = render("acknowledgement", follow_up_of=None, offset=None, attachment_count=0, name="").text
    assert plain.startswith("Hello,\n")
    assert "no attachments" in plain
    assert "closed" not in plain
    assert "your time" not in plain


@pytest.mark.parametrize("name", AGENT_MAILS)
def test_an_agents_mail_begins_with_what_a_reply_does(name):
    rendered = render(name)
    above, marker, _ = rendered.text.partition(MARKER)
    assert marker
    assert " ".join(above.split()) == FACTS[name]["reply_line"]
    assert max(len(line) for line in above.split("\n")) <= 72  # a longer one is broken when it is quoted
    assert (
        rendered.html.index("your words go to") < rendered.html.index(MARKER) < rendered.html.index("our printer burns")
    )


def test_an_assignment_says_who_what_and_when():
    text = render("assignment").text
    for said in (
        "our printer burns", "photo of the printer.jpg (1.2 MB)", "Maria Nováková <maria@customer.example>",
        "[ACME-12] Printer smokes (closed, 24 August 2026)", "and 3 older ones", "13:00 CET (4 working hours",
        "[ACME-7]",
    ):  # fmt: skip
        assert said in text
    first = render("assignment", earlier=[], earlier_count=0, attachments=[], mentions=[], automatic=True).text
    assert "first ticket" in first
    assert "A machine wrote" in first
    assert "Attachments" not in first
    assert "mentions" not in first


def test_an_answer_is_the_agents_words_and_nothing_else():
    assert render("answer").text == FACTS["answer"]["text"] + "\n"
    assert render("answer", signature="Anna, Acme").text.endswith("Anna\n\n-- \nAnna, Acme\n")


@pytest.mark.parametrize("name", [name for name in FACTS if name.startswith("notice-")])
def test_a_notice_says_that_nobody_reads_replies_to_it(name):
    rendered = render(name)
    assert "A reply to this mail is not sent to anybody." in rendered.text
    assert "A reply to this mail is not sent to anybody." in rendered.html
    assert "ticket" not in render(name, tag="", number=None).text.split("\n")[0]


@pytest.mark.parametrize("name", AGENT_MAILS)
@pytest.mark.parametrize("mark", ["> ", "", ">"])
@pytest.mark.parametrize(
    "introduction",
    [
        "On Sun, 22 Nov 2026 at 14:03, Acme Support <support@acme.example> wrote:\n",
        "________________________________\nFrom: Acme Support <support@acme.example>\nSent: Sunday\nTo: Anna\n\n",
        "-----Original Message-----\nFrom: Acme Support\nSent: Sunday\nTo: Anna\nSubject: Printer on fire\n\n",
    ],
    ids=["gmail", "outlook", "old outlook"],
)
def test_nothing_of_our_own_words_comes_through_in_an_agents_reply(name, mark, introduction):
    """What a client quotes of an assignment, with or without marks, never crosses to the customer."""
    quoted = "\n".join(mark + line for line in body(made(name).raw, "plain").split("\n"))
    reply = mail(full_text=f"Pull the plug.\n\nAnna\n\n{introduction}{quoted}")
    assert agent_answer(reply) == "Pull the plug.\n\nAnna"


# --- the sandbox ---------------------------------------------------------------------------------------------


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
    with pytest.raises(TemplateFaultError, match=r"^template en/own\.txt\.j2: "):
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
    monkeypatch.setattr("mailticket.core.render.MAX_OUTPUT", 1000)
    with pytest.raises(TemplateFaultError, match="more than 1000 characters"):
        own("{% for a in many %}{% for b in many %}xxxxxxxx{% endfor %}{% endfor %}", many=list(range(99)))


def test_a_missing_template_is_a_clear_fault():
    with pytest.raises(TemplateFaultError, match=r"en/nowhere\.txt\.j2"):
        TEMPLATES.render("nowhere", "en", {})


def test_a_language_without_a_template_uses_english():
    assert TEMPLATES.render("answer", "xx", ADDED | FACTS["answer"]) == render("answer")


def test_an_admins_file_replaces_one_shipped_file(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "answer.txt.j2").write_text("Ahoj: {{ text }}", encoding="utf-8")
    (tmp_path / "en" / "notes~").write_text("not a template")
    sources = load_templates(tmp_path)
    assert sources.keys() == SOURCES.keys()
    assert Templates(sources).render("answer", "en", ADDED | FACTS["answer"]).text.startswith("Ahoj: Dear Maria")
    (tmp_path / "en" / "answer.txt.j2").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"answer\.txt\.j2: cannot be read"):
        load_templates(tmp_path)


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
    assert set(_Tags(html).tags) <= {"p", "br"}
    assert quote(text).count("\n") == text.count("\n")


def test_paragraphs_keep_lines_and_columns():
    html = str(paragraphs("a  b\n\tc & d\n\n\n<e>\r\n")).replace(' style="margin:0 0 14px"', "")
    assert html == "<p>a&nbsp; b<br>\n&nbsp; &nbsp; c &amp; d</p>\n<p>&lt;e&gt;</p>"
    assert quote("a\n\nb") == "> a\n>\n> b"


def test_the_agents_file_names_are_those_that_are_attached():
    out = made("assignment", attachments=(attachment("log.txt"),), policy=desk())
    assert b'filename="log.txt"' in out.raw
